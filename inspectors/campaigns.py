"""普查: places that a campaign wants seen, made from cells or components, and what was seen there."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

from django.contrib.gis.db.models.functions import Centroid, PointOnSurface
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from dispatch.models import Case, Step, Undertaking
from dispatch.transitions import Action
from gridmap.models import Area, Category, Cell, Component
from inspectors.actions import Finding
from inspectors.dutyrefusals import DutyError
from inspectors.models import Shift, Spot
from inspectors.zones import communities_of
from people.models import User

# a plan of more places than these is no work of one campaign
MOST = 5000
FOUND = (Action.REPORT_FOUND, Action.SELF_HANDLED, Action.ADD_FOUND)


def waiting_spots(user: User, at: datetime) -> QuerySet[Spot]:
    """Places in the zones of somebody's shifts that nobody has seen yet."""
    zones = Shift.objects.planned(at).filter(inspector=user).values("zone")
    return Spot.objects.open().begun(timezone.localdate(at)).filter(community__in=communities_of(zones))


def plan_cells(campaign: Undertaking, communities: Iterable[Area], at: datetime) -> int:
    """A place in the middle of each cell of some communities; those that the campaign has already stay. How many came.

    The middle is moved into the cell where the cell is bent.
    """
    cells = Cell.objects.on(at.date()).filter(community__in=[area.pk for area in communities])
    middles = cells.annotate(middle=Centroid("geom"))[:MOST]
    return _add(
        campaign,
        [
            Spot(
                campaign=campaign,
                cell_code=cell.code,
                community_id=cell.community_id,
                point=cell.middle if cell.geom.contains(cell.middle) else cell.geom.point_on_surface,  # type: ignore[attr-defined]
            )
            for cell in middles
        ],
    )


def plan_components(campaign: Undertaking, communities: Iterable[Area], category: Category) -> int:
    """The components of a class in some communities; those that the campaign has already stay. How many came."""
    spots: list[Spot] = []
    for area in communities:
        inside = Component.objects.published().filter(category=category, geom__intersects=area.geom)
        placed = inside.annotate(point=PointOnSurface("geom")).order_by("code")[: MOST - len(spots)]
        spots += [
            Spot(campaign=campaign, component=each, community=area, point=each.point)  # type: ignore[attr-defined]
            for each in placed
        ]
    return _add(campaign, spots)


def _add(campaign: Undertaking, spots: list[Spot]) -> int:
    before = Spot.objects.filter(campaign=campaign).count()
    Spot.objects.bulk_create(spots, ignore_conflicts=True)
    return Spot.objects.filter(campaign=campaign).count() - before


@transaction.atomic
def see(
    spot_id: int,
    result: str,
    *,
    by: User,
    at: datetime,
    seen_at: datetime,
    operation: UUID,
    note: str = "",
    number: str = "",
) -> Spot:
    """Store what was seen at a place; what was found is a case that the inspector has reported, linked to the campaign.

    The same operation is stored once. Raises DutyError.
    """
    before = Spot.objects.filter(operation=operation).first()
    if before is not None:
        return before
    spot = Spot.objects.select_for_update(of=("self",)).select_related("campaign").filter(pk=spot_id).first()
    if spot is None or spot.campaign.ended_on is not None:
        raise DutyError("gone")
    if spot.done_at is not None:
        raise DutyError("seen")
    if result == Spot.Result.FOUND:
        spot.case = own_finding(by, number)
        spot.campaign.cases.add(spot.case)
    spot.result, spot.note, spot.done_at, spot.done_by, spot.operation = result, note.strip(), seen_at, by, operation
    spot.save(update_fields=["case", "result", "note", "done_at", "done_by", "operation"])
    return spot


def own_finding(user: User, number: str) -> Case:
    """A case that the user has reported from the street; raises DutyError for any other."""
    own = Step.objects.filter(actor=user, action__in=FOUND)
    case = Case.objects.filter(number=number, pk__in=own.values("case")).first()
    if case is None:
        raise DutyError("other_case")
    return case


def of_finding(spot_id: int | None, case: Case, finding: Finding, *, by: User, at: datetime) -> None:
    """What was reported from the page of a place: the case stays, also when somebody else has seen the place first."""
    if spot_id is None:
        return
    own, seen_at = uuid5(finding.operation, "spot"), finding.fix.taken_at
    try:
        see(spot_id, Spot.Result.FOUND, by=by, at=at, seen_at=seen_at, operation=own, number=case.number)
    except DutyError:
        return
