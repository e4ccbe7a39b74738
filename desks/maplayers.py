"""What the console's map can show beside the cases: zones, areas that agencies serve, campaigns, inspectors.

Shapes and points are WGS84 longitude, latitude; lengths are metres.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import shapely
from django.contrib.gis.geos import Point
from django.utils import timezone

from desks.points import Place, degrees
from desks.shapes import Shape
from dispatch.models import Case, FieldTask, RoutingRule, Undertaking
from gridmap.layouts.checklog import geojson
from gridmap.models import Area, Cell
from inspectors.models import DutyZone, Position, Shift
from inspectors.zones import zone_codes, zones_at
from people.models import User

COARSE_M = 3.0  # borders are drawn, not measured
DECIMALS = 6


def zones() -> list[dict[str, Any]]:
    """Duty zones as the union of their cells and communities, each with the filter that chooses it; four queries.

    A community of which some cells are drawn for another zone is drawn without them.
    """
    ground, today = zone_codes(), timezone.localdate()
    cells = dict(Cell.objects.on(today).filter(code__in=ground).values_list("code", "geom"))
    drawn: dict[int, list[Any]] = defaultdict(list)
    for code, zone in ground.items():
        if code in cells:
            drawn[zone].append(cells[code])
    found = DutyZone.objects.prefetch_related("communities")
    return [
        _joined(
            zone.name,
            f"zone:{zone.pk}",
            drawn[zone.pk],
            whole=[area.geom for area in zone.communities.all()],
            without=[shape for other, shapes in drawn.items() if other != zone.pk for shape in shapes],
        )
        for zone in found
    ]


def served() -> list[dict[str, Any]]:
    """Areas that rules give to one agency; rules for the whole city are everywhere and are not drawn."""
    rules = RoutingRule.objects.active(timezone.localdate()).exclude(area_code="").select_related("agency")
    codes: dict[int, set[str]] = defaultdict(set)
    names: dict[int, str] = {}
    for rule in rules:
        if rule.agency is not None:
            codes[rule.agency.pk].add(rule.area_code)
            names[rule.agency.pk] = rule.agency.short_name or rule.agency.name
    areas = {area.code: area for area in Area.objects.filter(code__in=set().union(*codes.values()))}
    known = {pk: [areas[code] for code in sorted(own) if code in areas] for pk, own in codes.items()}
    return [_shape(names[pk], f"served:{pk}", own) for pk, own in sorted(known.items()) if own]


def _shape(title: str, within: str, areas: Iterable[Area]) -> dict[str, Any]:
    return _joined(title, within, [area.geom for area in areas])


def _union(shapes: Iterable[Any]) -> Any:  # noqa: ANN401 - whatever shape it becomes
    # rounding corners to centimetres lets neighbours share their border before they are joined
    return shapely.union_all([shapely.from_wkb(bytes(shape.wkb)) for shape in shapes], grid_size=0.01)


def _joined(
    title: str, within: str, shapes: Iterable[Any], whole: Iterable[Any] = (), without: Iterable[Any] = ()
) -> dict[str, Any]:
    """One shape of all these, and of `whole` what is not in `without`."""
    rest = _union(whole)
    if not rest.is_empty:
        rest = shapely.difference(rest, _union(without), grid_size=0.01)
    shape = shapely.simplify(shapely.union(_union(shapes), rest, grid_size=0.01), COARSE_M)
    return {"title": title, "within": within, "shape": geojson(shape, DECIMALS) if not shape.is_empty else None}


def campaigns(user: User) -> list[dict[str, Any]]:
    """Placed cases of the campaigns that are on, as [number, longitude, latitude]."""
    going = Undertaking.objects.visible_to(user).open().filter(kind=Undertaking.Kind.CAMPAIGN)
    links = Undertaking.cases.through.objects.filter(undertaking__in=going)
    seen = Case.objects.visible_to(user).exclude(point=None).filter(pk__in=links.values("case"))
    places = {case.pk: case for case in seen.only("pk", "number", "point")}
    inside: dict[int, list[Case]] = defaultdict(list)
    for row in links:
        if row.case_id in places:
            inside[row.undertaking_id].append(places[row.case_id])
    return [{"title": str(one), "cases": _placed(inside[one.pk])} for one in going]


def _placed(cases: list[Case]) -> list[list[Any]]:
    lonlat = degrees([(case.point.x, case.point.y) for case in cases if case.point])
    return [[case.number, lon, lat] for case, (lon, lat) in zip(cases, lonlat, strict=True)]


def inspectors(at: datetime, only: int | None = None) -> list[dict[str, Any]]:
    """Everybody on duty, with the newest position that is known, its accuracy and its age in seconds; two queries."""
    shifts = Shift.objects.on_duty(at).select_related("inspector__position", "zone").order_by("inspector", "ends_at")
    if only is not None:
        shifts = shifts.filter(inspector=only)
    by_person = {shift.inspector_id: shift for shift in shifts}
    busy = Counter(FieldTask.objects.open().filter(inspector__in=by_person).values_list("inspector", flat=True))
    return [_inspector(shift, busy[pk], at) for pk, shift in by_person.items()]


def _inspector(shift: Shift, tasks: int, at: datetime) -> dict[str, Any]:
    person = shift.inspector
    found: dict[str, Any] = {"id": person.pk, "name": str(person), "zone": shift.zone.name, "tasks": tasks}
    position: Position | None = getattr(person, "position", None)
    if position is not None:
        ((lon, lat),) = degrees([(position.point.x, position.point.y)])
        age = max((at - position.seen_at).total_seconds(), 0.0)
        found |= {"lon": lon, "lat": lat, "accuracy": round(position.accuracy_m), "age": round(age)}
    return found


def places_at(point: Point) -> list[Place]:
    """What lies under a click, each with the filter that chooses its cases: cell, areas, zones, agencies."""
    today = timezone.localdate()
    found: list[Place] = []
    cell = Cell.objects.on(today).covering(point).first()
    if cell is not None:
        found.append(Place("cell", cell.code, {"within": f"cell:{cell.code}"}))
    areas = [area for area in Area.objects.covering(point) if area.level != Area.Level.CITY]
    found += [Place("area", area.name, {"area": area.code}, area.get_level_display()) for area in reversed(areas)]
    communities = [area.pk for area in areas if area.level == Area.Level.COMMUNITY]
    zone_rows = DutyZone.objects.filter(pk__in=zones_at(communities, cell.code if cell else None))
    found += [Place("zone", zone.name, {"within": f"zone:{zone.pk}"}) for zone in zone_rows]
    rules = RoutingRule.objects.active(today).filter(area_code__in=[area.code for area in areas])
    agencies = {rule.agency.pk: rule.agency for rule in rules.select_related("agency") if rule.agency is not None}
    for pk, agency in sorted(agencies.items()):
        found.append(Place("served", agency.short_name or agency.name, {"within": str(Shape("served", str(pk)))}))
    return found
