"""The five places as settings: each can be read, differs from the default, and changes what may be done."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from desks.forms import IntakeForm
from dispatch import inforce
from dispatch.actions import filing, handling
from dispatch.lookbacks import due_for_look_back
from dispatch.models import Calendar, CalendarEdit, Case, Channel, Clock
from dispatch.profile import Profile, ProfileError, read_profile
from dispatch.profilewords import differences, sections
from scorecards.cards import edition_of
from scorecards.figures import tally
from scorecards.periods import Month
from scorecards.rules import Rules
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


def test_taizhou_counts_what_is_suspended_and_the_default_does_not(
    town: Town, live_by: Callable[[str], Profile]
) -> None:
    """P5.14: public and difficult cases are evaluated together, all counted; the same rows, another figure."""
    case = town.to_state("handling")
    town.grant(case, "suspension", when=NOW + timedelta(hours=1))
    month, at = Month(2026, 11), NOW + timedelta(days=4)
    for name, due in (("taizhou", 1), ("default", 0)):
        live_by(name)
        counts = tally(edition_of(month, at).question).get(town.water.pk, {})
        assert counts.get("unhandled", 0) == due, name


def test_a_profile_sets_the_hours_of_the_calendar_and_plans_open_clocks_anew(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "early.toml").write_text(
        '[clocks]\nhours = ["07:30-11:30", "13:00-17:00"]\nworkdays = "1111110"\n', encoding="utf-8"
    )
    for module in ("dispatch.inforce.PROFILES", "dispatch.profile.PROFILES"):
        monkeypatch.setattr(module, tmp_path)
    case = town.matter()
    filing.submit_review(case, town.doing(case, "operator"))
    filing.review(case, town.doing(case, "shift_lead"))
    handling.dispatch_case(case, town.doing(case, "dispatcher"), to=[handling.Assignment(town.water)])
    before = Clock.objects.get(kind="handle", case=case).due_at
    inforce.choose("early", by=town.people["admin"], at=NOW, reason="夏令作息")
    calendar = Calendar.objects.get()
    assert (calendar.periods, calendar.workdays) == ([["07:30", "11:30"], ["13:00", "17:00"]], "1111110")
    edit = CalendarEdit.objects.get()
    assert (edit.why, edit.by, edit.moved >= 1) == ("夏令作息", town.people["admin"], True)
    assert Clock.objects.get(kind="handle", case=case).due_at < before
    inforce.choose("early", by=town.people["admin"], at=NOW, reason="再选一次")
    assert CalendarEdit.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[clocks]\nhours = ["14:00-18:00", "08:00-12:00"]\n', "one after the other"),
        ('[clocks]\nhours = ["8-12"]\n', "Invalid isoformat"),
        ('[clocks]\nworkdays = "11111"\n', "seven digits"),
        ("[figures]\nweight_volume = 20\n", "add up to 100"),
        ("[households]\ncare_days = 0\n", "at least 1"),
        ('[households]\nrefresh = "week"\n', "refresh"),
    ],
)
def test_an_impossible_setting_stops_the_start_and_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=said):
        read_profile(str(path))


def test_the_defaults_of_profile_and_scorecard_are_the_same() -> None:
    assert Rules(**msgspec.structs.asdict(read_profile("default").figures)) == Rules()
