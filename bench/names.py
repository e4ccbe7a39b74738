"""Shanghai's points of interest: found by their address while they are withheld, and by their name mistyped.

Asked are points whose name is unique in their district and whose address has a number. Withheld is that point alone,
or every point at its number; the answer counts within 100 m. The reference is the nearest known number of the same
street. Mistyped: one character dropped, doubled, or replaced by another of the same sound; the point must be among
the first three answers.
"""

import argparse
import math
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import report

if TYPE_CHECKING:
    from gridmap.addresses import Known
    from gridmap.gazetteer import Branches, Entry, MemoryGazetteer, Streets
    from gridmap.models import Place

COMMAND = "python bench/names.py --data DIR --write"
SEED = 4
ASKED = 4000
WITHIN_M = 100.0
# characters of the same sound that are common in names
_SOUNDS: Final = (
    "园圆员原源元 店电殿 馆管 新心鑫欣 华花 丽利莉力 兴星 宝保 东冬 城成诚程 家佳嘉 明名鸣 小晓 中钟 "
    "国果 金锦今 长常 安鞍 德得 福富 和合河何 红宏洪虹 文闻 江姜 人仁 学雪 校效笑 医一依 院苑愿 银音 "
    "公工宫 司思斯 商伤 场厂 百柏 货获 路鹿 站占 第地弟 附富 海还 上尚 门们 饭范 酒九久 汤糖 鱼渔于 "
    "面眠 味未卫 香乡 客刻 服福 式市室世 生声升 北贝 南男 西溪希 大达 桥乔 湾弯 镇振 村存 街接 区曲 "
    "民敏 分芬 总宗 外歪 交郊 通同 汇会惠 龙隆 山衫 林临 森深 平凭 永勇 康慷 建健 机鸡 车撤 师狮 "
    "业叶 银寅 "
)
SOUNDS: Final = _SOUNDS.split()


class Without:
    """A gazetteer from which some places are taken away for one question."""

    def __init__(self, gazetteer: "MemoryGazetteer") -> None:
        self.gazetteer = gazetteer
        self.gone: frozenset[int] = frozenset()

    def known(self, text: str) -> "Known":
        return self.gazetteer.known(text)

    def streets(self, keys: Sequence[str]) -> "Streets":
        found = {
            key: {area: [door for door in doors if door.id not in self.gone] for area, doors in by_area.items()}
            for key, by_area in self.gazetteer.streets(keys).items()
        }
        return {key: {area: doors for area, doors in areas.items() if doors} for key, areas in found.items()}

    def branches(self, keys: Sequence[str]) -> "Branches":
        return {
            key: {area: [one for one in houses if one.entry.id not in self.gone] for area, houses in by_area.items()}
            for key, by_area in self.gazetteer.branches(keys).items()
        }

    def named(self, keys: Sequence[str]) -> "Mapping[str, Sequence[Entry]]":
        found = self.gazetteer.named(keys)
        return {key: [one for one in entries if one.id not in self.gone] for key, entries in found.items()}

    def __getattr__(self, name: str) -> object:
        return getattr(self.gazetteer, name)


def main() -> int:
    """Parse, measure, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with Shanghai's files")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # small matrices
    report.prepare("shanghai")
    told = measured(options.data)
    print(told)
    if options.write:
        report.write("names", "Points of interest", COMMAND, told, "one process, no database")
    return 0


def measured(data: Path) -> str:
    """Read, choose, ask; the lines of the result."""
    from gridmap.gazetteer import MemoryGazetteer

    places = points_of_interest(data)
    gazetteer = MemoryGazetteer.load(places)
    once = Counter((place.name, place.area_key) for place in places)
    asked = [p for p in places if once[p.name, p.area_key] == 1 and p.number is not None and p.road_key]
    random.Random(SEED).shuffle(asked)
    lines = [f"{len(places):,} points, {len(asked):,} with a unique name and a number, {ASKED:,} of them asked", ""]
    asked = asked[:ASKED]
    lines += [by_address(gazetteer, places, asked, whole) for whole in (False, True)]
    return "\n".join([*lines, "", *(by_name(gazetteer, asked, how) for how in ("dropped", "doubled", "same sound"))])


def points_of_interest(data: Path) -> "list[Place]":
    """The list, with keys of their own."""
    from django.conf import settings

    from gridmap.layers import points_of, read_rows, shapes_in_city
    from gridmap.placekeys import place_row, settle_roads
    from gridmap.shapes import point_of

    mapping = next(one for one in settings.CITY.mapping["places"] if one["file"] == "pois.csv.gz")
    rows = points_of(read_rows(data / mapping["file"]), mapping["x"], mapping["y"])
    places = []
    for row, shape in zip(rows, shapes_in_city(rows, mapping["datum"]), strict=True):
        if shape is not None and row.values["name"]:
            name, address, area = (row.values[mapping[part]] for part in ("name", "address", "area"))
            places.append(place_row("poi", name, point_of(shape), source=mapping["source"], address=address, area=area))
    settle_roads(places)
    for key, place in enumerate(places, 1):
        place.pk = key
    return places


def by_address(gazetteer: "MemoryGazetteer", places: "Sequence[Place]", asked: "Sequence[Place]", whole: bool) -> str:
    """Share within 100 m by address alone, with the point or its whole number withheld, and the reference's."""
    from gridmap.geocode import locate

    together: dict[object, set[int]] = defaultdict(set)
    for place in places:
        together[number_of(place)].add(place.pk)
    without, right, plain = Without(gazetteer), 0, 0
    for place in asked:
        without.gone = frozenset(together[number_of(place)]) if whole else frozenset({place.pk})
        answer = locate(place.area_key + place.address, without)  # type: ignore[arg-type]  # the same by its form
        right += near(place, (answer.x, answer.y) if answer.x is not None and answer.y is not None else None)
        plain += near(place, nearest_number(without, place))
    name = "every point at the number withheld" if whole else "that point withheld"
    return f"{name:36} {right / len(asked):7.1%} within 100 m   plain nearest number {plain / len(asked):7.1%}"


def number_of(place: "Place") -> tuple[str, str, int | None]:
    """Street, district and number of a place."""
    return place.area_key, place.road_key, place.number


def nearest_number(without: Without, place: "Place") -> tuple[float, float] | None:
    """The reference: the known number of the same street and district that is nearest as a number."""
    doors = without.streets([place.road_key]).get(place.road_key, {}).get(place.area_key, ())
    best = min(doors, key=lambda door: abs((door.number or 0) - (place.number or 0)), default=None)
    return None if best is None else (best.x, best.y)


def near(place: "Place", found: tuple[float, float] | None) -> bool:
    """Whether an answer counts."""
    return found is not None and math.dist(found, (place.point.x, place.point.y)) <= WITHIN_M


def by_name(gazetteer: "MemoryGazetteer", asked: "Sequence[Place]", how: str) -> str:
    """Share whose mistyped name has them among the first three answers."""
    from gridmap.geocode import locate

    chance, right, count = random.Random(SEED), 0, 0
    for place in asked:
        typed = mistyped(place.name, how, chance)
        if typed is None:
            continue
        count += 1
        answer = locate(typed, gazetteer, near_area=place.area_key)
        found = [answer.place_id, *(other.place_id for other in answer.alternatives[:2])]
        right += place.pk in found
    return f"{f'name with a character {how}':36} {right / count:7.1%} among the first three, of {count:,}"


def mistyped(name: str, how: str, chance: random.Random) -> str | None:
    """The name with one mistake; None where it cannot have this one."""
    spots = [i for i, character in enumerate(name) if "一" <= character <= "鿿"]
    if how == "same sound":
        spots = [i for i in spots if any(name[i] in group for group in SOUNDS)]
    if len(name) < 3 or not spots:
        return None
    i = chance.choice(spots)
    if how == "dropped":
        return name[:i] + name[i + 1 :]
    if how == "doubled":
        return name[:i] + name[i] + name[i:]
    others = [one for group in SOUNDS if name[i] in group for one in group if one != name[i]]
    return name[:i] + chance.choice(others) + name[i + 1 :]


if __name__ == "__main__":
    sys.exit(main())
