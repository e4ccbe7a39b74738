"""A step of the log in words: what it did beyond moving the case."""

from collections.abc import Mapping
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case as Choose
from django.db.models import OuterRef, When
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from dispatch.clocks import Unit
from dispatch.models import Document, FollowUp, Notice, Step
from dispatch.reasons import ResultSource
from dispatch.transitions import Action
from dispatch.whistles import Level, Outcome
from inspectors.models import Measure

LOOKED = {
    Action.VERIFY, Action.SELF_HANDLED, Action.CHECK_PASS, Action.CHECK_FAIL, Action.SURVEY, Action.RECHECK,
}  # fmt: skip


def measured() -> Choose:
    """For a query of steps: what the inspector whose answer made the step has measured, as kinds and amounts."""
    own = Measure.objects.filter(visit__task__case=OuterRef("case"), visit__task__done_at=OuterRef("occurred_at"))
    pairs = ArraySubquery(own.order_by("pk").values_list(JSONObject(kind="kind", amount="amount")))
    return Choose(When(action__in=LOOKED, then=pairs), default=None)


def notes(step: Step, names: Mapping[str, str], invited: Mapping[int, str]) -> list[str]:
    """What a step did beyond moving the case, from its facts; `names` of agencies by code, `invited` bodies by link."""
    facts, found = step.facts, []
    if quantities := getattr(step, "measured", None):
        said = [str(Measure(kind=one["kind"], amount=one["amount"])) for one in quantities]
        found.append(_("测量：%(quantities)s") % {"quantities": _("、").join(said)})
    if step.action == Action.DISPATCH:
        agencies = "、".join(names.get(code, code) for code in facts.get("agencies", ()))
        if facts.get("rule"):
            told = {"agencies": agencies, "rule": facts["rule"], "version": facts.get("rule_version", 1)}
            found.append(_("派往%(agencies)s（规则 %(rule)s 第 %(version)s 版）") % told)
        else:
            found.append(_("派往%(agencies)s（未按规则）") % {"agencies": agencies})
    if step.action == Action.INVITE:
        told = {"agency": names.get(facts["agency"], ""), "days": facts["days"]}
        found.append(_("委托%(agency)s，链接 %(days)s 天内有效") % told)
    elif facts.get("invitation"):
        found.append(_("委托给%(agency)s的链接") % {"agency": invited.get(facts["invitation"], "")})
    if step.action == Action.WHISTLE:
        found.append(str(Level(facts["level"]).label))
    if step.action == Action.DOCUMENT:
        found.append(str(Document.Kind(facts["document"]).label))
    if step.action == Action.WHISTLE_RESULT:
        found.append(str(Outcome(facts["outcome"]).label))
    if step.action == Action.ENTER_RESULT:
        found.append(str(ResultSource(facts["source"]).label))
    if step.action == Action.GATHER:
        found.append(f"{facts['title']}：{facts['reply']}" if facts["reply"] else facts["title"])
    if facts.get("other"):
        found.append(_("案件 %(number)s") % {"number": facts["other"]})
    if step.action == Action.MERGE and facts.get("into"):
        found.append(_("并入案件 %(number)s") % {"number": facts["into"]})
    if step.action in (Action.PLACE, Action.COMPONENT) and facts.get("cell"):
        found.append(_("单元网格 %(cell)s") % {"cell": facts["cell"]})
    if facts.get("component"):
        found.append(_("关联部件 %(code)s") % {"code": facts["component"]})
    elif step.action == Action.COMPONENT:
        found.append(_("不关联部件"))
    contact, callback = getattr(step, "contact", None), getattr(step, "callback", None)
    if contact:
        found.append(f"{contact.get_method_display()} · {_('已联系上') if contact.reached else _('未联系上')}")
    if callback and callback.reached:
        solved = _("已解决") if callback.solved else _("未解决")
        found.append(f"{callback.get_satisfaction_display()} · {solved}")
    elif callback:
        found.append(_("未接通"))
    if step.action == Action.COUNTERSIGN:
        found.append(f"{facts['label']} · {_('同意') if facts['agrees'] else _('退回')}")
    notice = getattr(step, "notice", None)
    if notice:
        found.append(_phoned(notice))
    if facts.get("choice"):
        found.append(_chosen(facts, names))
    return found


def _phoned(notice: Notice) -> str:
    """Who was called at which number, and who answered."""
    told = {"whom": notice.whom, "number": notice.number, "outcome": notice.get_outcome_display()}
    words = _("呼叫%(whom)s（%(number)s）：%(outcome)s") % told
    return f"{words} · {notice.answered_by}" if notice.answered_by else words


def _chosen(facts: dict[str, Any], names: Mapping[str, str]) -> str:
    """What the lead chose for a dissatisfied caller, and to whom the dispatcher is to send it."""
    words = str(FollowUp.Choice(facts["choice"]).label)
    agency = names.get(facts.get("agency", ""), "")
    if facts.get("limit"):
        amount, unit = facts["limit"]
        words = f"{words} · {Unit(unit).told(amount)}"
    if agency and facts["choice"] == FollowUp.Choice.EXTEND:
        return _("%(words)s，请仍派%(agency)s") % {"words": words, "agency": agency}
    if agency and facts["choice"] == FollowUp.Choice.MOVE:
        return _("%(words)s，请改派%(agency)s以外的单位") % {"words": words, "agency": agency}
    return words
