"""The same decisions as intake.py for many reports at once: the same pure rules, between two COPYs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt
import shapely
from django.conf import settings
from django.db import connection, models, transaction
from django_q.tasks import async_task

from dispatch.chain import begin as chain_from
from dispatch.chain import follow
from dispatch.incoming import Incoming
from dispatch.lifecycle import link_of
from dispatch.meant import ANSWERING, FURTHEST_M, answering, answering_agency, reach_m
from dispatch.models import Call, Case, Channel, Event, Report, Step
from dispatch.placing import owner_fault
from dispatch.routing import Proposal, Question
from dispatch.rulebook import RuleBook
from dispatch.transitions import Action, Flow, State
from gridmap.copying import copy_in, new_keys
from gridmap.gazetteer import Gazetteer
from gridmap.geocode import GEOCODER, Answer, locate
from gridmap.loaders.cells import index_of
from gridmap.matching import OUTSIDE, CellIndex
from gridmap.models import Area, Component, Layout
from gridmap.shapes import to_shapely
from people.models import Agency

NAMESPACE = UUID("6f6d3b64-7a0d-5c55-9d50-3a2f6f0c8a11")  # of operations: the same row makes the same operation
Points = npt.NDArray[np.float64]
Bar = Callable[[Iterable[Any]], Iterable[Any]]


class Placed(NamedTuple):
    """Cell and community of a point; both None for a report without one."""

    cell_id: int | None
    community_id: int | None
    community_code: str
    outside: bool


class Line(NamedTuple):
    """The nearest utility line with an owner."""

    component_id: int
    owner_id: int | None
    owner_as: str
    owner: Agency | None = None


@dataclass(frozen=True)
class Decided:
    """A row with everything that was decided about it."""

    incoming: Incoming
    answer: Answer
    placed: Placed
    line: Line | None
    proposal: Proposal

    @property
    def why(self) -> dict[str, Any]:
        """The reasons of place, class and agency as codes and parameters."""
        known = self.incoming.category is not None
        return {
            "place": [{"code": reason.code, **dict(reason.params)} for reason in self.answer.why],
            "class": [{"code": "mapped", "words": self.incoming.class_words} if known else {"code": "unknown"}],
            "agency": list(self.proposal.why),
        }


def decide(
    rows: Sequence[Incoming], gazetteer: Gazetteer, bar: Bar = iter, *, channel: Channel | None = None
) -> list[Decided]:
    """Place, cell, line and agency of each row of a channel; the given points have no part in it."""
    answers = locate_all(rows, gazetteer, bar)
    points = np.array([(a.x, a.y) if a.found else (np.nan, np.nan) for a in answers], dtype=float).reshape(-1, 2)
    days = [row.received_at.astimezone(settings.CITY.zone).date() for row in rows]
    placed = place_all(points, days)
    lines = nearest_lines(rows, answers, points)
    rules = RuleBook()
    decided = []
    for row, answer, where, line, day in zip(rows, answers, placed, lines, days, strict=True):
        fact = row.category
        question = Question(
            category_id=fact.category_id if fact else None,
            major_id=fact.major_id if fact else None,
            area_code=where.community_code,
            owner_id=line.owner_id if line else None,
            owner_as=line.owner_as if line else "",
            channel_id=channel.pk if channel else None,
            request_type=channel.default_type if channel else "",
            owner_fault=owner_fault(line.owner, day) if line else "",
        )
        decided.append(Decided(row, answer, where, line, rules.propose(question, row.received_at)))
    return decided


def locate_all(rows: Sequence[Incoming], gazetteer: Gazetteer, bar: Bar = iter) -> list[Answer]:
    """Where the words say each report is: its address, or its text where the address is empty or says nothing."""
    known: dict[tuple[str, str], Answer] = {}

    def ask(text: str, area: str) -> Answer:
        if (text, area) not in known:
            known[text, area] = locate(text, gazetteer, near_area=area or None)
        return known[text, area]

    found = []
    for row in bar(rows):
        answer = ask(row.address.strip() or row.text, row.area)
        if row.address.strip() and not answer.found:
            answer = ask(row.text, row.area)
        found.append(answer)
    return found


def place_all(points: Points, days: Sequence[date]) -> list[Placed]:
    """Cell of the layout in force on each day and its community; outside every cell the community alone."""
    nowhere = Placed(None, None, "", outside=False)
    placed = [nowhere] * len(points)
    codes, keys, communities = _communities()
    ids = dict(zip(codes, keys, strict=True))
    left: npt.NDArray[np.bool_] = np.asarray(np.isfinite(points).all(axis=1))
    for layout in Layout.objects.filter(state__in=[Layout.State.ACTIVE, Layout.State.RETIRED]):
        start, end = layout.active_from or date.min, layout.active_to or date.max
        chosen = np.flatnonzero(left & np.array([start <= day <= end for day in days], dtype=bool))
        if not len(chosen):
            continue
        index, cells, owners = index_of(layout)
        for i, cell in zip(chosen, index.match(points[chosen]), strict=True):
            if cell != OUTSIDE:
                placed[i] = Placed(cells[cell], ids[owners[cell]], owners[cell], outside=False)
                left[i] = False
    chosen = np.flatnonzero(left)
    for i, found in zip(chosen, communities.match(points[chosen]), strict=True):
        known = found != OUTSIDE
        placed[i] = Placed(None, keys[found] if known else None, codes[found] if known else "", outside=True)
    return placed


def _communities() -> tuple[list[str], list[int], CellIndex]:
    areas = list(Area.objects.level(Area.Level.COMMUNITY).order_by("code"))
    codes = [area.code for area in areas]
    return codes, [area.pk for area in areas], CellIndex(codes, [to_shapely(area.geom) for area in areas])


def nearest_lines(rows: Sequence[Incoming], answers: Sequence[Answer], points: Points) -> list[Line | None]:
    """For classes that belong to the owner of a line: the nearest line of that class within reach, lowest code first.

    Reach is 60 m, or the uncertainty of the place where that is more, at most 150 m.
    """
    found: list[Line | None] = [None] * len(rows)
    wanted: dict[int, list[int]] = {}
    for i, (row, answer) in enumerate(zip(rows, answers, strict=True)):
        if answer.found and row.category and row.category.line_id is not None:
            wanted.setdefault(row.category.line_id, []).append(i)
    for line_id, chosen in wanted.items():
        lines = list(
            Component.objects.published()
            .filter(category_id=line_id)
            .select_related(*(f"{role}_agency" for role in ANSWERING))
            .order_by("code")
        )
        if not lines:
            continue
        tree = shapely.STRtree(np.array([to_shapely(line.geom) for line in lines], dtype=object))
        (which, line), metres = tree.query_nearest(
            shapely.points(points[chosen]), max_distance=FURTHEST_M, return_distance=True
        )
        # last one wins below: write the lowest code of equally near lines last
        for k in sorted(range(len(which)), key=lambda k: (which[k], -line[k])):
            i = chosen[which[k]]
            if metres[k] <= reach_m(answers[i].uncertainty_m or 0.0):
                nearest = lines[line[k]]
                owner = answering(nearest)
                found[i] = Line(nearest.pk, owner.agency_id, owner.role, answering_agency(nearest))
    return found


def write(decided: Sequence[Decided], channel: Channel, at: datetime, bar: Callable[[int], object]) -> None:
    """Store calls, cases, reports, their first steps and events by COPY, in one transaction.

    `bar` hears how many rows more are written, of five for each report.
    """
    keys = {model: new_keys(model, len(decided)) for model in (Call, Case, Step)}
    numbers = _numbers(decided)
    digests = [_digest(d, number, channel, at) for d, number in zip(decided, numbers, strict=True)]
    tables: list[tuple[type[models.Model], Callable[[int, Decided], dict[str, Any]]]] = [
        (Call, lambda i, d: _call(d, keys[Call][i], channel)),
        (Case, lambda i, d: _case(d, keys[Case][i], numbers[i], channel) | {"head": digests[i]}),
        (Report, lambda i, d: _report(d, keys[Call][i], keys[Case][i], numbers[i], channel)),
        (
            Step,
            lambda i, d: _step(d, channel, at) | {"id": keys[Step][i], "case_id": keys[Case][i], "digest": digests[i]},
        ),
        (Event, lambda i, d: _event(keys[Case][i], keys[Step][i], numbers[i], at)),
    ]
    with transaction.atomic():
        for model, build in tables:
            columns, defaults = _template(model, keep_key=model in keys)
            # one dictionary a row: what the builder does not name gets the model's default
            rows = (_row(columns, defaults, build(i, d)) for i, d in enumerate(decided))
            before = 0
            for written in copy_in(model, columns, rows):
                bar(written - before)
                before = written
        # stored with the rows, so that the worker hears of them exactly when they are there
        async_task("dispatch.events.deliver_all")


def _template(model: type[models.Model], *, keep_key: bool) -> tuple[list[str], dict[str, Any]]:
    fields = [
        field
        for field in model._meta.concrete_fields
        if (keep_key or not field.primary_key) and field.db_default is models.NOT_PROVIDED
    ]
    return [field.attname for field in fields], {field.attname: field.get_default() for field in fields}


def _row(columns: Sequence[str], defaults: dict[str, Any], values: dict[str, Any]) -> list[object]:
    values = {**defaults, **values}
    return [values[column] for column in columns]


def _numbers(decided: Sequence[Decided]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number') FROM generate_series(1, %s)", [len(decided)])
        serials = [serial for (serial,) in cursor.fetchall()]
    zone = settings.CITY.zone
    days = [d.incoming.received_at.astimezone(zone) for d in decided]
    return [f"{day:%Y%m%d}-{serial:06d}" for day, serial in zip(days, serials, strict=True)]


def _point(answer: Answer) -> Any:  # noqa: ANN401 - shapely's points have no common type
    return None if answer.x is None or answer.y is None else shapely.Point(answer.x, answer.y)


def _flow(row: Incoming) -> Flow:
    return Flow.MATTER if row.category is not None and row.category.matter else Flow.STREET


def _call(decided: Decided, key: int, channel: Channel) -> dict[str, Any]:
    return {"id": key, "channel_id": channel.pk, "started_at": decided.incoming.received_at, "external_ref": ""}


def _case(decided: Decided, key: int, number: str, channel: Channel) -> dict[str, Any]:
    row, proposal = decided.incoming, decided.proposal
    return {
        "id": key,
        "number": number,
        "flow": _flow(row),
        "state": State.RECEIVED,
        "state_since": row.received_at,
        "channel_id": channel.pk,
        "request_type": channel.default_type,
        "text": row.text,
        "address": row.address,
        "category_id": row.category.category_id if row.category else None,
        "point": _point(decided.answer),
        "uncertainty_m": decided.answer.uncertainty_m,
        "cell_id": decided.placed.cell_id,
        "community_id": decided.placed.community_id,
        "component_id": decided.line.component_id if decided.line else None,
        "outside_grid": decided.placed.outside,
        "proposed_agency_id": proposal.agency_id,
        "proposed_rule_id": proposal.rule.pk if proposal.rule else None,
        "received_at": row.received_at,
    }


def _report(decided: Decided, call: int, case: int, number: str, channel: Channel) -> dict[str, Any]:
    row, answer = decided.incoming, decided.answer
    return {
        "number": f"S{number}",
        "call_id": call,
        "channel_id": channel.pk,
        "case_id": case,
        "external_ref": row.ref,
        "request_type": channel.default_type,
        "text": row.text,
        "address": row.address,
        "received_at": row.received_at,
        "point": _point(answer),
        "given_point": shapely.Point(row.given) if row.given else None,
        "level": str(answer.level),
        "score": answer.score,
        "uncertainty_m": answer.uncertainty_m,
        "matched": answer.matched[:200],
        "located_by": "geocoder" if answer.found else "",
        "geocoder_version": GEOCODER,
        "why": decided.why,
        "needs_placing": not answer.found and _flow(row) == Flow.STREET,
    }


def _digest(decided: Decided, number: str, channel: Channel, at: datetime) -> str:
    """Where the chain of an imported case begins; the same function as for a single one."""
    return follow(chain_from(number), link_of(Step(**_step(decided, channel, at))))


def _step(decided: Decided, channel: Channel, at: datetime) -> dict[str, Any]:
    return {
        "action": Action.REGISTER,
        "from_state": "",
        "to_state": State.RECEIVED,
        "version": 1,
        "facts": {"channel": channel.key, "outside": decided.placed.outside, "placed": decided.answer.found},
        "occurred_at": decided.incoming.received_at,
        "recorded_at": at,
        "operation": uuid5(NAMESPACE, f"{channel.key}/{decided.incoming.ref}"),
    }


def _event(case: int, step: int, number: str, at: datetime) -> dict[str, Any]:
    return {
        "kind": f"case.{Action.REGISTER}",
        "case_id": case,
        "step_id": step,
        "payload": {"number": number, "from": "", "to": State.RECEIVED, "version": 1},
        "created_at": at,
    }
