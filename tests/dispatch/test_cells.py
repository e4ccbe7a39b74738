"""Every (flow, state, role, action) cell: who may take which step where, against the two tables, at the one writer."""

from itertools import product
from typing import Any

import msgspec
import pytest

from dispatch.lifecycle import MissingEvidenceError, NotAllowedError, check
from dispatch.models import Case
from dispatch.profile import profile
from dispatch.transitions import EDGES, Action, Flow, IllegalStep, Need, State
from people.permissions import Role, may
from tests.town import Town

CELLS = list(product(Flow, State))


def outcome(case: Case, action: Action, town: Town, role: Role, target: State | None) -> str:
    """What the writer says to a step with all evidence at hand: "yes", "illegal" or "forbidden"."""
    doing = town.doing(case, role, note="有理由")
    try:
        check(case, action, doing, given=frozenset(Need), target=target)
    except IllegalStep:
        return "illegal"
    except NotAllowedError:
        return "forbidden"
    return "yes"


@pytest.mark.parametrize(("flow", "state"), CELLS)
def test_a_role_may_take_exactly_the_steps_of_the_tables(town: Town, flow: Flow, state: State) -> None:
    case = town.report()
    case.flow, case.state = flow, state  # in memory: the table is asked, nothing is written
    checked = 0
    for action, role in product(Action, Role):
        edges = [e for e in EDGES if (e.flow, e.source, e.action) == (flow, state, action)]
        for edge in edges:
            expected = "yes" if may({role}, edge.permission) else "forbidden"
            assert outcome(case, action, town, role, edge.target) == expected, (role, action, edge.target)
            checked += 1
        if not edges:
            assert outcome(case, action, town, role, None) == "illegal", (role, action)
            checked += 1
    assert checked >= len(Action) * len(Role)


@pytest.mark.parametrize(("flow", "state"), CELLS)
def test_a_step_without_its_evidence_is_refused_by_name(town: Town, flow: Flow, state: State) -> None:
    case = town.report()
    case.flow, case.state = flow, state
    case.point = case.category = None
    for edge in (e for e in EDGES if e.flow == flow and e.source == state and e.needs):
        doing = town.doing(case, None)  # the system: no role stands in the way
        with pytest.raises(MissingEvidenceError) as missing:
            check(case, edge.action, doing, target=edge.target)
        assert missing.value.needs == list(edge.needs), edge


def test_a_profile_switches_a_step_off(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    place: Any = msgspec.structs.replace(profile(), off=("order_survey",))
    monkeypatch.setattr("dispatch.lifecycle.profile", lambda: place)
    case = town.to_state("to_dispatch")
    assert outcome(case, Action.ORDER_SURVEY, town, Role.DISPATCHER, None) == "illegal"
    assert outcome(case, Action.DISPATCH, town, Role.DISPATCHER, None) == "yes"
