"""Taking back: seconds long, by whoever pressed, with nothing left behind but the log."""

from datetime import timedelta

import msgspec
import pytest

from dispatch.actions.handling import Assignment, dispatch_case, sign
from dispatch.actions.pushes import supervise
from dispatch.actions.undoing import LATEST, undo
from dispatch.lifecycle import NotAllowedError, StaleStepError
from dispatch.models import Case, Clock, Event, Part, Step, Supervision, TextMessage
from dispatch.profile import profile
from dispatch.progress import Happened, lines
from dispatch.texting import on_event, send_due, try_again
from dispatch.transitions import IllegalStep
from tests.town import Town

SOON = timedelta(seconds=8)


@pytest.fixture
def sent(town: Town) -> tuple[Case, Step]:
    case = town.to_state("to_dispatch")
    when = case.state_since + timedelta(minutes=4)
    step = dispatch_case(case, town.doing(case, "dispatcher", when), to=[Assignment(town.water, town.rules["owner"])])
    return Case.objects.get(pk=case.pk), step


def take_back(town: Town, case: Case, step: Step, role: str = "dispatcher", after: timedelta = SOON) -> Step:
    return undo(case, town.doing(case, role, step.recorded_at + after, "误操作"), step=step)


def test_a_recalled_dispatch_leaves_the_case_as_it_was(town: Town, sent: tuple[Case, Step]) -> None:
    case, step = sent
    before = Clock.objects.get(case=case, kind="dispatch")
    assert before.stopped_at == step.recorded_at
    take_back(town, case, step)
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.dispatched_at) == ("to_dispatch", None)
    assert not Part.objects.filter(case=case, withdrawn_at=None).exists()
    assert Clock.objects.get(case=case, kind="handle").verdict == Clock.Verdict.DROPPED


def test_the_dispatchers_own_clock_goes_on_as_if_it_had_never_stopped(town: Town, sent: tuple[Case, Step]) -> None:
    case, step = sent
    due = Clock.objects.get(case=case, kind="dispatch").due_at
    take_back(town, case, step)
    clock = Clock.objects.get(case=case, kind="dispatch")  # one, not a second one with a fresh limit
    assert (clock.stopped_at, clock.verdict, clock.due_at) == (None, "", due)


def test_too_late_by_somebody_else_or_after_a_step_nothing_is_taken_back(town: Town, sent: tuple[Case, Step]) -> None:
    case, step = sent
    with pytest.raises(IllegalStep):
        take_back(town, case, step, after=LATEST + timedelta(seconds=1))
    with pytest.raises(NotAllowedError):
        take_back(town, case, step, role="shift_lead")
    sign(case, town.doing(case, "handler", step.recorded_at + timedelta(seconds=2)), part=town.part(case))
    with pytest.raises(StaleStepError):
        take_back(town, Case.objects.get(pk=case.pk), step)
    assert Case.objects.get(pk=case.pk).state == "handling"


def test_a_supervision_is_ended_by_taking_it_back(town: Town, sent: tuple[Case, Step]) -> None:
    case, first = sent
    step = supervise(case, town.doing(case, "shift_lead", first.recorded_at, "请尽快"), kind="key")
    case = Case.objects.get(pk=case.pk)
    take_back(town, case, step, role="shift_lead")
    assert Supervision.objects.get(step=step).ended_at is not None


def test_the_public_hears_of_no_dispatch_that_was_taken_back() -> None:
    from tests.town import NOW

    def step(action: str, source: str, target: str) -> Happened:
        return Happened(action, source, target, NOW)

    sent, back = step("dispatch", "to_dispatch", "handling"), step("recall", "handling", "to_dispatch")
    told = [line.text for line in lines([step("file", "to_file", "to_dispatch"), sent, back, sent])]
    assert told == ["情况属实，已立案，正在安排承办单位。", "已交由承办单位办理。"]  # not "重新"


def test_a_case_dispatched_once_after_a_recall_is_closed_at_once(town: Town, sent: tuple[Case, Step]) -> None:
    case, step = sent
    take_back(town, case, step)
    town.to_state("closed", Case.objects.get(pk=case.pk), when=step.recorded_at + timedelta(hours=1))
    assert list(Case.objects.once()) == [case]


def test_no_message_leaves_for_a_dispatch_that_was_taken_back(
    town: Town, sent: tuple[Case, Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, step = sent
    monkeypatch.setattr("dispatch.texting.profile", lambda: msgspec.structs.replace(profile(), texts=True))
    town.water.text_phone = "13800000000"
    town.water.save()
    on_event(Event.objects.get(kind="case.dispatch", step=step))
    message = TextMessage.objects.get()
    assert not TextMessage.objects.due(step.recorded_at + LATEST).exists()  # it waits longer than the undo can come
    assert TextMessage.objects.due(step.recorded_at + timedelta(minutes=1)).exists()
    back = take_back(town, case, step)
    on_event(Event.objects.get(kind="case.recall", step=back))
    message.refresh_from_db()
    assert (message.state, message.error) == (TextMessage.State.FAILED, "recalled")
    assert send_due() == "no gateway"
    assert not try_again(message, town.water, back.recorded_at)
