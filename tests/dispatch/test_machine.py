"""A machine that takes legal and illegal steps at random and looks after each whether everything still holds.

Invariants: one leading part and one owner of each part; clocks consistent with stages; the log complete, chained and
in step with the case; no report lost; an operation done twice makes one step. Short here, thousands in the long run.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dispatch import chain
from dispatch.actions.inviting import InvitationGoneError
from dispatch.evidence import BadPhotoError
from dispatch.intake import Caller, Intake, register
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, StaleStepError, done_before, link_of
from dispatch.models import Case, Clock, FieldTask, Petition, Report, Step
from dispatch.petitions import KINDS, PetitionRefused
from dispatch.transitions import EDGES, ENDED, Action, Flow, IllegalStep, State
from dispatch.watch import look_after
from people.models import Agency, RoleGrant, User
from people.permissions import ALLOWED, Role
from tests.dispatch.firsts import FIRST
from tests.dispatch.moves import MOVES, NOTHING_DRAWN, Draw, found
from tests.town import NOW, Town, build_town

REFUSED = (
    IllegalStep, NotAllowedError, MissingEvidenceError, StaleStepError, PetitionRefused, BadPhotoError,
    InvitationGoneError,
)  # fmt: skip
BEGIN = {Action.REGISTER, Action.REPORT_FOUND}
ONE_MORE_REPORT = {Action.SPLIT, Action.ADD_FOUND}
# the straight way from the first word to closing, and who goes it
ROAD = {
    Flow.STREET: [
        Action.ORDER_VERIFY, Action.VERIFY, Action.FILE, Action.DISPATCH, Action.HANDLED, Action.ACCEPT_REPLY,
        Action.CHECK_PASS, Action.CLOSE,
    ],
    Flow.MATTER: [
        Action.SUBMIT_REVIEW, Action.REVIEW, Action.DISPATCH, Action.HANDLED, Action.CONTACT, Action.ACCEPT_REPLY,
        Action.CLOSE,
    ],
}  # fmt: skip
WHERE = {action: {(e.flow, e.source) for e in EDGES if e.action == action} for action in Action}
NEEDED = {action: {e.permission for e in EDGES if e.action == action} for action in Action}
SEEN: Counter[str] = Counter()
ACTIONS = st.sampled_from(sorted(MOVES))
NUMBERS = st.integers(0, 11)
MOST_CASES = 8
MOST_ROUNDS = 6  # of the long run: the rarest state needs an asker, a decider and luck
MOST_TURNS = 12  # from the first word to closing, with two agencies


class Machine(RuleBasedStateMachine):
    """One town, some cases; each rule tries something as somebody, legal or not."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.town: Town = build_town()
        self.town.people["other handler"] = User.objects.create_user("other")
        RoleGrant.objects.create(user=self.town.people["other handler"], role=Role.HANDLER, agency=self.town.office)
        self.outside = Agency.objects.create(code="club", name="业主委员会", external=True)
        self.photo = self.town.photo()
        self.when = NOW
        self.reports = 0
        self.new_case(matter=False)
        self.new_case(matter=True)

    def teardown(self) -> None:
        for action, state in Step.objects.values_list("action", "to_state"):
            SEEN[f"action {action}"] += 1
            SEEN[f"state {state}"] += 1
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def new_case(self, *, matter: bool) -> Case:
        """A call; the first and every third after it is an order from above, with a number and a deadline there."""
        self.reports += 1
        if self.reports % 3 != 1:
            return self.town.matter(when=self.when) if matter else self.town.report(when=self.when)
        intake = Intake(
            "物业乱收费" if matter else "上水井盖丢失",
            self.town.channel,
            caller=Caller(name="王女士", phone="13900000001"),
            point=None if matter else self.town.component.geom,
            uncertainty_m=None if matter else 20.0,
            category=self.town.fee if matter else self.town.cover,
            condition=None if matter else self.town.missing,
            external_ref=f"上{self.reports}",
            upper_due_at=self.when + timedelta(days=5),
        )
        return register(intake, by=self.town.people["operator"], at=self.when, operation=uuid.uuid4())

    # ------------------------------------------------------------------ trying

    def seats(self, action: Action, number: int) -> list[str]:
        """Who may take an action by the table, beginning somewhere: the next one has perhaps not asked for it."""
        roles = {role for permission in NEEDED[action] for role in ALLOWED[permission]}
        people = [name for name in self.town.people if name.split()[-1] in roles]
        return people[number % len(people) :] + people[: number % len(people)]

    def right(self, case: Case, action: Action, number: int) -> str:
        """The first seat for which a step is neither forbidden nor illegal, tried and taken back; empty: none."""
        for seat in self.seats(action, number):
            point = transaction.savepoint()
            try:
                self.act(Case.objects.get(pk=case.pk), action, self.doing(case, seat), number)
            except REFUSED:
                continue
            else:
                return seat
            finally:
                transaction.savepoint_rollback(point)
        return ""

    def doing(self, case: Case, seat: str, note: str = "有理由") -> Doing:
        return Doing(self.town.people[seat], self.when, case.version, uuid.uuid4(), note)

    def act(self, case: Case, action: Action, doing: Doing, number: int) -> Step:
        return MOVES[action](Draw(self.town, self.photo, number, self.outside), case, doing)

    def attempt(self, case: Case, action: Action, doing: Doing, number: int) -> bool:
        """One step, twice: a refused one leaves no trace, a taken one is taken once."""
        steps, version = Step.objects.count(), case.version
        try:
            with transaction.atomic():
                step = self.act(case, action, doing, number)
        except REFUSED:
            assert Step.objects.count() == steps
            assert Case.objects.get(pk=case.pk).version == version
            assert done_before(doing.operation) is None
            return False
        self.reports += action in ONE_MORE_REPORT
        self.twice(case, action, doing, number, step)
        return True

    def twice(self, case: Case, action: Action, doing: Doing, number: int, step: Step) -> None:
        """The same operation again: the same answer, or told that it was answered; and nothing is written."""
        steps = Step.objects.count()
        try:
            with transaction.atomic():
                again: Step | str = self.act(Case.objects.get(pk=case.pk), action, doing, number)
        except InvitationGoneError:
            again = "answered"  # a link is used once, and says so
        except IllegalStep as illegal:
            again = illegal.action
        assert again in (step, "answered", NOTHING_DRAWN)
        assert Step.objects.count() == steps
        assert Case.objects.get(pk=case.pk).version > doing.version

    def go(self, case: Case, action: Action, number: int) -> bool:
        """Take an action as somebody who may, if anybody may."""
        self.when += timedelta(minutes=7)
        seat = self.right(case, action, number)
        return bool(seat) and self.attempt(case, action, self.doing(case, seat), number)

    def along_the_road(self, case: Case, number: int) -> bool:
        """One step of the straight way."""
        known = [action for action in ROAD[Flow(case.flow)] if (case.flow, case.state) in WHERE[action]]
        # of two agencies the other one too
        return any(self.go(case, action, number + other) for action in known for other in (0, 1))

    # ------------------------------------------------------------------ rules

    def case(self, number: int, action: Action | None = None) -> Case:
        """One of the cases; where it can be, one in which the table knows the action."""
        cases = list(Case.objects.order_by("pk"))
        known = [case for case in cases if action and (case.flow, case.state) in WHERE[action]]
        return (known or cases)[number % len(known or cases)]

    @rule(number=NUMBERS, steps=st.integers(1, 4))
    def forward(self, number: int, steps: int) -> None:
        case = self.case(number)
        for turn in range(steps):
            self.along_the_road(case, number + turn)
            case.refresh_from_db()

    @rule(actions=st.lists(ACTIONS, min_size=2, max_size=6), number=NUMBERS)
    def by_the_table(self, actions: list[Action], number: int) -> None:
        for action in actions:
            self.go(self.case(number, action), action, number)

    @rule(action=ACTIONS, number=NUMBERS, role=st.sampled_from(list(Role)), note=st.sampled_from(["", "有理由"]))
    def by_anybody(self, action: Action, number: int, role: Role, note: str) -> None:
        """Also what the table does not know, and whoever is forbidden it."""
        self.when += timedelta(minutes=7)
        case = self.case(number)
        self.attempt(case, action, self.doing(case, role, note), number)

    @rule(action=ACTIONS, number=NUMBERS)
    def after_something_rare(self, action: Action, number: int) -> None:
        self.all_the_way(action, number)

    def all_the_way(self, action: Action, number: int) -> None:
        """To an action: first what has to be there, and along the road until the table knows it."""
        way = [action]
        while way[-1] in FIRST:
            way.append(FIRST[way[-1]])
        case = self.case(number, way[-1])
        for wanted in reversed(way):
            for turn in range(MOST_TURNS):
                if (case.flow, case.state) in WHERE[wanted] or not self.along_the_road(case, number + turn):
                    break
                self.when += timedelta(hours=number)
                case.refresh_from_db()
            other = self.case(number, Action.MERGE) if wanted is Action.REOPEN else case
            self.go(other, wanted, number)
            case.refresh_from_db()

    @rule(number=NUMBERS, mended=st.booleans(), role=st.sampled_from(list(Role)))
    def an_inspector_finds(self, number: int, mended: bool, role: Role) -> None:
        if Case.objects.count() >= MOST_CASES:
            return
        doing = replace(self.doing(self.case(number), role), version=1)
        draw = Draw(self.town, self.photo, number, self.outside)
        try:
            first = found(draw, doing, "已扶正" if mended else "")
        except NotAllowedError:
            assert role is not Role.INSPECTOR
            return
        assert found(draw, doing, "已扶正" if mended else "").pk == first.pk
        self.reports += 1

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        """The system acts by itself; twice at one instant does it once."""
        self.when += timedelta(hours=hours)
        for _turn in range(4):  # one case may be acted on by several rules, one a run
            look_after(self.when)
        assert sum(look_after(self.when).values()) == 0

    @rule(matter=st.booleans())
    def another_call(self, matter: bool) -> None:
        if Case.objects.count() < MOST_CASES:
            self.new_case(matter=matter)

    @rule(number=NUMBERS, action=ACTIONS)
    def a_stale_click(self, number: int, action: Action) -> None:
        case = self.case(number, action)
        if case.version > 1:
            seat = self.right(case, action, number) or "operator"
            case.version -= 1
            with pytest.raises(REFUSED), transaction.atomic():
                self.act(case, action, self.doing(case, seat), number)

    # ------------------------------------------------------------- invariants

    @invariant()
    def no_report_is_lost(self) -> None:
        assert Report.objects.count() == self.reports
        assert not Report.objects.filter(case=None).exists()
        for case in Case.objects.all():
            if case.state != State.MERGED:
                assert case.report_count == case.reports.count(), case

    @invariant()
    def the_log_is_complete_and_chained(self) -> None:
        allowed = {(e.action, e.source or "", e.target, e.flow) for e in EDGES}
        for case in Case.objects.all():
            digest, state = chain.begin(case.number), ""
            steps = list(case.steps.order_by("version"))
            for version, (step, flow) in enumerate(zip(steps, flows(case, steps), strict=True), 1):
                assert (step.version, step.from_state) == (version, state)
                assert (step.action, step.from_state, step.to_state, flow) in allowed
                digest = chain.follow(digest, link_of(step))
                assert step.digest == digest
                state = step.to_state
            assert (case.version, case.state, case.head) == (version, state, digest)

    @invariant()
    def parts_have_one_leader_and_fit_the_state(self) -> None:
        for case in Case.objects.all():
            live = list(case.parts.filter(withdrawn_at=None))
            if case.state in (State.HANDLING, State.REPLY_REVIEW, State.CHECKING):
                assert sum(part.leads for part in live) == 1
            if case.state in (State.VOID, State.TRANSFERRED, State.DECLINED, State.TO_DISPATCH):
                assert not live, case.state
            stages = {part.stage for part in live}
            if case.state == State.REPLY_REVIEW:
                # after a check that failed some parts only, those that passed it stand accepted beside the new reply
                spared = case.steps.filter(action=Action.CHECK_FAIL, facts__has_key="parts").exists()
                assert stages == {"replied"} or (spared and stages == {"replied", "accepted"})
            if case.state == State.HANDLING:
                assert "handling" in stages

    @invariant()
    def clocks_fit_the_stages(self) -> None:
        for clock in Clock.objects.select_related("case", "part"):
            assert clock.used_seconds >= 0
            if clock.stopped_at is not None:
                continue
            state = clock.case.state
            if clock.kind == "handle":
                assert clock.part is not None
                assert clock.part.withdrawn_at is None
                runs = clock.paused_at is None
                assert not runs or (state == State.HANDLING and clock.part.stage == "handling"), clock
            elif clock.kind not in ("upper", "call_back"):
                assert state not in ENDED, (clock.kind, state)

    @invariant()
    def what_waits_can_still_be_decided(self) -> None:
        asked = {(e.action, e.source) for e in EDGES}
        for petition in Petition.objects.pending().select_related("case"):
            assert (KINDS[petition.kind].ask, petition.case.state) in asked
        for task in FieldTask.objects.open().select_related("case"):
            assert task.case.state not in ENDED
        suspended = Case.objects.filter(state=State.SUSPENDED)
        assert not suspended.filter(review_on=None).exists()


def flows(case: Case, steps: list[Step]) -> list[str]:
    """The flow in which each step was taken; one that turned it, at another class or type, says what it is now."""
    flow, found = case.flow, []
    for step in reversed(steps):
        if "flow" in step.facts:
            assert step.facts["flow"] == flow
            flow = Flow.MATTER if flow == Flow.STREET else Flow.STREET
        found.append(flow)
    return found[::-1]


def run(examples: int, steps: int, *, same: bool = False) -> None:
    """The machine with new chances each time, or with the same ones."""
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=same,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_every_action_of_the_table_has_its_move() -> None:
    assert set(MOVES) | BEGIN == {edge.action for edge in EDGES}


def taken(action: Action, number: int) -> bool:
    """Whether a new machine gets as far as an action, with everything in order afterwards."""
    machine = Machine()
    try:
        machine.all_the_way(action, number)
        machine.no_report_is_lost()
        machine.the_log_is_complete_and_chained()
        machine.parts_have_one_leader_and_fit_the_state()
        machine.clocks_fit_the_stages()
        machine.what_waits_can_still_be_decided()
        return Step.objects.filter(action=action).exists()
    finally:
        machine.teardown()


@pytest.mark.django_db
def test_the_machine_gets_to_every_action() -> None:
    assert [action for action in MOVES if not any(taken(action, number) for number in range(4))] == []


@pytest.mark.django_db
def test_random_steps_keep_every_invariant() -> None:
    SEEN.clear()
    run(5, 20, same=True)
    assert SEEN["state handling"]


def left_out(words: Iterable[str], kind: str) -> set[str]:
    """What the random steps have never come to."""
    return {word for word in words if not SEEN[f"{kind} {word}"]}


def taken_share() -> float:
    """Which share of all actions was taken at least once."""
    return 1 - len(left_out(Action, "action")) / len(Action)


@pytest.mark.long
@pytest.mark.django_db
def test_thousands_of_random_steps_keep_every_invariant_and_leave_nothing_out() -> None:
    SEEN.clear()
    for _round in range(MOST_ROUNDS):
        run(60, 50)
        if not left_out(State, "state") and taken_share() > 0.9:
            break
    assert not left_out(State, "state")
    # by chance a few are left out; the test above takes each of them
    assert taken_share() > 0.9, left_out(Action, "action")
    assert sum(count for name, count in SEEN.items() if name.startswith("action")) > 3_000
