"""What may be asked for: the pure rules, one at a time and at their edges."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from dispatch.petitions import KINDS, Asking, PetitionRefused, check_asking, check_deciding
from dispatch.profile import Petitions
from people.permissions import Role

TODAY = date(2026, 11, 18)
RULES = Petitions()
HOUR = 3600.0
EXTENSION = Asking("extension", TODAY, {Role.HANDLER}, used=HOUR, limit=8 * HOUR, asked=8 * HOUR)
SUSPENSION = Asking("suspension", TODAY, {Role.DISPATCHER}, review_on=TODAY + timedelta(days=90))
RETURN = Asking("back", TODAY, {Role.HANDLER}, reason_code="wrong_agency")


def refusal(asking: Asking, rules: Petitions = RULES) -> str:
    """The code with which a petition is refused; empty where it may be asked."""
    try:
        check_asking(asking, rules)
    except PetitionRefused as error:
        return error.code
    return ""


def with_rule(kind: str, **changes: Any) -> Petitions:
    return msgspec.structs.replace(RULES, **{kind: msgspec.structs.replace(getattr(RULES, kind), **changes)})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"used": 8 * HOUR}, ""),  # the last second of the limit is inside it
        ({"used": 8 * HOUR + 1}, "late"),
        ({"used": 8 * HOUR + 1, "extended": HOUR, "granted": 1}, ""),  # inside the prolonged limit
        ({"asked": 8 * HOUR + 1}, "too_long"),
        ({"granted": 2}, "too_often"),
        ({"granted": 1, "extended": 8 * HOUR}, ""),  # each as long as the limit
        ({"roles": {Role.DISPATCHER}}, "asker"),
    ],
)
def test_an_extension_is_asked_inside_the_limit_twice_at_most_and_not_for_longer(
    change: dict[str, Any], code: str
) -> None:
    assert refusal(replace(EXTENSION, **change)) == code


def test_extensions_may_have_to_fit_the_limit_all_together() -> None:
    rules = with_rule("extension", share_in_total=True)
    assert refusal(replace(EXTENSION, granted=1, extended=5 * HOUR, asked=3 * HOUR), rules) == ""
    assert refusal(replace(EXTENSION, granted=1, extended=5 * HOUR, asked=3 * HOUR + 1), rules) == "too_long"


def test_a_place_may_allow_extensions_after_the_limit_or_none_at_all() -> None:
    late = replace(EXTENSION, used=20 * HOUR)
    assert refusal(late, with_rule("extension", inside_only=False)) == ""
    assert refusal(late, with_rule("extension", on=False)) == "off"


def test_a_second_extension_may_need_a_stamped_form() -> None:
    rules = with_rule("extension", form_from=2)
    assert refusal(EXTENSION, rules) == ""
    assert refusal(replace(EXTENSION, granted=1), rules) == "form"
    assert refusal(replace(EXTENSION, granted=1, has_form=True), rules) == ""


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "review_past"), (0, "review_past"), (1, ""), (365, ""), (366, "review_far")]
)
def test_a_suspension_has_a_review_date_within_a_year(days: int, code: str) -> None:
    assert refusal(replace(SUSPENSION, review_on=TODAY + timedelta(days=days))) == code


def test_a_renewal_counts_from_the_first_day_and_needs_a_look_on_site() -> None:
    renewal = replace(SUSPENSION, kind="renewal", suspended_on=TODAY - timedelta(days=300), rechecked=True)
    assert refusal(replace(renewal, review_on=TODAY + timedelta(days=65))) == ""
    assert refusal(replace(renewal, review_on=TODAY + timedelta(days=66))) == "review_far"
    assert refusal(replace(renewal, review_on=TODAY + timedelta(days=65), rechecked=False)) == "recheck"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"reason_code": "unclear_duty"}, "form"),
        ({"reason_code": "unclear_duty", "has_form": True}, ""),
        ({"window_over": True}, "window"),
    ],
)
def test_a_return_is_for_wrong_dispatch_or_with_a_stamped_form_and_in_its_window(
    change: dict[str, Any], code: str
) -> None:
    assert refusal(replace(RETURN, **change)) == code


def test_only_who_was_late_has_something_to_contest_and_only_once() -> None:
    contest = Asking("contest", TODAY, {Role.HANDLER}, overdue=True)
    assert refusal(contest) == ""
    assert refusal(replace(contest, overdue=False)) == "on_time"
    assert refusal(replace(contest, granted=1)) == "too_often"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_rule_and_its_levels_in_turn(kind: str) -> None:
    levels = getattr(RULES, KINDS[kind].rule).decide
    for level, roles in enumerate(levels):
        last = check_deciding(kind, RULES, level=level, roles={roles[0]}, same_person=False, apart=True)
        assert last == (level == len(levels) - 1)
        with pytest.raises(PetitionRefused, match="decider"):
            check_deciding(kind, RULES, level=level, roles={Role.INSPECTOR}, same_person=False, apart=True)


def test_who_asks_does_not_decide_unless_the_place_is_a_small_team() -> None:
    asked: dict[str, Any] = {"level": 0, "roles": {Role.SHIFT_LEAD}, "same_person": True}
    with pytest.raises(PetitionRefused, match="same_person"):
        check_deciding("void", RULES, apart=True, **asked)
    assert check_deciding("void", RULES, apart=False, **asked)
