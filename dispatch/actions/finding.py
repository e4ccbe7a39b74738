"""巡查上报: what an inspector has found by himself; nobody has to verify it, so it goes straight to filing."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from dispatch.evidence import Photo, attach
from dispatch.intake import Caller, Intake, flow_of, local_day, new_case, new_report
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, begin, done_before, next_number
from dispatch.models import Case
from dispatch.models.report import RequestType
from dispatch.transitions import Action, Edge, Need, find
from people.access import scope_of
from people.models import User
from people.permissions import may


def report_found(
    intake: Intake,
    *,
    photos: list[Photo],
    by: User,
    at: datetime,
    occurred_at: datetime,
    operation: UUID,
    mended: str = "",
) -> Case:
    """Make a case of an inspector's own finding, with its report and photos; the same operation makes one.

    `mended` says what the inspector has done about it on the spot (自处理): such a case waits for the audit. The
    position of the inspector is that of the photos. Raises NotAllowedError, MissingEvidenceError, and IllegalStep for
    a matter: there is nothing to find on the street.
    """
    intake = as_found(intake)
    edge = edge_of_found(intake, photos, by, mended)
    before = done_before(operation)
    if before is not None:
        return before.case
    try:
        with transaction.atomic():
            return _write(edge, intake, photos, Doing(by, at, 1, operation, mended, occurred_at=occurred_at))
    except IntegrityError:
        # the same operation, sent twice at the same moment: the other one has won
        before = done_before(operation)
        if before is None:
            raise
        return before.case


def as_found(intake: Intake) -> Intake:
    """The intake of a finding: nobody called, and the inspector has put the pin."""
    caller = Caller(wants_callback=False)
    return replace(intake, caller=caller, request_type=RequestType.OTHER, located_by="inspector")


def edge_of_found(intake: Intake, photos: list[Photo], by: User, mended: str = "") -> Edge:
    """The edge of the table that begins such a case. Raises NotAllowedError, MissingEvidenceError, IllegalStep."""
    edge = find(flow_of(intake), Action.SELF_HANDLED if mended.strip() else Action.REPORT_FOUND, None)
    if not may(scope_of(by).roles, edge.permission):
        raise NotAllowedError(edge.permission)
    here = intake.point is not None and any(photo.point is not None for photo in photos)
    there = {Need.CLASS: intake.category is not None, Need.PHOTO: bool(photos), Need.POSITION: here, Need.REPLY: True}
    missing = [need for need in edge.needs if not there[need]]
    if missing:
        raise MissingEvidenceError(missing)
    return edge


def _write(edge: Edge, intake: Intake, photos: list[Photo], doing: Doing) -> Case:
    number = next_number(local_day(doing.at))
    case = new_case(intake, number, doing.at, edge.target)
    mended = edge.action == Action.SELF_HANDLED
    if mended:
        case.filed_at = case.handled_at = doing.at
    facts = {"channel": intake.channel.key, "outside": case.outside_grid, "placed": True}
    step = begin(case, edge.action, doing, edge, facts)
    new_report(intake, case, None, number, doing.at).save(force_insert=True)
    attach(step, case, photos, "after" if mended else "reported")
    return case
