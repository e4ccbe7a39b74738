"""Routing rules and the check's result in words; nothing is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.explain import LOST_BY
from dispatch.models import Channel, RoutingRule
from dispatch.models.report import RequestType
from dispatch.routecheck import NO_PLACE, Answered, Group, Report
from dispatch.rulebook import FAULTS
from gridmap.models import Area, Category

WEEKDAY: Final = {
    1: gettext_lazy("周一"),
    2: gettext_lazy("周二"),
    3: gettext_lazy("周三"),
    4: gettext_lazy("周四"),
    5: gettext_lazy("周五"),
    6: gettext_lazy("周六"),
    7: gettext_lazy("周日"),
}
STATES: Final = {
    "hole": gettext_lazy("无规则"),
    "broken": gettext_lazy("规则失效"),
    "overlap": gettext_lazy("规则重叠"),
    "fallback": gettext_lazy("属地兜底"),
    "clear": gettext_lazy("明确"),
}
MOST: Final = 5  # names in a line before "and so many more"


def when_words(rule: RoutingRule) -> str:
    """Hours, weekdays and months of a rule, or nothing."""
    days = "、".join(str(WEEKDAY.get(day, day)) for day in rule.weekdays)
    months = _("%(months)s 月") % {"months": "、".join(map(str, rule.months))} if rule.months else ""
    return " ".join(filter(None, [rule.hours, days, months]))


@dataclass(frozen=True)
class Words:
    """Names of what questions are made of, read once."""

    classes: Mapping[int, str]
    areas: Mapping[str, str]
    channels: Mapping[int, str]

    @classmethod
    def read(cls) -> "Words":
        """Three queries."""
        areas = dict(Area.objects.values_list("code", "name"))
        return cls(
            {category.pk: str(category) for category in Category.objects.all()},
            areas | {NO_PLACE: _("没有位置")},
            dict(Channel.objects.values_list("pk", "name")),
        )

    def group(self, group: Group) -> str:
        """A group in one line: classes × areas, and channel, type and time where rules look at them."""
        parts = [
            _some([self.classes.get(pk, str(pk)) for pk in group.classes]),
            _some([self.areas.get(code, code) for code in group.areas]),
        ]
        if group.channel_id is not None:
            parts.append(self.channels.get(group.channel_id, str(group.channel_id)))
        if group.request_type:
            parts.append(str(RequestType(group.request_type).label))
        if group.timed:
            local = group.local
            told = {"day": WEEKDAY[local.isoweekday()], "time": f"{local:%H:%M}", "month": local.month}
            parts.append(_("如 %(month)s 月%(day)s %(time)s") % told)
        return " × ".join(parts)


def _some(names: list[str]) -> str:
    shown = "、".join(names[:MOST])
    more = len(names) - MOST
    return shown if more <= 0 else _("%(names)s 等 %(count)s 项") % {"names": shown, "count": len(names)}


def fault_words(fault: str) -> str:
    return str(FAULTS.get(fault, fault))


def shadow_words(by: str, reason: str) -> str:
    """Why a rule never answers."""
    if not by:
        return _("没有任何问题用到它")
    return _("总是由规则 %(rule)s 代替（%(reason)s）") % {"rule": by, "reason": LOST_BY.get(reason, reason)}


def lines(report: Report, words: Words) -> list[str]:
    """The result for a terminal, the worst first."""
    found = [
        _("检查 %(asked)s 个问题，合并为 %(groups)s 组。") % {"asked": report.asked, "groups": len(report.answers)}
    ]
    found += [_("无规则：%(what)s") % {"what": words.group(answer.group)} for answer in report.holes]
    found += [
        _("规则失效：%(rule)s，%(fault)s") % {"rule": rule.number, "fault": fault_words(rule.fault)}
        for rule in report.broken
    ]
    for (one, other), count in sorted(report.overlaps.items()):
        found.append(
            _("规则重叠：%(one)s 与 %(other)s 同样具体，共 %(count)s 个问题，按编号取 %(one)s")
            % {"one": one, "other": other, "count": count}
        )
    found += [f"{rule.number}：{shadow_words(by, reason)}" for rule, by, reason in report.shadowed]
    fallback: dict[str, int] = {}
    for answer in report.of("fallback"):
        number = answer.proposal.rule.number if answer.proposal.rule else ""
        fallback[number] = fallback.get(number, 0) + answer.group.size
    found += [_("属地兜底 %(rule)s：%(count)s 个问题") % {"rule": n, "count": c} for n, c in fallback.items()]
    found.append(_("检查未通过。") if report.failed else _("检查通过：每个问题都有且只有一个答案。"))
    return found


def as_json(report: Report, words: Words) -> dict[str, Any]:
    """The result for a machine; groups by codes and keys, with their words."""

    def group(answer: Answered) -> dict[str, Any]:
        one = answer.group
        return {
            "what": words.group(one),
            "classes": list(one.classes),
            "areas": list(one.areas),
            "channel": one.channel_id,
            "type": one.request_type,
            "questions": one.size,
            "rule": answer.proposal.rule.number if answer.proposal.rule else None,
        }

    return {
        "failed": report.failed,
        "questions": report.asked,
        "groups": len(report.answers),
        "holes": [group(answer) for answer in report.holes],
        "broken": [{"rule": rule.number, "version": rule.version, "fault": rule.fault} for rule in report.broken],
        "overlaps": [
            {"rule": one, "other": other, "questions": count} for (one, other), count in sorted(report.overlaps.items())
        ],
        "shadowed": [{"rule": rule.number, "by": by, "reason": reason} for rule, by, reason in report.shadowed],
        "fallback": [group(answer) for answer in report.of("fallback")],
    }
