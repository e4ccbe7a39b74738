"""Judges the rows of a file of components: what each would become, or why it is refused. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

import shapely
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from shapely.geometry.base import BaseGeometry

from gridmap import componentcodes
from gridmap.componentcodes import PROBLEMS, Scheme
from gridmap.components.columns import Reading, date_of, grade_of, state_of
from gridmap.layers import Row
from gridmap.shapes import point_of

# a component may lie this far outside the city's border: the same as places
OUTSIDE_M: Final = 2_000.0
# a place that moved less than this has not moved: a shape that went through degrees and back
SAME_M: Final = 0.002
LONGEST: Final = {"name": 60, "source": 60, "source_id": 60, "note": 200}

# why a row is refused, or what was changed on the way: short in reports of commands, in words on pages
REASONS: Final[Mapping[str, str | Promise]] = {
    **PROBLEMS,
    "the number of columns is not that of the header": _("列数与表头不一致"),
    "the code is twice in the file": _("编码在文件中重复"),
    "the source's number is twice in the file": _("来源编号在文件中重复"),
    "neither a code nor a number of the source": _("既没有编码，也没有来源编号"),
    "an unknown class": _("类别不在部件字典中"),
    "an unknown edition of the dictionary": _("没有这个版本的类别字典"),
    "an unknown agency": _("单位不在承办单位名录中"),
    "an unknown state": _("状态不是完好、破损、丢失、移位、废弃之一"),
    "an unknown grade": _("精度等级不是 A、B、C 之一"),
    "no date": _("不是日期"),
    "too long": _("文字过长"),
    "no coordinates, or none that the stated datum can mean here": _("没有坐标，或坐标不可能属于所选坐标基准"),
    "an invalid shape": _("几何图形无效"),
    "more than 2 km outside the city": _("距本市边界超过 2 公里"),
    "a district that you do not look after": _("所在行政区不在您的管理范围"),
    "no number left in the district and class": _("该区该类的顺序号已用完"),
    "no state: taken as intact": _("没有状态，按完好处理"),
    "outside the district of its code": _("位置不在编码所指的行政区内"),
    "changed before it was surveyed": _("变更日期早于普查日期"),
}


class Note(NamedTuple):
    """Something about one row: its number, the column, why, and what the column said."""

    row: int
    column: str
    reason: str
    value: str = ""


class Judged(NamedTuple):
    """A row that can be taken: `values` are columns of a component; `known` is the published row that it changes."""

    row: int
    values: dict[str, Any]
    known: int | None


@dataclass
class Findings:
    """What a file would do; rows read are accepted, same or refused, and nothing else."""

    read: int = 0
    accepted: list[Judged] = field(default_factory=list)
    same: int = 0
    refused: list[Note] = field(default_factory=list)
    changed: list[Note] = field(default_factory=list)
    made_codes: int = 0

    @property
    def new(self) -> int:
        return sum(1 for row in self.accepted if row.known is None)


@dataclass(frozen=True)
class Known:
    """What rows refer to, by the words of files; see gridmap/loaders/components.py for how it is read.

    `published` are the rows that are there, by code and by (source, its number); `districts` the ground by code.
    """

    scheme: Scheme
    classes: Mapping[str, tuple[int, str]]  # word → key and code
    editions: Mapping[tuple[str, str], tuple[int, str]]  # edition and code → key and code
    by_key: Mapping[int, str]  # codes of classes
    agencies: Mapping[str, int]
    districts: Mapping[str, BaseGeometry]
    outline: BaseGeometry | None
    published: Mapping[str, Mapping[str, Any]]
    by_source: Mapping[tuple[str, str], str]
    serials: dict[str, int]  # highest number used, by prefix; counts on
    city_code: str = ""  # stands for the district in codes that are made where no districts are loaded
    allowed: tuple[str, ...] | None = None  # beginnings of the codes that the user may write; None: all


class RefusedRow(Exception):
    """A row that cannot be taken, with what and why."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(reason)
        self.what, self.reason = what, reason


def judge(rows: Sequence[Row], shapes: Sequence[BaseGeometry | None], reading: Reading, known: Known) -> Findings:
    """Judge every row; `shapes` are in the city's metres, None where there is none that the datum allows."""
    found, seen = Findings(read=len(rows)), set[str]()
    for row, shape in zip(rows, shapes, strict=True):
        try:
            judged = _row(row, shape, reading, known, seen, found)
        except RefusedRow as refused:
            column = reading.columns.get(refused.what, refused.what)
            found.refused.append(Note(row.number, column, refused.reason, row.values.get(column, "")[:100]))
            continue
        if judged.known is not None and _same(judged.values, known.published[judged.values["code"]]):
            found.same += 1
        else:
            found.accepted.append(judged)
    return found


def _row(
    row: Row, shape: BaseGeometry | None, reading: Reading, known: Known, seen: set[str], found: Findings
) -> Judged:
    if row.fault:
        raise RefusedRow("", "the number of columns is not that of the header")
    if not reading.makes_codes and (problem := known.scheme.problem(reading.value(row.values, "code"))):
        raise RefusedRow("code", problem)
    values = _words(row, reading)
    values["geom"] = _shape(shape, known)
    before = _before(row, reading, known, seen)
    values["category_id"], category = _class(row, reading, known, before)
    values |= _agencies(row, reading, known)
    code = before["code"] if before else _code(row, reading, known, category, values["geom"], found)
    _check_code(code, category, known)
    if code in seen:
        raise RefusedRow("code", "the code is twice in the file")
    seen.add(code)
    if before is not None:
        # an empty column says "none"; only a state cannot be none
        stated = [name for name in reading.fields() if name != "state" or values[name] is not None]
        values = {**before, **{name: values[name] for name in stated}}
    values["code"] = code
    _finish(row, values, reading, known, found, new=before is None)
    return Judged(row.number, values, before["pk"] if before else None)


def _words(row: Row, reading: Reading) -> dict[str, Any]:
    """Plain columns; state and grade are None where the row says nothing."""
    values: dict[str, Any] = {}
    for what in ("name", "source", "source_id", "note"):
        values[what] = reading.value(row.values, what)
        if len(values[what]) > LONGEST[what]:
            raise RefusedRow(what, "too long")
    values["source"] = values["source"] or reading.source
    word = reading.value(row.values, "state")
    values["state"] = state_of(word) if word else None
    if word and values["state"] is None:
        raise RefusedRow("state", "an unknown state")
    values["accuracy_grade"] = grade_of(reading.value(row.values, "grade"))
    if values["accuracy_grade"] is None:
        raise RefusedRow("grade", "an unknown grade")
    values["accuracy_grade"] = values["accuracy_grade"] or reading.grade
    for what in ("surveyed_on", "changed_on"):
        values[what] = _day(row, reading, what)
    return values


def _day(row: Row, reading: Reading, what: str) -> date | None:
    try:
        return date_of(reading.value(row.values, what))
    except ValueError as error:
        raise RefusedRow(what, "no date") from error


def _shape(shape: BaseGeometry | None, known: Known) -> BaseGeometry:
    if shape is None or shape.is_empty:
        raise RefusedRow("geometry", "no coordinates, or none that the stated datum can mean here")
    if not shape.is_valid:
        raise RefusedRow("geometry", "an invalid shape")
    if known.outline is not None and not shapely.dwithin(known.outline, shape, OUTSIDE_M):
        raise RefusedRow("geometry", "more than 2 km outside the city")
    parts = shapely.get_parts(shape)
    # a multi-part shape of one part is that part: some formats know only the one, some only the other
    single: BaseGeometry = parts[0] if len(parts) == 1 else shape
    return single


def _before(row: Row, reading: Reading, known: Known, seen: set[str]) -> Mapping[str, Any] | None:
    """The published row that this one is about, if there is one."""
    if not reading.makes_codes:
        return known.published.get(reading.value(row.values, "code"))
    number = reading.value(row.values, "source_id")
    if not number:
        raise RefusedRow("source_id", "neither a code nor a number of the source")
    source = reading.value(row.values, "source") or reading.source
    if f"{source}\n{number}" in seen:
        raise RefusedRow("source_id", "the source's number is twice in the file")
    seen.add(f"{source}\n{number}")
    code = known.by_source.get((source, number))
    return known.published[code] if code else None


def _class(row: Row, reading: Reading, known: Known, before: Mapping[str, Any] | None) -> tuple[int, str]:
    """Key and code of the class: what the row says, else what its code says, else what it was."""
    edition, word = reading.value(row.values, "edition"), reading.value(row.values, "class")
    if reading.classes:
        if word not in reading.classes:
            raise RefusedRow("class", "an unknown class")
        word = reading.classes[word]
    if not word:
        if before is not None:
            return before["category_id"], known.by_key[before["category_id"]]
        word = known.scheme.class_of(reading.value(row.values, "code"))
    found = known.classes.get(word)
    if found is None:
        raise RefusedRow("class" if "class" in reading.columns else "code", "an unknown class")
    if edition:
        found = known.editions.get((edition, found[1]))
        if found is None:
            raise RefusedRow("edition", "an unknown edition of the dictionary")
    return found


def _agencies(row: Row, reading: Reading, known: Known) -> dict[str, int | None]:
    names = {"competent": "competent_agency_id", "owner": "owning_agency_id", "maintainer": "maintaining_agency_id"}
    return {column: _agency(row, reading, known, what) for what, column in names.items()}


def _agency(row: Row, reading: Reading, known: Known, what: str) -> int | None:
    """By code, else by name; refused when the row names one that nobody knows."""
    words = [reading.value(row.values, each) for each in (what, f"{what}_name")]
    for word in filter(None, words):
        key = known.agencies.get(reading.agencies.get(word, "" if reading.agencies else word))
        if key is not None:
            return key
    if any(words):
        raise RefusedRow(what if words[0] else f"{what}_name", "an unknown agency")
    return None


def _code(row: Row, reading: Reading, known: Known, category: str, shape: BaseGeometry, found: Findings) -> str:
    """The row's code, or one that is made: district of the place, class, next number."""
    if not reading.makes_codes:
        return reading.value(row.values, "code")
    prefix = known.scheme.prefix(_district(shape, known), category)
    number = known.serials.get(prefix, 0) + 1
    try:
        code = known.scheme.make(prefix, number)
    except OverflowError as error:
        raise RefusedRow("source_id", "no number left in the district and class") from error
    known.serials[prefix] = number
    found.made_codes += 1
    return code


def _district(shape: BaseGeometry, known: Known) -> str:
    """The district that covers the point that stands for a shape, on a border the lowest code; else the nearest."""
    if not known.districts:
        return known.city_code
    at = point_of(shape)
    point = shapely.Point(at.x, at.y)
    covering = [code for code, ground in known.districts.items() if ground.covers(point)]
    if covering:
        return min(covering)
    return min((ground.distance(point), code) for code, ground in known.districts.items())[1]


def _check_code(code: str, category: str, known: Known) -> None:
    problem = known.scheme.problem(code, category)
    if not problem and known.districts and known.scheme.district_of(code) not in known.districts:
        problem = componentcodes.DISTRICT
    if problem:
        raise RefusedRow("code", problem)
    if known.allowed is not None and not code.startswith(known.allowed):
        raise RefusedRow("code", "a district that you do not look after")


def _finish(row: Row, values: dict[str, Any], reading: Reading, known: Known, found: Findings, *, new: bool) -> None:
    """Fill what a new row needs, and note what looks wrong but is no reason to refuse."""

    def note(what: str, reason: str) -> None:
        column = reading.columns.get(what, what)
        found.changed.append(Note(row.number, column, reason, row.values.get(column, "")[:100]))

    if values["state"] is None:
        values["state"] = "intact"
        if new and "state" in reading.columns:
            note("state", "no state: taken as intact")
    surveyed, changed = values["surveyed_on"], values["changed_on"]
    if surveyed and changed and changed < surveyed:
        note("changed_on", "changed before it was surveyed")
    ground = known.districts.get(known.scheme.district_of(values["code"]))
    if ground is not None and not ground.intersects(values["geom"]):
        note("geometry", "outside the district of its code")


def _same(values: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether a row says nothing new; a shape within two millimetres is the same shape."""
    if any(values[name] != before[name] for name in before if name not in ("geom", "pk")):
        return False
    here, there = values["geom"], before["geom"]
    return bool(
        here is there
        or shapely.equals_exact(here, there, SAME_M)
        or shapely.equals_exact(shapely.normalize(here), shapely.normalize(there), SAME_M)
    )
