"""The transition table, pair by pair: what it allows is written here once more, by hand, and nothing else may pass."""

from itertools import product

import pytest

from dispatch.transitions import EDGES, ENDED, Action, Flow, IllegalStep, State, find, from_state
from people.permissions import ALLOWED

# (from, to): actions. A pair that is not here is forbidden. VOID is added for every open state below.
STREET = {
    (None, "received"): {"register"},
    (None, "to_file"): {"report_found"},
    (None, "to_close"): {"self_handled"},
    ("verifying", "to_close"): {"self_handled"},
    ("received", "received"): {"place", "classify", "component"},
    ("received", "verifying"): {"order_verify"},
    ("received", "answered"): {"answer"},
    ("received", "declined"): {"decline", "repeat"},
    ("received", "merged"): {"merge"},
    ("verifying", "verifying"): {"place", "classify", "component"},
    ("verifying", "to_file"): {"verify"},
    ("verifying", "merged"): {"merge"},
    ("to_file", "to_file"): {"place", "classify", "component"},
    ("to_file", "to_dispatch"): {"file"},
    ("to_file", "declined"): {"decline", "repeat"},
    ("verifying", "declined"): {"repeat"},
    ("to_file", "merged"): {"merge"},
    ("to_dispatch", "to_dispatch"): {"place", "classify", "component"},
    ("to_dispatch", "handling"): {"dispatch"},
    ("to_dispatch", "suspended"): {"suspend"},
    ("to_dispatch", "transferred"): {"transfer"},
    ("handling", "handling"): {"sign", "contact", "handled", "enter_result", "return", "extend"},
    ("handling", "reply_review"): {"handled", "enter_result", "return"},
    ("handling", "transferred"): {"transfer"},
    ("to_close", "handling"): {"send_back"},
    ("to_close", "to_dispatch"): {"send_back"},
    ("suspended", "suspended"): {"renew"},
    ("closed", "closed"): {"exempt"},
    ("handling", "to_dispatch"): {"return", "recall"},
    ("handling", "suspended"): {"suspend"},
    ("reply_review", "checking"): {"accept_reply"},
    ("reply_review", "handling"): {"reject_reply"},
    ("checking", "to_close"): {"check_pass"},
    ("checking", "handling"): {"check_fail"},
    ("suspended", "to_dispatch"): {"resume", "reopen"},
    ("suspended", "handling"): {"resume", "reopen"},
    ("merged", "received"): {"unmerge"},
    ("to_close", "closed"): {"close"},
    ("closed", "to_dispatch"): {"redo"},
}
MATTER = {
    (None, "received"): {"register"},
    ("received", "received"): {"place", "classify"},
    ("received", "to_review"): {"submit_review"},
    ("received", "answered"): {"answer"},
    ("received", "declined"): {"decline", "repeat"},
    ("received", "merged"): {"merge"},
    ("to_review", "to_review"): {"place", "classify"},
    ("to_review", "to_dispatch"): {"review"},
    ("to_review", "answered"): {"answer"},
    ("to_review", "declined"): {"decline", "repeat"},
    ("to_review", "merged"): {"merge"},
    ("to_dispatch", "to_dispatch"): {"place", "classify"},
    ("to_dispatch", "handling"): {"dispatch"},
    ("to_dispatch", "suspended"): {"suspend"},
    ("to_dispatch", "transferred"): {"transfer"},
    ("handling", "handling"): {"sign", "contact", "handled", "enter_result", "return", "extend"},
    ("handling", "reply_review"): {"handled", "enter_result", "return"},
    ("handling", "transferred"): {"transfer"},
    ("to_close", "handling"): {"send_back"},
    ("to_close", "to_dispatch"): {"send_back"},
    ("suspended", "suspended"): {"renew"},
    ("closed", "closed"): {"exempt"},
    ("handling", "to_dispatch"): {"return", "recall"},
    ("handling", "suspended"): {"suspend"},
    ("reply_review", "to_close"): {"accept_reply"},
    ("reply_review", "handling"): {"reject_reply"},
    ("suspended", "to_dispatch"): {"resume", "reopen"},
    ("suspended", "handling"): {"resume", "reopen"},
    ("merged", "received"): {"unmerge"},
    ("to_close", "closed"): {"close"},
    ("closed", "to_dispatch"): {"redo"},
}
VOIDABLE = {
    "street": set(State) - ENDED - {"to_review"},
    "matter": set(State) - ENDED - {"verifying", "to_file", "checking"},
}


# what is asked for, pushed and looked at beside the main road: the case stays where it is
PAPERS = {"document", "mediate"}
BESIDE = {
    "to_dispatch": {"ask_suspend", "ask_transfer"} | PAPERS,
    "handling": {"ask_extension", "ask_suspend", "ask_return", "ask_transfer", "investigate"}
    | {"invite", "revoke_invite", "invite_refused", "telephone", "arrive"}
    | PAPERS,
    "reply_review": {"platform_reply"} | PAPERS,
    "to_close": {"platform_reply"} | PAPERS,
    "suspended": {"ask_renew"} | PAPERS,
    "closed": {"ask_contest", "look_back", "follow_up"},
}
LOOKED = {"to_dispatch": {"order_survey", "survey"}, "suspended": {"order_recheck", "recheck"}}
PUSHED = {"instruct", "report_back", "end_push"}
DECIDED = {"withdraw", "agree", "refuse"}


def beside(flow: str, state: str) -> set[str]:
    actions = set(BESIDE.get(state, set()))
    if flow == "street":
        actions |= LOOKED.get(state, set())
    if state in VOIDABLE[flow]:
        actions |= {"ask_void", "explain", "countersign", "meet", "gather"} | DECIDED
        if state != "received":
            actions |= PUSHED | {"supervise"}
        actions |= {"add_found"} if flow == "street" else set()
    if state in VOIDABLE[flow] | {"closed", "answered", "declined"}:
        actions |= {"link", "keep_apart"}
    if state in VOIDABLE[flow] | ENDED:
        actions |= {"whistle_answer", "whistle_result"}
    if state in VOIDABLE[flow]:
        actions |= {"split", "whistle"}
    if state in VOIDABLE[flow] & {"received", "verifying", "to_file", "to_review", "to_dispatch"}:
        actions |= {"retype", "complexity", "urgency"}
    if state in VOIDABLE[flow] & {"reply_review", "checking", "to_close"}:
        actions.add("answer_upper")
    if state == "closed":
        actions |= PUSHED | DECIDED | {"meet"}
    return actions


def expected(flow: str, source: str | None, target: str) -> set[str]:
    pairs = STREET if flow == "street" else MATTER
    actions = set(pairs.get((source, target), set()))
    if source == target and source is not None:
        actions |= beside(flow, source)
    if target == "void" and source in VOIDABLE[flow]:
        actions.add("void")
    if source == target and source in ENDED:
        actions |= {"callback", "answer_upper"}
    return actions


@pytest.mark.parametrize("flow", list(Flow))
@pytest.mark.parametrize(("source", "target"), list(product([None, *State], State)))
def test_the_table_allows_exactly_these_actions_between_two_states(
    flow: Flow, source: State | None, target: State
) -> None:
    found = {e.action for e in EDGES if (e.flow, e.source, e.target) == (flow, source, target)}
    assert found == expected(flow, source, target)


@pytest.mark.parametrize("flow", list(Flow))
def test_an_action_without_an_edge_is_illegal(flow: Flow) -> None:
    for source, action in product([None, *State], Action):
        edges = [e for e in EDGES if (e.flow, e.source, e.action) == (flow, source, action)]
        if len(edges) == 1:
            assert find(flow, action, source) == edges[0]
        else:
            with pytest.raises(IllegalStep):
                find(flow, action, source)
        for edge in edges:
            assert find(flow, action, source, edge.target) == edge


def test_every_edge_names_a_permission_that_exists() -> None:
    assert {e.permission for e in EDGES} <= set(ALLOWED)


@pytest.mark.parametrize("flow", list(Flow))
def test_every_state_of_a_flow_can_be_entered_and_every_open_one_left(flow: Flow) -> None:
    entered = {e.target for e in EDGES if e.flow == flow}
    for state in entered - ENDED:
        assert any(e.target != state for e in from_state(flow, state)), state
    assert entered >= {e.source for e in EDGES if e.flow == flow and e.source is not None}
