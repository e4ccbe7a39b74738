"""Reads the stored rules: a row as the value that routing.py takes, with what keeps it from being evaluated."""

from bisect import bisect_right
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dispatch.models import RoutingRule
from dispatch.models.report import RequestType
from dispatch.routecheck import ClassFact, Report, check
from dispatch.routing import Proposal, Question, RuleFact, propose
from dispatch.windows import ANY_TIME, BadWindowError, Window, window
from gridmap.models import Area, Category

DAY: Final = timedelta(days=1)
# why a rule cannot be evaluated; the first two are the owner's, found with the question
FAULTS: Final = {
    "owner_unknown": _("部件没有登记责任单位"),
    "owner_ended": _("部件的责任单位已撤销"),
    "agency": _("主办单位已撤销或尚未成立"),
    "partner": _("协同单位已撤销或尚未成立"),
    "area": _("行政区域编码不存在"),
    "class": _("类别所在字典未生效或已停用"),
    "channel": _("来源渠道未启用或已停用"),
    "type": _("诉求类型无法识别"),
    "time": _("时段、星期或月份填写有误"),
}


def rule_fact(rule: RoutingRule, day: date) -> RuleFact:
    """A stored rule, read with `with_facts()`, as it stands on a day."""
    held, fault = ANY_TIME, _fault(rule, day)
    try:
        held = window(rule.hours, rule.weekdays, rule.months)
    except BadWindowError:
        fault = "time"
    return RuleFact(
        pk=rule.pk,
        number=rule.number,
        category_id=rule.category_id,
        area_code=rule.area_code,
        by_owner=rule.by_owner,
        agency_id=rule.agency_id,
        fallback=rule.fallback,
        version=rule.version,
        channel_id=rule.channel_id,
        request_type=rule.request_type,
        window=held,
        level=rule.level,
        partner_ids=tuple(rule.partner_ids),  # type: ignore[attr-defined]  # annotated by with_facts
        fault=fault,
    )


def _fault(rule: RoutingRule, day: date) -> str:
    """Why a rule cannot be evaluated on a day, its times apart."""
    if rule.agency is not None and not _within(day, rule.agency.valid_from, rule.agency.valid_to):
        return "agency"
    if not _within(day, rule.partners_from, rule.partners_to):  # type: ignore[attr-defined]
        return "partner"
    if rule.area_code and not rule.area_known:  # type: ignore[attr-defined]
        return "area"
    if rule.category is not None:
        edition = rule.category.dictionary
        if not _within(day, edition.valid_from, edition.valid_to):
            return "class"
    if rule.channel is not None and not _within(day, rule.channel.starts_on, rule.channel.ends_on):
        return "channel"
    return "type" if rule.request_type and rule.request_type not in RequestType.values else ""


def _within(day: date, start: date | None, end: date | None) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


def _edges(rule: RoutingRule) -> set[date]:
    """The days on which something about a rule begins, or has ended."""
    spans = [(rule.valid_from, rule.valid_to), (rule.partners_from, rule.partners_to)]  # type: ignore[attr-defined]
    if rule.agency is not None:
        spans.append((rule.agency.valid_from, rule.agency.valid_to))
    if rule.category is not None:
        spans.append((rule.category.dictionary.valid_from, rule.category.dictionary.valid_to))
    if rule.channel is not None:
        spans.append((rule.channel.starts_on, rule.channel.ends_on))
    starts = {start for start, _end in spans if start is not None}
    return starts | {end + DAY for _start, end in spans if end is not None and end < date.max}


class RuleBook:
    """The rules of all days, read once, asked once for each different question."""

    def __init__(self) -> None:
        self._rules = list(RoutingRule.objects.filter(withdrawn=False).with_facts())
        # answers only change at a day on which something begins or has ended
        self._edges = sorted(set().union(*map(_edges, self._rules)))
        self._facts: dict[int, list[RuleFact]] = {}
        self._answers: dict[tuple[int, Question, tuple[bool, ...]], Proposal] = {}
        self._windows: dict[int, list[Window]] = {}

    def on(self, day: date) -> list[RuleFact]:
        """The rules in force on a day, as they stand on it."""
        edge = bisect_right(self._edges, day)
        if edge not in self._facts:
            active = [rule for rule in self._rules if _within(day, rule.valid_from, rule.valid_to)]
            self._facts[edge] = [rule_fact(rule, day) for rule in active]
            self._windows[edge] = sorted({fact.window for fact in self._facts[edge] if fact.window}, key=repr)
        return self._facts[edge]

    def propose(self, question: Question, at: datetime) -> Proposal:
        """The answer for a question by the rules in force at an instant."""
        local = at.astimezone(settings.CITY.zone)
        facts, edge = self.on(local.date()), bisect_right(self._edges, local.date())
        # two instants inside the same windows get the same answer
        inside = tuple(each.covers(local) for each in self._windows[edge])
        asked = (edge, question, inside)
        if asked not in self._answers:
            self._answers[asked] = propose(facts, replace(question, local=local))
        return self._answers[asked]


def world_on(day: date) -> tuple[list[ClassFact], list[str]]:
    """What can be asked: the classes in force on a day and the codes of all communities. Two queries."""
    classes = Category.objects.classes().on(day).order_by("dictionary", "kind", "code")
    areas = Area.objects.level(Area.Level.COMMUNITY).order_by("code").values_list("code", flat=True)
    return [ClassFact(c.pk, c.major_id, c.kind == Category.Kind.MATTER) for c in classes], list(areas)


def check_on(day: date) -> Report:
    """Check the rules in force on a day against the classes in force and all communities; three queries."""
    return check(RuleBook().on(day), *world_on(day))
