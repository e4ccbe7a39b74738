"""A visitor asks for urgent help on a phone: fields appear where they are wanted, and the photo is kept (P3.9)."""

import io
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dispatch.models import Case, Channel
from tests.loop.browser import Office
from tests.town import build_town, jpeg

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_visitor_asks_for_urgent_help(office: Office, tmp_path: Path) -> None:
    build_town()
    Channel.objects.create(key="web", name="网站", kind="website")
    page = office.visit()
    page.goto(f"{office.url}/report/")
    expect(page.get_by_label("企业名称")).to_be_hidden()
    expect(page.get_by_label("紧急理由")).to_be_hidden()
    page.get_by_text("企业", exact=True).click()
    page.get_by_label("企业名称").fill("银春旅馆")
    page.get_by_label("电话").fill("13900000007")
    page.get_by_label("发生了什么").fill("门前井盖丢失，有人摔倒")
    photo = tmp_path / "hole.jpg"
    data: io.BytesIO = jpeg("red")
    photo.write_bytes(data.getvalue())
    page.locator("input[type=file]").set_input_files(photo)
    expect(page.get_by_text("已选 1 张")).to_be_visible()
    page.get_by_label("情况紧急，需要马上处理").check()
    page.get_by_label("紧急理由").select_option("life")
    page.get_by_role("button", name="提交诉求").click()
    expect(page.get_by_role("heading", name="已收到您的诉求")).to_be_visible()
    page.get_by_role("link", name="查看办理进度").click()
    expect(page.get_by_role("heading", name="办理过程")).to_be_visible()
    case = Case.objects.get()
    assert (case.urgent, case.urgent_reason, case.attachments.count()) == (True, "life", 1)
