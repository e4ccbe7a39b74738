"""The outbox: nothing is passed over, nothing lost when a reader dies."""

import contextlib
import threading

import pytest
from django.db import connection, transaction

from dispatch import events
from dispatch.models import Event
from tests.town import Town, build_town


def deliver(seen: list[str]) -> int:
    return events.deliver("test", lambda event: seen.append(event.kind))


@pytest.mark.django_db(transaction=True)
def test_a_reader_gets_every_event_once_in_order() -> None:
    build_town().to_state("to_file")
    seen: list[str] = []
    deliver(seen)
    deliver(seen)
    assert seen == ["case.register", "case.order_verify", "case.verify"]


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_dies_gets_the_event_again() -> None:
    build_town().report()

    def die(event: Event) -> None:
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        events.deliver("test", die)
    seen: list[str] = []
    deliver(seen)
    assert seen == ["case.register"]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_passed_over() -> None:
    """The slow transaction took its number first and commits last."""
    town = build_town()
    begun, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            town.report("慢")
            begun.set()
            finish.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    town.report("快")
    seen: list[str] = []
    deliver(seen)
    assert seen == []  # the fast one waits: something may still come before it
    assert events.waiting("test")
    finish.set()
    thread.join(10)
    deliver(seen)
    assert seen == ["case.register", "case.register"]


def test_a_step_that_is_rolled_back_leaves_no_event(town: Town) -> None:
    with contextlib.suppress(RuntimeError), transaction.atomic():
        town.report()
        raise RuntimeError
    assert not Event.objects.exists()
