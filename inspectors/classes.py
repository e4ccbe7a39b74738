"""The street classes as the page for findings offers them: all of them to search, and the usual ones as buttons."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Prefetch

from dispatch.models import Case, Condition
from dispatch.transitions import Action
from gridmap.models import Category
from people.models import User

BUTTONS = 8
HABIT = timedelta(days=90)


def street_classes(on: date) -> list[dict[str, Any]]:
    """All classes that can be seen on a street, with names, other words and conditions; two queries."""
    conditions = Prefetch("conditions", Condition.objects.order_by("number"), to_attr="listed")
    classes = Category.objects.classes().on(on).exclude(kind=Category.Kind.MATTER).order_by("kind", "code")
    return [
        {
            "id": category.pk,
            "code": category.code,
            "kind": category.get_kind_display(),
            "name": category.label,
            "words": [category.name, category.name_en, *category.words],
            "conditions": [{"id": c.pk, "text": str(c)} for c in category.listed],  # type: ignore[attr-defined]
        }
        for category in classes.prefetch_related(conditions)
    ]


def usual_classes(user: User, at: datetime) -> list[int]:
    """Ids of the classes for the buttons: what the user found most often of late, then what all inspectors found."""
    found = Case.objects.filter(steps__action=Action.REPORT_FOUND, received_at__gt=at - HABIT).order_by()
    counted = found.values("category_id").annotate(times=Count("pk")).order_by("-times", "category_id")
    own = list(counted.filter(steps__actor=user).values_list("category_id", flat=True)[:BUTTONS])
    others = counted.values_list("category_id", flat=True)[: 2 * BUTTONS] if len(own) < BUTTONS else []
    return [*own, *(pk for pk in others if pk not in own)][:BUTTONS]


def own_findings(user: User, at: datetime) -> list[Case]:
    """What the user reported within a day, newest first: proof that it has arrived."""
    own = Case.objects.filter(
        steps__action=Action.REPORT_FOUND, steps__actor=user, received_at__gt=at - timedelta(days=1)
    )
    return list(own.select_related("category").order_by("-received_at")[:10])
