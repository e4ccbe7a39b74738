"""The records in words: 调查记录, 平台答复, 向诉求人说明; the written reply comes with 处置反馈 or 直接答复."""

from dataclasses import dataclass

from dispatch.actions import once
from dispatch.evidence import Photo, attach
from dispatch.lifecycle import Doing, MissingEvidenceError, move
from dispatch.models import Case, Part, Report, Statement, Step
from dispatch.transitions import Action, Need


def state(
    case: Case,
    step: Step,
    kind: str,
    doing: Doing,
    *,
    part: Part | None = None,
    report: Report | None = None,
    public: bool = False,
) -> Statement:
    """Write a record whose words are those of the step; its time is when it was done, not when it was written down."""
    at = doing.occurred_at or doing.at
    return Statement.objects.create(
        case=case, part=part, step=step, kind=kind, by=doing.by, at=at, report=report, public=public
    )


def state_explanation(case: Case, step: Step, words: str, doing: Doing) -> None:
    """Keep what the caller was told beside a step whose own words are the reason for the house."""
    if words.strip():
        Statement.objects.create(
            case=case, step=step, kind=Statement.Kind.EXPLANATION, by=doing.by, at=doing.at, words=words.strip()
        )


@dataclass(frozen=True)
class Site:
    """Where an investigation was held, who was there, and what was measured."""

    place: str = ""
    present: str = ""
    measured: str = ""


@once
def investigate(
    case: Case, doing: Doing, *, part: Part, site: Site | None = None, photos: list[Photo] | None = None
) -> Step:
    """调查取证: somebody of the agency was there; the note says what was found, `occurred_at` when (P1.13)."""
    _words(doing, Need.INVESTIGATION)
    step = move(case, Action.INVESTIGATE, doing, part=part)
    site = site or Site()
    Statement.objects.create(
        case=case,
        part=part,
        step=step,
        kind=Statement.Kind.INVESTIGATION,
        by=doing.by,
        at=doing.occurred_at or doing.at,
        place=site.place.strip(),
        present=site.present.strip(),
        measured=site.measured.strip(),
    )
    attach(step, case, photos or [], "inquiry")
    return step


@once
def platform_reply(case: Case, doing: Doing, *, part: Part | None = None, public: bool = True) -> Step:
    """平台答复: a designated person answers on the platform where the request came from (P1.13, P1.27)."""
    _words(doing, Need.PLATFORM_REPLY)
    step = move(case, Action.PLATFORM_REPLY, doing, part=part)
    state(case, step, Statement.Kind.PLATFORM_REPLY, doing, part=part, public=public)
    return step


@once
def explain(case: Case, doing: Doing, *, report: Report | None = None) -> Step:
    """向诉求人说明: a caller was told why it waits or ends; before 挂账 and 作废 (P5.8)."""
    _words(doing, Need.EXPLANATION)
    step = move(case, Action.EXPLAIN, doing, facts={"report": report.pk} if report else {})
    state(case, step, Statement.Kind.EXPLANATION, doing, report=report)
    return step


def _words(doing: Doing, need: Need) -> None:
    if not doing.note.strip():
        raise MissingEvidenceError([need])
