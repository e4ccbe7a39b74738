"""The routing rules on trial: one question with its explained answer, and the check of all, as a table and a map."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import shapely
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from dispatch.explain import LOST_BY, agency_sentences
from dispatch.misroutes import LEAST, LEAST_SHARE, dispatched_since, still, suggest, wrong_dispatches
from dispatch.models import Case, RoutingRule
from dispatch.placing import question_of
from dispatch.routing import propose
from dispatch.rulebook import RuleBook, check_on
from dispatch.ruleforms import TryForm, local_day, names
from dispatch.rulewords import STATES, Words, fault_words, shadow_words
from gridmap.datums import Datum, from_city
from gridmap.models import Area, Category
from gridmap.shapes import to_shapely
from people.access import allow, current_user, roles_of
from people.models import Agency
from people.permissions import may

WORST = ("hole", "broken", "overlap", "fallback", "clear")
SHOWN = 100
SIMPLE_M = 5.0
PERIOD = timedelta(days=183)


@allow(GET="rules.see")
def try_question(request: HttpRequest) -> HttpResponse:
    """Ask the rules as a case would, and see which one answers, which others matched and by what they lost."""
    now = timezone.now()
    form = TryForm(request.GET or None, today=local_day(now), initial={"when": timezone.localtime(now)})
    context: dict[str, Any] = {"form": form, "tab": "try"}
    if form.is_bound and form.is_valid():
        context |= _answered(form, now)
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "dispatch/rule_try.html", context, status=status)


def _answered(form: TryForm, now: Any) -> dict[str, Any]:  # noqa: ANN401 - an instant
    given = form.cleaned_data
    at = given["when"] or now
    case = Case(category=given["category"], component=given["component"], request_type=given["request_type"])
    case.community = Area.objects.filter(code=given["area_code"]).first() if given["area_code"] else None
    if given["channel"]:
        case.channel = given["channel"]
    found = propose(RuleBook().on(local_day(at)), question_of(case, at))
    named = [found.agency_id, *found.partners, *(rule.agency_id for rule, _by in found.lost)]
    told = names([pk for pk in named if pk is not None])
    agency = Agency.objects.filter(pk=found.agency_id).first() if found.agency_id else None
    sentences = agency_sentences(
        [row for row in found.why if row["code"] not in ("lost", "broken")],
        agency=agency, category=case.category, community=case.community, component=str(case.component or ""),
    )  # fmt: skip
    return {
        "answered": True,
        "agency": agency,
        "partners": [told[pk] for pk in found.partners],
        "rule": found.rule,
        "level": dict(Area.Level.choices).get(found.rule.level, "") if found.rule else "",
        "sentences": sentences,
        "lost": [
            (rule, _("部件责任单位") if rule.by_owner else told.get(rule.agency_id or 0, ""), LOST_BY[by])
            for rule, by in found.lost
        ],
        "broken": [(rule, fault_words(fault)) for rule, fault in found.broken],
    }


@allow(GET="rules.see")
def rule_check(request: HttpRequest) -> HttpResponse:
    """What check_routing finds today."""
    report, words = check_on(timezone.localdate()), Words.read()
    numbers = Counter[str]()
    for answer in report.of("fallback"):
        numbers[answer.proposal.rule.number if answer.proposal.rule else ""] += answer.group.size
    agencies = dict(RoutingRule.objects.active(timezone.localdate()).values_list("number", "agency__name"))
    context = {
        "report": report,
        "counts": [(state, STATES[state], sum(answer.group.size for answer in report.of(state))) for state in WORST],
        "holes": [words.group(answer.group) for answer in report.holes[:SHOWN]],
        "broken": [(rule, fault_words(rule.fault)) for rule in report.broken],
        "overlaps": [
            (one, agencies.get(one, ""), other, agencies.get(other, ""), count)
            for (one, other), count in sorted(report.overlaps.items())
        ],
        "shadowed": [(rule, shadow_words(by, reason)) for rule, by, reason in report.shadowed],
        "fallback": [(number, agencies.get(number, ""), count) for number, count in numbers.most_common()],
        "tab": "check",
    }
    return render(request, "dispatch/rule_check.html", context)


@allow(GET="rules.see")
def suggestions(request: HttpRequest) -> HttpResponse:
    """Rule changes that wrong dispatches of the last half year speak for; numbers only of cases that one may see."""
    now = timezone.now()
    since, user = now - PERIOD, current_user(request)
    found = suggest(wrong_dispatches(since), dispatched_since(since))[:SHOWN]
    words, rules = Words.read(), RuleBook().on(local_day(now))
    majors = dict(Category.objects.filter(pk__in=[one.category_id for one in found]).values_list("pk", "major"))
    told = names(pk for one in found for pk in (one.from_id, one.to_id))
    behind = Case.objects.visible_to(user).filter(pk__in=[pk for one in found for pk in one.cases])
    numbers = dict(behind.values_list("pk", "number"))
    rows = []
    for one in found:
        answer = still(one, rules, majors.get(one.category_id), timezone.localtime(now))
        here = replace(one, rule=answer.rule if answer.agency_id == one.from_id else None)
        why = _("近半年 %(of)s 次派遣中 %(count)s 次应派%(agency)s") % {
            "of": here.of, "count": here.count, "agency": told.get(here.to_id, "")
        }  # fmt: skip
        first = {"agency": here.to_id, "reason": why}
        if here.rule is not None and not here.same_scope:
            first |= {"category": here.category_id, "area_code": here.area}
        rows.append(
            {
                "found": here,
                "category": words.classes.get(here.category_id, ""),
                "area": words.areas.get(here.area, here.area) if here.area else _("没有位置"),
                "from": told.get(here.from_id, ""),
                "to": told.get(here.to_id, ""),
                "percent": round(here.share * 100),
                "numbers": [numbers[pk] for pk in here.cases if pk in numbers],
                "query": urlencode(first),
            }
        )
    edit = may(roles_of(request), "rules")
    context = {"rows": rows, "tab": "suggestions", "may_edit": edit, "least": LEAST, "share": round(LEAST_SHARE * 100)}
    return render(request, "dispatch/rule_suggestions.html", context)


@allow(GET="rules.see")
def rule_areas(request: HttpRequest) -> JsonResponse:
    """Communities with the worst state of their answers, as GeoJSON in WGS84."""
    states = check_on(timezone.localdate()).by_area()
    features = []
    for area in Area.objects.level(Area.Level.COMMUNITY).order_by("code"):
        counts = states.get(area.code, Counter[str]())
        shape = to_shapely(area.geom).simplify(SIMPLE_M)
        shape = shapely.transform(shape, lambda corners: from_city(corners, Datum.WGS84))
        told = "、".join(f"{STATES[state]} {counts[state]}" for state in WORST if counts[state])
        worst = next((state for state in WORST if counts[state]), "hole")
        features.append(
            {
                "type": "Feature",
                "geometry": json.loads(shapely.to_geojson(shape)),
                "properties": {"name": area.name, "state": worst, "told": told or _("没有类别"), "counts": counts},
            }
        )
    return JsonResponse({"type": "FeatureCollection", "features": features})
