"""Petitions on real cases: asked by one, decided by another, and what a grant does."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from desks.heldback import held_back
from dispatch.actions import closing, handling, looking, petitions
from dispatch.lifecycle import MissingEvidenceError, NotAllowedError, move
from dispatch.models import Case, Clock, FieldTask, Petition
from dispatch.petitions import PetitionRefused
from dispatch.transitions import Action, IllegalStep
from tests.town import NOW, Town, at

HOUR = timedelta(hours=1)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def clock_of(case: Case) -> Clock:
    return Clock.objects.filter(case=case, kind="handle").latest("started_at")


def decide(town: Town, case: Case, role: str, petition: Petition, *, agrees: bool = True, note: str = "意见") -> Any:
    return petitions.decide(
        case, town.doing(case, role, NOW + 2 * HOUR, note), petition=fresh_petition(petition), agrees=agrees
    )


def fresh_petition(petition: Petition) -> Petition:
    return Petition.objects.get(pk=petition.pk)


def test_a_granted_extension_moves_the_due_time_and_a_refused_one_does_not(town: Town) -> None:
    case = town.to_state("handling")
    due = clock_of(case).due_at
    wish: dict[str, Any] = {"reason_code": "complex", "amount": 1, "unit": "urgent_hour"}
    petition = town.petition(case, "extension", "handler", NOW + HOUR, **wish)
    assert clock_of(case).due_at == due
    decide(town, case, "dispatcher", petition, agrees=False)
    assert (clock_of(case).due_at, fresh_petition(petition).state) == (due, "refused")
    again = town.petition(case, "extension", "handler", NOW + HOUR, **wish)
    decide(town, case, "dispatcher", again)
    assert clock_of(case).due_at == due + HOUR
    assert (fresh(case).state, fresh_petition(again).state) == ("handling", "granted")


def test_an_extension_that_breaks_a_rule_leaves_no_step(town: Town) -> None:
    case = town.to_state("handling")
    steps = case.steps.count()
    with pytest.raises(PetitionRefused, match="too_long"):
        town.petition(case, "extension", "handler", NOW + HOUR, amount=3, unit="urgent_hour")
    with pytest.raises(PetitionRefused, match="late"):
        town.petition(fresh(case), "extension", "handler", NOW + 9 * HOUR, amount=1, unit="urgent_hour")
    assert (case.steps.count(), Petition.objects.count()) == (steps, 0)


def test_a_petition_is_not_asked_twice_at_once(town: Town) -> None:
    case = town.to_state("handling")
    town.petition(case, "suspension", "handler")
    with pytest.raises(PetitionRefused, match="pending"):
        town.petition(case, "suspension", "dispatcher")


def test_who_asks_does_not_decide(town: Town) -> None:
    case = town.to_state("to_dispatch")
    petition = town.petition(case, "suspension", "dispatcher")
    with pytest.raises(PetitionRefused, match="same_person"):
        decide(town, case, "dispatcher", petition)
    decide(town, fresh(case), "shift_lead", petition)
    assert fresh(case).state == "suspended"


def test_a_suspension_keeps_its_reason_and_review_date_until_it_ends(town: Town) -> None:
    case = town.to_state("handling")
    town.grant(case, "suspension", reason_code="no_owner", review_on=date(2027, 2, 1))
    held = fresh(case)
    assert (held.state, held.review_on, held.unsolved) == ("suspended", date(2027, 2, 1), "no_owner")
    assert clock_of(case).paused_at is not None
    petitions.resume(held, town.doing(held, "dispatcher", NOW + 9 * HOUR, "居民未搬迁"))
    free = fresh(case)
    assert (free.state, free.review_on, free.unsolved, clock_of(case).paused_at) == ("handling", None, "", None)


def test_a_renewal_needs_a_look_on_site_since_the_suspension(town: Town) -> None:
    case = town.to_state("to_dispatch")
    town.grant(case, "suspension", when=NOW + HOUR)
    with pytest.raises(PetitionRefused, match="recheck"):
        town.petition(fresh(case), "renewal", "dispatcher", NOW + 3 * HOUR)
    case = fresh(case)
    looking.order_recheck(case, town.doing(case, "dispatcher", NOW + 4 * HOUR), inspector=town.people["inspector"])
    doing = town.doing(case, "inspector", NOW + 5 * HOUR, "多数住户未搬")
    task = town.task(case, "recheck")
    looking.look(case, doing, task=task, result=FieldTask.Result.STILL, photos=[town.photo()], point=at(50, 50))
    town.grant(case, "renewal", when=NOW + 6 * HOUR, review_on=date(2027, 5, 1))
    assert (fresh(case).state, fresh(case).review_on) == ("suspended", date(2027, 5, 1))
    with pytest.raises(PetitionRefused, match="recheck"):  # the look was before this renewal
        town.petition(fresh(case), "renewal", "dispatcher", NOW + 7 * HOUR)


def test_the_return_of_the_leading_agency_takes_the_case_back_unjudged(town: Town) -> None:
    case = town.to_state("handling")
    town.grant(case, "back", "handler", "dispatcher", to_agency=town.office)
    back = fresh(case)
    assert (back.state, back.returns, back.hard) == ("to_dispatch", 1, False)
    assert clock_of(case).verdict == "dropped"


def test_the_third_return_makes_a_case_hard(town: Town) -> None:
    case = town.to_state("handling")
    for turn in range(3):
        town.grant(case, "back", "handler", "dispatcher", when=NOW + turn * HOUR)
        assert fresh(case).hard == (turn == 2)
        if turn < 2:
            doing = town.doing(case, "dispatcher", NOW + turn * HOUR)
            handling.dispatch_case(case, doing, to=[handling.Assignment(town.water)])


def joint(town: Town) -> Case:
    """The street office leads, the water company helps."""
    case = town.to_state("to_dispatch")
    to = [handling.Assignment(town.office), handling.Assignment(town.water)]
    handling.dispatch_case(case, town.doing(case, "dispatcher", NOW + HOUR), to=to)
    return case


def test_the_return_of_a_helping_agency_leaves_the_case_with_the_leading_one(town: Town) -> None:
    case = joint(town)
    town.grant(case, "back", "handler", "dispatcher", when=NOW + 2 * HOUR)
    assert fresh(case).state == "handling"
    assert [part.agency for part in handling.live_parts(case)] == [town.office]


def test_the_last_open_part_that_is_returned_lets_the_answered_case_go_on(town: Town) -> None:
    case = joint(town)
    part = case.parts.get(agency=town.office)
    part.stage = "replied"
    part.handled_at = NOW + HOUR
    part.save()
    town.grant(case, "back", "handler", "dispatcher", when=NOW + 2 * HOUR)
    assert fresh(case).state == "reply_review"


def test_a_petition_lapses_when_the_case_goes_on_without_it(town: Town) -> None:
    case = town.to_state("handling")
    petition = town.petition(case, "suspension", "handler")
    town.to_state("reply_review", fresh(case), NOW + HOUR)
    assert fresh_petition(petition).state == "lapsed"
    with pytest.raises(IllegalStep):
        decide(town, fresh(case), "shift_lead", petition)


def test_only_the_asker_withdraws_and_then_may_ask_again(town: Town) -> None:
    case = town.to_state("handling")
    petition = town.petition(case, "suspension", "handler")
    with pytest.raises(NotAllowedError):
        petitions.withdraw(case, town.doing(case, "dispatcher"), petition=petition)
    petitions.withdraw(case, town.doing(case, "handler"), petition=petition)
    assert fresh_petition(petition).state == "withdrawn"
    assert town.petition(case, "suspension", "handler").state == "pending"


def test_void_is_asked_and_decided_by_two_people(town: Town) -> None:
    case = town.report()
    petition = town.petition(case, "void", "operator", reason_code="mistake")
    decide(town, case, "shift_lead", petition)
    assert (fresh(case).state, case.steps.latest("version").reason_code) == ("void", "mistake")


def test_nobody_voids_without_a_petition(town: Town) -> None:
    case = town.report()
    with pytest.raises(MissingEvidenceError), transaction.atomic():
        move(case, Action.VOID, town.doing(case, "shift_lead", note="重复录入"))


def late_case(town: Town) -> Case:
    case = town.to_state("handling")
    return town.to_state("closed", case, NOW + 5 * HOUR)


def test_a_contest_needs_two_reviews_exempts_and_leaves_the_fact(town: Town) -> None:
    case = late_case(town)
    petition = town.petition(case, "contest", "handler", NOW + 30 * HOUR, reason_code="force")
    decide(town, case, "dispatcher", petition)
    assert (fresh_petition(petition).state, clock_of(case).exempt_at) == ("pending", None)
    with pytest.raises(PetitionRefused, match="same_person"):
        decide(town, fresh(case), "dispatcher", petition)
    with pytest.raises(PetitionRefused, match="decider"):
        decide(town, fresh(case), "shift_lead", petition)
    decide(town, fresh(case), "manager", petition)
    clock = clock_of(case)
    assert (fresh_petition(petition).state, clock.verdict) == ("granted", "overdue")
    assert clock.exempt_at is not None
    assert fresh(case).state == "closed"


def test_somebody_who_was_on_time_has_nothing_to_contest(town: Town) -> None:
    case = town.to_state("closed")
    with pytest.raises(PetitionRefused, match="on_time"):
        town.petition(case, "contest", "handler", NOW + 30 * HOUR)


def test_a_transfer_is_only_suggested_and_the_clock_waits_for_the_word_from_above(town: Town) -> None:
    case = town.to_state("handling")
    petition = town.petition(case, "transfer", "handler", NOW + HOUR, reason_code="outside_duty")
    assert clock_of(case).paused_at is not None
    decide(town, case, "shift_lead", petition, agrees=False)
    assert clock_of(case).paused_at is None
    second = town.petition(fresh(case), "transfer", "handler", NOW + 3 * HOUR, reason_code="outside_duty")
    decide(town, fresh(case), "shift_lead", second)
    assert (fresh(case).state, fresh(case).unsolved) == ("transferred", "outside_duty")
    assert clock_of(case).verdict == "dropped"


def test_a_case_sent_back_before_closing_goes_to_its_agency_or_to_dispatch(town: Town) -> None:
    case = town.to_state("to_close")
    looking.send_back(case, town.doing(case, "shift_lead", NOW + 2 * HOUR, "照片不清"))
    assert fresh(case).state == "handling"
    own = town.to_state("verifying")
    doing = town.doing(own, "inspector", NOW + HOUR, "已把井盖复位")
    looking.self_handled(own, doing, task=town.task(own, "verify"), photos=[town.photo()], point=at(50, 50))
    assert (fresh(own).state, fresh(own).filed_at) == ("to_close", NOW + HOUR)
    looking.send_back(own, town.doing(own, "shift_lead", NOW + 2 * HOUR, "仍有缝隙"))
    assert fresh(own).state == "to_dispatch"


def test_what_an_inspector_mends_on_the_spot_is_audited_and_closed(town: Town) -> None:
    case = town.to_state("verifying")
    with pytest.raises(MissingEvidenceError):
        looking.self_handled(
            case, town.doing(case, "inspector"), task=town.task(case, "verify"), photos=[town.photo()], point=at(50, 50)
        )
    doing = town.doing(case, "inspector", NOW + HOUR, "已把井盖复位")
    looking.self_handled(case, doing, task=town.task(case, "verify"), photos=[town.photo()], point=at(50, 50))
    closing.close(case, town.doing(case, "shift_lead", NOW + 2 * HOUR))
    assert fresh(case).state == "closed"
    assert not FieldTask.objects.open().exists()


def test_a_survey_before_dispatch_brings_words_and_photos_and_moves_nothing(town: Town) -> None:
    case = town.to_state("to_dispatch")
    looking.order_survey(case, town.doing(case, "dispatcher"), inspector=town.people["inspector"])
    doing = town.doing(case, "inspector", NOW + HOUR, "井盖属燃气公司")
    looking.look(
        case, doing, task=town.task(case, "survey"), result="surveyed", photos=[town.photo()], point=at(50, 50)
    )
    assert fresh(case).state == "to_dispatch"
    assert case.steps.latest("version").remark.text == "井盖属燃气公司"


def test_a_dispatch_calls_off_a_survey_that_is_still_open(town: Town) -> None:
    case = town.to_state("to_dispatch")
    looking.order_survey(case, town.doing(case, "dispatcher"))
    handling.dispatch_case(case, town.doing(case, "dispatcher"), to=[handling.Assignment(town.water)])
    assert not FieldTask.objects.open().exists()


def test_one_look_of_a_kind_at_a_time(town: Town) -> None:
    case = town.to_state("to_dispatch")
    looking.order_survey(case, town.doing(case, "dispatcher"))
    with pytest.raises(IllegalStep), transaction.atomic():
        looking.order_survey(case, town.doing(case, "dispatcher"))
    assert FieldTask.objects.open().filter(case=case).count() == 1
    assert fresh(case).steps.filter(action=Action.ORDER_SURVEY).count() == 1
    held = held_back(fresh(case), town.people["dispatcher"], [Action.ORDER_SURVEY, Action.DISPATCH])
    assert list(held) == [Action.ORDER_SURVEY]
    assert "还没有完成" in held[Action.ORDER_SURVEY]
