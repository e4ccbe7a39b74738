"""What a case says about the state of its component: what somebody has seen and said, never what a text suggests.

The rule. An inspector who verifies or checks, and the shift lead who closes, may say the state: that is written. A
check that is passed takes back to intact what the same case had written (missing, say), because the inspector has just
seen it solved. Everything else changes nothing: a state from the survey is not touched by a case that says nothing of
it. The words of the report are only shown beside the question.
"""

from collections.abc import Mapping
from typing import Final

from dispatch.lifecycle import Doing
from dispatch.models import Case, Condition
from gridmap.components import change_state
from gridmap.models import Component, ComponentChange
from gridmap.normalise import key

Cause = ComponentChange.Cause
State = Component.State
# what residents and conditions say for each state: shown beside the question, never written by itself
SAID: Final[Mapping[State, tuple[str, ...]]] = {
    State.MISSING: ("缺失", "丢失", "丢了", "没了", "不见", "被偷", "被盗", "失窃"),
    State.MOVED: ("移位", "挪开", "被移开", "没盖好", "盖错"),
    State.DAMAGED: ("破损", "破了", "损坏", "坏了", "开裂", "裂了", "断裂", "碎了", "破裂", "撞坏"),
    State.ABANDONED: ("废弃", "没人用"),
}


def states_said(text: str, condition: Condition | None = None) -> list[State]:
    """States that the words of a report name, in the order of the list; those of the condition where it names none."""
    found = _said(text)
    return found or (_said(condition.text) if condition is not None else [])


def _said(text: str) -> list[State]:
    said = key(text)
    return [state for state, words in SAID.items() if any(key(word) in said for word in words)]


def write_state(case: Case, state: str, doing: Doing, cause: str) -> None:
    """Write what somebody has said about the component of a case; nothing where nothing was said or none is linked.

    In the transaction of the step. No words of people go into the component's history: the case's number leads there.
    """
    if not state or case.component is None:
        return
    at = doing.occurred_at or doing.at
    change_state(case.component, state, at=at, by=doing.by, cause=cause, reference=case.number)


def take_back(case: Case, doing: Doing) -> None:
    """A check was passed and nothing more said: what this very case wrote last is solved."""
    if case.component is None:
        return
    last = ComponentChange.objects.filter(component=case.component).order_by("-at", "-pk").first()
    if last is not None and last.reference == case.number:
        write_state(case, State.INTACT, doing, Cause.CHECKED)
