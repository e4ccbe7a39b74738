"""Draws the unit cells of all communities of a city from its files, without a database, and checks them.

Areas are read and cleaned as the import does it, targets are those of the city's file; the check is the one of
check_layout. The shares, the defects, the seconds and the memory are the result.
"""

import argparse
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import report

COMMAND = "python bench/cells.py --data DIR --write"


def main() -> int:
    """Parse, draw, check, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with the city's files")
    parser.add_argument("--city", default="tainan", help="a name in fixtures/cities")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    report.prepare(options.city)
    text = measured(options.data)
    print(text)
    if options.write:
        report.write("cells", "Cells of a city", COMMAND, text, "one process, no database; seconds of the processor")
    return 0


def measured(data: Path) -> str:
    """Read, clean, draw, number, check; the lines of the result."""
    from gridmap.cells import describe, draw, in_reading_order, knit_all, number
    from gridmap.layouts.defects import CellFact, Rules, defects, failing

    clock = [time.process_time()]
    shapes, targets, cleaned, city = communities(data)
    clock.append(time.process_time())
    drawn = [draw(shapes[code], targets[code]) for code in shapes]
    clock.append(time.process_time())
    knitted = dict(zip(shapes, knit_all(drawn), strict=True))
    cells = {code: in_reading_order(found, targets[code]) for code, found in knitted.items()}
    clock.append(time.process_time())
    facts = [
        CellFact(name, code, cell)
        for code, found in cells.items()
        for name, cell in zip(number(len(found), code, city.cell_digits), found, strict=True)
    ]
    wrong = defects(facts, shapes, Rules(targets, city.cell_digits))
    clock.append(time.process_time())
    lines = [*cleaned, f"{'communities':48} {len(shapes):10,}", f"{'cells':48} {len(facts):10,}"]
    for target in sorted(set(targets.values())):
        line = describe([cell for code, found in cells.items() if targets[code] == target for cell in found], target)
        lines += [
            f"{f'target {target:,.0f} m²: cells':48} {line['cells']:10,}",
            f"{'  within ±40 %':48} {line['share_near_target']:10.2%}",
            f"{'  least m²':48} {line['least_m2']:10,.0f}",
            f"{'  median m²':48} {line['median_m2']:10,.0f}",
            f"{'  most m²':48} {line['most_m2']:10,.0f}",
        ]
    counts = Counter(defect.kind for defect in wrong)
    lines += [f"{kind:48} {counts[kind]:10,}" for kind in ("overlap", "gap", "outside", "edges", "invalid")]
    lines.append(f"{'failing defects of any kind':48} {len(failing(wrong)):10,}")
    lines.append(f"{'most cells of one community':48} {max(map(len, cells.values())):10,}")
    seconds = [after - before for before, after in pairwise(clock)]
    for name, took in zip(("read and clean", "draw", "knit", "number and check"), seconds, strict=True):
        lines.append(f"{f'{name}, seconds':48} {took:10.1f}")
    return "\n".join([*lines, f"{'memory at most, MB':48} {report.peak_mb():10,.0f}"])


def communities(data: Path) -> tuple[dict[str, Any], dict[str, float], list[str], Any]:
    """Cleaned shapes by code, targets by code, what the cleaning did, and the city."""
    from django.conf import settings

    from gridmap.coverage import clean
    from gridmap.layers import find, read_rows, shapes_in_city
    from gridmap.loaders.targets import Targets
    from gridmap.models import Area

    city, mapping = settings.CITY, settings.CITY.mapping["areas"]
    names: dict[str, str] = {}
    found: dict[str, Any] = {}
    for level in mapping["levels"]:
        rows = read_rows(find(data, level["file"]))
        names |= {row.values[level["code"]]: row.values[level["name"]] for row in rows}
        if level["level"] == "community":
            codes = [row.values[level["code"]] for row in rows]
            found = dict(zip(codes, shapes_in_city(rows, mapping["datum"]), strict=True))
    cleaned = clean({code: shape for code, shape in found.items() if shape is not None}, float(mapping["gap_m"]))
    built = tuple(code for code, name in names.items() if name in mapping["built_up"])
    targets = Targets(city.mapping.get("cells", {}), names)
    sizes = {code: targets.of(Area(code=code, built_up=code.startswith(built))) for code in sorted(cleaned.shapes)}
    kinds = Counter(change.what.split(":")[0] for change in cleaned.changes)
    said = [f"{f'cleaning: {what}':48} {count:10,}" for what, count in sorted(kinds.items())]
    hectares = sum(change.m2 for change in cleaned.changes) / 10_000
    said.append(f"{'cleaning: hectares moved':48} {hectares:10,.1f}")
    return {code: cleaned.shapes[code] for code in sizes}, sizes, said, city


if __name__ == "__main__":
    sys.exit(main())
