"""The pages of the components: upload, report, drafts, publication, list, history, download."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gridmap.components import change_state
from gridmap.datums import from_city
from gridmap.loaders.components import load_file
from gridmap.models import Component, ComponentBatch, Import
from people.models import RoleGrant
from tests.town import NOW, ORIGIN, Town

Login = Callable[[str], Client]
X, Y = ORIGIN
NEW = "3299110101000002"
IMPORTS = "/components/imports/"


@pytest.fixture(autouse=True)
def rejects(settings, tmp_path: Path):
    """Rejects files of these tests go to their own folder."""
    settings.BASE_DIR = tmp_path


def upload(client: Client, *rows: str, header: str = "ObjID,X,Y,ObjState", name: str = "parts.csv", **fields: str):
    data = "\n".join([header, *rows]).encode()
    return client.post(IMPORTS, {"file": SimpleUploadedFile(name, data), "datum": "city", **fields})


def step(client: Client, name: str, **fields: str):
    batch = ComponentBatch.objects.latest("pk")
    return client.post(f"{IMPORTS}{batch.pk}/{name}/", fields, follow=True)


GOOD = f"{NEW},{X + 20},{Y + 20},完好"


def test_a_file_goes_from_check_to_draft_to_published(town: Town, login: Login) -> None:
    client = login("data_manager")
    response = upload(client, GOOD, f"1,{X},{Y},完好")
    assert response.status_code == 302
    assert not Component.objects.filter(code=NEW).exists()
    page = client.get(response["Location"]).content.decode()
    assert "编码位数不符合本市编码规则" in page
    assert "接收为草稿" in page
    assert "已接收为草稿" in step(client, "accept").content.decode()
    assert Component.objects.drafts().get(code=NEW)
    assert Import.objects.get(layer="components").rows_rejected == 1
    assert "新增 1 个" in step(client, "publish", why="年度普查").content.decode()
    change = Component.objects.published().get(code=NEW).changes.get()
    assert (change.by, change.why) == (town.people["data_manager"], "年度普查")


def test_a_file_that_is_given_up_leaves_nothing(town: Town, login: Login) -> None:
    client = login("data_manager")
    upload(client, GOOD)
    step(client, "discard")
    assert not Component.objects.filter(code=NEW).exists()
    assert "已经处理过" in step(client, "accept").content.decode()
    assert ComponentBatch.objects.get().stage == "discarded"


def test_a_file_is_accepted_once(town: Town, login: Login) -> None:
    client = login("data_manager")
    upload(client, GOOD)
    step(client, "accept")
    assert "已经处理过" in step(client, "accept").content.decode()
    assert Component.objects.filter(code=NEW).count() == 1


def test_headers_that_nobody_knows_can_be_put_right(town: Town, login: Login) -> None:
    client = login("data_manager")
    upload(client, GOOD, header="nr,e,n,z")
    assert ComponentBatch.objects.get().rows_rejected == 1
    step(client, "recheck", **{"column-code": "nr", "column-x": "e", "column-y": "n", "column-state": "z"})
    batch = ComponentBatch.objects.get()
    assert (batch.rows_new, batch.rows_rejected, batch.report["unused"]) == (1, 0, [])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"datum": ""}, "这个字段是必填项"),
        ({"datum": "other", "epsg": "哪里"}, "没有这个坐标系"),
        ({"name": "parts.exe"}, "不支持这种文件"),
        ({"name": "parts.gpkg"}, "文件读不出来"),
    ],
)
def test_what_cannot_be_checked_says_why(town: Town, login: Login, fields: dict[str, str], words: str) -> None:
    response = upload(login("data_manager"), GOOD, **fields)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ComponentBatch.objects.exists()


def test_a_file_that_is_too_large_is_refused(town: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmap.components.forms.MOST_BYTES", 10)
    assert "import_components" in upload(login("data_manager"), GOOD).content.decode()


def test_coordinates_that_look_like_another_datum_are_doubted(town: Town, login: Login) -> None:
    inside = np.array([(X + 10 * n % 390 + 5, Y + 7 * n % 90 + 5) for n in range(60)])
    rows = [f"3299110101{n:06d},{x:.8f},{y:.8f},完好" for n, (x, y) in enumerate(from_city(inside, "gcj02"), 10)]
    client = login("data_manager")
    page = client.get(upload(client, *rows, datum="wgs84")["Location"]).content.decode()
    assert "这份数据的坐标像是 GCJ-02" in page
    assert "这份数据的坐标像是" not in client.get(upload(client, *rows, datum="gcj02")["Location"]).content.decode()


def test_all_refused_rows_can_be_downloaded(town: Town, login: Login) -> None:
    client = login("data_manager")
    upload(client, f"1,{X},{Y},完好", f"{NEW},{X},{Y},不错")
    table = client.get(f"{IMPORTS}{ComponentBatch.objects.get().pk}/rows.csv").content.decode("utf-8-sig")
    assert table.splitlines()[1:] == [
        "拒绝,1,ObjID,编码位数不符合本市编码规则,1",
        "拒绝,2,ObjState,状态不是完好、破损、丢失、移位、废弃之一,不错",
    ]


def test_a_manager_of_another_district_writes_nothing_here(town: Town, login: Login) -> None:
    RoleGrant.objects.filter(user=town.people["data_manager"]).update(area_code="329922")
    client = login("data_manager")
    upload(client, GOOD)
    assert ComponentBatch.objects.get().rows_rejected == 1
    assert client.get(f"/components/{town.component.code}/").status_code == 404


@pytest.fixture
def drafts(town: Town, tmp_path: Path) -> ComponentBatch:
    """One new component and an update of the town's own, both drafts."""
    path = tmp_path / "drafts.csv"
    path.write_text(f"ObjID,ObjName,X,Y,ObjState\n{NEW},新井盖,{X + 20},{Y + 20},破损\n"
                    f"{town.component.code},旧井盖,{X + 55},{Y + 50},完好\n")  # fmt: skip
    return load_file(path, at=NOW, datum="city", rejects=tmp_path)[0]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("", [1, 1, 2]),
        ("?q=3299110101000002", [2]),
        ("?q=旧井", [1]),
        ("?state=damaged", [2]),
        ("?shown=published", [1]),
        ("?shown=draft", [1, 2]),
        ("?q=%25", []),
        ("?state=nonsense&page=99", [1, 1, 2]),
    ],
)
def test_the_list_is_filtered(town: Town, login: Login, drafts: ComponentBatch, asked: str, codes: list[int]) -> None:
    rows = login("data_manager").get(f"/components/{asked}").context["page"].object_list
    assert [int(row.code[-6:]) for row in rows] == codes


def test_the_list_takes_few_queries(
    town: Town, login: Login, drafts: ComponentBatch, django_assert_max_num_queries
) -> None:
    client = login("data_manager")
    with django_assert_max_num_queries(12):
        client.get("/components/")


def test_chosen_drafts_are_published_from_the_list(town: Town, login: Login, drafts: ComponentBatch) -> None:
    client = login("data_manager")
    response = client.post("/components/publish/", {"code": [NEW], "back": "/components/?shown=draft"})
    assert response["Location"] == "/components/?shown=draft"
    assert [row.code for row in Component.objects.drafts()] == [town.component.code]


@pytest.mark.parametrize("back", ["//evil.example.com/", "https://evil.example.com", "/components//evil", ""])
def test_nobody_is_sent_elsewhere_after_publishing(town: Town, login: Login, drafts: ComponentBatch, back: str) -> None:
    response = login("data_manager").post("/components/publish/", {"code": [NEW], "back": back})
    assert response["Location"] == "/components/"


def test_a_component_shows_its_history_and_what_its_draft_would_change(
    town: Town, login: Login, drafts: ComponentBatch
) -> None:
    change_state(
        town.component, "missing", at=NOW, by=town.people["inspector"], cause="verified", reference="20261118-1"
    )
    page = login("data_manager").get(f"/components/{town.component.code}/").content.decode()
    for words in ("现场核实", "20261118-1", "待发布的更新", "旧井盖", town.cells[0].code, "自来水公司"):
        assert words in page, words


def test_a_state_is_corrected_with_a_reason(town: Town, login: Login) -> None:
    client, path = login("data_manager"), f"/components/{town.component.code}/state/"
    assert client.post(path, {"state": "abandoned", "why": ""}).status_code == 422
    client.post(path, {"state": "abandoned", "why": "已拆除"})
    change = Component.objects.get(pk=town.component.pk).changes.get()
    assert (change.to_state, change.why, change.cause) == ("abandoned", "已拆除", "by_hand")


@pytest.mark.parametrize("kind", ["shp", "gpkg", "geojson", "csv", "xlsx"])
def test_the_filtered_list_is_downloaded_without_drafts(
    town: Town, login: Login, drafts: ComponentBatch, kind: str, tmp_path: Path
) -> None:
    response = login("data_manager").get(f"/components/download/?format={kind}")
    name = response["Content-Disposition"].split('"')[1]
    (tmp_path / name).write_bytes(response.content)
    datum = "wgs84" if kind == "geojson" else "city"
    assert datum in name
    batch, _run = load_file(tmp_path / name, at=NOW, datum=datum, rejects=tmp_path)
    assert (batch.rows_read, batch.rows_same) == (1, 1)


def test_too_many_components_for_a_page_go_by_the_command(
    town: Town, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridmap.views.components.MOST_ROWS", 0)
    page = login("data_manager").get("/components/download/?format=csv", follow=True).content.decode()
    assert "export_components" in page


def test_an_unknown_format_is_not_there(town: Town, login: Login) -> None:
    assert login("data_manager").get("/components/download/?format=dwg").status_code == 404


def degrees(component: Component) -> str:
    """What the admin's map sends: GeoJSON in WGS84."""
    lon, lat = from_city((component.geom.x, component.geom.y), "wgs84")[0]
    return f'{{"type": "Point", "coordinates": [{lon}, {lat}]}}'


def test_an_edit_in_the_admin_stands_in_the_history_too(town: Town, login: Login) -> None:
    client, component = login("admin"), town.component
    values = {"code": component.code, "category": town.cover.pk, "name": "新名", "state": "damaged", "source": "",
              "geom": degrees(component), "note": "", "accuracy_grade": "", "source_id": ""}  # fmt: skip
    response = client.post(f"/admin/gridmap/component/{component.pk}/change/", values)
    assert response.status_code == 302, response.context["errors"]
    change = component.changes.get()
    assert (change.by, change.to_state, change.moved_m) == (town.people["admin"], "damaged", None)
    assert change.values == {"name": ["", "新名"], "owning_agency_id": [town.water.pk, None]}


def test_the_admin_refuses_a_code_that_does_not_follow_the_scheme(town: Town, login: Login) -> None:
    values = {"code": "12", "category": town.cover.pk, "state": "intact", "geom": degrees(town.component)}
    page = login("admin").post(f"/admin/gridmap/component/{town.component.pk}/change/", values).content.decode()
    assert "编码位数不符合本市编码规则" in page


def test_a_published_component_cannot_be_deleted(town: Town, login: Login) -> None:
    path = f"/admin/gridmap/component/{town.component.pk}/delete/"
    assert login("admin").post(path, {"post": "yes"}).status_code == 403
    assert Component.objects.filter(pk=town.component.pk).exists()
