"""The inspectors' roster: its holes and double bookings, and a substitute who takes over a shift.

Not the centre's own duty (`dispatch.rosters`): this is who is in the street.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridmap.models import Cell
from inspectors.models import DutyZone, Shift, Takeover, ZoneCell
from inspectors.rosterchecks import Double, Hole, Watch, doubles, holes
from people.models import User


class TakeoverError(Exception):
    """A substitute cannot take over; the text is a sentence for the shift lead."""


@dataclass(frozen=True)
class Checked:
    """What was found between two instants; `orphans` are codes of cells in force that no zone answers for."""

    holes: list[Hole]
    doubles: list[Double]
    orphans: list[str]

    @property
    def whole(self) -> bool:
        return not self.holes and not self.orphans


def check(start: datetime, end: datetime) -> Checked:
    """Every cell in force, at any time between two instants; four queries whatever the length."""
    cells = list(Cell.objects.on(timezone.localdate(start)).order_by("code").values_list("code", "community"))
    drawn = dict(ZoneCell.objects.values_list("code", "zone"))
    whole: dict[int, list[int]] = {}
    for row in DutyZone.communities.through.objects.all():
        whole.setdefault(row.area_id, []).append(row.dutyzone_id)
    # the zones that can answer for a cell: of several the others fill the holes of one
    answering = {
        (drawn[code],) if code in drawn else tuple(sorted(whole.get(community, ()))) for code, community in cells
    }
    orphans = [code for code, community in cells if code not in drawn and community not in whole]
    watches = watches_between(start, end)
    found: list[Hole] = []
    for zones in sorted(answering - {()}):
        together = [Watch(w.inspector, zones, w.starts_at, w.ends_at) for w in watches if w.zone in zones]
        found += holes([zones], together, start, end)
    return Checked(found, doubles(watches, start, end), orphans)


def watches_between(start: datetime, end: datetime) -> list[Watch]:
    """Shifts that run at some time between two instants."""
    rows = Shift.objects.filter(starts_at__lt=end, ends_at__gt=start)
    return [Watch(*row) for row in rows.values_list("inspector", "zone", "starts_at", "ends_at")]


def zone_names() -> dict[int, str]:
    return dict(DutyZone.objects.values_list("pk", "name"))


def take_over(
    shift: Shift, substitute: User, *, from_at: datetime, reason: str, by: User, at: datetime, operation: UUID
) -> Takeover:
    """顶班: from an instant on the substitute has the shift; the same operation does it once. Raises TakeoverError.

    A shift that has begun is cut in two; one that has not begun changes hands whole. Tasks follow by themselves: the
    one who left is off duty.
    """
    done = Takeover.objects.filter(operation=operation).first()
    if done is not None:
        return done
    with transaction.atomic():
        # two leads at once: the second waits, and sees who has the shift now
        now = Shift.objects.select_for_update().filter(pk=shift.pk).first()
        if now is None or now.inspector_id != shift.inspector_id or now.ends_at != shift.ends_at:
            raise TakeoverError(_("这个班次刚刚有了变化，没有保存。请查看最新排班后再试。"))
        before = now.inspector
        _refuse_impossible(now, substitute, from_at)
        if from_at <= now.starts_at:
            from_at = now.starts_at
            now.inspector = substitute
            now.save(update_fields=["inspector"])
        else:
            rest = Shift(inspector=substitute, zone_id=now.zone_id, starts_at=from_at, ends_at=now.ends_at)
            now.ends_at = from_at
            now.save(update_fields=["ends_at"])
            rest.save()
            now = rest
        return Takeover.objects.create(
            shift=now,
            before=before,
            substitute=substitute,
            from_at=from_at,
            reason=reason,
            by=by,
            at=at,
            operation=operation,
        )


def _refuse_impossible(shift: Shift, substitute: User, from_at: datetime) -> None:
    if substitute.pk == shift.inspector_id:
        raise TakeoverError(_("顶班人就是本班监督员，请另选一人。"))
    if from_at >= shift.ends_at:
        raise TakeoverError(_("开始时间已在下班之后，请选更早的时间。"))
    start = max(from_at, shift.starts_at)
    busy = Shift.objects.filter(inspector=substitute, starts_at__lt=shift.ends_at, ends_at__gt=start)
    clash = busy.select_related("zone").first()
    if clash is not None:
        local = timezone.localtime
        raise TakeoverError(
            _("%(who)s在%(zone)s有班（%(from)s 至 %(to)s），请另选一人。")
            % {
                "who": substitute,
                "zone": clash.zone,
                "from": f"{local(clash.starts_at):%m-%d %H:%M}",
                "to": f"{local(clash.ends_at):%m-%d %H:%M}",
            }
        )
