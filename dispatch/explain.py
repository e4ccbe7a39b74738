"""Reasons in words: turns the codes of place, class, agency, repeats and clocks into sentences.

Each sentence names the input that decided, so that changing the input changes the sentence. Nothing is decided here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dispatch import stageclocks, timers
from dispatch.classhistory import Learned
from dispatch.clocks import CONTINUOUS, Unit, WorkCalendar, light
from dispatch.intake import Analysis
from dispatch.limits import handling_limit
from dispatch.models import Calendar, Case, Clock, Condition
from dispatch.models.report import RequestType
from dispatch.profile import profile
from dispatch.rulebook import FAULTS
from gridmap.answers import Reason, explain, sentence
from gridmap.models import Area, Category, Cell
from people.models import Agency

_AGENCY: Final = {
    "owner": gettext_lazy("规则 %(rule)s：部件“%(component)s”由其养护或权属单位处置，即%(agency)s。"),
    "class": gettext_lazy("规则 %(rule)s：类别“%(category)s”归%(agency)s处置。"),
    "class_area": gettext_lazy("规则 %(rule)s：%(area)s范围内的类别“%(category)s”归%(agency)s处置。"),
    "major": gettext_lazy("规则 %(rule)s：“%(category)s”所在的大类归%(agency)s处置。"),
    "major_area": gettext_lazy("规则 %(rule)s：%(area)s范围内，“%(category)s”所在的大类归%(agency)s处置。"),
    "area": gettext_lazy("规则 %(rule)s：%(area)s范围内的案件归%(agency)s处置。"),
    "any": gettext_lazy("规则 %(rule)s：没有另行规定的案件归%(agency)s处置。"),
    "fallback": gettext_lazy("没有更具体的规则，按属地兜底规则 %(rule)s 由%(agency)s处置。"),
    "lost": gettext_lazy("规则 %(rules)s 也适用，但规则 %(to)s 优先%(by)s。"),
    "broken": gettext_lazy("规则 %(rule)s 本应优先，但无法执行：%(fault)s。请数据管理员修正。"),
    "by_channel": gettext_lazy("规则 %(rule)s 只适用于该来源渠道。"),
    "by_type": gettext_lazy("规则 %(rule)s 只适用于诉求类型“%(type)s”。"),
    "by_hours": gettext_lazy("规则 %(rule)s 只在规定的时段适用，按现在的时间判断。"),
    "level": gettext_lazy("规则 %(rule)s 要求先在%(level)s一级处置。"),
    "partner": gettext_lazy("规则 %(rule)s 规定由其协同处置。"),
    "no_rule": gettext_lazy("没有适用的派遣规则，须由派遣员选定单位。"),
    "chosen": gettext_lazy("派遣员改派了单位；规则建议的是%(proposed)s。"),
    "chosen_freely": gettext_lazy("没有规则适用，由派遣员选定。"),
    "joint": gettext_lazy("协同处置，由派遣员增加。"),
}
# of the rule "the component's own agency": as what it answers
_OWNER: Final = {
    "maintaining": gettext_lazy("规则 %(rule)s：部件“%(component)s”的养护单位是%(agency)s，由其处置。"),
    "owning": gettext_lazy("规则 %(rule)s：部件“%(component)s”没有养护单位，由权属单位%(agency)s处置。"),
    "competent": gettext_lazy("规则 %(rule)s：部件“%(component)s”没有养护和权属单位，由主管部门%(agency)s处置。"),
}
# why another rule that matched comes after the one that decided: routing.RANKS
LOST_BY: Final = {
    "fallback": gettext_lazy("属地兜底规则排在最后"),
    "owner": gettext_lazy("按部件责任单位的规则在先"),
    "class": gettext_lazy("类别更具体的在先"),
    "area": gettext_lazy("区域更小的在先"),
    "channel": gettext_lazy("指明来源渠道的在先"),
    "type": gettext_lazy("指明诉求类型的在先"),
    "hours": gettext_lazy("指明时段的在先"),
    "level": gettext_lazy("处置层级更低的在先"),
    "number": gettext_lazy("同样具体时编号小的在先"),
}
_REPEAT: Final = {
    "distance": gettext_lazy("相距 %(metres)s 米"),
    "same_class": gettext_lazy("类别相同"),
    "similar_words": gettext_lazy("文字相似 %(percent)s%%"),
    "suspended": gettext_lazy("该案正在挂账，新诉求可促其恢复"),
    "same_component": gettext_lazy("同一部件"),
    "other_component": gettext_lazy("部件不同"),
    "same_caller": gettext_lazy("同一诉求人"),
    "same_call": gettext_lazy("同一次来电"),
    "same_address": gettext_lazy("地址相同"),
    "other_class": gettext_lazy("类别不同"),
    "closed_today": gettext_lazy("该案刚刚办结"),
    "cases_here": gettext_lazy("此处另有 %(count)s 件相近"),
    "days": gettext_lazy("相隔 %(days)s 天"),
    "today": gettext_lazy("同一天"),
}


def agency_sentences(
    why: Iterable[Mapping[str, Any]],
    *,
    agency: Agency | None,
    category: Category | None,
    community: Area | None,
    component: str = "",
) -> list[str]:
    """Why this agency, the deciding rule first; a code that nobody knows any more is left out."""
    known = {
        "rule": "",
        "agency": str(agency or ""),
        "category": str(category or ""),
        "area": str(community or ""),
        "component": component,
    }
    rows = [row for row in why if row.get("code") in _AGENCY]
    found = [str(_sentence_of(row)) % {**known, **row, **_named(row)} for row in rows if row["code"] != "lost"]
    lost: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["code"] == "lost":
            lost.setdefault(str(row.get("by", "")), []).append(row)
    for by, group in lost.items():
        because = _("（%(reason)s）") % {"reason": LOST_BY[by]} if by in LOST_BY else ""
        told = {"rules": _("、").join(row["rule"] for row in group), "to": group[0]["to"], "by": because}
        found.append(str(_AGENCY["lost"]) % told)
    return found


def _named(row: Mapping[str, Any]) -> dict[str, str]:
    """The codes inside a reason as words."""
    known: dict[str, dict[str, Any]] = {
        "fault": FAULTS,
        "type": dict(RequestType.choices),
        "level": dict(Area.Level.choices),
    }
    return {key: str(words.get(row[key], row[key])) for key, words in known.items() if key in row}


def _sentence_of(row: Mapping[str, Any]) -> str | Promise:
    """The sentence of a reason; an older reason does not say as what the owner answers."""
    return _OWNER.get(str(row.get("as", "")), _AGENCY[row["code"]])


def repeat_sentences(why: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why a case may be the same problem."""
    return [str(_REPEAT[w["code"]]) % w for w in why if w.get("code") in _REPEAT]


def place_sentences(analysis: Analysis, *, by_hand: bool, refused: bool) -> list[str]:
    """Why the pin is where it is: a person's hand, the words of the text, or nothing."""
    if by_hand and analysis.point is not None:
        return [_("位置由您在地图上指定，文中的地址不再起作用。")]
    if refused:
        return [_("您没有采用建议的位置：保存后标记“待定位”。")]
    found = explain(analysis.answer)
    if analysis.point is None:
        matter = analysis.category is not None and analysis.category.kind == Category.Kind.MATTER
        found.append(_("民生诉求可以没有位置。") if matter else _("保存后标记“待定位”，稍后由人补上位置。"))
    return found


def cell_sentences(*, placed: bool, cell: Cell | None, community: Area | None) -> list[str]:
    """Why this cell and this community."""
    if not placed:
        return []
    if cell is not None:
        return [
            _("点位落在单元网格 %(cell)s 内，该网格属于%(community)s。") % {"cell": cell.code, "community": community}
        ]
    if community is not None:
        return [_("点位不在任何启用的单元网格内，记为网格外；按行政区划属于%(community)s。") % {"community": community}]
    return [_("点位不在任何单元网格或社区内，可能在辖区之外。")]


def class_sentences(analysis: Analysis, *, by_hand: bool) -> list[str]:
    """Why this class and this condition: the words that decided, or the person who chose."""
    if analysis.category is None:
        return [_("文中没有可识别的类别，请从字典中选择。")]
    if by_hand:
        chosen = analysis.learned.of(analysis.category)
        if chosen is not None:
            return [_("类别由您从历史案件的建议中选定（概率 %(percent)s%%）。") % {"percent": chosen.percent}]
        return [_("类别由您选定。")]
    choice = next((c for c in analysis.classes if c.category == analysis.category), None)
    if choice is None:
        return []
    facts = {"word": choice.suggestion.class_word, "kind": choice.category.get_kind_display(), "name": choice.category}
    found = [_("文中的“%(word)s”指向%(kind)s“%(name)s”。") % facts]
    if choice.condition is not None and choice.condition == analysis.condition:
        word = choice.suggestion.condition_word
        reason = (
            _("文中的“%(word)s”指向立案条件“%(condition)s”。")
            if word
            else _("这个类别只有“%(condition)s”一种立案条件。")
        )
        found.append(reason % {"word": word, "condition": choice.condition})
    return found


_LIMIT: Final = {
    "own": gettext_lazy("为本案另定时限 %(limit)s。"),
    "condition": gettext_lazy("立案条件“%(condition)s”限 %(limit)s。"),
    "area_class": gettext_lazy("立案条件“%(condition)s”在%(area_class)s类区域限 %(limit)s。"),
    "type_condition": gettext_lazy("诉求类型“%(type)s”适用“%(condition)s”，限 %(limit)s。"),
    "first_condition": gettext_lazy("文中没有说明属于哪种情形，暂按第一条“%(condition)s”限 %(limit)s。"),
    "type": gettext_lazy("该类别没有立案条件，按诉求类型“%(type)s”限 %(limit)s。"),
    "type_complex": gettext_lazy("该类别没有立案条件，按诉求类型“%(type)s”的复杂事项限 %(limit)s。"),
    "type_urgent": gettext_lazy("该类别没有立案条件，按诉求类型“%(type)s”的紧急事项限 %(limit)s。"),
}


_FAULT: Final = {
    "editions": gettext_lazy("历史模型所用的类别字典已不是现行版本，暂不提供建议，请重新训练。"),
    "damaged": gettext_lazy("历史模型的文件不完整或已被改动，暂不提供建议，请重新训练。"),
}


def learned_fault(learned: Learned) -> str:
    """Why there is a model and it says nothing; empty where all is well."""
    return str(_FAULT.get(learned.fault, ""))


def limit_sentences(case: Case) -> list[str]:
    """Which limit the agency will get, and what decided it."""
    if case.category is None:
        return []
    given = handling_limit(case)
    unit = timers.reading(given.unit)
    found = [_limit_sentence(given.why, given.amount, unit, given.condition)]
    found.append(_("不分昼夜连续计时。") if unit in CONTINUOUS else _("只计工作时间，节假日不计。"))
    return found


def _limit_sentence(why: Mapping[str, Any], amount: int, unit: str, condition: Condition | None) -> str:
    told = {"limit": Unit(unit).told(amount), "condition": condition, **why}
    if "type" in why:
        told["type"] = RequestType(why["type"]).label
    return str(_LIMIT[why["code"]]) % told


def clock_sentences(clock: Clock) -> list[str]:
    """What decided the limit of a clock when it started, and a deadline from above that cut it short."""
    found = []
    if clock.why.get("code") in _LIMIT:
        found.append(_limit_sentence(clock.why, clock.limit_amount, clock.limit_unit, clock.condition))
    if "upper" in clock.why:
        upper = timezone.localtime(datetime.fromisoformat(clock.why["upper"]), settings.CITY.zone)
        found.append(_("上级时限为 %(upper)s，处置须提前完成，因此时限缩短。") % {"upper": f"{upper:%Y-%m-%d %H:%M}"})
    if "notice" in clock.why:
        until = timezone.localtime(datetime.fromisoformat(clock.why["until"]), settings.CITY.zone)
        told = {"event": clock.why["notice"], "until": f"{until:%Y-%m-%d %H:%M}"}
        found.append(_("属突发事件“%(event)s”，按通告时限延至 %(until)s。") % told)
    return found


def upper_sentences(case: Case, at: datetime) -> list[str]:
    """Until when an agency would have to be done, where an order from above with a deadline waits for its answer."""
    upper = stageclocks.upper_due(case, at)
    if upper is None:
        return []
    zone = settings.CITY.zone
    latest = stageclocks.latest_for(upper, Calendar.objects.at(upper).as_work_calendar())
    told = {
        "upper": f"{timezone.localtime(upper, zone):%Y-%m-%d %H:%M}",
        "latest": f"{timezone.localtime(latest, zone):%Y-%m-%d %H:%M}",
    }
    return [_("上级时限为 %(upper)s，处置不晚于 %(latest)s 完成。") % told]


def stored_place(why: Mapping[str, Any]) -> list[str]:
    """The reasons of a place as a report keeps them; codes of an older geocoder that nobody knows are left out."""
    found = []
    for row in why.get("place", ()):
        if row == {"code": "by_hand"}:
            found.append(_("位置由受理员在地图上指定。"))
            continue
        if row == {"code": "pin"}:
            found.append(_("位置由诉求人在地图上指定。"))
            continue
        try:
            found.append(sentence(Reason(row["code"], tuple((k, v) for k, v in row.items() if k != "code"))))
        except (KeyError, TypeError, ValueError):
            continue
    return found


def remembered(analysis: Analysis, *, by_hand: bool, class_by_hand: bool) -> dict[str, Any]:
    """What a report keeps of its reasons: codes and parameters, never sentences."""
    choice = next((c for c in analysis.classes if c.category == analysis.category), None)
    from_history = analysis.learned.of(analysis.category) if class_by_hand else None
    if from_history is not None:
        of_class: dict[str, Any] = {
            "code": "learned",
            "percent": from_history.percent,
            "model": analysis.learned.version,
        }
    elif class_by_hand:
        of_class = {"code": "by_hand"}
    elif choice is None:
        of_class = {"code": "unknown"}
    else:
        of_class = {"code": "words", "word": choice.suggestion.class_word, "state": choice.suggestion.condition_word}
    place = [{"code": reason.code, **dict(reason.params)} for reason in analysis.answer.why]
    return {
        "place": [{"code": "by_hand"}] if by_hand else place,
        "class": [of_class],
        "agency": analysis.proposal.why,
    }


_CLASS: Final = {
    "by_hand": gettext_lazy("类别由受理员选定。"),
    "learned": gettext_lazy("类别由受理员从历史案件的建议中选定（概率 %(percent)s%%）。"),
    "words": gettext_lazy("类别由文中的“%(word)s”得出。"),
    "mapped": gettext_lazy("类别由来源的分类“%(words)s”对应得出。"),
    "unknown": gettext_lazy("文中没有可识别的类别。"),
}


def stored_class(why: Mapping[str, Any]) -> list[str]:
    """The reasons of a class as a report keeps them."""
    rows = (row for row in why.get("class", ()) if isinstance(row, Mapping) and row.get("code") in _CLASS)
    return [str(_CLASS[row["code"]]) % {"word": "", "words": "", "percent": "—", **row} for row in rows]


def duration(seconds: float, unit: str, day_seconds: float) -> str:
    """Counted seconds in words, two units at most: days are working days where the unit counts working time."""
    minutes = int(abs(seconds) // 60)
    continuous = unit in CONTINUOUS
    day = 1440 if continuous else max(int(day_seconds // 60), 1)
    days, rest = divmod(minutes, day)
    hours, rest = divmod(rest, 60)
    facts = {"days": days, "hours": hours, "minutes": rest}
    if days and not hours:
        worked = ngettext("%(days)s 个工作日", "%(days)s 个工作日", days)
        return (_("%(days)s 天") if continuous else worked) % facts
    if days:
        return (_("%(days)s 天 %(hours)s 小时") if continuous else _("%(days)s 个工作日 %(hours)s 小时")) % facts
    if hours and rest:
        return _("%(hours)s 小时 %(minutes)s 分") % facts
    return _("%(hours)s 小时") % facts if hours else _("%(minutes)s 分钟") % facts


@dataclass(frozen=True)
class Face:
    """What a clock shows: colour (green, yellow, red, empty where it is not judged), words, and share used."""

    clock: Clock
    light: str
    words: str
    share: float

    @property
    def why(self) -> list[str]:
        return clock_sentences(self.clock)

    @property
    def percent(self) -> int:
        return min(round(self.share * 100), 100)


def face(clock: Clock, at: datetime, work: WorkCalendar) -> Face:
    """How a clock stands at an instant, counted in its own kind of time."""
    used = timers.used(clock, at, work)
    left = clock.limit_seconds - used
    share = used / clock.limit_seconds if clock.limit_seconds else 1.0
    facts = {
        "left": duration(left, clock.limit_unit, work.day_seconds),
        "used": duration(used, clock.limit_unit, work.day_seconds),
    }
    if clock.verdict == Clock.Verdict.DROPPED:
        return Face(clock, "", _("不计考核，用时 %(used)s") % facts, share)
    colour = light(used, clock.limit_seconds, profile().clocks.warn_share)
    if clock.stopped_at is not None:
        late = clock.verdict == Clock.Verdict.OVERDUE
        words = _("超期 %(left)s，用时 %(used)s") % facts if late else _("按期，用时 %(used)s") % facts
        return Face(clock, "red" if late else "green", words, share)
    if clock.paused_at is not None:
        words = _("暂停计时，剩 %(left)s") if left >= 0 else _("暂停计时，已超期 %(left)s")
    else:
        words = _("剩 %(left)s") if left >= 0 else _("超期 %(left)s")
    return Face(clock, colour, words % facts, share)


def condition_line(condition: Condition) -> str:
    """A condition with its limit, for a list of choices."""
    return _("%(condition)s（限 %(limit)s）") % {"condition": condition, "limit": condition.limit_text}
