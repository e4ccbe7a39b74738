"""Suggests class and condition from a resident's words. Pure: the dictionary comes in as values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ConditionEntry:
    pk: int
    number: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class ClassEntry:
    """A 小类 with its names, and its conditions in their order; words are matching keys (simplified, no blanks)."""

    pk: int
    kind: str
    code: str
    name: str
    words: tuple[str, ...]
    conditions: tuple[ConditionEntry, ...]


@dataclass(frozen=True)
class Suggestion:
    """A class, the condition if words point to one, a score from 0 to 1, and the words that decided."""

    category_id: int
    condition_id: int | None
    score: float
    class_word: str
    condition_word: str


def suggest(key: str, entries: Iterable[ClassEntry], most: int = 5) -> list[Suggestion]:
    """Classes whose words stand in the text (a matching key), best first.

    A longer word says more than a shorter one; a condition's word beside it says more than the class alone. Words of
    the place have no say: the caller cuts them out of the key.
    """
    found = []
    for entry in entries:
        word = _longest((entry.name, *entry.words), key)
        if not word:
            continue
        # also inside the class's own word: 下水道堵了 names class and condition at once
        condition, condition_word = _condition(entry.conditions, key)
        weight = len(word) + (0.5 * len(condition_word) + 0.5 if condition_word else 0.0)
        score = round(weight / (weight + 2.0), 3)
        found.append(
            (
                -score,
                entry.kind != "component",
                entry.code,
                Suggestion(entry.pk, condition.pk if condition else None, score, word, condition_word),
            )
        )
    return [item[3] for item in sorted(found, key=lambda item: item[:3])[:most]]


def _longest(words: Sequence[str], key: str) -> str:
    return max((w for w in words if w and w in key), key=len, default="")


def _condition(conditions: Sequence[ConditionEntry], key: str) -> tuple[ConditionEntry | None, str]:
    """The condition with the longest word in the text; of equals the first of the dictionary (the more urgent one).

    The only condition of a class needs no word.
    """
    best: tuple[ConditionEntry | None, str] = (conditions[0] if len(conditions) == 1 else None, "")
    for condition in conditions:
        word = _longest(condition.words, key)
        if len(word) > len(best[1]):
            best = (condition, word)
    return best
