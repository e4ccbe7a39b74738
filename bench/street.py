"""A day of real demand in the street, three ways: nearest free inspector, the product's choice, the day known before.

Complaints of Tainan's built-up districts on the busiest day of their newest year come in at their true times and
places, once, three and six times over; a second scene is the demo city with its own streets. The number of inspectors
is the smallest with which the nearest free one is there within ten minutes for 90 % of a day's tasks; it stays at
three and six times. Then the other way round: how many inspectors each way needs for that. The whole day known before
is planned by PyVRP.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import report

COMMAND = "python bench/street.py --data DIR --write"
REACH = 0.9  # the share that is to be reached within the promise
TIMES = (1, 3, 6)
SEED = 8
TAINAN_DAY, DEMO_DAY = date(2019, 6, 7), date(2026, 6, 10)
MOST = 200  # nobody sends more inspectors into the street
report.prepare("demo")

import streetdemand as demand  # noqa: E402 - needs the project's path
import streetoracle as oracle  # noqa: E402
from streetmeasures import Figures, figures  # noqa: E402
from streetpolicies import Ours, nearest  # noqa: E402
from streetsim import Log, Scene, Ways, simulate  # noqa: E402

Way = Callable[[Scene, float], Log]


def ours(scene: Scene, _seconds: float) -> Log:
    return simulate(scene, Ours(patrol=False))


def riding(scene: Scene, _seconds: float) -> Log:
    return simulate(scene, Ours())


def near(scene: Scene, _seconds: float) -> Log:
    return simulate(scene, nearest)


def known(scene: Scene, seconds: float) -> Log:
    return oracle.planned(scene, seconds, SEED).log


WAYS: dict[str, Way] = {"nearest free": near, "ours": ours, "ours, moving up": riding, "day known": known}


@dataclass
class City:
    """A city on its day: its rows, ways, and how many tasks a day has once over."""

    name: str
    day: date
    rows: Sequence[demand.Row]
    ways: Ways
    about: str
    past: demand.Past = field(init=False)

    def __post_init__(self) -> None:
        self.past = demand.past(self.rows, self.day, SEED)

    def scene(self, people: int, times: int) -> Scene:
        """The day so many times over with so many inspectors."""
        tasks = demand.times_over(self.rows, self.day, times, SEED)
        return demand.scene(tasks, self.past, self.ways, people, times, SEED)


def main() -> int:
    """Both scenes; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with the files of Tainan")
    parser.add_argument("--seconds", type=float, default=600, help="of the processor, for a day by PyVRP")
    parser.add_argument("--search", type=float, default=10, help="the same, while the number of inspectors is searched")
    parser.add_argument("--times", type=int, nargs="+", default=TIMES)
    parser.add_argument("--scenes", nargs="+", default=["tainan", "demo"], choices=["tainan", "demo"])
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    makers = {"tainan": lambda: tainan(options.data), "demo": demo_city}
    text = "\n\n".join(told(makers[name](), options.times, options.seconds, options.search) for name in options.scenes)
    print(text)
    if options.write:
        command = COMMAND if options.seconds == 600 else f"{COMMAND} --seconds {options.seconds:g}"
        report.write("street", "A day in the street", command, text, "one process, no database")
    return 0


def tainan(data: Path) -> City:
    """Real complaints; the way is the straight line times the factor that the product uses without streets."""
    from inspectors.travel import DETOUR, Straight

    about = f"straight line × {DETOUR:g}"
    return City("Tainan, seven districts", TAINAN_DAY, demand.tainan(data), Straight(), about)


def demo_city() -> City:
    """The demo city's own demand, as much a day as on Tainan's, along its streets."""
    from fixtures.demo.town import build
    from gridmap.loaders.obstacles import STREETS
    from inspectors.travel import Straight, Streets

    lines = [place.geom for place in build().places if place.kind in STREETS and place.geom is not None]
    ways = Streets.of(lines) or Straight()
    return City("Demo city", DEMO_DAY, demand.demo(240, DEMO_DAY, SEED), ways, "along its streets")


def told(city: City, times: Sequence[int], seconds: float, search: float) -> str:
    """The lines of a city; each is shown as soon as it is known, because the whole takes long."""
    lines: list[str] = []

    def tell(*more: str) -> None:
        lines.extend(more)
        print("\n".join(more), file=sys.stderr, flush=True)

    people = enough(city, 1, near, 0.0)
    first = city.scene(people, 1)
    tell(
        f"{city.name}, {city.day}, {demand.OPENS}:00–{demand.CLOSES}:00: {len(first.tasks)} tasks"
        f" ({sum(task.urgent for task in first.tasks)} urgent), {people} inspectors",
        f"{city.about}, {first.speed * 60 / 1000:g} km/h, {first.visit:g} minutes on site; PyVRP {seconds:g} s a day,"
        f" {search:g} s for each number of inspectors tried below",
        "",
        f"{'':18}{'minutes':>14}{'within':>9}{'urgent':>9}{'km to':>9}{'km to a':>9}{'Gini of':>9}{'most /':>8}",
        f"{'':18}{'p50':>7}{'p90':>7}{'10 min':>9}{'60 min':>9}{'tasks':>9}{'wait':>9}{'work':>9}{'mean':>8}",
    )
    found: dict[tuple[int, str], Figures] = {}
    for multiple in times:
        scene = city.scene(people, multiple)
        tell(f"{multiple} × ({len(scene.tasks)} tasks)")
        for name, way in WAYS.items():
            found[multiple, name] = figures(scene, way(scene, seconds))
            tell(f"  {name:16}{row(found[multiple, name])}")
    tell("", *compared(found, times), "")
    tell(f"{'inspectors for 90 % in 10 minutes':36}" + "".join(f"{name:>18}" for name in WAYS))
    for multiple in times:
        numbers = (enough(city, multiple, way, search) for way in WAYS.values())
        tell(f"{f'  {multiple} ×':36}" + "".join(f"{number:18}" for number in numbers))
    return "\n".join(lines)


def row(f: Figures) -> str:
    """Figures in columns; a share of nothing is a dash."""
    urgent = "—" if f.urgent != f.urgent else f"{f.urgent:.1%}"
    return (
        f"{f.p50:7.1f}{f.p90:7.1f}{f.promised:9.1%}{urgent:>9}{f.km:9.1f}{f.km_between:9.1f}{f.gini:9.2f}{f.most:8.2f}"
    )


def compared(found: dict[tuple[int, str], Figures], times: Sequence[int]) -> list[str]:
    """What the policy is to reach: metres beside the day known before, and p90 beside the nearest free one."""
    lines = []
    for multiple in times:
        near, mine, up, best = (found[multiple, name] for name in WAYS)
        lines.append(
            f"{multiple} ×: ours rides {mine.km_all / best.km_all - 1:+.1%} beside the day known,"
            f" its p90 is {mine.p90 / near.p90 - 1:+.1%} beside nearest free;"
            f" moving up {up.km_all / best.km_all - 1:+.1%} and {up.p90 / near.p90 - 1:+.1%}"
        )
    return lines


def enough(city: City, times: int, way: Way, seconds: float) -> int:
    """The smallest number with which the share is reached: halved into, then tried downwards, three in a row.

    More inspectors do not help strictly: each number has posts of its own.
    """

    @cache
    def reached(people: int) -> bool:
        scene = city.scene(people, times)
        return figures(scene, way(scene, seconds)).promised >= REACH

    low, high = 0, 8
    while not reached(high) and high < MOST:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    below = [people for people in range(high - 1, max(0, high - 4), -1) if reached(people)]
    return min([high, *below])


if __name__ == "__main__":
    began = time.process_time()
    code = main()
    print(f"{time.process_time() - began:,.0f} seconds of the processor", file=sys.stderr)
    raise SystemExit(code)
