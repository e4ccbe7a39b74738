"""The one transition table: every step that a case can take, in both flows.

Pure. Source: the seven stages of the standard (domain sheet A4) and the hotlines' practice notes. The table is the
superset; a profile switches edges off, it never adds one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.vocabulary import ENDED, OPEN, Action, Flow, Need, State

__all__ = [
    "EDGES",
    "ENDED",
    "OPEN",
    "Action",
    "Edge",
    "Flow",
    "IllegalStep",
    "Need",
    "State",
    "find",
    "from_state",
    "open_states",
]


@dataclass(frozen=True)
class Edge:
    """One allowed step. `clock` is what happens to the handling clock of the part: start, pause, resume, stop, drop."""

    flow: Flow
    action: Action
    source: State | None  # None: the case begins
    target: State
    permission: str
    needs: tuple[Need, ...] = ()
    clock: str = ""


class IllegalStep(Exception):
    """The table has no such edge; the case is left as it was."""

    def __init__(self, flow: str, action: str, source: str | None) -> None:
        super().__init__(f"{action} is not possible from {source} in the {flow} flow")
        self.flow, self.action, self.source = flow, action, source


def _edges(
    flows: Iterable[Flow],
    action: Action,
    sources: Iterable[State | None],
    target: State | None,
    needs: tuple[Need, ...] = (),
    clock: str = "",
    permission: str = "",
) -> list[Edge]:
    """One line of the table; no target means that the state stays."""
    return [
        Edge(
            flow,
            action,
            source,
            target or source or State.RECEIVED,
            permission or f"case.{action}",
            needs,
            clock,
        )
        for flow in flows
        for source in sources
    ]


def _main_road() -> list[Edge]:
    """Receive, verify or review, file, dispatch, handle, screen, check, close."""
    s, a = State, Action
    street, matter = (Flow.STREET,), (Flow.MATTER,)
    both = (Flow.STREET, Flow.MATTER)
    early = (s.RECEIVED, s.VERIFYING, s.TO_FILE, s.TO_DISPATCH)
    early_matter = (s.RECEIVED, s.TO_REVIEW, s.TO_DISPATCH)
    why = (Need.REASON,)
    seen = (Need.POSITION, Need.PHOTO)
    return (
        _edges(both, a.REGISTER, [None], s.RECEIVED)
        + _edges(street, a.REPORT_FOUND, [None], s.TO_FILE, (Need.CLASS, *seen))
        + _edges(street, a.PLACE, early, None)
        + _edges(matter, a.PLACE, early_matter, None)
        + _edges(street, a.CLASSIFY, early, None)
        + _edges(matter, a.CLASSIFY, early_matter, None)
        + _edges(street, a.COMPONENT, early, None)
        + _edges(street, a.ORDER_VERIFY, [s.RECEIVED], s.VERIFYING, (Need.PLACE, Need.CLASS))
        + _edges(street, a.VERIFY, [s.VERIFYING], s.TO_FILE, seen)
        + _edges(street, a.FILE, [s.TO_FILE], s.TO_DISPATCH, (Need.PLACE, Need.CLASS))
        + _edges(matter, a.SUBMIT_REVIEW, [s.RECEIVED], s.TO_REVIEW, (Need.CLASS,))
        + _edges(matter, a.REVIEW, [s.TO_REVIEW], s.TO_DISPATCH)
        + _edges(street, a.ANSWER, [s.RECEIVED], s.ANSWERED, (Need.REPLY,))
        + _edges(matter, a.ANSWER, [s.RECEIVED, s.TO_REVIEW], s.ANSWERED, (Need.REPLY,))
        + _edges(street, a.DECLINE, [s.RECEIVED, s.TO_FILE], s.DECLINED, why)
        + _edges(matter, a.DECLINE, [s.RECEIVED, s.TO_REVIEW], s.DECLINED, why)
        + _edges(street, a.MERGE, [s.RECEIVED, s.VERIFYING, s.TO_FILE], s.MERGED)
        + _edges(matter, a.MERGE, [s.RECEIVED, s.TO_REVIEW], s.MERGED)
        + _edges(both, a.DISPATCH, [s.TO_DISPATCH], s.HANDLING, (Need.CLASS,), "start")
        # within seconds, by whoever sent it: nobody has been told yet
        + _edges(both, a.RECALL, [s.HANDLING], s.TO_DISPATCH, (), "drop", "case.dispatch")
        + _edges(both, a.SIGN, [s.HANDLING], None)
        + _edges(both, a.CONTACT, [s.HANDLING], None)
        # the second line of each: other agencies of the case have not answered yet, so the case stays
        + _edges(street, a.HANDLED, [s.HANDLING], s.REPLY_REVIEW, (Need.REPLY, Need.PHOTO), "pause")
        + _edges(street, a.HANDLED, [s.HANDLING], s.HANDLING, (Need.REPLY, Need.PHOTO), "pause")
        + _edges(matter, a.HANDLED, [s.HANDLING], s.REPLY_REVIEW, (Need.REPLY, Need.CONTACT), "pause")
        + _edges(matter, a.HANDLED, [s.HANDLING], s.HANDLING, (Need.REPLY, Need.CONTACT), "pause")
        # for a unit without an account, by somebody of the centre: checked on site, or closed, like any other (P2.19)
        + _edges(both, a.ENTER_RESULT, [s.HANDLING], s.REPLY_REVIEW, (Need.REPLY,), "pause")
        + _edges(both, a.ENTER_RESULT, [s.HANDLING], s.HANDLING, (Need.REPLY,), "pause")
        + _edges(street, a.ACCEPT_REPLY, [s.REPLY_REVIEW], s.CHECKING)
        + _edges(matter, a.ACCEPT_REPLY, [s.REPLY_REVIEW], s.TO_CLOSE, (), "stop")
        + _edges(both, a.REJECT_REPLY, [s.REPLY_REVIEW], s.HANDLING, why, "resume")
        + _edges(street, a.CHECK_PASS, [s.CHECKING], s.TO_CLOSE, seen, "stop", "case.check")
        + _edges(street, a.CHECK_FAIL, [s.CHECKING], s.HANDLING, (*seen, Need.REASON), "resume", "case.check")
        + _edges(both, a.CLOSE, [s.TO_CLOSE], s.CLOSED)
        + _edges(both, a.REDO, [s.CLOSED], s.TO_DISPATCH, why)
        + _edges(both, a.CALLBACK, [state for state in State if state in ENDED], None)
    )


def _petitions() -> list[Edge]:
    """What one person asks for and another one grants."""
    s, a, both = State, Action, (Flow.STREET, Flow.MATTER)
    why, granted = (Need.REASON,), (Need.PETITION,)
    agency_side, asked = (s.TO_DISPATCH, s.HANDLING), _asked_in()
    return [
        *_edges(both, a.ASK_EXTENSION, asked[a.ASK_EXTENSION], None, why),
        *_edges(both, a.ASK_SUSPEND, asked[a.ASK_SUSPEND], None, why),
        *_edges(both, a.ASK_RENEW, asked[a.ASK_RENEW], None, why),
        *_edges(both, a.ASK_RETURN, asked[a.ASK_RETURN], None, why),
        *_edges(both, a.ASK_CONTEST, asked[a.ASK_CONTEST], None, why),
        *_edges(both, a.ASK_TRANSFER, asked[a.ASK_TRANSFER], None, why),
        *_edges(both, a.EXTEND, [s.HANDLING], None, granted, "extend", "case.decide"),
        *_edges(both, a.SUSPEND, agency_side, s.SUSPENDED, granted, "pause"),
        *_edges(both, a.RENEW, [s.SUSPENDED], None, granted, "", "case.decide"),
        # the leading agency returns: to dispatch; another one: the case stays, or goes on where the rest has answered
        *_edges(both, a.RETURN, [s.HANDLING], s.TO_DISPATCH, granted, "drop"),
        *_edges(both, a.RETURN, [s.HANDLING], s.HANDLING, granted, "drop"),
        *_edges(both, a.RETURN, [s.HANDLING], s.REPLY_REVIEW, granted, "drop"),
        *_edges(both, a.EXEMPT, [s.CLOSED], None, granted, "", "case.decide"),
        *_edges(both, a.TRANSFER, [s.TO_DISPATCH, s.HANDLING], s.TRANSFERRED, granted, "drop", "case.decide"),
    ]


def _beside() -> list[Edge]:
    """What an agency notes, papers, looks on site and after closing, and what the shift lead sends back."""
    s, a = State, Action
    both, street = (Flow.STREET, Flow.MATTER), (Flow.STREET,)
    why = (Need.REASON,)
    with_agency = (s.TO_DISPATCH, s.HANDLING, s.REPLY_REVIEW, s.TO_CLOSE, s.SUSPENDED)
    return [
        *_edges(both, a.INVESTIGATE, [s.HANDLING], None),
        *_edges(both, a.TELEPHONE, [s.HANDLING], None),
        *_edges(both, a.ARRIVE, [s.HANDLING], None),
        *_edges(both, a.PLATFORM_REPLY, [s.REPLY_REVIEW, s.TO_CLOSE], None),
        *_edges(both, a.DOCUMENT, with_agency, None),
        *_edges(both, a.MEDIATE, with_agency, None, why),
        *_edges(both, a.LOOK_BACK, [s.CLOSED], None),
        *_edges(both, a.FOLLOW_UP, [s.CLOSED], None, why),
        *_edges(both, a.RESUME, [s.SUSPENDED], s.TO_DISPATCH, why),
        *_edges(both, a.RESUME, [s.SUSPENDED], s.HANDLING, why, "resume"),
        *_edges(street, a.ORDER_SURVEY, [s.TO_DISPATCH], None, (Need.PLACE,)),
        *_edges(street, a.SURVEY, [s.TO_DISPATCH], None, (Need.POSITION, Need.PHOTO, Need.REPLY), "", "case.check"),
        *_edges(street, a.ORDER_RECHECK, [s.SUSPENDED], None, (Need.PLACE,)),
        *_edges(street, a.RECHECK, [s.SUSPENDED], None, (Need.POSITION, Need.PHOTO, Need.REPLY), "", "case.check"),
        *_edges(
            street, a.SELF_HANDLED, [None, s.VERIFYING], s.TO_CLOSE, (Need.CLASS, Need.POSITION, Need.PHOTO, Need.REPLY)
        ),
        *_edges(both, a.SEND_BACK, [s.TO_CLOSE], s.HANDLING, why, "resume"),
        *_edges(both, a.SEND_BACK, [s.TO_CLOSE], s.TO_DISPATCH, why),
    ]


def _anywhere() -> list[Edge]:
    """What may be asked, pushed, signed and decided wherever a case stands open."""
    s, a, why, granted = State, Action, (Need.REASON,), (Need.PETITION,)
    found = []
    for flow in Flow:
        opened = open_states(flow)
        pushed = [state for state in opened if state is not s.RECEIVED]
        found += _edges([flow], a.ASK_VOID, opened, None, why)
        found += _edges([flow], a.VOID, opened, s.VOID, granted, "drop")
        waiting = [*opened, s.CLOSED]
        found += _edges([flow], a.EXPLAIN, opened, None)
        found += _edges([flow], a.COUNTERSIGN, opened, None)
        found += _edges([flow], a.GATHER, opened, None)
        found += _edges([flow], a.MEET, waiting, None, why)
        found += _edges([flow], a.WITHDRAW, waiting, None, ())
        found += _edges([flow], a.AGREE, waiting, None, granted, "", "case.decide")
        found += _edges([flow], a.REFUSE, waiting, None, (Need.PETITION, Need.REASON), "", "case.decide")
        found += _edges([flow], a.SUPERVISE, pushed, None, why)
        found += _edges([flow], a.INSTRUCT, [*pushed, s.CLOSED], None, why)
        found += _edges([flow], a.REPORT_BACK, [*pushed, s.CLOSED], None, (Need.REPLY,))
        found += _edges([flow], a.END_PUSH, [*pushed, s.CLOSED], None)
    return found


def _outside() -> list[Edge]:
    """A body outside the list, asked by a link: done is 处置反馈 of the part, only a refusal is a step of its own."""
    both, why, handling = (Flow.STREET, Flow.MATTER), (Need.REASON,), [State.HANDLING]
    return [
        *_edges(both, Action.INVITE, handling, None, why),
        *_edges(both, Action.REVOKE_INVITE, handling, None, (), "", "case.invite"),
        *_edges(both, Action.INVITE_REFUSED, handling, None, why, "", "case.invite"),
    ]


def _whistles() -> list[Edge]:
    """吹哨报到: called while a case is open, followed also after it has ended, until it is really solved (P4.8)."""
    found = []
    for flow in Flow:
        known = [*open_states(flow), *(state for state in State if state in ENDED)]
        found += _edges([flow], Action.WHISTLE, open_states(flow), None, (Need.REASON,))
        found += _edges([flow], Action.WHISTLE_ANSWER, known, None, (Need.REPLY,))
        found += _edges([flow], Action.WHISTLE_RESULT, known, None, (Need.REASON,))
    return found


_WAITING = (State.VERIFYING, State.TO_FILE, State.TO_REVIEW, State.TO_DISPATCH)


def _repeats() -> list[Edge]:
    """What a person says of two reports: the same, not the same, related, heard before, a reason to begin again."""
    s, a = State, Action
    both, street, why = (Flow.STREET, Flow.MATTER), (Flow.STREET,), (Need.REASON,)
    ended = [s.CLOSED, s.ANSWERED, s.DECLINED]  # but another case may still belong to it
    found = [
        # heard again, nothing new: ended at once, but counted at its place (domain sheet, C: repeats)
        *_edges(street, a.REPEAT, [s.RECEIVED, s.VERIFYING, s.TO_FILE], s.DECLINED, why),
        *_edges((Flow.MATTER,), a.REPEAT, [s.RECEIVED, s.TO_REVIEW], s.DECLINED, why),
        *_edges(both, a.UNMERGE, [s.MERGED], s.RECEIVED, why),
        # a report at the place of a suspended case reopens its question (P5.10): the report is the reason
        *_edges(both, a.REOPEN, [s.SUSPENDED], s.TO_DISPATCH),
        *_edges(both, a.REOPEN, [s.SUSPENDED], s.HANDLING, (), "resume"),
        # one spot, one case: what an inspector finds at the spot of an open case goes to that case
        *_edges(street, a.ADD_FOUND, open_states(Flow.STREET), None, (Need.PHOTO, Need.POSITION)),
    ]
    for flow in both:
        before_handling = [state for state in open_states(flow) if state in (State.RECEIVED, *_WAITING)]
        found += _edges([flow], a.RETYPE, before_handling, None, why)
        found += _edges([flow], a.COMPLEXITY, before_handling, None, why)
        found += _edges([flow], a.URGENCY, before_handling, None, why)
        found += _edges([flow], a.SPLIT, open_states(flow), None)
        replied = ENDED | {s.REPLY_REVIEW, s.CHECKING, s.TO_CLOSE}
        answered = [x for x in State if x in replied and (x in ENDED or x in open_states(flow))]
        found += _edges([flow], a.ANSWER_UPPER, answered, None, (Need.REPLY,))
        found += _edges([flow], a.LINK, [*open_states(flow), *ended], None)
        found += _edges([flow], a.KEEP_APART, [*open_states(flow), *ended], None)
    return found


def _asked_in() -> dict[Action, tuple[State, ...]]:
    """Where each petition can be asked; a void one in every open state."""
    s, a = State, Action
    return {
        a.ASK_EXTENSION: (s.HANDLING,),
        a.ASK_SUSPEND: (s.TO_DISPATCH, s.HANDLING),
        a.ASK_RENEW: (s.SUSPENDED,),
        a.ASK_RETURN: (s.HANDLING,),
        a.ASK_CONTEST: (s.CLOSED,),
        a.ASK_TRANSFER: (s.TO_DISPATCH, s.HANDLING),
    }


def open_states(flow: str) -> list[State]:
    """The open states that a flow passes through."""
    others = (State.TO_REVIEW,) if flow == Flow.STREET else (State.VERIFYING, State.TO_FILE, State.CHECKING)
    return [state for state in State if state in OPEN and state not in others]


EDGES = (*_main_road(), *_petitions(), *_beside(), *_anywhere(), *_outside(), *_repeats(), *_whistles())
_INDEX: dict[tuple[str, str, str | None], list[Edge]] = {}
for _edge in EDGES:
    _INDEX.setdefault((_edge.flow, _edge.action, _edge.source), []).append(_edge)


def find(flow: str, action: str, source: str | None, target: str | None = None) -> Edge:
    """The edge of an action from a state; `target` chooses where an action has two (resume).

    Raises IllegalStep when the table has none, or two and no target was given.
    """
    found = [e for e in _INDEX.get((flow, action, source), []) if target is None or e.target == target]
    if len(found) != 1:
        raise IllegalStep(flow, action, source)
    return found[0]


def from_state(flow: str, source: str) -> list[Edge]:
    """Everything that may happen next, in the order of the table."""
    return [edge for edge in EDGES if edge.flow == flow and edge.source == source]
