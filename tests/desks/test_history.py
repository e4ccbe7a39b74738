"""The last year as tiles: every ended case once, at every zoom, and nothing that one may not see."""

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from desks import history
from dispatch.models import Case
from gridmap.datums import lonlat
from people.models import RoleGrant
from tests.town import Town, at

Login = Callable[[str], Client]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    history._counts.cache_clear()
    yield
    history._counts.cache_clear()


@pytest.fixture
def ended(town: Town) -> list[Case]:
    """Two at 50 and one at 350 metres, one confidential, one of two years ago, one open."""
    when = timezone.now() - timedelta(days=3)
    cases = [town.to_state("closed", town.report(point=at(x, 50), when=when), when=when) for x in (50, 50, 350, 50, 50)]
    Case.objects.filter(pk=cases[3].pk).update(confidential=True)
    Case.objects.filter(pk=cases[4].pk).update(received_at=when - timedelta(days=700))
    town.to_state("handling", town.report(when=when), when=when)
    return cases


def tile_of(x: float, z: int) -> tuple[int, int, int]:
    lon, lat = lonlat(at(x, 50))
    n, phi = 2**z, math.radians(lat)
    row = (1 - math.log(math.tan(phi) + 1 / math.cos(phi)) / math.pi) / 2 * n
    return z, int((lon + 180) / 360 * n), int(row)


def ask(client: Client, z: int, x: int, y: int) -> Any:
    return client.get(f"/console/history/{z}/{x}/{y}.json").json()


@pytest.mark.parametrize("z", [8, 11, 14])
def test_counts_of_a_tile_are_its_ended_cases_of_the_year(login: Login, ended: list[Case], z: int) -> None:
    client = login("operator")
    tiles = {tile_of(x, z) for x in (50, 350)}
    rows = [row for tile in tiles for row in ask(client, *tile)["rows"]]
    assert sum(row[2] for row in rows) == 3
    lon, lat = lonlat(at(50, 50))
    assert min(abs(row[0] - lon) + abs(row[1] - lat) for row in rows) < 0.01


def test_looked_at_closely_each_case_is_a_dot_of_its_own(login: Login, ended: list[Case]) -> None:
    tile = tile_of(50, 19)
    answer = ask(login("manager"), *tile)
    assert answer["kind"] == "cases"
    assert len(answer["rows"]) == 2


def test_too_many_for_dots_are_counted(login: Login, ended: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST", 1)
    answer = ask(login("manager"), *tile_of(50, 18))
    assert answer["kind"] == "cells"


def test_an_area_sees_its_own(login: Login, town: Town, ended: list[Case]) -> None:
    RoleGrant.objects.filter(role="manager").update(area_code=town.communities[1].code)
    rows = [row for tile in {tile_of(x, 11) for x in (50, 350)} for row in ask(login("manager"), *tile)["rows"]]
    assert sum(row[2] for row in rows) == 1


@pytest.mark.parametrize("path", ["3/1/1", "21/1/1", "12/5000/1", "12/1/4096"])
def test_there_are_no_other_tiles(login: Login, town: Town, path: str) -> None:
    assert login("dispatcher").get(f"/console/history/{path}.json").status_code == 404


def test_the_other_side_of_the_earth_is_empty(login: Login, ended: list[Case]) -> None:
    assert ask(login("dispatcher"), 12, 1, 1)["rows"] == []
