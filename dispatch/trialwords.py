"""The result of a trial as the pages show it; nothing is decided here. Names and numbers by four queries."""

from collections.abc import Iterable, Mapping, Sized
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.clocks import CONTINUOUS
from dispatch.explain import LOST_BY, duration
from dispatch.models import Case
from dispatch.ruleforms import names
from dispatch.trialfacts import YEAR, Period
from dispatch.trials import Dispatched, Judged, LimitTrial, Rejudged, Rerouted, RoutingTrial
from gridmap.models import Category
from people.models import User

SHOWN: Final = 100  # cases behind one number; all are counted
UNTRIED: Final = {
    "no_class": gettext_lazy("案件没有类别"),
    "old_class": gettext_lazy("类别所在的字典版本届时已停用"),
    "no_rule": gettext_lazy("改前改后都没有规则适用"),
    "running": gettext_lazy("还在处置，结果未定"),
    "dropped": gettext_lazy("不计考核（退单、收回或作废）"),
    "upper": gettext_lazy("时限由上级交办的期限决定"),
    "own": gettext_lazy("本案另定了时限"),
    "area_limit": gettext_lazy("所在区域类别另有时限"),
    "extended": gettext_lazy("批准过延期，延期按原计时方式给出"),
    "paused": gettext_lazy("中途停过表，无法换一种方式计时"),
}


def period_words(period: Period) -> str:
    if period.key == YEAR:
        return _("近十二个月（%(first)s 至 %(last)s）") % {
            "first": f"{period.first:%Y-%m}",
            "last": f"{period.last:%Y-%m}",
        }
    return period.key


def _seen(user: User, pks: Iterable[int]) -> set[int]:
    return set(Case.objects.visible_to(user).filter(pk__in=set(pks)).values_list("pk", flat=True))


def _classes(pks: Iterable[int | None]) -> dict[int | None, str]:
    found: dict[int | None, str] = {None: "—"}
    return found | {row.pk: str(row) for row in Category.objects.filter(pk__in={pk for pk in pks if pk})}


def _untried(untried: Mapping[str, list[Any]], seen: set[int]) -> list[dict[str, Any]]:
    return [
        {
            "why": UNTRIED[why],
            "count": len(rows),
            "cases": _cases(rows[:SHOWN], seen),
            "rest": _rest(rows),
        }
        for why, rows in sorted(untried.items(), key=lambda item: -len(item[1]))
    ]


def _rest(rows: Sized) -> int:
    return max(len(rows) - SHOWN, 0)


def _cases(rows: Iterable[Dispatched | Judged], seen: set[int]) -> list[dict[str, Any]]:
    return [{"number": row.number, "seen": row.case_id in seen} for row in rows]


def routing_shown(trial: RoutingTrial, period: Period, user: User) -> dict[str, Any]:
    """A routing trial for its template: who would hand over to whom, with the cases behind each number."""
    groups = sorted(trial.moved.items(), key=lambda item: (-len(item[1]), str(item[0])))
    listed = [each for _pair, rows in groups for each in rows[:SHOWN]] + trial.partners[:SHOWN]
    skipped = [case for rows in trial.untried.values() for case in rows[:SHOWN]]
    seen = _seen(user, [each.case.case_id for each in listed] + [case.case_id for case in skipped])
    classes = _classes(each.case.question.category_id for each in listed)
    known = names(pk for pair in trial.moved for pk in pair if pk) | names(
        each.case.agency_id for each in listed if each.case.agency_id
    )
    agencies: dict[int | None, str] = {None: _("无规则")} | known

    def row(each: Rerouted) -> dict[str, Any]:
        return {
            "number": each.case.number,
            "seen": each.case.case_id in seen,
            "kind": classes.get(each.case.question.category_id, ""),
            "led": agencies.get(each.case.agency_id, "") if each.case.agency_id else "—",
            "agrees": each.agrees,
            "why": _why(each),
        }

    return {
        "trial": trial,
        "period": period_words(period),
        "moved": [
            {
                "from": agencies.get(old, ""),
                "to": agencies.get(new, ""),
                "count": len(rows),
                "agree": sum(each.agrees for each in rows),
                "cases": [row(each) for each in rows[:SHOWN]],
                "rest": _rest(rows),
            }
            for (old, new), rows in groups
        ],
        "partners": [row(each) for each in trial.partners[:SHOWN]],
        "untried": _untried(trial.untried, seen),
    }


def _why(each: Rerouted) -> str:
    """Which rule answered, which would, and why it comes first."""
    old, new = each.before.rule, each.after.rule
    if old is None:
        return _("改前没有规则，改后按规则 %(rule)s") % {"rule": new.number if new else ""}
    if new is None:
        return _("规则 %(rule)s 不再适用") % {"rule": old.number}
    by = next((reason for rule, reason in each.after.lost if rule.pk == old.pk), "")
    told = {"old": old.number, "new": new.number, "why": LOST_BY.get(by, "")}
    if by:
        return _("规则 %(new)s 先于 %(old)s：%(why)s") % told
    if old.number == new.number:
        return _("规则 %(new)s 的新版") % told
    return _("规则 %(old)s 不再适用，按规则 %(new)s") % told


def limit_shown(trial: LimitTrial, period: Period, user: User, day_seconds: float) -> dict[str, Any]:
    """A trial of a limit or calendar for its template: who would be late, by agency and class, with the cases."""
    better, worse = trial.turned(late=False), trial.turned(late=True)
    skipped = [clock for rows in trial.untried.values() for clock in rows[:SHOWN]]
    listed = [*better[:SHOWN], *worse[:SHOWN]]
    seen = _seen(user, [each.clock.case_id for each in listed] + [clock.case_id for clock in skipped])
    figures = trial.by_agency()
    agencies = names(agency for agency, _kind in figures)
    classes = _classes(kind for _agency, kind in figures)
    ordered = sorted(figures.items(), key=lambda item: (-abs(item[1].late_after - item[1].late_before), -item[1].tried))

    def row(each: Rejudged) -> dict[str, Any]:
        clock = each.clock
        return {
            "number": clock.number,
            "seen": clock.case_id in seen,
            "agency": agencies.get(clock.agency_id, ""),
            "kind": classes.get(clock.category_id, ""),
            "before": _against(clock.used_seconds, clock.limit_seconds, clock.unit, day_seconds),
            "after": _against(each.used, each.limit, each.unit, day_seconds),
        }

    return {
        "trial": trial,
        "period": period_words(period),
        "difference": trial.late_after - trial.late_before,
        "rate_before": _rate(trial.late_before, trial.tried),
        "rate_after": _rate(trial.late_after, trial.tried),
        "rows": [
            {
                "agency": agencies.get(agency, ""),
                "kind": classes.get(kind, ""),
                "figures": row_figures,
                "difference": row_figures.late_after - row_figures.late_before,
                "before": _rate(row_figures.late_before, row_figures.tried),
                "after": _rate(row_figures.late_after, row_figures.tried),
            }
            for (agency, kind), row_figures in ordered
        ],
        "lists": [
            {
                "late": late,
                "count": len(rows),
                "cases": [row(e) for e in rows[:SHOWN]],
                "rest": _rest(rows),
            }
            for late, rows in ((True, worse), (False, better))
            if rows
        ],
        "untried": _untried(trial.untried, seen),
    }


def _rate(late: int, tried: int) -> str:
    """Share on time; a dash where nothing was tried."""
    return f"{100 * (tried - late) / tried:.1f} %" if tried else "—"


def _against(used: float, limit: float, unit: str, day_seconds: float) -> str:
    told = {"used": duration(used, unit, day_seconds), "limit": duration(limit, unit, day_seconds)}
    return (_("连续 %(used)s / %(limit)s") if unit in CONTINUOUS else _("工作时间 %(used)s / %(limit)s")) % told
