"""漏报: what a resident had to report although an inspector on duty there has to collect it.

On duty counts, patrolled or not: otherwise whoever does not patrol would miss nothing (domain sheet, practice notes).
The machine only marks; a person confirms.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from dispatch.models import Case, Event, Report
from dispatch.transitions import Action, State
from gridmap.models import Category
from inspectors.dutyrefusals import DutyError
from inspectors.models import CellPass, PossibleMiss, Shift
from inspectors.zones import zones_at
from people.models import User

# a case that ended so was nothing that anybody had to collect
NOTHING = (State.DECLINED, State.MERGED, State.VOID, State.ANSWERED)
# the steps after which a case may have another place, another class, or be none
STEPS = (
    *(Action.REGISTER, Action.PLACE, Action.CLASSIFY, Action.FILE),
    *(Action.DECLINE, Action.MERGE, Action.REPEAT, Action.VOID, Action.ANSWER),
    *(Action.UNMERGE, Action.REOPEN),
)
KINDS = {f"case.{action}" for action in STEPS}


def on_event(event: Event) -> None:
    """Reader "missed": marks what may have been missed, and takes the mark off a case that turned out to be none."""
    if event.case_id is None or event.kind not in KINDS:
        return
    case = Case.objects.select_related("category", "channel", "cell").get(pk=event.case_id)
    if case.state in NOTHING:
        withdraw(case, event.created_at)
    else:
        mark(case)


def must_collect(category: Category | None) -> bool:
    """Whether inspectors have to look for this class themselves."""
    return category is not None and category.kind != Category.Kind.MATTER and category.must_collect


def mark(case: Case) -> PossibleMiss | None:
    """Mark a case as possibly missed; None where it is none. Doing it again changes nothing.

    Only the first report of a case counts, and only one of a resident: what an inspector or an earlier caller had
    reported was known. A mark that nobody has decided about goes when the case got another class or place.
    """
    known = PossibleMiss.objects.filter(case=case).first()
    report = Report.objects.filter(case=case).select_related("channel").order_by("received_at", "pk").first()
    counts = report is not None and report.channel.public and must_collect(case.category) and case.cell is not None
    shift = answering(case, report.received_at) if report is not None and counts else None
    if report is None or case.cell is None or shift is None:
        if known is not None and known.state == PossibleMiss.State.OPEN:
            known.delete()
        return None
    code, at = case.cell.code, report.received_at
    facts = {
        "report": report,
        "cell_code": code,
        "zone": shift.zone,
        "inspector": shift.inspector,
        "reported_at": at,
        "last_seen_at": last_seen(code, at),
    }
    if known is None:
        return PossibleMiss.objects.get_or_create(case=case, defaults=facts)[0]
    if known.decided_by_id is None:  # taken back from another case, or placed anew
        again = {"state": PossibleMiss.State.OPEN, "decided_at": None, "reason": ""}
        PossibleMiss.objects.filter(pk=known.pk, decided_by=None).update(**facts, **again)
    return known


def answering(case: Case, at: datetime) -> Shift | None:
    """The shift of whoever was on duty for the place of a case; of several the one who saw the cell last."""
    code, community = case.cell.code if case.cell else None, case.community_id
    zones = zones_at([community] if community else [], code)
    shifts = Shift.objects.on_duty(at).filter(zone__in=zones)
    found = list(shifts.select_related("inspector", "zone").order_by("inspector", "pk"))
    if len(found) > 1 and case.cell is not None:
        people = [shift.inspector_id for shift in found]
        passed = CellPass.objects.filter(cell_code=case.cell.code, at__lte=at, inspector__in=people)
        latest = passed.order_by("-at").values_list("inspector", flat=True).first()
        found.sort(key=lambda shift: shift.inspector_id != latest)
    return found[0] if found else None


def last_seen(cell_code: str, at: datetime) -> datetime | None:
    """When a track last passed a cell before a moment; of its own day only what was known by then."""
    passed = CellPass.objects.filter(cell_code=cell_code, at__lte=at)
    return passed.order_by("-at").values_list("at", flat=True).first()


def withdraw(case: Case, at: datetime) -> int:
    """A case that ended as no case: its mark is dismissed by itself, unless somebody has decided."""
    if case.state not in NOTHING:
        return 0
    waiting = PossibleMiss.objects.waiting().filter(case=case)
    dismissed = PossibleMiss.State.DISMISSED
    # the state as a code: it becomes words in the reader's language
    return waiting.update(state=dismissed, decided_at=at, reason=case.state)


@transaction.atomic
def decide(
    miss: PossibleMiss, *, confirmed: bool, reason: str, by: User, at: datetime, operation: UUID
) -> PossibleMiss:
    """认定: once; the same operation answers again. Raises DutyError when somebody else was faster."""
    before = PossibleMiss.objects.filter(operation=operation).first()
    if before is not None:
        return before
    state = PossibleMiss.State.CONFIRMED if confirmed else PossibleMiss.State.DISMISSED
    facts = {"state": state, "reason": reason.strip(), "decided_by": by, "decided_at": at, "operation": operation}
    # the row that still waits decides who was first
    if not PossibleMiss.objects.waiting().filter(pk=miss.pk).update(**facts):
        raise DutyError("decided")
    miss.refresh_from_db()
    return miss
