"""When a task is taken back: every case of the rule, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inspectors.holding import Held, Rules, back, stuck

ZERO = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULES = Rules(accept=10 * MINUTE, accept_urgent=3 * MINUTE, moves=3)
# given by the engine at ZERO, due after half an hour, to somebody on duty who has said nothing yet
HELD = Held(ZERO, "given", ZERO + 30 * MINUTE, urgent=False, accepted=False, arrived=False, on_duty=True, in_shift=True)


def after(minutes: float, **said: object) -> str | None:
    return back(replace(HELD, **said), ZERO + minutes * MINUTE, RULES)  # type: ignore[arg-type]


def test_it_goes_back_in_the_very_minute_in_which_patience_ends() -> None:
    assert [after(9.9), after(10)] == [None, "not_accepted"]
    assert [after(2.9, urgent=True), after(3, urgent=True)] == [None, "not_accepted"]


def test_what_was_accepted_has_until_it_is_due_and_time_for_a_way() -> None:
    assert [after(29.9, accepted=True), after(30, accepted=True)] == [None, "not_arrived"]
    short = {"accepted": True, "due_at": ZERO + MINUTE}
    assert [after(29.9, **short), after(30, **short)] == [None, "not_arrived"]


def test_on_a_break_only_what_was_not_accepted_goes_back() -> None:
    assert after(1, on_duty=False) == "off_duty"
    assert after(1, on_duty=False, accepted=True) is None


def test_after_the_shift_everything_goes_back_whoever_gave_it() -> None:
    for cause in ("given", "better", "claimed", "by_hand"):
        assert after(1, on_duty=False, in_shift=False, accepted=True, cause=cause) == "off_duty"


@pytest.mark.parametrize("cause", ["claimed", "by_hand"])
def test_what_a_person_gave_or_took_is_not_late_for_the_engine(cause: str) -> None:
    assert after(600, cause=cause) is None
    assert after(600, cause=cause, accepted=True) is None


def test_who_has_arrived_keeps_it_whatever_happens() -> None:
    assert after(600, accepted=True, arrived=True, on_duty=False, in_shift=False) is None


def test_after_so_many_moves_it_stays_and_is_stuck() -> None:
    assert after(600, moves=2) == "not_accepted"
    assert after(600, moves=3) is None
    often = replace(HELD, moves=3)
    assert not stuck(often, ZERO + 9 * MINUTE, RULES)
    assert stuck(often, ZERO + 10 * MINUTE, RULES)
    assert not stuck(replace(often, arrived=True), ZERO + 600 * MINUTE, RULES)
    assert not stuck(HELD, ZERO + 600 * MINUTE, RULES)
