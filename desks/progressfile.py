"""What a caller reads about the own report: gathered for the public page and for the operator who reads it out."""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from dispatch.models import Callback, Case, Report, Statement, Step
from dispatch.profile import profile
from dispatch.progress import Happened, Line, lines, status
from dispatch.transitions import Action, State

# told by the report's own first line
OWN = (Action.REGISTER, Action.REPORT_FOUND)
MOST_REPORTS = 500  # of one case are compared with a phone


@dataclass(frozen=True)
class Answer:
    """A reply that the caller may read."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True)
class Progress:
    """The progress of one report; `place` is the community at most, `may_answer` once after closing."""

    report: Report
    status: str
    ended: bool
    about: str
    place: str
    lines: list[Line]
    answers: list[Answer]
    said: Callback | None
    may_answer: bool


def find_report(key: str) -> Report | None:
    """The report behind the key of its progress page; an inspector's own finding has nobody to tell."""
    before = Q(received_at__lt=OuterRef("received_at")) | Q(received_at=OuterRef("received_at"), pk__lt=OuterRef("pk"))
    merged = Exists(Report.objects.filter(before, case=OuterRef("case")))
    rows = Report.objects.select_related("case__category", "case__community__parent", "channel").annotate(merged=merged)
    return rows.filter(query_key=key, case__isnull=False, channel__public=True).first()


def plain_number(text: str) -> str:
    """A number as it is stored, however it was typed: full-width, in small letters, with blanks or a long dash."""
    typed = unicodedata.normalize("NFKC", text).upper()
    return re.sub(r"[^0-9A-Z-]", "", re.sub(r"[‐-―−]", "-", typed))


def plain_phone(text: str) -> str:
    """The digits of a phone number, without the country's."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    return digits.removeprefix("0086") if digits.startswith("0086") else re.sub(r"^86(?=1\d{10}$)", "", digits)


def find_by_number(number: str, phone: str) -> Report | None:
    """The report of this number, or of the case of this number, whose reporter has left this phone.

    Both as `plain_number` and `plain_phone` make them. Who stayed unknown or left no phone is found by the key only.
    """
    if not number or not phone:
        return None
    rows = Report.objects.contactable().filter(case__isnull=False, channel__public=True).select_related("person")
    named = rows.filter(Q(number=number) | Q(case__number=number)).order_by("-received_at", "-pk")
    for report in named[:MOST_REPORTS]:
        left = (report.person.phone, report.person.callback_phone) if report.person else ()
        if any(secrets.compare_digest(plain_phone(one), phone) for one in left if one):
            return report
    return None


def read_progress(report: Report) -> Progress:
    """Four queries, however long the case is; of a report as `find_report` reads it."""
    case = report.case
    if case is None:
        raise ValueError("a report without a case has no progress")
    said = Callback.objects.filter(report=report, reached=True).order_by("-called_at", "-pk").first()
    fresh = said is not None and case.closed_at is not None and said.called_at >= case.closed_at
    return Progress(
        report=report,
        status=status(case.state),
        ended=not case.is_open,
        about=case.category.label if case.category else report.get_request_type_display(),
        place=_place(case),
        lines=_lines(case, report),
        answers=_answers(case, report),
        said=said if fresh else None,
        may_answer=case.state == State.CLOSED and not fresh and profile().progress.web_answer,
    )


def _place(case: Case) -> str:
    """As exactly as a neighbour may know it: subdistrict and community, never the address."""
    area = case.community
    if area is None:
        return ""
    return f"{area.parent.name} {area.name}" if area.parent else area.name


def _lines(case: Case, report: Report) -> list[Line]:
    names = dict(case.parts.values_list("agency__code", "agency__name"))
    alone = not report.merged  # type: ignore[attr-defined]  # annotated by find_report
    return told_lines(report, case.steps.select_related("contact", "part__agency"), names, alone=alone)


def told_lines(report: Report, steps: Iterable[Step], names: dict[str, str], *, alone: bool) -> list[Line]:
    """From the caller's own call on: what happened before it happened to somebody else's report.

    `steps` are all of the case in order, with contact and part; `names` of agencies by code; `alone` is false for a
    report that was merged into the case of another one. Asks nothing of the database.
    """
    told = [Line(report.received_at, _("您的诉求已受理。"))]
    if not alone:
        told.append(Line(report.received_at, _("与同一问题的其他诉求合并办理。")))
    own = [step for step in steps if step.action not in OWN and step.recorded_at >= report.received_at]
    happened = [_happened(step, report, names) for step in own]
    return told + lines(happened, agency_names=profile().progress.agency_names)


def _happened(step: Step, report: Report, names: dict[str, str]) -> Happened:
    """A step without anything that is not for outside."""
    contact = getattr(step, "contact", None)
    meant = contact.report_id if contact else step.facts.get("report")
    agency = step.part.agency.name if step.part else names.get(next(iter(step.facts.get("agencies", ())), ""), "")
    return Happened(
        action=step.action,
        source=step.from_state,
        target=step.to_state,
        at=step.occurred_at,
        reason_code=step.reason_code,
        agency=agency,
        reached=bool(step.facts.get("reached", True)),
        mine=meant in (None, report.pk),
        words=step.facts.get("reply", "") if step.action == Action.GATHER else "",
    )


def _answers(case: Case, report: Report) -> list[Answer]:
    """Public replies that stand: an agency's own one only once it has been accepted, and one to somebody else never."""
    rows = case.statements.filter(public=True).select_related("step__remark", "part").order_by("-at", "-pk")
    return [
        Answer(row.at, str(row.get_kind_display()), row.text)
        for row in rows
        if row.report_id in (None, report.pk) and row.text and _stands(row)
    ]


def _stands(row: Statement) -> bool:
    if row.kind != Statement.Kind.WRITTEN_REPLY or row.part is None:
        return True
    return row.part.stage == "accepted" and row.part.reply == row.text
