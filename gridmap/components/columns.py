"""What the columns of a file of components mean, and the words in them. Pure.

Source of the names: the component record of the standard (domain sheet A3): ObjID, ObjName, DeptCode1, ORDate …
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

# what a column says → what files call it; the first name is the one that exports write (ten letters: shapefiles)
HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("ObjID", "标识码", "部件标识码", "部件编码", "部件代码", "编码", "代码", "code"),
    "name": ("ObjName", "部件名称", "名称", "name"),
    "class": ("ClassCode", "类别编码", "类别代码", "小类编码", "小类代码", "部件类别", "部件小类", "类别", "class"),
    "edition": ("ClassEd", "类别字典", "字典版本"),
    "competent": ("DeptCode1", "主管部门代码", "主管部门编码"),
    "competent_name": ("DeptName1", "主管部门", "主管部门名称"),
    "owner": ("DeptCode2", "权属单位代码", "权属单位编码", "权属代码"),
    "owner_name": ("DeptName2", "权属单位", "权属单位名称", "权属"),
    "maintainer": ("DeptCode3", "养护单位代码", "养护单位编码", "养护代码"),
    "maintainer_name": ("DeptName3", "养护单位", "养护单位名称", "养护"),
    "cell": ("BGID", "所在单元网格", "单元网格标识码", "单元网格编码", "单元网格"),
    "state": ("ObjState", "状态", "部件状态"),
    "grade": ("Grade", "精度等级", "定位精度", "数据精度"),
    "surveyed_on": ("ORDate", "初始日期", "普查日期"),
    "changed_on": ("CHDate", "变更日期", "更新日期"),
    "source": ("DataSource", "数据来源", "来源"),
    "source_id": ("SourceID", "来源编号", "原编号"),
    "note": ("Note", "备注"),
    "x": ("X", "经度", "东坐标", "lon", "lng", "long", "longitude", "easting"),
    "y": ("Y", "纬度", "北坐标", "lat", "latitude", "northing"),
    "wkt": ("WKT", "空间位置", "geometry", "geom"),
}
# a shapefile holds 254 bytes a value: the rest of a long note stands in the columns Note_2, Note_3 …
MORE: Final = re.compile(r"^Note_([2-9])$", re.I)
# columns of a component that each of these can change
FIELDS: Final[Mapping[str, str]] = {
    "name": "name",
    "class": "category_id",
    "competent": "competent_agency_id",
    "competent_name": "competent_agency_id",
    "owner": "owning_agency_id",
    "owner_name": "owning_agency_id",
    "maintainer": "maintaining_agency_id",
    "maintainer_name": "maintaining_agency_id",
    "state": "state",
    "grade": "accuracy_grade",
    "surveyed_on": "surveyed_on",
    "changed_on": "changed_on",
    "source": "source",
    "source_id": "source_id",
    "note": "note",
}
# read, but worked out here: the cell follows from the position
COMPUTED: Final = frozenset({"cell"})

_STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "intact": ("完好", "正常", "良好"),
    "damaged": ("破损", "损坏"),
    "missing": ("丢失", "缺失"),
    "moved": ("移位",),
    "abandoned": ("废弃", "报废"),
}
_GRADES: Final = {"甲": "A", "乙": "B", "丙": "C"}
_DATE: Final = re.compile(
    r"^(?:(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?|(?P<y8>\d{4})(?P<m8>\d\d)(?P<d8>\d\d))(?:[ T].*)?$"
)


def key(header: str) -> str:
    """A header as it is compared: full-width as half-width, small letters, nothing but letters and digits."""
    return "".join(c for c in unicodedata.normalize("NFKC", header).casefold() if c.isalnum())


_KNOWN: Final = {key(name): what for what, names in HEADERS.items() for name in names}


def guess(headers: Iterable[str]) -> dict[str, str]:
    """Which column says what, by the standard's names in Chinese or letters; of two that say the same the first."""
    found: dict[str, str] = {}
    for header in headers:
        what = _KNOWN.get(key(header))
        if what and what not in found:
            found[what] = header
    return found


@dataclass(frozen=True)
class Reading:
    """How one file is to be read: datum of its coordinates, its columns, and its own words for classes and agencies.

    `columns` maps what (the keys of HEADERS) to a column. Without a column of codes they are made by rule, and
    `source_id` tells the rows apart. Words that are not listed are codes or names.
    """

    datum: str
    columns: Mapping[str, str]
    classes: Mapping[str, str] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    grade: str = ""

    @property
    def makes_codes(self) -> bool:
        return "code" not in self.columns

    def value(self, values: Mapping[str, str], what: str) -> str:
        """What a row says about something; "" where it has no such column."""
        column = self.columns.get(what)
        value = values.get(column, "").strip() if column else ""
        if what == "note" and value:
            value += "".join(rest for _number, rest in sorted(more_notes(values)))
        return value

    def fields(self) -> list[str]:
        """The columns of a component that this file states, in a fixed order."""
        stated = {FIELDS[what] for what in self.columns if what in FIELDS} | {"geom"}
        if self.source:
            stated.add("source")
        return sorted(stated)

    def unused(self, headers: Iterable[str]) -> list[str]:
        """Columns of the file that nothing is taken from."""
        used = {column for what, column in self.columns.items() if what not in COMPUTED}
        return [header for header in headers if header not in used and not MORE.match(header)]


def more_notes(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """The continuations of a note with their numbers."""
    return [(match.group(1), value) for name, value in values.items() if (match := MORE.match(name))]


def state_of(word: str) -> str | None:
    """The state that a word means: one of the standard's five, or its name here; None for another word."""
    for state, words in _STATES.items():
        if word == state or word in words:
            return state
    return None


def state_word(state: str) -> str:
    """The standard's word for a state, as files write it."""
    return _STATES[state][0]


def grade_of(word: str) -> str | None:
    """A, B or C, also written a, A级 or 甲级; "" for nothing, None for another word."""
    bare = unicodedata.normalize("NFKC", word).strip().removesuffix("级").upper()
    bare = _GRADES.get(bare, bare)
    return bare if bare in ("", "A", "B", "C") else None


def date_of(word: str) -> date | None:
    """A day written 2024-05-06, 2024/5/6, 20240506, 2024.5.6 or 2024年5月6日, a time behind it ignored.

    Raises ValueError for a word that is none; None for nothing.
    """
    bare = unicodedata.normalize("NFKC", word).strip()
    if not bare:
        return None
    match = _DATE.match(bare)
    if match is None:
        raise ValueError(word)
    year, month, day = (int(part) for part in match.groups() if part is not None)
    return date(year, month, day)
