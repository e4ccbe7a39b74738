"""The counts of formulas.py as SQL over stored facts: one condition gives both the number and the list behind it.

Every base is a set of handling clocks (one a part) found by an indexed date; a count is a condition on such a row.
Working time is never redone here: clocks store what they used, and their verdict.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Case as Choose
from django.db.models import Count as CountRows
from django.db.models import Exists, ExpressionWrapper, F, FilteredRelation, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Greatest, JSONObject

from dispatch.models import Callback, Clock, Contact, Part, Petition, Step
from dispatch.models.contact import Satisfaction
from dispatch.transitions import Action, Flow, State
from scorecards.formulas import COUNT, Base
from scorecards.periods import Month, Span
from scorecards.rules import Rules

JUDGED = (Clock.Verdict.ON_TIME, Clock.Verdict.OVERDUE)
# each count as one bit of a row's number; only inside a statement, never stored
BITS = {key: 1 << place for place, key in enumerate(COUNT)}
REPLIED = (Part.Stage.REPLIED, Part.Stage.REVIEWED)


@dataclass(frozen=True)
class Question:
    """A month, seen at an instant, under the rules in force; `at` decides only what is already overdue."""

    month: Month
    at: datetime
    rules: Rules
    # only cases from the public (True), or only the others; None: both together
    public: bool | None = None
    # some days instead of the whole month
    span: Span | None = None

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return (self.span or self.month).bounds(settings.CITY.zone)


class Member(NamedTuple):
    """One row behind the figures: an agency's clock (and callback), with the keys of the counts that it is in."""

    agency: int
    clock: int
    callback: int | None
    figures: frozenset[str]


def _clocks(question: Question) -> QuerySet[Clock]:
    clocks = Clock.objects.filter(kind=Clock.Kind.HANDLE, part__isnull=False).order_by()
    if question.public is not None:
        clocks = clocks.filter(case__channel__public=question.public)
    return clocks if question.rules.void_counts else clocks.exclude(case__state=State.VOID)


def rows(base: Base, question: Question) -> QuerySet[Clock]:
    """The handling clocks whose date of this base falls in the month; a callback's row once for each report."""
    start, end = question.bounds
    clocks = _clocks(question)
    match base:
        case Base.DISPATCHED:
            return clocks.filter(started_at__gte=start, started_at__lt=end)
        case Base.DUE:
            # a dropped or withdrawn part answers to none of the conditions: the agency is not judged
            return clocks.filter(due_at__gte=start, due_at__lt=end)
        case Base.WITHDRAWN:
            return clocks.filter(part__withdrawn_at__gte=start, part__withdrawn_at__lt=end)
        case Base.CLOSED:
            live = clocks.filter(part__withdrawn_at=None, verdict__in=JUDGED)
            return live.filter(case__closed_at__gte=start, case__closed_at__lt=end)
        case Base.CALLED:
            return _called(clocks, start, end)


def _called(clocks: QuerySet[Clock], start: datetime, end: datetime) -> QuerySet[Clock]:
    """Clocks with the callbacks that answer for them: after the verdict, before a redo; one a report."""
    in_month = Q(case__callbacks__called_at__gte=start, case__callbacks__called_at__lt=end)
    own = Q(called__called_at__gte=F("stopped_at")) & (
        Q(part__withdrawn_at=None) | Q(called__called_at__lt=F("part__withdrawn_at"))
    )
    # an answer stands before an attempt, a later one before an earlier one
    other = Callback.objects.filter(
        Q(reached__gt=OuterRef("called__reached"))
        | Q(reached=OuterRef("called__reached"), called_at__gt=OuterRef("called__called_at"))
        | Q(
            reached=OuterRef("called__reached"), called_at=OuterRef("called__called_at"), pk__gt=OuterRef("called__pk")
        ),
        case=OuterRef("case"),
        report=OuterRef("called__report"),
        called_at__gte=Greatest(OuterRef("stopped_at"), Value(start)),
        called_at__lt=Coalesce(OuterRef("part__withdrawn_at"), Value(end)),
    ).filter(called_at__lt=end)
    return (
        clocks.filter(verdict__in=JUDGED)
        .annotate(called=FilteredRelation("case__callbacks", condition=in_month))
        .filter(own, ~Exists(other), called__isnull=False)
    )


def conditions(base: Base, question: Question) -> dict[str, Q]:
    """What each count of a base asks of a row; keys as in formulas.py."""
    match base:
        case Base.DUE:
            return _due_conditions(question)
        case Base.WITHDRAWN:
            step = Step.objects.filter(case=OuterRef("case"), recorded_at=OuterRef("part__withdrawn_at"))
            return {
                "returned": Q(Exists(step.filter(action=Action.RETURN)), verdict=Clock.Verdict.DROPPED),
                "redone": Q(Exists(step.filter(action=Action.REDO)), verdict__in=JUDGED),
            }
        case Base.CALLED:
            satisfied = [Satisfaction.SATISFIED] + [Satisfaction.FAIR] * question.rules.fair_counts
            return {
                "called": Q(),
                "answered": Q(called__reached=True),
                "satisfied": Q(called__satisfaction__in=satisfied),
                "dissatisfied": Q(called__satisfaction=Satisfaction.DISSATISFIED),
                "solved": Q(called__solved=True),
            }
        case Base.DISPATCHED:
            return {"dispatched": Q()}
        case Base.CLOSED:
            return {"closed_in_month": Q()}


def _due_conditions(question: Question) -> dict[str, Q]:
    # a reply that waits for its check stands as it was given: judged by what its paused clock had used
    standing = Q(verdict="", part__stage__in=REPLIED)
    on_time = Q(verdict=Clock.Verdict.ON_TIME) | (standing & Q(used_seconds__lte=F("limit_seconds")))
    late = Q(verdict=Clock.Verdict.OVERDUE) | (standing & Q(used_seconds__gt=F("limit_seconds")))
    handled = Q(verdict__in=JUDGED) | standing
    untouched = Q(verdict="", part__stage=Part.Stage.HANDLING)
    suspended = untouched & Q(case__state=State.SUSPENDED)
    unhandled = untouched if question.rules.suspended_counts else untouched & ~Q(case__state=State.SUSPENDED)
    overdue = unhandled & Q(due_at__lt=question.at)
    due = handled | overdue
    # only a closed case can be redone, so an accepted part that was withdrawn had been closed
    closed = Q(verdict__in=JUDGED) & (Q(case__state=State.CLOSED) | Q(part__stage=Part.Stage.WITHDRAWN))
    contact_due = due & Q(case__flow=Flow.MATTER)
    granted = Petition.objects.filter(part=OuterRef("part"), kind=Petition.Kind.EXTENSION, state=Petition.State.GRANTED)
    reached = Contact.objects.filter(part=OuterRef("part"), reached=True, contacted_at__lte=OuterRef("due_at"))
    return {
        "due": due,
        "handled": handled,
        "on_time": on_time,
        "late": late,
        "unhandled": unhandled,
        "overdue": overdue,
        "reworked": due & Q(part__reworks__gt=0),
        "extended": due & Q(Exists(granted)),
        "closed": closed,
        "closed_on_time": closed & Q(verdict=Clock.Verdict.ON_TIME),
        "suspended": suspended,
        "contact_due": contact_due,
        "contacted": contact_due & Q(Exists(reached)),
        "provisional": due & Q(provisional=True),
    }


def tally(question: Question) -> dict[int, dict[str, int]]:
    """All counts of a month by agency id, in one statement; agencies without any row are absent."""
    found: dict[int, dict[str, int]] = {}
    for agency, figures in _together([_counted(base, question) for base in Base]):
        found.setdefault(agency, dict.fromkeys(COUNT, 0)).update(figures)
    return found


def sums(base: Base, question: Question, keys: Iterable[str]) -> dict[str, int]:
    """Some counts of one base over all agencies, in one statement."""
    asked = conditions(base, question)
    found: dict[str, int] = rows(base, question).aggregate(
        **{key: CountRows("pk", filter=asked[key] or None) for key in keys}
    )
    return found


def _counted(base: Base, question: Question) -> QuerySet[Any, Any]:
    counts = {key: CountRows("pk", filter=asked or None) for key, asked in conditions(base, question).items()}
    return (
        rows(base, question)
        .values(agency=F("part__agency_id"))
        .annotate(figures=JSONObject(**counts))
        .values_list("agency", "figures")
    )


def members(question: Question) -> Iterator[Member]:
    """Every row behind the counts of a month, in one statement: what a frozen scorecard keeps."""
    together: dict[tuple[int, int, int | None], int] = {}
    for agency, clock, callback, bits in _together([_listed(base, question) for base in Base]):
        row = (agency, clock, callback)
        together[row] = together.get(row, 0) | bits
    keys = {bits: frozenset(key for key, bit in BITS.items() if bits & bit) for bits in set(together.values())}
    for (agency, clock, callback), bits in together.items():
        if bits:
            yield Member(agency, clock, callback, keys[bits])


def _listed(base: Base, question: Question) -> QuerySet[Any, Any]:
    # one number a row says all its counts: 90,000 rows of a big month come as fast as they are found
    bits: list[Any] = [
        Choose(When(asked, then=Value(BITS[key])), default=Value(0)) if asked else Value(BITS[key])
        for key, asked in conditions(base, question).items()
    ]
    callback = F("called__pk") if base is Base.CALLED else Cast(Value(None), models.BigIntegerField())
    return (
        rows(base, question)
        .annotate(callback=callback, bits=ExpressionWrapper(reduce(add, bits), models.BigIntegerField()))
        .values_list("part__agency_id", "pk", "callback", "bits")
    )


def _together(parts: list[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    return parts[0].union(*parts[1:], all=True)


def behind(key: str, question: Question, agency: int | None = None) -> QuerySet[Clock]:
    """The rows that a count counts, of one agency or of all; the due first come first. Raises KeyError."""
    base = COUNT[key].base
    found = rows(base, question).filter(conditions(base, question)[key])
    if base is Base.CALLED:
        found = found.annotate(callback=F("called__pk"))
    if agency is not None:
        found = found.filter(part__agency=agency)
    return found.order_by("due_at", "pk")
