"""In a browser: the component that is meant is chosen on the map, and a file of components becomes the city's."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from gridmap.models import Component
from tests.loop.browser import Office
from tests.town import ORIGIN, Town, at, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


def test_a_number_on_the_map_chooses_its_component(city: Town, office: Office) -> None:
    second = Component.objects.create(code="2", category=city.cover, geom=at(20, 50), maintaining_agency=city.office)
    case = city.report()
    page = office.enter("operator")
    page.goto(f"{office.url}/cases/{case.number}/")
    page.click("summary:has-text('关联部件')")
    page.locator("[data-component-map] .candidate", has_text="2").click()
    expect(page.locator(f"input[name=component][value='{second.pk}']")).to_be_checked()
    page.click("[action$='/component/'] button[type=submit]")
    expect(page.locator(".notice.success")).to_contain_text("关联部件")
    expect(page.locator(".casefile-act")).to_contain_text(city.office.name)
    case.refresh_from_db()
    assert (case.component, case.proposed_agency) == (second, city.office)


def test_a_file_becomes_published_components_in_four_clicks(
    city: Town, office: Office, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    settings.BASE_DIR = tmp_path  # type: ignore[attr-defined]  # where rejects files go
    path = tmp_path / "普查.csv"
    rows = [f"3299110101{n:06d},{ORIGIN[0] + 10 * n},{ORIGIN[1] + 50},完好" for n in (2, 3, 4)]
    path.write_text("\n".join(["标识码,X,Y,状态", *rows, "1,0,0,完好"]))
    page = office.enter("data_manager")
    page.goto(f"{office.url}/components/imports/")
    page.set_input_files("input[type=file]", path)
    expect(page.locator("[data-file-name]")).to_have_text("普查.csv")
    page.select_option("[name=datum]", "city")
    page.click("text=上传并检查")
    expect(page.locator(".import-figures")).to_contain_text("新增3")
    expect(page.locator(".import-rows").first).to_contain_text("编码位数不符合本市编码规则")
    expect(page.locator("#map .spot-dot")).to_have_count(3)
    page.click("text=接收为草稿")
    page.click("text=逐个查看")
    page.locator("input[name=code]").first.check()
    page.click("text=发布所选草稿")
    expect(page.locator(".notice.success")).to_contain_text("已发布 1 个部件")
    page.locator("[data-all]").check()
    page.click("text=发布所选草稿")
    expect(page.locator(".notice.success")).to_contain_text("已发布 2 个部件")
    assert Component.objects.published().count() == 4
