"""Places that a campaign wants seen."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Case, Undertaking
from gridmap.models import Area
from inspectors import campaigns
from inspectors.dutyrefusals import DutyError
from inspectors.models import DutyZone, Spot
from people.models import User
from tests.inspectors.conftest import Colleague, on_duty
from tests.inspectors.envelopes import operate
from tests.inspectors.test_nearby import here
from tests.town import NOW, Town


@pytest.fixture
def campaign(town: Town) -> Undertaking:
    return Undertaking.objects.create(
        kind="campaign",
        title="井盖普查",
        why="逐个查看",
        begins_on=timezone.localdate() - timedelta(days=1),
        made_by=town.people["manager"],
        made_at=NOW,
        operation=uuid4(),
    )


def see(spot: Spot, user: User, result: str = "fine", **more: Any) -> Spot:
    when = timezone.now()
    return campaigns.see(spot.pk, result, by=user, at=when, seen_at=when, **({"operation": uuid4()} | more))


def test_a_campaign_gets_cells_or_components_once(town: Town, campaign: Undertaking) -> None:
    areas = Area.objects.filter(pk__in=[area.pk for area in town.communities])
    assert campaigns.plan_cells(campaign, areas, timezone.now()) == 4
    assert campaigns.plan_cells(campaign, areas, timezone.now()) == 0
    assert campaigns.plan_components(campaign, areas, town.cover) == 1
    spot = Spot.objects.exclude(component=None).get()
    assert spot.component == town.component
    for spot in Spot.objects.filter(component=None):
        cell = next(cell for cell in town.cells if cell.code == spot.cell_code)
        assert cell.geom.contains(spot.point)


def test_what_was_seen_is_stored_once_and_a_finding_joins_the_campaign(
    town: Town, campaign: Undertaking, colleague: Colleague
) -> None:
    campaigns.plan_cells(campaign, town.communities, timezone.now())
    first, second, *_others = Spot.objects.order_by("pk")
    user, operation = town.people["inspector"], uuid4()
    assert see(first, user, operation=operation) == see(first, user, "absent", operation=operation)
    with pytest.raises(DutyError, match="seen"):
        see(first, colleague("别人"))
    with pytest.raises(DutyError, match="other_case"):
        see(second, user, "found", number=town.report().number)
    second.refresh_from_db()
    assert second.done_at is None
    Undertaking.objects.filter(pk=campaign.pk).update(ended_on=timezone.localdate(), outcome="完")
    with pytest.raises(DutyError, match="gone"):
        see(second, user)


def test_a_finding_reported_from_a_place_of_a_campaign_belongs_to_it(
    town: Town, campaign: Undertaking, zones: list[DutyZone], phone: Client
) -> None:
    from tests.inspectors.test_found import sheet

    on_duty(town.people["inspector"], zones[0])
    campaigns.plan_cells(campaign, town.communities, timezone.now())
    spot = Spot.objects.order_by("pk")[0]
    assert f"survey={spot.pk}" in phone.get(f"/field/spots/{spot.pk}/").content.decode()
    answer = operate(phone, "found", sheet(town, survey=spot.pk))
    assert answer.status_code == 200, answer.content
    case = Case.objects.get()
    spot.refresh_from_db()
    assert (spot.result, spot.case) == ("found", case)
    assert campaign.cases.get() == case


def test_places_are_listed_for_the_zone_on_duty_nearest_first(
    town: Town, campaign: Undertaking, zones: list[DutyZone], phone: Client
) -> None:
    campaigns.plan_cells(campaign, town.communities, timezone.now())
    assert "没有待查看的普查点" in phone.get("/field/spots/").content.decode()
    on_duty(town.people["inspector"], zones[0])
    text = phone.post("/field/spots/", here(150)).content.decode()
    first, second, *others = (text.find(cell.code) for cell in town.cells)
    assert 0 < second < first
    assert others == [-1, -1]
