"""The console's filter: what the URL says, and the cases that it leaves."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from desks.lights import Lights
from dispatch.models import Case, CaseQuerySet, Part
from dispatch.transitions import ENDED, OPEN, State
from gridmap.models import Category

ALL_OPEN, ALL_ENDED, ALL = "", "ended", "all"
LIGHTS = {"red": _("已超期"), "yellow": _("将超期"), "green": _("时限内")}
SORTS = {"": _("最新受理"), "due": _("先到期")}
NUMBER = re.compile(r"[A-Z]*[\d-]{4,}$")


@dataclass(frozen=True)
class Filter:
    """One choice of cases. Empty text means any; `stage` empty means everything that is open."""

    stage: str = ALL_OPEN
    light: str = ""
    category: int | None = None
    agency: int | None = None
    area: str = ""
    urgent: bool = False
    once: bool = False
    q: str = ""
    sort: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Filter":
        """From the URL; what nobody could have chosen counts as not chosen."""
        stage = query.get("stage", "")
        light = query.get("light", "")
        area = query.get("area", "")
        return cls(
            stage=stage if stage in {*State.values, ALL_ENDED, ALL} else ALL_OPEN,
            light=light if light in LIGHTS else "",
            category=_number(query.get("category", "")),
            agency=_number(query.get("agency", "")),
            area=area if area.isalnum() else "",
            urgent=bool(query.get("urgent")),
            once=bool(query.get("once")),
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
        return _by_light(_by_facts(_by_stage(cases, self.stage), self), self.light, lights)


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
    if choice.urgent:
        cases = cases.filter(urgent=True)
    if choice.once:
        cases = cases.once()
    if choice.category is not None:
        below = Category.objects.filter(Q(pk=choice.category) | Q(major=choice.category))
        cases = cases.filter(category__in=below.values("pk"))
    if choice.area:
        cases = cases.filter(community__code__startswith=choice.area)
    if choice.agency is not None:
        parts = Part.objects.filter(case=OuterRef("pk"), agency=choice.agency, withdrawn_at=None)
        cases = cases.filter(Q(Exists(parts)) | Q(proposed_agency=choice.agency, dispatched_at=None))
    if choice.q:
        cases = cases.filter(words_in(choice.q))
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
