"""Loads components: surveyed objects and lines, with the agency that owns them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.db import transaction
from shapely.geometry.base import BaseGeometry

from gridmap.copying import copy_all
from gridmap.imports import Run, need, running
from gridmap.layers import Row, find, points_of, read_rows, shapes_in_city
from gridmap.loaders.places import OUTSIDE_M, city_outline
from gridmap.models import Category, Component
from people.models import Agency

COLUMNS = ("code", "category_id", "name", "geom", "state", "owning_agency_id", "accuracy_grade", "source", "note")


@dataclass(frozen=True)
class Known:
    """What rows refer to: classes by the file's word for them, agencies by the file's word for the owner."""

    classes: dict[str, int]
    agencies: dict[str, int]
    outline: BaseGeometry | None


def load_components(folder: Path, at: datetime, rejects: Path | None = None) -> list[Run]:
    """Load every list of the city's file tables [[components]]; a code that is already there is rejected.

    Classes and agencies must be loaded before. Raises LayerError for an unreadable file, KeyError for a mapping
    that is incomplete or names an unknown class or agency.
    """
    outline = city_outline()
    return [
        _load_list(folder, mapping, outline, at, rejects) for mapping in settings.CITY.mapping.get("components", [])
    ]


def _load_list(
    folder: Path, mapping: Mapping[str, Any], outline: BaseGeometry | None, at: datetime, rejects: Path | None
) -> Run:
    path = find(folder, need(mapping, "file", "components"))
    datum = need(mapping, "datum", "components")
    known = Known(_classes(mapping), _agencies(mapping), outline)
    with running("components", path.name, datum, at, rejects) as run, transaction.atomic():
        rows = read_rows(path)
        run.read = len(rows)
        if "x" in mapping:
            rows = points_of(rows, mapping["x"], need(mapping, "y", "components"))
        codes = set(Component.objects.values_list("code", flat=True))
        accepted = []
        for row, shape in zip(rows, shapes_in_city(rows, datum), strict=True):
            values = _accepted(run, row, shape, mapping, known, codes)
            if values is not None:
                codes.add(str(values[0]))
                accepted.append(values)
        run.kept = copy_all(Component, COLUMNS, accepted)
    return run


def _accepted(
    run: Run, row: Row, shape: BaseGeometry | None, mapping: Mapping[str, Any], known: Known, codes: set[str]
) -> list[object] | None:
    code = row.values.get(mapping["code"], "").strip()
    kind = row.values.get(mapping["class"], "").strip()
    owner = row.values.get(mapping["owner"], "").strip() if "owner" in mapping else ""
    if row.fault:
        run.reject(row, "", row.fault)
    elif not code or len(code) > 24:
        run.reject(row, mapping["code"], "no code, or one over 24 characters")
    elif code in codes:
        run.reject(row, mapping["code"], "the code was there before")
    elif kind not in known.classes:
        run.reject(row, mapping["class"], "a class that the mapping does not know")
    elif owner and owner not in known.agencies:
        run.reject(row, mapping["owner"], "an owner that the mapping does not know")
    elif shape is None or shape.is_empty:
        run.reject(row, "geometry", f"no coordinates, or outside of what {mapping['datum']} can mean here")
    elif known.outline is not None and not shapely.dwithin(known.outline, shape, OUTSIDE_M):
        run.reject(row, "geometry", "more than 2 km outside the city")
    else:
        agency = known.agencies.get(owner)
        name = row.values.get(mapping.get("name", ""), "").strip()
        if len(name) > 60:
            run.change(row.number, mapping["name"], "cut to 60 characters")
        state, grade = Component.State.INTACT, mapping.get("grade", "")
        return [code, known.classes[kind], name[:60], shape, state, agency, grade, mapping["source"], ""]
    return None


def _classes(mapping: Mapping[str, Any]) -> dict[str, int]:
    wanted: dict[str, str] = need(mapping, "classes", "components")
    known = dict(Category.objects.classes().filter(kind=Category.Kind.COMPONENT).values_list("code", "pk"))
    missing = sorted(set(wanted.values()) - known.keys())
    if missing:
        raise KeyError(f"[components] classes names {', '.join(missing)}, which the dictionary does not have")
    return {word: known[code] for word, code in wanted.items()}


def _agencies(mapping: Mapping[str, Any]) -> dict[str, int]:
    wanted: dict[str, str] = mapping.get("owners", {})
    known = dict(Agency.objects.values_list("code", "pk"))
    missing = sorted(set(wanted.values()) - known.keys())
    if missing:
        raise KeyError(f"[components] owners names {', '.join(missing)}, which is no agency's code")
    return {word: known[code] for word, code in wanted.items()}
