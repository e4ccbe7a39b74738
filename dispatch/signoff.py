"""签批链: who signs one after another before a step may be taken (P1.11, P1.25, P3.10); chains are the profile's.

Pure but for `steps_of`. What was signed is read from the log: a signature is a step with chain, seat and word in its
facts. A return, the guarded step itself and a redo begin the chain anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from dispatch.models import Case, CaseQuerySet, Step
from dispatch.profile import Chain, Signatory, profile
from dispatch.transitions import EDGES, Action
from people.access import scope_of
from people.models import User

READ_AT_ONCE = 500  # cases whose chains are followed for a list, the oldest first


class Line(NamedTuple):
    """A chain of a case: the signatures that stand, and who is to sign next (None: complete)."""

    chain: Chain
    signed: tuple[Step, ...]
    next: Signatory | None

    @property
    def words(self) -> str:
        """What is waited for."""
        return _("等待 %(seat)s 签批") % {"seat": self.next.label} if self.next else _("签批完毕")


def applies(chain: Chain, case: Case) -> bool:
    """Whether a chain is about a case: its flow, type, urgency and whether it is hard."""
    return (
        case.flow in (chain.flows or (case.flow,))
        and case.request_type in (chain.types or (case.request_type,))
        and chain.urgent in (None, case.urgent)
        and chain.hard in (None, case.hard)
    )


def follow(chain: Chain, steps: Iterable[Step]) -> Line:
    """How far a chain is, from the steps of a case in their order."""
    signed: list[Step] = []
    for step in steps:
        if step.action in (chain.before, Action.REDO):
            signed = []
        elif step.action == Action.COUNTERSIGN and step.facts.get("chain") == chain.key:
            signed = [*signed, step] if step.facts.get("agrees") else []
    following = chain.seats[len(signed)] if len(signed) < len(chain.seats) else None
    return Line(chain, tuple(signed), following)


def lines(case: Case, steps: Sequence[Step]) -> list[Line]:
    """The chains of the steps that can be taken from where the case stands."""
    here = {edge.action for edge in EDGES if (edge.flow, edge.source) == (case.flow, case.state)}
    found = [chain for chain in profile().signing.chains if chain.before in here and applies(chain, case)]
    return [follow(chain, steps) for chain in found]


def steps_of(cases: Iterable[Case]) -> dict[int, list[Step]]:
    """What chains are read from, for some cases, in one query; none where the place has no chain."""
    chains = profile().signing.chains
    found: dict[int, list[Step]] = defaultdict(list)
    if chains:
        wanted = {Action.COUNTERSIGN, Action.REDO, *(chain.before for chain in chains)}
        for step in Step.objects.filter(case__in=list(cases), action__in=wanted).order_by("case", "version"):
            found[step.case_id].append(step)
    return found


def lines_of(case: Case) -> list[Line]:
    """The chains of one case as they stand now."""
    return lines(case, steps_of([case])[case.pk]) if profile().signing.chains else []


def missing(case: Case, action: str) -> str:
    """What a step still waits for, as a sentence; empty where nothing guards it."""
    if all(chain.before != action for chain in profile().signing.chains):
        return ""
    return next((line.words for line in lines_of(case) if line.chain.before == action and line.next), "")


def may_sign(line: Line, user: User) -> bool:
    """Whether the next signature is this person's: the role of the seat, and by name where the seat names people."""
    seat = line.next
    return seat is not None and seat.role in scope_of(user).roles and (not seat.people or user.username in seat.people)


def waiting(seen: CaseQuerySet, user: User | None = None) -> dict[int, Line]:
    """The first open chain of each case that waits for a signature, or for that of one person; two queries."""
    before = {chain.before for chain in profile().signing.chains}
    if not before:
        return {}
    states = {edge.source for edge in EDGES if edge.action in before and edge.source}
    cases = list(seen.filter(state__in=states).order_by("state_since", "pk")[:READ_AT_ONCE])
    steps = steps_of(cases)
    found: dict[int, Line] = {}
    for case in cases:
        for line in lines(case, steps[case.pk]):
            if line.next and (user is None or may_sign(line, user)):
                found.setdefault(case.pk, line)
    return found
