"""The navigation: what is used all day stands in the bar, the rest under its headings; nobody sees a closed door."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from people.permissions import ROOMS, Group, Role, grouped, may, rooms_for


@pytest.mark.parametrize("role", Role)
def test_every_open_room_stands_in_the_bar_or_under_one_heading(role: Role, login: Callable[[str], Client]) -> None:
    page = login(role).get(reverse("desks:knowledge") if role != Role.INSPECTOR else "/field/").content.decode()
    bar = page[: page.index("</header>")]
    for room in ROOMS:
        assert bar.count(f'href="{reverse(room.url)}"') == int(may({role}, room.permission)), room.url


def test_a_heading_without_rooms_is_not_there() -> None:
    found = grouped(rooms_for({Role.SHIFT_LEAD}))
    assert Group.MAIN not in dict(found)
    assert all(inside for _group, inside in found)
    assert grouped([]) == []
