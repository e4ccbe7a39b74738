"""The leader's start page: what waits for the leader, how the line stands, where it is hard; each number opens."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desks.besidelists import to_decide
from desks.counts import Counted, count_quick
from desks.filters import Filter
from desks.lights import Lights, read_lights
from desks.repeatpoints import Place, read_points
from dispatch.models import Case, CaseQuerySet, Clock, Part, Petition, Supervision, SupervisionQuerySet
from dispatch.profile import profile
from dispatch.reviews import Progress, progress
from dispatch.signoff import Line, waiting
from dispatch.transitions import State
from people.access import of_agencies, scope_of
from people.models import User

FEW = 5
MOST_UNITS = 12
HOT_DAYS, HOT_LEAST = 30, 3


@dataclass(frozen=True)
class Number:
    """A number with the list behind it."""

    title: str | Promise
    count: int
    link: str
    tone: str = ""


@dataclass(frozen=True)
class UnitLine:
    """One agency of the line: its open cases, and those that are overdue."""

    pk: int
    name: str
    open: int
    late: int


@dataclass(frozen=True)
class LeaderPage:
    """The whole page as values."""

    waiting: list[Number]
    line: list[Counted]
    to_sign: list[tuple[Case, Line]]
    to_decide: list[Petition]
    instructions: list[Supervision]
    units: list[UnitLine]
    hard: list[Case]
    hot: list[Place]
    review: Progress
    reviews: Number
    at: datetime


def read_leader(user: User, at: datetime, month: tuple[datetime, datetime]) -> LeaderPage:
    """Gather it: as many queries for a city as for a town; `month` is what is reviewed now."""
    seen, lights = Case.objects.visible_to(user), read_lights(at)
    signing = waiting(seen, user)
    signed = Case.objects.filter(pk__in=list(signing)[:FEW]).select_related("category").order_by("state_since", "pk")
    deciding = to_decide(user).filter(case__in=seen.values("pk"))
    mine = Supervision.objects.filter(by=user, kind=Supervision.Kind.INSTRUCTION).filter(case__in=seen.values("pk"))
    hard = seen.open().filter(hard=True)
    done = progress(user, *month)
    return LeaderPage(
        waiting=_waiting(user, at, len(signing), deciding.count(), seen),
        line=count_quick(seen, lights, Filter()),
        to_sign=[(case, signing[case.pk]) for case in signed],
        to_decide=list(deciding.select_related("case", "asked_by", "part__agency", "step__remark")[:FEW]),
        instructions=_instructions(mine),
        units=_units(user, lights),
        hard=list(hard.select_related("category", "community").order_by("received_at", "pk")[:FEW]),
        hot=read_points(user, at, days=HOT_DAYS, least=HOT_LEAST)[:FEW],
        review=done,
        reviews=Number(_("本月待审阅"), done.total - done.done, reverse("desks:review")),
        at=at,
    )


def _waiting(user: User, at: datetime, signing: int, deciding: int, seen: CaseQuerySet) -> list[Number]:
    """What is the leader's to do, and what the leader waits for; counted as the lists behind them count: cases."""
    pushes = Supervision.objects.filter(case__in=seen.values("pk"))
    counted = pushes.open().aggregate(
        open=Count("case", distinct=True, filter=Q(answered_at=None)),
        late=Count("case", distinct=True, filter=Q(answered_at=None, due_at__lt=at)),
        answered=Count("case", distinct=True, filter=Q(answered_at__isnull=False)),
    )
    supervisions = reverse("desks:supervisions")
    found = [Number(_("待我签批"), signing, reverse("desks:signing") + "?tab=sign")] if profile().signing.chains else []
    return [
        *found,
        Number(_("待我审批"), deciding, reverse("desks:petitions") + "?tab=decide"),
        Number(_("批示督办待回复"), counted["open"], f"{supervisions}?tab=open"),
        Number(_("逾期未回复"), counted["late"], f"{supervisions}?tab=late", "red"),
        Number(_("已回复待销号"), counted["answered"], f"{supervisions}?tab=answered", "yellow"),
    ]


def _instructions(mine: SupervisionQuerySet) -> list[Supervision]:
    """The leader's own, those that stand open first, with what was answered."""
    rows = mine.select_related("case", "part__agency", "step__remark", "answer_step__remark")
    return list(rows.order_by("ended_at", "-opened_at")[:FEW])


def _units(user: User, lights: Lights) -> list[UnitLine]:
    """Agencies of the line with open parts, the most overdue first; one query."""
    scope = scope_of(user)
    late = Clock.objects.overdue(lights.at).filter(part=OuterRef("pk"), kind=Clock.Kind.HANDLE)
    parts = Part.objects.filter(stage=Part.Stage.HANDLING, withdrawn_at=None, case__state=State.HANDLING)
    parts = parts.filter(of_agencies(scope)) if scope.agencies else parts
    parts = parts.filter(case__in=Case.objects.visible_to(user).values("pk"))
    rows = (
        parts.annotate(is_late=Exists(late))
        .order_by()
        .values("agency", "agency__name")
        .annotate(open=Count("pk"), late=Count("pk", filter=Q(is_late=True)))
        .order_by("-late", "-open", "agency__name")[:MOST_UNITS]
    )
    return [UnitLine(row["agency"], row["agency__name"], row["open"], row["late"]) for row in rows]
