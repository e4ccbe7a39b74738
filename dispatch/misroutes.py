"""What wrong dispatches say about the rules: class × area, from whom they should have gone to whom, and how often."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import BigIntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from dispatch.models import Part, Petition
from dispatch.reasons import ReturnReason
from dispatch.routing import Proposal, Question, RuleFact, propose
from people.models import Agency

LEAST: Final = 3  # fewer cases are chance
LEAST_SHARE: Final = 0.3  # of all dispatches of the class in the area


@dataclass(frozen=True)
class Wrong:
    """One case that went, or by the rule would have gone, to the wrong agency; `area` is a subdistrict's code."""

    case_id: int
    category_id: int
    area: str
    from_id: int
    to_id: int


@dataclass(frozen=True)
class Suggestion:
    """Wrong dispatches of one kind with the cases behind; `rule` is what gives this answer today, if it still does."""

    category_id: int
    area: str
    from_id: int
    to_id: int
    cases: tuple[int, ...]
    of: int
    rule: RuleFact | None = None

    @property
    def count(self) -> int:
        return len(self.cases)

    @property
    def share(self) -> float:
        return self.count / self.of

    @property
    def same_scope(self) -> bool:
        """Whether the rule is for just this class and area: it is replaced; else a more exact one comes before it."""
        rule = self.rule
        return rule is not None and (rule.category_id, rule.area_code) == (self.category_id, self.area)


def suggest(
    wrong: Iterable[Wrong], dispatched: Counter[tuple[int, str]], least: int = LEAST, least_share: float = LEAST_SHARE
) -> list[Suggestion]:
    """Kinds of wrong dispatch that are no chance, the most frequent first; a case counts once for each kind."""
    groups: dict[tuple[int, str, int, int], set[int]] = {}
    for each in wrong:
        if each.from_id != each.to_id:
            groups.setdefault((each.category_id, each.area, each.from_id, each.to_id), set()).add(each.case_id)
    found = [
        Suggestion(*key, cases=tuple(sorted(cases)), of=max(dispatched[key[:2]], len(cases)))
        for key, cases in groups.items()
    ]
    found = [each for each in found if each.count >= least and each.share >= least_share]
    return sorted(found, key=lambda each: (-each.count, -each.share, each.category_id, each.area, each.to_id))


def still(found: Suggestion, rules: Iterable[RuleFact], major_id: int | None, local: datetime) -> Proposal:
    """What the rules answer today for the class in the area, without a component, channel or type of its own."""
    return propose(rules, Question(found.category_id, major_id, found.area, local=local))


def wrong_dispatches(since: datetime) -> list[Wrong]:
    """Granted returns because of the wrong agency, and dispatches in which the dispatcher overruled the rule.

    Where the return names no agency, the one that got the case next counts. Three queries.
    """
    return [*_returned(since), *_overruled(since)]


def _returned(since: datetime) -> list[Wrong]:
    later = Part.objects.filter(case=OuterRef("case"), leads=True, dispatched_at__gt=OuterRef("settled_at"))
    rows = Petition.objects.filter(
        kind=Petition.Kind.BACK,
        state=Petition.State.GRANTED,
        reason_code=ReturnReason.WRONG_AGENCY,
        settled_at__gte=since,
        part__isnull=False,
    ).annotate(
        right=Coalesce(
            "to_agency",
            Subquery(later.order_by("dispatched_at").values("agency")[:1]),
            output_field=BigIntegerField(),
        )
    )
    found = rows.exclude(case__category=None).exclude(right=None)
    values = found.values_list("case", "case__category", "case__community__code", "part__agency", "right")
    return [Wrong(case, kind, _subdistrict(code), wrong, right) for case, kind, code, wrong, right in values]


def _overruled(since: datetime) -> list[Wrong]:
    parts = Part.objects.filter(leads=True, dispatched_at__gte=since, why__contains=[{"code": "chosen"}])
    values = parts.exclude(case__category=None).values_list(
        "case", "case__category", "case__community__code", "agency", "why"
    )
    known = dict(Agency.objects.values_list("code", "pk"))
    return [
        Wrong(case, kind, _subdistrict(code), known[why[0]["agency"]], right)
        for case, kind, code, right, why in values
        if why[0].get("agency") in known
    ]


def dispatched_since(since: datetime) -> Counter[tuple[int, str]]:
    """How many cases of each class were dispatched in each subdistrict. One query."""
    rows = Part.objects.filter(leads=True, dispatched_at__gte=since).exclude(case__category=None)
    pairs = rows.values_list("case", "case__category", "case__community__code").distinct()
    return Counter((kind, _subdistrict(code)) for _case, kind, code in pairs)


def _subdistrict(code: str | None) -> str:
    """The street office's area of a community; empty where the case has no place."""
    return (code or "")[: settings.CITY.area_digits["subdistrict"]]
