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
from dispatch.routing import Proposal, propose
from dispatch.rulebook import RuleBook, world_on
from dispatch.transitions import State
from people.models import Agency, User

DAY = timedelta(days=1)
# the dispatcher has not spoken yet: another rule is another proposal
UNDECIDED = (State.RECEIVED, State.VERIFYING, State.TO_FILE, State.TO_REVIEW, State.TO_DISPATCH)
MOST_CASES = 2000


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
    return rule


@transaction.atomic
def end_rule(*, number: str, known_version: int, made: Made) -> None:
    """The rule no longer holds from a day on; what it answered before stays."""
    _clear(number, known_version, made)


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


def preview(change: Callable[[], object], *, on: date, at: datetime) -> Preview:
    """What a change of the rules would change; nothing is changed. Raises what the change raises."""
    before = RuleBook().on(on)
    after = before
    try:
        with transaction.atomic():
            change()
            after = RuleBook().on(on)
            raise _Undo
    except _Undo:
        pass
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
