"""The class model in force: which history it learns from, where it lies, and what it proposes for a text.

A model is used only while the dictionaries that it has learned are the ones in force: the same number in another
edition is another class.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Q

from dispatch.classmodel import CARD, Card, ClassModel, ClassModelError, Guess, Sample, read_model
from dispatch.models import Report
from dispatch.transitions import State
from gridmap.models import Category, Dictionary

OFFERED: Final = 3
LEAST_OFFERED: Final = 0.05


@dataclass(frozen=True)
class LearnedClass:
    """A class that history suggests: offered, never chosen for anybody."""

    category: Category
    guess: Guess

    @property
    def percent(self) -> int:
        return round(self.guess.probability * 100)

    @property
    def words(self) -> str:
        """The words of the text that decided, as quoted ones."""
        return "".join(f"“{word}”" for word in self.guess.words)


@dataclass(frozen=True)
class Learned:
    """What history says of a text; `fault` is why there is a model and it says nothing: damaged, or of old editions."""

    classes: tuple[LearnedClass, ...] = ()
    fault: str = ""
    card: Card | None = None

    @property
    def version(self) -> str:
        return self.card.version if self.card else ""

    def of(self, category: Category | None) -> LearnedClass | None:
        """The suggestion that is this class, if one is."""
        return next((found for found in self.classes if found.category == category), None)


def class_name(edition: str, kind: str, code: str) -> str:
    return f"{edition}|{kind}|{code}"


def samples() -> Iterator[Sample]:
    """Reports whose class a person has confirmed: their case was filed, or their sender had classed them himself."""
    confirmed = (
        Q(case__filed_at__isnull=False) | Q(case__state=State.CLOSED) | Q(why__contains={"class": [{"code": "mapped"}]})
    )
    rows = Report.objects.filter(confirmed, case__category__isnull=False).order_by("pk")
    of_class = ("case__category__dictionary__edition", "case__category__kind", "case__category__code")
    for text, address, *words in rows.values_list("text", "address", *of_class).iterator(chunk_size=5000):
        yield Sample(text, address, class_name(*words))


def root() -> Path:
    return Path(settings.CLASS_MODEL_DIR)


def newest() -> Path | None:
    """The folder of the newest model; folders are named by the time of training."""
    try:
        found = [path for path in root().iterdir() if not path.name.startswith(".") and (path / CARD).is_file()]
    except OSError:
        return None
    return max(found, key=lambda path: path.name, default=None)


@lru_cache(maxsize=2)
def _opened(folder: Path) -> ClassModel:
    """One process opens a model once; a newer one has another folder."""
    return read_model(folder)


def learned(text: str, on: date) -> Learned:
    """The classes that history suggests for a text on a day, best first; two queries, none where there is no model."""
    folder = newest()
    if folder is None or not text.strip():
        return Learned()
    try:
        model = _opened(folder)
    except ClassModelError:
        return Learned(fault="damaged")
    in_force = set(Dictionary.objects.on(on).values_list("edition", flat=True))
    if not in_force.issuperset(model.card.editions):
        return Learned(fault="editions")
    guesses = model.guesses(text, OFFERED, LEAST_OFFERED)
    categories = _categories(guesses)
    found = tuple(LearnedClass(categories[g.name], g) for g in guesses if g.name in categories)
    return Learned(found, card=model.card)


def _categories(guesses: list[Guess]) -> dict[str, Category]:
    wanted = Q(pk=None)
    for guess in guesses:
        edition, kind, code = guess.name.split("|")
        wanted |= Q(dictionary__edition=edition, kind=kind, code=code)
    found = Category.objects.filter(wanted).select_related("major", "dictionary")
    return {class_name(c.dictionary.edition, c.kind, c.code): c for c in found}
