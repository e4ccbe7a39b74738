"""Shapes in the URL: what they choose, and what is none."""

import pytest
from django.http import QueryDict

from desks.filters import Filter
from desks.lights import read_lights
from desks.shapes import Shape
from dispatch.models import Case, RoutingRule
from gridmap.datums import lonlat
from inspectors.models import DutyZone
from tests.town import NOW, Town, at


def degrees(x: float, y: float) -> str:
    lon, lat = lonlat(at(x, y))
    return f"{lon},{lat}"


@pytest.fixture
def three(town: Town) -> dict[str, Case]:
    """At 50, 150 and 350 metres; the last one lies in the other community."""
    return {name: town.report(point=at(x, 50)) for name, x in (("west", 50), ("middle", 150), ("east", 350))}


def left(cases: dict[str, Case], within: str) -> set[str]:
    query = QueryDict(mutable=True)
    query["within"] = within
    found = Filter.read(query).apply(Case.objects.all(), read_lights(NOW))
    return {name for name, case in cases.items() if case in found}


def test_a_polygon_chooses_what_lies_in_it(three: dict[str, Case]) -> None:
    ring = ";".join(degrees(x, y) for x, y in ((10, 10), (200, 10), (200, 90), (10, 90)))
    assert left(three, f"poly:{ring}") == {"west", "middle"}


def test_a_polygon_drawn_as_a_bow_is_taken_as_two(town: Town, three: dict[str, Case]) -> None:
    three["above the crossing"] = town.report(point=at(200, 80))
    bow = ";".join(degrees(x, y) for x, y in ((10, 10), (390, 90), (390, 10), (10, 90)))
    assert left(three, f"poly:{bow}") == {"west", "middle", "east"}


def test_a_circle_has_its_radius_in_metres(three: dict[str, Case]) -> None:
    assert left(three, f"circle:{degrees(50, 50)},99") == {"west"}
    assert left(three, f"circle:{degrees(50, 50)},101") == {"west", "middle"}


def test_cells_zones_and_served_areas(town: Town, three: dict[str, Case]) -> None:
    zone = DutyZone.objects.create(name="东片")
    zone.communities.add(town.communities[1])
    RoutingRule.objects.filter(pk=town.rules["cover"].pk).update(area_code=town.communities[0].code, agency=town.office)
    assert left(three, f"cell:{town.cells[1].code}") == {"middle"}
    assert left(three, f"zone:{zone.pk}") == {"east"}
    assert left(three, f"served:{town.office.pk}") == {"west", "middle"}


NONSENSE = ("", "box:1,2", "cell:", "cell:a'b", "zone:x", "zone:-1", "circle:1,2", "circle:1,2,-5", "circle:1,2,nan")
RINGS = ("poly:1,2;3,4", "poly:1,2;3,4;5", "poly:a,b;c,d;e,f", "poly:181,2;3,4;5,6", f"poly:{'1,2;' * 400}3,4")


@pytest.mark.parametrize("text", [*NONSENSE, *RINGS, "circle:1,2,60000"])
def test_nonsense_is_no_shape(text: str) -> None:
    assert Shape.read(text) is None


def test_a_shape_on_the_other_side_of_the_earth_chooses_nothing(three: dict[str, Case]) -> None:
    assert left(three, "circle:-60,-30,500") == set()


def test_a_shape_survives_its_own_url(town: Town) -> None:
    choice = Filter(within=f"circle:{degrees(50, 50)},120")
    assert Filter.read(QueryDict(choice.query()[1:])) == choice
