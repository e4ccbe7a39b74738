"""Writes of routing rules: a new one, another version of one, an end; and what each would change."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from dispatch.models import Case, RoutingRule, RulePartner
from dispatch.placing import question_of
from dispatch.routecheck import Group, differences, new_overlaps
from dispatch.routing import Proposal, RuleFact, propose
from dispatch.rulebook import RuleBook, world_on
from dispatch.transitions import State
from people.changes import Said, log, said
from people.models import Agency, Change, User

DAY = timedelta(days=1)
# the dispatcher has not spoken yet: another rule is another proposal
UNDECIDED = (State.RECEIVED, State.VERIFYING, State.TO_FILE, State.TO_REVIEW, State.TO_DISPATCH)
MOST_CASES = 2000
# columns that say who wrote a version and when, which the log of changes says of itself
WRITING = ("reason", "made_by", "made_at", "ended_by", "ended_at", "end_reason", "withdrawn")


class StaleRuleError(Exception):
    """Somebody else has changed this rule since the page was opened; nothing was changed."""


class PastRuleError(ValueError):
    """A change may not begin before today: answers that were given stay as they were given."""


@dataclass(frozen=True)
class Made:
    """Who makes a rule, when and why; `begins` is its first day, or the first day on which it no longer holds."""

    by: User
    at: datetime
    today: date
    begins: date
    reason: str


def latest_version(number: str) -> int:
    """0 where no rule has the number."""
    return RoutingRule.objects.filter(number=number).aggregate(latest=Max("version"))["latest"] or 0


@transaction.atomic
def write_rule(
    *, number: str, known_version: int, values: dict[str, Any], partners: Sequence[Agency], made: Made
) -> RoutingRule:
    """A new rule (`known_version` 0), or the next version of one: the older versions end the day before it begins."""
    before = _said(RoutingRule.objects.filter(number=number, version=known_version).first())
    _clear(number, known_version, made)
    rule = RoutingRule.objects.create(
        number=number,
        version=known_version + 1,
        valid_from=made.begins,
        reason=made.reason,
        made_by=made.by,
        made_at=made.at,
        **values,
    )
    RulePartner.objects.bulk_create(
        RulePartner(rule=rule, agency=agency, position=at) for at, agency in enumerate(partners, 1)
    )
    log(by=made.by, at=made.at, of=rule, before=before, after=_said(rule), key=number, reason=made.reason)
    return rule


def _said(rule: RoutingRule | None) -> Said:
    """What a version says, its partners in their order, without who wrote it."""
    if rule is None:
        return {}
    partners = rule.partner_rows.select_related("agency").order_by("position")
    told = {"partners": "、".join(str(row.agency) for row in partners)}
    return {name: value for name, value in said(rule).items() if name not in WRITING} | told


@transaction.atomic
def end_rule(*, number: str, known_version: int, made: Made) -> None:
    """The rule no longer holds from a day on; what it answered before stays."""
    latest = RoutingRule.objects.filter(number=number, version=known_version).first()
    before = _said(latest)
    _clear(number, known_version, made)
    if latest is not None:
        after = before | {"valid_to": f"{made.begins - DAY}"}
        how: dict[str, Any] = {"key": number, "reason": made.reason, "what": Change.What.ENDED}
        log(by=made.by, at=made.at, of=latest, before=before, after=after, **how)


def _clear(number: str, known_version: int, made: Made) -> None:
    """Let no version hold from the day on. Raises StaleRuleError or PastRuleError."""
    if made.begins < made.today:
        raise PastRuleError
    versions = list(RoutingRule.objects.select_for_update().filter(number=number))
    if max((rule.version for rule in versions), default=0) != known_version:
        raise StaleRuleError
    ended = {"ended_by": made.by, "ended_at": made.at, "end_reason": made.reason}
    held = RoutingRule.objects.filter(number=number, withdrawn=False)
    held.filter(valid_from__gte=made.begins).update(withdrawn=True, **ended)
    still = held.filter(valid_from__lt=made.begins).filter(Q(valid_to=None) | Q(valid_to__gte=made.begins))
    still.update(valid_to=made.begins - DAY, **ended)


@dataclass(frozen=True)
class Preview:
    """What a change does from its first day on: answers of class × area, and proposals of cases not yet dispatched."""

    answers: list[tuple[Group, Proposal, Proposal]]
    cases: list[tuple[Case, Proposal, Proposal]]
    overlaps: list[tuple[str, str, int]]

    @property
    def questions(self) -> int:
        return sum(group.size for group, _before, _after in self.answers)

    @property
    def holes(self) -> int:
        """Questions that no rule answers any more."""
        return sum(group.size for group, was, now in self.answers if was.rule is not None and now.rule is None)


class _Undo(Exception):
    pass


def tried(change: Callable[[], object], on: date) -> tuple[list[RuleFact], list[RuleFact]]:
    """The rules of a day without a change and with it; nothing is changed. Raises what the change raises."""
    before = RuleBook().on(on)
    after = before
    try:
        with transaction.atomic():
            change()
            after = RuleBook().on(on)
            raise _Undo
    except _Undo:
        pass
    return before, after


def preview(change: Callable[[], object], *, on: date, at: datetime) -> Preview:
    """What a change of the rules would change; nothing is changed. Raises what the change raises."""
    before, after = tried(change, on)
    classes, areas = world_on(on)
    cases = []
    waiting = Case.objects.filter(state__in=UNDECIDED).select_related(
        "category", "community", "channel", "component__maintaining_agency", "component__owning_agency",
        "component__competent_agency",
    )  # fmt: skip
    for case in waiting.order_by("received_at", "pk")[:MOST_CASES]:
        question = question_of(case, at)
        old, new = propose(before, question), propose(after, question)
        if (old.agency_id, old.partners) != (new.agency_id, new.partners):
            cases.append((case, old, new))
    overlaps = new_overlaps(before, after, classes, areas)
    return Preview(differences(before, after, classes, areas), cases, overlaps)
