"""The class dictionary in force, as the values that classify.py takes."""

from datetime import date

from dispatch.classify import ClassEntry, ConditionEntry
from dispatch.models import Condition
from gridmap.models import Category
from gridmap.normalise import key


def entries(on: date) -> list[ClassEntry]:
    """All 小类 in force on a day with their conditions; two queries."""
    conditions: dict[int, list[ConditionEntry]] = {}
    for pk, category_id, number, words in Condition.objects.order_by("category_id", "number").values_list(
        "pk", "category_id", "number", "words"
    ):
        conditions.setdefault(category_id, []).append(ConditionEntry(pk, number, tuple(map(key, words))))
    classes = Category.objects.classes().on(on).order_by("kind", "code")
    return [
        ClassEntry(pk, kind, code, key(name), tuple(map(key, words)), tuple(conditions.get(pk, ())))
        for pk, kind, code, name, words in classes.values_list("pk", "kind", "code", "name", "words")
    ]
