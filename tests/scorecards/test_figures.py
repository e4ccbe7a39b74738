"""Figures over cases that were played through the real actions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.actions import closing
from dispatch.models import Case, Clock
from scorecards.figures import behind, members, tally
from scorecards.formulas import COUNT
from scorecards.periods import Month
from tests.scorecards import play
from tests.scorecards.play import HOUR, NOVEMBER, figures, question
from tests.town import NOW, Town

ON_TIME = {"dispatched", "due", "handled", "on_time", "closed", "closed_on_time", "closed_in_month"}
LATE = (ON_TIME | {"late"}) - {"on_time", "closed_on_time"}


def ones(keys: set[str]) -> dict[str, int]:
    return dict.fromkeys(keys, 1)


def test_a_case_closed_in_time_counts_in_all_that_is_good(town: Town) -> None:
    town.to_state("closed")
    assert figures(town) == ones(ON_TIME)


def test_a_late_reply_is_handled_and_closed_but_not_on_time(town: Town) -> None:
    play.late(town)
    assert figures(town) == ones(LATE)


def test_an_unanswered_part_is_due_only_once_its_time_is_over(town: Town) -> None:
    due_at = Clock.objects.get(case=town.to_state("handling"), kind="handle").due_at
    assert figures(town, question(due_at)) == ones({"dispatched", "unhandled"})
    late = figures(town, question(due_at + timedelta(seconds=1)))
    assert late == ones({"dispatched", "unhandled", "due", "overdue"})


def test_a_reply_that_waits_for_its_check_stands_as_given(town: Town) -> None:
    town.to_state("checking")
    assert figures(town) == ones({"dispatched", "due", "handled", "on_time"})


def test_a_rework_is_judged_by_the_accepted_handling_and_counted(town: Town) -> None:
    play.reworked(town)
    assert figures(town) == ones(ON_TIME | {"reworked"})


def test_a_granted_extension_counts_and_moves_the_due_time(town: Town) -> None:
    play.extended(town)
    assert figures(town) == ones(ON_TIME | {"extended"})


def test_a_redo_leaves_the_earlier_handling_as_it_was_judged(town: Town) -> None:
    play.redone(town)
    assert figures(town) == ones((ON_TIME | {"redone"}) - {"closed_in_month"})


def test_a_redone_case_counts_again_with_its_new_clock(town: Town) -> None:
    town.to_state("closed", play.redone(town), NOW + 7 * HOUR)
    counts = figures(town)
    assert (counts["dispatched"], counts["due"], counts["on_time"], counts["closed"]) == (2, 2, 2, 2)
    assert (counts["redone"], counts["closed_in_month"]) == (1, 1)


def test_a_returned_part_is_not_judged(town: Town) -> None:
    play.returned(town)
    assert figures(town) == ones({"dispatched", "returned"})


def test_a_void_case_counts_nowhere_unless_the_switch_says_so(town: Town) -> None:
    play.void(town)
    assert figures(town) == {}
    assert figures(town, question(void_counts=True)) == ones({"dispatched"})


def test_a_suspended_part_is_in_the_denominator_only_by_switch(town: Town) -> None:
    play.suspended(town)
    assert figures(town) == ones({"dispatched", "suspended"})
    counted = figures(town, question(suspended_counts=True))
    assert counted == ones({"dispatched", "suspended", "unhandled", "due", "overdue"})


def test_each_agency_of_a_joint_case_counts_its_own_part(town: Town) -> None:
    play.joint(town)
    counts = tally(question())
    assert figures(town) == ones({"dispatched", "due", "handled", "on_time"})
    office = {key for key, number in counts[town.office.pk].items() if number}
    assert office == {"dispatched", "due", "unhandled", "overdue"}


def test_a_matter_has_to_be_contacted_and_reached(town: Town) -> None:
    play.matter(town)
    play.matter(town, contacted=False)
    counts = figures(town)
    assert (counts["contact_due"], counts["contacted"]) == (2, 1)


@pytest.mark.parametrize(
    ("satisfaction", "solved", "keys"),
    [
        ("satisfied", True, {"called", "answered", "satisfied", "solved"}),
        ("satisfied", False, {"called", "answered", "satisfied"}),
        ("fair", True, {"called", "answered", "satisfied", "solved"}),
        ("dissatisfied", False, {"called", "answered", "dissatisfied"}),
        ("", None, {"called"}),
    ],
)
def test_a_callback_counts_what_the_resident_said(
    town: Town, satisfaction: str, solved: bool | None, keys: set[str]
) -> None:
    play.call(town, town.to_state("closed"), satisfaction, solved=solved)
    assert figures(town) == ones(ON_TIME | keys)


def test_fair_is_not_satisfied_where_the_switch_says_so(town: Town) -> None:
    play.call(town, town.to_state("closed"), "fair")
    assert "satisfied" not in figures(town, question(fair_counts=False))


def test_the_last_answer_of_a_report_stands_and_a_vain_attempt_never_replaces_it(town: Town) -> None:
    case = town.to_state("closed")
    play.call(town, case, "", when=NOW + 5 * HOUR)
    play.call(town, case, "dissatisfied", when=NOW + 6 * HOUR)
    last = play.call(town, case, "satisfied", when=NOW + 7 * HOUR)
    play.call(town, case, "", when=NOW + 8 * HOUR)
    assert figures(town) == ones(ON_TIME | {"called", "answered", "satisfied", "solved"})
    assert [row.callback for row in behind("satisfied", question())] == [last.pk]  # type: ignore[attr-defined]


def test_a_callback_answers_for_the_handling_before_it_not_for_a_redo(town: Town) -> None:
    case = town.to_state("closed")
    play.call(town, case, "dissatisfied")
    case = Case.objects.get(pk=case.pk)
    closing.redo(case, town.doing(case, "shift_lead", NOW + 6 * HOUR, "重办"))
    case = town.to_state("closed", Case.objects.get(pk=case.pk), NOW + 7 * HOUR)
    play.call(town, case, "satisfied", when=NOW + 10 * HOUR)
    counts = figures(town)
    assert (counts["called"], counts["dissatisfied"], counts["satisfied"]) == (2, 1, 1)


def test_a_month_ends_at_midnight_of_the_citys_zone(town: Town) -> None:
    # dispatched 23:30 on 30 November in Shanghai, due 01:30 on 1 December
    town.to_state("handling", when=datetime(2026, 11, 30, 14, 50, tzinfo=UTC))
    later = datetime(2026, 12, 20, tzinfo=UTC)
    assert figures(town, question(later)) == ones({"dispatched"})
    december = question(later, Month(2026, 12))
    assert figures(town, december) == ones({"unhandled", "due", "overdue"})


def test_every_count_equals_the_length_of_its_list_and_its_members(town: Town) -> None:
    play.everything(town)
    others: dict[str, Any] = {"suspended_counts": True, "void_counts": True, "fair_counts": False}
    for rules in ({}, others):
        asked = question(**rules)
        counts = tally(asked)
        assert {key for agency in counts.values() for key, number in agency.items() if number} >= play.ALL_KEYS - {
            "provisional"
        }
        found = list(members(asked))
        for agency, figures_of_agency in counts.items():
            for key in COUNT:
                assert figures_of_agency[key] == len(behind(key, asked, agency)), (key, agency)
                assert figures_of_agency[key] == sum(m.agency == agency and key in m.figures for m in found)


def test_identities_between_the_counts_hold(town: Town) -> None:
    play.everything(town)
    for counts in tally(question()).values():
        assert counts["due"] == counts["handled"] + counts["overdue"]
        assert counts["handled"] == counts["on_time"] + counts["late"]
        assert counts["closed"] <= counts["handled"]


def test_a_month_takes_one_statement_however_many_agencies_and_cases(town: Town) -> None:
    with CaptureQueriesContext(connection) as queries:
        tally(question())
        list(members(question()))
    play.everything(town)
    with CaptureQueriesContext(connection) as more:
        tally(question())
        list(members(question()))
    assert len(queries) == len(more) == 2


def test_another_month_has_none_of_it(town: Town) -> None:
    play.everything(town)
    assert tally(question(month=NOVEMBER.previous)) == {}
