"""Callbacks on real cases: who is called, when it ends, and what follows from a bad answer."""

from datetime import timedelta
from typing import Any

import pytest

from dispatch.actions import aftercare, closing, filing
from dispatch.lifecycle import MissingEvidenceError
from dispatch.lookbacks import due_for_look_back, offset
from dispatch.models import Callback, Case, FollowUp, LookBack, Person, Report
from dispatch.profile import LookBacks
from dispatch.transitions import IllegalStep
from tests.town import NOW, Town

HOUR = timedelta(hours=1)
BY_DAY = (2, 5, 11)  # hours after NOW (09:00): late morning, afternoon, evening


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def call(town: Town, case: Case, report: Report, after: float = 2, note: str = "", **said: Any) -> Callback:
    case = fresh(case)
    told = {"reached": bool(said), **said}
    doing = town.doing(case, "operator", NOW + after * HOUR, note)
    return Callback.objects.get(step=closing.callback(case, doing, report=report, **told))


def merged(town: Town) -> Case:
    """One case of three callers, closed."""
    case = town.report()
    for number in (2, 3):
        other = town.report("井盖没了")
        other.reports.update(person=Person.objects.create(name=f"{number}先生", phone=f"1390000000{number}"))
        filing.merge(other, town.doing(other, "operator"), into=case)
    return town.to_state("closed", fresh(case))


def test_every_caller_of_a_merged_case_is_called(town: Town) -> None:
    case = merged(town)
    assert Report.objects.awaiting_callback().count() == 3
    for left, report in zip((2, 1, 0), case.reports.order_by("pk"), strict=True):
        call(town, case, report, satisfaction="satisfied", solved=True)
        assert Report.objects.awaiting_callback().count() == left


def test_somebody_who_called_twice_is_called_back_once(town: Town) -> None:
    case, other = town.report(), town.report("井盖还是没了")
    filing.merge(other, town.doing(other, "operator"), into=case)
    case = town.to_state("closed", fresh(case))
    call(town, case, town.first_report(case), satisfaction="satisfied", solved=True)
    assert not Report.objects.awaiting_callback().exists()


@pytest.mark.parametrize("changed", [{"anonymous": True}, {"wants_callback": False}, {"person": None}])
def test_who_cannot_or_will_not_be_called_never_waits(town: Town, changed: dict[str, Any]) -> None:
    case = town.report()
    case.reports.update(**changed)
    town.to_state("closed", case)
    assert not Report.objects.awaiting_callback().exists()


def test_three_parts_of_the_day_make_a_caller_unreachable(town: Town) -> None:
    case = town.to_state("closed")
    report = town.first_report(case)
    rows = [call(town, case, report, after) for after in BY_DAY]
    assert [(row.counts, row.concludes) for row in rows] == [(True, False), (True, False), (True, True)]
    assert not Report.objects.awaiting_callback().exists()
    assert Callback.objects.unreachable().count() == 1


def test_two_attempts_in_one_morning_are_one(town: Town) -> None:
    case = town.to_state("closed")
    report = town.first_report(case)
    call(town, case, report, 2)
    assert call(town, case, report, 2.5).counts is False
    assert Report.objects.awaiting_callback().exists()


@pytest.mark.parametrize(
    "said", [{"satisfaction": "dissatisfied", "solved": True}, {"satisfaction": "satisfied", "solved": False}]
)
def test_dissatisfied_or_unsolved_needs_a_reason_and_a_choice(town: Town, said: dict[str, Any]) -> None:
    case = town.to_state("closed")
    report = town.first_report(case)
    with pytest.raises(MissingEvidenceError):
        call(town, case, report, **said)
    row = call(town, case, report, note="仍有异响", advised="petition", **said)
    assert (row.undecided, row.advised) == (True, "petition")
    assert list(Case.objects.all().complained_again()) == [case]


def unhappy(town: Town) -> Case:
    case = town.to_state("closed")
    call(town, case, town.first_report(case), note="仍有异响", satisfaction="dissatisfied", solved=False)
    return fresh(case)


@pytest.mark.parametrize(
    ("choice", "limit", "state", "hard"),
    [
        ("redo", None, "to_dispatch", False),
        ("move", None, "to_dispatch", False),
        ("extend", (3, "work_day"), "to_dispatch", False),
        ("discuss", None, "closed", True),
        ("nothing", None, "closed", False),
    ],
)
def test_a_person_chooses_what_follows(town: Town, choice: str, limit: Any, state: str, hard: bool) -> None:
    case = unhappy(town)
    doing = town.doing(case, "shift_lead", NOW + 3 * HOUR, "研究决定")
    aftercare.follow_up(case, doing, choice=choice, limit=limit)
    assert (fresh(case).state, fresh(case).hard) == (state, hard)
    assert FollowUp.objects.get().choice == choice
    assert not Callback.objects.undecided().exists()


def test_nothing_is_chosen_where_nobody_complained(town: Town) -> None:
    case = town.to_state("closed")
    with pytest.raises(IllegalStep):
        aftercare.follow_up(case, town.doing(case, "shift_lead", note="无"), choice="nothing")


def test_a_redone_case_is_called_back_again(town: Town) -> None:
    case = unhappy(town)
    closing.redo(case, town.doing(case, "shift_lead", NOW + 3 * HOUR, "重办"))
    assert not Report.objects.awaiting_callback().exists()
    town.to_state("closed", fresh(case), NOW + 4 * HOUR)
    assert Report.objects.awaiting_callback().count() == 1


def test_a_resident_answers_once_on_the_progress_page(town: Town) -> None:
    case = town.to_state("closed")
    report = town.first_report(case)
    doing = town.doing(case, None, NOW + 2 * HOUR)
    closing.answer_on_web(case, doing, report=report, satisfaction="fair", solved=True)
    row = Callback.objects.get()
    assert (row.method, row.staff, row.concludes) == ("web", None, True)
    with pytest.raises(IllegalStep):
        closing.answer_on_web(
            fresh(case), town.doing(fresh(case), None), report=report, satisfaction="fair", solved=True
        )


def test_what_went_badly_is_looked_at_again_and_then_not_any_more(town: Town) -> None:
    case = unhappy(town)
    rule, later = LookBacks(one_of=0), NOW + timedelta(days=20)
    assert list(due_for_look_back(Case.objects.all(), later, rule)) == [case]
    assert not due_for_look_back(Case.objects.all(), NOW + timedelta(days=10), rule).exists()
    assert not due_for_look_back(Case.objects.all(), NOW + timedelta(days=70), rule).exists()
    with pytest.raises(MissingEvidenceError):
        aftercare.look_back(case, town.doing(case, "operator", later), method="visit", rating="poor")
    aftercare.look_back(case, town.doing(case, "operator", later), method="visit", rating="good")
    assert LookBack.objects.get().rating == "good"
    assert not due_for_look_back(Case.objects.all(), later, rule).exists()


def test_a_sample_is_the_same_whenever_it_is_drawn() -> None:
    assert offset(NOW.date(), 50, "secret") == offset(NOW.date(), 50, "secret")
    assert {offset(NOW.date(), 3, f"{i}") for i in range(40)} == {0, 1, 2}
