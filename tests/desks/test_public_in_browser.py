"""Residents with a phone of 390×844: report with photo and pin, progress, map; also without scripts."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from dispatch.evidence import original_path, public_path
from dispatch.models import Case, Channel, Evidence, Report
from tests.desks.public_town import personal, spoken_of, street
from tests.loop.browser import Office
from tests.loop.test_every_page import LOOK, chinese_data, troubles, untranslated
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def build() -> Town:
    town = build_town()
    Channel.objects.create(key="web", name="网站", kind="website")
    street()
    return town


def big_photo(folder: Path) -> Path:
    """As a phone takes it: lying on its side, with the turn in EXIF; red above, blue below once turned upright."""
    picture = Image.new("RGB", (3000, 2000), "blue")
    picture.paste("red", (0, 0, 1500, 2000))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise
    exif[0x010F] = "Phone"
    path = folder / "hole.jpg"
    picture.save(path, "JPEG", exif=exif)
    return path


def send(page: Page) -> None:
    page.get_by_role("button", name="提交诉求").click()


def test_a_resident_reports_with_a_photo_and_a_moved_pin_and_finds_the_progress(office: Office, tmp_path: Path) -> None:
    town = build()
    page = office.visit(place=(150, 50))
    page.goto(f"{office.url}/welcome/")
    page.get_by_role("link", name="我要反映").last.click()
    page.get_by_label("发生了什么").fill("井盖破损")
    page.locator("input[type=file]").set_input_files(big_photo(tmp_path))
    expect(page.get_by_text("已选 1 张")).to_be_visible()
    page.get_by_role("button", name="用我的位置").click()
    expect(page.locator("#pin-words")).to_contain_text("大约精确到 8 米")
    pin = page.locator("#pin-map .pin")
    pin.scroll_into_view_if_needed()
    before = page.locator("[name=lon]").input_value()
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y, steps=5)
    page.mouse.up()
    expect(page.locator("#pin-words")).to_contain_text("大约精确到 10 米")
    dragged = page.locator("[name=lon]").input_value()
    assert float(dragged) > float(before)
    pin.focus()
    for _press in range(3):
        page.keyboard.press("ArrowRight")
    moved = page.locator("[name=lon]").input_value()
    assert float(moved) > float(dragged)
    page.get_by_label("怎样称呼您").fill("欧阳建国")
    page.get_by_label("电话").fill("13912345678")
    send(page)
    expect(page.get_by_role("heading", name="已收到您的诉求")).to_be_visible()
    case, report = Case.objects.get(), Report.objects.get()
    assert page.url.endswith(f"/report/sent/{report.query_key}/")
    assert case.point is not None
    east = case.point.x - at(150, 50).x
    assert 10 < east < 120
    assert abs(case.point.y - at(150, 50).y) < 2
    assert case.community == town.communities[0 if case.point.x < at(200, 0).x else 1]
    sent = Evidence.objects.get()
    with Image.open(original_path(sent.sha256)) as uploaded:
        assert uploaded.size == (1067, 1600)  # upright, made smaller in the browser, and nothing of the camera left
        assert not uploaded.getexif()
    with Image.open(public_path(sent.sha256)) as shown:
        red, _green, blue = shown.convert("RGB").getpixel((500, 100))  # type: ignore[misc]
        assert red > 200 > 60 > blue
    page.get_by_role("link", name="查进度").first.click()
    page.get_by_label("编号").fill(report.number)
    page.get_by_label("电话").fill("139 1234 5678")
    page.get_by_role("button", name="查看办理进度").click()
    expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
    assert page.url.endswith(f"/progress/{report.query_key}/")
    assert spoken_of(page.content()) == []


def test_an_address_is_looked_up_and_a_pin_is_set_by_keyboard_alone(office: Office) -> None:
    build()
    page = office.visit()
    page.goto(f"{office.url}/report/")
    page.get_by_label("地址").fill("没有这个地方")
    page.keyboard.press("Enter")
    expect(page.locator("#pin-words")).to_contain_text("没有找到这个地址")
    page.get_by_label("地址").fill("西仓路")
    page.keyboard.press("Enter")
    expect(page.locator("#pin-map .pin")).to_be_visible()
    expect(page.locator("#pin-words")).to_contain_text("请把它拖到准确的地方")
    page.get_by_role("button", name="清除图钉").press("Enter")
    expect(page.locator("#pin-map .pin")).to_have_count(0)
    assert page.locator("[name=lon]").input_value() == ""
    page.get_by_role("button", name="图钉放在地图中间").press("Enter")
    expect(page.locator("#pin-map .pin")).to_be_focused()
    before = float(page.locator("[name=lat]").input_value())
    page.keyboard.press("ArrowUp")
    assert float(page.locator("[name=lat]").input_value()) > before
    assert Report.objects.count() == 0


def test_what_was_typed_survives_a_lost_network_and_a_reload_and_is_sent_once(office: Office, tmp_path: Path) -> None:
    build()
    page = office.visit(place=(150, 50))
    page.goto(f"{office.url}/report/")
    page.get_by_label("发生了什么").fill("路灯三天不亮")
    page.get_by_label("电话").fill("13900000007")
    page.locator("input[type=file]").set_input_files(big_photo(tmp_path))
    expect(page.get_by_text("已选 1 张")).to_be_visible()
    page.get_by_role("button", name="用我的位置").click()
    expect(page.locator("#pin-map .pin")).to_be_visible()
    page.context.set_offline(True)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("没有连上网络")
    assert page.get_by_label("发生了什么").input_value() == "路灯三天不亮"
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("网络已恢复")
    operation = page.locator("[name=operation]").input_value()
    page.reload()
    expect(page.get_by_text("已填回上次没有提交的内容")).to_be_visible()
    assert page.get_by_label("电话").input_value() == "13900000007"
    assert page.locator("[name=operation]").input_value() == operation
    expect(page.locator("#pin-map .pin")).to_be_visible()
    expect(page.get_by_text("已选 1 张")).to_be_visible()
    # the server takes it, and its answer is lost on the way: sent again it is still one
    page.route("**/report/", lambda route: (route.fetch(), route.abort())[1], times=1)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("没有连上网络")
    assert Report.objects.count() == 1
    send(page)
    expect(page.get_by_role("heading", name="已收到您的诉求")).to_be_visible()
    assert Report.objects.get().text == "路灯三天不亮"
    assert Case.objects.get().attachments.count() == 1
    page.goto(f"{office.url}/report/")
    expect(page.get_by_role("button", name="用我的位置")).to_be_visible()
    assert page.get_by_label("发生了什么").input_value() == ""
    expect(page.locator("#shots img")).to_have_count(0)
    assert page.locator("[name=operation]").input_value() != operation


def test_what_the_server_refuses_is_told_at_its_place_and_photos_stay(office: Office, tmp_path: Path) -> None:
    build()
    page = office.visit()
    page.goto(f"{office.url}/report/")
    page.get_by_label("发生了什么").fill("路灯不亮")
    for _time in range(2):
        page.locator("input[type=file]").set_input_files(big_photo(tmp_path))
    expect(page.get_by_text("已选 2 张")).to_be_visible()
    page.get_by_role("button", name="删除这张照片").first.click()
    expect(page.get_by_text("已选 1 张")).to_be_visible()
    page.get_by_label("电话").fill("12")
    send(page)
    expect(page.get_by_text("请填写正确的电话号码")).to_be_visible()
    expect(page.locator("#trouble")).to_have_text("还没有提交：请改正标出的地方。")
    page.get_by_label("电话").fill("13900000007")
    send(page)
    expect(page.get_by_role("heading", name="已收到您的诉求")).to_be_visible()
    assert Case.objects.get().attachments.count() == 1


def test_everything_works_without_scripts(office: Office, tmp_path: Path) -> None:
    town = build()
    personal(town, "handling")
    page = office.visit(scripts=False)
    page.goto(f"{office.url}/report/")
    expect(page.get_by_role("button", name="用我的位置")).to_be_hidden()
    page.get_by_label("发生了什么").fill("路灯不亮")
    page.get_by_label("地址").fill("西仓路")
    page.get_by_label("电话").fill("12")
    send(page)
    expect(page.get_by_text("请填写正确的电话号码")).to_be_visible()
    assert page.get_by_label("发生了什么").input_value() == "路灯不亮"
    page.get_by_label("电话").fill("13900000007")
    page.locator("input[type=file]").set_input_files(big_photo(tmp_path))
    send(page)
    expect(page.get_by_role("heading", name="已收到您的诉求")).to_be_visible()
    report = Report.objects.get(text="路灯不亮")
    assert report.point is not None
    assert report.case is not None
    assert report.case.attachments.count() == 1
    page.get_by_role("link", name="查进度").first.click()
    page.get_by_label("编号").fill(report.number)
    page.get_by_label("电话").fill("13900000007")
    page.get_by_role("button", name="查看办理进度").click()
    expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
    page.get_by_role("link", name="公开地图").click()
    expect(page.locator(".public-rows li")).to_have_count(1)
    page.get_by_label("状态").select_option("ended")
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_text("没有这样的案件")).to_be_visible()
    expect(page.locator("#map")).to_be_hidden()


def test_the_public_map_draws_what_its_list_says(office: Office) -> None:
    town = build()
    personal(town, "handling", point=at(50, 50))
    personal(town, "closed", point=at(350, 50))
    page = office.visit()
    page.goto(f"{office.url}/map/")
    marks = page.locator("#map .leaflet-marker-icon")
    expect(marks).to_have_count(2)
    marks.first.click()
    expect(page.locator(".leaflet-popup-content")).to_contain_text("上水井盖")
    assert spoken_of(page.content()) == []
    page.get_by_label("状态").select_option("ended")
    expect(marks).to_have_count(1)
    expect(page.locator(".public-rows li")).to_have_count(1)
    expect(page.locator(".public-rows")).to_contain_text("已结案")
    assert page.url.endswith("stage=ended")


def test_public_pages_are_in_order_wide_and_narrow_and_in_english(office: Office) -> None:
    town = build()
    report = town.first_report(personal(town, "closed"))
    paths = [
        "welcome/",
        "report/",
        "progress/",
        "map/",
        f"progress/{report.query_key}/",
        f"report/sent/{report.query_key}/",
    ]
    zh, en = office.visit(), office.visit(language="en")
    wrong = {}
    for path in paths:
        found = troubles(zh, f"{office.url}/{path}")
        en.goto(f"{office.url}/{path}")
        found += [f"English: {word}" for word in [*en.evaluate(LOOK), *untranslated(en, chinese_data(town))]]
        if found:
            wrong[path] = found
    assert not wrong
