"""What the assignment looks ahead to, out of the newest cases."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.actions import filing
from dispatch.models import FieldTask
from inspectors import outlook
from inspectors.assigning import assign
from inspectors.models import DutyZone, Position
from inspectors.situation import read
from inspectors.travel import Straight
from people.models import User
from tests.inspectors.conftest import Colleague, on_duty
from tests.town import Town, at


def stands(user: User, x: float) -> None:
    Position.objects.create(inspector=user, point=at(x, 50), accuracy_m=10, seen_at=timezone.now())


@pytest.fixture
def past(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four cases tell enough: they were on the right, where one inspector stands alone."""
    monkeypatch.setattr(outlook, "LEAST", 4)
    monkeypatch.setattr(outlook, "SQUARE_M", 20)
    for x in (385, 385, 385, 150):
        town.report(point=at(x, 50))


def test_the_newest_cases_are_told_by_squares(past: None) -> None:
    places, counts = outlook.squares()
    assert counts.tolist() == [3, 1]
    assert places[:, 0] - at(0, 0).x == pytest.approx([385, 150])


def test_too_few_cases_tell_nothing(town: Town) -> None:
    town.report(point=at(50, 50))
    assert len(outlook.squares()[0]) == 0
    nothing = outlook.beside(Straight(), np.zeros((2, 2)), np.zeros(2), np.ones(2), np.zeros((1, 2)))
    assert nothing is None


def test_who_is_nowhere_leaves_no_hole(past: None) -> None:
    people = np.array([[at(385, 50).x, at(385, 50).y], [at(10, 50).x, at(10, 50).y], [np.nan, np.nan]])
    found = outlook.beside(Straight(), people, np.zeros(3), np.full(3, 250.0), people[1:2])
    assert found is not None
    assert found[0, 2] == 0
    assert found[0, 0] > 0


def test_the_assignment_reads_the_holes_in_one_query_more(
    town: Town, zones: list[DutyZone], colleague: Colleague, past: None
) -> None:
    one, two = town.people["inspector"], colleague("乙")
    for user, x in ((one, 60), (two, 380)):
        on_duty(user, zones[0])
        stands(user, x)
    case = town.report(point=at(200, 50), when=timezone.now())
    filing.order_verify(case, town.doing(case, "operator", timezone.now()))
    task = FieldTask.objects.select_related("case__category", "case__cell").get(case=case)
    question = read([task], timezone.now())
    assert question.beside is not None
    assert question.beside[0].argmax() == [person.inspector_id for person in question.people].index(two.pk)
    assert assign(task, at=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        outlook.beside(Straight(), np.zeros((2, 2)), np.zeros(2), np.ones(2), np.zeros((1, 2)))
    assert len(queries) == 1
