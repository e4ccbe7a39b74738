"""A machine that takes legal and illegal steps at random and looks after each whether everything still holds.

Invariants: one leading part and one owner of each part; clocks consistent with stages; the log complete, chained and
in step with the case; no report lost; an operation done twice makes one step. Short here, thousands in the long run.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils.functional import cached_property
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dispatch import chain
from dispatch.actions import closing, filing, handling, looking, petitions, pushes, repeating, statements
from dispatch.actions.petitions import Wish
from dispatch.evidence import BadPhotoError
from dispatch.lifecycle import Doing, MissingEvidenceError, NotAllowedError, StaleStepError, done_before, link_of
from dispatch.models import Case, Clock, FieldTask, Petition, Report, Step, Supervision
from dispatch.petitions import KINDS, PetitionRefused
from dispatch.transitions import EDGES, ENDED, IllegalStep, State
from dispatch.watch import look_after
from tests.town import NOW, Town, at, build_town

REFUSED = (IllegalStep, NotAllowedError, MissingEvidenceError, StaleStepError, PetitionRefused, BadPhotoError)
# "right": the seat that holds the permission, so that cases get far
ROLES = st.sampled_from(["right"] * 10) | st.sampled_from(
    ["operator", "shift_lead", "dispatcher", "inspector", "handler", "manager", "leader"]
)
NOTES = st.sampled_from(["", "有理由"])


class Machine(RuleBasedStateMachine):
    """One town, some cases; each rule tries one action as some role, legal or not."""

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.town: Town = build_town()
        self.when = NOW
        self.reports = 0
        self.taken = self.refused = 0
        self.new_case(matter=False)
        self.new_case(matter=True)

    def teardown(self) -> None:
        for action, state in Step.objects.values_list("action", "to_state"):
            SEEN[action] = SEEN.get(action, 0) + 1
            SEEN[state] = SEEN.get(state, 0) + 1
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @cached_property
    def photo(self) -> Any:
        return self.town.photo()

    def new_case(self, *, matter: bool) -> None:
        _ = self.town.matter(when=self.when) if matter else self.town.report(when=self.when)
        self.reports += 1

    def pick(self, number: int) -> Case:
        cases = list(Case.objects.order_by("pk"))
        return cases[number % len(cases)]

    def right(self, case: Case, doing: Doing, act: Callable[[Case, Doing], Step]) -> str:
        """The first seat for which a step is neither forbidden nor illegal, tried and taken back; empty: none."""
        for role in ("operator", "shift_lead", "dispatcher", "inspector", "handler", "manager", "leader"):
            point = transaction.savepoint()
            try:
                act(Case.objects.get(pk=case.pk), replace(doing, by=self.town.people[role], operation=uuid.uuid4()))
            except REFUSED:
                continue
            else:
                return role
            finally:
                transaction.savepoint_rollback(point)
        return ""

    def attempt(self, case: Case, role: str, note: str, act: Callable[[Case, Doing], Step]) -> None:
        """One step, twice: refused ones leave no trace, taken ones are taken once."""
        self.when += timedelta(minutes=7)
        doing = Doing(by=None, at=self.when, version=case.version, operation=uuid.uuid4(), note=note)
        seat = self.right(case, doing, act) or "operator" if role == "right" else role
        doing = replace(doing, by=self.town.people[seat])
        steps, version = Step.objects.count(), case.version
        try:
            with transaction.atomic():
                step = act(case, doing)
        except REFUSED:
            self.refused += 1
            assert Step.objects.count() == steps
            assert Case.objects.get(pk=case.pk).version == version
            assert done_before(doing.operation) is None
            return
        self.taken += 1
        assert act(Case.objects.get(pk=case.pk), doing) == step
        assert Case.objects.get(pk=case.pk).version > version

    # ------------------------------------------------------------------ the road

    @rule(number=st.integers(0, 3), which=st.integers(0, 15))
    def forward(self, number: int, which: int) -> None:
        self.on_the_road_(number, "right", "", which)

    @rule(number=st.integers(0, 9), role=ROLES, note=NOTES, which=st.integers(0, 15))
    def on_the_road(self, number: int, role: str, note: str, which: int) -> None:
        self.on_the_road_(number, role, note, which)

    def on_the_road_(self, number: int, role: str, note: str, which: int) -> None:
        case, town = self.pick(number), self.town
        to = [handling.Assignment(town.water), handling.Assignment(town.office)][: 1 + number % 2]
        part: Any = case.parts.filter(withdrawn_at=None).order_by("pk").first()
        acts: list[Callable[[Case, Doing], Step]] = [
            lambda c, d: filing.order_verify(c, d, inspector=town.people["inspector"]),
            lambda c, d: self.look(c, d, "verify"),
            filing.file,
            filing.submit_review,
            filing.review,
            lambda c, d: handling.dispatch_case(c, d, to=to),
            lambda c, d: handling.sign(c, d, part=part),
            lambda c, d: handling.contact(c, d, part=part, method="phone", reached=True),
            lambda c, d: handling.handled(c, d, part=part, photos=[self.photo]),
            handling.accept_reply,
            handling.reject_reply,
            lambda c, d: self.look(c, d, "check"),
            closing.close,
            closing.redo,
            filing.answer,
            lambda c, d: filing.decline(c, d, reason_code="outside_area"),
        ]
        if part is None:
            acts[6:9] = [filing.file] * 3
        if role == "right":
            road = acts[:13]  # up to closing; the ways out are tried by the other seats
            self.go_on(case, road[which % 13 :] + road[: which % 13])
        else:
            self.attempt(case, role, note, acts[which])

    def go_on(self, case: Case, acts: list[Callable[[Case, Doing], Step]]) -> None:
        """Take the first of these steps that somebody may take now, so that cases get far."""
        doing = Doing(by=None, at=self.when, version=case.version, operation=uuid.uuid4(), note="有理由")
        for act in acts:
            if self.right(case, doing, act):
                self.attempt(case, "right", "有理由", act)
                return

    def look(self, case: Case, doing: Doing, kind: str) -> Step:
        """The inspector's answer to an open task; a failed check on every other minute."""
        task = FieldTask.objects.filter(case=case, kind=kind).order_by("done_at", "-pk").last()
        if task is None:
            raise IllegalStep(case.flow, kind, case.state)
        if kind == "verify":
            result = FieldTask.Result.CONFIRMED
            return filing.verify(case, doing, task=task, result=result, photos=[self.photo], point=at(50, 50))
        passed = doing.at.minute % 2 == 0
        return closing.check_result(case, doing, task=task, passed=passed, photos=[self.photo], point=at(50, 50))

    # ------------------------------------------------------------- beside it

    @rule(number=st.integers(0, 9), role=ROLES, kind=st.sampled_from(list(KINDS)))
    def ask(self, number: int, role: str, kind: str) -> None:
        wish = Wish(
            reason_code="wrong_agency",
            amount=1,
            unit="urgent_hour",
            review_on=(self.when + timedelta(days=9)).date(),
            explanation="已说明",
        )
        self.attempt(self.pick(number), role, "有理由", lambda c, d: petitions.ask(c, d, kind=kind, wish=wish))

    @rule(number=st.integers(0, 9), role=ROLES, agrees=st.booleans(), note=NOTES)
    def decide(self, number: int, role: str, agrees: bool, note: str) -> None:
        case = self.pick(number)
        petition = Petition.objects.filter(case=case).order_by("-pk").first()
        if petition is not None:
            act = lambda c, d: petitions.decide(  # noqa: E731
                c, d, petition=Petition.objects.get(pk=petition.pk), agrees=agrees
            )
            self.attempt(case, role, note, act)

    @rule(number=st.integers(0, 9), role=ROLES, note=NOTES, which=st.integers(0, 6))
    def beside(self, number: int, role: str, note: str, which: int) -> None:
        case, other = self.pick(number), self.pick(number + 1)
        push = Supervision.objects.filter(case=case).first()
        acts: list[Callable[[Case, Doing], Step]] = [
            petitions.resume,
            looking.send_back,
            lambda c, d: pushes.supervise(c, d, kind="key"),
            lambda c, d: repeating.join(c, d, into=Case.objects.get(pk=other.pk)),
            repeating.unmerge,
            statements.explain,
            lambda c, d: pushes.report_back(c, d, push=push) if push else pushes.supervise(c, d, kind="key"),
        ]
        self.attempt(case, role, note, acts[which])

    @rule(hours=st.integers(1, 60))
    def time_passes(self, hours: int) -> None:
        """The system acts by itself; twice at one instant does it once."""
        self.when += timedelta(hours=hours)
        for _turn in range(4):  # one case may be acted on by several rules, one a run
            look_after(self.when)
        assert sum(look_after(self.when).values()) == 0

    @rule(matter=st.booleans())
    def another_call(self, matter: bool) -> None:
        if self.reports < 6:
            self.new_case(matter=matter)

    @rule(number=st.integers(0, 9))
    def a_stale_click(self, number: int) -> None:
        case = self.pick(number)
        case.version -= 1
        if case.version:
            with pytest.raises(REFUSED):
                filing.file(case, self.town.doing(case, "shift_lead", self.when))

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
            for version, step in enumerate(case.steps.order_by("version"), 1):
                assert (step.version, step.from_state) == (version, state)
                assert (step.action, step.from_state, step.to_state, case.flow) in allowed
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
                assert stages == {"replied"}
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


SEEN: dict[str, int] = {}


def run(examples: int, steps: int) -> None:
    SEEN.clear()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_random_steps_keep_every_invariant() -> None:
    run(12, 30)


@pytest.mark.long
@pytest.mark.django_db
def test_thousands_of_random_steps_keep_every_invariant() -> None:
    run(150, 60)
