"""Which records a step has to find: contact, 调查记录, written reply, platform reply, explanation to the caller.

Which of them a request type asks for stands in the profile (`types.<type>.papers`); here stands at which step.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from dispatch.lifecycle import MissingEvidenceError
from dispatch.models import Case, Contact, Part, Report, Statement
from dispatch.profile import profile
from dispatch.transitions import Action, Need

PAPERS: Final[Mapping[str, Need]] = {
    "contact": Need.CONTACT,
    "investigation": Need.INVESTIGATION,
    "written_reply": Need.REPLY,
    "platform_reply": Need.PLATFORM_REPLY,
}
# what the agency has to have before it is done, and what the centre wants before it closes the file (P1.13)
AT: Final[Mapping[str, tuple[Need, ...]]] = {
    Action.HANDLED: (Need.CONTACT, Need.INVESTIGATION, Need.REPLY),
    Action.CLOSE: (Need.PLATFORM_REPLY,),
}


def needed_papers(action: str, papers: Iterable[str], explain_before: Iterable[str]) -> tuple[Need, ...]:
    """Pure: the records that a step asks for, by the papers of the request type and the steps to be explained first."""
    asked = {PAPERS[name] for name in papers}
    needs = tuple(need for need in AT.get(action, ()) if need in asked)
    return (*needs, Need.EXPLANATION) if action in explain_before else needs


def missing_papers(
    case: Case, action: str, part: Part | None = None, given: AbstractSet[Need] = frozenset()
) -> list[Need]:
    """The records that this step would miss now; `given` come with it. One or two queries for each one asked for."""
    rules = profile()
    kind = rules.types[case.request_type]
    needs = needed_papers(action, kind.papers, rules.explain_before)
    return [need for need in needs if need not in given and not _there(case, need, part)]


def require_papers(case: Case, action: str, part: Part | None = None, given: AbstractSet[Need] = frozenset()) -> None:
    """Raise MissingEvidenceError that names all the records that the step misses."""
    missing = missing_papers(case, action, part, given)
    if missing:
        raise MissingEvidenceError(missing)


def contact_made(case: Case, part: Part) -> bool:
    """Whether the agency has spoken to a caller or tried as often as it must; true where nobody left a number."""
    done = Contact.objects.filter(part=part, concludes=True).exists()
    return done or not Report.objects.filter(case=case).contactable().exists()


def _there(case: Case, need: Need, part: Part | None) -> bool:
    stated = Statement.objects.filter(case=case)
    match need:
        case Need.CONTACT:
            return part is not None and contact_made(case, part)
        case Need.INVESTIGATION:
            return stated.filter(part=part, kind=Statement.Kind.INVESTIGATION).exists()
        case Need.REPLY:
            return stated.filter(part=part, kind=Statement.Kind.WRITTEN_REPLY).exists()
        case Need.PLATFORM_REPLY:
            # a redo is answered anew
            since = {"at__gte": case.dispatched_at} if case.dispatched_at else {}
            return stated.filter(kind=Statement.Kind.PLATFORM_REPLY, **since).exists()
        case _:
            # told why it stands still or ends *now*, not something of an earlier stage
            told = stated.filter(kind=Statement.Kind.EXPLANATION, at__gte=case.state_since).exists()
            return told or not Report.objects.filter(case=case).contactable().exists()
