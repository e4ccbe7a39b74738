"""What confirmed positions teach, by the rules alone."""

from datetime import UTC, datetime, timedelta

import pytest

from gridmap.learning import HALF_LIFE_DAYS, Evidence, defaults, lesson, weight

NOW = datetime(2026, 11, 18, tzinfo=UTC)


def said(x, y=0.0, how="operator", days=0.0):
    return Evidence(x, y, how, NOW - timedelta(days=days))


def test_nothing_told_teaches_nothing():
    assert lesson([], NOW) is None


def test_evidence_counts_half_after_its_half_life():
    assert weight(said(0, days=HALF_LIFE_DAYS), NOW) == pytest.approx(weight(said(0), NOW) / 2)


def test_who_stood_there_counts_more_than_who_put_it_on_the_map_and_more_than_the_sender():
    inspector, operator, sender = (weight(said(0, how=how), NOW) for how in ("inspector", "operator", "sender"))
    assert inspector > operator > sender


def test_points_that_agree_teach_their_weighed_middle():
    taught = lesson([said(0, how="inspector"), said(40, how="sender")], NOW)
    assert taught is not None
    assert (taught.x, taught.told, taught.conflict) == (10, 2, False)


def test_two_equal_voices_far_apart_are_a_conflict():
    taught = lesson([said(0), said(500)], NOW)
    assert taught is not None
    assert taught.conflict
    assert taught.apart_m == 500


def test_newer_evidence_outweighs_old_evidence_elsewhere():
    taught = lesson([said(0, days=3 * HALF_LIFE_DAYS), said(500)], NOW)
    assert taught is not None
    assert (taught.x, taught.conflict) == (500, False)


def test_a_single_word_of_a_sender_ranks_below_two_that_agree():
    alone, two = lesson([said(0, how="sender")], NOW), lesson([said(0, how="sender"), said(5, how="sender")], NOW)
    assert alone is not None
    assert two is not None
    assert alone.rank > two.rank


def test_a_point_that_stands_for_five_streets_is_a_default():
    told = [(f"street {i}", said(7.2, 8.1)) for i in range(5)] + [(f"street {i}", said(50)) for i in range(4)]
    assert defaults(told) == {(7, 8)}
