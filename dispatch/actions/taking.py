"""What call-taker and reviewer do beside the road: type, complexity, urgency, split, the answer upward, diversion."""

from copy import copy
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from dispatch import stageclocks
from dispatch.actions import once
from dispatch.actions.filing import needs_place, other_flow
from dispatch.intake import Caller, Intake, new_case, new_report, next_number_of
from dispatch.lifecycle import Doing, MissingEvidenceError, begin, move
from dispatch.models import Call, Case, CaseLink, Channel, Diversion, Report, Step
from dispatch.placing import propose_agency
from dispatch.profile import profile
from dispatch.reasons import DiversionReason, UrgentReason
from dispatch.transitions import Action, IllegalStep, Need, find
from people.models import User

# what each service is called for, where nobody has said it
USUAL = {
    "110": DiversionReason.CRIME,
    "119": DiversionReason.FIRE,
    "120": DiversionReason.ILLNESS,
    "122": DiversionReason.ACCIDENT,
}


@once
def retype(case: Case, doing: Doing, *, request_type: str) -> Step:
    """改诉求类型, with a reason; confidentiality, limit and agency follow, before the first step the flow too."""
    changes: dict[str, Any] = {
        "request_type": request_type,
        "confidential": case.confidential or is_confidential(request_type),
    }
    facts = {"was": case.request_type, "now": request_type}
    turned = other_flow(case, case.category, request_type)
    retyped = copy(case)
    retyped.request_type = request_type
    changes |= propose_agency(retyped, doing.at).columns() | turned
    step = move(case, Action.RETYPE, doing, changes=changes, facts=facts | turned)
    needs_place(case, turned)
    Report.objects.filter(case=case, request_type=facts["was"]).update(request_type=request_type)
    return step


def is_confidential(request_type: str) -> bool:
    """Whether a request type is confidential in this place (举报)."""
    return profile().types[request_type].confidential


@once
def set_complexity(case: Case, doing: Doing, *, complexity: str) -> Step:
    """简单/复杂, set at review and changeable with a reason (P3.21)."""
    facts = {"was": case.complexity, "now": complexity}
    return move(case, Action.COMPLEXITY, doing, changes={"complexity": complexity}, facts=facts)


@once
def set_urgent(case: Case, doing: Doing, *, urgent: bool, reason_code: str = "") -> Step:
    """紧急, with a reason in words and as a code."""
    changes = {"urgent": urgent, "urgent_reason": (reason_code or UrgentReason.OTHER) if urgent else ""}
    return move(case, Action.URGENCY, doing, changes=changes, facts={"now": urgent}, reason_code=reason_code)


@once
def split(case: Case, doing: Doing, *, text: str) -> Step:
    """拆分: one call raised two matters; the second becomes a case of its own, received now, linked with the first."""
    if not text.strip():
        raise MissingEvidenceError([Need.REASON])
    first = case.reports.select_related("call", "person", "channel").order_by("pk").first()
    if first is None:
        raise IllegalStep(case.flow, Action.SPLIT, case.state)
    number = next_number_of(doing.at)
    step = move(case, Action.SPLIT, doing, facts={"other": number})
    intake = Intake(
        text=text.strip(),
        channel=first.channel,
        caller=Caller(anonymous=first.anonymous, wants_callback=first.wants_callback),
        request_type=first.request_type,
    )
    other = new_case(intake, number, doing.at)
    theirs = replace(doing, operation=uuid5(doing.operation, "split"), version=1, note="")
    edge = find(other.flow, Action.REGISTER, None)
    begin(other, Action.REGISTER, theirs, edge, {"channel": first.channel.key, "split_from": case.number})
    report = new_report(intake, other, first.call, number, doing.at)
    report.person = first.person
    report.save(force_insert=True)
    one, two = sorted((case.pk, other.pk))
    CaseLink.objects.create(first_id=one, second_id=two, kind=CaseLink.Kind.LINKED, step=step)
    return step


@once
def answer_upper(case: Case, doing: Doing, *, report: Report) -> Step:
    """回复上级: every order from above is answered, also one that was merged; the note is the answer."""
    if report.case_id != case.pk or report.upper_due_at is None or report.upper_answered_at is not None:
        raise IllegalStep(case.flow, Action.ANSWER_UPPER, case.state)
    given = {Need.REPLY} if doing.note.strip() else set()
    step = move(case, Action.ANSWER_UPPER, doing, given=given, facts={"report": report.pk})
    Report.objects.filter(pk=report.pk).update(upper_answered_at=doing.at, upper_answer=doing.note.strip())
    stageclocks.answer_upper(case, report.upper_due_at, doing.at)
    return step


@transaction.atomic
def divert(
    *,
    channel: Channel,
    service: str,
    words: str,
    by: User,
    at: datetime,
    operation: UUID,
    reason: str = "",
    call: Call | None = None,
) -> Diversion:
    """分流: log that a call was put through to an emergency service; the same operation logs it once."""
    known = Diversion.objects.filter(operation=operation).first()
    if known is not None:
        return known
    call = call or Call.objects.create(channel=channel, operator=by, started_at=at)
    return Diversion.objects.create(
        call=call,
        service=service,
        reason=reason or USUAL[service],
        words=words.strip(),
        operator=by,
        diverted_at=at,
        operation=operation,
    )
