"""文书 of a case: papers that were handed over or signed, and the record of a mediation (P4.9, P4.20, P2.14, P2.22)."""

from dataclasses import dataclass
from datetime import date

from dispatch.actions import once
from dispatch.actions.handling import own_part
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, move
from dispatch.models import Case, Document, Evidence, Part, Step
from dispatch.transitions import Action, Need


@dataclass(frozen=True)
class Paper:
    """What stands on a paper beside its words."""

    dated_on: date
    number: str = ""
    party_a: str = ""
    party_b: str = ""
    agreement: str = ""
    signed: str = ""
    evidence: Evidence | None = None


@once
def add(case: Case, doing: Doing, *, kind: str, paper: Paper) -> Step:
    """A paper with its file becomes part of the case; the note says what it is about."""
    if paper.evidence is None:
        raise MissingEvidenceError([Need.FILE])
    return _write(case, doing, Action.DOCUMENT, kind, paper)


@once
def mediate(case: Case, doing: Doing, *, paper: Paper) -> Step:
    """调解记录: the note is the facts; both parties, what they agreed and who signed have to be there."""
    if not all(words.strip() for words in (paper.party_a, paper.party_b, paper.agreement, paper.signed)):
        raise MissingEvidenceError([Need.PARTIES])
    return _write(case, doing, Action.MEDIATE, Document.Kind.MEDIATION, paper)


def _write(case: Case, doing: Doing, action: str, kind: str, paper: Paper) -> Step:
    part = _part(case, doing)
    file = paper.evidence.sha256 if paper.evidence else ""
    step = move(case, action, doing, part=part, facts={"document": str(kind), "sha256": file})
    Document.objects.create(
        case=case,
        part=part,
        step=step,
        kind=Document.Kind(kind),
        number=paper.number.strip(),
        dated_on=paper.dated_on,
        party_a=paper.party_a.strip(),
        party_b=paper.party_b.strip(),
        agreement=paper.agreement.strip(),
        signed=paper.signed.strip(),
        evidence=paper.evidence,
    )
    return step


def _part(case: Case, doing: Doing) -> Part | None:
    """The agency's own part; somebody of the centre has none."""
    if doing.by is None:
        return None
    try:
        return own_part(case, doing.by)
    except NotAllowedError:
        return None
