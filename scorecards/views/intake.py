"""受理统计: figures of what came in, by source, type and subject, over any span of days (P1.19, P2.2–P2.10)."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from dispatch.models import Channel
from people.access import allow
from scorecards.calls import calls_of
from scorecards.cards import rules_of_city
from scorecards.forms import SpanForm
from scorecards.formulas import NONE
from scorecards.intake import (
    COUNTS,
    RATES,
    Tally,
    exceeded_on,
    hot_topics,
    month_of,
    quarter_of,
    read,
    surge,
)
from scorecards.periods import Span
from scorecards.rules import SWITCHES


@allow(GET="scorecards")
def intake(request: HttpRequest) -> HttpResponse:
    """The tables of a span; the year so far where none is asked for."""
    today = timezone.localdate()
    year = Span(date(today.year, 1, 1), today)
    form = SpanForm(request.GET if "first" in request.GET else {"first": year.first, "last": year.last})
    valid = form.is_valid()
    span = form.span if valid else year
    channel = request.GET.get("channel", "")
    chosen = Channel.objects.filter(key=channel).first()
    rules, key = rules_of_city(), chosen.key if chosen else ""
    cube = read(span, rules)
    grown, crossed = surge(span.last), exceeded_on(span.last)
    fair = next(switch for switch in SWITCHES if switch.key == "fair_counts")
    context: dict[str, Any] = {
        "form": form,
        "span": span,
        "spans": _spans(today),
        "chosen": chosen,
        "sources": table(cube.by_source()),
        "types": table(cube.by_type(key)),
        "subjects": table(cube.by_subject(key)),
        "topics": hot_topics(span, key),
        "calls": calls_of(span),
        "surge": grown,
        "crossed": crossed,
        "heads": [name for name, _meaning in COUNTS.values()] + [rate.name for rate in RATES],
        "definitions": list(COUNTS.values()),
        "rates": [(rate.name, COUNTS[rate.numerator][0], COUNTS[rate.denominator][0]) for rate in RATES],
        "fair": fair.said[rules.fair_counts],
    }
    return render(request, "scorecards/intake.html", context, status=200 if valid else 422)


def _spans(today: date) -> list[tuple[str, Span]]:
    """Quick choices: the running month, quarter and year."""
    return [
        ("month", month_of(today)),
        ("quarter", quarter_of(today)),
        ("year", Span(date(today.year, 1, 1), date(today.year, 12, 31))),
    ]


def table(tally: Tally) -> list[dict[str, Any]]:
    """Lines with cells, each with its heading, in the order of the heads; the sum is the last one."""
    rows = []
    for line in [*tally.lines, tally.total]:
        rates = line.rates
        cells = [(COUNTS[key][0], f"{line.counts[key]:,}") for key in COUNTS]
        cells += [(rate.name, NONE if rates[rate.key] is None else f"{rates[rate.key]}%") for rate in RATES]
        rows.append({"key": line.key, "name": line.name, "cells": cells, "total": line is tally.total})
    return rows
