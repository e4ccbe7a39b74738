import pytest

from inspectors.bearing import bearing, direction


@pytest.mark.parametrize(
    ("east", "north", "degrees", "word"),
    [
        (0, 100, 0, "正北"),
        (100, 100, 45, "东北"),
        (100, 0, 90, "正东"),
        (-1, -100, 181, "正南"),
        (-100, 0, 270, "正西"),
    ],
)
def test_a_bearing_is_counted_from_north_clockwise(east: float, north: float, degrees: int, word: str) -> None:
    assert (bearing(east, north), direction(bearing(east, north))) == (degrees, word)


def test_just_west_of_north_is_still_north() -> None:
    assert direction(bearing(-10, 100)) == "正北"


def test_who_is_there_already_is_sent_nowhere() -> None:
    assert (bearing(6, 7.9), direction(None)) == (None, "")
    assert bearing(6, 8) == 37
