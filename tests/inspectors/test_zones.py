"""Drawn zones: even, in one piece, the same for the same seed; and who answers for a case."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from shapely import box

from desks.maplayers import zones as zone_layer
from desks.shapes import Shape
from dispatch.models import Case, FieldTask
from inspectors.models import DutyZone, Shift, ZoneCell, ZoneDrawing
from inspectors.situation import read
from inspectors.zonedrawing import Cells, DrawError, Pace, _Drawing, draw, kept_names
from inspectors.zones import in_zones, zones_at
from tests.inspectors.conftest import on_duty
from tests.town import Town, at

SIDE = 12


def square_city(gap: float = 0.0) -> dict[str, Any]:
    """12 × 12 cells of 100 m; a gap parts the two rightmost columns from the rest."""
    return {
        f"{i:02d}{j:02d}": box(100 * i + gap * (i > 9), 100 * j, 100 * i + 100 + gap * (i > 9), 100 * j + 100)
        for i in range(SIDE)
        for j in range(SIDE)
    }


@pytest.fixture(scope="module")
def uneven() -> Cells:
    """Most cases in the lower left quarter."""
    random = np.random.default_rng(3)
    shapes = square_city()
    cases = {code: float(random.gamma(0.8, 0.2)) * (6 if code[:2] < "06" and code[2:] < "06" else 1) for code in shapes}
    return Cells.of(shapes, cases)


def test_zones_have_every_cell_once_and_hang_together(uneven: Cells) -> None:
    zones = draw(uneven, 6)
    assert sorted(code for zone in zones for code in zone.codes) == sorted(uneven.codes)
    assert all(zone.in_one_piece for zone in zones)
    for zone in zones:
        shapes = [uneven.shapes[uneven.codes.index(code)] for code in zone.codes]
        assert shapely.union_all(shapes).geom_type == "Polygon"


def test_the_work_is_even_where_the_cases_are_not(uneven: Cells) -> None:
    works = np.array([zone.work for zone in draw(uneven, 6)])
    assert works.max() / works.mean() < 1.15
    assert works.min() / works.mean() > 0.85
    areas = np.array([zone.area_m2 for zone in draw(uneven, 6)])
    assert areas.max() / areas.min() > 1.5  # the busy ones are smaller


def test_zones_are_compact(uneven: Cells) -> None:
    assert np.mean([zone.compactness for zone in draw(uneven, 6)]) > 0.45


def test_the_same_seed_draws_the_same_zones(uneven: Cells) -> None:
    assert draw(uneven, 5, seed=4) == draw(uneven, 5, seed=4)


def test_work_is_looking_and_riding() -> None:
    pace = Pace(visit=8, detour=1.3, speed=250)
    assert pace.work(4, 1_000_000) == pytest.approx(4 * 8 + 0.7124 * 2000 * 1.3 / 250)
    assert pace.work(0, 1_000_000) > 0


def test_ground_that_touches_no_other_one_is_joined_to_the_nearest() -> None:
    cells = Cells.of(square_city(gap=300), {})
    assert cells.bridged == 1
    assert len(draw(cells, 4)) == 4


def test_more_zones_than_cells_are_refused(uneven: Cells) -> None:
    with pytest.raises(DrawError):
        draw(uneven, 145)


def test_a_zone_keeps_the_name_of_the_ground_it_has_mostly(uneven: Cells) -> None:
    zones = draw(uneven, 3)
    before = {code: name for zone, name in zip(zones, ("丙", "甲", "乙"), strict=True) for code in zone.codes}
    assert kept_names(zones, before) == ["丙", "甲", "乙"]
    assert kept_names(zones, {}) == [None, None, None]


@pytest.fixture
def drawn(town: Town, zones: list[DutyZone]) -> list[DutyZone]:
    """甲区 has the community 甲社区; its second cell is drawn for 乙区."""
    ZoneCell.objects.create(zone=zones[1], code=town.cells[1].code)
    return zones


def cases(town: Town) -> list[Case]:
    return [town.report(point=at(x, 50)) for x in (50, 150, 250)]


def test_a_drawn_cell_is_in_its_zone_only_and_the_rest_stays_with_the_community(
    town: Town, drawn: list[DutyZone]
) -> None:
    first, second, third = cases(town)
    assert set(Case.objects.filter(in_zones([drawn[0].pk]))) == {first}
    assert set(Case.objects.filter(in_zones([drawn[1].pk]))) == {second, third}
    assert set(Case.objects.filter(Shape("zone", str(drawn[1].pk)).holds())) == {second, third}
    assert zones_at([town.communities[0].pk], town.cells[1].code) == {drawn[1].pk}
    assert zones_at([town.communities[0].pk], town.cells[0].code) == {drawn[0].pk}


def test_a_case_outside_the_grid_still_has_its_communitys_zone(town: Town, drawn: list[DutyZone]) -> None:
    case = town.report(point=at(50, 50))
    Case.objects.filter(pk=case.pk).update(cell=None)
    assert set(Case.objects.filter(in_zones([drawn[0].pk]))) == {case}


def test_the_choice_and_the_waiting_list_follow_the_drawn_cells(
    town: Town, drawn: list[DutyZone], phone: Client
) -> None:
    on_duty(town.people["inspector"], drawn[1])
    first, second, _third = cases(town)
    tasks = []
    for case, x in ((first, 50), (second, 150)):
        case.state = "verifying"
        case.save()
        times = {"issued_at": timezone.now(), "due_at": timezone.now() + timedelta(hours=1)}
        tasks.append(FieldTask.objects.create(case=case, kind="verify", point=at(x, 50), **times))
    assert read(tasks, timezone.now()).in_zone.tolist() == [[False], [True]]
    text = phone.get("/field/").content.decode()
    assert f'data-claim="{tasks[1].pk}"' in text
    assert f'data-claim="{tasks[0].pk}"' not in text


def test_the_map_shows_a_zone_as_its_ground(town: Town, drawn: list[DutyZone]) -> None:
    found = {row["title"]: shapely.geometry.shape(row["shape"]) for row in zone_layer()}
    assert found["甲区"].intersection(found["乙区"]).area < 1e-9 * found["甲区"].area + 1e-12
    assert found["乙区"].area == pytest.approx(3 * found["甲区"].area, rel=0.01)


def test_draw_zones_shows_and_applies(town: Town, zones: list[DutyZone], capsys: pytest.CaptureFixture[str]) -> None:
    cases(town)
    call_command("draw_zones", "--zones=2")
    assert "nothing was changed" in capsys.readouterr().out
    assert not ZoneCell.objects.exists()
    with pytest.raises(CommandError, match="--reason"):
        call_command("draw_zones", "--zones=2", "--apply")
    shift = on_duty(town.people["inspector"], zones[0])
    call_command("draw_zones", "--zones=2", "--apply", "--reason=按一年案件量均衡")
    assert "2 cells" in capsys.readouterr().out
    assert set(ZoneCell.objects.values_list("zone__name", "code")) == {
        (name, town.cells[i].code) for i, name in enumerate(("甲区", "甲区", "乙区", "乙区"))
    }
    assert not zones[0].communities.exists()
    kept = ZoneDrawing.objects.get()
    assert kept.report["before"][town.cells[3].code] == "乙区"
    assert kept.report["in_pieces"] == 0
    assert Shift.objects.get() == shift


def test_draw_zones_refuses_what_cannot_be(town: Town) -> None:
    with pytest.raises(CommandError, match="fewer zones"):
        call_command("draw_zones", "--zones=9")


def test_a_cell_that_joins_two_others_of_its_zone_does_not_change_sides() -> None:
    row = Cells.of({f"{i}": box(100 * i, 0, 100 * i + 100, 100) for i in range(3)}, {})
    drawing = _Drawing(row, Pace(), np.array([[150.0, 50.0]]))
    drawing.grow()
    assert [drawing._whole_without(cell, 0) for cell in range(3)] == [True, False, True]
    # the last cell of a zone stays, too
    alone = _Drawing(row, Pace(), np.array([[50.0, 50.0], [150.0, 50.0], [250.0, 50.0]]))
    alone.grow()
    assert not alone._whole_without(0, int(alone.zone[0]))
