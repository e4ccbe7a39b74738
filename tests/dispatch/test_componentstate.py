"""What a case writes about its component: only what somebody has seen and said."""

import pytest

from dispatch.actions import closing, filing
from dispatch.componentstate import states_said
from dispatch.models import Case, FieldTask
from gridmap.models import Component, ComponentChange
from tests.town import Town, at


def state(town: Town) -> str:
    return Component.objects.get(pk=town.component.pk).state


def verified(town: Town, seen: str) -> Case:
    """A case about the town's cover, verified by the inspector who says what state it is in."""
    case = town.to_state("verifying", town.report(component=town.component))
    filing.verify(
        case,
        town.doing(case, "inspector", note="王女士说的没错"),
        task=town.task(case, "verify"),
        result=FieldTask.Result.CONFIRMED,
        photos=[town.photo()],
        point=at(52, 50),
        component_state=seen,
    )
    return Case.objects.get(pk=case.pk)


def checked(town: Town, case: Case, *, passed: bool, seen: str = "") -> Case:
    case = town.to_state("checking", case)
    closing.check_result(
        case,
        town.doing(case, "inspector", note="看过"),
        task=town.task(case, "check"),
        passed=passed,
        photos=[town.photo("blue")],
        point=at(50, 50),
        component_state=seen,
    )
    return Case.objects.get(pk=case.pk)


def test_the_text_alone_changes_nothing(town: Town) -> None:
    town.to_state("to_file", town.report("上水井盖丢失", component=town.component))
    assert state(town) == "intact"
    assert not ComponentChange.objects.exists()


def test_what_the_inspector_has_seen_is_written_with_who_when_and_the_case(town: Town) -> None:
    case = verified(town, "missing")
    change = ComponentChange.objects.get()
    assert state(town) == "missing"
    assert (change.from_state, change.to_state, change.cause) == ("intact", "missing", "verified")
    assert (change.by, change.reference) == (town.people["inspector"], case.number)


def test_no_words_of_people_get_into_the_history(town: Town) -> None:
    verified(town, "missing")
    change = ComponentChange.objects.get()
    assert (change.why, change.values) == ("", {})


def test_a_passed_check_takes_back_what_the_same_case_has_written(town: Town) -> None:
    checked(town, verified(town, "missing"), passed=True)
    assert state(town) == "intact"
    assert [change.cause for change in ComponentChange.objects.order_by("pk")] == ["verified", "checked"]


def test_a_passed_check_of_another_matter_leaves_the_surveyed_state(town: Town) -> None:
    Component.objects.update(state="damaged")
    checked(town, town.report(component=town.component), passed=True)
    assert state(town) == "damaged"


def test_a_passed_check_leaves_what_another_case_has_written(town: Town) -> None:
    first = town.report(component=town.component)
    verified(town, "missing")
    checked(town, first, passed=True)
    assert state(town) == "missing"


def test_a_failed_check_changes_nothing_by_itself(town: Town) -> None:
    checked(town, verified(town, "missing"), passed=False)
    assert state(town) == "missing"


def test_what_the_checking_inspector_says_wins_over_the_rule(town: Town) -> None:
    checked(town, verified(town, "damaged"), passed=True, seen="abandoned")
    assert state(town) == "abandoned"


def test_the_shift_lead_may_say_the_state_when_closing(town: Town) -> None:
    case = town.to_state("to_close", town.report(component=town.component))
    closing.close(case, town.doing(case, "shift_lead"), component_state="abandoned")
    assert (state(town), ComponentChange.objects.get().cause) == ("abandoned", "closed")


def test_a_refused_step_writes_no_state(town: Town) -> None:
    case = town.to_state("verifying", town.report(component=town.component))
    with pytest.raises(Exception, match="photo"):
        filing.verify(
            case,
            town.doing(case, "inspector"),
            task=town.task(case, "verify"),
            result=FieldTask.Result.CONFIRMED,
            photos=[],
            point=at(52, 50),
            component_state="missing",
        )
    assert state(town) == "intact"


def test_a_case_without_a_component_writes_nothing(town: Town) -> None:
    case = town.to_state("to_close")
    closing.close(case, town.doing(case, "shift_lead"), component_state="missing")
    assert not ComponentChange.objects.exists()


def test_the_words_of_a_report_are_only_a_hint(town: Town) -> None:
    assert states_said("上水井盖不見了") == ["missing"]
    assert states_said("有问题", town.missing) == ["missing"]
    assert states_said("井盖裂了，还挪开了", town.missing) == ["moved", "damaged"]
