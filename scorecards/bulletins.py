"""简报: numbering, the figures of a period, and what is kept when it is published (P2.6–P2.10)."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from dispatch.masks import mask_text
from dispatch.models import Case, Person, Step
from dispatch.models.report import RequestType
from people.models import User
from scorecards.cards import rules_of_city
from scorecards.intake import COUNTS, RATES, Line, Tally, Topic, exceeded_on, hot_topics, read, surge
from scorecards.models import Bulletin, ExcellentCase
from scorecards.periods import Span

VERSION = 1


class Numbers(NamedTuple):
    """第几期, 总第几期."""

    number: int
    running: int


class PublishedError(Exception):
    """It was published before; nothing was changed."""


def next_numbers(year: int) -> Numbers:
    """The next number within a year, and through all years."""
    number = Bulletin.objects.filter(year=year).aggregate(most=Max("number"))["most"] or 0
    running = Bulletin.objects.aggregate(most=Max("running"))["most"] or 0
    return Numbers(number + 1, running + 1)


def figures_of(first: date, last: date) -> dict[str, Any]:
    """Everything that a bulletin prints of its period, as it would be kept."""
    span, rules = Span(first, last), rules_of_city()
    cube = read(span, rules)
    sources = cube.by_source()
    year = surge(last)
    crossed = exceeded_on(last)
    return {
        "version": VERSION,
        "fair_counts": rules.fair_counts,
        "sources": _kept(sources),
        "types": {line.key: _kept(cube.by_type(line.key)) for line in sources.lines},
        "topics": [{"name": topic.name, "count": topic.count, "places": topic.places} for topic in hot_topics(span)],
        "so_far": year.so_far,
        "last_year": year.last_year,
        "exceeded_on": crossed.isoformat() if crossed else None,
    }


def _kept(tally: Tally) -> dict[str, Any]:
    return {"lines": [line.as_json() for line in tally.lines], "total": tally.total.as_json()}


def tally_from(kept: dict[str, Any]) -> Tally:
    """A table as it was kept."""

    def line(row: dict[str, Any]) -> Line:
        return Line(row["key"], row["name"], {key: row["counts"].get(key, 0) for key in COUNTS})

    return Tally([line(row) for row in kept["lines"]], line(kept["total"]))


def overview(figures: dict[str, Any]) -> list[str]:
    """办理基本情况 in sentences, from the figures: totals, then each source with its types."""
    sources = tally_from(figures["sources"])
    total = sources.total
    sums = " + ".join(f"{line.counts['received']}" for line in sources.lines)
    told = {"n": total.counts["received"], "sums": sums, "rates": _rates(total)}
    said = [_("本期共收到诉求 %(n)s 件（%(sums)s）。%(rates)s") % told] if sources.lines else [_("本期没有收到诉求。")]
    for source in sources.lines:
        types = tally_from(figures["types"][source.key])
        named = dict(RequestType.choices)  # in the reader's language, whatever the publisher's was
        parts = _("，").join(f"{named.get(line.key, line.name)} {line.counts['received']}" for line in types.lines)
        told = {"name": source.name, "n": source.counts["received"], "parts": parts, "rates": _rates(source)}
        said.append(_("%(name)s %(n)s 件：%(parts)s。%(rates)s") % told)
    if figures["exceeded_on"]:
        told = {"day": figures["exceeded_on"], "so_far": figures["so_far"], "last_year": figures["last_year"]}
        said.append(_("%(day)s 起，本年来件已超过去年全年的 %(last_year)s 件，至本期末 %(so_far)s 件。") % told)
    return said


def _rates(line: Line) -> str:
    """The rates that have a denominator."""
    found = line.rates
    parts = [f"{rate.name} {found[rate.key]}%" for rate in RATES if found[rate.key] is not None]
    return _("，").join(parts) + _("。") if parts else ""


def topics_of(figures: dict[str, Any]) -> list[Topic]:
    return [Topic(row["name"], row["count"], [(place, n) for place, n in row["places"]]) for row in figures["topics"]]


@transaction.atomic
def publish(bulletin: Bulletin, *, by: User, at: datetime) -> Bulletin:
    """Keep the figures of this moment with it; it never changes again. Raises PublishedError."""
    figures = figures_of(bulletin.first, bulletin.last)
    kept = Bulletin.objects.filter(pk=bulletin.pk, published_at=None)
    if not kept.update(published_at=at, published_by=by, figures=figures):
        raise PublishedError
    bulletin.refresh_from_db()
    return bulletin


def draft_of(case: Case) -> dict[str, str]:
    """What a case tells its 优秀办件: the report, the units, and the road with its days; names are masked."""
    names = {name for name in Person.objects.filter(reports__case=case).values_list("name", flat=True) if name}
    parts = list(case.parts.filter(withdrawn_at=None).select_related("agency").order_by("-leads", "pk"))
    steps = Step.objects.filter(case=case).exclude(action="callback").order_by("version").select_related("remark")
    road = [
        f"{step.occurred_at:%Y-%m-%d} {step.get_action_display()}" + (f"：{step.remark.text}" if _said(step) else "")
        for step in steps
    ]
    return {
        "title": f"{case.category.name if case.category else case.number}"[:80],
        "units": _("、").join(str(part.agency) for part in parts)[:120],
        "situation": mask_text(case.text, names),
        "course": mask_text("\n".join([*road, *(part.reply for part in parts if part.reply)]), names),
    }


def _said(step: Step) -> bool:
    remark = getattr(step, "remark", None)
    return remark is not None and bool(remark.text)


def excellent_of(bulletin: Bulletin) -> list[ExcellentCase]:
    return list(bulletin.cases.order_by("written_at", "pk"))
