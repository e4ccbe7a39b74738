"""The centre's own clocks, the agency's, and the deadline from above: when each runs, stops and is judged."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from dispatch.actions import closing, filing, handling, looking, repeating, taking
from dispatch.clocks import Unit
from dispatch.explain import clock_sentences
from dispatch.limits import handling_limit
from dispatch.models import Case, Clock, ConditionLimit, Event, Report
from dispatch.profile import profile
from dispatch.profilebase import Limit
from dispatch.watch import look_after
from tests.town import NOW, Town, at

HOUR = timedelta(hours=1)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def verdicts(case: Case) -> dict[str, str]:
    return dict(Clock.objects.filter(case=case).order_by("pk").values_list("kind", "verdict"))


def place(monkeypatch: pytest.MonkeyPatch, **clocks: Any) -> None:
    """A place whose clocks run by other rules."""
    changed = msgspec.structs.replace(profile(), clocks=msgspec.structs.replace(profile().clocks, **clocks))
    for module in ("timers", "stageclocks", "actions.handling", "actions.looking", "limits"):
        monkeypatch.setattr(f"dispatch.{module}.profile", lambda: changed)


def test_each_stage_has_its_clock_and_a_verdict(town: Town) -> None:
    case = town.to_state("closed")
    assert verdicts(case) == {
        "accept": "on_time",
        "verify": "on_time",
        "file": "on_time",
        "dispatch": "on_time",
        "handle": "on_time",
        "sign": "on_time",
        "screen": "on_time",
        "check": "on_time",
        "close": "on_time",
        "call_back": "",
    }


def test_a_stage_that_took_too_long_is_late(town: Town) -> None:
    case = town.to_state("received")
    town.to_state("verifying", case, NOW + timedelta(minutes=6))  # ten minutes later: the sixteenth
    assert verdicts(case)["accept"] == "overdue"


def test_the_callback_clock_ends_with_the_last_caller(town: Town) -> None:
    case = town.to_state("closed")
    doing = town.doing(case, "operator", NOW + 2 * HOUR)
    closing.callback(case, doing, report=town.first_report(case), reached=True, satisfaction="satisfied", solved=True)
    assert verdicts(case)["call_back"] == "on_time"


def test_where_nobody_is_called_no_clock_runs(town: Town) -> None:
    case = town.report()
    case.reports.update(anonymous=True)
    town.to_state("closed", case)
    assert "call_back" not in verdicts(case)


def handle_clock(case: Case) -> Clock:
    return Clock.objects.filter(case=case, kind="handle").latest("pk")


def dispatched(town: Town, case: Case, when: Any, to: Any = None) -> Clock:
    case = fresh(case)
    handling.dispatch_case(case, town.doing(case, "dispatcher", when), to=[handling.Assignment(to or town.water)])
    return handle_clock(case)


def test_the_same_unit_goes_on_after_a_return_and_another_one_begins_anew(town: Town) -> None:
    case = town.to_state("handling")
    town.grant(case, "back", "handler", "dispatcher", when=case.state_since + HOUR)
    same = dispatched(town, case, NOW + 3 * HOUR)
    assert (same.used_seconds, same.due_at) == (3600, NOW + 4 * HOUR)
    town.grant(fresh(case), "back", "handler", "dispatcher", when=NOW + 3 * HOUR)
    other = dispatched(town, case, NOW + 5 * HOUR, town.office)
    assert (other.used_seconds, other.due_at) == (0, NOW + 7 * HOUR)


def test_a_place_may_let_every_return_begin_anew(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, same_unit="restart")
    case = town.to_state("handling")
    town.grant(case, "back", "handler", "dispatcher", when=case.state_since + HOUR)
    assert dispatched(town, case, NOW + 3 * HOUR).used_seconds == 0


def test_where_the_clock_runs_on_during_the_check_the_accepted_reply_is_judged(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(monkeypatch, pause_while_checking=False)
    case = town.to_state("reply_review")
    assert handle_clock(case).paused_at is None
    town.to_state("closed", fresh(case), NOW + 9 * HOUR)
    assert (handle_clock(case).verdict, handle_clock(case).used_seconds) == ("on_time", 600)


def test_after_rework_the_accepted_handling_decides(town: Town) -> None:
    case = town.to_state("checking")
    doing = town.doing(case, "inspector", NOW + HOUR * 2, "仍松动")
    closing.check_result(
        case, doing, task=town.task(case, "check"), passed=False, photos=[town.photo()], point=at(50, 50)
    )
    town.to_state("closed", fresh(case), NOW + 9 * HOUR)  # seven hours later the second reply
    assert handle_clock(case).verdict == "overdue"


def test_a_case_sent_back_before_closing_counts_on_with_what_is_left(town: Town) -> None:
    case = town.to_state("to_close")
    assert handle_clock(case).verdict == "on_time"
    looking.send_back(case, town.doing(case, "shift_lead", NOW + 3 * HOUR, "照片不清"))
    clock = handle_clock(case)
    assert (clock.verdict, clock.stopped_at, clock.due_at) == ("", None, NOW + 3 * HOUR + timedelta(minutes=110))


def test_an_order_from_above_has_its_own_clock_and_the_internal_one_ends_before(town: Town) -> None:
    upper = NOW + timedelta(hours=9)  # 18:00 of the same day: eight working hours before it is 08:00
    case = town.report(external_ref="SZ-1", upper_due_at=upper)
    assert Clock.objects.get(case=case, kind="upper").due_at == upper
    town.to_state("handling", case)
    clock = handle_clock(case)
    assert (clock.limit_seconds, clock.due_at - clock.started_at) == (60, timedelta(minutes=1))
    assert clock_sentences(clock) == [
        "立案条件“井盖缺失”限 2 紧急工作时。",
        "上级时限为 2026-11-18 18:00，处置须提前完成，因此时限缩短。",
    ]
    far = town.report(external_ref="SZ-2", upper_due_at=NOW + timedelta(days=9))
    town.to_state("handling", far)
    assert handle_clock(far).limit_seconds == 7200


def answer_upper(town: Town, case: Case, when: datetime, of: Case | None = None) -> None:
    case = fresh(case)
    report = Report.objects.get(number=f"S{(of or case).number}")
    taking.answer_upper(case, town.doing(case, "operator", when, "已办结"), report=report)


def test_only_the_answer_ends_an_upper_deadline(town: Town) -> None:
    case = town.report(external_ref="SZ-1", upper_due_at=NOW + timedelta(days=3, seconds=7))
    town.to_state("closed", case)
    assert verdicts(case)["upper"] == ""  # closed, and nobody has told those above
    answer_upper(town, case, NOW + timedelta(days=3, seconds=7))
    assert verdicts(case)["upper"] == "on_time"


def test_an_answer_after_the_upper_deadline_is_late(town: Town) -> None:
    case = town.report(external_ref="SZ-1", upper_due_at=NOW + timedelta(days=3))
    town.to_state("closed", case)
    answer_upper(town, case, NOW + timedelta(days=3, seconds=1))
    assert verdicts(case)["upper"] == "overdue"


def test_an_order_from_above_goes_on_in_the_case_it_was_merged_into_and_comes_back(town: Town) -> None:
    case, other = town.report(external_ref="SZ-1", upper_due_at=NOW + timedelta(days=3)), town.report()
    filing.merge(case, town.doing(case, "operator"), into=other)
    assert [c.case for c in Clock.objects.filter(kind="upper", stopped_at=None)] == [other]
    repeating.unmerge(fresh(case), town.doing(fresh(case), "shift_lead", note="不是同一处"))
    assert [c.case for c in Clock.objects.filter(kind="upper", stopped_at=None)] == [case]


def test_work_begun_again_after_an_upper_deadline_has_its_whole_limit(town: Town) -> None:
    case = town.report(external_ref="SZ-1", upper_due_at=NOW + timedelta(days=3))
    town.to_state("closed", case)
    late = NOW + timedelta(days=5)
    closing.redo(fresh(case), town.doing(fresh(case), "shift_lead", late, "又坏了"))
    assert dispatched(town, case, late).limit_seconds == 7200


def test_limits_go_from_the_case_to_the_area_to_the_condition_to_the_type(town: Town) -> None:
    case = town.report()
    assert handling_limit(case).why == {"code": "condition"}
    ConditionLimit.objects.create(condition=town.missing, area_class="2", limit_amount=3, limit_unit="work_hour")
    town.communities[0].area_class = "2"
    town.communities[0].save()
    found = handling_limit(fresh(case))
    assert (found.amount, found.unit, found.why["code"]) == (3, "work_hour", "area_class")
    case.limit_amount, case.limit_unit = 9, "work_day"
    assert (handling_limit(case).amount, handling_limit(case).why["code"]) == (9, "own")
    bare = town.matter(category=None, flow="matter", request_type="consultation")
    assert (handling_limit(bare).amount, handling_limit(bare).why["code"]) == (3, "type")
    bare.complexity = "complex"
    assert (handling_limit(bare).amount, handling_limit(bare).why["code"]) == (7, "type_complex")
    bare.urgent = True
    assert (handling_limit(bare).unit, handling_limit(bare).why["code"]) == ("urgent_day", "type_urgent")


def test_a_place_may_read_a_working_day_as_from_tomorrow_to_close_of_business(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(monkeypatch, work_day="next_day")
    case = town.report()
    case.limit_amount, case.limit_unit = 1, "work_day"
    case.save()
    town.to_state("handling", case)
    clock = handle_clock(case)
    # dispatched on Wednesday: counted from Thursday 08:00 to 18:00
    assert (clock.limit_unit, clock.running_since, clock.due_at) == (
        "office_day",
        NOW + timedelta(hours=23),
        NOW + timedelta(hours=33),
    )


def test_a_clock_is_warned_of_once_at_its_share(town: Town) -> None:
    case = town.to_state("handling")
    clock = handle_clock(case)
    Clock.objects.exclude(pk=clock.pk).filter(stopped_at=None).delete()
    assert clock.warn_at == clock.started_at + timedelta(minutes=96)  # 80 % of two hours
    assert look_after(clock.warn_at - timedelta(seconds=1))["warned"] == 0
    assert look_after(clock.warn_at)["warned"] == 1
    assert look_after(clock.warn_at)["warned"] == 0
    assert Event.objects.get(kind="clock.near_due").payload["number"] == case.number


def test_stage_limits_are_those_of_the_profile(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    stages = msgspec.structs.replace(profile().clocks.stages, accept=Limit(amount=1, unit=Unit.NATURAL_HOUR))
    place(monkeypatch, stages=stages)
    case = town.report()
    assert Clock.objects.get(case=case, kind="accept").due_at == NOW + HOUR


def test_signing_and_orders_from_above_are_warned_of_too(town: Town) -> None:
    case = town.report(external_ref="SZ-1", upper_due_at=NOW + timedelta(hours=100))
    town.to_state("closed", case)
    look_after(NOW + timedelta(hours=81))
    assert Event.objects.filter(kind="clock.near_due", case=case, payload__clock="upper").count() == 1


def test_a_suspended_case_does_not_run_out_of_time_to_sign(town: Town) -> None:
    case = town.to_state("handling")
    town.grant(case, "suspension", "handler", "shift_lead", when=NOW + HOUR)
    assert Clock.objects.get(case=case, kind="sign").paused_at == NOW + HOUR


def test_where_clocks_run_on_a_case_sent_back_counts_the_time_of_its_review(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(monkeypatch, pause_while_checking=False)
    case = town.to_state("to_close")
    replied = handle_clock(case).stopped_at
    looking.send_back(case, town.doing(case, "shift_lead", NOW + HOUR, "照片不清"))
    clock = handle_clock(case)
    assert (clock.running_since, clock.due_at) == (replied, clock.started_at + 2 * HOUR)


def test_the_clocks_of_a_page_of_cases_are_the_running_ones(town: Town) -> None:
    """Two ways to say it, for two indexes: neither paused nor stopped, and none beside the stage."""
    for state in ("verifying", "handling", "checking", "closed"):
        town.to_state(state)
    running = set(Clock.objects.running())
    assert set(Clock.objects.running_each()) == running
    assert Clock.objects.exclude(pk__in=[clock.pk for clock in running]).exists()
    assert running
