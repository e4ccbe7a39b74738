"""Calls at the telephone: numbers, links to recordings, abandoned calls and how they end, counts of each day."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from dispatch.calls import (
    BadLinkError,
    Ring,
    abandon,
    compact,
    drop,
    in_all,
    per_day,
    recording_link,
    spoken_to,
    taken,
    tried,
    written,
)
from dispatch.intake import Caller
from dispatch.models import Call, Channel, Person, Sitting
from dispatch.sittings import enter, hung_up, sitting_of
from tests.town import NOW, Town

HOSTS = ["rec.example.org", "10.0.0.5:8443"]


def lost(town: Town, phone: str = "13900000009", *, when: datetime = NOW, seconds: int = 30, ref: str = "") -> Call:
    """A call of so many seconds that nobody answered; told an hour later."""
    end, later = when + timedelta(seconds=seconds), when + timedelta(hours=1)
    return abandon(channel=town.channel, phone=phone, started_at=when, ended_at=end, external_ref=ref, at=later)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("139 0000 0001", "13900000001"),
        ("+86 139-0000-0001", "13900000001"),
        ("8613900000001", "13900000001"),
        ("0514-84612345", "0514-84612345"),
        ("（0514）84612345", "051484612345"),
        ("", ""),
    ],
)
def test_a_number_is_kept_without_what_says_nothing(typed: str, kept: str) -> None:
    assert compact(typed) == kept


def test_one_number_is_found_however_it_was_written() -> None:
    assert set(written("0514-84612345")) >= {"0514-84612345", "051484612345"}
    assert "0514-84612345" in written("051484612345")
    assert written("+8613900000001") == ["+8613900000001", "13900000001"]
    assert written("  ") == []


@pytest.mark.parametrize("link", ["https://rec.example.org/a/1.mp3?x=1", "http://10.0.0.5:8443/1", ""])
def test_a_link_to_a_configured_host_is_taken(link: str) -> None:
    assert recording_link(f" {link} ", HOSTS) == link


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://other.example.org/1", "host"),
        ("https://rec.example.org:8443/1", "host"),
        ("https://10.0.0.5/1", "host"),
        ("https://rec.example.org.other.example.org/1", "host"),
        ("https://rec.example.org@other.example.org/1", "not_a_link"),
        ("https://rec.example.org\\@other.example.org/1", "not_a_link"),
        ("https://rec.example.org/a b", "not_a_link"),
        ("javascript:alert(1)//rec.example.org", "not_a_link"),
        ("ftp://rec.example.org/1", "not_a_link"),
        ("//rec.example.org/1", "not_a_link"),
        ("https://[rec/1", "not_a_link"),
        ("https://rec.example.org:x/1", "not_a_link"),
        (f"https://rec.example.org/{'a' * 500}", "not_a_link"),
    ],
)
def test_every_other_link_is_refused(link: str, code: str) -> None:
    with pytest.raises(BadLinkError, match=f"^{code}$"):
        recording_link(link, HOSTS)


def test_without_a_configured_host_no_link_is_taken() -> None:
    with pytest.raises(BadLinkError, match="host"):
        recording_link("https://rec.example.org/1", [])


def test_an_abandoned_call_told_twice_is_one(town: Town) -> None:
    assert lost(town, ref="C1") == lost(town, "13900000008", ref="C1")
    assert lost(town) == lost(town, "139 0000 0009")
    assert lost(town) != lost(town, when=NOW + timedelta(minutes=5))
    assert Call.objects.to_return().count() == 3
    # the number stands where all numbers stand, once
    assert Person.objects.filter(phone="13900000009").count() == 1


@pytest.mark.parametrize("seconds", [-1, 7200])
def test_an_abandoned_call_has_begun_and_ended(town: Town, seconds: int) -> None:
    with pytest.raises(ValueError, match="has ended"):
        lost(town, seconds=seconds)


def test_a_withheld_number_waits_for_nobody(town: Town) -> None:
    assert lost(town, "").returned_how == Call.Returned.DROPPED
    assert not Call.objects.to_return().exists()


def test_who_has_been_spoken_to_by_telephone_waits_no_longer(town: Town) -> None:
    mine, other = lost(town, "13900000001"), lost(town, "13900000002")
    mailbox = Channel.objects.create(key="mayor", name="市长信箱", kind="mailbox")
    town.report(when=NOW + timedelta(minutes=5), channel=mailbox)
    assert set(Call.objects.to_return()) == {mine, other}
    town.report(when=NOW + timedelta(minutes=9))  # by the hotline, from 13900000001
    mine.refresh_from_db()
    assert (mine.returned_how, mine.returned_at) == ("again", NOW + timedelta(minutes=9))
    assert list(Call.objects.to_return()) == [other]


def test_an_abandoned_call_that_is_told_after_the_answered_one_does_not_wait(town: Town) -> None:
    town.report(when=NOW + timedelta(minutes=9))
    assert lost(town, "13900000001").returned_how == Call.Returned.AGAIN
    assert lost(town, "13900000001", when=NOW + timedelta(minutes=20)).returned_how == ""


def test_calling_back_ends_all_that_the_number_had_tried_and_is_no_answered_call(town: Town) -> None:
    first, second = lost(town), lost(town, when=NOW + timedelta(minutes=1))
    caller = Caller(phone="13900000009")
    case = town.report(when=NOW + timedelta(minutes=9), caller=caller, ring=Ring(returns=first))
    assert Call.objects.get(reports__case=case).outcome == Call.Outcome.OUTGOING
    for each in (first, second):
        each.refresh_from_db()
        assert each.returned_how == Call.Returned.REACHED


def test_who_gives_another_number_when_called_back_waits_no_longer_either(town: Town) -> None:
    call = lost(town)
    town.report(ring=Ring(returns=call), caller=Caller(phone="13900000077"), when=NOW + timedelta(minutes=9))
    assert not Call.objects.to_return().exists()


def test_a_second_press_counts_no_second_attempt(town: Town) -> None:
    call = lost(town)
    assert tried(call, before=0, at=NOW)
    assert not tried(call, before=0, at=NOW)
    assert tried(call, before=1, at=NOW)
    assert drop(call, NOW)
    assert not drop(call, NOW)
    assert not tried(call, before=2, at=NOW)
    call.refresh_from_db()
    assert (call.tries, call.returned_how) == (2, "dropped")


def test_two_matters_of_one_call_by_the_call_centres_number_are_one_call(town: Town) -> None:
    ring = Ring(external_ref="C7", started_at=NOW - timedelta(minutes=4))
    town.report(ring=ring)
    town.matter(ring=Ring(external_ref="C7", recording="https://rec.example.org/7"))
    call = Call.objects.get()
    assert (call.reports.count(), call.started_at) == (2, NOW - timedelta(minutes=4))
    assert call.recording == "https://rec.example.org/7"  # came with the second one


def test_a_call_told_as_abandoned_and_answered_after_all_is_answered(town: Town) -> None:
    call = lost(town, ref="C8")
    tried(call, before=0, at=NOW)
    same = taken(Ring(external_ref="C8"), channel=town.channel, person=None, by=town.people["operator"], at=NOW)
    assert same == call
    assert (same.outcome, same.tries, same.returned_how, same.ended_at) == ("answered", 0, "", None)


def test_the_database_refuses_what_must_not_be(town: Town) -> None:
    values: dict[str, Any] = {"channel": town.channel, "started_at": NOW}
    for wrong in (
        {"returned_at": NOW, "returned_how": "reached"},
        {"tries": 1},
        {"outcome": "abandoned", "returned_at": NOW},
        {"outcome": "abandoned", "returned_how": "again"},
        {"ended_at": NOW - timedelta(seconds=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Call.objects.create(**values | wrong)
    Call.objects.create(**values, external_ref="C1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Call.objects.create(**values, external_ref="C1")


def test_days_are_the_citys_own_and_count_the_telephone_only(town: Town) -> None:
    midnight = datetime(2026, 11, 18, tzinfo=ZoneInfo("Asia/Shanghai"))
    town.report(when=midnight - timedelta(seconds=1))
    town.report(when=midnight)
    lost(town, when=midnight + timedelta(hours=1))
    lost(town, "13900000010", when=midnight + timedelta(hours=2))
    town.report(when=midnight + timedelta(hours=3), ring=Ring(returns=Call.objects.to_return()[0]))
    town.report(channel=Channel.objects.create(key="mayor", name="市长信箱", kind="mailbox"))
    days = per_day(date(2026, 11, 16), date(2026, 11, 18))
    assert [(day.day.day, day.answered, day.abandoned, day.outgoing) for day in days] == [
        (18, 1, 2, 1),
        (17, 1, 0, 0),
        (16, 0, 0, 0),
    ]
    assert [day.share for day in days] == [33, 100, None]
    assert in_all(days, date(2026, 11, 18)).came == 4


def test_nobody_is_spoken_to_by_a_letter(town: Town) -> None:
    call = Call(channel=Channel(kind=Channel.Kind.MAILBOX))
    lost(town)
    assert spoken_to(call, None, NOW) == 0


def test_an_operator_is_in_one_state_at_a_time(town: Town) -> None:
    who = town.people["operator"]
    assert sitting_of(who) is None
    enter(who, Sitting.State.READY, NOW)
    enter(who, Sitting.State.READY, NOW + timedelta(minutes=1))
    enter(who, Sitting.State.CALL, NOW + timedelta(minutes=2))
    rows = list(Sitting.objects.order_by("since").values_list("state", "since", "until"))
    assert rows == [("ready", NOW, NOW + timedelta(minutes=2)), ("call", NOW + timedelta(minutes=2), None)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Sitting.objects.create(user=who, state="away", since=NOW)


def test_after_a_call_comes_the_wrap_up_and_who_uses_no_states_is_left_alone(town: Town) -> None:
    who = town.people["operator"]
    assert hung_up(who, NOW) is None
    enter(who, Sitting.State.READY, NOW)
    assert hung_up(who, NOW) is None
    enter(who, Sitting.State.CALL, NOW)
    end = NOW + timedelta(minutes=3)
    assert hung_up(who, end) == end
    assert hung_up(who, end + timedelta(minutes=1)) == end  # wrapping up already
    now = sitting_of(who)
    assert now is not None
    assert now.state == Sitting.State.WRAP_UP
