"""The check of the routing rules: holes, broken, overlapping and shadowed rules, and the same answers as one by one."""

import json
from collections import Counter
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as some

from dispatch.models import RoutingRule
from dispatch.routecheck import ClassFact, check, instants, one_by_one
from dispatch.routing import RuleFact
from dispatch.windows import Window, window
from tests.dispatch.test_routing import CLASS, CLASS_HERE, FALLBACK, MAJOR, OWNER, rules
from tests.town import Town

CLASSES = [ClassFact(11, 10), ClassFact(12, 10), ClassFact(21, 20), ClassFact(31, 30, placeless=True)]
AREAS = ["321201", "321202", "4500"]
RULES = [OWNER, CLASS, MAJOR, CLASS_HERE, FALLBACK]


def states(*book: RuleFact) -> dict[str, int]:
    found: Counter[str] = Counter()
    for answer in check(book, CLASSES, AREAS).answers:
        found[answer.state] += answer.group.size
    return dict(found)


def test_every_question_is_counted_in_one_state() -> None:
    assert states(*RULES) == {"clear": 6, "fallback": 7}  # 4 classes × 3 areas, and the matter without a place


def test_without_a_fallback_the_rest_are_holes() -> None:
    report = check(RULES[:-1], CLASSES, AREAS)
    assert {(a.group.classes, a.group.areas) for a in report.holes} == {
        ((21,), tuple(AREAS)),
        ((31,), (*AREAS, "")),
    }
    assert report.failed


def test_a_night_without_a_rule_is_a_hole() -> None:
    day = replace(MAJOR, category_id=None, window=window("06:00-22:00", [], []))
    report = check([day], CLASSES[:1], AREAS)
    assert [answer.group.local.hour for answer in report.holes] == [0]
    assert len(report.answers) == 2


def test_equally_exact_rules_for_different_agencies_overlap() -> None:
    other = replace(CLASS, pk=9, number="R011", agency_id=101)
    report = check([*RULES, other], CLASSES, AREAS)
    assert report.overlaps == {("R010", "R011"): 1}
    assert not report.failed
    assert not check([*RULES, replace(other, agency_id=100)], CLASSES, AREAS).overlaps


def test_a_broken_rule_fails_the_check_even_where_another_answers() -> None:
    report = check([*RULES, replace(CLASS, pk=9, number="R000", fault="agency")], CLASSES, AREAS)
    assert [rule.number for rule in report.broken] == ["R000"]
    assert report.failed
    assert not report.holes
    assert len(report.of("broken")) == 1


def test_a_rule_that_never_answers_says_who_answers_instead() -> None:
    same = replace(CLASS, pk=9, number="R099")
    nowhere = replace(CLASS, pk=8, number="R098", area_code="77")
    report = check([*RULES, same, nowhere], CLASSES, AREAS)
    assert [(rule.number, by, why) for rule, by, why in report.shadowed] == [
        ("R099", "R030", "area"),
        ("R098", "", ""),
    ]


def test_communities_carry_their_states() -> None:
    report = check(RULES[:-1], CLASSES, AREAS)
    assert report.by_area()["4500"] == {"clear": 2, "hole": 2}


books = some.lists(rules, max_size=6).map(
    lambda book: [replace(rule, pk=at, number=f"R{at:02}") for at, rule in enumerate(book)]
)


@given(books)
def test_groups_find_the_answers_that_asking_one_by_one_finds(book: list[RuleFact]) -> None:
    grouped = {a.proposal.rule.number if a.proposal.rule else "" for a in check(book, CLASSES, AREAS).answers}
    single = {p.rule.number if p.rule else "" for p in one_by_one(book, CLASSES, AREAS)}
    assert grouped == single


@given(some.sets(some.sampled_from(["", "18:00-06:00", "06:00-09:00", "22:00-02:00"]), min_size=1), some.booleans())
def test_instants_show_every_set_of_windows_once(hours: set[str], winter: bool) -> None:
    windows = frozenset(window(each, [5], [11, 12] if winter else []) for each in hours)
    shown = [tuple(w.covers(at) for w in sorted(windows, key=repr)) for at in instants(windows)]
    assert len(shown) == len(set(shown))
    assert any(any(each) for each in shown)
    assert any(not any(each) for each in shown)


def test_without_windows_one_instant_is_enough() -> None:
    assert len(instants(frozenset())) == 1
    assert not Window()


@pytest.mark.django_db
def test_the_command_says_that_all_is_well(town: Town) -> None:
    out = StringIO()
    call_command("check_routing", stdout=out)
    assert "检查通过" in out.getvalue()
    assert "属地兜底 R900" in out.getvalue()


@pytest.mark.django_db
def test_the_command_fails_on_holes_and_broken_rules(town: Town) -> None:
    RoutingRule.objects.filter(number="R900").update(hours="夜里")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_routing", "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    assert ended.value.code == 1
    assert found["broken"] == [{"rule": "R900", "version": 1, "fault": "time"}]
    assert "物业收费" in found["holes"][0]["what"]
