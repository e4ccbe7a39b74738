"""One complaint, one role after another, in real browsers; and a matter; and two people at once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from dispatch import events
from dispatch.models import Case, Part
from gridmap.gazetteer import place_row
from gridmap.models import Place
from inspectors.models import DutyZone, Shift
from tests.loop.browser import Office, photo, step
from tests.town import Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SENTENCE = "西仓路银春旅馆前有两个上水井盖丢失"


@pytest.fixture
def city(transactional_db: None) -> Town:
    """The town with 西仓路, 银春旅馆 and an inspector on duty."""
    town = build_town()
    Place.objects.bulk_create(
        [
            place_row("road", "西仓路", at(200, 45), source="test"),
            place_row("poi", "银春旅馆", at(52, 40), address="西仓路18号", source="test"),
        ]
    )
    zone = DutyZone.objects.create(name="一号责任网格")
    zone.communities.set(town.communities)
    now = timezone.now()
    Shift.objects.create(
        inspector=town.people["inspector"],
        zone=zone,
        starts_at=now - timedelta(hours=4),
        ends_at=now + timedelta(hours=4),
    )
    return town


def state(case: Case) -> str:
    return Case.objects.get(pk=case.pk).state


def open_case(page: Page, office: Office, case: Case) -> None:
    page.goto(f"{office.url}/cases/{case.number}/")


def in_state(page: Page, label: str) -> None:
    """The head of the case page says so (the stepper below it names every state)."""
    expect(page.locator(".casefile-head .chip").first).to_have_text(label)


def on_site(page: Page, office: Office, picture: str, answer: str) -> None:
    """The inspector opens the first task nearby, photographs, answers and sends."""
    page.goto(f"{office.url}/field/")
    page.locator("#board a[href*='/field/tasks/']").first.click()
    page.set_input_files("#photo", picture)
    expect(page.locator("#shots img")).to_have_count(1)
    expect(page.locator("#fix")).to_contain_text("8")
    page.locator(f"label.result.{answer}").click()
    page.locator("button.send").click()
    page.wait_for_url(lambda url: "/tasks/" not in url or "done" in url, timeout=15_000)


def test_one_complaint_through_the_whole_loop(city: Town, office: Office, tmp_path: Path) -> None:
    # 1 the operator types; the page proposes and says why; one keystroke accepts
    operator = office.enter("operator")
    operator.goto(f"{office.url}/intake/")
    operator.fill("#id_text", SENTENCE)
    proposals = operator.locator("#suggest")
    expect(proposals).to_contain_text("01-01 上水井盖")
    expect(proposals).to_contain_text("2 紧急工作时")
    expect(proposals).to_contain_text(city.cells[0].code)
    expect(proposals).to_contain_text("甲社区")
    expect(proposals.locator("[data-why=place]")).to_contain_text("银春旅馆")
    expect(proposals.locator("[data-why=class]")).to_contain_text("丢失")
    expect(proposals.locator("[data-why=agency]")).to_contain_text("自来水公司")
    # another deciding word, another explanation
    operator.fill("#id_text", SENTENCE.replace("丢失", "破损"))
    expect(proposals.locator("[data-why=class]")).to_contain_text("破损")
    expect(proposals).to_contain_text("4 工作时")
    operator.fill("#id_text", SENTENCE)
    expect(proposals.locator("[data-why=class]")).to_contain_text("丢失")
    operator.fill("#id_name", "王女士")
    operator.fill("#id_phone", "13900000001")
    operator.keyboard.press("Control+Enter")
    operator.wait_for_url(re.compile("/cases/"))
    case = Case.objects.get()
    assert (case.cell, case.condition, case.component) == (city.cells[0], city.missing, city.component)
    step(operator, "派核实")
    in_state(operator, "核实中")
    events.deliver_all()  # the worker's task

    # 2 the inspector on a phone, 12 m away
    inspector = office.enter("inspector", place=(60, 50))
    on_site(inspector, office, photo(tmp_path, "red"), "confirmed")
    assert state(case) == "to_file"

    # 3 the shift lead files
    lead = office.enter("shift_lead")
    lead.goto(f"{office.url}/lead/")
    expect(lead.locator("#desk-list")).to_contain_text(SENTENCE)
    open_case(lead, office, case)
    step(lead, "立案")
    in_state(lead, "待派遣")

    # 4 the dispatcher sends it where the rule says; the clock starts
    dispatcher = office.enter("dispatcher")
    open_case(dispatcher, office, case)
    expect(dispatcher.locator(".step .why").first).to_contain_text("自来水公司")
    step(dispatcher, "派遣")
    in_state(dispatcher, "处置中")
    assert Part.objects.get(case=case).agency == city.water

    # 5 the agency sees its own and reports it handled; the dispatcher screens the reply
    handler = office.enter("handler")
    handler.goto(f"{office.url}/agency/")
    expect(handler.locator("#desk-list")).to_contain_text(SENTENCE)
    open_case(handler, office, case)
    form = handler.locator("details.step").filter(has=handler.locator("summary", has_text="处置反馈")).first
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    form.locator("[name=note]").fill("已更换两个井盖")
    form.locator("[name=photos]").set_input_files(photo(tmp_path, "green"))
    form.locator("button[type=submit]").last.click()
    in_state(handler, "反馈审核")
    open_case(dispatcher, office, case)
    expect(dispatcher.locator(".casefile")).to_contain_text("已更换两个井盖")
    step(dispatcher, "反馈通过")
    in_state(dispatcher, "核查中")
    events.deliver_all()

    # 6 the inspector checks
    on_site(inspector, office, photo(tmp_path, "blue"), "passed")
    assert state(case) == "to_close"

    # 7 the shift lead closes, the operator calls back
    open_case(lead, office, case)
    step(lead, "结案")
    in_state(lead, "已结案")
    operator.goto(f"{office.url}/callbacks/")
    expect(operator.locator("#desk-list")).to_contain_text(SENTENCE)
    open_case(operator, office, case)
    back = operator.locator("details.step").filter(has=operator.locator("summary", has_text="回访")).first
    if back.get_attribute("open") is None:
        back.locator("summary").first.click()
    back.get_by_label("满意", exact=True).check()
    back.locator("[name=solved][value=yes]").check()
    back.locator("button[type=submit]").last.click()
    expect(operator.locator(".casefile .notice.success")).to_contain_text("回访")
    assert case.callbacks.get().solved is True

    # 8 the manager finds it in the agency's figures, opens the list, exports
    manager = office.enter("manager")
    manager.goto(f"{office.url}/scorecards/")
    row = manager.locator("tr").filter(has_text="自来水公司").first
    row.locator("a[href*='/water/']").first.click()
    expect(manager.locator("main")).to_contain_text(case.number)
    manager.goto(f"{office.url}/scorecards/")
    with manager.expect_download() as download:
        manager.locator("a[href*='export']").first.click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_matter_needs_no_place_and_no_inspector(city: Town, office: Office) -> None:
    operator = office.enter("operator")
    operator.goto(f"{office.url}/intake/")
    operator.fill("#id_text", "小区物业费乱收费，问了几次都不解释")
    expect(operator.locator("#suggest")).to_contain_text("物业收费")
    operator.fill("#id_phone", "13900000002")
    operator.keyboard.press("Control+Enter")
    operator.wait_for_url(re.compile("/cases/"))
    case = Case.objects.get()
    assert (case.flow, case.point) == ("matter", None)
    step(operator, "提交审核")
    in_state(operator, "待审核")
    lead = office.enter("shift_lead")
    open_case(lead, office, case)
    step(lead, "审核通过")
    in_state(lead, "待派遣")
    dispatcher = office.enter("dispatcher")
    open_case(dispatcher, office, case)
    form = dispatcher.locator("details.step").filter(has=dispatcher.locator("summary", has_text="派遣")).first
    form.locator("[name=lead]").select_option(label="自来水公司")
    form.locator("[name=note]").fill("收费由水务核实")
    form.locator("button[type=submit]").last.click()
    in_state(dispatcher, "处置中")
    handler = office.enter("handler")
    open_case(handler, office, case)
    step(handler, "联系诉求人", note="电话说明收费依据")
    expect(handler.locator(".casefile")).to_contain_text("电话说明收费依据")
    step(handler, "处置反馈", note="已退还多收费用")
    in_state(handler, "反馈审核")
    open_case(dispatcher, office, case)
    step(dispatcher, "反馈通过")
    in_state(dispatcher, "待结案")
    open_case(lead, office, case)
    step(lead, "结案")
    in_state(lead, "已结案")
    assert not case.field_tasks.exists()


def test_the_second_of_two_is_told_and_keeps_what_was_typed(city: Town, office: Office) -> None:
    case = city.to_state("to_file")
    first, second = office.enter("shift_lead"), office.enter("shift_lead")
    open_case(first, office, case)
    open_case(second, office, case)
    step(first, "立案")
    in_state(first, "待派遣")
    form = second.locator("details.step").filter(has=second.locator("summary", has_text="不予受理")).first
    form.locator("summary").first.click()
    form.locator("[name=note]").fill("现场没有看到问题，来电人也联系不上")
    form.locator("[name=reason_code]").select_option("not_found")
    form.locator("button[type=submit]").last.click()
    told = second.locator("[role=alert]").first
    expect(told).to_contain_text("值班长")
    expect(told).to_contain_text("立案")
    expect(second.locator(".casefile")).to_contain_text("现场没有看到问题，来电人也联系不上")
    assert state(case) == "to_dispatch"


def test_a_step_that_was_refused_stays_open_with_what_was_typed(city: Town, office: Office) -> None:
    case = city.to_state("handling", when=timezone.now() - timedelta(hours=1))
    agency = office.enter("handler")
    open_case(agency, office, case)
    step(agency, "处置反馈", note="已更换井盖")
    refused = agency.locator("details.step[open]")
    expect(refused.locator("summary")).to_have_text("处置反馈")
    expect(refused.locator(".error").first).to_be_in_viewport()
    expect(refused.locator("[name=note]")).to_have_value("已更换井盖")
