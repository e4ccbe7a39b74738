"""Cases that may be the same problem, and what a person has said of others, as the case page shows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Q

from dispatch.explain import repeat_sentences
from dispatch.models import Attachment, Case, CaseLink, CaseQuerySet, Remark
from dispatch.profile import profile
from dispatch.repeats import Repeat, asked_of, repeats
from dispatch.transitions import ENDED, Action
from people.access import scope_of
from people.models import User
from people.permissions import CENTRE

POINT_DAYS = (30, 90)


@dataclass(frozen=True)
class Held:
    """Why an old case waits: shown beside the new report, so that the facts can be compared (P5.10, P5.12)."""

    why: str
    words: str
    photos: list[Attachment]


@dataclass(frozen=True)
class Near:
    """A candidate with its reasons; `operation` is of whatever the person says of it; `held` for a suspended one."""

    repeat: Repeat
    why: list[str]
    operation: UUID
    held: Held | None = None


@dataclass(frozen=True)
class Linked:
    """Another case and what was said of the two."""

    case: Case
    kind: str


@dataclass(frozen=True)
class Around:
    """Everything beside a case: candidates, linked cases, and how often people complained at this point lately."""

    near: list[Near]
    linked: list[Linked]
    counts: list[tuple[int, int]]  # days, reports

    @property
    def often(self) -> bool:
        return any(count > 2 for _, count in self.counts)


def candidates(case: Case, user: User, at: datetime) -> list[Repeat]:
    """Likely repeats among the cases that the user may see; kept on the case, because several forms ask for them."""
    kept: list[Repeat] | None = case.__dict__.get("_candidates")
    if kept is None:
        kept = repeats(asked_of(case), at, among=Case.objects.visible_to(user))
        case.__dict__["_candidates"] = kept
    return kept


def read_around(case: Case, user: User, at: datetime) -> Around:
    """For the seats of the centre; empty for the others. A fixed number of queries."""
    if not scope_of(user).roles & CENTRE:
        return Around([], [], [])
    seen = Case.objects.visible_to(user)
    found = [] if case.state in ENDED else candidates(case, user, at)
    held = _held([r.case for r in found if r.suspended])
    near = [Near(r, repeat_sentences(r.why), uuid4(), held.get(r.case.pk)) for r in found]
    return Around(near, _linked(case, seen), _counts(case, seen, at))


def _held(cases: list[Case]) -> dict[int, Held]:
    """Reason, words and photos of suspended cases; two queries where there is one."""
    if not cases:
        return {}
    words = {r.step.case_id: r.text for r in Remark.objects.filter(
        step__case__in=cases, step__action=Action.ASK_SUSPEND
    ).select_related("step").order_by("step__version")}  # fmt: skip
    photos: dict[int, list[Attachment]] = {}
    for row in Attachment.objects.filter(case__in=cases).select_related("evidence").order_by("pk"):
        photos.setdefault(row.case_id, []).append(row)
    return {c.pk: Held(c.get_unsolved_display(), words.get(c.pk, ""), photos.get(c.pk, [])[:4]) for c in cases}


def _linked(case: Case, seen: CaseQuerySet) -> list[Linked]:
    links = {link.other_id: link for link in CaseLink.objects.of(case)}  # type: ignore[attr-defined]
    found = seen.filter(pk__in=links).select_related("category")
    linked = [Linked(other, links[other.pk].get_kind_display()) for other in found]
    return linked + [Linked(other, str(Action.MERGE.label)) for other in seen.filter(merged_into=case)[:20]]


def _counts(case: Case, seen: CaseQuerySet, at: datetime) -> list[tuple[int, int]]:
    """Reports of this class within the radius of repeats, by days back; one query."""
    if case.point is None or case.category_id is None:
        return []
    longest = max(POINT_DAYS)
    same = Q(category=case.category_id, received_at__gte=at - timedelta(days=longest), received_at__lte=at)
    rows = list(seen.near(case.point, profile().repeats.near_m).filter(same).values_list("received_at", "report_count"))
    return [(days, sum(n for when, n in rows if when >= at - timedelta(days=days))) for days in POINT_DAYS]
