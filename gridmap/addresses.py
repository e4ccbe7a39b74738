"""Finds the address inside what a resident says: areas, road, lane, number, names, crossing, relation."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gridmap.normalise import Keyed, key, keyed

_HAN: Final = "\u3400-\u9fff"
# the head of an address, in its order; a word that only looks like an area is refused by what follows it
_HEAD: Final = re.compile(
    rf"(?:[{_HAN}]{{2,3}}省)?(?:(?![{_HAN}]{{1,2}}[夜超菜早城门区县]市)[{_HAN}]{{2,3}}市)?"
    rf"(?P<district>(?:[{_HAN}]{{1,4}}?(?<![小社园校厂景业宅墅])区|[{_HAN}]{{2,3}}县)(?![域间段公里]))?"
    rf"(?P<subdistrict>(?![{_HAN}]{{0,2}}[路巷])[{_HAN}]{{2,4}}?(?:街道|镇|乡)(?![路街巷长民政]))?"
    rf"(?P<village>[{_HAN}]{{2,5}}?社区|(?![{_HAN}]{{0,3}}[路街巷])[{_HAN}]{{1,5}}?[里村](?![路街巷弄国桥站长民办程内港]))?"
    r"(?:(?P<neighbourhood>\d{1,3})邻)?"
)
_BEFORE_HEAD: Final = re.compile(r".{0,10}?(?:位于|坐落于|住在|家在|就在|地点|地址[:是]?|[在从到,:])")
_NEIGHBOURHOOD: Final = re.compile(r"(?<!\d)(\d{1,3})邻")
_STREET: Final = re.compile(
    rf"(?P<run>[{_HAN}\d]{{1,9}}?(?:大道|大街|公路|路(?!社区|街道)|街(?!道|社区)|胡同|(?<=[{_HAN}])(?<!\d)巷(?![内口路街])))"
    r",?(?:(?P<section>\d{1,2})段)?,?(?:(?P<lane>\d{1,4}(?:-\d+)?)巷)?(?:(?P<alley>\d{1,4}(?:-\d+)?)弄)?"
)
# 128号, 128-1号, 571号之33, 70几号, 128或130号, 56到62号: the first number counts
_MORE: Final = r"(?:[,及和与或/^&.]-?\d{1,5}(?:-\d+)?号?){1,4}?"
_NUMBER: Final = re.compile(
    rf"(?P<number>\d{{1,5}})(?:-(?P<sub>\d{{1,4}}))?(?:[几多]?号(?!楼|线|公路|机|桥|道)|(?={_MORE}号(?!楼)))"
    r"(?:[之-](?P<after>\d{1,4})号?)?(?:(?:到|至|~|-)(?P<to>\d{1,5})(?:-\d+)?号)?"
)
_RANGE: Final = re.compile(r"(?P<number>\d{1,5})(?:-\d+)?号?(?:到|至|~)(?P<to>\d{1,5})(?:-\d+)?号(?!楼)")
_BUILDING: Final = re.compile(r"(?P<building>[a-z]?\d{1,4})(?:号楼|栋|幢|座)|(?P<letter>[a-z])[栋幢座]")
_UNIT: Final = re.compile(r"(?P<unit>[东西南北中]|\d{1,2}|[a-z])单元")
_BARE: Final = re.compile(r",?(?P<number>\d{1,5})(?:-(?P<sub>\d{1,4}))?(?=$|[,()])")  # 九江路660
_LONGEST_NAME: Final = 14
_WHOLE_NAME: Final = 24  # a text this short without a number may be nothing but a name
_BUS: Final = re.compile(r"\d+路")
_NOT_ROADS: Final = re.compile(
    r"(?:.*(?:马|道|铁|的|条|产业道)路|.*条街|.*[条防]火?巷|[网线走水电回一街小前旁边同半让挡过]路|[大逛上沿]街|[小后]巷)$"
)
_AFTER_NOT_ROAD: Final = frozenset("灯面树人况标障霸边肩缘基牌")
_LEADS: Final = re.compile(
    r"^.*(?:位于|坐落于|住在|我家在|就在|地点|地址[:是]?|关于|反映|反应|有关|靠近|[从在到往与及由])(?=.{2})"
)
_CONNECTOR: Final = re.compile(r"[与和及跟,*/&+×x.]+(?:靠?近)?")
_JUNCTION: Final = re.compile(r"(?:的)?(?:交叉|交会|交汇|交接|交界|相交|转角)?(?:路口|口|处|交叉|转角|交界)")
_NAMED: Final = re.compile(
    rf"[{_HAN}a-z0-9]{{2,12}}?(?:小区|社区|新村|花园|家园|嘉园|公寓|大厦|大楼|广场|公园|学校|小学|中学|大学|国小"
    r"|国中|高中|幼儿园|医院|诊所|旅馆|旅社|宾馆|酒店|饭店|市场|夜市|超市|商场|车站|火车站|银行|派出所|村委会"
    r"|居委会|活动中心|教堂|加油站|停车场|图书馆|体育馆|殡仪馆|农会|公司|门市房)(?![路街巷段])"
)
_AFTER_STREET: Final = re.compile(rf"\d|{_CONNECTOR.pattern}[{_HAN}]+路|{_JUNCTION.pattern}")
_RELATION: Final = re.compile(
    r"斜?对面|正?门口|大?门前|[前后]门|正前方|[东西南北]{1,2}(?:侧|边|面|方|墙外|墙|门|端|头)|前[方面]?|后[方面]|旁边?"
    r"|隔壁|附近|周[边遭围]|一带|尽头|之间|中间|路口|巷口|巷内|[内里外]侧?|楼下|边上?|[左右]侧|后"
)
_OFFSET: Final = re.compile(r"(?:往|向|朝)?([东西南北]{1,2})?(?:方向)?约?(\d{1,4})(?:米|公尺|m(?![a-z]))")
_SIDE: Final = re.compile(r"[东西南北]{1,2}")


@dataclass(frozen=True, slots=True)
class Relation:
    """How the spot lies to what was named: the word, a compass direction, metres."""

    word: str
    direction: str = ""
    offset_m: float | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Which characters of the original text decided a part of the address."""

    part: str
    start: int
    end: int


@dataclass(frozen=True)
class Known:
    """Names a gazetteer knows, as matching keys: they decide where a name begins inside a sentence."""

    districts: frozenset[str] = frozenset()
    subdistricts: frozenset[str] = frozenset()
    communities: frozenset[str] = frozenset()
    roads: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Address:
    """What a text says about a place; every string is a matching key, spans point into the original text."""

    text: str
    district: str = ""
    subdistrict: str = ""
    village: str = ""
    neighbourhood: int | None = None
    road: str = ""  # with its section: 永大路2段
    locality: str = ""  # a name that carries numbers where there is no road, or between road and number
    lane: str = ""
    alley: str = ""
    number: int | None = None
    sub_number: int | None = None
    number_to: int | None = None
    building: str = ""
    unit: str = ""
    names: tuple[str, ...] = ()  # compounds and points of interest, most likely first
    starts: tuple[str, ...] = ()  # text from where an area or road begins: 钱家巷公厕 is a name of its own
    whole: tuple[str, ...] = ()  # the text itself, with and without its areas, where it may be nothing but a name
    runs: tuple[str, ...] = ()  # text in which a known name may begin anywhere
    crossing: tuple[str, str] | None = None
    between: tuple[str, str] | None = None  # a stretch of `road` between two others
    relation: Relation | None = None
    spans: tuple[Span, ...] = field(default=(), repr=False)

    @property
    def areas(self) -> frozenset[str]:
        """The keys under which its areas may also stand in a list of places."""
        parts = (self.district, self.subdistrict, self.village)
        return frozenset(filter(None, (*parts, self.district + self.village, self.subdistrict + self.village)))

    @property
    def street(self) -> str:
        """The key that doorplates of the same row share: road with section, or locality, then lane, alley."""
        return self.streets[0] if self.streets else ""

    @property
    def streets(self) -> tuple[str, ...]:
        """Keys of the street this number may belong to, most likely first."""
        tail = (f"{self.lane}巷" if self.lane else "") + (f"{self.alley}弄" if self.alley else "")
        if self.road and self.locality:
            bases = [self.road + self.locality, self.locality]
        elif self.road or self.locality:
            bases = [self.road or self.locality]
        elif self.lane and not self.village:  # 五巷14号: a lane named by a number alone
            return (tail,)
        else:
            bases = []
        if self.village and not self.road:
            bases.append(self.village)
        return tuple(base + tail for base in bases)


NOTHING: Final = Known()


def parse(text: str, known: Known = NOTHING) -> Address:
    """Read the address out of a text in any Chinese spelling; parts that are not there stay empty.

    Without `known` names a road's beginning inside a sentence is guessed from the words before it.
    """
    return _Reader(keyed(text), text, known).read()


class _Reader:
    """One reading of one text, part by part from left to right."""

    def __init__(self, key_text: Keyed, text: str, known: Known) -> None:
        self.keyed, self.text, self.known = key_text, text, known
        self.key = key_text.text
        self.parts: dict[str, str] = {}
        self.numbers: dict[str, int | None] = {}
        self.spans: list[Span] = []
        self.begins: list[int] = []
        self.at = 0  # everything before is read
        self.head = 0  # where the areas end
        self.village_at = 0
        self.names: list[str] = []
        self.runs: list[str] = []
        self.crossing: tuple[str, str] | None = None
        self.between: tuple[str, str] | None = None

    def read(self) -> Address:
        self._head()
        roads = self._roads()
        if roads:
            self._main_road(roads)
        else:
            self._number(self.at)
        relation = self._relation()
        self._building()
        self._names()
        return Address(
            text=self.text,
            crossing=self.crossing,
            between=self.between,
            relation=relation,
            names=tuple(dict.fromkeys(self.names)),
            runs=tuple(dict.fromkeys(self.runs)),
            spans=tuple(sorted(self.spans, key=lambda s: s.start)),
            starts=tuple(dict.fromkeys(self.key[b : b + _LONGEST_NAME] for b in (0, *self.begins))),
            whole=self._whole(),
            neighbourhood=self.numbers.get("neighbourhood"),
            number=self.numbers.get("number"),
            sub_number=self.numbers.get("sub_number"),
            number_to=self.numbers.get("number_to"),
            **self.parts,
        )

    def _mark(self, part: str, start: int, end: int) -> None:
        first, last = self.keyed.original(start, end)
        self.spans.append(Span(part, first, last))

    def _take(self, part: str, value: str, start: int, end: int) -> None:
        self.parts[part] = value
        if part in ("district", "subdistrict", "village", "road"):
            self.begins.append(start)
        self._mark(part, start, end)

    def _head(self) -> None:
        match = _HEAD.match(self.key)
        if match and not match.end() and (lead := _BEFORE_HEAD.match(self.key)):
            later = _HEAD.match(self.key, lead.end())
            match = later if later and (later["district"] or later["subdistrict"]) else match
        if match:
            for part in ("district", "subdistrict", "village"):
                if match[part]:
                    self._take(part, match[part], match.start(part), match.end(part))
            if match["neighbourhood"]:
                self.numbers["neighbourhood"] = int(match["neighbourhood"])
            self.at = match.end()
        for part, names in (
            ("district", self.known.districts),
            ("subdistrict", self.known.subdistricts),
            ("village", self.known.communities),
        ):
            if names and self.parts.get(part) not in names:
                self._known_area(part, names)
        self.head = self.at
        village = self.parts.get("village", "")
        self.village_at = self.head - len(village) if self.key[: self.head].endswith(village) else self.head

    def _known_area(self, part: str, names: frozenset[str]) -> None:
        for match in re.finditer(r"[区县镇乡道里村]|社区|市", self.key):
            for length in range(7, 1, -1):
                start = match.end() - length
                if start >= 0 and self.key[start : match.end()] in names:
                    self._take(part, self.key[start : match.end()], start, match.end())
                    self.at = max(self.at, match.end()) if match.end() <= self.at + 12 else self.at
                    return

    def _roads(self) -> list[tuple[str, re.Match[str], int]]:
        """Roads in order: name with section, the match, where the name really begins."""
        found: list[tuple[str, re.Match[str], int]] = []
        at = self.at
        while match := _STREET.search(self.key, at):
            at = match.end()
            run, begin = match["run"], match.start("run")
            follows = self.key[match.end("run") : match.end("run") + 1]
            section = f"{match['section']}段" if match["section"] else ""
            name, guess = self._known_tail(run, section), self._guess_tail(run)
            if begin == self.head and len(guess) == len(run) <= 6 and len(run) - len(name) < 2:
                name = guess  # right after the area: one character more makes another road, known or not
            if not name and not found and _BUS.fullmatch(guess) and not _AFTER_STREET.match(self.key, match.end()):
                continue  # 11路 is a bus line, 51路12号 is 五一路
            if not name:
                if not guess or (follows in _AFTER_NOT_ROAD and not section):
                    continue
                name = guess
            found.append((name + section, match, begin + len(run) - len(name)))
        return found

    def _known_tail(self, run: str, section: str) -> str:
        for i in range(max(1, len(run) - 2)):
            if run[i:] + section in self.known.roads or run[i:] in self.known.roads:
                return run[i:]
        return ""

    def _guess_tail(self, run: str) -> str:
        name = _LEADS.sub("", run)
        name = re.sub(r"^[号前旁口边段巷弄楼]+(?=.{2,}[路街道巷])", "", name) if len(name) > 3 else name
        bare = name.lstrip("0123456789")
        name = bare if len(bare) > 2 else name  # 96号17街: the number before belongs to what came before
        if len(name) < 2 or _NOT_ROADS.match(name):
            return ""
        return name

    def _main_road(self, roads: list[tuple[str, re.Match[str], int]]) -> None:
        name, match, begin = roads[0]
        end = match.end("section") + 1 if match["section"] else match.end("run")
        self._take("road", name, begin, end)
        before = self.key[self.at : begin]
        if len(before) >= 2:
            self.runs.append(before)
        for part in ("lane", "alley"):
            if match[part]:
                self._take(part, match[part], match.start(part), match.end(part) + 1)
        self.at = match.end()
        numbered = self._number(self.at)
        if len(roads) > 1 and not numbered:
            self._second_road(roads)

    def _second_road(self, roads: list[tuple[str, re.Match[str], int]]) -> None:
        first, (name, match, begin) = roads[0], roads[1]
        gap = self.key[first[1].end() : begin]
        if name == first[0] or len(gap) > 4:
            return
        if len(roads) > 2 and re.search(r"之?间|路段", self.key[match.end() :]):
            self.between = (name, roads[2][0])
            self._mark("between", begin, roads[2][1].end())
            return
        if not gap or _CONNECTOR.fullmatch(gap) or _JUNCTION.match(self.key, match.end()):
            self.crossing = (first[0], name)
            self._mark("crossing", begin, match.end())
            self.at = match.end()

    def _number(self, start: int) -> bool:
        """The first number from `start`; what stands between road and number is a locality or a name."""
        match = _RANGE.match(self.key, start) or _NUMBER.search(self.key, start)
        if not match and self.parts.get("road"):
            match = _BARE.match(self.key, start)
        if not match:
            return False
        gap = self.key[start : match.start()].strip(",:靠近")
        if gap and not self._locality(gap, start):
            return False
        groups = match.groupdict()
        self.numbers["number"] = int(match["number"])
        sub = groups.get("sub") or groups.get("after")
        self.numbers["sub_number"] = int(sub) if sub else None
        self.numbers["number_to"] = int(groups["to"]) if groups.get("to") else None
        self._mark("number", match.start(), match.end())
        self.at = match.end()
        return True

    def _locality(self, gap: str, start: int) -> bool:
        """A short plain name right before the number takes the number: 寮子廍12号, 海陵北路十八亩50号."""
        if match := _NEIGHBOURHOOD.search(gap):
            self.numbers["neighbourhood"] = int(match[1])
            gap = gap[match.end() :]
            if not gap:
                return True
        tail = re.split(r"[,:()\"/]", gap)[-1]
        lane = re.fullmatch(rf"([{_HAN}]*?)(?:(\d{{1,4}})巷)?(?:(\d{{1,4}})弄)?", tail)
        if not lane or len(lane[1]) > 8 or (self.parts.get("road") and len(lane[1]) > 4):
            return False
        where = self.key.index(tail, start)
        if lane[1]:
            self._take("locality", lane[1], where, where + len(lane[1]))
        for part, value in (("lane", lane[2]), ("alley", lane[3])):
            if value:
                self._take(part, value, where + len(lane[1]), where + len(tail))
        return True

    def _building(self) -> None:
        if match := _BUILDING.search(self.key):
            self._take("building", match["building"] or match["letter"], match.start(), match.end())
        if match := _UNIT.search(self.key):
            self._take("unit", match["unit"], match.start(), match.end())

    def _relation(self) -> Relation | None:
        match = _RELATION.search(self.key, self.at)
        offset = _OFFSET.search(self.key, self.at)
        if not match and not offset:
            return None
        word = match.group() if match else ""
        side = _SIDE.search(word) or (_SIDE.search(offset.group()) if offset else None)
        for found in (match, offset):
            if found:
                self._mark("relation", found.start(), found.end())
        return Relation(word, side.group() if side else "", float(offset[2]) if offset else None)

    def _whole(self) -> tuple[str, ...]:
        if "number" in self.numbers:
            return ()
        texts = dict.fromkeys((key(self.key), key(self.key[self.head :])))
        return tuple(text for text in texts if 2 <= len(text) <= _WHOLE_NAME)

    def _names(self) -> None:
        """Name candidates: what stands between the address read so far and a relation word, and known endings."""
        rest = self.key[self.at :]
        run = re.split(r"[,:()\"/]", rest.lstrip(',:("/'), maxsplit=1)[0][:24]
        if len(run) >= 2:
            self.runs.append(run)
            relation = _RELATION.search(run)
            if relation and relation.start() >= 2:
                self.names.append(run[: relation.start()])
        # 钦村小学 begins with a village and is a name all the same
        for start in dict.fromkeys((self.head, self.village_at)):
            for match in _NAMED.finditer(self.key, start):
                self.names.append(match.group())
                self.runs.append(match.group())
        if not self.parts.get("road") and self.at and self.parts.get("locality"):
            self.runs.append(self.parts["locality"])


def known_from(roads: Iterable[str] = (), **areas: Iterable[str]) -> Known:
    """`Known` from plain names: roads, districts, subdistricts, communities, in any spelling."""
    return Known(
        roads=frozenset(key(name) for name in roads),
        **{level: frozenset(key(name) for name in names) for level, names in areas.items()},
    )
