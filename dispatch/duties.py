"""Separation of duties: who may not do what because of what they did before in the same case. Pure.

The pairs are the profile's (`[duties]`); a step of the system itself has no person and is never refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.profile import Duties
from dispatch.transitions import Action


@dataclass(frozen=True)
class Done:
    """What somebody did in a case before."""

    action: str
    actor_id: int | None
    who: str
    at: datetime


def partners(action: str, duties: Duties) -> frozenset[str]:
    """The actions that the same person may not have done; empty for most. A pair counts in both directions."""
    return frozenset(b if a == action else a for a, b in duties.apart if action in (a, b))


def conflict(action: str, actor_id: int | None, done: Iterable[Done], duties: Duties) -> Done | None:
    """The first thing done before by the same person that keeps them from this action, or None."""
    others = partners(action, duties)
    if actor_id is None or not others:
        return None
    return next((each for each in done if each.actor_id == actor_id and each.action in others), None)


def relaxed(duties: Duties) -> bool:
    """Whether this place separates less than the default does: pages say so."""
    usual = Duties()
    kept = {frozenset(pair) for pair in duties.apart}
    return any(frozenset(pair) not in kept for pair in usual.apart) or (
        usual.ask_apart_from_decide and not duties.ask_apart_from_decide
    )


def sentence(done: Done, action: str) -> str:
    """Why somebody else has to do it, in the reader's language and the city's time."""
    told = {
        "who": done.who,
        "time": f"{timezone.localtime(done.at):%m-%d %H:%M}",
        "done": Action(done.action).label,
        "action": Action(action).label,
    }
    return _("%(who)s已于 %(time)s 在本案办理“%(done)s”，“%(action)s”须由另一人办理。") % told
