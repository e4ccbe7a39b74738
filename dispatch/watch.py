"""What happens by itself when a window or a date has passed; run every minute, each thing done once.

Every case is acted on in its own transaction and by an operation that follows from what is done, so a run that is
killed, or that overlaps another one, does nothing twice. A case that somebody acts on meanwhile waits for the next run.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from dispatch.actions import handling, petitions, pushes
from dispatch.lifecycle import Doing, StaleStepError
from dispatch.models import Case, Clock, Event, Part, Supervision
from dispatch.profile import profile
from dispatch.reasons import SystemReason
from dispatch.transitions import IllegalStep, State

NAMESPACE = UUID("0b7f3a52-6f0e-4a53-9b0c-6a1f0c5f8e11")
BATCH = 500  # the next minute brings the next ones


def watch() -> dict[str, int]:
    """The worker's task of every minute: how many cases each rule has moved."""
    return look_after(timezone.now())


def look_after(at: datetime) -> dict[str, int]:
    """Apply every rule at an instant."""
    rules: dict[str, Callable[[datetime], int]] = {
        "signed": sign_silent,
        "resumed": resume_due,
        "supervised": supervise_overdue,
        "warned": warn_near_due,
    }
    return {name: rule(at) for name, rule in rules.items()}


Act = Callable[[Case, Doing], Any]


def _each(rows: Iterable[tuple[Case, str, Act]], at: datetime) -> int:
    """Act on each case as the system; what has changed meanwhile is left for the next run."""
    done = 0
    for case, key, act in rows:
        doing = Doing(by=None, at=at, version=case.version, operation=uuid5(NAMESPACE, key))
        try:
            act(case, doing)
            done += 1
        except (StaleStepError, IllegalStep):
            continue
    return done


def sign_silent(at: datetime) -> int:
    """An agency that has neither signed nor sent back within its window has accepted (Practice notes)."""
    over = Clock.objects.ticking().filter(kind=Clock.Kind.SIGN, due_at__lt=at).values("part")
    parts = Part.objects.filter(pk__in=over, stage=Part.Stage.HANDLING, signed_at=None, case__state=State.HANDLING)
    late = parts.select_related("case").order_by("dispatched_at", "pk")[:BATCH]
    why = SystemReason.SILENT
    return _each(((p.case, f"sign/{p.pk}", partial(handling.sign, part=p, reason_code=why)) for p in late), at)


def resume_due(at: datetime) -> int:
    """A suspension ends by itself on its date of review, unless a renewal is being decided."""
    due = Case.objects.filter(state=State.SUSPENDED, review_on__lte=petitions.local_date(at)).exclude(
        petitions__kind="renewal", petitions__state="pending"
    )
    resume = partial(petitions.resume, reason_code=SystemReason.REVIEW_DUE)
    cases = due.order_by("review_on", "pk")[:BATCH]
    return _each(((case, f"resume/{case.pk}/{case.version}", resume) for case in cases), at)


def supervise_overdue(at: datetime) -> int:
    """超时督办 of a part over its time, 到场超时督办 where nobody came, 返工督办 if reworked too often; once a part."""
    settings = profile().clocks
    parts = Part.objects.filter(withdrawn_at=None, stage=Part.Stage.HANDLING, case__state=State.HANDLING)
    done = 0
    if settings.supervise_overdue:
        late = Clock.objects.overdue(at).filter(kind=Clock.Kind.HANDLE).values("part")
        done += _push(parts.filter(pk__in=late), Supervision.Kind.OVERDUE, SystemReason.OVERDUE, at)
        away = Clock.objects.overdue(at).filter(kind=Clock.Kind.ARRIVE).values("part")
        done += _push(parts.filter(pk__in=away), Supervision.Kind.ARRIVAL, SystemReason.NOT_THERE, at)
    if settings.supervise_after_reworks:
        often = parts.filter(reworks__gte=settings.supervise_after_reworks)
        done += _push(often, Supervision.Kind.REWORK, SystemReason.REWORKED, at)
    return done


def warn_near_due(at: datetime) -> int:
    """将超期: tells open pages once of each clock that has used the warning share of its limit."""
    with transaction.atomic():
        due = Clock.objects.near_due(at).filter(warned_at=None).select_for_update(skip_locked=True, of=("self",))
        found = list(due.select_related("case").order_by("warn_at", "pk")[:BATCH])
        Event.objects.bulk_create(
            Event(
                kind="clock.near_due",
                case=clock.case,
                payload={"number": clock.case.number, "clock": clock.kind, "due_at": clock.due_at.isoformat()},
                created_at=at,
            )
            for clock in found
        )
        Clock.objects.filter(pk__in=[clock.pk for clock in found]).update(warned_at=at)
    return len(found)


def _push(parts: QuerySet[Part], kind: str, why: str, at: datetime) -> int:
    """Push each part that has no such push yet; its case is read now, because the run may just have moved it."""
    pushed = Supervision.objects.filter(part=OuterRef("pk"), kind=kind)
    found = parts.filter(~Exists(pushed)).select_related("case").order_by("case", "pk")[:BATCH]
    act = partial(pushes.supervise, kind=kind, reason_code=why)
    return _each(((p.case, f"{kind}/{p.pk}", partial(act, part=p)) for p in found), at)
