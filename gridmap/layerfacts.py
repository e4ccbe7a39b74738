"""What the data page says of each layer: rows, sources, datum, last update, and whether that is long ago."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Max, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from gridmap.confirmed import SOURCE as LEARNED
from gridmap.importwords import datum, warnings
from gridmap.models import Area, Cell, Component, Import, Layout, LayoutEdit, Place
from people.permissions import Room

K = Place.Kind
# layers made of places: what is drawn as one thing on the map
PLACE_LAYERS: Final = {
    "streets": (_("道路街巷"), (K.ROAD, K.LANE)),
    "buildings": (_("楼栋小区"), (K.BUILDING, K.COMPOUND)),
    "water": (_("水域绿地"), (K.WATER, K.GREEN)),
    "places": (_("地名地址"), (K.DISTRICT, K.DOORPLATE, K.POI, K.CROSSING)),
}
LEARNED_PAGE: Final = Room("gridmap:learned", _("学到的位置"), "data")
LINKS: Final = {
    "cells": Room("gridmap:layouts", _("网格版本"), "data"),
    "components": Room("gridmap:components", _("部件"), "data"),
}


@dataclass
class Source:
    """One list of a layer, with its last import where it came by one."""

    name: str
    rows: int | None = None
    datum: str = ""
    updated_on: date | None = None
    last: Import | None = None
    changes: int = 0
    warnings: list[str] = field(default_factory=list)
    link: Room | None = None


@dataclass
class LayerFacts:
    """One layer of the page; `old` says that nothing of it was updated within a year."""

    key: str
    title: str
    rows: int
    parts: list[tuple[str, int]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    updated_on: date | None = None
    old: bool = False
    link: Room | None = None
    derived: bool = False  # the sum of the level below


def is_old(updated_on: date | None, today: date) -> bool:
    """Whether the last update is more than a year ago: on the day itself, a year later, it is not yet old.

    A layer of unknown age is not called old. 29 February counts until 1 March.
    """
    if updated_on is None:
        return False
    try:
        limit = updated_on.replace(year=updated_on.year + 1)
    except ValueError:
        limit = date(updated_on.year + 1, 3, 1)
    return today > limit


def layers(at: datetime) -> list[LayerFacts]:
    """Every layer that the city can have, in the order of the map from the ground up."""
    today = at.astimezone(settings.CITY.zone).date()
    imports = _last_imports()
    found = [*_areas(imports), _cells(today), *_places(imports), _components(imports)]
    for layer in found:
        days = [source.updated_on for source in layer.sources if source.updated_on]
        layer.updated_on = max([*days, *([layer.updated_on] if layer.updated_on else [])], default=None)
        layer.old = layer.rows > 0 and is_old(layer.updated_on, today)
        layer.link = LINKS.get(layer.key)
    return found


def _last_imports() -> dict[str, list[Import]]:
    """The last import of each file, by layer; the long lists of the reports stay in the database."""
    found: dict[str, list[Import]] = defaultdict(list)
    rows = Import.objects.last_of_each().with_counts().order_by("layer", "source")
    for row in rows:
        found[row.layer].append(row)
    return found


def _source(name: str, last: Import | None, rows: int | None = None) -> Source:
    if name == LEARNED:
        return Source(str(LEARNED_PAGE.title), rows, link=LEARNED_PAGE)
    if last is None:
        return Source(name, rows)
    as_of = last.as_of or ""  # type: ignore[attr-defined]  # annotated by with_counts
    day = date.fromisoformat(as_of) if as_of else last.started_at.astimezone(settings.CITY.zone).date()
    report = {"datum": last.found_datum or [], "warnings": last.found_warnings or []}  # type: ignore[attr-defined]
    changes = int(last.change_count or 0)  # type: ignore[attr-defined]
    return Source(name, rows, datum(last.datum), day, last, changes, warnings(report))


def _areas(imports: Mapping[str, Sequence[Import]]) -> list[LayerFacts]:
    counts = dict(Area.objects.values_list("level").annotate(rows=Count("pk")))
    found = []
    for level in Area.Level:
        lists = imports.get(f"areas:{level}", ())
        if level in settings.CITY.area_digits and (counts.get(level) or lists or level != Area.Level.CITY):
            sources = [_source(last.source, last) for last in lists]
            facts = LayerFacts(f"areas:{level}", str(level.label), counts.get(level, 0), sources=sources)
            facts.derived = level == Area.Level.CITY and not lists
            found.append(facts)
    return found


def _cells(today: date) -> LayerFacts:
    layout = Layout.objects.filter(pk__in=Cell.objects.on(today).values("layout")).first()
    facts = LayerFacts("cells", str(_("单元网格")), layout.cells.count() if layout else 0)
    if layout is not None:
        edited = LayoutEdit.objects.filter(layout=layout).aggregate(last=Max("at"))["last"]
        day = edited.astimezone(settings.CITY.zone).date() if edited else layout.active_from
        facts.sources = [Source(layout.name, facts.rows, datum("city"), day)]
    return facts


def _places(imports: Mapping[str, Sequence[Import]]) -> list[LayerFacts]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, source, rows in Place.objects.values_list("kind", "source").annotate(rows=Count("pk")):
        counts[kind][source] = rows
    by_list = {(last.list_name or last.source): last for last in imports.get("places", ())}  # type: ignore[attr-defined]
    found = []
    for key, (title, kinds) in PLACE_LAYERS.items():
        lists: dict[str, int] = defaultdict(int)
        for kind in kinds:
            for source, rows in counts[kind].items():
                lists[source] += rows
        parts = [(str(kind.label), sum(counts[kind].values())) for kind in kinds if counts[kind]]
        sources = [_source(name, by_list.get(name), rows) for name, rows in sorted(lists.items(), key=_most)]
        found.append(LayerFacts(key, str(title), sum(lists.values()), parts, sources))
    return found


def _components(imports: Mapping[str, Sequence[Import]]) -> LayerFacts:
    published = Component.objects.published()
    states = dict(published.values_list("state").annotate(rows=Count("pk")))
    parts = [(str(state.label), states[state]) for state in Component.State if states.get(state)]
    lists = [_source(last.source, last) for last in imports.get("components", ())]
    if not lists:
        names: Iterable[Any] = published.values_list(Coalesce("source", Value(""))).annotate(rows=Count("pk"))
        lists = [Source(name, rows) for name, rows in names if name]
    changed = published.aggregate(day=Max("changed_on"))["day"]
    return LayerFacts("components", str(_("部件")), sum(states.values()), parts, lists, changed)


def _most(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]
