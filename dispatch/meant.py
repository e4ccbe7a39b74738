"""Which surveyed object a report means: the nearest ones whose class fits, with how well it fits."""

from typing import Final, NamedTuple

from django.contrib.gis.geos import Point
from django.db import models
from shapely.ops import nearest_points

from gridmap.models import Category, Component
from gridmap.normalise import key
from gridmap.shapes import point_of, to_shapely
from people.models import Agency

# a component is proposed as the one that is meant when it lies this close to the place
COMPONENT_M: Final = 60.0
# an unsure place reaches as far as it is unsure, but no further than this
FURTHEST_M: Final = 150.0
MOST: Final = 5
# how a component's class fits the report's, best first: the same class, one that people call the same, the same 大类
SAME, ALIAS, MAJOR = "same", "alias", "major"
KINS: Final = (SAME, ALIAS, MAJOR)
# how exactly each grade was surveyed, metres (domain sheet A3); without a grade as a pin that is put by hand
EXACT_M: Final = {"A": 0.5, "B": 1.0, "C": 10.0}
UNGRADED_M: Final = 10.0
# who comes when called: who maintains it, else who owns it, else who is competent
ANSWERING: Final = ("maintaining", "owning", "competent")


class Answering(NamedTuple):
    """The agency that answers for a component, and as what; None and "" where the survey names none."""

    agency_id: int | None
    role: str


def answering(component: Component) -> Answering:
    """Who answers for a component: maintaining before owning before competent agency."""
    for role in ANSWERING:
        agency_id: int | None = getattr(component, f"{role}_agency_id")
        if agency_id is not None:
            return Answering(agency_id, role)
    return Answering(None, "")


def answering_agency(component: Component) -> Agency | None:
    """The same as a row; the three agencies should be loaded with the component."""
    role = answering(component).role
    found: Agency | None = getattr(component, f"{role}_agency") if role else None
    return found


def reach_m(uncertainty_m: float) -> float:
    """How far around a place components are looked for: 60 m, or its uncertainty where that is more, at most 150 m."""
    return min(max(COMPONENT_M, uncertainty_m), FURTHEST_M)


def components_meant(point: Point | None, category: Category | None, uncertainty_m: float) -> list[Component]:
    """Published components that a report may mean, with `distance_m` and `kin`: best fitting class first, then nearest.

    Only for classes of components. Those of the same 大类 are named only where nothing fits better. Two queries.
    """
    if point is None or category is None or category.kind != Category.Kind.COMPONENT:
        return []
    kin = kin_of(category)
    by_kin = [
        models.When(category__in=[pk for pk, each in kin.items() if each == name], then=models.Value(rank))
        for rank, name in enumerate(KINS)
    ]
    near = Component.objects.published().nearest(point, reach_m(uncertainty_m)).filter(category__in=kin)
    ranked = near.annotate(
        rank=models.Case(*by_kin, default=models.Value(len(KINS)), output_field=models.IntegerField())
    )
    ranked = ranked.select_related("category", "competent_agency", "owning_agency", "maintaining_agency")
    found = list(ranked.order_by("rank", "distance_m", "code")[:MOST])  # type: ignore[misc]  # annotated by nearest
    for component in found:
        component.kin = kin[component.category_id]  # type: ignore[attr-defined]
    close = [component for component in found if kin[component.category_id] != MAJOR]
    return close or found


def kin_of(category: Category) -> dict[int, str]:
    """Classes of components that fit a class, and how: by key.

    The same number in another edition of the dictionary is another class; the same name is the same.
    """
    words = _words(category)
    found = {category.pk: SAME}
    for other in Category.objects.classes().filter(kind=Category.Kind.COMPONENT).exclude(pk=category.pk):
        if key(other.name) == key(category.name):
            found[other.pk] = SAME
        elif words & _words(other):
            found[other.pk] = ALIAS
        elif other.major_id == category.major_id:
            found[other.pk] = MAJOR
    return found


def _words(category: Category) -> set[str]:
    return {key(word) for word in (category.name, *category.words)}


def only_one(found: list[Component]) -> Component | None:
    """The component that must be meant: the only one of the very class; None where a person has to say which."""
    same = [component for component in found if getattr(component, "kin", "") == SAME]
    return same[0] if len(same) == 1 else None


def spot_on(component: Component, near: Point | None) -> Point:
    """The place of a component: its point, or of a line or an area the spot nearest to where the case was placed."""
    shape = to_shapely(component.geom)
    if near is None:
        return point_of(shape)
    return point_of(nearest_points(shape, to_shapely(near))[0])


def exact_m(component: Component) -> float:
    """How exactly the place of a component is known, in metres."""
    return EXACT_M.get(component.accuracy_grade, UNGRADED_M)
