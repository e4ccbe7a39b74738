"""Trials on the pages: what is shown, that nothing is written, who may put it in force, and in how many queries."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch import trialfacts
from dispatch.actions import handling
from dispatch.actions.limiting import NewLimit, StaleLimitError, limit_now, set_limit
from dispatch.limits import handling_limit
from dispatch.models import Calendar, Case, Clock, Condition, ConditionLimit, RoutingRule
from dispatch.placing import question_of
from dispatch.trialfacts import dispatched, judged, period_of, periods
from dispatch.trials import Limit
from people.models import Change
from tests.town import NOW, Town

Login = Callable[[str], Client]
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The town's cases came in November 2026: it is December now, and that is the month that has passed."""
    later = NOW + timedelta(days=20)
    monkeypatch.setattr(timezone, "now", lambda: later)


def closed(town: Town, hours: float) -> Case:
    """A case that was handled so many hours after it was dispatched: at 01:40 UTC, 40 minutes after it came in."""
    case = town.to_state("handling", town.report())
    sent = case.dispatched_at
    assert sent is not None
    when = sent + timedelta(hours=hours)
    doing = town.doing(case, "handler", when, "已更换")
    handling.handled(case, doing, part=town.part(case), photos=[town.photo("green", when)])
    case = Case.objects.get(pk=case.pk)
    Clock.objects.filter(case=case, kind="handle").update(
        stopped_at=when, verdict="on_time" if hours <= 2 else "overdue", used_seconds=hours * 3600
    )
    return case


def test_periods_are_the_twelve_months_before_and_all_of_them_together() -> None:
    found = periods(date(2026, 1, 15))
    assert [each.key for each in found][:2] == ["2025-12", "2025-11"]
    assert (found[-1].key, found[-1].first, found[-1].after) == ("year", date(2025, 1, 1), date(2026, 1, 1))
    assert period_of("nonsense", date(2026, 1, 15)).key == "2025-12"


def test_a_limit_is_tried_on_the_months_cases_and_nothing_is_written(login: Login, town: Town, november: None) -> None:
    cases = [closed(town, hours) for hours in (0.5, 1.5, 1.75, 2.5)]
    client = login("leader")
    asked: dict[str, Any] = {"limit_amount": 1, "limit_unit": "urgent_hour", "area_class": "", "period": "2026-11"}
    with CaptureQueriesContext(
        connection,
    ) as asked_for:
        answer = client.get(f"/limits/{town.missing.pk}/", asked)
    trial = answer.context["shown"]["trial"]
    assert (trial.tried, trial.late_before, trial.late_after) == (4, 1, 3)
    (worse,) = answer.context["shown"]["lists"]
    assert [row["number"] for row in worse["cases"]] == [cases[1].number, cases[2].number]
    assert not [q for q in asked_for.captured_queries if q["sql"].startswith(WRITES) and "session" not in q["sql"]]
    assert "启用 1 紧急工作时" not in answer.content.decode()
    assert client.post(f"/limits/{town.missing.pk}/", asked).status_code == 403
    with CaptureQueriesContext(connection) as first:
        client.get(f"/limits/{town.missing.pk}/", asked)
    for _ in range(4):
        closed(town, 1.5)
    with CaptureQueriesContext(connection) as second:
        client.get(f"/limits/{town.missing.pk}/", asked)
    assert len(first) == len(second)


def test_a_limit_is_put_in_force_for_what_comes_and_leaves_what_was(login: Login, town: Town, november: None) -> None:
    case = closed(town, 1.5)
    client = login("data_manager")
    asked: dict[str, Any] = {"limit_amount": 1, "limit_unit": "urgent_hour", "area_class": "", "period": "2026-11"}
    page = client.get(f"/limits/{town.missing.pk}/", asked)
    assert "启用 1 紧急工作时" in page.content.decode()
    sent = asked | {"known": page.context["known"]}
    assert client.post(f"/limits/{town.missing.pk}/", sent).status_code == 422
    assert client.post(f"/limits/{town.missing.pk}/", sent | {"reason": "群众反映强烈"}).status_code == 302
    assert handling_limit(case).amount == 1
    assert Clock.objects.get(case=case, kind="handle").limit_amount == 2
    change = Change.objects.get()
    assert (change.fields, change.reason) == ([{"field": "limit_amount", "old": "2", "new": "1"}], "群众反映强烈")
    # whoever saw the old limit is told
    assert client.post(f"/limits/{town.missing.pk}/", sent | {"reason": "再改"}).status_code == 409
    assert Change.objects.count() == 1


def test_a_limit_of_a_class_of_areas_touches_only_those(town: Town) -> None:
    by = town.people["admin"]
    new = NewLimit(town.missing, "1", Limit(1, "urgent_hour"))
    set_limit(new, known=None, by=by, at=NOW, reason="核心区")
    assert (limit_now(town.missing, "1"), limit_now(town.missing, "")) == (
        Limit(1, "urgent_hour"),
        Limit(2, "urgent_hour"),
    )
    assert ConditionLimit.objects.get().area_class == "1"
    with pytest.raises(StaleLimitError):
        set_limit(new, known=None, by=by, at=NOW, reason="again")
    assert Condition.objects.get(pk=town.missing.pk).limit_amount == 2


def test_a_clock_that_cannot_be_judged_again_says_why(town: Town, november: None) -> None:
    late, running, own, above, dropped = (closed(town, 3) for _ in range(5))
    handle = Clock.objects.filter(kind="handle")
    handle.filter(case=running).update(stopped_at=None, verdict="")
    handle.filter(case=own).update(why={"code": "own"})
    handle.filter(case=above).update(why={"code": "condition", "upper": "2026-11-20T00:00:00+08:00"})
    handle.filter(case=dropped).update(verdict="dropped")
    found = {
        clock.case_id: clock.fault for clock, _calendar in judged(period_of("2026-11", date(2026, 12, 8)), town.missing)
    }
    assert found == {late.pk: "", running.pk: "running", own.pk: "own", above.pk: "upper", dropped.pk: "dropped"}
    in_class = judged(period_of("2026-11", date(2026, 12, 8)), town.missing, "1")
    assert list(in_class) == []


def test_the_questions_are_those_of_the_single_path(town: Town, django_assert_num_queries: Any) -> None:
    town.to_state("handling")
    town.to_state("handling", town.report(component=None, request_type="help"))
    town.report()
    with django_assert_num_queries(2):
        found = list(dispatched(period_of("2026-11", date(2026, 12, 8)), date(2026, 12, 8)))
    cases = [Case.objects.get(pk=each.case_id) for each in found]
    assert len(found) == 2
    assert [each.question for each in found] == [question_of(case, case.dispatched_at or NOW) for case in cases]
    assert [each.agency_id for each in found] == [town.water.pk, town.water.pk]


def test_a_class_of_an_edition_that_is_over_cannot_be_asked(town: Town) -> None:
    town.to_state("handling")
    town.cover.dictionary.valid_to = date(2026, 11, 30)
    town.cover.dictionary.save()
    assert [each.fault for each in dispatched(period_of("2026-11", date(2026, 12, 8)), date(2026, 12, 8))] == [
        "old_class"
    ]


def rule(town: Town, **more: Any) -> dict[str, Any]:
    return {
        "known_version": 0,
        "number": "R100",
        "category": town.cover.pk,
        "area_code": town.communities[0].code,
        "agency": town.office.pk,
        "begins": f"{timezone.localdate():%Y-%m-%d}",
        "reason": "属地更近",
    } | more


def test_a_rule_is_tried_on_the_months_cases_then_put_in_force(login: Login, town: Town, november: None) -> None:
    moved = town.to_state("handling", town.report(component=None))
    town.to_state("handling", town.report(component=town.component))
    client = login("admin")
    answer = client.post("/rules/new/", rule(town, trial="1", period="2026-11"))
    shown = answer.context["shown"]
    assert (shown["trial"].tried, shown["trial"].moves) == (2, 1)
    (group,) = shown["moved"]
    assert (group["from"], group["to"], group["count"], group["agree"]) == ("自来水公司", "测试街道办事处", 1, 0)
    assert [(row["number"], row["seen"], row["led"]) for row in group["cases"]] == [(moved.number, True, "自来水公司")]
    assert group["cases"][0]["why"] == "规则 R100 先于 R002：区域更小的在先"
    assert f"/cases/{moved.number}/" in answer.content.decode()
    assert not RoutingRule.objects.filter(number="R100").exists()
    assert not Change.objects.exists()
    # the data manager may change rules, but opens no case
    hidden = login("data_manager").post("/rules/new/", rule(town, trial="1", period="2026-11")).content.decode()
    assert moved.number in hidden
    assert f"/cases/{moved.number}/" not in hidden
    saved = login("admin").post("/rules/new/", rule(town, period="2026-11", confirm="1"))
    assert saved.status_code == 302
    assert RoutingRule.objects.get(number="R100").agency == town.office
    assert login("dispatcher").post("/rules/new/", rule(town, trial="1")).status_code == 403


def test_working_time_is_tried_on_the_months_cases(login: Login, town: Town, november: None) -> None:
    fair = closed(town, 1.5)
    work = {"limit_amount": 2, "limit_unit": "work_hour", "limit_seconds": 7200.0, "verdict": "on_time"}
    Clock.objects.filter(case=fair, kind="handle").update(**work)
    closed(town, 1.5)  # round the clock: no hours of work move it
    change = {
        "do": "hours",
        "version": 1,
        "name": "半日",
        "periods": "10:00-11:00",
        "workdays": ["0", "1", "2", "3", "4"],
    }
    client = login("admin")
    answer = client.post(f"/calendars/{town.calendar.pk}/", change | {"why": "试", "trial": "1", "period": "2026-11"})
    trial = answer.context["shown"]["trial"]
    # dispatched at 09:40, answered at 11:10: one hour of the new day, of two
    assert [(each.used, each.late) for each in trial.judged if each.clock.case_id == fair.pk] == [(3600.0, False)]
    assert trial.tried == 2
    assert Calendar.objects.get().periods == town.calendar.periods
    assert not Change.objects.exists()
    scheme = {"do": "scheme", "version": 1, "name": "冬季", "valid_from": "2027-01-01", "valid_to": "", "why": "试"}
    scheme |= {"periods": "08:00-12:00", "workdays": ["0"], "trial": "1", "period": "2026-11"}
    shown = client.post("/calendars/new/", scheme).context["shown"]
    # a Wednesday is no working day of it: nothing is used
    assert [each.used for each in shown["trial"].judged if each.clock.case_id == fair.pk] == [0.0]
    assert Calendar.objects.count() == 1


def test_an_empty_month_says_so(login: Login, town: Town) -> None:
    page = login("leader").get(
        f"/limits/{town.missing.pk}/", {"limit_amount": "1", "limit_unit": "minute", "period": "year"}
    )
    assert "这段时间没有案件用到这个时限" in page.content.decode()
    assert trialfacts.MONTHS == 12
    assert login("leader").get(f"/limits/{town.missing.pk}/", {"limit_amount": 0}).status_code == 422
