"""Reads reports of other systems from a file: every row becomes an Incoming or goes to the rejects with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings

from gridmap.imports import Run
from gridmap.layers import Row, points_of, shapes_in_city
from gridmap.models import Category
from gridmap.normalise import key

ADDRESS_LENGTH, REF_LENGTH = 300, 60  # of the columns of Report


class ClassFact(NamedTuple):
    """A 小类 as the import needs it; `line_id` is the class of the components whose nearest one is meant, if any."""

    category_id: int
    major_id: int | None
    line_id: int | None
    matter: bool = False


@dataclass(frozen=True)
class Incoming:
    """One accepted row. `given` is the point that the sender stated, in the city's metres: it never decides."""

    ref: str
    received_at: datetime
    text: str
    address: str
    area: str
    given: tuple[float, float] | None
    category: ClassFact | None
    class_words: str


def accept(
    run: Run,
    rows: Sequence[Row],
    mapping: Mapping[str, Any],
    classes: Mapping[str, ClassFact],
    known: set[str],
    at: datetime,
) -> list[Incoming]:
    """The rows that can be reports, in the order of the file; `known` are the references already stored.

    Rejected: a second row with the same reference, a bad date or one after the run, a row without any words. A given
    point that cannot be a place here is dropped and noted, an address over 300 characters is cut and noted.
    """
    zone, accepted, seen = settings.CITY.zone, [], set(known)
    pointed = points_of(rows, mapping["x"], mapping["y"]) if "x" in mapping else list(rows)
    for row, shape in zip(pointed, shapes_in_city(pointed, mapping["datum"]), strict=True):
        words = {name: row.values.get(mapping[name], "").strip() for name in ("ref", "text", "address", "area")}
        received = _time(row.values.get(mapping["received"], ""), mapping["received_format"], zone)
        if row.fault:
            run.reject(row, "", row.fault)
        elif not words["ref"] or len(words["ref"]) > REF_LENGTH:
            run.reject(row, mapping["ref"], f"no reference, or one over {REF_LENGTH} characters")
        elif words["ref"] in seen:
            run.reject(row, mapping["ref"], "the reference was there before")
        elif received is None:
            run.reject(row, mapping["received"], "no date of the form that the mapping states")
        elif received > at:
            run.reject(row, mapping["received"], "a date in the future")
        elif not words["text"] and not words["address"]:
            run.reject(row, mapping["text"], "no text and no address")
        else:
            seen.add(words["ref"])
            if shape is None and "x" in mapping:
                run.change(row.number, mapping["x"], "given point left out: no coordinates that can lie here")
            if len(words["address"]) > ADDRESS_LENGTH:
                run.change(row.number, mapping["address"], f"cut to {ADDRESS_LENGTH} characters")
            fact, class_words = _class(row, mapping, classes)
            given = None if shape is None else (float(shape.centroid.x), float(shape.centroid.y))
            address = words["address"][:ADDRESS_LENGTH]
            accepted.append(
                Incoming(
                    *(words["ref"], received, words["text"] or words["address"], address),
                    *(words["area"], given, fact, class_words),
                )
            )
    return accepted


def classes_of(edition: str, lines: Mapping[str, str]) -> dict[str, ClassFact]:
    """小类 of a dictionary by the matching keys of their names and words; a 大类 with one 小类 stands for it.

    `lines` gives for the code of a class the code of its lines; a class of components means those themselves.
    """
    everything = list(Category.objects.filter(dictionary__edition=edition).order_by("code"))
    by_code = {category.code: category.pk for category in everything if category.kind == Category.Kind.COMPONENT}
    found: dict[str, ClassFact] = {}
    inside: dict[int, list[ClassFact]] = {}
    for category in everything:
        if category.major_id is None:
            continue
        own = category.pk if category.kind == Category.Kind.COMPONENT else None
        line = lines.get(category.code)
        matter = category.kind == Category.Kind.MATTER
        fact = ClassFact(category.pk, category.major_id, by_code[line] if line else own, matter)
        inside.setdefault(category.major_id, []).append(fact)
        for word in (category.name, *category.words):
            found.setdefault(key(word), fact)
    for category in everything:
        facts = inside.get(category.pk, [])
        if len(facts) == 1:
            found.setdefault(key(category.name), facts[0])
    return found


def _class(row: Row, mapping: Mapping[str, Any], classes: Mapping[str, ClassFact]) -> tuple[ClassFact | None, str]:
    """The narrower word decides; the wider one only where the narrower says nothing known."""
    for name in ("minor", "major"):
        word = row.values.get(mapping.get(name, ""), "").strip()
        fact = classes.get(key(word)) if word else None
        if fact is not None:
            return fact, word
    return None, ""


def _time(text: str, form: str, zone: ZoneInfo) -> datetime | None:
    """A moment of the city's clock."""
    try:
        return datetime.strptime(text.strip(), form).replace(tzinfo=zone)
    except ValueError:
        return None
