"""What is done to components: taken in as drafts, published, given up, their state changed. Every step is logged."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gridmap.components.columns import Reading
from gridmap.components.rows import Findings, Judged
from gridmap.copying import copy_all
from gridmap.datums import Datum, from_city
from gridmap.models import Component, ComponentBatch, ComponentChange, ComponentQuerySet
from gridmap.shapes import point_of, to_shapely
from people.access import scope_of
from people.models import User
from people.permissions import may

VALUES: Final = (
    *("category_id", "name", "state", "competent_agency_id", "owning_agency_id", "maintaining_agency_id"),
    *("accuracy_grade", "surveyed_on", "changed_on", "source", "source_id", "note"),
)
CHANGE: Final = (
    *("component_id", "at", "by_id", "cause", "from_state", "to_state", "moved_m", "geom_before", "values", "why"),
    *("reference", "batch_id"),
)
CHUNK: Final = 2_000
SAMPLE: Final = 300  # rows of a checked file that its page shows on the map
SAME_M: Final = 0.002  # a shape that went through degrees and back
Stage = ComponentBatch.Stage


class RefusedError(Exception):
    """Something that cannot be done now; str() is a whole sentence for the page. Nothing was changed."""


class Published(NamedTuple):
    """What a publication did: new components, changed ones, and states that were kept because they are newer."""

    new: int
    changed: int
    kept_states: int


def may_change(by: User | None) -> None:
    """Data managers only; None is the command line. Raises PermissionDenied."""
    if by is not None and not may(scope_of(by).roles, "data"):
        raise PermissionDenied


@transaction.atomic
def record(
    name: str,
    reading: Reading,
    found: Findings,
    headers: Sequence[str],
    *,
    by: User | None,
    at: datetime,
    draft: bool,
    file: Any = None,  # noqa: ANN401 - an uploaded file, kept until the import is decided
    told: Mapping[str, Any] | None = None,
) -> ComponentBatch:
    """The batch of a file that was judged; with `draft` its rows are taken as drafts at once.

    `told` is what else its report says: the layer that was read, doubts about the datum.
    """
    may_change(by)
    batch = ComponentBatch(name=name[:200], datum=reading.datum, source=reading.source, uploaded_at=at, uploaded_by=by)
    batch.report = dict(told or {})
    _tell(batch, reading, found, headers)
    if file is not None:
        batch.file.save(file.name, file, save=False)
    batch.save()
    if draft:
        take(batch, found, by=by, at=at)
    return batch


@transaction.atomic
def accept(batch: ComponentBatch, reading: Reading, found: Findings, *, by: User | None, at: datetime) -> None:
    """Take the rows of a batch that was only checked as drafts; `found` is of the same file, judged again now.

    Raises RefusedError for a batch that somebody else has accepted or given up meanwhile.
    """
    may_change(by)
    locked = ComponentBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.stage != Stage.CHECKED:
        raise RefusedError(_("这个批次已经处理过：现在是“%(stage)s”。") % {"stage": locked.get_stage_display()})
    _tell(batch, reading, found, [])
    take(batch, found, by=by, at=at)


def _tell(batch: ComponentBatch, reading: Reading, found: Findings, headers: Sequence[str]) -> None:
    batch.rows_read, batch.rows_new, batch.rows_same = found.read, found.new, found.same
    batch.rows_changed, batch.rows_rejected = len(found.accepted) - found.new, len(found.refused)
    headers = headers or batch.report.get("headers", [])
    batch.report |= {
        "headers": list(headers),
        "unused": reading.unused(headers),
        "columns": dict(reading.columns),
        "fields": reading.fields(),
        "refused": [list(note) for note in found.refused],
        "noted": [list(note) for note in found.changed],
        "made_codes": found.made_codes,
        "sample": _sample(found),
    }


def _sample(found: Findings) -> list[list[Any]]:
    """Some accepted rows on the map, spread over the file: WGS84 longitude, latitude, and the code."""
    chosen = found.accepted[:: max(1, len(found.accepted) // SAMPLE)][:SAMPLE]
    points = [point_of(row.values["geom"]) for row in chosen]
    if not points:
        return []
    places = from_city([(point.x, point.y) for point in points], Datum.WGS84)
    return [[round(x, 7), round(y, 7), row.values["code"]] for (x, y), row in zip(places.tolist(), chosen, strict=True)]


@transaction.atomic
def recheck(batch: ComponentBatch, reading: Reading, found: Findings, *, by: User | None) -> None:
    """Tell a batch that was only checked what another reading of its columns finds. Raises RefusedError."""
    may_change(by)
    locked = ComponentBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.stage != Stage.CHECKED:
        raise RefusedError(_("这个批次已经处理过：现在是“%(stage)s”。") % {"stage": locked.get_stage_display()})
    _tell(batch, reading, found, [])
    batch.save()


def take(batch: ComponentBatch, found: Findings, *, by: User | None, at: datetime) -> None:
    """Write the accepted rows as drafts of a batch; a draft of the same code from an earlier batch gives way."""
    codes = [row.values["code"] for row in found.accepted]
    replaced, earlier = 0, set[int]()
    for start in range(0, len(codes), CHUNK):
        older = Component.objects.drafts().filter(code__in=codes[start : start + CHUNK])
        earlier |= {key for key in older.values_list("batch", flat=True) if key is not None}
        replaced += older.delete()[0]
    columns = ("code", "geom", *VALUES, "draft", "batch_id")
    copy_all(Component, columns, (_draft(row, batch.pk) for row in found.accepted))
    batch.stage, batch.accepted_at, batch.accepted_by = Stage.DRAFT, at, by
    batch.report["replaced_drafts"] = replaced
    batch.save()
    _settle(sorted(earlier), by, at)
    if not codes:
        _settle([batch.pk], by, at)
        batch.refresh_from_db(fields=["stage", "decided_at", "decided_by"])


def _draft(row: Judged, batch: int) -> list[object]:
    return [row.values["code"], row.values["geom"], *(row.values[name] for name in VALUES), True, batch]


@transaction.atomic
def publish(drafts: ComponentQuerySet, *, by: User | None, at: datetime, why: str = "") -> Published:
    """Make drafts what everybody works with, and write the history of each.

    A draft of a published code changes that row, in the columns that its file stated. A state that was changed since
    the file was taken in (seen on the street) is newer than the file: it stays.
    """
    may_change(by)
    keys = list(drafts.filter(draft=True).order_by("pk").values_list("pk", flat=True))
    new = changed = kept = 0
    batches: set[int] = set()
    for start in range(0, len(keys), CHUNK):
        rows = list(
            Component.objects.select_for_update(of=("self",)).filter(pk__in=keys[start : start + CHUNK], draft=True)
        )
        published = Component.objects.published().select_for_update(of=("self",))
        twins = {row.code: row for row in published.filter(code__in=[row.code for row in rows])}
        fresh = [row for row in rows if row.code not in twins]
        pairs = [(row, twins[row.code]) for row in rows if row.code in twins]
        newer = _newer_states(pairs)
        _write_changes(fresh, pairs, newer, by, at, why)
        _move_over(pairs, newer, at)
        Component.objects.filter(pk__in=[row.pk for row in fresh]).update(draft=False)
        new, changed, kept = new + len(fresh), changed + len(pairs), kept + len(newer)
        batches |= {row.batch_id for row in rows if row.batch_id is not None}
    _settle(sorted(batches), by, at)
    return Published(new, changed, kept)


Pair = tuple[Component, Component]  # a draft and the published row of its code


def _newer_states(pairs: Sequence[Pair]) -> set[int]:
    """Published rows whose state somebody has changed since the draft's file was taken in."""
    accepted = dict(
        ComponentBatch.objects.filter(pk__in={draft.batch_id for draft, _row in pairs}).values_list("pk", "accepted_at")
    )
    since = {row.pk: accepted.get(draft.batch_id or 0) for draft, row in pairs}
    changes = ComponentChange.objects.filter(component__in=since).exclude(cause=ComponentChange.Cause.PUBLISHED)
    return {
        key for key, at in changes.values_list("component_id", "at") if (taken := since[key]) is not None and at > taken
    }


def _fields(pairs: Sequence[Pair]) -> dict[int | None, list[str]]:
    """Columns that the file of each batch stated; a draft without a batch states them all."""
    every = ["geom", *VALUES]
    stated: dict[int | None, list[str]] = {None: every}
    for batch in ComponentBatch.objects.filter(pk__in={draft.batch_id for draft, _row in pairs}):
        stated[batch.pk] = [name for name in batch.report.get("fields", every) if name in every]
    return stated


def _write_changes(
    fresh: Sequence[Component],
    pairs: Sequence[Pair],
    newer: set[int],
    by: User | None,
    at: datetime,
    why: str,
) -> None:
    cause, who, fields = ComponentChange.Cause.PUBLISHED, by.pk if by else None, _fields(pairs)

    def lines() -> Iterator[list[object]]:
        for row in fresh:
            yield [row.pk, at, who, cause, "", row.state, None, None, {}, why, "", row.batch_id]
        for draft, row in pairs:
            names = fields[draft.batch_id]
            state = draft.state if "state" in names and row.pk not in newer else row.state
            moved = _moved(row, draft) if "geom" in names else None
            values = {
                name: [_plain(getattr(row, name)), _plain(getattr(draft, name))]
                for name in names
                if name not in ("geom", "state") and getattr(row, name) != getattr(draft, name)
            }
            before = to_shapely(row.geom) if moved is not None else None
            yield [row.pk, at, who, cause, row.state, state, moved, before, values, why, "", draft.batch_id]

    copy_all(ComponentChange, CHANGE, lines())


def _moved(row: Component, draft: Component) -> float | None:
    """Metres from the old shape to the new one (Hausdorff: how far any part of it went); None where it is the same."""
    here, there = to_shapely(row.geom), to_shapely(draft.geom)
    if here.equals_exact(there, SAME_M) or here.normalize().equals_exact(there.normalize(), SAME_M):
        return None
    return round(float(here.hausdorff_distance(there)), 3)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _move_over(pairs: Sequence[Pair], newer: set[int], at: datetime) -> None:
    """Write what drafts say into the published rows, and drop the drafts; one statement a batch."""
    day = at.astimezone(settings.CITY.zone).date()
    stated = _fields(pairs)
    for batch in {draft.batch_id for draft, _row in pairs}:
        ids = [draft.pk for draft, _row in pairs if draft.batch_id == batch]
        sets = [f'"{name}" = d."{name}"' for name in stated[batch] if name != "state"]
        if "state" in stated[batch]:
            sets.append("state = CASE WHEN p.id = ANY(%(newer)s) THEN p.state ELSE d.state END")
        if "changed_on" not in stated[batch]:
            sets.append("changed_on = %(day)s")
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE gridmap_component p SET {', '.join(sets)}, batch_id = d.batch_id FROM gridmap_component d"  # noqa: S608 - names of our own columns
                " WHERE d.id = ANY(%(ids)s) AND d.draft AND NOT p.draft AND p.code = d.code",
                {"ids": ids, "newer": sorted(newer) or [0], "day": day},
            )
    Component.objects.drafts().filter(pk__in=[draft.pk for draft, _row in pairs]).delete()


def _settle(batches: Iterable[int], by: User | None, at: datetime) -> None:
    """A batch without drafts is decided: published, or given up where later files have replaced them all."""
    empty = ComponentBatch.objects.filter(pk__in=list(batches), stage=Stage.DRAFT).exclude(
        pk__in=Component.objects.drafts().exclude(batch=None).values("batch")
    )
    told = ComponentChange.objects.exclude(batch=None).values("batch")
    nothing_to_do = Q(rows_new=0, rows_changed=0)
    empty.filter(nothing_to_do | Q(pk__in=told)).update(stage=Stage.PUBLISHED, decided_at=at, decided_by=by)
    empty.update(stage=Stage.DISCARDED, decided_at=at, decided_by=by)


@transaction.atomic
def discard(batch: ComponentBatch, *, by: User | None, at: datetime) -> int:
    """Give up what a batch has not published; how many drafts went. What it has published stays.

    Raises RefusedError for a batch that is decided.
    """
    may_change(by)
    locked = ComponentBatch.objects.select_for_update().get(pk=batch.pk)
    if locked.stage not in (Stage.CHECKED, Stage.DRAFT):
        raise RefusedError(_("这个批次已经处理过：现在是“%(stage)s”。") % {"stage": locked.get_stage_display()})
    gone, _each = Component.objects.drafts().filter(batch=locked).delete()
    locked.stage, locked.decided_at, locked.decided_by = Stage.DISCARDED, at, by
    locked.save(update_fields=["stage", "decided_at", "decided_by"])
    if locked.file and not ComponentChange.objects.filter(batch=locked).exists():
        # nothing has come of it: only its report stays
        transaction.on_commit(locked.file.delete)
    return gone


@transaction.atomic
def change_state(
    component: Component,
    state: str,
    *,
    at: datetime,
    by: User | None,
    cause: str,
    why: str = "",
    reference: str = "",
) -> ComponentChange | None:
    """Say what state a published component is in, with who, why and what for; None where it is in that state already.

    `reference` is the number of a case, say: this floor does not know cases. Who may say so is for the caller to know;
    no personal data in `why`. Works on the row as it is now, and takes it until the transaction ends.
    """
    row = Component.objects.published().select_for_update(of=("self",)).get(pk=component.pk)
    before, state = row.state, Component.State(state)
    if before == state:
        return None
    row.state, row.changed_on = state, at.astimezone(settings.CITY.zone).date()
    row.save(update_fields=["state", "changed_on"])
    component.state, component.changed_on = row.state, row.changed_on
    return ComponentChange.objects.create(
        component=row,
        at=at,
        by=by,
        cause=cause,
        from_state=before,
        to_state=state,
        why=why[:200],
        reference=reference[:60],
    )


def log_edit(before: Component | None, row: Component, *, by: User, at: datetime) -> ComponentChange | None:
    """Write the history of a published component that was edited as a row (in the admin); None where nothing changed.

    `before` is the row as it was, None for a new one. In the transaction of the edit.
    """
    if row.draft:
        return None
    names = () if before is None else VALUES
    values = {
        name: [_plain(getattr(before, name)), _plain(getattr(row, name))]
        for name in names
        if name != "state" and getattr(before, name) != getattr(row, name)
    }
    moved = None if before is None else _moved(before, row)
    if before is not None and not values and moved is None and before.state == row.state:
        return None
    return ComponentChange.objects.create(
        component=row,
        at=at,
        by=by,
        cause=ComponentChange.Cause.BY_HAND,
        from_state="" if before is None else before.state,
        to_state=row.state,
        moved_m=moved,
        geom_before=before.geom if before is not None and moved is not None else None,
        values=values,
    )


def change_by_hand(component: Component, state: str, *, by: User, at: datetime, why: str) -> ComponentChange | None:
    """A data manager corrects a state, and says why. Raises PermissionDenied, and RefusedError without a reason."""
    may_change(by)
    if not why.strip():
        raise RefusedError(_("请写明变更理由。"))
    return change_state(component, state, at=at, by=by, cause=ComponentChange.Cause.BY_HAND, why=why.strip())
