"""In a browser: the admin's map field shows a shape on our own tiles, is drawn on, and loads nothing from outside."""

import json

import pytest
from playwright.sync_api import Page, expect

from gridmap.models import Area
from people.models import Change
from tests.loop.browser import Office
from tests.town import Town, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


def watched(page: Page) -> list[str]:
    """What the browser refused, such as a script within the page."""
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    return refused


def test_an_area_is_drawn_on_our_own_map(city: Town, office: Office) -> None:
    area = city.communities[0]
    before = area.geom.area
    page = office.enter("data_manager")
    refused = watched(page)
    with page.expect_response(lambda answer: "/tiles/" in answer.url and answer.ok):
        page.goto(f"{office.url}/admin/gridmap/area/{area.pk}/change/")
    page.wait_for_selector(".admin-map-field[data-ready]")
    assert page.locator(".admin-map path.leaflet-interactive").count() == 1
    assert page.locator(".admin-map a[title='修改形状']").is_visible()
    page.click(".admin-map a[title='画一块范围']")
    box = page.locator(".admin-map").bounding_box()
    assert box is not None
    vertices = page.locator(".admin-map .leaflet-marker-icon.leaflet-editing-icon")
    for number, (across, down) in enumerate(((0.8, 0.2), (0.9, 0.2), (0.9, 0.4), (0.8, 0.2)), 1):
        page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        expect(vertices).to_have_count(number if number < 4 else 0)  # the click on the first vertex ends the ring
        page.evaluate("new Promise((done) => setTimeout(done, 60))")  # Leaflet.draw takes no vertex for 50 ms after one
    text = page.locator("textarea[name=geom]").input_value()
    assert [len(polygon[0]) for polygon in json.loads(text)["coordinates"]] == [5, 4]
    page.click("input[name=_continue]")
    page.wait_for_selector(".admin-map-field[data-ready]")
    area = Area.objects.get(pk=area.pk)
    assert area.geom.num_geom == 2
    assert area.geom.area > before
    assert [field["field"] for field in Change.objects.get().fields] == ["geom"]
    assert not refused


def test_pages_of_the_admin_keep_the_policy_of_all_pages(city: Town, office: Office) -> None:
    page = office.enter("admin", language="en")
    refused = watched(page)
    for path in ("", "people/user/", f"people/user/{city.people['operator'].pk}/change/", "people/user/add/"):
        answer = page.goto(f"{office.url}/admin/{path}")
        assert answer is not None
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        page.wait_for_load_state("networkidle")
    page.goto(f"{office.url}/admin/gridmap/cell/{city.cells[0].pk}/change/")
    page.wait_for_selector(".admin-map-field[data-fixed][data-ready]")
    assert not page.locator(".leaflet-draw").count()
    assert not refused
