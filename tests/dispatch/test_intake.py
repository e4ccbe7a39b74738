"""From a sentence to proposals and to a case."""

import uuid
from datetime import timedelta

import pytest

from dispatch.intake import Caller, Intake, analyse, register
from dispatch.lifecycle import NotAllowedError
from dispatch.models import Call, Case, Person, Report
from gridmap.gazetteer import place_row
from gridmap.models import Place
from tests.town import NOW, Town, at

SENTENCE = "西仓路银春旅馆前有两个上水井盖丢失"


@pytest.fixture
def inn(town: Town) -> Place:
    """银春旅馆 at (52, 40) on 西仓路."""
    Place.objects.bulk_create(
        [
            place_row("road", "西仓路", at(200, 45), source="test"),
            place_row("poi", "银春旅馆", at(52, 40), address="西仓路18号", source="test"),
        ]
    )
    return Place.objects.get(name="银春旅馆")


def test_the_sentence_finds_place_cell_class_condition_and_owner(town: Town, inn: Place) -> None:
    found = analyse(SENTENCE, at=NOW)
    assert found.point is not None
    assert found.point.distance(at(52, 40)) < 5
    assert found.facts.cell == town.cells[0]
    assert (found.category, found.condition) == (town.cover, town.missing)
    assert found.component == town.component
    assert found.proposal.agency == town.water
    assert found.proposal.why[0] == {"code": "owner", "rule": "R001", "as": "owning"}


def test_another_place_in_the_sentence_is_another_cell(town: Town, inn: Place) -> None:
    Place.objects.bulk_create([place_row("poi", "金河饭店", at(350, 50), address="西仓路99号", source="test")])
    found = analyse(SENTENCE.replace("银春旅馆", "金河饭店"), at=NOW)
    assert found.facts.cell == town.cells[3]
    # no component near: the class decides, not the owner
    assert found.proposal.why[0] == {"code": "class", "rule": "R002"}


def test_a_dragged_pin_overrules_the_text(town: Town, inn: Place) -> None:
    found = analyse(SENTENCE, at=NOW, point=at(150, 50))
    assert found.facts.cell == town.cells[1]


def test_a_repeat_nearby_is_shown_with_its_reasons(town: Town, inn: Place) -> None:
    earlier = town.report("西仓路上水井盖不见了", when=NOW - timedelta(days=1))
    found = analyse(SENTENCE, at=NOW).repeats
    assert [r.case for r in found] == [earlier]
    assert {"code": "same_class"} in found[0].why


def test_a_suspended_case_is_found_however_old(town: Town, inn: Place) -> None:
    case = town.to_state("to_dispatch", when=NOW - timedelta(days=140))
    town.grant(case, "suspension", when=NOW - timedelta(days=139))
    found = analyse(SENTENCE, at=NOW).repeats
    assert {"code": "suspended"} in found[0].why


def test_a_report_without_a_findable_place_is_still_a_report(town: Town) -> None:
    case = town.report("不知道在哪里的井盖", point=None, uncertainty_m=None)
    report = Report.objects.get(case=case)
    assert report.needs_placing
    assert report in Report.objects.without_place()


def test_a_place_outside_every_cell_is_kept_and_flagged(town: Town) -> None:
    case = town.report(point=at(1000, 1000))
    assert (case.outside_grid, case.cell, case.community) == (True, None, None)


def test_a_point_on_a_shared_edge_belongs_to_the_cell_with_the_lowest_code(town: Town) -> None:
    assert town.report(point=at(100, 50)).cell == town.cells[0]
    assert town.report(point=at(200, 100)).cell == town.cells[1]


def test_saving_twice_makes_one_case(town: Town) -> None:
    operation = uuid.uuid4()
    intake = Intake("井盖丢失", channel=town.channel, caller=Caller(name="赵先生", phone="13900000002"))
    first = register(intake, by=town.people["operator"], at=NOW, operation=operation)
    again = register(intake, by=town.people["operator"], at=NOW, operation=operation)
    assert first.pk == again.pk
    assert (Case.objects.count(), Call.objects.count(), Person.objects.count()) == (1, 1, 1)


def test_an_anonymous_caller_leaves_no_person(town: Town) -> None:
    town.report(caller=Caller(name="王女士", phone="13900000001", anonymous=True))
    assert not Person.objects.exists()


def test_a_matter_runs_its_own_flow_without_a_place(town: Town) -> None:
    case = town.matter()
    assert (case.flow, case.point) == ("matter", None)
    assert not Report.objects.get(case=case).needs_placing


def test_only_the_intake_may_register(town: Town) -> None:
    with pytest.raises(NotAllowedError):
        register(Intake("井盖丢失", channel=town.channel), by=town.people["inspector"], at=NOW, operation=uuid.uuid4())
