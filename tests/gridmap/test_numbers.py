"""House numbers from known numbers, by the rules alone."""

import math
import random

import pytest

from gridmap.entries import Branch, Entry
from gridmap.numbers import STREET, VILLAGE, Row, estimate


def door(number, x, y, rank=2, road="西仓路", sub_number=None):
    return Entry(None, "doorplate", "", "", road, number, sub_number, x, y, 10, rank)


def street(chance, numbers):
    """A street that runs east at two to five metres a number, with doors up to 30 m beside their place."""
    step = chance.uniform(2, 5)
    return [door(n, n * step + chance.gauss(0, 10), chance.gauss(0, 10), chance.choice([2, 3, 4])) for n in numbers]


@pytest.mark.parametrize("scale", [STREET, VILLAGE], ids=["street", "village"])
def test_any_set_of_known_numbers_gives_a_point_within_reach_of_its_street(scale):
    chance = random.Random(11)
    for _ in range(300):
        doors = street(chance, sorted(chance.sample(range(1, 4000), chance.randint(1, 12))))
        lanes = [Branch(n, door(chance.randint(1, 300), n * 3, 60)) for n in sorted(chance.sample(range(1, 4000), 4))]
        lane = chance.choice([None, chance.randint(1, 4000)])
        row = Row(doors, lane, doors, lanes) if lane else Row(doors, None, (), lanes)
        answer = estimate(row, chance.randint(1, 4000), None, scale)
        assert answer is not None
        assert math.isfinite(answer.x + answer.y)
        assert 0 < answer.uncertainty_m < 100_000
        assert min(math.dist((answer.x, answer.y), (d.x, d.y)) for d in doors) < 30_000


def found(doors, number):
    answer = estimate(Row(doors), number, None)
    assert answer is not None
    return answer


def test_nothing_known_gives_nothing():
    assert estimate(Row(()), 5, None) is None


def test_the_radius_grows_with_the_way_to_the_nearest_known_number():
    doors = [door(10, 30, 0), door(20, 60, 0), door(30, 90, 0)]
    radii = [found(doors, number).uncertainty_m for number in (32, 60, 200)]
    assert radii == sorted(radii)
    assert radii[0] < radii[1] < radii[2]


def test_several_entries_that_tell_one_number_outweigh_a_stray_neighbour():
    told = [door(14, x, 0, rank=3) for x in (40, 42, 44)]
    doors = sorted([door(10, 30, 0, 3), door(12, 900, 0, 3), *told, door(18, 55, 0, 3)], key=lambda d: d.number)
    assert found(doors, 14).x == pytest.approx(42, abs=10)
    assert found(doors, 12).x == pytest.approx(36, abs=15)
