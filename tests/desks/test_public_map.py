"""The public map: street cases without anything personal, coarse, filtered, counted, and off where a place wants it."""

import dataclasses
import gzip
import json
import random
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from desks import publiccases
from desks.publiccases import read_board, read_counts
from dispatch import inforce
from dispatch.models import Case, Channel
from dispatch.profileparts import PublicMap
from gridmap.datums import Datum, point_from
from gridmap.models import Category
from people.models import Agency
from tests.desks.public_town import personal, spoken_of, street
from tests.town import ORIGIN, Town, at

MAP, POINTS = reverse("desks:public_map"), reverse("desks:public_points")


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def rows(client: Client) -> list[list[Any]]:
    cache.clear()
    found: list[list[Any]] = client.get(POINTS).json()["rows"]
    return found


def page(client: Client, **asked: Any) -> str:
    cache.clear()
    return str(client.get(MAP, asked).content.decode())


def test_a_street_case_is_shown_with_class_community_stage_and_day(town: Town, client: Client) -> None:
    street()
    case = personal(town, "handling")
    text = page(client)
    day = f"{timezone.localtime(case.received_at):%Y-%m-%d}"
    for word in ("上水井盖", "测试街道 甲社区", "西仓路附近", "正在办理", f"{day} 收到"):
        assert word in text, word
    assert rows(client) == [[*rows(client)[0][:2], town.cover.pk, town.communities[0].pk, "handling", day]]


def test_nothing_personal_is_in_any_answer(town: Town, client: Client) -> None:
    street()
    cases = [personal(town, state) for state in ("received", "handling", "closed")]
    answers = [client.get(path).content for path in (MAP, POINTS, f"{MAP}?stage=ended", reverse("desks:welcome"))]
    for content in answers:
        assert spoken_of(content) == []
        assert not re.search(r"evidence|attachment|\.jpg", content.decode())
        for case in cases:
            assert case.number not in content.decode()


def test_the_place_is_the_middle_of_a_square_and_neighbours_share_it(town: Town, client: Client) -> None:
    for x, y in ((52, 57), (61, 88), (99, 52)):
        personal(town, point=at(x, y))
    places = {(lon, lat) for lon, lat, *_rest in rows(client)}
    assert len(places) == 1
    lon, lat = places.pop()
    shown = point_from(lon, lat, Datum.WGS84)
    # ORIGIN is a round number of metres: squares of fifty metres begin there
    assert (round(shown.x - ORIGIN[0]), round(shown.y - ORIGIN[1])) == (75, 75)


def hidden_confidential(town: Town) -> None:
    Case.objects.update(confidential=True)


def hidden_accused(town: Town) -> None:
    Case.objects.update(accused_agency=town.water)


def hidden_without_class(town: Town) -> None:
    Case.objects.update(category=None, condition=None)


def hidden_words_for_somebody(town: Town) -> None:
    Case.objects.update(request_type="praise")


def hidden_about_a_home(town: Town) -> None:
    Category.objects.filter(pk=town.cover.pk).update(name="违法农村自建房")


def hidden_matter(town: Town) -> None:
    Case.objects.update(category=town.fee, condition=None)


def hidden_flow(town: Town) -> None:
    Case.objects.update(flow="matter")


def hidden_declined(town: Town) -> None:
    Case.objects.update(state="declined")


def hidden_nowhere(town: Town) -> None:
    Case.objects.update(point=None)


HIDDEN = [
    hidden_confidential, hidden_accused, hidden_without_class, hidden_words_for_somebody, hidden_about_a_home,
    hidden_matter, hidden_flow, hidden_declined, hidden_nowhere,
]  # fmt: skip


@pytest.mark.parametrize("hide", HIDDEN, ids=lambda hide: hide.__name__)
def test_what_is_not_for_the_public_is_neither_shown_nor_counted(town: Town, client: Client, hide: Any) -> None:
    personal(town, days=0)
    assert len(rows(client)) == 1
    hide(town)
    assert rows(client) == []
    assert "没有这样的案件" in page(client)
    assert read_counts(PublicMap(), timezone.now()).received == 0


def test_closed_cases_stay_for_a_month(town: Town, client: Client) -> None:
    case = personal(town, "closed", days=5)
    assert [row[4] for row in rows(client)] == ["closed"]
    Case.objects.filter(pk=case.pk).update(state_since=timezone.now() - timedelta(days=31))
    assert rows(client) == []


def test_the_list_is_filtered_by_class_and_stage(town: Town, client: Client) -> None:
    other = Category.objects.create(
        dictionary=town.cover.dictionary, kind="event", code="01", name="市容环境", name_en="Street scene"
    )
    dirty = Category.objects.create(
        dictionary=town.cover.dictionary, kind="event", code="01-12", name="道路不洁", major=other
    )
    personal(town, "closed")
    personal(town, category=dirty, condition=None)
    assert 'class="row-title">上水井盖' in page(client)
    assert 'class="row-title">上水井盖' not in page(client, major=other.pk)
    assert 'class="row-title">道路不洁' in page(client, major=other.pk)
    assert 'class="row-title">道路不洁' not in page(client, stage="ended")
    assert "没有这样的案件" in page(client, major=other.pk, stage="ended")
    # what nobody offers means everything
    for asked in ({"major": "x"}, {"major": "٣"}, {"stage": "handling"}, {"page": "zz"}):
        assert "共 2 件" in page(client, **asked)


def test_the_counts_are_those_of_the_database(town: Town) -> None:
    now = timezone.now()
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for index, state in enumerate(["received", "handling", "closed", "closed", "closed"]):
        case = personal(town, state, days=0, point=at(10 + 30 * index, 20))
        Case.objects.filter(pk=case.pk).update(received_at=now)
    closed = list(Case.objects.filter(state="closed").order_by("pk"))
    Case.objects.update(state_since=now)
    Case.objects.filter(pk=closed[0].pk).update(unsolved="no_owner")  # closed, and not solved
    before = first - timedelta(seconds=1)
    Case.objects.filter(pk=closed[1].pk).update(closed_at=before, state_since=before, received_at=before)
    Case.objects.filter(pk=closed[2].pk).update(closed_at=now)
    counts = read_counts(PublicMap(), now)
    assert counts.received == Case.objects.filter(received_at__gte=first).count() == 4
    assert counts.solved == 1
    cache.clear()
    assert read_board(now).counts == counts


def test_the_page_takes_the_same_number_of_queries_for_many_cases(
    town: Town, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    street()
    personal(town)
    cache.clear()
    with django_assert_num_queries(8) as few:
        client.get(MAP)
    for x in range(12):
        personal(town, point=at(10 + 30 * x, 40))
    cache.clear()
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(MAP)


def test_a_reader_within_the_minute_costs_no_query_for_cases(town: Town, client: Client) -> None:
    personal(town)
    cache.clear()
    first = client.get(POINTS)
    assert first["Cache-Control"] == "max-age=60"
    Case.objects.update(state="declined")
    assert client.get(POINTS).content == first.content
    cache.clear()
    assert client.get(POINTS).json()["rows"] == []


def test_too_many_cases_are_cut_and_told(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publiccases, "MOST", 2)
    for x in (10, 110, 210):
        personal(town, point=at(x, 40))
    assert len(rows(client)) == 2
    assert "只显示最近的一部分" in page(client)


def test_three_thousand_cases_are_a_small_file(town: Town, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shuffled = random.Random(7)
    many = tuple(
        publiccases.Shown(
            town.cover.pk + shuffled.randrange(80),
            town.communities[0].pk + shuffled.randrange(12),
            shuffled.choice(["handling", "closed", "verifying", "to_close"]),
            timezone.localdate() - timedelta(days=shuffled.randrange(30)),
            ORIGIN[0] + 25 + 50 * shuffled.randrange(120),
            ORIGIN[1] + 25 + 50 * shuffled.randrange(120),
        )
        for _each in range(publiccases.MOST)
    )
    board = publiccases.Board(many, publiccases.Counts(0, 0), False, timezone.now())
    monkeypatch.setattr("desks.views.publicmap.read_board", lambda _at: board)
    content = client.get(POINTS).content
    assert len(json.loads(content)["rows"]) == publiccases.MOST
    assert len(gzip.compress(content)) < 40_000


def test_a_place_may_do_without_the_map(town: Town, client: Client, tmp_path: Path) -> None:
    personal(town)
    place = tmp_path / "quiet.toml"
    place.write_text('name = "安静"\n[public_map]\non = false\n')
    inforce.remember(str(place), seconds=3600)
    assert client.get(MAP).status_code == 404
    assert client.get(POINTS).status_code == 404
    for path in (reverse("desks:welcome"), reverse("desks:find_progress")):
        text = client.get(path).content.decode()
        assert MAP not in text
        assert "公开地图" not in text


def test_the_start_page_leads_everywhere_and_names_the_hotline(town: Town, client: Client, settings: Any) -> None:
    settings.CITY = dataclasses.replace(settings.CITY, hotline="12345")
    assert reverse("desks:ask_online") not in client.get(reverse("desks:welcome")).content.decode()  # no such channel
    Channel.objects.create(key="web", name="网站", kind="website")
    text = client.get(reverse("desks:welcome")).content.decode()
    assert f'href="{reverse("desks:ask_online")}"' in text
    assert f'href="{MAP}"' in text
    assert f'href="{reverse("desks:find_progress")}"' in text
    assert 'href="tel:12345"' in text
    assert 'value="en"' in text
    settings.CITY = dataclasses.replace(settings.CITY, hotline="")
    assert "tel:" not in client.get(reverse("desks:welcome")).content.decode()


@pytest.mark.parametrize("path", [MAP, POINTS, reverse("desks:welcome")])
def test_nothing_is_written_there(client: Client, town: Town, path: str) -> None:
    assert client.post(path).status_code == 405


def test_agencies_are_not_named(town: Town, client: Client) -> None:
    personal(town, "handling")
    names = Agency.objects.values_list("name", flat=True)
    assert [name for name in names if name in page(client)] == []
