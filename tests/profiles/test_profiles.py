"""The five places as settings: each can be read, differs from the default, and changes what may be done."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from desks.forms import IntakeForm
from dispatch import inforce
from dispatch.lookbacks import due_for_look_back
from dispatch.models import Case, Channel
from dispatch.profile import Profile, read_profile
from dispatch.profilewords import differences, sections
from tests.town import NOW, Town

PLACES = ("taizhou", "xian_tanjia", "xiangtan", "gaoyou", "weihai_yiyuan")
DAY = NOW.date()


@pytest.mark.parametrize("name", PLACES)
def test_a_place_is_settings_that_can_be_told_in_words(name: str) -> None:
    assert name in inforce.names()
    place, default = read_profile(name), read_profile("default")
    assert differences(place, default) >= 5
    told = [line for section in sections(place, default) for line in section.changed]
    assert all(line.label and line.told != line.other for line in told)


@pytest.mark.parametrize("name", PLACES)
def test_each_place_takes_reports_by_its_own_channels(town: Town, live_by: Callable[[str], Profile], name: str) -> None:
    place = live_by(name)
    assert set(Channel.objects.in_use(DAY).values_list("key", flat=True)) == set(place.channels)
    offered = IntakeForm(NOW).fields["channel"].queryset  # type: ignore[attr-defined]
    assert {channel.key for channel in offered} == set(place.channels) & set(
        Channel.objects.filter(public=True).values_list("key", flat=True)
    )
    inforce.remember("default", seconds=3600)
    assert Channel.objects.in_use(DAY).count() == Channel.objects.count()


def test_gaoyou_gives_two_and_seven_working_days_to_every_type(live_by: Callable[[str], Profile]) -> None:
    rules = live_by("gaoyou").types.values()
    assert {(rule.simple.amount, rule.simple.unit) for rule in rules} == {(2, "work_day")}
    assert {(rule.complex.amount, rule.complex.unit) for rule in rules} == {(7, "work_day")}


def test_weihai_looks_back_two_days_after_closing(town: Town, live_by: Callable[[str], Profile]) -> None:
    """Closed on the fourteenth, looked at again on the sixteenth."""
    live_by("weihai_yiyuan")
    case = town.to_state("closed", town.report(request_type="other"))
    Case.objects.update(reworks=1)  # it went badly once
    cases = Case.objects.all()
    assert not due_for_look_back(cases, case.state_since + timedelta(days=1)).exists()
    assert list(due_for_look_back(cases, case.state_since + timedelta(days=2, minutes=1))) == [case]
    inforce.remember("default", seconds=3600)
    assert not due_for_look_back(cases, case.state_since + timedelta(days=2, minutes=1)).exists()
