"""Tracks: only with consent, only on duty, thinned, once, and gone after their days."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from inspectors import duty, tracks
from inspectors.models import CellPass, DutyZone, Message, PatrolDay, Position, Shift, Track, TrackBatch, TrackConsent
from inspectors.positions import Fix
from inspectors.trackthinning import Spot, length_m, pieces, simplified
from people.models import Look, User
from tests.inspectors.conftest import on_duty
from tests.inspectors.envelopes import operate
from tests.inspectors.test_nearby import here
from tests.town import Town, at

START = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


def walk(
    xs: list[float], *, every: float = 20, y: float = 50, accuracy: float = 8, since: datetime = START
) -> list[Fix]:
    return [Fix(at(x, y), accuracy, since + timedelta(seconds=every * n)) for n, x in enumerate(xs)]


@pytest.fixture
def walker(town: Town, zones: list[DutyZone]) -> User:
    """On duty around START, and has agreed."""
    user = town.people["inspector"]
    on_duty(user, zones[0], START)
    tracks.consent(user, given=True, at=START - timedelta(days=1), operation=uuid4())
    return user


def record(user: User, fixes: list[Fix], when: datetime | None = None, operation: UUID | None = None) -> TrackBatch:
    when = when or fixes[-1].taken_at
    return tracks.record(fixes, by=user, at=when, operation=operation or uuid4())


def test_a_straight_way_needs_two_corners(walker: User) -> None:
    batch = record(walker, walk([0, 30, 60, 90, 120]))
    track = Track.objects.get()
    assert (batch.sent, batch.kept, track.seconds) == (5, 2, [0, 80])
    assert track.metres == pytest.approx(120, abs=0.01)
    assert PatrolDay.objects.get().metres == pytest.approx(120, abs=0.01)
    assert Position.objects.get().point.distance(at(120, 50)) < 0.01


def test_without_consent_nothing_is_kept_and_the_phone_is_not_blamed(walker: User) -> None:
    tracks.consent(walker, given=False, at=START, operation=uuid4())
    assert record(walker, walk([0, 30])).kept == 0
    assert not Track.objects.exists()
    assert not Position.objects.exists()


def test_consent_keeps_version_and_times_and_is_given_once(walker: User) -> None:
    operation = uuid4()
    kept = tracks.consent(walker, given=True, at=START, operation=operation)
    assert kept is not None
    assert kept.version == tracks.CONSENT_VERSION
    tracks.consent(walker, given=False, at=START, operation=uuid4())
    assert TrackConsent.objects.get().withdrawn_at == START
    assert tracks.consent_of(walker) is None
    tracks.consent(walker, given=True, at=START + timedelta(hours=1), operation=operation)
    again = TrackConsent.objects.filter(withdrawn_at=None).get()
    assert again.accepted_at == START + timedelta(hours=1)


def test_another_text_wants_another_consent(walker: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "CONSENT_VERSION", "2027-01")
    assert tracks.consent_of(walker) is None
    tracks.consent(walker, given=True, at=START, operation=uuid4())
    assert TrackConsent.objects.filter(withdrawn_at=None).values_list("version", flat=True).get() == "2027-01"


def test_nothing_is_kept_off_duty_or_on_a_break(walker: User) -> None:
    shift = Shift.objects.get()
    shift.starts_at = START + timedelta(seconds=50)
    shift.save()
    enter = START + timedelta(seconds=50)
    duty.clock_in(Fix(at(50, 50), 8, enter), "", by=walker, at=enter, operation=uuid4())
    pause = START + timedelta(seconds=130)
    duty.break_start(pause, by=walker, at=pause, operation=uuid4())
    record(walker, walk([0, 30, 60, 90, 120, 150, 180, 210]))
    track = Track.objects.get()
    assert track.starts_at == START + timedelta(seconds=60)
    assert track.ends_at == START + timedelta(seconds=120)


def test_the_same_operation_is_taken_once_and_another_tab_adds_nothing(walker: User) -> None:
    operation = uuid4()
    way = walk([0, 30, 60])
    first = record(walker, way, operation=operation)
    assert record(walker, way, operation=operation) == first
    record(walker, way)
    assert Track.objects.count() == 1
    assert PatrolDay.objects.get().metres == pytest.approx(60, abs=0.01)


def test_a_way_sent_in_batches_has_no_holes(walker: User) -> None:
    record(walker, walk([0, 30, 60]))
    record(walker, walk([90, 120], since=START + timedelta(seconds=60)))
    assert PatrolDay.objects.get().metres == pytest.approx(120, abs=0.01)
    # too long ago to know the way between
    record(walker, walk([500, 530], since=START + timedelta(seconds=600)))
    assert PatrolDay.objects.get().metres == pytest.approx(150, abs=0.01)


def test_a_batch_that_waited_is_as_old_as_it_is(walker: User, town: Town, phone: Client, zones: list[DutyZone]) -> None:
    on_duty(walker, zones[0])
    place = here(50)
    points = [[place["lon"], place["lat"], 8, 40], [place["lon"], place["lat"], 8, 0]]
    sent = {"operation": str(uuid4()), "points": json.dumps(points), "age": 600}
    assert operate(phone, "track", sent).json()["sentence"] == "轨迹已保存 2 个点。"
    age = timezone.now() - Track.objects.get().ends_at
    assert timedelta(seconds=599) < age < timedelta(seconds=660)


@pytest.mark.parametrize("points", ["", "x", "[[1,2]]", '[["a","b","c","d"]]', "{}x", "[1]"])
def test_what_is_no_list_of_positions_is_refused_in_a_sentence(walker: User, phone: Client, points: str) -> None:
    answer = operate(phone, "track", {"operation": str(uuid4()), "points": points})
    assert answer.status_code == 422
    assert answer.json()["sentence"]
    assert not TrackBatch.objects.exists()


def test_positions_elsewhere_on_earth_are_left_out(walker: User, phone: Client) -> None:
    points = json.dumps([[0, 0, 8, 0], [999, 0, 8, 0]])
    answer = operate(phone, "track", {"operation": str(uuid4()), "points": points})
    assert answer.status_code == 200
    assert not Track.objects.exists()


def spots(*rows: tuple[float, float, float, float]) -> list[Spot]:
    return [Spot(*row) for row in rows]


def test_thinning_leaves_out_what_is_useless() -> None:
    found = pieces(
        spots(
            (0, 0, 8, 0),
            (5, 0, 8, 4),  # too soon
            (20, 0, 90, 20),  # too inaccurate
            (9000, 0, 8, 30),  # jumped
            (40, 0, 8, 40),
            (40, 500, 8, 900),  # after a gap: a piece of its own, somebody stood there
        ),
        every_s=15,
        tolerance_m=8,
    )
    assert [[spot.second for spot in piece] for piece in found] == [[0, 40], [900, 900]]


def test_a_corner_stays_when_leaving_it_out_moves_the_line_too_far() -> None:
    bent = spots((0, 0, 8, 0), (50, 7.9, 8, 60), (100, 0, 8, 120))
    assert len(simplified(bent, 8)) == 2
    assert len(simplified(bent, 7.8)) == 3


# metres to the millimetre: GEOS divides by zero between places 1e-299 apart, which no phone tells
METRES = st.integers(-500_000, 500_000).map(lambda millimetres: millimetres / 1000)


@given(st.lists(st.tuples(METRES, METRES), min_size=2, max_size=60))
def test_no_position_lies_further_from_the_thinned_line_than_the_tolerance(way: list[tuple[float, float]]) -> None:
    import shapely

    piece = [Spot(x, y, 8, 15 * n) for n, (x, y) in enumerate(way)]
    thinned = simplified(piece, 8)
    assert (thinned[0], thinned[-1]) == (piece[0], piece[-1])
    line = shapely.LineString([(spot.x, spot.y) for spot in thinned])
    far = shapely.distance(line, shapely.points(np.array(way)))
    assert float(far.max()) <= 8.000001
    assert length_m(thinned) <= length_m(piece) + 1e-6


def test_tracks_go_after_their_days_and_what_they_left_behind_after_a_year(walker: User) -> None:
    record(walker, walk([0, 30, 60]))
    CellPass.objects.create(cell_code="a", day=START.date(), at=START, inspector=walker)
    Message.objects.create(to="all", text="雨", sent_by=walker, sent_at=START, operation=uuid4())
    assert tracks.sweep(START + timedelta(days=39)) == 0
    assert tracks.sweep(START + timedelta(days=41)) == 1
    assert not TrackBatch.objects.exists()
    assert CellPass.objects.exists()
    tracks.sweep(START + timedelta(days=402))
    assert not CellPass.objects.exists()
    assert not Message.objects.exists()
    assert PatrolDay.objects.exists()


def test_the_lead_sees_the_way_of_today_only_with_a_reason_that_is_logged(
    town: Town, zones: list[DutyZone], login: Any
) -> None:
    walker, now = town.people["inspector"], timezone.now()
    on_duty(walker, zones[0])
    tracks.consent(walker, given=True, at=now - timedelta(days=3), operation=uuid4())
    lead: Client = login("shift_lead")
    silent = lead.post("/patrol/tracks/", {"inspector": walker.pk, "reason": " "})
    assert silent.status_code == 422
    assert not Look.objects.exists()
    record(walker, walk([0, 30, 60], since=now - timedelta(seconds=60)))
    yesterday = Track.objects.get()
    Track.objects.filter(pk=yesterday.pk).update(ends_at=tracks.day_of(now).first - timedelta(seconds=1))
    said = {"inspector": walker.pk, "reason": "核对漏报"}
    assert "今天还没有轨迹" in lead.post("/patrol/tracks/", said).content.decode()
    Track.objects.filter(pk=yesterday.pk).update(ends_at=tracks.day_of(now).first)
    assert 'id="track"' in lead.post("/patrol/tracks/", said).content.decode()
    assert Look.objects.count() == 2
    assert Look.objects.all()[0].reason == "核对漏报"
    assert Look.objects.all()[0].subject.startswith(f"track:{walker.pk}:")
