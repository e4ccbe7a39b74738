"""The list of layouts: a draft is copied, checked, put in force and ended by people who may, and by no stale page."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from gridmap.datums import lonlat
from gridmap.layouts import drafts
from gridmap.layouts.drafts import Turn
from gridmap.models import Layout, LayoutEdit
from people.models import RoleGrant, User
from tests.town import NOW, Town, at, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(town: Town) -> Layout:
    return drafts.copy_as_draft(Layout.objects.get(), "2027", town.people["data_manager"], NOW, "年度调整")


@pytest.fixture
def manager(client: Client, town: Town) -> Client:
    client.force_login(town.people["data_manager"])
    return client


def take(client: Client, layout: Layout, step: str, **fields: Any) -> Any:
    seen = Layout.objects.get(pk=layout.pk)
    said = {"version": seen.version, "state": seen.state} | fields
    return client.post(f"/layouts/{layout.pk}/{step}/", said, follow=True)


def edit(client: Client, layout: Layout, **said: Any) -> Any:
    body = {"version": 0, "why": "道路改线", "datum": "wgs84"} | said
    return client.post(f"/layouts/{layout.pk}/edit/", body, content_type="application/json")


def test_a_draft_goes_through_its_life(manager: Client, town: Town, draft: Layout) -> None:
    old, today = town.cells[0].layout, timezone.localdate()
    take(manager, draft, "check")
    draft.refresh_from_db()
    assert draft.state == "checked"
    assert draft.checks.get().failing == 0
    start = today + timedelta(days=3)
    page = take(manager, draft, "activate", day=start.isoformat(), sure="1")
    assert "启用" in page.content.decode()
    draft.refresh_from_db()
    old.refresh_from_db()
    assert (draft.state, draft.active_from, old.active_to) == ("active", start, start - timedelta(days=1))


def test_a_copy_names_its_source_and_its_reason(manager: Client, town: Town) -> None:
    old = town.cells[0].layout
    take(manager, old, "copy", name="2028", why="新建道路")
    made = Layout.objects.get(name="2028")
    assert (made.based_on, made.cells.count()) == (old, 4)
    assert made.edits.get().why == "新建道路"


def test_a_draft_with_defects_is_not_accepted_and_its_defects_are_kept(
    manager: Client, town: Town, draft: Layout
) -> None:
    draft.cells.filter(code=town.cells[0].code).update(geom=square(0, 0, 100, 90))
    page = take(manager, draft, "check")
    assert page.status_code == 409
    draft.refresh_from_db()
    kept = draft.checks.get()
    assert (draft.state, kept.by) == ("draft", town.people["data_manager"])
    assert "gap" in {defect["kind"] for defect in kept.defects}
    told = manager.get(f"/layouts/{draft.pk}/defects.json").json()
    assert told["kinds"]["gap"] == "空隙"


def test_activation_asks_for_a_day_and_a_tick(manager: Client, draft: Layout) -> None:
    take(manager, draft, "check")
    for fields in ({"day": timezone.localdate().isoformat()}, {"sure": "1"}, {"day": "2026-13-45", "sure": "1"}):
        assert take(manager, draft, "activate", **fields).status_code == 409
    draft.refresh_from_db()
    assert draft.state == "checked"


def test_a_click_on_a_page_that_is_out_of_date_does_nothing(manager: Client, town: Town, draft: Layout) -> None:
    codes = [cell.code for cell in town.cells[:2]]
    drafts.merge_cells(draft, codes, Turn(town.people["admin"], NOW, "合并", 0))
    page = take(manager, draft, "check", version=0)
    assert (page.status_code, draft.checks.count()) == (409, 0)
    assert "有变动" in page.content.decode()


def test_somebody_of_a_part_of_the_city_takes_no_step_for_all_and_edits_only_that_part(
    client: Client, town: Town, draft: Layout
) -> None:
    user = User.objects.create_user("part", password="town-password")
    RoleGrant.objects.create(user=user, role="data_manager", area_code=town.communities[0].code)
    client.force_login(user)
    assert take(client, draft, "check").status_code == 403
    far, near = [[cell.code for cell in cells] for cells in (town.cells[2:], town.cells[:2])]
    assert edit(client, draft, operation="merge", codes=far).status_code == 403
    assert edit(client, draft, operation="merge", codes=near).status_code == 200
    manager = Client()
    manager.force_login(town.people["data_manager"])
    assert edit(manager, draft, operation="merge", codes=far, version=1).status_code == 200
    assert edit(client, draft, operation="undo", version=2).status_code == 403
    assert draft.edits.count() == 3


def test_cells_are_sent_in_wgs84_with_their_neighbours_and_the_outline(
    manager: Client, town: Town, draft: Layout
) -> None:
    found = manager.get(f"/layouts/{draft.pk}/cells.json?community={town.communities[0].code}").json()
    assert [cell["properties"]["code"] for cell in found["features"]] == [cell.code for cell in town.cells[:3]]
    lon, lat = found["features"][0]["geometry"]["coordinates"][0][0]
    assert (lon, lat) == pytest.approx(settings.CITY.centre, abs=0.1)
    assert found["outline"]["type"] == "MultiPolygon"


def test_a_map_extent_holds_the_cells_in_it_and_says_how_many_there_are(
    manager: Client, town: Town, draft: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = ",".join(str(part) for corner in ((10, 10), (290, 90)) for part in lonlat(at(*corner)))
    url = f"/layouts/{draft.pk}/cells.json?bbox={box}"
    assert len(manager.get(url).json()["features"]) == 3
    monkeypatch.setattr("gridmap.layouts.features.LIMIT", 2)
    found = manager.get(url).json()
    assert (len(found["features"]), found["total"], found["limit"]) == (2, 3, 2)


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "200,95,201,96", "nan,nan,nan,nan"])
def test_an_extent_that_is_none_is_refused(manager: Client, draft: Layout, box: str) -> None:
    assert manager.get(f"/layouts/{draft.pk}/cells.json?bbox={box}").status_code == 422


@pytest.mark.parametrize(
    "said",
    [
        {"operation": "split", "codes": [], "line": [[0, 0], [1, 1]]},
        {"operation": "split", "codes": ["CODE"]},
        {"operation": "split", "codes": ["CODE"], "line": [[0, 0], [500, 1]]},
        {"operation": "split", "codes": ["CODE"], "line": "there"},
        {"operation": "move", "codes": ["CODE"], "moves": [[[0, 0]]]},
        {"operation": "fly", "codes": ["CODE"]},
        {"operation": "merge", "codes": ["CODE"], "version": "new"},
        {"operation": "merge", "codes": ["CODE"], "datum": "mars"},
        {"operation": "merge", "codes": 7},
        [],
    ],
)
def test_a_request_that_cannot_be_understood_is_refused_in_words(
    manager: Client, town: Town, draft: Layout, said: Any
) -> None:
    if isinstance(said, dict):
        said = {**said, "codes": [town.cells[0].code]} if said.get("codes") == ["CODE"] else said
        answer = edit(manager, draft, **said)
    else:
        answer = manager.post(f"/layouts/{draft.pk}/edit/", said, content_type="application/json")
    assert answer.status_code == 422, answer.content
    assert answer.json()["error"]
    assert LayoutEdit.objects.count() == 1


def test_a_line_in_another_datum_is_turned(manager: Client, town: Town, draft: Layout) -> None:
    ends = [[at(40, y).x, at(40, y).y] for y in (110, -10)]
    answer = edit(manager, draft, operation="split", codes=[town.cells[0].code], line=ends, datum="city")
    assert answer.status_code == 200
    assert sorted(round(cell.area_m2) for cell in draft.cells.filter(code__endswith=("003"))) == [4000]


def test_the_list_costs_few_statements(
    manager: Client, town: Town, draft: Layout, django_assert_max_num_queries: Any
) -> None:
    for name in ("a", "b", "c", "d"):
        drafts.copy_as_draft(town.cells[0].layout, name, town.people["admin"], NOW, "试")
    with django_assert_max_num_queries(9):
        assert manager.get("/layouts/").status_code == 200


def test_the_admin_shows_layouts_and_cells_and_changes_none(town: Town) -> None:
    client, layout = Client(), town.cells[0].layout
    client.force_login(town.people["admin"])
    for path in (f"layout/{layout.pk}", f"cell/{town.cells[0].pk}"):
        assert client.get(f"/admin/gridmap/{path}/change/").status_code == 200
        assert client.post(f"/admin/gridmap/{path}/change/", {"code": "1"}).status_code == 403
        assert client.post(f"/admin/gridmap/{path}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/gridmap/cell/add/").status_code == 403
