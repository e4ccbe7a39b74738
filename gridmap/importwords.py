"""What the books of imports say, in the reader's language; they are kept in short English sentences."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridmap.components.rows import REASONS
from gridmap.datumcheck import FILE
from gridmap.models import Area

# pattern of the book's sentence → the same in words; named groups are filled in
SENTENCES: Final = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"the code of an? (?P<level>\w+) has (?P<digits>\d+) digits", gettext_lazy("该层级的编码应为 %(digits)s 位")),
        (r"the code does not begin with the city's (?P<city>\w+)", gettext_lazy("编码不以本市代码 %(city)s 开头")),
        (r"the code was there before", gettext_lazy("编码重复")),
        (r"no name", gettext_lazy("没有名称")),
        (
            r"no area, or outside of what (?P<datum>\S+) can mean here",
            gettext_lazy("没有面，或坐标不可能属于 %(datum)s"),
        ),
        (
            r"no area of the level below has a code that begins with this one",
            gettext_lazy("下一层级没有以此编码开头的区域"),
        ),
        (r"nothing is left of this area, another one covers it", gettext_lazy("被另一个区域完全覆盖")),
        (r"has no area", gettext_lazy("面积为零")),
        (r"(?P<found>\d+) columns, expected (?P<wanted>\d+)", gettext_lazy("有 %(found)s 列，应为 %(wanted)s 列")),
        (r"a kind that the mapping leaves out", gettext_lazy("城市配置中不导入的类型")),
        (r"name over 100 or address over 200 characters", gettext_lazy("名称超过 100 字或地址超过 200 字")),
        (
            r"no coordinates, or outside of what (?P<datum>\S+) can mean here",
            gettext_lazy("没有坐标，或坐标不可能属于 %(datum)s"),
        ),
        (r"more than 2 km outside the city", gettext_lazy("距本市边界超过 2 公里")),
        (
            r"made valid: (?P<what>.*): (?P<m2>[\d.]+) m²",
            gettext_lazy("图形无效，已修复（%(what)s），变动 %(m2)s 平方米"),
        ),
        (r"gained from gaps and overlaps: (?P<m2>[\d.]+) m²", gettext_lazy("补入缝隙和重叠 %(m2)s 平方米")),
        (r"lost from overlaps: (?P<m2>[\d.]+) m²", gettext_lazy("重叠部分划给相邻区域 %(m2)s 平方米")),
        (r"detached sliver given to its neighbour: (?P<m2>[\d.]+) m²", gettext_lazy("碎片 %(m2)s 平方米划给相邻区域")),
        (
            r"replaced by the sum of its (?P<parts>\d+) parts: (?P<m2>[\d.]+) m² differ",
            gettext_lazy("改用下级 %(parts)s 个区域之和，相差 %(m2)s 平方米"),
        ),
        (r"told by (?P<source>.*) too", gettext_lazy("“%(source)s”中也有，合并为一处")),
        (r"not a day: expected 2019-05-01", gettext_lazy("日期无法识别，应写成 2019-05-01")),
        (r"joined from (?P<pieces>\d+) pieces", gettext_lazy("由 %(pieces)s 段合并")),
        (
            r"(?P<count>\d+) areas have no area above them by their code: (?P<codes>.*)",
            gettext_lazy("%(count)s 个区域按编码找不到上级：%(codes)s"),
        ),
        (
            r"the file says of itself that it is in (?P<file>.*), the mapping states (?P<stated>\S+)",
            gettext_lazy("文件自带的坐标系是 %(file)s，城市配置写的是 %(stated)s"),
        ),
    )
]
KINDS: Final = {
    "made valid": gettext_lazy("无效图形"),
    "gained from gaps and overlaps": gettext_lazy("补入缝隙和重叠"),
    "lost from overlaps": gettext_lazy("重叠"),
    "detached sliver given to its neighbour": gettext_lazy("碎片"),
    "replaced by the sum of its parts": gettext_lazy("改用下级之和"),
    "joined": gettext_lazy("分段合并"),
    "told by another list too": gettext_lazy("其他名录中也有，已合并"),
}
DATUMS: Final = {
    "wgs84": "WGS84",
    "gcj02": "GCJ-02",
    "bd09": "BD-09",
    "cgcs2000": "CGCS2000",
    "city": gettext_lazy("本市坐标系"),
}
EVIDENCE: Final = {
    "district": gettext_lazy("所写区域与所在区域"),
    "shape": gettext_lazy("与已有同名区域的重合"),
    "twin": gettext_lazy("与已有同名对象的距离"),
}
LAYERS: Final = {
    "places": gettext_lazy("地名地址"),
    "components": gettext_lazy("部件"),
    "reports": gettext_lazy("诉求"),
}
_SIZE: Final = re.compile(r": [\d.]+ m².*$|\d+ ")


def reason(sentence: str) -> str:
    """A reason or a change in words; one that nobody translated stays as it is."""
    for pattern, words in SENTENCES:
        if match := pattern.fullmatch(sentence):
            return str(words) % match.groupdict()
    return str(REASONS.get(sentence, sentence))


def column(name: str) -> str:
    """A column of the file; the shape has no name of its own."""
    return _("几何") if name == "geometry" else name


def layer(name: str) -> str:
    """The layer of an import."""
    kind, _colon, level = name.partition(":")
    return str(Area.Level(level).label) if kind == "areas" and level in Area.Level else str(LAYERS.get(name, name))


def datum(name: str) -> str:
    """A datum as people write it."""
    return str(DATUMS.get(name, name))


def kinds_of(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Changes by their kind: how many, and how many square metres together; the most frequent first."""
    found: dict[str, dict[str, Any]] = {}
    for change in changes:
        sentence = change["reason"]
        kind = _SIZE.sub("", sentence.split(":")[0] if sentence.startswith("made valid") else sentence)
        kind = "joined" if kind.startswith("joined") else kind
        kind = "told by another list too" if kind.startswith("told by") else kind
        entry = found.setdefault(kind, {"what": str(KINDS.get(kind, reason(kind))), "count": 0, "m2": 0.0})
        entry["count"] += 1
        if size := re.search(r"([\d.]+) m²", sentence):
            entry["m2"] += float(size[1])
    return sorted(found.values(), key=lambda entry: (-entry["count"], entry["what"]))


def warnings(report: Mapping[str, Any]) -> list[str]:
    """What somebody has to look at: datums that do not fit, and what the book itself warns of."""
    told = [suspicion(found) for found in report.get("datum", ()) if found.get("suspect")]
    plain = [line for line in report.get("warnings", ()) if "look" not in line.split(":")[0]]
    return told + [reason(line) for line in plain]


def suspicion(found: Mapping[str, Any]) -> str:
    """The sentence of a comparison in which another datum fits better."""
    names = {"datum": datum(found["suspect"]["datum"]), "stated": datum(found["stated"])}
    if found["suspect"]["who"] == FILE:
        return _("这份数据的坐标像是 %(datum)s，而不是所写的 %(stated)s。") % names
    return _("已入库的对照数据像是 %(datum)s；这份数据按 %(stated)s 没有问题。") % names


def comparisons(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every comparison of datums for a table: evidence, rows, and each reading with its figures."""
    found = []
    for one in report.get("datum", ()):
        suspect = one.get("suspect") or {}
        readings = [
            {
                **fit,
                "name": reading(fit["who"], fit["datum"], first=i == 0),
                "best": (fit["who"], fit["datum"]) == (suspect.get("who"), suspect.get("datum")),
                "share": None if fit["agrees"] is None else 100 * fit["agrees"],
            }
            for i, fit in enumerate(one["fits"])
        ]
        found.append({"evidence": str(EVIDENCE[one["evidence"]]), "rows": one["rows"], "readings": readings})
    return found


def reading(who: str, name: str, *, first: bool) -> str:
    """What is supposed in one line of that table."""
    if first:
        return _("按所写的 %(datum)s") % {"datum": datum(name)}
    if who == FILE:
        return _("假如这份数据是 %(datum)s") % {"datum": datum(name)}
    return _("假如已入库的是 %(datum)s") % {"datum": datum(name)}
