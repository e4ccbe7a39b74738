"""When the engine takes a task back from the inspector who has it.

Pure. The answer is a cause, the same words as `Assignment.Cause`; None leaves the task where it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Causes after which the engine answers for a task: what a person gave or took is not moved for a better match, and
# not because it was not accepted in time.
ENGINE = frozenset({"given", "better"})


@dataclass(frozen=True)
class Rules:
    """How long an inspector may take to accept, and how often the engine looks for somebody else."""

    accept: timedelta
    accept_urgent: timedelta
    moves: int


@dataclass(frozen=True)
class Held:
    """An open task and its inspector: since when, by which cause, what he has said, and whether he is on duty."""

    since: datetime
    cause: str
    due_at: datetime
    urgent: bool
    accepted: bool
    arrived: bool
    on_duty: bool  # on duty, and not on a break
    in_shift: bool  # his shift runs
    moves: int = 0  # how often the engine has moved the task already


def back(held: Held, at: datetime, rules: Rules) -> str | None:
    """Why the task goes back, if it does; who has arrived keeps it."""
    if held.arrived:
        return None
    # on a break what was accepted waits; after the shift nothing does, whoever gave it
    if not held.in_shift or (not held.on_duty and not held.accepted):
        return "off_duty"
    if held.cause not in ENGINE or held.moves >= rules.moves:
        return None
    return _late(held, at, rules)


def stuck(held: Held, at: datetime, rules: Rules) -> bool:
    """Whether a task is late again after the engine has moved it as often as it may: a person has to decide."""
    return (
        held.cause in ENGINE and not held.arrived and held.moves >= rules.moves and _late(held, at, rules) is not None
    )


def _late(held: Held, at: datetime, rules: Rules) -> str | None:
    patience = rules.accept_urgent if held.urgent else rules.accept
    if not held.accepted and at >= held.since + patience:
        return "not_accepted"
    # whoever got it late has the time to accept and the time of a way before it is called late
    if held.accepted and at >= max(held.due_at, held.since + 3 * patience):
        return "not_arrived"
    return None
