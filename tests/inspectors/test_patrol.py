"""Which cells were seen, and which were not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspectors import patrol
from inspectors.models import CellPass, DutyZone, Message, MessageCopy, PossibleMiss, Track
from inspectors.zones import cells_of
from people.models import User
from tests.inspectors.conftest import on_duty
from tests.inspectors.test_nearby import here
from tests.inspectors.test_tracks import START, record, walk, walker
from tests.town import NOW, Town, at

__all__ = ["walker"]


def seen() -> set[str]:
    return set(CellPass.objects.values_list("cell_code", flat=True))


def test_a_cell_is_seen_when_a_track_passes_near_enough(town: Town, walker: User) -> None:
    # along y = 50 from the middle of the first cell to 29 m before the third: 30 m count
    record(walker, walk([50, 100, 171]))
    assert patrol.mark_seen() == 1
    assert seen() == {cell.code for cell in town.cells[:3]}
    assert patrol.mark_seen() == 0
    CellPass.objects.all().delete()
    Track.objects.update(read=False)
    record(walker, walk([50, 100, 169], since=START + timedelta(minutes=20)))
    Track.objects.filter(starts_at=START).update(read=True)
    patrol.mark_seen()
    assert seen() == {cell.code for cell in town.cells[:2]}


def test_reading_a_track_again_changes_nothing_and_the_latest_pass_of_a_day_counts(town: Town, walker: User) -> None:
    record(walker, walk([50, 60], since=START + timedelta(hours=1)))
    patrol.mark_seen()
    record(walker, walk([50, 60]))
    patrol.mark_seen()
    Track.objects.update(read=False)
    patrol.mark_seen()
    assert CellPass.objects.get().at == START + timedelta(hours=1, seconds=20)


def test_unseen_cells_are_those_of_so_many_days(town: Town, zones: list[DutyZone], walker: User) -> None:
    for cell, days in zip(town.cells[:3], (1, 7, 8), strict=True):
        when = START - timedelta(days=days)
        CellPass.objects.create(cell_code=cell.code, day=when.date(), at=when, inspector=walker)
    everything = cells_of(DutyZone.objects.all(), timezone.localdate(START))
    late = patrol.unseen(everything, START, 7)
    assert [cell.pk for cell in late] == [town.cells[3].pk, town.cells[2].pk]  # never, then eight days ago
    assert [cell.pk for cell in patrol.never_seen(everything)] == [town.cells[3].pk]


def test_the_inspector_sees_the_unseen_cells_of_the_own_zone_nearest_first(
    town: Town, zones: list[DutyZone], phone: Client
) -> None:
    assert "现在没有班次" in phone.get("/field/patrol/").content.decode()
    on_duty(town.people["inspector"], zones[0])
    text = phone.post("/field/patrol/", here(150)).content.decode()
    first, second, *others = (text.find(cell.code) for cell in town.cells)
    assert 0 < second < first
    assert others == [-1, -1]


def test_pages_take_as_many_queries_for_many_cells_as_for_few(town: Town, zones: list[DutyZone], login: Any) -> None:
    lead: Client = login("shift_lead")

    def queries(path: str) -> int:
        lead.get(path)
        with CaptureQueriesContext(connection) as found:
            assert lead.get(path).status_code == 200
        return len(found)

    def fill(number: int) -> None:
        DutyZone.objects.create(name=f"又{number}").communities.set(town.communities)
        case = town.report(point=at(50, 50))
        PossibleMiss.objects.create(
            case=case,
            report=case.reports.get(),
            cell_code="x",
            zone=zones[0],
            inspector=town.people["inspector"],
            reported_at=NOW,
        )
        sent = Message.objects.create(
            to="all", text="雨", sent_by=town.people["operator"], sent_at=NOW, operation=uuid4()
        )
        MessageCopy.objects.create(message=sent, inspector=town.people["inspector"])

    pages = ("/patrol/", "/patrol/cells/", "/misses/", "/messages/")
    fill(0)
    few = [queries(page) for page in pages]
    for number in range(1, 6):
        fill(number)
    assert [queries(page) for page in pages] == few


def test_the_map_has_the_unseen_cells_of_the_chosen_zone(town: Town, zones: list[DutyZone], login: Any) -> None:
    CellPass.objects.create(
        cell_code=town.cells[0].code, day=timezone.localdate(), at=timezone.now(), inspector=town.people["inspector"]
    )
    shapes = login("data_manager").get(f"/patrol/cells/?zone={zones[0].pk}").json()["features"]
    assert [(shape["properties"]["code"], shape["properties"]["days"]) for shape in shapes] == [
        (town.cells[1].code, None)
    ]
    page = login("data_manager").get("/patrol/?days=99999&zone=x").content.decode()
    assert "7 天未巡的单元网格 3 / 4" in page
