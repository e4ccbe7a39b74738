"""Repeats on real cases: found, linked, kept apart, merged, unmerged, and the suspended case that comes back."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dispatch.actions import filing, repeating
from dispatch.intake import Caller, analyse
from dispatch.lifecycle import NotAllowedError, StaleStepError
from dispatch.models import Case, CaseLink, Report
from dispatch.repeats import asked_of, repeats
from dispatch.transitions import IllegalStep
from tests.town import NOW, Town, at

DAY = timedelta(days=1)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def found(case: Case, when: Any = NOW) -> list[Case]:
    return [r.case for r in repeats(asked_of(fresh(case)), when)]


def test_the_likelier_one_comes_first(town: Town) -> None:
    far = town.report(point=at(85, 50), when=NOW - 3 * DAY)
    near = town.report(point=at(51, 50), when=NOW - DAY)
    assert found(town.report()) == [near, far] or found(town.report())[0] == near


def test_the_same_caller_is_known_by_the_number(town: Town) -> None:
    earlier = town.report(when=NOW - DAY)
    codes = [why["code"] for why in repeats(asked_of(fresh(town.report())), NOW)[0].why]
    assert earlier.pk
    assert "same_caller" in codes
    typed = analyse("西仓路上水井盖丢失", at=NOW, point=at(50, 50), phone="13900000001").repeats
    assert "same_caller" in [why["code"] for why in typed[0].why]


def test_what_a_person_kept_apart_is_never_proposed_again(town: Town) -> None:
    earlier, later = town.report(when=NOW - DAY), town.report()
    assert earlier in found(later)
    repeating.keep_apart(later, town.doing(later, "operator"), other=earlier)
    assert earlier not in found(later)
    assert later not in found(earlier)


def test_a_link_has_no_direction_and_one_word(town: Town) -> None:
    one, other = town.report(), town.report()
    repeating.link(other, town.doing(other, "operator"), other=one)
    repeating.keep_apart(one, town.doing(one, "operator"), other=other)
    link = CaseLink.objects.get()
    assert (link.first, link.second, link.kind) == (one, other, "apart")
    assert list(CaseLink.objects.others_of(one)) == [other.pk]


def test_a_case_is_nothing_to_itself(town: Town) -> None:
    case = town.report()
    for action in (repeating.link, repeating.keep_apart):
        with pytest.raises(IllegalStep):
            action(case, town.doing(case, "operator"), other=fresh(case))


def test_heard_again_without_anything_new_ends_and_still_counts(town: Town) -> None:
    first, again = town.report(when=NOW - DAY), town.report("井盖还没装")
    repeating.repeat(again, town.doing(again, "operator", note="已派自来水公司处理"), first=first)
    assert (fresh(again).state, again.steps.latest("version").reason_code) == ("declined", "nothing_new")
    assert CaseLink.objects.get().kind == "repeat"


def test_unmerge_brings_back_the_reports_that_came_and_no_others(town: Town) -> None:
    first, second, third = town.report(), town.report("井盖没了"), town.report("井盖不见了")
    filing.merge(second, town.doing(second, "operator"), into=first)
    filing.merge(third, town.doing(third, "operator"), into=fresh(first))
    second = fresh(second)
    repeating.unmerge(second, town.doing(second, "shift_lead", note="是另一口井"))
    assert (fresh(first).report_count, fresh(second).report_count, fresh(second).state) == (2, 1, "received")
    assert fresh(second).merged_into is None
    assert [r.case_id for r in Report.objects.order_by("pk")] == [first.pk, second.pk, first.pk]


@pytest.mark.parametrize("ending", ["merge", "decline"])
def test_nothing_is_merged_into_a_case_that_has_ended(town: Town, ending: str) -> None:
    first, second, third = town.report(), town.report("井盖没了"), town.report("井盖不见了")
    read_before = fresh(first)
    if ending == "merge":
        filing.merge(first, town.doing(first, "operator"), into=second)
    else:
        filing.decline(first, town.doing(first, "operator", note="不在范围"), reason_code="outside_area")
    for case in (second, third):
        with pytest.raises(StaleStepError):
            filing.merge(fresh(case), town.doing(fresh(case), "operator"), into=read_before)
        assert fresh(case).state == "received"
        assert Report.objects.filter(case=case).count() == case.report_count + (case == second and ending == "merge")


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_merge_a_pair_both_ways_one_wins(town: Town) -> None:
    first, second = town.report(), town.report("井盖没了")
    barrier, outcomes = threading.Barrier(2), []

    def act(case: Case, into: Case) -> None:
        mine, other = fresh(case), fresh(into)
        barrier.wait(10)
        try:
            filing.merge(mine, town.doing(mine, "operator"), into=other)
            outcomes.append("won")
        except StaleStepError:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["told", "won"]
    held = Case.objects.get(state="received")
    assert Report.objects.filter(case=held).count() == held.report_count == 2


def test_only_the_lead_unmerges(town: Town) -> None:
    first, second = town.report(), town.report("井盖没了")
    filing.merge(second, town.doing(second, "operator"), into=first)
    with pytest.raises(NotAllowedError):
        repeating.unmerge(fresh(second), town.doing(fresh(second), "operator", note="误并"))


def suspended(town: Town, before: timedelta = 140 * DAY) -> Case:
    case = town.to_state("to_dispatch", when=NOW - before)
    town.grant(case, "suspension", when=NOW - before + DAY, reason_code="demolition")
    return fresh(case)


def test_a_report_at_the_place_of_a_suspended_case_reopens_it_with_one_click(town: Town) -> None:
    old, new = suspended(town), town.report("西仓路井盖还是没有")
    assert found(new) == [old]
    doing = town.doing(new, "operator")
    step = repeating.join(new, doing, into=old)
    assert repeating.join(fresh(new), doing, into=fresh(old)) == step  # a second press
    assert (fresh(old).state, fresh(old).report_count, fresh(old).review_on) == ("to_dispatch", 2, None)
    assert (fresh(new).state, fresh(new).merged_into) == ("merged", old)
    assert [s.action for s in old.steps.order_by("version")][-1] == "reopen"


def test_a_new_case_past_filing_reopens_the_old_one_and_is_linked(town: Town) -> None:
    old, new = suspended(town), town.to_state("handling")
    with pytest.raises(NotAllowedError):
        repeating.reopen_with(new, town.doing(new, "inspector"), old=old)
    repeating.reopen_with(new, town.doing(new, "operator"), old=fresh(old))
    assert (fresh(old).state, fresh(new).state) == ("to_dispatch", "handling")
    assert CaseLink.objects.get().kind == "linked"


def test_somebody_who_resumed_it_first_wins(town: Town) -> None:
    from dispatch.actions import petitions

    old, new = suspended(town), town.report()
    read = fresh(old)
    petitions.resume(old, town.doing(old, "dispatcher", note="住户未搬"))
    with pytest.raises(StaleStepError):
        repeating.reopen_with(new, town.doing(new, "operator"), old=read)
    assert fresh(new).state == "received"


def test_three_callers_of_one_merged_case_are_all_called_and_orders_from_above_keep_their_number(town: Town) -> None:
    first = town.report()
    for number in (2, 3):
        caller = Caller(name=f"{number}先生", phone=f"1390000000{number}")
        other = town.report("井盖没了", caller=caller, external_ref=f"SZ-{number}")
        filing.merge(other, town.doing(other, "operator"), into=fresh(first))
    case = town.to_state("closed", fresh(first))
    waiting = Report.objects.awaiting_callback().filter(case=case)
    assert sorted(waiting.values_list("external_ref", flat=True)) == ["", "SZ-2", "SZ-3"]
