"""入户遍访: two due lists, the record, people in daily attention under strict access (P4.11–P4.14, P4.21)."""

import io
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.households import period_end, period_start
from dispatch.models import Case, Channel, Household, HouseholdCare, HouseholdVisit, Report, Undertaking
from people.models import Look, RoleGrant
from tests.town import Town

Login = Callable[[str], Client]
DAY = date(2023, 5, 16)


@pytest.fixture
def home(town: Town) -> Household:
    return Household.objects.create(
        agency=town.water, community=town.communities[0], address="怡园小区3号楼101", head="赵奶奶", phone="13900000009"
    )


def visit(client: Client, home: Household, **more: Any) -> Any:
    sent = {"on": f"{timezone.localdate()}", "met": "on", "words": "", "operation": str(uuid.uuid4())} | more
    return client.post(reverse("desks:visit_household", args=[home.pk]), sent)


def show(client: Client, home: Household) -> str:
    return client.get(reverse("desks:household", args=[home.pk])).content.decode()


def look(client: Client, home: Household, reason: str = "核对信息") -> Any:
    return client.post(reverse("desks:look_household", args=[home.pk]), {"reason": reason})


@pytest.mark.parametrize(
    ("day", "quarter", "half"),
    [
        (date(2023, 1, 1), date(2023, 1, 1), date(2023, 1, 1)),
        (date(2023, 3, 31), date(2023, 1, 1), date(2023, 1, 1)),
        (date(2023, 4, 1), date(2023, 4, 1), date(2023, 1, 1)),
        (date(2023, 6, 30), date(2023, 4, 1), date(2023, 1, 1)),
        (date(2023, 7, 1), date(2023, 7, 1), date(2023, 7, 1)),
        (date(2023, 12, 31), date(2023, 10, 1), date(2023, 7, 1)),
    ],
)
def test_quarters_and_half_years_are_those_of_the_calendar(day: date, quarter: date, half: date) -> None:
    assert (period_start(day, "quarter"), period_start(day, "half_year")) == (quarter, half)
    assert period_start(period_end(day, "quarter") + timedelta(days=1), "quarter") == period_end(
        day, "quarter"
    ) + timedelta(days=1)


def test_two_due_lists_each_by_its_own_period(home: Household) -> None:
    """每季更新, 每半年遍访: seen in February, so the record is due again in May and the visit is not."""
    assert list(Household.objects.due_for_refresh(DAY)) == [home]
    assert list(Household.objects.due_for_visit(DAY)) == [home]
    Household.objects.update(refreshed_on=date(2023, 2, 10), visited_on=date(2023, 2, 10))
    assert list(Household.objects.due_for_refresh(DAY)) == [home]
    assert not Household.objects.due_for_visit(DAY).exists()
    assert list(Household.objects.due_for_visit(date(2023, 7, 1))) == [home]
    Household.objects.update(left_on=date(2023, 6, 1))
    assert not Household.objects.due_for_refresh(date(2023, 7, 1)).exists()


def test_a_visit_takes_the_household_off_the_lists(town: Town, home: Household, login: Login) -> None:
    handler = login("handler")
    listed = handler.get(reverse("desks:households")).content.decode()
    assert home.address in listed
    assert "赵奶奶" not in listed
    assert "赵**" in listed
    assert visit(handler, home, refreshed="on", words="身体尚好").status_code == 302
    home.refresh_from_db()
    assert home.visited_on == home.refreshed_on == timezone.localdate()
    assert home.address not in handler.get(reverse("desks:households")).content.decode()
    assert "身体尚好" in show(handler, home)


def test_an_older_visit_handed_in_later_sets_no_date_back(town: Town, home: Household, login: Login) -> None:
    handler, today = login("handler"), timezone.localdate()
    visit(handler, home)
    visit(handler, home, on=f"{today - timedelta(days=40)}", refreshed="on")
    home.refresh_from_db()
    assert (home.visited_on, home.refreshed_on) == (today, today - timedelta(days=40))


def test_nobody_at_home_is_no_visit_and_needs_words(town: Town, home: Household, login: Login) -> None:
    handler = login("handler")
    answer = visit(handler, home, met="")
    assert answer.status_code == 422
    assert "没有见到人时，请写明情况" in answer.content.decode()
    assert visit(handler, home, met="", words="家中无人").status_code == 302
    home.refresh_from_db()
    assert home.visited_on is None


def test_a_need_on_the_doorstep_becomes_a_report_like_any_other(town: Town, home: Household, login: Login) -> None:
    Channel.objects.create(key="sweep", name="入户遍访", kind="sweep", default_type="help")
    operation = str(uuid.uuid4())
    for _press in range(2):
        visit(login("handler"), home, need="楼道灯不亮", operation=operation)
    made = HouseholdVisit.objects.get().case
    assert made is not None
    report = Report.objects.get(case=made)
    assert (report.text, report.channel.key, report.request_type) == ("楼道灯不亮", "sweep", "help")
    assert report.person is not None
    assert report.person.phone == "13900000009"
    assert made.state == "received"
    assert made in Case.objects.visible_to(town.people["operator"])


def test_without_a_channel_for_it_a_need_is_not_lost_silently(town: Town, home: Household, login: Login) -> None:
    answer = visit(login("handler"), home, need="楼道灯不亮")
    assert answer.status_code == 422
    assert "没有启用的入户走访渠道" in answer.content.decode()
    assert "楼道灯不亮" in answer.content.decode()
    assert not HouseholdVisit.objects.exists()


def test_name_and_number_are_shown_to_who_says_why_and_the_look_is_logged(
    town: Town, home: Household, login: Login
) -> None:
    handler = login("handler")
    visit(handler, home, words="赵奶奶腿脚不便")
    page = show(handler, home)
    assert "13900000009" not in page
    assert "赵**腿脚不便" in page
    assert look(handler, home, "").status_code == 422
    assert not Look.objects.exists()
    seen = look(handler, home).content.decode()
    assert "13900000009" in seen
    assert "赵奶奶" in seen
    assert Look.objects.get().subject == f"household:{home.pk}"
    assert f"住户 {home.pk}" in login("admin").get(reverse("dispatch:looks")).content.decode()


def test_who_is_in_care_is_known_to_few_and_every_list_of_it_is_logged(
    town: Town, home: Household, login: Login
) -> None:
    handler = login("handler")
    sent = {"kind": "bereaved", "note": "每周送药"}
    assert handler.post(reverse("desks:household_care", args=[home.pk]), sent).status_code == 302
    assert HouseholdCare.objects.get().kind == "bereaved"
    before = Look.objects.count()
    listed = handler.get(reverse("desks:households") + "?tab=care").content.decode()
    assert home.address in listed
    assert "失独家庭" not in listed
    assert Look.objects.count() == before + 1
    assert "失独家庭" not in show(handler, home).split("</main>")[0]
    assert "每周送药" in look(handler, home).content.decode()
    inspector = login("inspector")
    assert home.address in inspector.get(reverse("desks:households")).content.decode()
    assert "?tab=care" not in inspector.get(reverse("desks:households")).content.decode()
    assert "每周送药" not in look(inspector, home).content.decode()
    assert inspector.post(reverse("desks:household_care", args=[home.pk]), sent).status_code == 403


def test_daily_attention_says_whom_nobody_has_spoken_to(town: Town, home: Household, login: Login) -> None:
    today = timezone.localdate()
    HouseholdCare.objects.create(household=home, kind="ill", since=today, by=town.people["handler"])
    assert list(Household.objects.neglected(today)) == [home]
    page = login("leader").get(reverse("desks:households") + "?tab=care").content.decode()
    assert "超过联系期限" in page
    visit(login("handler"), home)
    assert not Household.objects.neglected(today + timedelta(days=6)).exists()
    assert list(Household.objects.neglected(today + timedelta(days=7))) == [home]
    HouseholdCare.objects.update(ended_on=today)
    assert not Household.objects.cared_for().exists()


def test_a_unit_sees_its_own_households_and_an_inspector_those_of_the_area(
    town: Town, home: Household, login: Login
) -> None:
    Household.objects.update(agency=town.office)
    handler = login("handler")
    assert handler.get(reverse("desks:household", args=[home.pk])).status_code == 404
    assert visit(handler, home).status_code == 404
    RoleGrant.objects.filter(role="inspector").update(area_code=town.communities[1].code)
    assert login("inspector").get(reverse("desks:household", args=[home.pk])).status_code == 404
    RoleGrant.objects.filter(role="inspector").update(area_code=town.communities[0].code)
    town.people["inspector"].refresh_from_db()
    assert login("inspector").get(reverse("desks:household", args=[home.pk])).status_code == 200


def test_a_household_is_written_down_once_and_its_record_corrected(town: Town, login: Login) -> None:
    handler = login("handler")
    sent = {"agency": town.water.pk, "community": "", "address": "2号楼", "head": "钱先生", "phone": "", "people": 2}
    assert handler.post(reverse("desks:new_household"), sent).status_code == 302
    answer = handler.post(reverse("desks:new_household"), sent)
    assert answer.status_code == 422
    assert "这里已经登记过这一户" in answer.content.decode()
    made = Household.objects.get()
    assert made.refreshed_on == timezone.localdate()
    path = reverse("desks:edit_household", args=[made.pk])
    assert handler.get(path).status_code == 200
    assert Look.objects.get().reason == "更新住户信息"
    assert handler.post(path, sent | {"people": 3}).status_code == 302
    made.refresh_from_db()
    assert made.people == 3
    assert handler.post(path, sent | {"agency": town.office.pk}).status_code == 422


def test_a_campaign_of_visits_counts_by_itself(town: Town, home: Household, login: Login) -> None:
    """百日攻坚, early March to early June: every household met (P4.11)."""
    Household.objects.create(agency=town.water, address="3号楼102", head="钱先生")
    campaign = Undertaking.objects.create(
        kind="campaign", title="入户遍访", why="家家到", counts="visits", unit="户", begins_on=date(2023, 3, 6),
        due_on=date(2023, 6, 6), made_by=town.people["leader"], made_at=timezone.now(), operation=uuid.uuid4(),
    )  # fmt: skip
    campaign.units.create(agency=town.water)
    by, at = town.people["handler"], timezone.now()
    for day in (date(2023, 3, 5), date(2023, 3, 6), date(2023, 4, 1)):
        HouseholdVisit.objects.create(household=home, on=day, by=by, at=at, operation=uuid.uuid4())
        page = login("leader").get(reverse("desks:undertaking", args=[campaign.pk])).content.decode()
        assert f"{int(day >= date(2023, 3, 6))} / 2 户" in page


def test_the_lists_take_as_many_queries_with_many_households(
    town: Town, home: Household, login: Login, django_assert_max_num_queries: Any
) -> None:
    handler = login("handler")
    for number in range(20):
        Household.objects.create(agency=town.water, address=f"{number}号", head="某人")
    for tab in ("visit", "refresh", "all", "care"):
        with django_assert_max_num_queries(10):
            handler.get(reverse("desks:households") + f"?tab={tab}")


def test_two_of_one_name_at_one_address_are_one_household(town: Town, home: Household) -> None:
    with pytest.raises(IntegrityError):
        Household.objects.create(agency=town.water, address=home.address, head=home.head)


def test_a_table_is_loaded_and_its_bad_rows_are_kept_with_the_reason(town: Town, tmp_path: Path) -> None:
    table = tmp_path / "homes.csv"
    rows = [
        "1号楼101,赵一,13900000001,2,甲社区,",
        "1号楼102,,,,,",
        "1号楼103,钱二,,三口,,",
        "1号楼104,孙三,,,丙社区,",
        "1号楼101,赵一,,,,",
    ]
    table.write_text("address,head,phone,people,community,note\n" + "\n".join(rows) + "\n", encoding="utf-8")
    out, err = io.StringIO(), io.StringIO()
    call_command("load_households", str(table), agency="water", stdout=out, stderr=err)
    assert "5 read, 1 added, 4 rejected" in out.getvalue()
    made = Household.objects.get()
    assert (made.address, made.people, made.community) == ("1号楼101", 2, town.communities[0])
    kept = (tmp_path / "homes.rejected.csv").read_text(encoding="utf-8-sig")
    for said in (
        "row 3: head:",
        "row 4: people: not a number: 三口",
        "row 5: community: no community 丙社区",
        "row 6:",
    ):
        assert said in kept
    with pytest.raises(CommandError, match="no agency has the code"):
        call_command("load_households", str(table), agency="nobody")


def test_no_press_without_a_reason_shows_the_household(town: Town, home: Household, login: Login) -> None:
    """A form that is sent empty is no way round the look that is logged."""
    handler = login("handler")
    for name in ("household_care", "edit_household", "visit_household", "look_household"):
        page = handler.post(reverse(f"desks:{name}", args=[home.pk]), follow=True).content.decode()
        assert "13900000009" not in page, name
        assert "赵奶奶" not in page, name
    assert not Look.objects.exists()
