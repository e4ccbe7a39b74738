"""Routing rules: the list, one rule with its versions, a new one, another version, an end."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dispatch.actions.ruling import PastRuleError, StaleRuleError, end_rule, latest_version, preview, tried, write_rule
from dispatch.models import Case, RoutingRule
from dispatch.rulebook import rule_fact
from dispatch.ruleforms import EndForm, RuleForm, names
from dispatch.rulewords import Words, fault_words, when_words
from dispatch.trialfacts import dispatched, period_of, periods
from dispatch.trials import reroute
from dispatch.trialwords import period_words, routing_shown
from gridmap.models import Area
from people.access import allow, current_user, roles_of
from people.models import Agency
from people.permissions import may

PAGE = 50
SHOWN_CHANGES = 30
STATES = {
    "now": gettext_lazy("生效中"),
    "broken": gettext_lazy("失效"),
    "later": gettext_lazy("尚未生效"),
    "ended": gettext_lazy("已停用"),
}


class Row:
    """A rule as a line of a list: its words, its state, and why it cannot be evaluated."""

    def __init__(self, rule: RoutingRule, day: date, agencies: dict[int, str], areas: dict[str, str]) -> None:
        self.rule = rule
        fact = rule_fact(rule, day)
        self.partners = [agencies.get(pk, "") for pk in fact.partner_ids]
        self.area = areas.get(rule.area_code, rule.area_code)
        self.when = when_words(rule)
        begun, over = rule.valid_from <= day, rule.valid_to is not None and rule.valid_to < day
        self.state = "ended" if rule.withdrawn or over else "later" if not begun else "now"
        self.fault = fault_words(fact.fault) if fact.fault and self.state != "ended" else ""
        if self.fault and self.state == "now":
            self.state = "broken"

    @property
    def label(self) -> str:
        return str(STATES[self.state])


def _rows(rules: list[RoutingRule], day: date) -> list[Row]:
    """Two queries beside that of the rules, however many there are."""
    partners = {pk for rule in rules for pk in rule.partner_ids}  # type: ignore[attr-defined]
    codes = {rule.area_code for rule in rules}
    areas = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    agencies = names(partners)
    return [Row(rule, day, agencies, areas) for rule in rules]


@allow(GET="rules.see")
def rules(request: HttpRequest) -> HttpResponse:
    """All rules by state, words, agency and area; those that cannot be evaluated stand above the list."""
    day = timezone.localdate()
    words, state = request.GET.get("q", "").strip()[:40], request.GET.get("state", "now")
    agency = request.GET.get("agency", "")
    found = RoutingRule.objects.with_facts().order_by("number", "-version")
    if words:
        found = found.filter(
            Q(number__icontains=words) | Q(category__name__icontains=words) | Q(area_code__startswith=words)
        )
    if agency.isdecimal():
        found = found.filter(Q(agency=agency) | Q(partner_rows__agency=agency)).distinct()
    if state in ("now", "broken"):
        found = found.active(day)
    elif state == "later":
        found = found.filter(withdrawn=False, valid_from__gt=day)
    elif state == "ended":
        found = found.filter(Q(withdrawn=True) | Q(valid_to__lt=day))
    broken = [row for row in _rows(list(RoutingRule.objects.active(day).with_facts()), day) if row.fault]
    if state == "broken":
        found = found.filter(pk__in=[row.rule.pk for row in broken])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    asked = {"q": words, "state": state, "agency": agency}
    context = {
        "page": page,
        "rows": _rows(list(page.object_list), day),
        "broken": broken,
        "states": [*STATES.items(), ("all", _("全部"))],
        "asked": asked,
        "query": urlencode(asked),
        "agencies": Agency.objects.listed().order_by("code"),
        "tab": "list",
        "may_edit": may(roles_of(request), "rules"),
    }
    return render(request, "dispatch/rules.html", context)


def _versions(number: str) -> list[RoutingRule]:
    found = RoutingRule.objects.filter(number=number).with_facts().select_related("made_by", "ended_by")
    versions = list(
        found.select_related("agency", "category__dictionary", "channel", "made_by", "ended_by").order_by("-version")
    )
    if not versions:
        raise Http404
    return versions


@allow(GET="rules.see")
def rule(request: HttpRequest, rule_number: str) -> HttpResponse:
    """One rule with all its versions: what changed, when, by whom and why."""
    rows = _rows(_versions(rule_number), timezone.localdate())
    edit = may(roles_of(request), "rules")
    context = {"rows": rows, "number": rule_number, "row": rows[0], "tab": "list", "may_edit": edit}
    return render(request, "dispatch/rule.html", context)


@allow(GET="rules", POST="rules")
def new_rule(request: HttpRequest) -> HttpResponse:
    """A rule with a number of its own; the values may come with the address."""
    today = timezone.localdate()
    first = {"begins": today, "known_version": 0} | {
        name: request.GET[name] for name in ("category", "area_code", "agency", "reason") if name in request.GET
    }
    form = RuleForm(request.POST or None, today=today, initial=first)
    return _write(request, form, _("新建规则"), _rule_change(request, form))


@allow(GET="rules", POST="rules")
def replace_rule(request: HttpRequest, rule_number: str) -> HttpResponse:
    """The next version of a rule, filled with the last one; an agency may come with the address."""
    latest, today = _versions(rule_number)[0], timezone.localdate()
    first = RuleForm.first_values(latest) | {"begins": today}
    first |= {name: request.GET[name] for name in ("agency", "reason") if name in request.GET}
    form = RuleForm(request.POST or None, today=today, rule=latest, initial=first)
    title = _("修改规则 %(number)s") % {"number": rule_number}
    return _write(request, form, title, _rule_change(request, form), rule_number)


@allow(GET="rules", POST="rules")
def stop_rule(request: HttpRequest, rule_number: str) -> HttpResponse:
    """The day from which a rule no longer holds."""
    _versions(rule_number)
    today = timezone.localdate()
    first = {"begins": today, "known_version": latest_version(rule_number)}
    form = EndForm(request.POST or None, today=today, initial=first)

    def change() -> str:
        version = form.cleaned_data["known_version"]
        end_rule(number=rule_number, known_version=version, made=form.made(current_user(request), timezone.now()))
        return rule_number

    return _write(request, form, _("停用规则 %(number)s") % {"number": rule_number}, change, rule_number)


def _rule_change(request: HttpRequest, form: RuleForm) -> Callable[[], str]:
    def change() -> str:
        given = form.cleaned_data
        made = form.made(current_user(request), timezone.now())
        write_rule(
            number=given["number"],
            known_version=given["known_version"],
            values=form.values(),
            partners=form.partners(),
            made=made,
        )
        number: str = given["number"]
        return number

    return change


def _write(
    request: HttpRequest, form: EndForm, title: str, change: Callable[[], str], number: str = ""
) -> HttpResponse:
    """Ask, show what changes, then save; a rule that somebody else has changed meanwhile stays as it is."""
    context: dict[str, Any] = {"form": form, "title": title, "number": number, "tab": "list"}
    context["ending"], status = not isinstance(form, RuleForm), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                if "confirm" in request.POST:
                    saved = change()
                    messages.success(request, _("已保存规则 %(number)s。") % {"number": saved})
                    return redirect("dispatch:rule", rule_number=saved)
                status = 200
                context |= _tried(request, form, change) if "trial" in request.POST else {}
                context |= _previewed(request, form, change)
        except StaleRuleError:
            status = 409
            form.add_error(None, _("这条规则刚刚被别人改过，您的修改没有保存。请打开最新版本后再改。"))
        except PastRuleError:
            form.add_error("begins", _("不能早于今天：已经给出的答案不再改变。"))
    return render(request, "dispatch/rule_form.html", context, status=status)


def _tried(request: HttpRequest, form: EndForm, change: Callable[[], str]) -> dict[str, Any]:
    """The change on the dispatched cases of a period; nothing is changed."""
    day = form.cleaned_data["begins"]
    period = period_of(request.POST.get("period", ""), timezone.localdate())
    trial = reroute(dispatched(period, day), *tried(change, day))
    return {"shown": routing_shown(trial, period, current_user(request)), "period": period.key}


def _previewed(request: HttpRequest, form: EndForm, change: Callable[[], str]) -> dict[str, Any]:
    found = preview(change, on=form.cleaned_data["begins"], at=timezone.now())
    words = Words.read()
    seen = set(
        Case.objects.visible_to(current_user(request))
        .filter(pk__in=[case.pk for case, _old, _new in found.cases[:SHOWN_CHANGES]])
        .values_list("pk", flat=True)
    )
    pairs = [(old, new) for _what, old, new in [*found.answers[:SHOWN_CHANGES], *found.cases[:SHOWN_CHANGES]]]
    agencies = names(p.agency_id for pair in pairs for p in pair if p.agency_id is not None)

    def said(proposal: Any) -> str:  # noqa: ANN401 - a Proposal
        if proposal.rule is None:
            return _("无规则")
        who = agencies.get(proposal.agency_id, "")
        return _("%(agency)s（规则 %(rule)s）") % {"agency": who, "rule": proposal.rule.number}

    return {
        "previewed": True,
        "periods": [(each.key, period_words(each)) for each in periods(timezone.localdate())],
        "answers": [(words.group(group), said(old), said(new)) for group, old, new in found.answers[:SHOWN_CHANGES]],
        "questions": found.questions,
        "holes": found.holes,
        "overlaps": found.overlaps[:SHOWN_CHANGES],
        "cases": [(case, said(old), said(new)) for case, old, new in found.cases[:SHOWN_CHANGES] if case.pk in seen],
        "case_count": len(found.cases),
    }
