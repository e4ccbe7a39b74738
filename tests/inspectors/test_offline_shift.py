"""A shift without network from its beginning to its end: each page goes on from what was done on the phone."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from dispatch.models import Case, FieldTask, LookBack, Undertaking
from inspectors import shell
from inspectors.models import Attendance, Break, DutyZone, Operation, Spot, TaskAct, Visit
from tests.inspectors.conftest import on_duty
from tests.inspectors.test_offline import fill_answer, settled, with_worker
from tests.loop.browser import Office, photo
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    shell._version.cache_clear()
    town = build_town()
    zone = DutyZone.objects.create(name="一号责任网格")
    zone.communities.set(town.communities)
    on_duty(town.people["inspector"], zone)
    return town


def online(page: Page, url: str, number: int) -> None:
    """The network is back: everything that waits arrives."""
    page.context.set_offline(False)
    page.goto(f"{url}/field/outbox/")
    expect(page.locator("#outbox-state")).to_have_text(f"已完成 {number}")
    settled(page)


def test_clocking_in_resting_and_out_without_network(city: Town, office: Office) -> None:
    page = with_worker(office, "/field/duty/")
    page.context.set_offline(True)
    page.goto(f"{office.url}/field/duty/")
    expect(page.locator("#fix")).to_contain_text("8")
    expect(page.locator("button", has_text="签退下班")).to_be_hidden()
    page.locator("button", has_text="签到上岗").click()
    expect(page.locator("#ahead")).to_contain_text("待上传：签到上岗")
    expect(page.locator("button", has_text="签到上岗")).to_be_hidden()
    page.locator("button", has_text="开始休息").click()
    expect(page.locator("button", has_text="结束休息")).to_be_visible()
    page.goto(f"{office.url}/field/duty/")  # the page of the morning, once more
    expect(page.locator("#ahead")).to_contain_text("开始休息")
    page.locator("button", has_text="结束休息").click()
    page.locator("button", has_text="签退下班").click()
    expect(page.locator("button", has_text="再次签到")).to_be_visible()
    assert not Operation.objects.exists()
    online(page, office.url, 4)
    kinds = list(Operation.objects.order_by("received_at").values_list("kind", flat=True))
    assert kinds == ["clock_in", "break_start", "break_end", "clock_out"]
    made, rest = Attendance.objects.get(), Break.objects.get()
    assert made.out_at is not None
    assert made.in_at < rest.starts_at <= rest.over_at <= made.out_at < made.in_at + timedelta(minutes=1)


def test_a_task_goes_on_without_network_and_is_not_answered_twice(city: Town, office: Office, tmp_path: Path) -> None:
    task = FieldTask.objects.get(case=city.to_state("verifying", when=timezone.now() - timedelta(hours=2)))
    mine = f"/field/tasks/{task.pk}/"
    page = with_worker(office, mine, "/field/")
    page.context.set_offline(True)
    page.goto(office.url + mine)
    page.locator("#steps [data-act=accept]").click()
    expect(page.locator("#steps [data-act=accept]")).to_be_hidden()
    page.goto(office.url + mine)
    page.locator("#steps [data-act=arrive]").click()
    expect(page.locator("#steps [data-act=arrive]")).to_be_hidden()
    fill_answer(page, office.url + mine, photo(tmp_path, "red"))
    expect(page.locator("#steps [data-act=arrive]")).to_be_hidden()
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 3")
    page.goto(f"{office.url}/field/")
    expect(page.locator(f"[data-key='{task.pk}'] .chip.waits")).to_have_text("待上传")
    page.goto(office.url + mine)
    expect(page.locator("#state")).to_contain_text("待上传")
    expect(page.locator(".send")).to_be_disabled()
    online(page, office.url, 3)
    kinds = list(Operation.objects.order_by("received_at").values_list("kind", flat=True))
    assert kinds == ["accept", "arrive", "answer"]
    assert (TaskAct.objects.count(), Visit.objects.count()) == (2, 1)


def test_a_look_back_and_a_place_of_a_campaign_without_network(city: Town, office: Office, tmp_path: Path) -> None:
    case = city.to_state("closed", when=timezone.now() - timedelta(days=21))
    Case.objects.filter(pk=case.pk).update(reworks=1)
    campaign = Undertaking.objects.create(
        kind=Undertaking.Kind.CAMPAIGN,
        title="井盖专项",
        begins_on=timezone.localdate(),
        why="逐个查看",
        made_by=city.people["operator"],
        made_at=timezone.now(),
        operation=uuid4(),
    )
    spot = Spot.objects.create(
        campaign=campaign, cell_code=city.cells[0].code, community=city.communities[0], point=at(60, 50)
    )
    again, place = f"/field/revisits/{case.number}/", f"/field/spots/{spot.pk}/"
    page = with_worker(office, again, place, "/field/spots/", "/field/found/")
    page.context.set_offline(True)
    page.goto(office.url + again)
    page.set_input_files("#photo", photo(tmp_path, "red"))
    page.locator("label.result.good").click()
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 1")
    page.goto(office.url + place)
    page.locator("a", has_text="发现问题，去上报").click()
    expect(page.locator("#offline")).to_contain_text("离线，显示的是")
    page.set_input_files("#photo", photo(tmp_path, "orange"))
    page.fill("#class-search", "自来水")
    page.locator(".pick", has_text="上水井盖").click()
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 2")
    online(page, office.url, 2)
    assert (LookBack.objects.get().case, LookBack.objects.get().rating) == (case, "good")
    spot.refresh_from_db()
    assert (spot.result, spot.case) == ("found", Case.objects.latest("pk"))


def test_a_task_of_the_zone_is_claimed_with_a_tap(city: Town, office: Office) -> None:
    task = FieldTask.objects.get(case=city.to_state("verifying", when=timezone.now() - timedelta(hours=2)))
    FieldTask.objects.update(inspector=None)
    page = office.enter("inspector", place=(55, 50))
    page.goto(f"{office.url}/field/")
    page.get_by_role("button", name="领取").click()
    page.wait_for_url(f"**/field/tasks/{task.pk}/")
    task.refresh_from_db()
    assert (task.inspector, task.accepted_at is not None) == (city.people["inspector"], True)
