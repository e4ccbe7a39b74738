"""On site with a phone: going there, being there, and what lies around; far, inaccurate, refused, offline."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, ViewportSize, expect

from dispatch.models import Attachment, Case, FieldTask
from gridmap.datums import lonlat
from inspectors.models import TaskAct, Visit
from tests.inspectors.test_phone import SMALL, TARGETS, city, filled, stored, task
from tests.loop.browser import Office, photo
from tests.town import Town, at

__all__ = ["city", "task"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW: ViewportSize = {"width": 360, "height": 740}


def opened(office: Office, task: FieldTask, x: float = 55, accuracy: float = 8) -> Page:
    """The task's page on the phone of the inspector, who stands at (x, 50)."""
    page = office.enter("inspector", place=(x, 50))
    lon, lat = lonlat(at(x, 50))
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": accuracy})
    page.goto(f"{office.url}/field/tasks/{task.pk}/")
    expect(page.locator("#fix")).to_contain_text(f"{accuracy:g}")
    return page


def test_accept_arrive_answer(city: Town, task: FieldTask, office: Office, tmp_path: Path) -> None:
    page = opened(office, task)
    page.fill("#note", "两个井盖都没了")
    # under a finger that has just tapped it the button of the answer is read as well
    page.hover("#steps .send")
    look = page.locator("#steps .send").evaluate(
        "(b) => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]"
    )
    assert look[0] != look[1]
    page.click("#steps [data-act=accept]")
    expect(page.locator("#state")).to_contain_text("已接单")
    expect(page.locator("#stage .done")).to_have_count(1)
    page.click("#steps [data-act=arrive]")
    expect(page.locator("#state")).to_contain_text("已记录到场")
    expect(page.locator("#stage .done")).to_have_count(2)
    expect(page.locator("#steps button:visible")).to_have_count(1)
    expect(page.locator("#note")).to_have_value("两个井盖都没了")
    page.set_input_files("#photo", photo(tmp_path, "red"))
    page.locator("label.result.confirmed").click()
    stored(page)
    assert list(TaskAct.objects.values_list("kind", flat=True)) == ["accept", "arrive"]
    visit = Visit.objects.get()
    # both come from one fix of the phone, whose age is counted anew: the earlier one holds
    assert visit.arrived_at <= TaskAct.objects.get(kind="arrive").happened_at


def test_a_refusal_asks_why_and_the_task_is_gone(city: Town, task: FieldTask, office: Office) -> None:
    page = opened(office, task)
    page.click("[data-ask=refuse]")
    page.click("#refuse button[type=submit]")
    expect(page.locator("#refuse [data-missing]")).to_contain_text("请选择或写明原因")
    assert not page.locator("#refuse label, #refuse button, #refuse input[type=text]").evaluate_all(SMALL)
    page.locator("#refuse label", has_text="交通工具故障").click()
    page.click("#refuse button[type=submit]")
    page.wait_for_url("**/field/")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#board")).to_contain_text("现在没有您的任务")
    assert TaskAct.objects.get().reason == "交通工具故障"


@pytest.mark.parametrize(("x", "accuracy", "words"), [(390, 8, "请说明原因"), (55, 400, "定位精度只有 400 米")])
def test_a_doubtful_arrival_asks_why(
    city: Town, task: FieldTask, office: Office, x: float, accuracy: float, words: str
) -> None:
    FieldTask.objects.update(accepted_at=timezone.now())
    page = opened(office, task, x, accuracy)
    page.click("#steps [data-act=arrive]")
    expect(page.locator("#doubt-words")).to_contain_text(words)
    assert not TaskAct.objects.exists()
    page.locator("#doubt label", has_text="手机定位有偏差").click()
    page.click("#doubt button[type=submit]")
    expect(page.locator("#state")).to_contain_text("已记录到场")
    act = TaskAct.objects.get()
    assert (act.doubtful, act.reason, act.accuracy_m) == (True, "手机定位有偏差", accuracy)


def test_without_leave_to_locate_nobody_arrives(city: Town, task: FieldTask, office: Office) -> None:
    FieldTask.objects.update(accepted_at=timezone.now())
    page = office.enter("inspector", place=(55, 50))
    page.context.clear_permissions()
    page.goto(f"{office.url}/field/tasks/{task.pk}/")
    page.click("#steps [data-act=arrive]")
    expect(page.locator("#state")).to_contain_text("没有现场位置")
    assert not TaskAct.objects.exists()


def test_without_network_an_act_says_so_and_is_sent_by_itself(city: Town, task: FieldTask, office: Office) -> None:
    page = opened(office, task)
    page.context.set_offline(True)
    page.click("#steps [data-act=accept]")
    expect(page.locator("#state")).to_contain_text("网络不通")
    expect(page.locator("#steps [data-act=accept]")).to_be_hidden()
    page.context.set_offline(False)
    expect(page.locator("#state")).to_contain_text("已接单")
    expect(page.locator("#steps [data-act=arrive]")).to_be_visible()
    assert TaskAct.objects.count() == 1


def test_the_earlier_photo_lies_over_the_camera_and_the_shot_counts_as_a_photo(city: Town, office: Office) -> None:
    case = city.to_state("checking", when=timezone.now() - timedelta(hours=2))
    page = office.enter("inspector", place=(55, 50))
    page.context.grant_permissions(["geolocation", "camera"], origin=office.url)
    page.goto(f"{office.url}/field/tasks/{FieldTask.objects.open().get(case=case).pk}/")
    page.click("#ghost-open")
    expect(page.locator("#ghost-over")).to_be_visible()
    page.locator("#ghost-mix").fill("30")
    assert page.locator("#ghost-over").evaluate("(image) => image.style.opacity") == "0.3"
    page.locator(".thumb").nth(1).click()
    assert page.locator("#ghost-over").get_attribute("src") == page.locator(".thumb").nth(1).get_attribute("data-photo")
    assert not page.locator("#ghost button, #ghost input").evaluate_all(SMALL)
    # a picture is there: asked in the page itself, because its policy lets no other script wait
    seen = "(v) => v.videoWidth || new Promise((done) => v.addEventListener('loadeddata', () => done(v.videoWidth)))"
    assert page.locator("#ghost-video").evaluate(seen) > 0
    page.click("#ghost-shoot")
    expect(page.locator("#shots img")).to_have_count(1)
    expect(page.locator("#ghost")).not_to_be_visible()
    assert page.evaluate("document.getElementById('ghost-video').srcObject") is None
    page.locator("label.result.passed").click()
    stored(page)
    shot = Attachment.objects.get(phase="checked")
    assert (shot.accuracy_m, shot.evidence.width or 0) > (7, 0)


def test_without_a_camera_the_page_says_which_button_takes_the_photo(city: Town, office: Office) -> None:
    case = city.to_state("checking", when=timezone.now() - timedelta(hours=2))
    page = office.enter("inspector", place=(55, 50))
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('none'))")
    page.goto(f"{office.url}/field/tasks/{FieldTask.objects.open().get(case=case).pk}/")
    page.click("#ghost-open")
    expect(page.locator("#ghost-failed")).to_contain_text("请用上面的")
    expect(page.locator("#ghost")).not_to_be_visible()


def test_class_and_component_are_put_right_and_phrases_go_in_with_a_tap(
    city: Town, task: FieldTask, office: Office, tmp_path: Path
) -> None:
    Case.objects.filter(pk=task.case_id).update(category=None, condition=None)
    page = filled(
        office.enter("inspector", place=(55, 50)), f"{office.url}/field/tasks/{task.pk}/", photo(tmp_path, "red")
    )
    page.locator(".phrase", has_text="影响通行").click()
    expect(page.locator("#note")).to_have_value("两个井盖都没了 影响通行，请尽快处置。")
    page.locator("label:has(#misclassed)").click()
    page.locator("#class-buttons .pick", has_text="上水井盖").click()
    page.locator("#condition-buttons .pick", has_text="井盖缺失").click()
    page.locator("#component-buttons .pick").first.click()
    page.locator("summary", has_text="测量").click()
    page.fill("[name=length]", "0.7")
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    stored(page)
    case = Case.objects.get(pk=task.case_id)
    assert (case.category, case.condition, case.component) == (city.cover, city.missing, city.component)
    assert Visit.objects.get().measures.get().amount == 0.7


def test_what_is_reported_already_is_shown_before_sending(city: Town, office: Office, tmp_path: Path) -> None:
    case = city.report(point=at(62, 50))
    page = office.enter("inspector", place=(50, 50))
    page.goto(f"{office.url}/field/found/")
    page.set_input_files("#photo", photo(tmp_path, "orange"))
    expect(page.locator("#repeats")).not_to_be_visible()
    page.locator(".pick", has_text="上水井盖").click()
    expect(page.locator("#repeats")).to_contain_text("10 米外已上报")
    expect(page.locator("#repeats")).to_contain_text(case.number)
    assert not page.locator(TARGETS).evaluate_all(SMALL)
    page.locator("#repeats button").click()
    expect(page.locator("#state")).to_contain_text(f"已补充到案件 {case.number}")
    case.refresh_from_db()
    assert (case.report_count, Case.objects.count()) == (2, 1)


def test_a_component_is_chosen_with_a_tap_and_is_the_place(city: Town, office: Office, tmp_path: Path) -> None:
    page = office.enter("inspector", place=(55, 50))
    page.goto(f"{office.url}/field/found/")
    page.set_input_files("#photo", photo(tmp_path, "orange"))
    page.locator(".pick", has_text="上水井盖").click()
    page.locator("#component-buttons .pick").first.click()
    expect(page.locator("#component-buttons .pick")).to_have_attribute("aria-pressed", "true")
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("已上报")
    case = Case.objects.get()
    assert case.component == city.component
    assert case.point is not None
    assert case.point.distance(city.component.geom) < 0.1


def test_mine_my_zone_and_all(city: Town, task: FieldTask, office: Office) -> None:
    city.report(point=at(350, 50), address="远处")
    page = office.enter("inspector", place=(52, 50))
    sensors = ["accelerometer", "gyroscope", "magnetometer"]
    page.context.grant_permissions(["geolocation", *sensors], origin=office.url)
    page.goto(f"{office.url}/field/")
    page.click("#locate")
    expect(page.locator("#own")).to_contain_text("1")
    page.click("[data-show=all]")
    expect(page.locator("#around")).to_contain_text("周边未结案件 2")
    expect(page.locator("#board .way").last).to_contain_text("正东")
    arrow = page.locator("#board .arrow").last
    assert arrow.evaluate("(a) => a.style.transform") == "rotate(90deg)"
    assert page.url.endswith("?show=all&by=near")
    page.evaluate(
        "dispatchEvent(new DeviceOrientationEvent('deviceorientationabsolute', {alpha: 270, absolute: true}))"
    )
    assert arrow.evaluate("(a) => a.style.transform") == "rotate(0deg)"
    page.click("[data-by=due]")
    expect(page.locator("[data-by=due]")).to_have_attribute("aria-current", "true")
    expect(page.locator("#around")).to_contain_text("先急后近")
    page.click("[data-show=zone]")
    expect(page.locator("#around")).to_contain_text("本网格未结案件")
    assert not page.locator(f"{TARGETS}, .scopes a").evaluate_all(SMALL)
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_photos_are_as_large_as_the_place_wants_them(
    city: Town, task: FieldTask, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import msgspec

    from dispatch.profile import profile
    from dispatch.profileparts import Field
    from inspectors.templatetags import onduty
    from tests.town import jpeg

    smaller = msgspec.structs.replace(profile(), field=Field(photo_edge=800))
    monkeypatch.setattr(onduty, "profile", lambda: smaller)
    big = tmp_path / "big.jpg"
    big.write_bytes(jpeg("teal", (1600, 1200)).getvalue())
    stored(filled(office.enter("inspector", place=(55, 50)), f"{office.url}/field/tasks/{task.pk}/", str(big)))
    evidence = Attachment.objects.get(phase="before").evidence
    assert (evidence.width, evidence.height) == (800, 600)


def test_a_signature_is_asked_for_where_the_profile_says_so(
    city: Town, task: FieldTask, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import msgspec

    from dispatch.profile import profile
    from dispatch.profileparts import Field
    from inspectors import actions
    from inspectors.views import task as view

    signing = msgspec.structs.replace(profile(), field=Field(signature=True))
    monkeypatch.setattr(actions, "profile", lambda: signing)
    monkeypatch.setattr(view, "profile", lambda: signing)
    page = filled(
        office.enter("inspector", place=(55, 50)), f"{office.url}/field/tasks/{task.pk}/", photo(tmp_path, "red")
    )
    page.click(".send")
    expect(page.locator("#state")).to_contain_text("请在屏幕上签名")
    pad = page.locator("#sign-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 30)
    page.mouse.up()
    expect(page.locator("#signature")).to_have_value(re.compile("^data:image/jpeg;base64,"))
    stored(page)
    assert Attachment.objects.get(phase="signed").evidence.media_type == "image/jpeg"
