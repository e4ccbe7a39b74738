"""Reasons in words: each input that decides has its own sentence, and every code has one."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from dispatch import explain, placing, routing, timers
from dispatch.clocks import Unit
from dispatch.explain import agency_sentences, duration, face, stored_class, stored_place
from dispatch.masks import mask_name, mask_phone
from dispatch.models import Clock
from tests.town import Town


def test_every_code_of_the_routing_has_a_sentence() -> None:
    codes = {"no_rule", "lost"}
    tree = ast.parse(Path(routing.__file__).read_text(encoding="utf-8"))
    reason = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "_reason")
    for name in ("owner", "class", "class_area", "major", "major_area", "area", "any", "fallback"):
        codes.add(name)
    words = {n.value for n in ast.walk(reason) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert {"owner", "fallback", "area", "any", "class", "major"} <= words
    assert codes <= set(explain._AGENCY)
    assert placing.AgencyProposal(None, None, [{"code": "no_rule"}]).why[0]["code"] in explain._AGENCY


def test_the_rules_that_lost_are_named_in_one_sentence(town: Town) -> None:
    why = [
        {"code": "owner", "rule": "R1"},
        {"code": "lost", "rule": "R2", "to": "R1"},
        {"code": "lost", "rule": "R9", "to": "R1"},
    ]
    told = agency_sentences(why, agency=town.water, category=town.cover, community=None, component="井盖 7")
    assert told == [
        "规则 R1：部件“井盖 7”由其养护或权属单位处置，即自来水公司。",
        "规则 R2、R9 也适用，但规则 R1 优先。",
    ]


def test_a_code_of_another_version_is_left_out(town: Town) -> None:
    why = [{"code": "by_the_stars"}, {"code": "fallback", "rule": "R9"}]
    told = agency_sentences(why, agency=town.office, category=None, community=None)
    assert told == ["没有更具体的规则，按属地兜底规则 R9 由测试街道办事处处置。"]
    assert stored_place({"place": [{"code": "by_the_stars"}, {"code": "nothing"}, 7]}) == ["文中没有可识别的地址。"]
    assert stored_class({"class": [{"code": "by_the_stars"}, {"code": "unknown"}, 7]}) == ["文中没有可识别的类别。"]
    assert stored_place({}) == stored_class({}) == []


@pytest.mark.parametrize(
    ("seconds", "unit", "words"),
    [
        (59, Unit.URGENT_HOUR, "0 分钟"),
        (5400, Unit.URGENT_HOUR, "1 小时 30 分"),
        (7200, Unit.WORK_HOUR, "2 小时"),
        (86400, Unit.URGENT_DAY, "1 天"),
        (90000, Unit.URGENT_DAY, "1 天 1 小时"),
        (86400, Unit.WORK_DAY, "3 个工作日"),
        (-32400, Unit.WORK_DAY, "1 个工作日 1 小时"),
    ],
)
def test_counted_time_is_told_in_two_units_at_most(seconds: float, unit: str, words: str) -> None:
    assert duration(seconds, unit, 8 * 3600) == words


def test_a_clock_says_how_it_stands(town: Town) -> None:
    case = town.to_state("handling")
    clock, work = Clock.objects.get(kind="handle"), town.calendar.as_work_calendar()
    start = clock.started_at

    def told(hours: float) -> tuple[str, str]:
        shown = face(clock, start + timedelta(hours=hours), work)
        return shown.light, shown.words

    assert told(0.5) == ("green", "剩 1 小时 30 分")
    assert told(1.8) == ("yellow", "剩 12 分钟")
    assert told(3) == ("red", "超期 1 小时")
    timers.pause(clock, start + timedelta(hours=1), work)
    assert told(9) == ("green", "暂停计时，剩 1 小时")
    timers.stop(clock, start + timedelta(hours=9), work)
    assert told(9) == ("green", "按期，用时 1 小时")
    clock.verdict = Clock.Verdict.DROPPED
    assert told(9) == ("", "不计考核，用时 1 小时")
    assert case.pk == clock.case_id


def test_sentences_follow_the_readers_language() -> None:
    with translation.override("en"):
        assert isinstance(duration(60, Unit.MINUTE, 1), str)


@pytest.mark.parametrize(
    ("name", "phone", "shown"),
    [("王女士", "13900000001", ("王**", "139****0001")), ("", "12345", ("", "****45")), ("A", "", ("A**", ""))],
)
def test_personal_data_is_masked(name: str, phone: str, shown: tuple[str, str]) -> None:
    assert (mask_name(name), mask_phone(phone)) == shown
