"""Class suggestion on a city's own complaints: the learned model, the dictionary's words, and both as the product does.

Reads complaints.csv.gz. From every description each category and each subcategory of the whole file is taken out where
it stands literally (the longest first, a blank in its place), so that the answer is not in the question; rows without
one of the two are left out. Training and test have no address in common. The settings of dispatch/classtraining.py were
chosen with --tune, on a part of the training addresses; the test addresses decide nothing.
"""

import argparse
import csv
import gzip
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dispatch.classify import ClassEntry, suggest  # noqa: E402
from dispatch.classmodel import CUT, Sample, readings  # noqa: E402
from dispatch.classtraining import Fitted, measure, part_of, temperature  # noqa: E402
from gridmap.normalise import key  # noqa: E402

BEGIN, END = "<!-- classes: written by bench/classes.py -->", "<!-- end of classes -->"
TUNE_FROM, TEST_FROM = 70, 80  # of 100 shares of the addresses: temperature, test
Ranking = list[str]
FIRST, THREE = 1, 3


@dataclass(frozen=True)
class File:
    """The rows that have a class, with the names taken out of their words and with all words."""

    without: list[Sample]
    whole: list[Sample]
    names: int
    touched: int


def main() -> int:
    """Read, learn, measure, print; write the section only when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with complaints.csv.gz")
    parser.add_argument("--city", default="tainan", help="a name in fixtures/cities: its dictionary is the baseline")
    parser.add_argument("--tune", action="store_true", help="compare settings on training addresses only")
    parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
    options = parser.parse_args()
    file = read(options.data / "complaints.csv.gz")
    if options.tune:
        tune(file.without)
        return 0
    text = report(file, city_entries(options.city))
    print(text)
    if options.write:
        write(text)
    return 0


def read(path: Path) -> File:
    """One sample a row; two spellings of one character are one name."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["category"].strip() and row["subcategory"].strip()]
    names = {row[column].strip() for row in rows for column in ("category", "subcategory")}
    literal = re.compile("|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name)))))
    texts = [literal.sub(" ", row["description"]) for row in rows]
    labels = [key(row["category"]) + "/" + key(row["subcategory"]) for row in rows]
    return File(
        without=[Sample(t, row["address"], name) for t, row, name in zip(texts, rows, labels, strict=True)],
        whole=[Sample(row["description"], row["address"], name) for row, name in zip(rows, labels, strict=True)],
        names=len(names),
        touched=sum(t != row["description"] for t, row in zip(texts, rows, strict=True)),
    )


def city_entries(city: str) -> list[ClassEntry]:
    """The city's dictionary as classify.py takes it; `code` is the label that a class of it stands for."""
    path = ROOT / "fixtures" / "cities" / f"{city}.toml"
    majors = tomllib.loads(path.read_text(encoding="utf-8"))["dictionary"]["majors"]
    minors = [(major, minor) for major in majors for minor in major["minors"]]
    return [
        ClassEntry(
            row,
            major["kind"],
            f"{key(major['name'])}/{key(minor['name'])}",
            key(minor["name"]),
            tuple(map(key, minor.get("words", ()))),
            (),
        )
        for row, (major, minor) in enumerate(minors)
    ]


def by_words(sample: Sample, entries: Sequence[ClassEntry]) -> Ranking:
    """The dictionary's proposals for the words outside the address, as on the intake page."""
    cut = next(reading.keyed.text for reading in readings(sample.text) if reading.mark == CUT)
    found = suggest(cut, entries, most=THREE)
    return [entries[s.category_id].code for s in found]


def sides(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample], list[Sample]]:
    """To learn from, to set the temperature, to measure."""
    parts = [part_of(sample) for sample in samples]
    pairs = list(zip(samples, parts, strict=True))
    return (
        [s for s, part in pairs if part < TUNE_FROM],
        [s for s, part in pairs if TUNE_FROM <= part < TEST_FROM],
        [s for s, part in pairs if part >= TEST_FROM],
    )


def ranked(model: Fitted, samples: Sequence[Sample]) -> list[Ranking]:
    order = np.argsort(-model.scores(samples), axis=1, kind="stable")[:, :THREE]
    return [[model.classes[column] for column in row] for row in order]


def filled(first: Ranking, then: Ranking) -> Ranking:
    """The first list, then what the second adds, three in all."""
    return list(dict.fromkeys([*first, *then]))[:THREE]


def hits(rankings: Sequence[Ranking], samples: Sequence[Sample]) -> tuple[float, float]:
    """Share of samples whose class comes first, and within three."""
    first = sum(r[:FIRST] == [s.name] for r, s in zip(rankings, samples, strict=True))
    three = sum(s.name in r[:THREE] for r, s in zip(rankings, samples, strict=True))
    return first / len(samples), three / len(samples)


def bare(sample: Sample) -> bool:
    """Whether nothing but an address is left."""
    return not next(reading.keyed.text for reading in readings(sample.text) if reading.mark == CUT)


def report(file: File, entries: Sequence[ClassEntry]) -> str:
    """The lines of the result."""
    learn, heat, test = sides(file.without)
    model = Fitted(learn)
    common = [name for name, _ in Counter(s.name for s in [*learn, *heat]).most_common(THREE)]
    words = [by_words(sample, entries) for sample in test]
    guesses = ranked(model, test)
    empty = [bare(sample) for sample in test]
    classes = len({sample.name for sample in file.without})
    both = [filled(*pair) for pair in zip(words, guesses, strict=True)]
    lines = [
        "    python bench/classes.py --data DIR --write",
        "",
        f"    rows with category and subcategory {len(file.without):>17,}",
        f"    classes and names of both          {classes:>17,}{file.names:>12,}",
        f"    of them with a name taken out      {file.touched:>17,}",
        f"    learned from                       {len(learn):>17,}",
        f"    to set the temperature             {len(heat):>17,}",
        f"    measured on, at other addresses    {len(test):>17,}",
        f"      nothing but an address is left   {sum(empty):>17,}",
        "",
        f"    {'category and subcategory':<52}{'first':>8}{'of three':>10}",
    ]

    def line(name: str, rankings: Sequence[Ranking], samples: Sequence[Sample] = test) -> str:
        first, three = hits(rankings, samples)
        return f"    {name:<52}{first:>8.1%}{three:>10.1%}"

    lines += [
        line("the commonest classes", [common] * len(test)),
        line("words of the dictionary, then the commonest", [filled(w, common) for w in words]),
        line("learned model", guesses),
        line("words of the dictionary, then the model (the product)", both),
        "",
    ]
    for name, wanted in (("where words are left: learned model", False), ("where only an address is left", True)):
        some = [i for i, is_empty in enumerate(empty) if is_empty == wanted]
        lines.append(line(name, [guesses[i] for i in some], [test[i] for i in some]))
    lines += whole(file, entries)
    lines += reliability(model, heat, test)
    return "\n".join(lines)


def whole(file: File, entries: Sequence[ClassEntry]) -> list[str]:
    """The same with the descriptions as they came in: what an operator sees."""
    learn, _, test = sides(file.whole)
    guesses = ranked(Fitted(learn), test)
    words = [by_words(sample, entries) for sample in test]
    lines = ["", f"    {'descriptions as they came in':<52}"]
    for name, rankings in (
        ("words of the dictionary", words),
        ("learned model", guesses),
        ("both (the product)", [filled(*pair) for pair in zip(words, guesses, strict=True)]),
    ):
        first, three = hits(rankings, test)
        lines.append(f"    {name:<52}{first:>8.1%}{three:>10.1%}")
    return lines


def reliability(model: Fitted, heat: Sequence[Sample], test: Sequence[Sample]) -> list[str]:
    """What the model states of its first suggestion, and how often it holds."""
    at = temperature(model.scores(heat), model.columns(heat))
    measured = measure(model.scores(test), model.columns(test), [0, 1, 2], at)
    lines = ["", f"    stated probability (temperature {at:.2f}){'stated':>12}{'holds':>8}{'reports':>9}"]
    for row in measured.reliability:
        lines.append(f"    {'':<34}{row.stated:>14.1%}{row.held:>8.1%}{row.reports:>9,}")
    gap = sum(abs(row.stated - row.held) * row.reports for row in measured.reliability) / measured.reports
    return [*lines, f"    mean gap between stated and held  {gap:>14.1%}"]


def tune(samples: Sequence[Sample]) -> None:
    """Settings on a part of the training addresses: nothing of the test is looked at."""
    rows = [(s, part_of(s)) for s in samples]
    learn, test = [s for s, p in rows if p < 60], [s for s, p in rows if 60 <= p < TEST_FROM]
    for strength in (1.0, 3.0, 10.0):
        first, three = hits(ranked(Fitted(learn, strength), test), test)
        print(f"C {strength:>5}   first {first:.1%}   of three {three:.1%}", flush=True)


def write(text: str) -> None:
    path = ROOT / "docs" / "benchmarks.md"
    page = path.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    section = f"{BEGIN}\n## Class suggestion\n\n{NOTE}\n\n{text}\n{END}"
    path.write_text((before.rstrip() + "\n\n" + section + after).rstrip() + "\n", encoding="utf-8")


NOTE = """\
A city's complaints with category and subcategory. From every description each category and each subcategory name of the
whole file is taken out where it stands literally (the longest first, a blank in its place), also the names of other
classes than its own; what is left is other wording and the address. No address is both learned from and measured on.
The model is multinomial logistic regression over runs of one to three characters, of the whole text and of the text
without its address (dispatch/classtraining.py)."""

if __name__ == "__main__":
    raise SystemExit(main())
