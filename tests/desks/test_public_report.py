"""A visitor's report with a pin, the search that helps to set it, and the page that is shown afterwards."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from desks.views import public as pages
from dispatch.explain import stored_place
from dispatch.models import Case, Channel, Report
from gridmap.datums import lonlat
from gridmap.gazetteer import place_row
from people.knocks import Door
from people.models import Knock
from tests.town import Town, at

PATH, PLACES = reverse("desks:ask_online"), reverse("desks:public_places")


@pytest.fixture
def web(town: Town) -> Channel:
    return Channel.objects.create(key="web", name="网站", kind="website")


def pin(x: float, y: float, uncertainty_m: str = "12") -> dict[str, str]:
    lon, lat = lonlat(at(x, y))
    return {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "uncertainty_m": uncertainty_m}


def ask(client: Client, **more: Any) -> Any:
    sent = {
        "operation": str(uuid.uuid4()), "kind": "resident", "name": "张先生", "phone": "13900000007",
        "request_type": "complaint", "text": "路灯三天不亮", "address": "",
    } | more  # fmt: skip
    return client.post(PATH, sent)


def test_the_pin_is_the_place_with_cell_and_accuracy(town: Town, web: Channel, client: Client) -> None:
    place_row("poi", "银春旅馆", at(352, 40), source="test").save()
    assert ask(client, text="银春旅馆门前路灯不亮", **pin(152, 40)).status_code == 200
    case, report = Case.objects.get(), Report.objects.get()
    assert case.point is not None
    assert case.point.distance(at(152, 40)) < 0.2
    assert (case.cell, case.community) == (town.cells[1], town.communities[0])
    assert (case.uncertainty_m, report.located_by, report.needs_placing) == (12.0, "sender", False)
    assert stored_place(report.why) == ["位置由诉求人在地图上指定。"]


def test_without_a_pin_the_words_are_the_place(town: Town, web: Channel, client: Client) -> None:
    place_row("poi", "银春旅馆", at(52, 40), source="test").save()
    ask(client, address="银春旅馆", lon="", lat="", uncertainty_m="")
    assert (Case.objects.get().cell, Report.objects.get().located_by) == (town.cells[0], "geocoder")


def test_half_a_pin_is_none(town: Town, web: Channel, client: Client) -> None:
    assert ask(client, lon=pin(52, 40)["lon"]).status_code == 200
    assert Case.objects.get().point is None


@pytest.mark.parametrize(
    "where", [{"lon": "116.39", "lat": "39.90"}, {"lon": "500", "lat": "32"}, {"lon": "nan", "lat": "32"}]
)
def test_a_pin_elsewhere_is_told_and_nothing_is_lost(
    town: Town, web: Channel, client: Client, where: dict[str, str]
) -> None:
    answer = ask(client, text="门口路灯不亮", **where)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "请改正标出的地方" in text
    assert "门口路灯不亮" in text
    assert "13900000007" in text
    assert not Report.objects.exists()


def test_a_pin_just_outside_the_border_is_kept_and_flagged(town: Town, web: Channel, client: Client) -> None:
    ask(client, **pin(-300, 40))
    case = Case.objects.get()
    assert (case.outside_grid, case.cell) == (True, None)


@pytest.mark.parametrize(("told", "kept"), [("", 10.0), ("3", 3.0), ("4000", 4000.0)])
def test_accuracy_is_kept_as_told(town: Town, web: Channel, client: Client, told: str, kept: float) -> None:
    ask(client, **pin(52, 40, told))
    assert Case.objects.get().uncertainty_m == kept


def test_after_sending_number_link_and_next_steps_are_told_under_an_own_address(
    town: Town, web: Channel, client: Client
) -> None:
    first = ask(client).content.decode()
    report = Report.objects.get()
    address = reverse("desks:sent", args=[report.query_key])
    assert f'data-receipt="{address}"' in first
    again = client.get(address).content.decode()
    for text in (first, again):
        assert report.number in text
        assert f"http://testserver{reverse('desks:progress', args=[report.query_key])}" in text
        assert "一般在 15 分钟内受理" in text
        assert "请留意接听" in text
    ask(client, phone="", name="")
    lost = client.get(reverse("desks:sent", args=[Report.objects.latest("pk").query_key])).content.decode()
    assert "您没有留下电话" in lost
    assert client.post(address).status_code == 405


def test_an_address_is_found_for_the_pin(town: Town, client: Client) -> None:
    place_row("poi", "银春旅馆", at(52, 40), source="test").save()
    answer = client.get(PLACES, {"q": "银春旅馆"})
    (place,) = answer.json()["places"]
    lon, lat = lonlat(at(52, 40))
    assert place["name"] == "银春旅馆"
    assert (round(lon, 5), round(lat, 5)) == (round(place["lon"], 5), round(place["lat"], 5))
    assert place["uncertaintyM"] >= 1
    assert answer["Cache-Control"] == "no-store"
    for words in ("", "   ", "哪里都不是的地方"):
        assert client.get(PLACES, {"q": words}).json() == {"places": []}
    assert client.post(PLACES).status_code == 405


def test_the_search_is_for_people_and_not_for_copying_the_gazetteer(
    town: Town, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SEARCHES", Door("places", 3, pages.SEARCHES.within))
    statuses = [client.get(PLACES, {"q": "西仓路"}).status_code for _try in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert "查找得太频繁" in client.get(PLACES, {"q": "西仓路"}).json()["trouble"]
    assert client.get(PLACES, {"q": "西仓路"}, REMOTE_ADDR="192.0.2.9").status_code == 200
    assert "127.0.0.1" not in "".join(Knock.objects.values_list("key", flat=True))


def test_every_public_page_has_the_same_bar_in_both_languages(town: Town, web: Channel, client: Client) -> None:
    ask(client)
    key = Report.objects.get().query_key
    routes = [reverse(f"desks:{name}") for name in ("welcome", "ask_online", "find_progress", "public_map")] + [
        reverse(f"desks:{name}", args=[key]) for name in ("progress", "sent")
    ]
    for path in routes:
        text = client.get(path).content.decode()
        for name in ("welcome", "ask_online", "find_progress", "public_map"):
            assert f'href="{reverse(f"desks:{name}")}"' in text, (path, name)
        english = client.get(path, headers={"Accept-Language": "en"}).content.decode()
        assert "Public map" in english
        assert "/tiles/" not in english  # those are for people with a login
