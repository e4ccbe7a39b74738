"""Which component a report means: offered with reasons, chosen by a person, and what follows from the choice."""

from typing import Any

import pytest
from django.contrib.gis.geos import LineString

from dispatch.actions.filing import choose_component, place
from dispatch.lifecycle import NotAllowedError
from dispatch.meant import answering, components_meant, only_one, reach_m, spot_on
from dispatch.models import Case, Step
from dispatch.transitions import IllegalStep
from gridmap.models import Category, Component, Dictionary
from people.models import Agency
from tests.town import Town, at


@pytest.fixture
def covers(town: Town) -> dict[str, Component]:
    """Around (50, 50), the town's water cover 5 m east; a second one, a sewer cover, a lamp, and a draft.

    All covers are called 井盖; the lamp is only of the same 大类.
    """

    def klass(code: str, name: str, *words: str) -> Category:
        cover = town.cover
        return Category.objects.create(
            dictionary=cover.dictionary, kind="component", code=code, name=name, major=cover.major, words=list(words)
        )

    def made(number: str, category: Category, x: float, **fields: Any) -> Component:
        return Component.objects.create(code=number, category=category, geom=at(x, 50), **fields)

    sewer, lamp = klass("01-02", "污水井盖", "井盖"), klass("01-37", "路灯", "灯杆")
    return {
        "water": town.component,
        "second": made("2", town.cover, 30),
        "sewer": made("3", sewer, 52, owning_agency=Agency.objects.create(code="drain", name="排水公司")),
        "lamp": made("4", lamp, 51),
        "draft": made("5", town.cover, 50, draft=True),
    }


def names(covers: dict[str, Component], found: list[Component]) -> list[tuple[str, str]]:
    by_key = {component.pk: name for name, component in covers.items()}
    return [(by_key[each.pk], each.kin) for each in found]  # type: ignore[attr-defined]


def test_the_same_class_comes_first_then_what_people_call_the_same(town: Town, covers: dict[str, Component]) -> None:
    found = components_meant(at(50, 50), town.cover, 20)
    assert names(covers, found) == [("water", "same"), ("second", "same"), ("sewer", "alias")]
    assert [round(each.distance_m) for each in found] == [5, 20, 2]  # type: ignore[attr-defined]


def test_the_same_major_is_offered_only_where_nothing_fits_better(town: Town, covers: dict[str, Component]) -> None:
    box = Category.objects.create(
        dictionary=town.cover.dictionary, kind="component", code="01-27", name="通讯交接箱", major=town.cover.major
    )
    assert {kin for _name, kin in names(covers, components_meant(at(50, 50), box, 20))} == {"major"}


def test_the_same_name_in_another_edition_is_the_same_and_the_same_number_is_not(town: Town) -> None:
    other = Dictionary.objects.create(kind="urban", edition="旧版", valid_from="2010-01-01", valid_to="2019-12-31")
    major = Category.objects.create(dictionary=other, kind="component", code="01", name="公用")
    old = [
        Category.objects.create(dictionary=other, kind="component", code=code, name=name, major=major)
        for code, name in (("01-07", "上水井盖"), ("01-01", "报刊亭"))
    ]
    for category in old:
        Component.objects.create(code=category.code, category=category, geom=at(50, 51))
    found = components_meant(at(50, 50), town.cover, 20)
    assert [(each.code, each.kin) for each in found] == [("01-07", "same"), (town.component.code, "same")]  # type: ignore[attr-defined]


def test_matters_and_cases_without_a_place_mean_no_component(town: Town) -> None:
    assert components_meant(at(50, 50), town.fee, 20) == []
    assert components_meant(None, town.cover, 20) == []


@pytest.mark.parametrize(("uncertainty", "reach"), [(5, 60), (100, 100), (900, 150)])
def test_an_unsure_place_reaches_further_but_not_without_end(uncertainty: float, reach: float) -> None:
    assert reach_m(uncertainty) == reach


def test_only_a_component_without_a_rival_is_linked_by_itself(town: Town, covers: dict[str, Component]) -> None:
    assert only_one(components_meant(at(50, 50), town.cover, 20)) is None
    covers["second"].delete()
    assert only_one(components_meant(at(50, 50), town.cover, 20)) == town.component


def test_choosing_sets_component_place_and_proposed_agency(town: Town, covers: dict[str, Component]) -> None:
    covers["second"].maintaining_agency = town.office
    covers["second"].accuracy_grade = "A"
    covers["second"].save()
    case = town.report(component=town.component)
    assert case.proposed_agency == town.water
    choose_component(case, town.doing(case, "operator"), component=covers["second"])
    case = Case.objects.get(pk=case.pk)
    assert (case.component, case.proposed_agency) == (covers["second"], town.office)
    assert (case.point, case.uncertainty_m) == (at(30, 50), 0.5)
    step = Step.objects.get(case=case, action="component")
    assert step.facts == {"cell": town.cells[0].code, "outside": False, "component": "2", "moved_m": 20.0}


def test_saying_none_of_them_keeps_the_place_and_asks_the_rules_again(town: Town) -> None:
    case = town.report(component=town.component)
    town.rules["cover"].agency = town.office
    town.rules["cover"].save()
    choose_component(case, town.doing(case, "operator"), component=None)
    case = Case.objects.get(pk=case.pk)
    assert (case.component, case.point, case.proposed_agency) == (None, at(50, 50), town.office)


def test_a_draft_cannot_be_chosen(town: Town, covers: dict[str, Component]) -> None:
    case = town.report()
    with pytest.raises(IllegalStep):
        choose_component(case, town.doing(case, "operator"), component=covers["draft"])


def test_an_inspector_does_not_choose_at_the_desk(town: Town) -> None:
    case = town.report()
    with pytest.raises(NotAllowedError):
        choose_component(case, town.doing(case, "inspector"), component=town.component)


def test_a_placed_case_names_its_component_in_the_log(town: Town) -> None:
    case = town.report()
    place(case, town.doing(case, "operator"), point=at(54, 50), uncertainty_m=5, component=town.component)
    assert Step.objects.get(case=case, action="place").facts["component"] == town.component.code


def test_the_place_of_a_line_is_the_spot_nearest_to_the_case(town: Town) -> None:
    line = LineString((at(0, 60).x, at(0, 60).y), (at(90, 60).x, at(90, 60).y), srid=town.component.geom.srid)
    pipe = Component(code="9", category=town.cover, geom=line)
    assert spot_on(pipe, at(50, 50)).equals_exact(at(50, 60), 0.001)


def test_who_maintains_answers_before_who_owns(town: Town) -> None:
    component = town.component
    assert answering(component) == (town.water.pk, "owning")
    component.maintaining_agency = town.office
    assert answering(component) == (town.office.pk, "maintaining")
    component.maintaining_agency = component.owning_agency = None
    assert answering(component) == (None, "")
