"""Every action of the table as something that a random machine can try: right where it can be, refused where not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar
from unittest.mock import patch

import msgspec
from django.db.models import QuerySet

from dispatch.actions import (
    aftercare,
    closing,
    documents,
    filing,
    finding,
    gathering,
    handling,
    inviting,
    looking,
    meetings,
    notifying,
    petitions,
    pushes,
    repeating,
    signing,
    statements,
    taking,
    undoing,
    whistles,
)
from dispatch.actions.handling import Assignment
from dispatch.evidence import Photo
from dispatch.intake import Intake
from dispatch.lifecycle import Doing
from dispatch.models import (
    Case,
    FieldTask,
    InboundMail,
    Invitation,
    Meeting,
    MeetingItem,
    Part,
    Petition,
    Report,
    Step,
    Supervision,
    Undertaking,
    WhistleCall,
)
from dispatch.petitions import KINDS
from dispatch.profile import Chain, Signatory, Signing, profile
from dispatch.reasons import DeclineReason, ReturnReason
from dispatch.transitions import Action, IllegalStep, from_state
from people.models import Agency
from people.permissions import Role
from tests.town import Town, at

NOTHING_DRAWN = "nothing drawn"
Row = TypeVar("Row", Case, Part, Petition, Report, Supervision, FieldTask, Invitation, WhistleCall)


@dataclass(frozen=True)
class Draw:
    """What a move may draw from: the town, a photo, a number for choices, a body that is not on the list."""

    town: Town
    photo: Photo
    number: int
    outside: Agency

    def of(self, rows: QuerySet[Row], case: Case) -> Row:
        """One of these rows; as illegal as the step where there is none."""
        found = list(rows.order_by("pk"))
        if not found:
            raise IllegalStep(case.flow, NOTHING_DRAWN, case.state)
        return found[self.number % len(found)]

    def part(self, case: Case) -> Part:
        return self.of(case.parts.filter(withdrawn_at=None), case)

    def other(self, case: Case) -> Case:
        return self.of(Case.objects.exclude(pk=case.pk), case)

    def task(self, case: Case, kind: str) -> FieldTask:
        return self.of(FieldTask.objects.filter(case=case, kind=kind, done_at=None), case)

    def one(self, values: Iterable[Any]) -> Any:
        known = list(values)
        return known[self.number % len(known)]


Move = Callable[[Draw, Case, Doing], Step]


def found(draw: Draw, doing: Doing, mended: str = "") -> Case:
    """What an inspector finds by himself: a case of its own."""
    town = draw.town
    intake = Intake("井盖丢失", town.channel, point=at(50, 50), category=town.cover, condition=town.missing)
    if doing.by is None:
        raise IllegalStep("street", Action.REPORT_FOUND, None)
    return finding.report_found(
        intake,
        photos=[draw.photo],
        by=doing.by,
        at=doing.at,
        occurred_at=doing.at,
        operation=doing.operation,
        mended=mended,
    )


def _dispatch(draw: Draw, case: Case, doing: Doing) -> Step:
    town = draw.town
    to = [Assignment(town.water, town.rules["owner"]), Assignment(town.office, town.rules["fallback"])]
    return handling.dispatch_case(case, doing, to=to[: 1 + draw.number % 2])


def _check(draw: Draw, case: Case, doing: Doing, *, passed: bool) -> Step:
    """A failed check sends back all parts, or only one of them."""
    failed = [draw.part(case)] if draw.number % 3 and not passed else None
    task = draw.task(case, "check")
    return closing.check_result(
        case, doing, task=task, passed=passed, photos=[draw.photo], point=at(50, 50), failed=failed
    )


def _verify(draw: Draw, case: Case, doing: Doing) -> Step:
    task, result = draw.task(case, "verify"), FieldTask.Result.CONFIRMED
    return filing.verify(case, doing, task=task, result=result, photos=[draw.photo], point=at(52, 50))


def _look(kind: str, result: str) -> Move:
    return lambda draw, case, doing: looking.look(
        case, doing, task=draw.task(case, kind), result=result, photos=[draw.photo], point=at(50, 50)
    )


def _self_handled(draw: Draw, case: Case, doing: Doing) -> Step:
    return looking.self_handled(case, doing, task=draw.task(case, "verify"), photos=[draw.photo], point=at(50, 50))


def _add_found(draw: Draw, case: Case, doing: Doing) -> Step:
    town = draw.town
    intake = Intake("又一处", town.channel, point=at(51, 50), category=town.cover, condition=town.missing)
    if doing.by is None:
        raise IllegalStep(case.flow, Action.ADD_FOUND, case.state)
    repeating.add_found(
        case,
        intake,
        photos=[draw.photo],
        by=doing.by,
        at=doing.at,
        occurred_at=doing.at,
        operation=doing.operation,
    )
    return Step.objects.get(operation=doing.operation)


def _callback(draw: Draw, case: Case, doing: Doing) -> Step:
    """Reached or not, content or not."""
    report = draw.of(Report.objects.filter(case=case), case)
    if draw.number % 2:
        return closing.callback(case, doing, report=report, reached=False)
    said = draw.one(["satisfied", "fair", "dissatisfied"])
    return closing.callback(case, doing, report=report, reached=True, satisfaction=said, solved=said != "dissatisfied")


def _follow_up(draw: Draw, case: Case, doing: Doing) -> Step:
    choice = draw.one(["redo", "move", "nothing", "discuss", "extend"])
    return aftercare.follow_up(case, doing, choice=choice, limit=(2, "work_day") if choice == "extend" else None)


def _invite(draw: Draw, case: Case, doing: Doing) -> Step:
    token = f"{doing.operation}"
    return inviting.invite(case, doing, part=draw.part(case), agency=draw.outside, token=token, days=5)


def _revoke(draw: Draw, case: Case, doing: Doing) -> Step:
    return inviting.revoke(case, doing, invitation=_invitation(draw, case))


def _invitation(draw: Draw, case: Case) -> Invitation:
    return draw.of(Invitation.objects.filter(part__case=case).select_related("part__case"), case)


def _whistle(draw: Draw, case: Case, doing: Doing) -> Step:
    to = [draw.town.office, draw.town.water][: 1 + draw.number % 2]
    level = draw.one(["grid", "community", "street"])
    calling = whistles.Calling(level, to, "楼下", doing.at + timedelta(days=1))
    return whistles.call(case, doing, calling=calling)


def _paper(draw: Draw, doing: Doing) -> documents.Paper:
    day = petitions.local_date(doing.at)
    return documents.Paper(day, "1", "甲某", "乙某", "修好为止", "甲某、乙某", draw.photo.evidence)


def _agenda(draw: Draw, case: Case, doing: Doing) -> MeetingItem:
    day = petitions.local_date(doing.at) + timedelta(days=draw.number)
    told = {"chair": "书记", "attendees": "班子", "made_by": draw.town.people["leader"]}
    meeting, _made = Meeting.objects.get_or_create(held_on=day, defaults=told)
    return MeetingItem.objects.get_or_create(meeting=meeting, case=case)[0]


def _gather(draw: Draw, case: Case, doing: Doing) -> Step:
    """An event of its own, with or without a limit by notice."""
    until = doing.at + timedelta(days=20) if draw.number % 2 else None
    told = {
        "kind": "event",
        "title": "台风",
        "why": "台风",
        "reply": "正在抢修。",
        "begins_on": petitions.local_date(doing.at),
        "limit_at": until,
        "made_by": draw.town.people["leader"],
        "made_at": doing.at,
    }
    event, _made = Undertaking.objects.get_or_create(operation=doing.operation, defaults=told)
    return gathering.gather(case, doing, event=event)


def _called(draw: Draw, case: Case) -> WhistleCall:
    return draw.of(WhistleCall.objects.filter(whistle__case=case).select_related("agency"), case)


def _push(draw: Draw, case: Case) -> Supervision:
    return draw.of(Supervision.objects.filter(case=case), case)


def _upper(draw: Draw, case: Case) -> Report:
    return draw.of(Report.objects.filter(case=case, upper_due_at__isnull=False), case)


def _ask(kind: str) -> Move:
    def move(draw: Draw, case: Case, doing: Doing) -> Step:
        wish = petitions.Wish(
            reason_code=ReturnReason.WRONG_AGENCY if kind == "back" else "other",
            amount=1 if kind == "extension" else None,
            unit="urgent_hour" if kind == "extension" else "",
            review_on=petitions.local_date(doing.at) + timedelta(days=9) if kind in ("suspension", "renewal") else None,
            to_agency=draw.town.office if kind == "back" else None,
            explanation="已电话说明",
        )
        return petitions.ask(case, doing, kind=kind, wish=wish)

    return move


def _decide(kind: str = "", *, agrees: bool) -> Move:
    def move(draw: Draw, case: Case, doing: Doing) -> Step:
        asked = Petition.objects.pending().filter(case=case).select_related("case", "part")
        petition = draw.of(asked.filter(kind=kind) if kind else asked, case)
        return petitions.decide(case, doing, petition=petition, agrees=agrees)

    return move


def _withdraw(draw: Draw, case: Case, doing: Doing) -> Step:
    return petitions.withdraw(case, doing, petition=draw.of(Petition.objects.filter(case=case), case))


def _telephone(draw: Draw, case: Case, doing: Doing) -> Step:
    """Answered or not."""
    outcome = draw.one(["answered", "nobody", "busy"])
    return notifying.telephone(
        case, doing, part=draw.part(case), call=notifying.Phoned("李四", "84600000", outcome, "李四")
    )


def _countersign(draw: Draw, case: Case, doing: Doing) -> Step:
    """Where a place lets an operator sign before the first step that can be taken."""
    seat = Signatory(role=Role.OPERATOR, label="办公室")
    before = next((edge.action for edge in from_state(case.flow, case.state)), Action.DISPATCH)
    chain = Chain(key="one", name="签批", before=before, seats=(seat,))
    place = msgspec.structs.replace(profile(), signing=Signing(chains=(chain,)))
    with patch("dispatch.signoff.profile", lambda: place):
        return signing.countersign(case, doing, chain="one", agrees=draw.number % 3 > 0)


def _enter_result(draw: Draw, case: Case, doing: Doing) -> Step:
    """Told by telephone, which only a unit without an account may; or written from the unit's own mailbox."""
    part = draw.part(case)
    if draw.number % 2:
        return handling.enter_result(case, doing, part=part, source="phone")
    told = {"sender": "a@b", "received_at": doing.at, "fetched_at": doing.at, "case": case, "part": part}
    mail, _made = InboundMail.objects.get_or_create(message_id=f"<{doing.operation}>", defaults=told)
    return handling.enter_result(case, doing, part=part, source="mail", mail=mail)


def _recall(_draw: Draw, case: Case, doing: Doing) -> Step:
    """A mistake is seen at once or not at all."""
    return undoing.recall(case, replace(doing, at=case.state_since + timedelta(seconds=5)))


MOVES: Mapping[Action, Move] = {
    Action.PLACE: lambda d, c, doing: filing.place(c, doing, point=at(150 + d.number, 50), uncertainty_m=10.0),
    Action.CLASSIFY: lambda d, c, doing: filing.classify(
        c, doing, category=d.one([d.town.cover, d.town.cover, d.town.fee]), condition=None
    ),
    Action.COMPONENT: lambda d, c, doing: filing.choose_component(c, doing, component=d.one([d.town.component, None])),
    Action.ORDER_VERIFY: lambda d, c, doing: filing.order_verify(c, doing, inspector=d.town.people["inspector"]),
    Action.VERIFY: _verify,
    Action.SUBMIT_REVIEW: lambda _d, c, doing: filing.submit_review(c, doing),
    Action.FILE: lambda _d, c, doing: filing.file(c, doing),
    Action.REVIEW: lambda d, c, doing: filing.review(c, doing, complexity=d.one(["", "simple", "complex"])),
    Action.ANSWER: lambda _d, c, doing: filing.answer(c, doing),
    Action.DECLINE: lambda _d, c, doing: filing.decline(c, doing, reason_code=DeclineReason.OUTSIDE_AREA),
    Action.MERGE: lambda d, c, doing: filing.merge(c, doing, into=d.other(c)),
    Action.DISPATCH: _dispatch,
    Action.RECALL: _recall,
    Action.GATHER: _gather,
    Action.SIGN: lambda d, c, doing: handling.sign(c, doing, part=d.part(c)),
    Action.CONTACT: lambda d, c, doing: handling.contact(
        c, doing, part=d.part(c), method="phone", reached=bool(d.number % 3)
    ),
    Action.HANDLED: lambda d, c, doing: handling.handled(c, doing, part=d.part(c), photos=[d.photo]),
    Action.ENTER_RESULT: _enter_result,
    Action.ACCEPT_REPLY: lambda _d, c, doing: handling.accept_reply(c, doing),
    Action.REJECT_REPLY: lambda _d, c, doing: handling.reject_reply(c, doing),
    Action.CHECK_PASS: lambda d, c, doing: _check(d, c, doing, passed=True),
    Action.CHECK_FAIL: lambda d, c, doing: _check(d, c, doing, passed=False),
    Action.CLOSE: lambda _d, c, doing: closing.close(c, doing),
    Action.REDO: lambda _d, c, doing: closing.redo(c, doing),
    Action.CALLBACK: _callback,
    Action.FOLLOW_UP: _follow_up,
    Action.LOOK_BACK: lambda d, c, doing: aftercare.look_back(
        c, doing, method="phone", rating=d.one(["good", "fair", "poor"])
    ),
    **{kind.ask: _ask(name) for name, kind in KINDS.items()},
    **{kind.grant: _decide(name, agrees=True) for name, kind in KINDS.items()},
    Action.AGREE: _decide(agrees=True),
    Action.REFUSE: _decide(agrees=False),
    Action.WITHDRAW: _withdraw,
    Action.RESUME: lambda _d, c, doing: petitions.resume(c, doing),
    Action.SUPERVISE: lambda d, c, doing: pushes.supervise(
        c, doing, kind="key", part=d.part(c) if d.number % 2 and c.state == "handling" else None
    ),
    Action.INSTRUCT: lambda _d, c, doing: pushes.instruct(c, doing, due_at=doing.at + timedelta(days=3)),
    Action.REPORT_BACK: lambda d, c, doing: pushes.report_back(c, doing, push=_push(d, c)),
    Action.END_PUSH: lambda d, c, doing: pushes.end_push(c, doing, push=_push(d, c)),
    Action.ORDER_SURVEY: lambda d, c, doing: looking.order_survey(c, doing, inspector=d.town.people["inspector"]),
    Action.SURVEY: _look("survey", FieldTask.Result.SURVEYED),
    Action.ORDER_RECHECK: lambda _d, c, doing: looking.order_recheck(c, doing),
    Action.RECHECK: _look("recheck", FieldTask.Result.STILL),
    Action.SELF_HANDLED: _self_handled,
    Action.SEND_BACK: lambda _d, c, doing: looking.send_back(c, doing),
    Action.INVESTIGATE: lambda d, c, doing: statements.investigate(c, doing, part=d.part(c)),
    Action.PLATFORM_REPLY: lambda _d, c, doing: statements.platform_reply(c, doing),
    Action.EXPLAIN: lambda _d, c, doing: statements.explain(c, doing),
    Action.LINK: lambda d, c, doing: repeating.link(c, doing, other=d.other(c)),
    Action.KEEP_APART: lambda d, c, doing: repeating.keep_apart(c, doing, other=d.other(c)),
    Action.REPEAT: lambda d, c, doing: repeating.repeat(c, doing, first=d.other(c)),
    Action.UNMERGE: lambda _d, c, doing: repeating.unmerge(c, doing),
    # the step is that of the suspended case: tried from the new one
    Action.REOPEN: lambda d, c, doing: repeating.reopen_with(
        c, doing, old=d.of(Case.objects.filter(state="suspended"), c)
    ),
    Action.ADD_FOUND: _add_found,
    Action.RETYPE: lambda d, c, doing: taking.retype(
        c, doing, request_type=d.one(["complaint", "suggestion", "help", "other"])
    ),
    Action.COMPLEXITY: lambda d, c, doing: taking.set_complexity(c, doing, complexity=d.one(["simple", "complex"])),
    Action.URGENCY: lambda d, c, doing: taking.set_urgent(c, doing, urgent=bool(d.number % 2)),
    Action.SPLIT: lambda _d, c, doing: taking.split(c, doing, text="另一件事"),
    Action.ANSWER_UPPER: lambda d, c, doing: taking.answer_upper(c, doing, report=_upper(d, c)),
    Action.WHISTLE: _whistle,
    Action.WHISTLE_ANSWER: lambda d, c, doing: whistles.answer(c, doing, call=_called(d, c), person="张三"),
    Action.WHISTLE_RESULT: lambda d, c, doing: whistles.follow(
        c,
        doing,
        outcome=d.one(["repairing", "solved", "raised"]),
        look_on=petitions.local_date(doing.at) + timedelta(days=7),
        rating="satisfied",
    ),
    Action.DOCUMENT: lambda d, c, doing: documents.add(
        c, doing, kind=d.one(["stop_work", "agreement", "rectify", "other"]), paper=_paper(d, doing)
    ),
    Action.MEDIATE: lambda d, c, doing: documents.mediate(c, doing, paper=_paper(d, doing)),
    Action.TELEPHONE: _telephone,
    Action.ARRIVE: lambda d, c, doing: notifying.arrive(c, doing, part=d.part(c)),
    Action.COUNTERSIGN: _countersign,
    Action.MEET: lambda d, c, doing: meetings.decide(c, doing, item=_agenda(d, c, doing), analysis="多次退单"),
    Action.INVITE: _invite,
    Action.REVOKE_INVITE: _revoke,
    Action.INVITE_REFUSED: lambda d, c, doing: inviting.answer_refused(_invitation(d, c), doing),
}
