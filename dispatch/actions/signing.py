"""签批: one signature of a chain, or the return of the matter with an opinion (P1.25, P3.10)."""

from dispatch import signoff
from dispatch.actions import once
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, move
from dispatch.models import Case, Step
from dispatch.transitions import Action, IllegalStep, Need


@once
def countersign(case: Case, doing: Doing, *, chain: str, agrees: bool) -> Step:
    """Sign for the seat whose turn it is; the note is the opinion, and a return needs one: the chain begins anew."""
    line = next((line for line in signoff.lines_of(case) if line.chain.key == chain and line.next), None)
    if line is None or line.next is None:
        raise IllegalStep(case.flow, Action.COUNTERSIGN, case.state)
    if doing.by is None or not signoff.may_sign(line, doing.by):
        raise NotAllowedError("case.countersign")
    if not agrees and not doing.note.strip():
        raise MissingEvidenceError([Need.REASON])
    facts = {"chain": chain, "seat": len(line.signed), "label": line.next.label, "agrees": agrees}
    return move(case, Action.COUNTERSIGN, doing, facts=facts)
