"""A rule, a limit or a calendar on trial: what it would have done to past cases. Pure; facts in, results out.

Routing is asked again with the same question under two sets of rules, so that a difference is the draft's alone. A
limit is judged again by the time that the agency did use; where stored facts cannot say how long that would have been
under another way of counting, the clock is named as not tried, with the reason.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from dispatch import clocks
from dispatch.clocks import CONTINUOUS, Unit, WorkCalendar
from dispatch.routing import Proposal, Question, RuleFact, propose

# stored seconds are floats: less than this is no extension and no second stretch
NOISE_S: Final = 1.0


@dataclass(frozen=True)
class Dispatched:
    """A dispatched case as the rules see it; `agency_id` leads it in the end; `fault` says why it cannot be asked."""

    case_id: int
    number: str
    question: Question
    agency_id: int | None
    fault: str = ""


@dataclass(frozen=True)
class Rerouted:
    """A case with both answers."""

    case: Dispatched
    before: Proposal
    after: Proposal

    @property
    def agrees(self) -> bool:
        """Whether the new answer is who led the case in the end: the draft only says what people did anyway."""
        return self.after.agency_id is not None and self.after.agency_id == self.case.agency_id


@dataclass
class RoutingTrial:
    """`moved` by (from, to); None is "no rule answers". `partners`: the same leader with others beside it."""

    tried: int = 0
    moved: dict[tuple[int | None, int | None], list[Rerouted]] = field(default_factory=dict)
    partners: list[Rerouted] = field(default_factory=list)
    untried: dict[str, list[Dispatched]] = field(default_factory=dict)

    @property
    def moves(self) -> int:
        return sum(map(len, self.moved.values()))

    @property
    def agreeing(self) -> int:
        return sum(each.agrees for cases in self.moved.values() for each in cases)

    @property
    def skipped(self) -> int:
        return sum(map(len, self.untried.values()))


def reroute(cases: Iterable[Dispatched], before: Sequence[RuleFact], after: Sequence[RuleFact]) -> RoutingTrial:
    """Ask every case under both sets of rules; equal questions are asked once."""
    trial = RoutingTrial()
    windows = sorted({rule.window for rule in (*before, *after) if rule.window}, key=repr)
    answers: dict[tuple[Question, tuple[bool, ...]], tuple[Proposal, Proposal]] = {}
    for case in cases:
        fault = case.fault
        if not fault:
            local = case.question.local
            inside = tuple(local is not None and each.covers(local) for each in windows)
            asked = (replace(case.question, local=None), inside)
            if asked not in answers:
                answers[asked] = (propose(before, case.question), propose(after, case.question))
            was, now = answers[asked]
            fault = "no_rule" if was.rule is None and now.rule is None else ""
        if fault:
            trial.untried.setdefault(fault, []).append(case)
            continue
        trial.tried += 1
        if was.agency_id != now.agency_id:
            trial.moved.setdefault((was.agency_id, now.agency_id), []).append(Rerouted(case, was, now))
        elif was.partners != now.partners:
            trial.partners.append(Rerouted(case, was, now))
    return trial


@dataclass(frozen=True)
class Limit:
    amount: int
    unit: str


@dataclass(frozen=True)
class Judged:
    """A handling clock that ended: what it was given and what was used of it; `ended_at` is the accepted reply.

    `fault` says why it cannot be judged again.
    """

    case_id: int
    number: str
    agency_id: int
    category_id: int | None
    amount: int
    unit: str
    limit_seconds: float
    used_seconds: float
    started_at: datetime
    running_since: datetime
    ended_at: datetime
    late: bool
    fault: str = ""


@dataclass(frozen=True)
class Rejudged:
    """A clock with both verdicts, and the counted seconds on trial."""

    clock: Judged
    used: float
    limit: float
    unit: str
    late: bool


@dataclass
class Figures:
    """Counts of one agency and class."""

    tried: int = 0
    late_before: int = 0
    late_after: int = 0


@dataclass
class LimitTrial:
    """All that could be judged again, and what could not, by reason."""

    judged: list[Rejudged] = field(default_factory=list)
    untried: dict[str, list[Judged]] = field(default_factory=dict)

    @property
    def tried(self) -> int:
        return len(self.judged)

    @property
    def late_before(self) -> int:
        return sum(each.clock.late for each in self.judged)

    @property
    def late_after(self) -> int:
        return sum(each.late for each in self.judged)

    @property
    def skipped(self) -> int:
        return sum(map(len, self.untried.values()))

    def turned(self, *, late: bool) -> list[Rejudged]:
        """The clocks whose verdict would have been another one: late now, or on time now."""
        return [each for each in self.judged if each.late == late and each.clock.late != late]

    def by_agency(self) -> dict[tuple[int, int | None], Figures]:
        """Counts of each agency and class."""
        found: dict[tuple[int, int | None], Figures] = {}
        for each in self.judged:
            row = found.setdefault((each.clock.agency_id, each.clock.category_id), Figures())
            row.tried += 1
            row.late_before += each.clock.late
            row.late_after += each.late
        return found


Calendars = Callable[[Judged], tuple[WorkCalendar, WorkCalendar]]


def rejudge(ended: Iterable[Judged], limit: Limit | None, calendars: Calendars) -> LimitTrial:
    """Judge ended clocks by another limit (None: by their own) under another calendar than the one they had.

    `calendars` says for a clock which calendar it ran by and which one is on trial; the same one twice where only the
    limit is another. Raises CalendarEmpty.
    """
    trial = LimitTrial()
    for clock in ended:
        before, after = calendars(clock)
        found = clock.fault or _again(clock, limit or Limit(clock.amount, clock.unit), before, after)
        if isinstance(found, str):
            trial.untried.setdefault(found, []).append(clock)
        else:
            trial.judged.append(found)
    return trial


def _again(clock: Judged, limit: Limit, before: WorkCalendar, after: WorkCalendar) -> Rejudged | str:
    """The clock under the limit and calendar on trial, or why that cannot be said."""
    alike = _counting(clock.unit) == _counting(limit.unit) and (clock.unit in CONTINUOUS or before is after)
    # what was added to the limit later counts in the old way only
    more = clock.limit_seconds - clocks.limit_from(clock.started_at, clock.amount, clock.unit, before)
    if abs(more) < NOISE_S:
        more = 0.0
    used = clock.used_seconds
    if not alike:
        if more:
            return "extended"
        if not _one_stretch(clock, before):
            return "paused"
        since = clocks.begins(clock.started_at, limit.unit, after)
        used = clocks.counted(since, clock.ended_at, limit.unit, after)
    seconds = clocks.limit_from(clock.started_at, limit.amount, limit.unit, after) + more
    return Rejudged(clock, used, seconds, limit.unit, used > seconds)


def _counting(unit: str) -> str:
    """How seconds of a unit are counted: round the clock, in working time, in working time from the next day on."""
    return "continuous" if unit in CONTINUOUS else "office" if unit == Unit.OFFICE_DAY else "work"


def _one_stretch(clock: Judged, work: WorkCalendar) -> bool:
    """Whether a clock ran from its start to its end without a pause, so that the time can be counted anew."""
    since = clocks.begins(clock.started_at, clock.unit, work)
    counted = clocks.counted(since, clock.ended_at, clock.unit, work)
    return clock.running_since == since and abs(counted - clock.used_seconds) < NOISE_S
