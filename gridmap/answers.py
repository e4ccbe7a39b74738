"""What the geocoder answers: a point with its level, its uncertainty, and the reasons in words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy

from gridmap.addresses import Address

GEOCODER: Final = "2"  # stored with every position it decided


class Level(StrEnum):
    """How an answer was found, from sharp to vague."""

    DOORPLATE = "doorplate"
    INTERPOLATED = "interpolated"
    NEAR_NUMBER = "near_number"
    POI = "poi"
    COMPOUND = "compound"
    BUILDING = "building"
    CROSSING = "crossing"
    LANE = "lane"
    ROAD = "road"
    VILLAGE = "village"
    DISTRICT = "district"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the explanation: a code and what filled it in."""

    code: str
    params: tuple[tuple[str, str | int | float], ...] = ()


def reason(code: str, **params: str | int | float) -> Reason:
    """A Reason with its parameters in order of writing."""
    return Reason(code, tuple(params.items()))


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible place; x, y in metres of the city's SRID, score 0–1, uncertainty a 90 % radius in metres."""

    x: float
    y: float
    level: Level
    score: float
    uncertainty_m: float
    matched: str
    place_id: int | None
    area: str
    why: tuple[Reason, ...]
    rivals_m: float = 0.0  # to the farthest place that fits as well
    name: str = ""  # the piece of the text, as a matching key, that is this place's name

    @property
    def point(self) -> Point:
        """The place in the city's SRID."""
        return Point(self.x, self.y, srid=settings.CITY.srid)

    @property
    def cost(self) -> float:
        """What the ranking minimises: a sharp answer that fits badly loses to a vaguer one that fits."""
        return self.uncertainty_m / max(self.score, 0.01) ** 2


@dataclass(frozen=True, slots=True)
class Answer:
    """Where a text says something is; level NONE and no coordinates where it cannot be told.

    x, y are metres in the city's SRID; `uncertainty_m` holds the truth with 90 % probability; `matched` is the
    gazetteer's name or street that decided; `why` explains in order.
    """

    text: str
    level: Level = Level.NONE
    x: float | None = None
    y: float | None = None
    score: float = 0.0
    uncertainty_m: float | None = None
    matched: str = ""
    place_id: int | None = None
    alternatives: tuple[Candidate, ...] = ()
    why: tuple[Reason, ...] = ()
    address: Address | None = None
    geocoder: str = GEOCODER

    @property
    def point(self) -> Point | None:
        """The answer as a point in the city's SRID."""
        if self.x is None or self.y is None:
            return None
        return Point(self.x, self.y, srid=settings.CITY.srid)

    @property
    def found(self) -> bool:
        """Whether there is a point."""
        return self.x is not None


LEVELS: Final = {
    Level.DOORPLATE: gettext_lazy("门牌"),
    Level.INTERPOLATED: gettext_lazy("门牌内插"),
    Level.NEAR_NUMBER: gettext_lazy("邻近门牌"),
    Level.POI: gettext_lazy("兴趣点"),
    Level.COMPOUND: gettext_lazy("小区"),
    Level.BUILDING: gettext_lazy("楼栋"),
    Level.CROSSING: gettext_lazy("路口"),
    Level.LANE: gettext_lazy("街巷"),
    Level.ROAD: gettext_lazy("道路"),
    Level.VILLAGE: gettext_lazy("社区/村"),
    Level.DISTRICT: gettext_lazy("区县"),
    Level.NONE: gettext_lazy("未找到"),
}

# one whole sentence for each code; parameters are those given where the reason is made
_SENTENCES: Final = {
    "exact": gettext_lazy("地址库中有“%(street)s%(number)s号”。"),
    "same_number": gettext_lazy("地址库中有“%(street)s%(number)s号”，但附号不同，取“%(found)s”。"),
    "between": gettext_lazy("%(number)s号位于已知的%(below)s号与%(above)s号之间，按同侧门牌内插。"),
    "next_to": gettext_lazy("“%(street)s”上没有%(number)s号，取最近的已知门牌%(found)s。"),
    "beside": gettext_lazy("“%(street)s”上没有已知门牌，按相邻的“%(found)s”推算%(number)s号的位置。"),
    "learned": gettext_lazy("这个门牌的位置来自此前的确认，不是普查。"),
    "section_missing": gettext_lazy("文中未写路段，按“%(street)s”查找。"),
    "name": gettext_lazy("文中的“%(name)s”与地名“%(found)s”一致。"),
    "former_name": gettext_lazy("“%(name)s”是“%(found)s”的曾用名。"),
    "former_name_until": gettext_lazy("“%(name)s”是“%(found)s”的曾用名，用到%(until)s。"),
    "closed": gettext_lazy("“%(place)s”已停用，没有找到现用的地点。"),
    "sections": gettext_lazy("文中未写路段，取“%(road)s”全部%(count)s段的中部。"),
    "similar": gettext_lazy("“%(name)s”与地名“%(found)s”相近（%(percent)s%%）。"),
    "on_road": gettext_lazy("它位于文中所说的“%(road)s”上。"),
    "near_road": gettext_lazy("它在文中所说的“%(road)s”附近。"),
    "off_road": gettext_lazy("它不在文中所说的“%(road)s”上。"),
    "crossing": gettext_lazy("地址库中有“%(one)s”与“%(other)s”的路口。"),
    "closest": gettext_lazy("取“%(one)s”与“%(other)s”已知门牌最接近之处，相距%(metres)s米。"),
    "between_roads": gettext_lazy("取“%(road)s”上“%(one)s”与“%(other)s”之间的中点。"),
    "lane": gettext_lazy("取“%(street)s”已知门牌的中间位置（%(count)s个）。"),
    "lane_mouth": gettext_lazy("巷口按“%(road)s”%(lane)s号的位置估计。"),
    "road": gettext_lazy("只找到道路“%(road)s”，取其中部。"),
    "village": gettext_lazy("只找到“%(area)s”，取其范围内一点。"),
    "same_area": gettext_lazy("所在区域“%(area)s”相符。"),
    "other_area": gettext_lazy("它在“%(found)s”，与“%(area)s”不符。"),
    "ambiguous": gettext_lazy("同名地点有%(count)s处，请核对。"),
    "relation": gettext_lazy("文中说在它的“%(word)s”，点位未作移动。"),
    "offset": gettext_lazy("文中说距它约%(metres)s米，点位未作移动。"),
    "nothing": gettext_lazy("文中没有可识别的地址。"),
    "unknown": gettext_lazy("认出了地址，但地址库中没有：%(parts)s。"),
}


def sentence(reason: Reason) -> str:
    """One reason in the reader's language."""
    return str(_SENTENCES[reason.code]) % dict(reason.params)


def explain(answer: "Answer | Candidate") -> list[str]:
    """Why this is the answer, one sentence a step, in the reader's language."""
    return [sentence(reason) for reason in answer.why]
