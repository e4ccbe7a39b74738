"""A case through both flows by the ordinary actions, and what happens when two people act at once."""

import threading
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from dispatch.actions import closing, filing, handling, petitions
from dispatch.lifecycle import MissingEvidenceError, NotAllowedError, StaleStepError
from dispatch.models import Attachment, Callback, Case, Clock, Event, FieldTask, Part, Step
from dispatch.transitions import IllegalStep
from tests.town import NOW, Town, at, build_town


def test_a_street_case_runs_from_the_call_to_closing(town: Town) -> None:
    case = town.to_state("closed")
    assert [step.action for step in case.steps.order_by("version")] == [
        "register", "order_verify", "verify", "file", "dispatch", "handled", "accept_reply", "check_pass", "close",
    ]  # fmt: skip
    clock = Clock.objects.get(case=case, kind="handle")
    assert clock.verdict == "on_time"
    assert clock.used_seconds == 10 * 60  # checking does not count
    assert Attachment.objects.filter(case=case).count() == 3


def test_a_matter_needs_no_place_and_no_inspector_but_a_contact(town: Town) -> None:
    case = town.matter()
    filing.submit_review(case, town.doing(case, "operator"))
    filing.review(case, town.doing(case, "shift_lead"))
    handling.dispatch_case(case, town.doing(case, "dispatcher"), to=[handling.Assignment(town.water)])
    part = town.part(case)
    with pytest.raises(MissingEvidenceError) as missing:
        handling.handled(case, town.doing(case, "handler", note="已退费"), part=part, photos=[])
    assert missing.value.needs == ["contact"]
    handling.contact(case, town.doing(case, "handler", note="已电话说明"), part=part, method="phone", reached=True)
    handling.handled(case, town.doing(case, "handler", note="已退费"), part=part, photos=[])
    handling.accept_reply(case, town.doing(case, "dispatcher"))
    closing.close(case, town.doing(case, "shift_lead"))
    assert Case.objects.get(pk=case.pk).state == "closed"
    assert not FieldTask.objects.exists()


def test_a_failed_check_is_a_rework_and_the_clock_goes_on(town: Town) -> None:
    case = town.to_state("checking")
    doing = town.doing(case, "inspector", NOW + timedelta(hours=3), "井盖仍松动")
    task = town.task(case, "check")
    closing.check_result(case, doing, task=task, passed=False, photos=[town.photo()], point=at(50, 50))
    case = Case.objects.get(pk=case.pk)
    clock = Clock.objects.get(case=case, kind="handle")
    assert (case.state, case.reworks, town.part(case).reworks) == ("handling", 1, 1)
    assert clock.paused_at is None
    # ten minutes of the two hours were used before the check
    assert clock.due_at == NOW + timedelta(hours=3) + timedelta(minutes=110)


def test_doing_an_operation_twice_does_it_once(town: Town) -> None:
    case = town.to_state("to_file")
    doing = town.doing(case, "shift_lead")
    first = filing.file(case, doing)
    again = filing.file(Case.objects.get(pk=case.pk), doing)
    assert first.pk == again.pk
    assert case.steps.filter(action="file").count() == 1


def test_a_stale_click_changes_nothing(town: Town) -> None:
    case = town.to_state("to_file")
    old = town.doing(case, "shift_lead")
    filing.file(case, town.doing(case, "shift_lead"))
    steps, events = Step.objects.count(), Event.objects.count()
    with pytest.raises(StaleStepError):
        filing.file(Case.objects.get(pk=case.pk), old)
    assert (Step.objects.count(), Event.objects.count()) == (steps, events)


def test_only_the_roles_of_the_table_may_act(town: Town) -> None:
    case = town.to_state("to_file")
    for role in set(town.people) - {"shift_lead"}:
        with pytest.raises(NotAllowedError):
            filing.file(case, town.doing(case, role))
    assert Case.objects.get(pk=case.pk).state == "to_file"


def test_the_accused_unit_never_gets_nor_sees_the_complaint_about_it(town: Town) -> None:
    case = town.matter("自来水公司工作人员态度恶劣", accused_agency_id=town.water.pk)
    filing.submit_review(case, town.doing(case, "operator"))
    filing.review(case, town.doing(case, "shift_lead"))
    assert case.proposed_agency == town.office
    with pytest.raises(IllegalStep):
        handling.dispatch_case(case, town.doing(case, "dispatcher"), to=[handling.Assignment(town.water)])
    assert not Case.objects.visible_to(town.people["handler"]).filter(pk=case.pk).exists()
    assert Case.objects.visible_to(town.people["operator"]).filter(pk=case.pk).exists()


def test_an_agency_sees_its_case_only_while_it_has_a_part(town: Town) -> None:
    handler = town.people["handler"]
    case = town.to_state("to_dispatch")
    assert not Case.objects.visible_to(handler).filter(pk=case.pk).exists()
    case = town.to_state("handling", case)
    assert Case.objects.visible_to(handler).get(pk=case.pk) == case
    town.grant(case, "back", "handler", "dispatcher")
    assert not Case.objects.visible_to(handler).filter(pk=case.pk).exists()


def test_a_case_of_two_agencies_goes_on_when_both_have_answered(town: Town) -> None:
    case = town.to_state("to_dispatch")
    both = [handling.Assignment(town.water), handling.Assignment(town.office)]
    handling.dispatch_case(case, town.doing(case, "dispatcher", NOW + timedelta(hours=1)), to=both)
    water, office = case.parts.order_by("pk")
    assert (water.leads, office.leads) == (True, False)
    later = NOW + timedelta(hours=2)
    handling.handled(case, town.doing(case, "handler", later, "好了"), part=water, photos=[town.photo()])
    assert Case.objects.get(pk=case.pk).state == "handling"
    handling.handled(case, town.doing(case, "handler", later, "也好了"), part=office, photos=[town.photo()])
    assert Case.objects.get(pk=case.pk).state == "reply_review"


def test_a_suspended_case_comes_back_to_where_it_was_and_its_clock_stood_still(town: Town) -> None:
    case = town.to_state("handling")
    start = Clock.objects.get(case=case, kind="handle").started_at
    suspend_at = start + timedelta(minutes=30)
    town.grant(case, "suspension", when=suspend_at)
    with pytest.raises(MissingEvidenceError):
        petitions.resume(case, town.doing(case, "dispatcher", suspend_at))
    petitions.resume(case, town.doing(case, "dispatcher", suspend_at + timedelta(days=30), "居民未搬迁"))
    clock = Clock.objects.get(case=case, kind="handle")
    assert case.state == "handling"
    assert clock.due_at == suspend_at + timedelta(days=30, minutes=90)


def test_redo_after_closing_goes_to_dispatch_with_a_new_clock(town: Town) -> None:
    case = town.to_state("closed")
    closing.redo(case, town.doing(case, "shift_lead", note="居民反映未解决"))
    case = town.to_state("handling", Case.objects.get(pk=case.pk), NOW + timedelta(days=1))
    assert case.redos == 1
    assert sorted(Clock.objects.filter(case=case, kind="handle").values_list("verdict", flat=True)) == ["", "on_time"]
    assert Part.objects.filter(case=case).count() == 2


def test_a_callback_asks_solved_and_satisfied_apart_and_wants_a_reason_for_no(town: Town) -> None:
    case = town.to_state("closed")
    report = town.first_report(case)
    answer: dict[str, Any] = {"report": report, "reached": True, "satisfaction": "dissatisfied", "solved": False}
    with pytest.raises(MissingEvidenceError):
        closing.callback(case, town.doing(case, "operator"), **answer)
    closing.callback(case, town.doing(case, "operator", note="井盖颜色不一致"), **answer)
    assert Callback.objects.get(case=case).solved is False


def test_merging_moves_the_reports_and_counts_them(town: Town) -> None:
    first, second = town.report(), town.report("井盖没了")
    filing.merge(second, town.doing(second, "operator"), into=first)
    assert Case.objects.get(pk=first.pk).report_count == 2
    assert first.reports.count() == 2
    assert Case.objects.get(pk=second.pk).state == "merged"


def test_two_merges_into_one_case_both_count(town: Town) -> None:
    first, second, third = town.report(), town.report("井盖没了"), town.report("井盖不见了")
    read_before = Case.objects.get(pk=first.pk)
    filing.merge(second, town.doing(second, "operator"), into=first)
    filing.merge(third, town.doing(third, "operator"), into=read_before)
    assert Case.objects.get(pk=first.pk).report_count == 3


def test_a_case_is_not_merged_into_itself(town: Town) -> None:
    case = town.report()
    with pytest.raises(IllegalStep):
        filing.merge(case, town.doing(case, "operator"), into=Case.objects.get(pk=case.pk))


def test_void_ends_tasks_and_clocks_unjudged(town: Town) -> None:
    case = town.to_state("verifying")
    town.grant(case, "void", "operator")
    assert not FieldTask.objects.open().exists()
    # receiving it was in time; what was cut short is not judged
    assert dict(Clock.objects.filter(case=case).values_list("kind", "verdict")) == {
        "accept": "on_time",
        "verify": "dropped",
    }


def test_the_app_role_cannot_rewrite_the_log(town: Town) -> None:
    case = town.report()
    for change in (
        "UPDATE dispatch_step SET reason_code = 'x'",
        "DELETE FROM dispatch_step",
        "DELETE FROM dispatch_event",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
    assert case.steps.count() == 1


def test_a_step_holds_no_words_of_people(town: Town) -> None:
    case = town.to_state("reply_review")
    for step in case.steps.all():
        assert "王女士" not in str(step.facts)
        assert "已更换井盖" not in str(step.facts)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_act_at_the_same_moment_one_wins_and_one_is_told() -> None:
    town = build_town()
    case = town.to_state("to_file")
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def act(note: str) -> None:
        mine = Case.objects.get(pk=case.pk)
        doing = town.doing(mine, "shift_lead", note=note)
        barrier.wait(10)
        try:
            (filing.file if note == "file" else filing.decline)(mine, doing)
            outcomes.append(f"{note} won")
        except (StaleStepError, IllegalStep) as error:
            outcomes.append(f"told: {type(error).__name__}")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(note,)) for note in ("file", "decline")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes)[1] == "told: StaleStepError"
    assert Step.objects.filter(case=case, version=4).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_operation_sent_twice_at_once_makes_one_step() -> None:
    town = build_town()
    case = town.to_state("to_file")
    doing = replace(town.doing(case, "shift_lead"), operation=uuid.uuid4())
    barrier = threading.Barrier(2)
    steps: list[int] = []

    def act() -> None:
        mine = Case.objects.get(pk=case.pk)
        barrier.wait(10)
        try:
            steps.append(filing.file(mine, doing).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(steps) == 2
    assert len(set(steps)) == 1
