"""How many cases wait behind each quick filter."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desks.filters import Filter
from desks.lights import Lights
from dispatch.models import CaseQuerySet
from dispatch.transitions import State


@dataclass(frozen=True)
class Quick:
    """A filter that one click chooses."""

    key: str
    title: str | Promise
    filter: Filter
    tone: str = ""


QUICK = (
    Quick("open", _("在办"), Filter()),
    Quick("to_dispatch", _("待派遣"), Filter(stage=State.TO_DISPATCH)),
    Quick("yellow", _("将超期"), Filter(light="yellow"), "yellow"),
    Quick("red", _("已超期"), Filter(light="red"), "red"),
    Quick("checking", _("待核查"), Filter(stage=State.CHECKING)),
    Quick("urgent", _("紧急"), Filter(urgent=True), "red"),
)


@dataclass(frozen=True)
class Counted:
    """A quick filter with its number, and whether it is the one that is chosen."""

    quick: Quick
    count: int
    query: str
    chosen: bool


def count_quick(cases: CaseQuerySet, lights: Lights, choice: Filter) -> list[Counted]:
    """Numbers over the open cases that somebody may see, in one query."""
    numbers = (
        cases.open()
        .order_by()
        .aggregate(
            open=Count("pk"),
            to_dispatch=Count("pk", filter=Q(state=State.TO_DISPATCH)),
            checking=Count("pk", filter=Q(state=State.CHECKING)),
            urgent=Count("pk", filter=Q(urgent=True)),
            red=Count("pk", filter=lights.is_red()),
            yellow=Count("pk", filter=lights.is_yellow()),
        )
    )
    return [
        Counted(quick, numbers[quick.key], quick.filter.query(sort=choice.sort), _same(quick.filter, choice))
        for quick in QUICK
    ]


def _same(quick: Filter, choice: Filter) -> bool:
    return (quick.stage, quick.light, quick.urgent) == (choice.stage, choice.light, choice.urgent)
