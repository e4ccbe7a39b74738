"""The counts of postfigures.py as SQL over stored facts: who did the step, and whether its clock was kept.

Every base is a set of rows found by an indexed time, each with its person and its case; a count is a condition on such
a row. Clocks of the desks stop in the very step that ends their stage, so step and clock find each other by case and
time.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from dispatch.models import Clock, FieldTask, Petition, Step
from dispatch.transitions import Action, State
from inspectors.models import PossibleMiss
from people.access import scope_of
from people.models import User
from people.permissions import Role
from scorecards.formulas import grade
from scorecards.periods import Month
from scorecards.postfigures import POST_COUNT, POST_RATE
from scorecards.scores import BY_POST, Subject

ROLE = {
    Subject.INSPECTOR: Role.INSPECTOR,
    Subject.OPERATOR: Role.OPERATOR,
    Subject.DISPATCHER: Role.DISPATCHER,
    Subject.SHIFT_LEAD: Role.SHIFT_LEAD,
}


class Base(NamedTuple):
    """Rows with the name of their person and their time, and what each count asks of a row."""

    rows: QuerySet[Any, Any]
    person: str
    when: str
    counts: dict[str, Q]


def bases(post: Subject, month: Month) -> list[Base]:
    """Where the counts of a post come from."""
    start, end = month.bounds(settings.CITY.zone)
    steps = Step.objects.filter(recorded_at__gte=start, recorded_at__lt=end, actor__isnull=False).order_by()
    match post:
        case Subject.INSPECTOR:
            return _inspectors(month)
        case Subject.OPERATOR:
            taken = Q(Exists(_clock(Clock.Kind.ACCEPT).filter(used_seconds__lte=F("limit_seconds"))))
            return [
                _steps(steps.filter(action=Action.REGISTER), {"registered": Q()}),
                _steps(steps.filter(action=Action.ORDER_VERIFY), {"verify_sent": Q(), "verify_sent_on_time": taken}),
                _steps(steps.filter(action=Action.ANSWER), {"answered": Q(), "answered_on_time": taken}),
            ]
        case Subject.DISPATCHER:
            recalled = Step.objects.filter(case=OuterRef("case"), version=OuterRef("version") + 1, action=Action.RECALL)
            returned = Petition.objects.filter(
                kind=Petition.Kind.BACK, state=Petition.State.GRANTED,
                part__case=OuterRef("case"), part__dispatched_at=OuterRef("recorded_at"),
            )  # fmt: skip
            counts = {"sent": Q(), "sent_on_time": _kept(Clock.Kind.DISPATCH), "sent_right": ~Q(Exists(returned))}
            return [_steps(steps.filter(~Exists(recalled), action=Action.DISPATCH), counts)]
        case Subject.SHIFT_LEAD:
            filed = steps.filter(action__in=(Action.FILE, Action.REVIEW), to_state=State.TO_DISPATCH)
            right = {"filed": Q(), "filed_on_time": _kept(Clock.Kind.FILE), "filed_right": ~Q(case__state=State.VOID)}
            ended = {"ended": Q(), "ended_in_time": _kept(Clock.Kind.CLOSE)}
            return [_steps(filed, right), _steps(steps.filter(action=Action.CLOSE), ended)]
    raise ValueError(post)


def _inspectors(month: Month) -> list[Base]:
    start, end = month.bounds(settings.CITY.zone)
    found = Step.objects.filter(
        Q(action=Action.REPORT_FOUND) | Q(action=Action.SELF_HANDLED, from_state=""),
        recorded_at__gte=start,
        recorded_at__lt=end,
    ).order_by()
    valid = Q(case__filed_at__isnull=False) | Q(action=Action.SELF_HANDLED, case__state=State.CLOSED)
    tasks = FieldTask.objects.filter(due_at__gte=start, due_at__lt=end, inspector__isnull=False).order_by()
    tasks = tasks.exclude(result=FieldTask.Result.CANCELLED)
    verify, check = Q(kind=FieldTask.Kind.VERIFY), Q(kind=FieldTask.Kind.CHECK)
    kept = Q(done_at__lte=F("due_at"))
    asked = {
        "verify_due": verify,
        "verified_on_time": verify & kept,
        "check_due": check,
        "checked_on_time": check & kept,
    }
    misses = PossibleMiss.objects.confirmed().reported_between(start, end).order_by()
    return [
        _steps(found, {"reported": Q(), "valid": valid}),
        Base(tasks, "inspector", "due_at", asked),
        Base(misses, "inspector", "reported_at", {"missed": Q()}),
    ]


def _steps(rows: QuerySet[Step], counts: dict[str, Q]) -> Base:
    return Base(rows, "actor", "recorded_at", counts)


def _clock(kind: str) -> QuerySet[Clock]:
    return Clock.objects.filter(case=OuterRef("case"), kind=kind, stopped_at=OuterRef("recorded_at")).order_by()


def _kept(kind: str) -> Q:
    return Q(Exists(_clock(kind).filter(verdict=Clock.Verdict.ON_TIME)))


def tally(post: Subject, month: Month) -> dict[int, dict[str, int]]:
    """All counts of a post by person; one statement a base. Who did nothing is absent."""
    found: dict[int, dict[str, int]] = {}
    for base in bases(post, month):
        counted = {key: Count("pk", filter=asked or None) for key, asked in base.counts.items()}
        for row in base.rows.values(person=F(base.person)).annotate(**counted):
            figures = found.setdefault(row.pop("person"), dict.fromkeys(POST_COUNT[post], 0))
            figures.update(row)
    if post is Subject.INSPECTOR:
        for figures in found.values():
            figures["findable"] = figures["valid"] + figures["missed"]
    return {person: figures for person, figures in found.items() if any(figures.values())}


def behind(post: Subject, key: str, month: Month, person: int) -> tuple[QuerySet[Any, Any], str]:
    """The rows that a count of somebody counted, the newest first, and the name of their time. Raises KeyError."""
    base = next((base for base in bases(post, month) if key in base.counts), None)
    if base is None:
        raise KeyError(key)
    rows = base.rows.filter(base.counts[key], **{base.person: person})
    return rows.select_related("case__category").order_by(f"-{base.when}", "-pk"), base.when


@dataclass(frozen=True)
class PostCard:
    """The figures of one person in a post; `place` is the rank, ties share one, None is unranked."""

    person: User
    counts: dict[str, int]
    rates: dict[str, Decimal | None]
    score: Decimal | None
    grade: str
    place: int | None = None


def cards(post: Subject, month: Month, least: int) -> list[PostCard]:
    """A card for everybody who did something; ranked where at least `least` of the first count stand behind it."""
    counts, first = tally(post, month), next(iter(POST_COUNT[post]))
    found = []
    for person in User.objects.filter(pk__in=counts):
        mine = counts[person.pk]
        rates = {key: rate.of(mine) for key, rate in POST_RATE[post].items()}
        score = BY_POST[post].of(mine, POST_RATE[post])
        found.append(PostCard(person, mine, rates, score, grade(score)))
    scores = [card.score for card in found if card.score is not None and card.counts[first] >= least]
    placed = [
        replace(card, place=1 + sum(score > card.score for score in scores))
        if card.score is not None and card.counts[first] >= least
        else card
        for card in found
    ]
    return sorted(placed, key=lambda card: (card.place is None, card.place or 0, card.person.username))


def posts_of(user: User) -> list[Subject]:
    """The posts whose figures somebody may open: managers, leaders and shift leads all, others their own."""
    roles = scope_of(user).roles
    if roles & {Role.MANAGER, Role.LEADER, Role.SHIFT_LEAD}:
        return list(ROLE)
    return [post for post, role in ROLE.items() if role in roles]


def sees(user: User, post: Subject, person: User) -> bool:
    """Whose figures of a post somebody sees: managers and leaders everybody's, a shift lead the team's, others theirs.

    Shift leads do not see each other: they are judged by the manager.
    """
    roles = scope_of(user).roles
    if roles & {Role.MANAGER, Role.LEADER} or (Role.SHIFT_LEAD in roles and post is not Subject.SHIFT_LEAD):
        return True
    return person.pk == user.pk and post in posts_of(user)
