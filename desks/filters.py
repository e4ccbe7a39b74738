"""The console's filter: what the URL says, and the cases that it leaves."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from desks.lights import Lights
from desks.shapes import Shape
from dispatch.models import Case, CaseQuerySet, FieldTask, Part
from dispatch.models.report import RequestType
from dispatch.transitions import ENDED, OPEN, State
from gridmap.models import Category

ALL_OPEN, ALL_ENDED, ALL = "", "ended", "all"
LIGHTS = {"red": _("已超期"), "yellow": _("将超期"), "green": _("时限内")}
SORTS = {"": _("最新受理"), "due": _("先到期")}
AGAIN = (2, 3, 5, 10)  # so many reports of one case and more
NUMBER = re.compile(r"[A-Z]*[\d-]{4,}$")


@dataclass(frozen=True)
class Filter:
    """One choice of cases. Empty text means any; `stage` empty means everything that is open."""

    stage: str = ALL_OPEN
    light: str = ""
    category: int | None = None
    agency: int | None = None
    area: str = ""
    channel: int | None = None
    kind: str = ""
    inspector: int | None = None
    again: int | None = None
    urgent: bool = False
    hard: bool = False
    once: bool = False
    within: str = ""  # a shape on the map, as desks/shapes.py reads it
    q: str = ""
    sort: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Filter":
        """From the URL; what nobody could have chosen counts as not chosen."""
        stage = query.get("stage", "")
        light = query.get("light", "")
        area = query.get("area", "")
        kind = query.get("kind", "")
        again = _number(query.get("again", ""))
        return cls(
            stage=stage if stage in {*State.values, ALL_ENDED, ALL} else ALL_OPEN,
            light=light if light in LIGHTS else "",
            category=_number(query.get("category", "")),
            agency=_number(query.get("agency", "")),
            area=area if area.isalnum() else "",
            channel=_number(query.get("channel", "")),
            kind=kind if kind in RequestType.values else "",
            inspector=_number(query.get("inspector", "")),
            again=again if again in AGAIN else None,
            urgent=bool(query.get("urgent")),
            hard=bool(query.get("hard")),
            once=bool(query.get("once")),
            within=str(Shape.read(query.get("within", "")) or ""),
            q=query.get("q", "").strip().replace("\x00", "")[:100],
            sort="due" if query.get("sort") == "due" else "",
        )

    def query(self, **changes: object) -> str:
        """The same filter as the query part of a URL, with changes; starts with "?"."""
        changed = replace(self, **changes)  # type: ignore[arg-type]  # names and values are checked by the callers' tests
        chosen = {name: value for name, value in vars(changed).items() if value not in ("", None, False)}
        return "?" + urlencode({name: 1 if value is True else value for name, value in chosen.items()})

    def is_plain(self) -> bool:
        """Whether nothing is chosen but the order."""
        return replace(self, sort="") == Filter()

    def apply(self, cases: CaseQuerySet, lights: Lights) -> CaseQuerySet:
        """The cases that are left."""
        found = _by_people(_by_place(_by_facts(_by_stage(cases, self.stage), self), self), self)
        return _by_light(found, self.light, lights)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _by_stage(cases: CaseQuerySet, stage: str) -> CaseQuerySet:
    if stage == ALL:
        return cases
    if stage == ALL_ENDED:
        return cases.filter(state__in=ENDED)
    if stage == ALL_OPEN:
        return cases.open()
    # says twice that it is open: the small index over open cases is found by that
    return cases.open().filter(state=stage) if stage in OPEN else cases.filter(state=stage)


def _by_light(cases: CaseQuerySet, light: str, lights: Lights) -> CaseQuerySet:
    chosen = {"red": lights.is_red, "yellow": lights.is_yellow, "green": lights.is_green}.get(light)
    return cases.filter(chosen()) if chosen else cases


def _by_facts(cases: CaseQuerySet, choice: Filter) -> CaseQuerySet:
    """What the case itself says."""
    same = {"channel": choice.channel, "request_type": choice.kind}
    same |= {"urgent": choice.urgent, "hard": choice.hard, "report_count__gte": choice.again}
    cases = cases.filter(**{name: value for name, value in same.items() if value})
    if choice.once:
        cases = cases.once()
    if choice.category is not None:
        below = Category.objects.filter(Q(pk=choice.category) | Q(major=choice.category))
        cases = cases.filter(category__in=below.values("pk"))
    if choice.q:
        cases = cases.filter(words_in(choice.q))
    return cases


def _by_place(cases: CaseQuerySet, choice: Filter) -> CaseQuerySet:
    """Area and shape; a shape that no city can hold leaves nothing."""
    if choice.area:
        cases = cases.filter(community__code__startswith=choice.area)
    shape = Shape.read(choice.within)
    return cases.filter(shape.holds()) if shape else cases


def _by_people(cases: CaseQuerySet, choice: Filter) -> CaseQuerySet:
    """Whose it is: an agency with a part or proposed for one, an inspector with an open task."""
    if choice.agency is not None:
        parts = Part.objects.filter(case=OuterRef("pk"), agency=choice.agency, withdrawn_at=None)
        cases = cases.filter(Q(Exists(parts)) | Q(proposed_agency=choice.agency, dispatched_at=None))
    if choice.inspector is not None:
        cases = cases.filter(pk__in=FieldTask.objects.open().filter(inspector=choice.inspector).values("case"))
    return cases


def words_in(text: str) -> Q:
    """A case number or its beginning, or every word in text or address."""
    if NUMBER.match(text):
        return Q(number__startswith=text)
    found = Q()
    for word in text.split():
        found &= Q(text__icontains=word) | Q(address__icontains=word)
    return found


def each_once(cases: CaseQuerySet) -> CaseQuerySet:
    """The same cases without DISTINCT, which numbers and orders of the database cannot be built upon."""
    return Case.objects.filter(pk__in=cases.order_by().values("pk")) if cases.query.distinct else cases
