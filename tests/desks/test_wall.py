"""The wall screen: its numbers are those of the rows, its address opens nothing else, and it names nobody."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from desks.views import wall
from desks.wallboard import Board, read_board
from desks.wallcharts import chart, scale_step
from desks.wallmap import ground, spots
from dispatch.models import Case, Channel, Clock
from dispatch.models.clock import BESIDE
from dispatch.transitions import ENDED
from inspectors.models import DutyZone, Position, Shift
from people.models import Screen
from people.screens import digest, find_screen, make_screen, note_seen, revoke_screen
from tests.town import NOW, Town, at

Login = Callable[[str], Client]
AFTERNOON = NOW + timedelta(hours=8)  # 17:00 in the city
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Days and ground of another test's city are forgotten."""
    cache.clear()


@pytest.fixture
def city(town: Town) -> Town:
    """A day with cases in many stages, by two channels, some of them older, some late."""
    web = Channel.objects.create(key="web", name="网站")
    town.to_state("closed")
    town.to_state("closed", when=NOW + HOUR)
    town.to_state("handling", when=NOW + HOUR)
    town.to_state("to_file", town.report(channel=web, point=at(250, 50), when=NOW + 2 * HOUR), when=NOW + 2 * HOUR)
    town.matter(when=NOW + 3 * HOUR, channel=web)
    town.report(when=NOW + 7 * HOUR, urgent=True, urgent_code="safety")
    older = town.to_state("checking", when=NOW - timedelta(days=1))
    town.to_state("closed", older, when=NOW)
    town.to_state("handling", when=NOW - timedelta(days=2))
    town.report(when=NOW + 10 * HOUR)  # not yet
    return town


def board(at_: datetime = AFTERNOON) -> Board:
    return read_board(Case.objects.all(), at_)


def local(when: datetime | None) -> date | None:
    return when.astimezone(settings.CITY.zone).date() if when else None


def test_numbers_of_the_day_are_those_of_the_rows(city: Town) -> None:
    found, day = board(), local(NOW)
    cases = [case for case in Case.objects.select_related("channel") if case.received_at <= AFTERNOON]
    today = [case for case in cases if local(case.received_at) == day]
    assert found.day == day
    assert found.today["received"] == len(today) == 6
    for name in ("filed", "dispatched", "handled", "closed"):
        dates = [getattr(case, f"{name}_at") for case in cases]
        assert found.today[name] == sum(local(when) == day for when in dates) > 0, name
    assert found.today["closed"] == 3
    assert dict(found.channels) == Counter(case.channel.name for case in today)
    assert dict(found.classes) == Counter(case.category.name for case in today if case.category)
    assert dict(found.areas) == Counter(case.community.name for case in today if case.community)
    assert sum(hour.n for hour in found.hours) == sum(case.received_at > AFTERNOON - 24 * HOUR for case in cases)
    for each in found.days:
        assert each.received == sum(local(case.received_at) == each.day for case in cases)
        assert each.closed == sum(local(case.closed_at) == each.day for case in cases)


def test_stages_hold_all_open_cases_and_all_of_today(city: Town) -> None:
    found = board()
    labels = {case: str(case.get_state_display()) for case in Case.objects.exclude(state__in=ENDED)}
    assert {stage.name: stage.open for stage in found.stages if stage.open} == Counter(labels.values())
    assert found.standing["open"] == len(labels)
    assert sum(stage.today for stage in found.stages) == found.today["received"]
    assert found.stages[-1].today == 2


def test_a_late_case_counts_once_by_its_worst_clock(city: Town) -> None:
    found = board()
    red, near = set(), set()
    for clock in Clock.objects.filter(stopped_at=None, paused_at=None).exclude(kind__in=BESIDE):
        if clock.due_at < AFTERNOON:
            red.add(clock.case_id)
        elif clock.warn_at and clock.warn_at < AFTERNOON:
            near.add(clock.case_id)
    assert red
    assert (found.standing["red"], found.standing["yellow"]) == (len(red), len(near - red))


def test_rates_are_the_named_formulas_over_what_fell_due_today(city: Town) -> None:
    filing, on_time, closing = board().rates
    assert (filing.above, filing.below) == (Case.objects.filter(received_at__range=(NOW - HOUR, AFTERNOON)).filter(
        filed_at__isnull=False
    ).count(), 6)  # fmt: skip
    due = [
        clock
        for clock in Clock.objects.filter(kind="handle", part__isnull=False).select_related("case")
        if local(clock.due_at) == local(NOW) and (clock.verdict or clock.due_at < AFTERNOON)
    ]
    closed = [clock for clock in due if clock.verdict and clock.case.state == "closed"]
    assert (closing.above, closing.below) == (len(closed), len(due))
    assert (on_time.above, on_time.below) == (sum(clock.verdict == "on_time" for clock in closed), len(due))
    assert 0 < closing.above < closing.below


def test_a_day_without_cases_shows_no_rate_instead_of_nought(town: Town) -> None:
    found = board()
    assert [rate.value for rate in found.rates] == [None, None, None]
    assert (found.channels, found.urgent, found.today["received"]) == ([], [], 0)


def test_the_day_rolls_over_at_the_citys_midnight(town: Town) -> None:
    midnight = datetime(2026, 11, 19, tzinfo=settings.CITY.zone)
    town.report(when=midnight - timedelta(minutes=1))
    town.report(when=midnight)
    before, after = board(midnight - timedelta(seconds=1)), board(midnight + timedelta(minutes=1))
    assert (before.day, before.today["received"]) == (date(2026, 11, 18), 1)
    assert (after.day, after.today["received"]) == (date(2026, 11, 19), 1)
    assert [(each.day.day, each.received) for each in after.days[-2:]] == [(18, 1), (19, 1)]
    assert [each.n for each in after.hours[-2:]] == [1, 1]
    assert len(after.days) == 30
    assert len(after.hours) == 24


def test_yesterday_is_counted_to_the_same_time_of_the_clock(town: Town) -> None:
    town.report(when=NOW - timedelta(days=1))
    town.report(when=NOW - timedelta(hours=20))
    assert board(NOW).today["yesterday"] == 1


def test_inspectors_on_duty_by_task_and_by_position(town: Town) -> None:
    inspector, other = town.people["inspector"], town.people["operator"]
    zone = DutyZone.objects.create(name="甲")
    for person, begins in ((inspector, -1), (inspector, -2), (other, -1), (town.people["leader"], 1)):
        Shift.objects.create(
            inspector=person, zone=zone, starts_at=NOW + begins * HOUR, ends_at=NOW + (begins + 8) * HOUR
        )
    Position.objects.create(inspector=inspector, point=at(50, 50), accuracy_m=8, seen_at=NOW - timedelta(minutes=5))
    Position.objects.create(inspector=other, point=at(50, 50), accuracy_m=8, seen_at=NOW - HOUR)
    town.to_state("checking", when=NOW - 2 * HOUR)
    duty = board(NOW).duty
    assert (duty.on_duty, duty.on_task, duty.idle, duty.fresh, duty.stale) == (2, 1, 1, 1, 1)


def test_urgent_cases_stand_in_the_order_of_their_limits_and_confidential_ones_never(city: Town) -> None:
    first = city.report(when=NOW, urgent=True, urgent_code="safety")
    hidden = city.report(when=NOW, urgent=True, urgent_code="safety", category=city.fee, condition=None)
    Case.objects.filter(pk=hidden.pk).update(confidential=True)
    found = board()
    assert found.urgent[0].case.pk == first.pk
    assert hidden.pk not in [row.case.pk for row in found.urgent]
    assert found.standing["urgent"] == 3
    assert found.today["received"] == 8
    assert dict(found.classes)[city.fee.name] == 1


def test_the_map_shows_open_cases_by_squares_and_todays_on_top(city: Town) -> None:
    drawn = ground()
    assert drawn is not None
    assert (drawn.width, drawn.height) == (2000, 500)
    assert [name for name, _x, _y in drawn.names] == ["甲社区", "乙社区"]
    assert [(spot.x // 10, spot.today) for spot in spots(drawn, NOW - HOUR)] == [(25, True), (125, True)]
    Case.objects.filter(community=city.communities[0]).update(received_at=NOW - 2 * HOUR)
    assert [(spot.x // 10, spot.today) for spot in spots(drawn, NOW - HOUR)] == [(25, False), (125, True)]
    Case.objects.update(point=None)
    assert spots(drawn, NOW) == []


def test_a_number_of_statements_that_does_not_grow(city: Town) -> None:
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as found:
            board()
        return len(found)

    board()  # what a process reads once
    few = statements()
    for hour in range(6):
        city.to_state("handling", when=NOW + hour * HOUR / 4)
        city.report(when=NOW + hour * HOUR, urgent=True, urgent_code="safety")
    assert statements() == few
    assert few < 25


# the address


@pytest.fixture
def screen(town: Town) -> tuple[Screen, str]:
    return make_screen(name="指挥大厅", language="zh-hans", by=town.people["admin"], at=NOW)


def test_only_a_digest_of_the_secret_is_stored(screen: tuple[Screen, str]) -> None:
    made, token = screen
    assert len(token) >= 43
    assert token not in str(Screen.objects.values().get())
    assert made.token_hash == digest(token)
    assert find_screen(token) == made
    assert find_screen(token[:-1]) is None


@pytest.mark.parametrize("name", ["desks:screen", "desks:screen_data"])
def test_an_address_works_until_it_is_revoked_and_sets_no_cookie(
    screen: tuple[Screen, str], town: Town, client: Client, name: str
) -> None:
    made, token = screen
    path = reverse(name, args=[token])
    page = client.get(path)
    assert (page.status_code, page["Cache-Control"], page["Referrer-Policy"]) == (200, "no-store", "no-referrer")
    assert not page.cookies
    assert client.post(path).status_code == 405
    assert revoke_screen(made, by=town.people["admin"], at=NOW)
    assert not revoke_screen(made, by=town.people["admin"], at=NOW)
    for gone in (path, reverse(name, args=["wrong"])):
        page = client.get(gone)
        assert page.status_code == 403
        assert "不能使用" in page.content.decode()
        assert settings.CITY.name not in page.content.decode()
        assert not page.cookies


def test_an_address_opens_nothing_else(screen: tuple[Screen, str], client: Client) -> None:
    client.get(reverse("desks:screen", args=[screen[1]]))
    for path in ("/", "/wall/", "/wall/data/", "/wall/screens/", "/console/", "/console/points/", "/tiles/base.json"):
        assert client.get(path).status_code in (302, 404), path


def test_the_page_names_nobody(city: Town, screen: tuple[Screen, str], client: Client) -> None:
    city.report(
        "王女士说李四家门口井盖丢失，电话13900000001", when=timezone.now(), address="西仓路8号三零二室", urgent=True,
        urgent_code="safety",
    )  # fmt: skip
    for name in ("desks:screen", "desks:screen_data"):
        text = client.get(reverse(name, args=[screen[1]])).content.decode()
        number = Case.objects.latest("pk").number
        assert number in text
        for secret in ("王女士", "13900000001", "李四", "西仓路8号", "三零二", "门口", *city.people):
            assert secret not in text.replace(number, ""), secret


def test_the_language_is_chinese_unless_the_screen_or_its_address_says_otherwise(
    screen: tuple[Screen, str], client: Client
) -> None:
    path = reverse("desks:screen", args=[screen[1]])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "今日受理" in client.get(path).content.decode()
    english = client.get(f"{path}?lang=en").content.decode()
    assert "Received today" in english
    assert "/data/?lang=en" in english
    assert "今日受理" in client.get(f"{path}?lang=xx").content.decode()
    Screen.objects.update(language="en")
    assert "Received today" in client.get(path).content.decode()
    chinese = re.compile(r"[\u4e00-\u9fff]+")
    assert set(chinese.findall(client.get(path).content.decode())) <= {"甲社区", "乙社区"}


def test_that_a_display_still_asks_is_noted_once_a_minute(screen: tuple[Screen, str]) -> None:
    made, _token = screen
    for seconds, seen in ((0, 0), (59, 0), (60, 60), (61, 60)):
        made.refresh_from_db()
        note_seen(made, NOW + timedelta(seconds=seconds))
        assert Screen.objects.get().seen_at == NOW + timedelta(seconds=seen)


def test_an_admin_makes_a_screen_sees_its_address_once_and_revokes_it(login: Login) -> None:
    admin, path = login("admin"), reverse("desks:screens")
    page = admin.post(path, {"name": "会议室", "language": "en"})
    (link,) = re.findall(r"http://testserver(/wall/at/[\w-]+/)", page.content.decode())
    assert Client().get(link).status_code == 200
    assert "/wall/at/" not in admin.get(path).content.decode()
    screen = Screen.objects.get()
    assert (screen.name, screen.language, screen.made_by.username) == ("会议室", "en", "admin")
    assert admin.post(reverse("desks:revoke_screen", args=[screen.pk])).status_code == 302
    assert Client().get(link).status_code == 403
    screen.refresh_from_db()
    assert screen.revoked_by == screen.made_by
    assert admin.post(path, {"name": "", "language": "en"}).status_code == 422
    assert Screen.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "status"), [("shift_lead", 200), ("leader", 200), ("operator", 403), ("handler", 403)]
)
def test_people_with_the_right_open_it_by_login(login: Login, role: str, status: int) -> None:
    client = login(role)
    assert [client.get(path).status_code for path in ("/wall/", "/wall/data/")] == [status, status]


def test_a_person_reads_only_the_cases_of_the_own_area_by_number(city: Town, login: Login) -> None:
    """Sums are the city's, as on the scorecards; an urgent case of elsewhere is not named."""
    case = city.report(when=timezone.now(), urgent=True, urgent_code="safety")
    lead = city.people["shift_lead"]
    assert case.number in login("shift_lead").get("/wall/data/").content.decode()
    lead.grants.update(area_code=city.communities[1].code)
    assert case.number not in login("shift_lead").get("/wall/data/").content.decode()


def test_the_version_follows_what_the_page_is_made_of(monkeypatch: pytest.MonkeyPatch, login: Login) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", wall.VERSION)
    monkeypatch.setattr(wall, "VERSION", "other")
    assert 'data-version="other"' in login("leader").get("/wall/data/").content.decode()


# the drawings


@pytest.mark.parametrize(("most", "step"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 5), (21, 10), (41, 20), (999, 500)])
def test_the_scale_has_round_steps_and_at_most_four_lines(most: int, step: int) -> None:
    assert scale_step(most) == step


def test_bars_stand_on_the_ground_in_proportion() -> None:
    drawn = chart([0, 2, 4], ["a", "", "c"], [4, 0, 2])
    ground_y = drawn.ticks[0].y
    assert [round(bar.y + bar.height, 1) for bar in drawn.bars] == [ground_y] * 3
    assert drawn.bars[0].height == 0
    assert drawn.bars[2].height == pytest.approx(2 * drawn.bars[1].height)
    assert [bar.last for bar in drawn.bars] == [False, False, True]
    assert [tick.label for tick in drawn.ticks] == [0, 1, 2, 3, 4]
    ys: list[Any] = [point.split(",")[1] for point in drawn.line.split()]
    assert [float(y) for y in ys] == [drawn.ticks[4].y, ground_y, drawn.ticks[2].y]


def test_every_fact_of_today_left_its_case_in_a_state_of_today(city: Town) -> None:
    """What the index on (state, state_since) relies on."""
    for name in ("filed_at", "dispatched_at", "handled_at", "closed_at"):
        assert not Case.objects.filter(**{f"{name}__gt": F("state_since")}).exists(), name
