"""Proves the routing rules: every class × community × channel × type × time has one answer. Pure.

Equal questions are asked once: classes, communities and instants that no rule tells apart make one group.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product

from dispatch.routing import Proposal, Question, RuleFact, exactness, propose
from dispatch.windows import DAY_MINUTES, Window

NO_PLACE = ""  # the area of a matter that nobody has put on the map


@dataclass(frozen=True)
class ClassFact:
    """A 小类 with its 大类; `placeless` where a case of it may have no place."""

    pk: int
    major_id: int | None
    placeless: bool = False


@dataclass(frozen=True)
class Group:
    """Questions that no rule tells apart; `local` is one instant of theirs, channel None and type "" are the others."""

    classes: tuple[int, ...]
    areas: tuple[str, ...]
    channel_id: int | None
    request_type: str
    local: datetime
    timed: bool  # whether any rule here looks at the time

    @property
    def size(self) -> int:
        return len(self.classes) * len(self.areas)


@dataclass(frozen=True)
class Answered:
    """The answer of a group; `rivals` are as exact as the winner but name somebody else."""

    group: Group
    proposal: Proposal
    rivals: tuple[RuleFact, ...] = ()

    @property
    def state(self) -> str:
        """One of hole, broken, overlap, fallback, clear: the worst that is true."""
        if self.proposal.rule is None:
            return "hole"
        if self.proposal.broken:
            return "broken"
        if self.rivals:
            return "overlap"
        return "fallback" if self.proposal.rule.fallback else "clear"


@dataclass
class Report:
    """What the check found. `shadowed` are rules that never answer, each with the rule that takes its place."""

    answers: list[Answered] = field(default_factory=list)
    broken: list[RuleFact] = field(default_factory=list)
    shadowed: list[tuple[RuleFact, str, str]] = field(default_factory=list)

    def of(self, state: str) -> list[Answered]:
        return [answer for answer in self.answers if answer.state == state]

    @property
    def holes(self) -> list[Answered]:
        return self.of("hole")

    @property
    def asked(self) -> int:
        """How many questions the groups stand for."""
        return sum(answer.group.size for answer in self.answers)

    @property
    def overlaps(self) -> Counter[tuple[str, str]]:
        """Pairs of rules that are equally exact and name different agencies, with the questions that both answer."""
        found: Counter[tuple[str, str]] = Counter()
        for answer in self.answers:
            winner = answer.proposal.rule
            for rival in answer.rivals:
                found[winner.number if winner else "", rival.number] += answer.group.size
        return found

    @property
    def failed(self) -> bool:
        """Holes and broken rules fail the check; overlaps and shadowed rules are said, but have one answer."""
        return bool(self.holes or self.broken)

    def by_area(self) -> dict[str, Counter[str]]:
        """How many answers of each state every community has."""
        found: dict[str, Counter[str]] = {}
        for answer in self.answers:
            for area in answer.group.areas:
                found.setdefault(area, Counter())[answer.state] += len(answer.group.classes)
        return found


def check(rules: Sequence[RuleFact], classes: Sequence[ClassFact], areas: Sequence[str]) -> Report:
    """Ask every question once and judge all rules."""
    report = Report(broken=[rule for rule in rules if rule.fault])
    winners: set[int] = set()
    beaten: dict[int, Counter[tuple[str, str]]] = {}
    for group, question, here in _questions(rules, classes, areas):
        proposal = propose(here, question)
        winner = proposal.rule
        rivals: tuple[RuleFact, ...] = ()
        if winner is not None:
            winners.add(winner.pk)
            best, named = exactness(winner, question), (winner.agency_id, winner.partner_ids)
            equal = [rule for rule, _by in proposal.lost if exactness(rule, question) == best]
            rivals = tuple(rule for rule in equal if (rule.agency_id, rule.partner_ids) != named)
            for rule, by in proposal.lost:
                beaten.setdefault(rule.pk, Counter())[winner.number, by] += group.size
        report.answers.append(Answered(group, proposal, rivals))
    for rule in rules:
        if rule.pk not in winners and not (rule.fault or rule.fallback or rule.by_owner):
            most = beaten.get(rule.pk, Counter()).most_common(1)
            report.shadowed.append((rule, *(most[0][0] if most else ("", ""))))
    return report


def _questions(
    rules: Sequence[RuleFact], classes: Sequence[ClassFact], areas: Sequence[str]
) -> Iterator[tuple[Group, Question, list[RuleFact]]]:
    """Each different question with all that it stands for, and the rules that its class and area leave."""
    for sample, pks, placeless in _class_groups(rules, classes):
        of_class = [rule for rule in rules if rule.category_id in (None, sample.pk, sample.major_id)]
        for codes in _area_groups(of_class, [*areas, NO_PLACE] if placeless else areas):
            here = [rule for rule in of_class if codes[0].startswith(rule.area_code)]
            channels = sorted({rule.channel_id for rule in here if rule.channel_id is not None})
            types = sorted({rule.request_type for rule in here if rule.request_type})
            windows = frozenset(rule.window for rule in here if rule.window)
            for channel, kind, local in product([None, *channels], ["", *types], instants(windows)):
                group = Group(pks, codes, channel, kind, local, bool(windows))
                question = Question(
                    sample.pk, sample.major_id, codes[0], channel_id=channel, request_type=kind, local=local
                )
                yield group, question, here


def _class_groups(
    rules: Sequence[RuleFact], classes: Sequence[ClassFact]
) -> Iterable[tuple[ClassFact, tuple[int, ...], bool]]:
    named = {rule.category_id for rule in rules}
    groups: dict[tuple[int | None, int | None, bool], list[ClassFact]] = {}
    for each in classes:
        own, major = (pk if pk in named else None for pk in (each.pk, each.major_id))
        groups.setdefault((own, major, each.placeless), []).append(each)
    return [(group[0], tuple(each.pk for each in group), group[0].placeless) for group in groups.values()]


def _area_groups(rules: Sequence[RuleFact], areas: Sequence[str]) -> list[tuple[str, ...]]:
    named = sorted({rule.area_code for rule in rules})
    groups: dict[tuple[str, ...], list[str]] = {}
    for code in areas:
        groups.setdefault(tuple(each for each in named if code.startswith(each)), []).append(code)
    return [tuple(group) for group in groups.values()]


@cache
def instants(windows: frozenset[Window]) -> tuple[datetime, ...]:
    """One instant for every set of windows that hold together, the first of the year that begins it.

    The middle of each month gives every weekday; the first days of eleven years give the nights that pass from one
    month into the next, on every weekday.
    """
    start = datetime(2024, 1, 1, tzinfo=UTC)
    if not windows:
        return (start,)
    edges = {0} | {minute % DAY_MINUTES for each in windows for span in each.hours for minute in span}
    days = [start.replace(month=month, day=day) for month in range(1, 13) for day in range(8, 15)]
    if any(each.months and start_at > end for each in windows for start_at, end in each.hours):
        days += [start.replace(year=year, month=month) for year in range(2018, 2029) for month in range(1, 13)]
    found: dict[tuple[bool, ...], datetime] = {}
    ordered = sorted(windows, key=repr)
    for day, minute in product(days, sorted(edges)):
        local = day + timedelta(minutes=minute)
        found.setdefault(tuple(each.covers(local) for each in ordered), local)
    return tuple(found.values())


def differences(
    before: Sequence[RuleFact], after: Sequence[RuleFact], classes: Sequence[ClassFact], areas: Sequence[str]
) -> list[tuple[Group, Proposal, Proposal]]:
    """The questions that two sets of rules answer differently: another agency, other partners, another level."""
    old, new = set(before), set(after)
    found = []
    for group, question, here in _questions(list(old | new), classes, areas):
        was = propose((rule for rule in here if rule in old), question)
        now = propose((rule for rule in here if rule in new), question)
        if _said(was) != _said(now):
            found.append((group, was, now))
    return found


def new_overlaps(
    before: Sequence[RuleFact], after: Sequence[RuleFact], classes: Sequence[ClassFact], areas: Sequence[str]
) -> list[tuple[str, str, int]]:
    """Pairs of rules that a change makes equally exact for different agencies: which answers, which not, how often."""
    old = check(before, classes, areas).overlaps
    return sorted((*pair, n) for pair, n in check(after, classes, areas).overlaps.items() if n > old[pair])


def _said(proposal: Proposal) -> tuple[object, ...]:
    level = proposal.rule.level if proposal.rule else ""
    by_owner = proposal.rule is not None and proposal.rule.by_owner
    return proposal.agency_id, proposal.partners, level, by_owner, proposal.broken


def one_by_one(rules: Sequence[RuleFact], classes: Sequence[ClassFact], areas: Sequence[str]) -> Iterator[Proposal]:
    """The same questions without groups, each asked of all rules: what the check is compared with."""
    channels = sorted({rule.channel_id for rule in rules if rule.channel_id is not None})
    types = sorted({rule.request_type for rule in rules if rule.request_type})
    times = instants(frozenset(rule.window for rule in rules if rule.window))
    for each in classes:
        for code in [*areas, NO_PLACE] if each.placeless else areas:
            for channel, kind, local in product([None, *channels], ["", *types], times):
                yield propose(
                    rules,
                    Question(each.pk, each.major_id, code, channel_id=channel, request_type=kind, local=local),
                )
