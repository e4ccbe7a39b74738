"""A trial by itself: two sets of rules asked alike, and ended clocks judged by another limit or calendar."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.clocks import Unit, WorkCalendar
from dispatch.routing import Question, RuleFact
from dispatch.trials import Dispatched, Judged, Limit, rejudge, reroute
from dispatch.windows import ANY_TIME, window

ZONE = ZoneInfo("Asia/Shanghai")
WORK = WorkCalendar(ZONE)
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=ZONE).astimezone(UTC)
HOUR = 3600.0
COVER, LAMP = 11, 12
WATER, OFFICE, LIGHTS = 1, 2, 3


def rule(number: str, agency: int, category: int | None = None, area: str = "", **more: object) -> RuleFact:
    pk = int(number[1:])
    facts = {"pk": pk, "number": number, "category_id": category, "area_code": area, "by_owner": False}
    return RuleFact(**facts | {"agency_id": agency, "fallback": category is None} | more)  # type: ignore[arg-type]


def case(number: int, category: int | None, area: str, led: int, hour: int = 9, fault: str = "") -> Dispatched:
    local = datetime(2026, 10, 5, hour, 0, tzinfo=ZONE)
    return Dispatched(number, f"A{number}", Question(category, None, area, local=local), led, fault)


BOOK = [rule("R1", WATER, COVER), rule("R2", LIGHTS, LAMP), rule("R9", OFFICE)]


def test_a_draft_moves_only_what_it_answers_from_whom_to_whom() -> None:
    cases = [case(n, COVER, "0101", WATER) for n in (1, 2, 3)]
    cases += [case(4, COVER, "0102", WATER), case(5, LAMP, "0101", LIGHTS), case(6, COVER, "0101", OFFICE)]
    found = reroute(cases, BOOK, [*BOOK, rule("R5", OFFICE, COVER, "0101")])
    assert {pair: [each.case.case_id for each in rows] for pair, rows in found.moved.items()} == {
        (WATER, OFFICE): [1, 2, 3, 6]
    }
    assert (found.tried, found.moves, found.agreeing, found.skipped) == (6, 4, 1, 0)


def test_what_cannot_be_asked_is_named_with_its_reason() -> None:
    cases = [case(1, None, "", WATER, fault="no_class"), case(2, LAMP, "0101", LIGHTS), case(3, COVER, "0101", WATER)]
    book = [rule("R1", WATER, COVER)]
    found = reroute(cases, book, [replace(book[0], agency_id=OFFICE)])
    assert {why: [each.case_id for each in rows] for why, rows in found.untried.items()} == {
        "no_class": [1],
        "no_rule": [2],
    }
    assert (found.tried, found.moves) == (1, 1)


def test_a_rule_that_ends_leaves_its_cases_to_the_next_one_or_to_nobody() -> None:
    cases = [case(1, COVER, "0101", WATER)]
    assert list(reroute(cases, BOOK, BOOK[1:]).moved) == [(WATER, OFFICE)]
    assert list(reroute(cases, BOOK, BOOK[1:2]).moved) == [(WATER, None)]


def test_equal_questions_at_other_hours_are_not_taken_for_each_other() -> None:
    night = rule("R5", OFFICE, COVER, window=window("18:00-06:00", [], []))
    found = reroute([case(1, COVER, "01", WATER, 9), case(2, COVER, "01", WATER, 22)], BOOK, [*BOOK, night])
    assert [each.case.case_id for each in found.moved[WATER, OFFICE]] == [2]
    assert night.window != ANY_TIME


def test_another_cooperating_unit_is_no_move() -> None:
    found = reroute([case(1, COVER, "01", WATER)], BOOK, [replace(BOOK[0], partner_ids=(LIGHTS,)), *BOOK[1:]])
    assert (found.moves, [each.case.case_id for each in found.partners]) == (0, [1])


def clock(number: int, used_h: float, unit: str = Unit.WORK_HOUR, amount: int = 4, **more: object) -> Judged:
    """A clock that started on Monday at nine and ran without a pause for so many hours of its own kind."""
    continuous = unit in (Unit.URGENT_HOUR, Unit.NATURAL_DAY)
    seconds = amount * (86400.0 if unit == Unit.NATURAL_DAY else 8 * HOUR if unit == Unit.WORK_DAY else HOUR)
    # 09–12 and 14–18 on Monday, then from 08 on Tuesday
    over = used_h + (0 if continuous or used_h <= 3 else 2 if used_h <= 7 else 16)
    facts = {
        "case_id": number, "number": f"A{number}", "agency_id": WATER, "category_id": COVER, "amount": amount,
        "unit": str(unit), "limit_seconds": seconds, "used_seconds": used_h * HOUR, "started_at": MONDAY,
        "running_since": MONDAY, "ended_at": MONDAY + timedelta(hours=over), "late": used_h * HOUR > seconds,
    }  # fmt: skip
    return Judged(**facts | more)  # type: ignore[arg-type]


def same(_clock: Judged) -> tuple[WorkCalendar, WorkCalendar]:
    return WORK, WORK


def test_a_shorter_limit_makes_late_what_used_more_than_it() -> None:
    ended = [clock(n, hours) for n, hours in enumerate((1, 2, 2.5, 4, 5), 1)]
    found = rejudge(ended, Limit(2, Unit.WORK_HOUR), same)
    assert (found.tried, found.late_before, found.late_after) == (5, 1, 3)
    assert [each.clock.case_id for each in found.turned(late=True)] == [3, 4]
    assert not found.turned(late=False)
    (figures,) = found.by_agency().values()
    assert (figures.tried, figures.late_before, figures.late_after) == (5, 1, 3)


def test_its_own_limit_gives_every_clock_its_own_verdict() -> None:
    ended = [clock(n, n / 2) for n in range(1, 14)]
    found = rejudge(ended, None, same)
    assert [each.late for each in found.judged] == [each.late for each in ended]


def test_working_hours_are_counted_anew_as_natural_ones() -> None:
    # seven working hours ended at 18:00: nine hours on the wall; nine of them at 10:00 on Tuesday: twenty-five
    found = rejudge([clock(1, 7, amount=8), clock(2, 9, amount=8)], Limit(12, Unit.NATURAL_HOUR), same)
    assert [(each.used, each.late) for each in found.judged] == [(9 * HOUR, False), (25 * HOUR, True)]


def test_what_was_paused_or_extended_cannot_be_counted_another_way_but_in_its_own() -> None:
    paused = clock(1, 3, running_since=MONDAY + timedelta(hours=1), used_seconds=2 * HOUR)
    extended = clock(2, 5, limit_seconds=6 * HOUR, late=False)
    found = rejudge([paused, extended], Limit(1, Unit.NATURAL_DAY), same)
    assert {why: [each.case_id for each in rows] for why, rows in found.untried.items()} == {
        "paused": [1],
        "extended": [2],
    }
    again = rejudge([paused, extended], Limit(2, Unit.WORK_HOUR), same)
    # two hours were added and stay added: 5 of 4 hours is late, 2 of 2 is not
    assert [(each.limit, each.late) for each in again.judged] == [(2 * HOUR, False), (4 * HOUR, True)]


def test_another_calendar_moves_working_clocks_and_leaves_the_others() -> None:
    evenings = replace(WORK, periods=((time(8), time(12)), (time(14), time(18)), (time(19), time(21))), _years={})
    ended = [clock(1, 9, amount=10), clock(2, 30, Unit.URGENT_HOUR, amount=31)]
    found = rejudge(ended, None, lambda _clock: (WORK, evenings))
    # Monday 09–12, 14–18, 19–21 and Tuesday 08–10: eleven hours where there were nine
    assert [(each.used, each.late) for each in found.judged] == [(11 * HOUR, True), (30 * HOUR, False)]


def test_what_has_no_verdict_is_not_tried() -> None:
    found = rejudge([clock(1, 1, fault="running"), clock(2, 1)], Limit(2, Unit.WORK_HOUR), same)
    assert (found.tried, found.skipped, list(found.untried)) == (1, 1, ["running"])
