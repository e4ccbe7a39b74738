"""Tries of visitors are counted by window, and what is kept of them names nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from people.knocks import Door, address_of, knock
from people.models import Knock

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
DOOR = Door("search", 2, timedelta(minutes=10))
pytestmark = pytest.mark.django_db


def test_so_many_tries_and_no_more_until_the_window_ends() -> None:
    later = NOW + timedelta(minutes=9)
    assert [knock([(DOOR, "a")], at) for at in (NOW, NOW, later)] == [True, True, False]
    assert knock([(DOOR, "b")], later)
    assert knock([(DOOR, "a")], NOW + timedelta(minutes=10))


def test_doors_are_counted_apart_and_all_of_them() -> None:
    other = Door("number", 1, timedelta(minutes=10))
    assert knock([(DOOR, "a"), (other, "a")], NOW)
    assert not knock([(DOOR, "a"), (other, "a")], NOW)
    assert not knock([(DOOR, "a")], NOW)  # counted although the other one was shut


def test_who_knocks_is_not_kept_and_old_windows_are_swept() -> None:
    knock([(DOOR, "13900000007")], NOW)
    assert "13900000007" not in Knock.objects.get().key
    knock([(DOOR, "b")], NOW + timedelta(hours=1))
    assert Knock.objects.get().ends_at > NOW + timedelta(hours=1)


def test_the_address_is_that_of_the_socket_or_what_the_door_has_written() -> None:
    ask = RequestFactory().get
    assert address_of(ask("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="192.0.2.9")) == "192.0.2.1"
    assert address_of(ask("/", REMOTE_ADDR="", HTTP_X_FORWARDED_FOR="192.0.2.9, 192.0.2.7")) == "192.0.2.7"
