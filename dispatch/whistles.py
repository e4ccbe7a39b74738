"""吹哨报到: three levels, who may call on which, and how far an open whistle is. Pure.

Source: P4.7 (网格→社区, 社区→街道, 街道→区直部门, each with call, 报到 and outcome), P4.8 (a whistle of 14 March, the
units on site on the 15th, still in repair and tracked until it is solved).
"""

from collections.abc import Set as AbstractSet

from django.db import models
from django.utils.translation import gettext_lazy as _

from dispatch.profile import WhistleLevel, Whistles
from people.permissions import Role


class Level(models.TextChoices):
    """Who calls whom."""

    GRID = "grid", _("网格吹哨，社区报到")
    COMMUNITY = "community", _("社区吹哨，街道报到")
    STREET = "street", _("街道吹哨，部门报到")


class Outcome(models.TextChoices):
    """How it stands after the units have come; while something is being repaired the whistle stays open."""

    REPAIRING = "repairing", _("仍在整改")
    SOLVED = "solved", _("已解决")
    RAISED = "raised", _("提级吹哨")


# what ends a whistle; a repair is followed up until one of these is said
ENDING = frozenset({Outcome.SOLVED, Outcome.RAISED})


def rule_of(level: str, whistles: Whistles) -> WhistleLevel:
    """The profile's rule for a level."""
    found: WhistleLevel = getattr(whistles, level)
    return found


def levels_for(roles: AbstractSet[Role], whistles: Whistles) -> list[Level]:
    """The levels on which somebody with these roles may call, lowest first; none where whistles are off."""
    if not whistles.on:
        return []
    return [level for level in Level if roles & frozenset(rule_of(level, whistles).call)]


def next_level(level: str) -> Level | None:
    """The level above, to which a matter is raised; None above the highest."""
    order = list(Level)
    place = order.index(Level(level)) + 1
    return order[place] if place < len(order) else None
