"""What happens by itself: each rule at its edge, once, and not against somebody who acts meanwhile."""

from datetime import date, timedelta

import pytest

from dispatch.actions import pushes
from dispatch.lifecycle import MissingEvidenceError, NotAllowedError
from dispatch.models import Case, Part, Supervision
from dispatch.transitions import IllegalStep
from dispatch.watch import look_after
from tests.town import NOW, Town

HOUR = timedelta(hours=1)


def test_silence_beyond_the_window_counts_as_signed(town: Town) -> None:
    case = town.to_state("handling")
    sent = case.parts.get().dispatched_at
    assert look_after(sent + 2 * HOUR)["signed"] == 0  # two working hours, to the second
    later = sent + 2 * HOUR + timedelta(seconds=1)
    assert look_after(later)["signed"] == 1
    assert look_after(later)["signed"] == 0
    step = case.steps.get(action="sign")
    assert (step.actor, step.reason_code, case.parts.get().signed_at) == (None, "silent", later)


def test_a_suspension_ends_on_its_date_of_review(town: Town) -> None:
    case = town.to_state("to_dispatch")
    town.grant(case, "suspension", review_on=date(2026, 12, 1))
    eve = NOW.replace(month=11, day=30)
    assert look_after(eve)["resumed"] == 0
    assert look_after(eve + timedelta(days=1))["resumed"] == 1
    held = Case.objects.get(pk=case.pk)
    assert (held.state, held.review_on) == ("to_dispatch", None)
    assert held.steps.get(action="resume").reason_code == "review_due"


def test_a_renewal_that_is_being_decided_keeps_a_case_suspended(town: Town) -> None:
    case = town.report(point=None, uncertainty_m=None)
    case.state, case.suspended_from, case.review_on = "suspended", "to_dispatch", date(2026, 11, 18)
    case.save()
    town.petition(case, "renewal", "dispatcher", NOW)
    assert look_after(NOW)["resumed"] == 0


def test_an_overdue_part_is_supervised_once(town: Town) -> None:
    case = town.to_state("handling")
    due = case.clocks.get(kind="handle").due_at
    assert look_after(due)["supervised"] == 0
    assert look_after(due + timedelta(seconds=1))["supervised"] == 1
    assert look_after(due + HOUR)["supervised"] == 0
    push = Supervision.objects.get()
    assert (push.kind, push.by, push.part) == ("overdue", None, case.parts.get())


def test_a_part_reworked_three_times_is_supervised(town: Town) -> None:
    case = town.to_state("handling")
    Part.objects.filter(case=case).update(reworks=2, signed_at=NOW)
    assert look_after(NOW + HOUR)["supervised"] == 0
    Part.objects.filter(case=case).update(reworks=3)
    assert look_after(NOW + HOUR)["supervised"] == 1
    assert Supervision.objects.get().kind == "rework"


def test_the_agency_answers_its_push_and_the_one_above_ends_it(town: Town) -> None:
    case = town.to_state("handling")
    doing = town.doing(case, "leader", NOW, "请尽快恢复")
    pushes.instruct(case, doing, part=case.parts.get(), due_at=NOW + 4 * HOUR)
    push = Supervision.objects.get()
    assert list(Supervision.objects.late(NOW + 5 * HOUR)) == [push]
    with pytest.raises(IllegalStep):  # an instruction is ended only when it has been answered
        pushes.end_push(case, town.doing(case, "leader"), push=push)
    with pytest.raises(MissingEvidenceError):
        pushes.report_back(case, town.doing(case, "handler"), push=push)
    pushes.report_back(case, town.doing(case, "handler", NOW + HOUR, "今晚换盖"), push=push)
    push.refresh_from_db()
    assert push.answered_at == NOW + HOUR
    pushes.end_push(case, town.doing(case, "leader", NOW + 2 * HOUR), push=push)
    assert not Supervision.objects.open().exists()


def test_an_agency_does_not_answer_for_another_one(town: Town) -> None:
    case = town.to_state("handling")
    Part.objects.filter(case=case).update(agency=town.office)
    pushes.supervise(case, town.doing(case, "shift_lead", note="太慢"), kind="key", part=case.parts.get())
    with pytest.raises(NotAllowedError):
        pushes.report_back(case, town.doing(case, "handler", note="不是我们"), push=Supervision.objects.get())


def test_a_push_of_a_case_says_what_for(town: Town) -> None:
    case = town.to_state("handling")
    with pytest.raises(MissingEvidenceError):
        pushes.supervise(case, town.doing(case, "shift_lead"), kind="key")
    assert not Supervision.objects.exists()
