"""A phone without network: it goes on working, loses nothing, and sends each thing once when it can."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dispatch.actions import filing
from dispatch.evidence import original_path
from dispatch.models import Attachment, Case, FieldTask
from inspectors import shell
from inspectors.models import DutyZone, Operation, Visit
from people.models import RoleGrant, User
from tests.inspectors.conftest import on_duty
from tests.inspectors.envelopes import answer, send, shot
from tests.loop.browser import ARGUMENTS, CHROMIUM, PHONE, Office, photo, sign_in
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ACTIVE = "navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)"
CACHED = "async (path) => (await caches.match(path)) !== undefined"


@pytest.fixture
def city(transactional_db: None) -> Town:
    shell._version.cache_clear()
    town = build_town()
    zone = DutyZone.objects.create(name="一号责任网格")
    zone.communities.set(town.communities)
    on_duty(town.people["inspector"], zone)
    return town


@pytest.fixture
def task(city: Town) -> FieldTask:
    """A case at (50, 50) to be verified, for two hours."""
    case = city.to_state("verifying", when=timezone.now() - timedelta(hours=2))
    return FieldTask.objects.get(case=case)


def settled(page: Page) -> Page:
    """No request is left over for the next test."""
    page.wait_for_load_state("networkidle")
    return page


def with_worker(office: Office, *paths: str) -> Page:
    """A phone at (55, 50) whose worker runs and has kept these pages."""
    page = office.enter("inspector", place=(55, 50), worker=True)
    page.goto(f"{office.url}/field/")
    page.wait_for_function(ACTIVE)
    page.goto(f"{office.url}/field/")  # under the worker: the pack is fetched
    for path in paths:
        page.wait_for_function(CACHED, arg=path)
    return settled(page)


def fill_answer(page: Page, url: str, picture: str, result: str = "confirmed") -> None:
    page.goto(url)
    page.set_input_files("#photo", picture)
    expect(page.locator("#shots img")).to_have_count(1)
    page.locator(f"label.result.{result}").click()
    page.fill("#note", "两个井盖都没了")


def entries(page: Page, url: str) -> Any:
    """The outbox page's entries."""
    page.goto(f"{url}/field/outbox/")
    return page.locator("#queue .entry")


def test_an_answer_and_a_finding_without_network_arrive_in_the_end(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    mine = f"/field/tasks/{task.pk}/"
    page = with_worker(office, mine, "/field/found/", "/field/outbox/")
    page.context.set_offline(True)
    page.goto(f"{office.url}/field/")
    expect(page.locator("#offline")).to_contain_text("离线，显示的是")
    expect(page.locator(".task")).to_have_count(1)
    fill_answer(page, office.url + mine, photo(tmp_path, "red"))
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 1")
    page.goto(f"{office.url}/field/found/")
    page.set_input_files("#photo", photo(tmp_path, "orange"))
    page.fill("#class-search", "自来水")
    page.locator(".pick", has_text="上水井盖").click()
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 2")
    assert not Operation.objects.exists()
    expect(entries(page, office.url)).to_have_count(2)
    page.goto(f"{office.url}/field/tasks/999/")
    expect(page.locator("main")).to_contain_text("这一页没有存在手机里")
    page.context.set_offline(False)
    page.goto(f"{office.url}/field/outbox/")
    # the verified case is open and of the same class, at the very spot: the finding asks what it is
    expect(page.locator(".entry[data-state=done]")).to_contain_text("已保存：情况属实")
    expect(page.locator(".entry[data-state=needs]")).to_contain_text("米外已有同类案件")
    page.locator("button", has_text="是另一个问题").click()
    expect(page.locator("#outbox-state")).to_have_text("已完成 2")
    settled(page)
    assert sorted(Operation.objects.values_list("kind", flat=True)) == ["answer", "found"]
    for photo_of in Attachment.objects.filter(step__operation__in=Operation.objects.values("uuid")):
        assert original_path(photo_of.evidence.sha256).stat().st_size == photo_of.evidence.size


@pytest.fixture
def phone_again(city: Town, chromium: Browser, live_server: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens the browser of one phone; what it has stored survives its closing."""
    opened: list[BrowserContext] = []

    def start() -> Page:
        from gridmap.datums import lonlat

        lon, lat = lonlat(at(55, 50))
        context = chromium.browser_type.launch_persistent_context(
            str(tmp_path / "phone"), executable_path=CHROMIUM, args=ARGUMENTS, locale="zh-CN", **PHONE
        )
        context.grant_permissions(["geolocation"], origin=live_server.url)
        context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 8})
        opened.append(context)
        return context.pages[0]

    yield start
    for context in opened:
        context.close()


def test_the_queue_survives_closing_the_browser(
    city: Town, task: FieldTask, live_server: Any, phone_again: Any, tmp_path: Path
) -> None:
    page = phone_again()
    sign_in(page, live_server.url, "inspector")
    page.goto(f"{live_server.url}/field/")
    page.wait_for_function(ACTIVE)
    fill_answer(page, f"{live_server.url}/field/tasks/{task.pk}/", photo(tmp_path, "red"))
    settled(page)
    page.context.set_offline(True)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已存在手机里")
    page.context.close()
    assert not Visit.objects.exists()
    page = phone_again()
    page.goto(f"{live_server.url}/login/")
    if page.locator("#id_username").count():  # the session's cookie went with the browser
        sign_in(page, live_server.url, "inspector")
    page.goto(f"{live_server.url}/field/outbox/")
    expect(page.locator(".entry[data-state=done]")).to_have_count(1)
    settled(page)
    assert Visit.objects.count() == 1


def test_a_new_version_waits_until_nothing_is_typed_and_leaves_the_queue(
    city: Town, task: FieldTask, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = f"/field/tasks/{task.pk}/"
    page = with_worker(office, mine)
    page.context.set_offline(True)
    fill_answer(page, office.url + mine, photo(tmp_path, "red"))
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 1")
    page.goto(f"{office.url}/field/found/")
    page.fill("#note", "正在填写")
    page.route("**/field/operations/", lambda route: route.abort())
    monkeypatch.setattr(shell, "version", lambda: "newer")
    page.context.set_offline(False)
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
    page.wait_for_function("navigator.serviceWorker.getRegistration().then((found) => found.waiting !== null)")
    assert page.evaluate("caches.has('field-shell-newer')")
    expect(page.locator("#note")).to_have_value("正在填写")
    page.unroute("**/field/operations/")
    page.goto(f"{office.url}/field/outbox/")
    page.wait_for_function("navigator.serviceWorker.getRegistration().then((found) => found.waiting === null)")
    expect(page.locator(".entry[data-state=done]")).to_have_count(1)
    settled(page)
    assert Visit.objects.count() == 1


def test_two_phones_on_one_task_and_the_second_person_decides(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    mine = f"{office.url}/field/tasks/{task.pk}/"
    page = office.enter("inspector", place=(55, 50))
    fill_answer(page, mine, photo(tmp_path, "red"))
    page.context.set_offline(True)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已存在手机里")
    case = Case.objects.get(pk=task.case_id)
    filing.classify(case, city.doing(case, "operator", timezone.now()), category=city.cover, urgent=True)
    page.context.set_offline(False)
    expect(page.locator("#state")).to_contain_text("最新情况")
    entry = entries(page, office.url)
    expect(entry.locator(".versions")).to_contain_text("情况属实 · 两个井盖都没了")
    expect(entry.locator(".versions")).to_contain_text("上水井盖 · 核实中 · 紧急")
    entry.locator("button", has_text="仍按我的回答提交").click()
    expect(page.locator(".entry[data-state=done]")).to_have_count(1)
    settled(page)
    assert Visit.objects.count() == 1


def test_what_the_other_phone_has_answered_is_not_answered_again(
    city: Town, task: FieldTask, office: Office, tmp_path: Path, client: Client
) -> None:
    page = office.enter("inspector", place=(55, 50))
    fill_answer(page, f"{office.url}/field/tasks/{task.pk}/", photo(tmp_path, "red"), "not_found")
    page.context.set_offline(True)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已存在手机里")
    client.force_login(city.people["inspector"])
    assert send(client, answer(task, [shot(client, "orange")])).status_code == 200
    page.context.set_offline(False)
    entry = entries(page, office.url)
    expect(entry.locator(".versions")).to_contain_text("情况属实")
    expect(entry.locator("button", has_text="仍按我的回答提交")).to_have_count(0)
    away = entry.locator(".button.quiet")
    away.click()
    expect(away).to_have_text("再按一次，从手机中删除")
    away.click()
    expect(page.locator("#queue .entry")).to_have_count(0)
    settled(page)
    assert Visit.objects.count() == 1


def test_what_needs_a_person_holds_back_only_its_own_case(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    mine = f"{office.url}/field/tasks/{task.pk}/"
    page = office.enter("inspector", place=(310, 50))
    fill_answer(page, mine, photo(tmp_path, "red"))
    page.click(".send")
    expect(page.locator("#far")).to_contain_text("请说明原因")
    page.goto(mine)  # the page was left, and comes again: nothing is answered twice
    expect(page.locator("#state")).to_contain_text("需要您处理")
    expect(page.locator(".send")).to_be_disabled()
    page.locator("[data-act=accept]").click()
    expect(page.locator("#state")).to_contain_text("这件案件还有一条需处理")
    page.goto(f"{office.url}/field/found/")
    page.set_input_files("#photo", photo(tmp_path, "blue"))
    page.fill("#class-search", "自来水")
    page.locator(".pick", has_text="上水井盖").click()
    page.click(".send")
    arrived = page.locator(".reported, #state")
    expect(arrived.first).to_contain_text("上报")
    settled(page)
    assert list(Operation.objects.values_list("kind", flat=True)) == ["found"]
    needs = entries(page, office.url).locator("form.asking")
    needs.locator("input").fill("道路封闭")
    needs.locator("button").click()
    expect(page.locator(".entry[data-state=done]")).to_have_count(2)
    # now the second one has had its turn: the task was done already
    expect(page.locator(".entry[data-state=needs]")).to_contain_text("已不需要")
    settled(page)
    assert Visit.objects.get().far_reason == "道路封闭"


def test_another_user_does_not_send_or_see_the_queue(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    other = User.objects.create_user("other", password="town-password", full_name="别人")
    RoleGrant.objects.create(user=other, role="inspector")
    page = office.enter("inspector", place=(55, 50))
    fill_answer(page, f"{office.url}/field/tasks/{task.pk}/", photo(tmp_path, "red"))
    page.context.set_offline(True)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已存在手机里")
    page.context.clear_cookies(name="sessionid")
    page.context.set_offline(False)
    expect(page.locator("#state")).to_contain_text("登录已过期")
    sign_in(page, office.url, "other")
    expect(entries(page, office.url)).to_have_count(0)
    expect(page.locator("#others")).to_contain_text("另一位用户的 1 条")
    page.click("#send")
    settled(page)
    assert not Visit.objects.exists()
    page.context.clear_cookies(name="sessionid")
    sign_in(page, office.url, "inspector")
    page.goto(f"{office.url}/field/outbox/")
    expect(page.locator(".entry[data-state=done]")).to_have_count(1)
    settled(page)
    assert Visit.objects.get().inspector == city.people["inspector"]


def test_a_wrong_clock_that_is_set_right_in_between_changes_no_time(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    page = office.enter("inspector", place=(55, 50))
    page.add_init_script(
        "const right = Date.now.bind(Date); Date.now = () => right() + Number(localStorage.wrong ?? -7200e3);"
    )
    fill_answer(page, f"{office.url}/field/tasks/{task.pk}/", photo(tmp_path, "red"))
    settled(page)
    page.context.set_offline(True)
    made = timezone.now()
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已存在手机里")
    page.evaluate("localStorage.wrong = 0")  # two hours ahead of what it was
    page.context.set_offline(False)
    page.goto(f"{office.url}/field/outbox/")
    expect(page.locator(".entry[data-state=done]")).to_have_count(1)
    settled(page)
    row = Operation.objects.get()
    assert abs(row.made_at - made) < timedelta(minutes=1)
    assert abs(Visit.objects.get().arrived_at - made) < timedelta(minutes=2)
    assert row.phone_said is not None
    assert row.phone_said < made - timedelta(hours=1)


def test_a_full_phone_says_so_early_and_sends_what_it_cannot_keep(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    page = office.enter("inspector", place=(55, 50))
    page.add_init_script(
        "navigator.storage.estimate = async () => ({ quota: 2e9, usage: 2e9 - 12e6 });"
        "const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...words) {"
        " if (this.name === 'photos') throw new DOMException('full', 'QuotaExceededError');"
        " return put.apply(this, words); };"
    )
    fill_answer(page, f"{office.url}/field/tasks/{task.pk}/", photo(tmp_path, "red"))
    expect(page.locator("#room")).to_contain_text("只剩 12 MB")
    page.context.set_offline(True)
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("手机空间已满")
    expect(page.locator("#shots img")).to_have_count(1)
    expect(page.locator(".send")).to_be_enabled()
    page.context.set_offline(False)
    page.click(".send")
    page.wait_for_url("**/field/")
    settled(page)
    assert Visit.objects.count() == 1


def test_logging_out_warns_about_what_waits_and_forgets_what_is_personal(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    mine = f"/field/tasks/{task.pk}/"
    page = with_worker(office, mine)
    page.context.set_offline(True)
    fill_answer(page, office.url + mine, photo(tmp_path, "red"))
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 1")
    page.locator("details.menu", has_text="用户菜单").locator("summary").click()
    page.locator("button", has_text="退出登录").click()
    expect(page.locator("#leave")).to_contain_text("还有 1 条没有上传")
    page.locator("#leave button", has_text="先不退出").click()
    assert page.evaluate(CACHED, mine)
    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.route("**/field/operations/", lambda route: route.abort())
    page.context.set_offline(False)
    page.locator("#leave button", has_text="仍要退出").click()
    page.wait_for_url("**/login/**")
    assert not page.evaluate(CACHED, mine)
    page.unroute("**/field/operations/")
    sign_in(page, office.url, "inspector")
    page.goto(f"{office.url}/field/outbox/")
    expect(page.locator(".entry[data-state=done]")).to_have_count(1)
    settled(page)


def test_the_queue_can_be_saved_to_a_file(city: Town, task: FieldTask, office: Office, tmp_path: Path) -> None:
    import base64
    import json

    picture = photo(tmp_path, "red")
    page = with_worker(office, f"/field/tasks/{task.pk}/", "/field/outbox/")
    page.context.set_offline(True)
    fill_answer(page, f"{office.url}/field/tasks/{task.pk}/", picture)
    page.click(".send")
    expect(page.locator("#outbox-state")).to_have_text("待上传 1")
    page.goto(f"{office.url}/field/outbox/")
    with page.expect_download() as saved:
        page.locator("#save button").click()
    told = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))
    (one,) = told["entries"]
    assert (told["form"], one["about"], one["body"]["note"]) == ("field-outbox", str(task.pk), "两个井盖都没了")
    assert len(base64.b64decode(one["photos"][0]["data"])) == one["photos"][0]["size"]


def test_the_app_can_be_installed(city: Town, office: Office) -> None:
    page = with_worker(office)
    wire = page.context.new_cdp_session(page)
    wire.send("Page.enable")
    manifest = wire.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert "示范市城管通" in manifest["data"]
    found = [error["errorId"] for error in wire.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert [error for error in found if error != "in-incognito"] == []
    settled(page)
