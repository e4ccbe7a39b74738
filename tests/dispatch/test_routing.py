"""Who answers, and why: each test changes one input and sees agency and reason change."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dispatch.routing import Proposal, Question, RuleFact, applies, exactness, fault_of, propose
from dispatch.windows import BadWindowError, Window, parse_hours, window

OWNER = RuleFact(1, "R001", None, "", by_owner=True, agency_id=None, fallback=False)
CLASS = RuleFact(2, "R010", 11, "", by_owner=False, agency_id=100, fallback=False)
MAJOR = RuleFact(3, "R020", 10, "", by_owner=False, agency_id=200, fallback=False)
CLASS_HERE = RuleFact(4, "R030", 11, "3212", by_owner=False, agency_id=300, fallback=False)
FALLBACK = RuleFact(5, "R900", None, "", by_owner=False, agency_id=900, fallback=True)
RULES = [FALLBACK, MAJOR, CLASS, CLASS_HERE, OWNER]


def local(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


WEDNESDAY = local(18, 9)


def answer(*more: RuleFact, **changes: object) -> Proposal:
    question = Question(**({"category_id": 11, "major_id": 10, "area_code": "4500"} | changes))  # type: ignore[arg-type]
    return propose([*RULES, *more], question)


def ask(*more: RuleFact, **changes: object) -> tuple[int | None, str]:
    found = answer(*more, **changes)
    return found.agency_id, str(found.why[0]["code"])


def test_the_owner_of_the_component_comes_first() -> None:
    assert ask(owner_id=77) == (77, "owner")


def test_without_an_owner_the_class_decides() -> None:
    assert ask() == (100, "class")


def test_a_rule_for_the_area_beats_one_for_everywhere() -> None:
    assert ask(area_code="321201") == (300, "class_area")


def test_another_class_of_the_same_major_follows_the_major() -> None:
    assert ask(category_id=12) == (200, "major")


def test_what_no_rule_names_falls_back() -> None:
    assert ask(category_id=99, major_id=98) == (900, "fallback")


def test_the_accused_unit_is_never_proposed() -> None:
    assert ask(accused_id=100) == (200, "major")


def test_a_named_channel_beats_any_channel() -> None:
    web = replace(CLASS, pk=6, number="R500", channel_id=7, agency_id=500)
    assert ask(web, channel_id=7) == (500, "class")
    assert ask(web, channel_id=8) == (100, "class")
    assert {"code": "by_channel", "rule": "R500"} in answer(web, channel_id=7).why


def test_a_named_type_beats_any_type() -> None:
    help_only = replace(CLASS, pk=6, number="R500", request_type="help", agency_id=500)
    assert ask(help_only, request_type="help")[0] == 500
    assert ask(help_only, request_type="complaint")[0] == 100


def test_a_night_rule_holds_only_at_night() -> None:
    night = replace(CLASS, pk=6, number="R500", window=window("18:00-06:00", [], []), agency_id=500)
    assert [ask(night, local=WEDNESDAY.replace(hour=hour))[0] for hour in (5, 6, 17, 18)] == [500, 100, 100, 500]
    assert ask(night)[0] == 100


def test_cooperating_agencies_come_with_the_rule_in_its_order_without_leader_and_accused() -> None:
    joint = replace(CLASS, pk=6, number="R000", partner_ids=(800, 100, 700, 900))
    assert answer(joint, accused_id=700).partners == (800, 900)


def test_of_equal_rules_the_lower_level_is_tried_first() -> None:
    high = replace(CLASS, pk=6, number="R001", level="district", agency_id=600)
    low = replace(CLASS, pk=7, number="R002", level="community", agency_id=500)
    assert ask(high, low)[0] == 500
    assert answer(high, low).lost[0] == (high, "level")


def test_the_losers_are_named_with_what_they_lost_by() -> None:
    found = propose(RULES, Question(11, 10, "3212"))
    assert [why["rule"] for why in found.why] == ["R030", "R010", "R020", "R900"]
    assert [by for _rule, by in found.lost] == ["area", "class", "fallback"]


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ({"channel_id": 7}, "channel"),
        ({"request_type": "help"}, "type"),
        ({"window": window("", [3], [])}, "hours"),
        ({"number": "R009"}, "number"),
    ],
)
def test_each_reason_of_losing_has_its_name(change: dict[str, object], by: str) -> None:
    better = replace(CLASS, pk=6, agency_id=500, **change)  # type: ignore[arg-type]
    found = answer(better, channel_id=7, request_type="help", local=WEDNESDAY)
    assert (found.rule, {r.number: b for r, b in found.lost}["R010"]) == (better, by)


def test_a_broken_rule_never_wins_but_is_named_where_it_would_have() -> None:
    broken = replace(CLASS_HERE, pk=6, number="R031", area_code="32120", fault="agency")
    found = answer(broken, area_code="321201")
    assert (found.agency_id, found.broken) == (300, ((broken, "agency"),))
    assert found.why[1] == {"code": "broken", "rule": "R031", "fault": "agency"}
    assert not answer(replace(broken, category_id=None), area_code="321201").broken


def test_a_component_without_owner_names_the_rule_that_cannot_be_followed() -> None:
    found = answer(owner_fault="owner_unknown")
    assert (found.agency_id, found.broken) == (100, ((OWNER, "owner_unknown"),))
    assert not answer().broken


def test_only_broken_rules_are_a_hole_that_says_so() -> None:
    found = propose([replace(FALLBACK, fault="agency")], Question(11, 10, "4500"))
    assert found.agency_id is None
    assert [why["code"] for why in found.why] == ["no_rule", "broken"]


def test_no_rule_is_an_answer_too() -> None:
    assert propose([], Question(11, 10, "")) == Proposal(None, None, ({"code": "no_rule"},))


# every rule of a small world, so that many of them meet
rules = some.builds(
    RuleFact,
    pk=some.just(0),
    number=some.just(""),
    category_id=some.sampled_from([None, 10, 11]),
    area_code=some.sampled_from(["", "32", "3212"]),
    by_owner=some.just(False),
    agency_id=some.integers(100, 104),
    fallback=some.booleans(),
    channel_id=some.sampled_from([None, 7]),
    request_type=some.sampled_from(["", "help"]),
    window=some.sampled_from([Window(), Window(weekdays=frozenset({3})), window("18:00-06:00", [], [])]),
    level=some.sampled_from(["", "community", "district"]),
    fault=some.sampled_from(["", "", "", "agency"]),
)
books = some.lists(rules, max_size=8).map(
    lambda book: [replace(rule, pk=at, number=f"R{at:02}") for at, rule in enumerate(book)]
)
questions = some.builds(
    Question,
    category_id=some.sampled_from([None, 11, 12]),
    major_id=some.just(10),
    area_code=some.sampled_from(["", "3212", "3299"]),
    channel_id=some.sampled_from([7, 8]),
    request_type=some.sampled_from(["help", "complaint"]),
    local=some.sampled_from([WEDNESDAY, WEDNESDAY.replace(hour=22)]),
    accused_id=some.sampled_from([None, 100]),
)


@given(books, questions, some.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(book: list[RuleFact], question: Question, chance) -> None:
    mixed = list(book)
    chance.shuffle(mixed)
    assert propose(mixed, question) == propose(book, question)


@given(books, rules, questions)
def test_a_less_exact_rule_more_never_changes_the_answer(
    book: list[RuleFact], other: RuleFact, question: Question
) -> None:
    before, more = propose(book, question), replace(other, pk=99, number="R99")
    if before.rule is None or exactness(more, question) <= exactness(before.rule, question):
        return
    after = propose([*book, more], question)
    assert (after.agency_id, after.rule, after.broken) == (before.agency_id, before.rule, before.broken)


@given(books, questions)
def test_the_winner_applies_is_sound_and_nothing_sound_is_better(book: list[RuleFact], question: Question) -> None:
    found = propose(book, question)
    sound = [
        r for r in book if applies(r, question) and not fault_of(r, question) and r.agency_id != question.accused_id
    ]
    assert (found.rule is None) == (not sound)
    if found.rule is not None:
        best = exactness(found.rule, question)
        assert all(best <= exactness(rule, question) for rule in sound)
        assert len(found.lost) == len(sound) - 1


def test_hours_are_read_in_several_hands() -> None:
    assert parse_hours("18:00-06:00") == ((1080, 360),)
    assert parse_hours("8:00—12:00，14:00至24:00") == ((480, 720), (840, 1440))
    assert parse_hours("") == ()


@pytest.mark.parametrize("text", ["夜间", "25:00-26:00", "08:00-08:00", "08:60-09:00", "24:00-06:00", "8-12"])
def test_hours_that_say_nothing_are_an_error(text: str) -> None:
    with pytest.raises(BadWindowError):
        parse_hours(text)


@pytest.mark.parametrize(("weekdays", "months"), [([0], []), ([8], []), ([], [13]), ([], [0])])
def test_days_that_do_not_exist_are_an_error(weekdays: list[int], months: list[int]) -> None:
    with pytest.raises(BadWindowError):
        window("", weekdays, months)


def test_the_hours_after_midnight_belong_to_the_night_that_began_before() -> None:
    friday_night = window("22:00-06:00", [5], [11])
    at = {(day, hour): local(day, hour) for day, hour in product((19, 20, 21), (5, 6, 21, 22))}
    assert {key for key, when in at.items() if friday_night.covers(when)} == {(20, 22), (21, 5)}
    assert window("22:00-06:00", [], [11]).covers(local(1, 3, 12))
    assert not window("22:00-06:00", [], [11]).covers(local(1, 3))


def test_a_window_until_midnight_ends_with_the_day() -> None:
    evening = window("20:00-24:00", [], [])
    assert evening.covers(local(18, 23))
    assert not evening.covers(local(19, 0))
