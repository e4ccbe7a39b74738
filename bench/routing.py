"""Checks the routing rules of an invented city, with questions grouped and asked one by one, without a database.

190 classes in 17 大类, 650 communities in 37 districts, rules for every class, for offices, nights and channels. One by
one is measured on a few communities and told per question: both answer the same rules.
"""

import argparse
import random
import sys
import time
from typing import Any

import report

COMMAND = "python bench/routing.py --write"
CLASSES, MAJORS, DISTRICTS, COMMUNITIES, SLICE = 190, 17, 37, 650, 5


def main() -> int:
    """Measure, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    report.prepare("demo")
    text = measured()
    print(text)
    if options.write:
        report.write("routing", "Check of the routing rules", COMMAND, text, "one process, no database")
    return 0


def city() -> tuple[list[Any], list[Any], list[str]]:
    """Rules, classes and community codes."""
    from dispatch.routecheck import ClassFact
    from dispatch.routing import RuleFact
    from dispatch.windows import window

    chance = random.Random(7)
    classes = [ClassFact(at, 1000 + at % MAJORS) for at in range(CLASSES)]
    districts = [f"32{at:02}" for at in range(DISTRICTS)]
    areas = [f"{districts[at % DISTRICTS]}{at:04}" for at in range(COMMUNITIES)]
    night, summer = window("18:00-06:00", [], []), window("", [6, 7], [6, 7, 8])
    rows: list[dict[str, Any]] = [{"category_id": None, "by_owner": True, "agency_id": None}]
    rows += [{"category_id": c.pk} for c in classes]
    rows += [{"category_id": 1000 + at} for at in range(MAJORS)]
    rows += [{"category_id": chance.randrange(CLASSES), "area_code": chance.choice(districts)} for _ in range(60)]
    rows += [{"category_id": chance.randrange(CLASSES), "window": each} for each in (night, summer) for _ in range(8)]
    rows += [{"category_id": chance.randrange(CLASSES), "channel_id": at % 3} for at in range(12)]
    rows += [{"category_id": None, "area_code": code, "fallback": True} for code in districts]
    usual: dict[str, Any] = {"area_code": "", "by_owner": False, "fallback": False}
    rules = []
    for at, row in enumerate(rows):
        fact: dict[str, Any] = {"pk": at, "number": f"R{at:04}", "agency_id": chance.randrange(40)}
        rules.append(RuleFact(**(fact | usual | row)))
    return rules, classes, areas


def measured() -> str:
    """Both ways over the same rules; the lines of the result."""
    from dispatch.routecheck import check, instants, one_by_one

    rules, classes, areas = city()
    began = time.process_time()
    found = check(rules, classes, areas)
    grouped = time.process_time() - began
    began = time.process_time()
    single = sum(1 for _answer in one_by_one(rules, classes, areas[:SLICE]))
    alone = (time.process_time() - began) / single
    times = len(instants(frozenset(rule.window for rule in rules if rule.window)))
    channels = 1 + len({rule.channel_id for rule in rules if rule.channel_id is not None})
    whole = len(classes) * len(areas) * channels * times
    return "\n".join(
        [
            f"{len(rules)} rules, {len(classes)} classes, {len(areas)} communities, {channels} channels, {times} times",
            f"questions one by one                        {whole:>12,}",
            f"  in groups that no rule tells apart        {len(found.answers):>12,}",
            f"  of them asked one by one here             {single:>12,}",
            f"time of one by one for all, grouped = 1     {alone * whole / grouped:>12,.0f}",
            f"check failed                                {found.failed!s:>12}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
