"""The ranked suggestion of repeats against a city's own duplicate flag, beside the plain rule.

Reads requests.csv.gz of a city that flags its duplicates. For every request the earlier ones within REACH_M and
WINDOW_DAYS are scored with dispatch.likeness, the very code of the product, on what is known when the request comes
in: place, days between, address, whether the earlier one was still open on that day. The best score of a request is
its suggestion. Weights are fitted on the years up to LAST_FIT_YEAR, figures are of the years after it.
"""

import argparse
import csv
import gzip
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dispatch.likeness import FITTED, LIKELY, SHOWN, Pair, Standing, likeness, terms  # noqa: E402

BEGIN, END = "<!-- repeats: written by bench/repeats.py -->", "<!-- end of repeats -->"
FOOT_M = 0.3048006  # the US survey foot of the file's own coordinates (EPSG:3435)
REACH_M, WINDOW_DAYS = 5.0, 14  # the plain rule's
WIDE_DAYS = 30
LAST_FIT_YEAR = 2012
# the city's numbers run through all its requests, some thousands a day: so few apart means the same few minutes
SAME_CALL_NUMBERS = 30
Groups = dict[Hashable, list[int]]
RECALLS = (0.99, 0.9615, 0.95, 0.90, 0.80, 0.70)


@dataclass
class Request:
    """One row of the file that has a place."""

    number: str
    on: date
    done_on: date | None
    x: float
    y: float
    address: str
    nature: str
    flagged: bool
    earlier: list[tuple[float, "Request"]] = field(default_factory=list)
    score: float = 0.0

    @property
    def serial(self) -> int:
        return int(self.number[3:])

    def plain(self, days: int = WINDOW_DAYS) -> bool:
        """The plain rule as the city's file gives it, rows that repeat a number included."""
        return any((self.on - other.on).days <= days for _, other in self.earlier)


def main() -> int:
    """Read, score, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with requests.csv.gz")
    parser.add_argument("--fit", action="store_true", help="fit the weights again on the earlier years and print them")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    requests = read(options.data / "requests.csv.gz")
    pair_up(requests)
    if options.fit:
        fit([r for r in requests if r.on.year <= LAST_FIT_YEAR])
        return 0
    for request in requests:
        request.score = max((likeness(pair) for pair in pairs_of(request)), default=0.0)
    text = report(requests)
    print(text)
    if options.write:
        write(text)
    return 0


def read(path: Path) -> list[Request]:
    """All rows with coordinates, in the order of their numbers within a day."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["x_coordinate"]:
                continue
            done = row["completion_date"]
            found.append(
                Request(
                    number=row["service_request_number"],
                    on=date.fromisoformat(row["creation_date"]),
                    done_on=date.fromisoformat(done) if done else None,
                    x=float(row["x_coordinate"]) * FOOT_M,
                    y=float(row["y_coordinate"]) * FOOT_M,
                    address=" ".join(row["street_address"].split()),
                    nature=row["what_is_the_nature_of_this_code_violation"],
                    flagged="Dup" in row["status"],
                )
            )
    return sorted(found, key=lambda r: (r.on, r.number))


def pair_up(requests: list[Request]) -> None:
    """Give each request the earlier ones within REACH_M and WIDE_DAYS, in metres."""
    squares: dict[tuple[int, int], list[Request]] = defaultdict(list)
    for request in requests:
        at = int(request.x // REACH_M), int(request.y // REACH_M)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for other in squares[at[0] + dx, at[1] + dy]:
                    apart = math.hypot(other.x - request.x, other.y - request.y)
                    if apart <= REACH_M and (request.on - other.on).days <= WIDE_DAYS:
                        request.earlier.append((apart, other))
        squares[at].append(request)


def standing(request: Request, other: Request) -> Standing:
    """How the earlier one stood on the day of the new one; the file has no time of day."""
    if other.done_on is None or other.done_on > request.on:
        return Standing.OPEN
    return Standing.CLOSED_TODAY if other.done_on == request.on else Standing.CLOSED


def pairs_of(request: Request) -> Iterator[Pair]:
    """The product's facts of each pair; a row that repeats a number is the same request, not another one."""
    near = [
        (apart, other)
        for apart, other in request.earlier
        if (request.on - other.on).days <= WINDOW_DAYS and other.number != request.number
    ]
    for apart, other in near:
        same_day = request.on == other.on
        yield Pair(
            distance_m=apart,
            days=float((request.on - other.on).days),
            standing=standing(request, other),
            cases_here=len(near),
            # one nature of one and the same service: to the product, one class; it tells two orders of a call apart
            same_class=request.nature == other.nature and bool(request.nature) if _one_call(request, other) else True,
            same_call=same_day and _one_call(request, other),
        )


def _one_call(request: Request, other: Request) -> bool:
    return request.on == other.on and abs(request.serial - other.serial) < SAME_CALL_NUMBERS


def fit(requests: list[Request]) -> None:
    """Logistic regression over the product's own terms; each request weighs one, however many pairs it has."""
    from sklearn.linear_model import LogisticRegression

    names = [name for name in FITTED if name != "start"]
    rows, flags, weights = [], [], []
    for request in requests:
        pairs = list(pairs_of(request))
        for pair in pairs:
            has = terms(pair)
            rows.append([has.get(name, 0.0) for name in names])
            flags.append(request.flagged)
            weights.append(1 / len(pairs))
    model = LogisticRegression(C=1.0, max_iter=3000).fit(np.array(rows), np.array(flags), sample_weight=weights)
    print(f'    "start": {model.intercept_[0]:.2f},')
    for name, weight in zip(names, model.coef_[0], strict=True):
        print(f'    "{name}": {weight:.2f},')


def at_recall(requests: list[Request], recall: float, total: int) -> tuple[float, float, int] | None:
    """Threshold, precision and number of suggestions where the share of `total` flagged rows is first reached."""
    order = sorted((r for r in requests if r.score > 0), key=lambda r: -r.score)
    hits = 0
    for place, request in enumerate(order, 1):
        hits += request.flagged
        last_of_equals = place == len(order) or order[place].score < request.score
        if last_of_equals and hits >= recall * total - 1e-9:
            return request.score, hits / place, place
    return None


def report(requests: list[Request]) -> str:
    """The lines of the result."""
    late = [r for r in requests if r.on.year > LAST_FIT_YEAR]
    lines = ["    python bench/repeats.py --data DIR --write", ""]
    lines += denominators(requests, late)
    lines += curve(late)
    lines += thresholds(late)
    lines += still_open(late)
    return "\n".join(lines)


def denominators(requests: list[Request], late: list[Request]) -> list[str]:
    flagged = [[r for r in rows if r.flagged] for rows in (requests, late)]

    def line(name: str, keep: Callable[[Request], bool]) -> str:
        return f"    {name:<62}" + "".join(f"{sum(map(keep, rows)):>8,}" for rows in flagged)

    return [
        f"    {'rows flagged by the city':<62}{'all':>8}{f'from {LAST_FIT_YEAR + 1}':>11}".rstrip(),
        line("flagged", lambda r: True),
        line("  an earlier request in the file within 5 m, 30 days", lambda r: r.plain(WIDE_DAYS)),
        line("  an earlier request in the file within 5 m, 14 days", lambda r: r.plain()),
        line("    one of them still open, or closed on the very day", lambda r: any(map(_runs, pairs_of(r)))),
        "",
    ]


def _runs(pair: Pair) -> bool:
    return pair.standing in (Standing.OPEN, Standing.CLOSED_TODAY)


def curve(rows: list[Request]) -> list[str]:
    """Recall among the flagged rows whose first request is in the file (the plain rule finds all of them)."""
    found = [r for r in rows if r.plain()]
    total = sum(r.flagged for r in found)
    lines = [
        f"    from {LAST_FIT_YEAR + 1}: {len(rows):,} requests, {sum(r.flagged for r in rows):,} flagged, "
        f"{total:,} of them findable",
        f"    {'':<34}{'recall':>8}{'precision':>11}{'shown':>8}{'score':>8}",
        f"    {'plain rule: 5 m and 14 days':<34}{1:>8.3f}{total / len(found):>11.3f}{len(found):>8,}",
    ]
    opened = [r for r in found if any(map(_runs, pairs_of(r)))]
    hits = sum(r.flagged for r in opened)
    lines.append(
        f"    {'  and not closed before that day':<34}{hits / total:>8.3f}{hits / len(opened):>11.3f}{len(opened):>8,}"
    )
    for recall in RECALLS:
        point = at_recall(rows, recall, total)
        if point:
            score, precision, shown = point
            lines.append(f"    {'ranked suggestion':<34}{recall:>8.3f}{precision:>11.3f}{shown:>8,}{score:>8.3f}")
    return [*lines, ""]


def thresholds(rows: list[Request]) -> list[str]:
    total = sum(r.flagged for r in rows if r.plain())
    lines = [f"    {'as the product shows it':<34}{'recall':>8}{'precision':>11}{'shown':>8}{'score':>8}"]
    for name, least in (("shown", SHOWN), ("called likely", LIKELY)):
        shown = [r for r in rows if r.score >= least]
        hits = sum(r.flagged for r in shown)
        lines.append(f"    {name:<34}{hits / total:>8.3f}{hits / len(shown):>11.3f}{len(shown):>8,}{least:>8.3f}")
    return [*lines, ""]


def still_open(rows: list[Request]) -> list[str]:
    """What limits the precision: pairs that differ in the flag and in nothing that the file says."""
    groups: Groups = defaultdict(lambda: [0, 0])
    for request in rows:
        scores = [(likeness(pair), pair) for pair in pairs_of(request)]
        if scores:
            pair = max(scores, key=lambda s: s[0])[1]
            same = (pair.days, pair.standing, pair.cases_here, pair.same_call, pair.distance_m, pair.same_class)
            groups[same][request.flagged] += 1
    both = [(no, yes) for no, yes in groups.values() if no and yes]
    flagged = sum(yes for _, yes in groups.values())
    return [
        "    flagged rows that some unflagged row equals in every fact        "
        f"{sum(y for _, y in both) / flagged:>7.1%}",
        "    precision of the best rule on these facts, knowing the answers   "
        f"{_best(groups, flagged):>7.3f} at recall 0.950",
    ]


def _best(groups: Groups, flagged: int) -> float:
    """Taking whole groups, the purest first, until the recall is there."""
    hits = shown = 0
    for no, yes in sorted(groups.values(), key=lambda g: -g[1] / sum(g)):
        hits, shown = hits + yes, shown + yes + no
        if hits >= 0.95 * flagged:
            break
    return hits / shown


def write(text: str) -> None:
    path = ROOT / "docs" / "benchmarks.md"
    page = path.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    section = f"{BEGIN}\n## Repeats\n\n{NOTE}\n\n{text}\n{END}"
    path.write_text((before.rstrip() + "\n\n" + section + after).rstrip() + "\n", encoding="utf-8")


NOTE = """\
A city that flags its own duplicates; the product's score (dispatch/likeness.py), fitted on the years up to 2012 and
measured on those after. The file is a part of the city's requests: where the first request of a pair is not in it,
nothing can be found, so recall counts the flagged rows with an earlier request within 5 m and 14 days in the file,
where the plain rule has 1.000 by definition. (On the whole data the plain rule has .988; .9615 here is .95 there.)"""

if __name__ == "__main__":
    raise SystemExit(main())
