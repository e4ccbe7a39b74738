"""The day pack and the shell: what a phone keeps, with versions that change when the thing does."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.models import Attachment, Case, FieldTask
from inspectors import pack, shell
from inspectors.models import DutyZone
from inspectors.pack import TASK_ZOOM, ZONE_ZOOMS, around, tile_at, tiles_over
from tests.inspectors.conftest import on_duty
from tests.town import Town


@pytest.fixture
def task(town: Town, zones: list[DutyZone]) -> FieldTask:
    """On duty in 甲区, with a task to check at (50, 50)."""
    on_duty(town.people["inspector"], zones[0])
    case = town.to_state("checking", when=timezone.now() - timedelta(hours=2))
    return FieldTask.objects.open().get(case=case)


def listed(phone: Client) -> dict[str, Any]:
    found: dict[str, Any] = phone.get("/field/pack/").json()
    return found


def of_kind(found: dict[str, Any], kind: str) -> dict[str, str]:
    return {item["url"]: item["version"] for item in found["items"] if item["kind"] == kind}


def test_pages_of_open_tasks_their_photos_and_tiles_are_listed(town: Town, phone: Client, task: FieldTask) -> None:
    found = listed(phone)
    assert found["on_duty"]
    lists = ("", "found/", "outbox/", "duty/", "messages/", "month/", "route/", "spots/", "households/", "patrol/")
    assert set(of_kind(found, "page")) == {*(f"/field/{name}" for name in lists), f"/field/tasks/{task.pk}/"}
    shots = Attachment.objects.filter(case=task.case).values_list("evidence__sha256", flat=True)
    assert set(of_kind(found, "photo")) == {f"/evidence/{sha256}.jpg" for sha256 in shots}
    zooms = {int(url.split("/")[3]) for url in of_kind(found, "tile") if url.endswith(".mvt") or "?v=" in url}
    assert zooms == {*ZONE_ZOOMS, TASK_ZOOM}
    assert found["size"] == sum(item["size"] for item in found["items"])


def test_every_address_of_the_pack_answers(town: Town, phone: Client, task: FieldTask) -> None:
    for item in listed(phone)["items"]:
        response = phone.get(item["url"])
        assert response.status_code == 200, item
        if response.streaming:
            b"".join(response)


def test_a_tasks_version_changes_with_its_case(town: Town, phone: Client, task: FieldTask) -> None:
    path = f"/field/tasks/{task.pk}/"
    before = of_kind(listed(phone), "page")[path]
    assert of_kind(listed(phone), "page")[path] == before
    Case.objects.filter(pk=task.case_id).update(version=F("version") + 1)
    assert of_kind(listed(phone), "page")[path] != before


def test_a_closed_task_and_off_duty_tiles_are_no_longer_listed(town: Town, phone: Client, task: FieldTask) -> None:
    FieldTask.objects.filter(pk=task.pk).update(done_at=timezone.now(), result="passed")
    town.people["inspector"].shifts.all().delete()
    found = listed(phone)
    assert not found["on_duty"]
    assert f"/field/tasks/{task.pk}/" not in of_kind(found, "page")
    assert of_kind(found, "photo") == {}
    assert set(of_kind(found, "tile")) == {"/tiles/base.json"}


def test_the_list_takes_as_many_queries_however_long_it_is(town: Town, phone: Client, task: FieldTask) -> None:
    phone.get("/field/pack/")
    with CaptureQueriesContext(connection) as few:
        phone.get("/field/pack/")
    for _more in range(6):
        town.to_state("checking", when=timezone.now() - timedelta(hours=2))
    with CaptureQueriesContext(connection) as many:
        found = listed(phone)
    assert len(of_kind(found, "page")) == 17
    assert len(few) == len(many)


def test_the_tile_of_a_place_is_the_one_that_the_map_asks_for() -> None:
    # the corner of four tiles of zoom 1 lies at 0, 0: 10, 10 is in the second from the west, the first from the north
    assert tile_at(10, 10, 1) == (1, 1, 0)
    assert tile_at(-10, -10, 1) == (1, 0, 1)
    assert tile_at(121.4737, 31.2304, 10) == (10, 857, 418)


def test_zooms_are_left_out_that_would_be_too_many_tiles() -> None:
    whole = tiles_over((119.0, 31.0, 121.0, 33.0), ZONE_ZOOMS)
    assert len(whole) <= pack.MOST_TILES
    assert len(tiles_over((120.0, 32.0, 120.01, 32.01), ZONE_ZOOMS)) > len(ZONE_ZOOMS)
    assert len(around([(120.0, 32.0), (120.0, 32.0)])) == 9


def test_the_worker_names_the_whole_shell(client: Client, db: None) -> None:
    response = client.get("/field/sw.js")
    text = response.content.decode()
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Service-Worker-Allowed"] == "/field/"
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    told = json.loads(text[text.index("start(") + 6 : text.rindex(")")])
    assert told["version"] == shell.version()
    for name in ("inspectors/outbox.js", "inspectors/field.css", "gridmap/map.js", "leaflet/leaflet.js"):
        assert any(address.endswith(name) for address in told["files"]), name
    assert client.get(told["offline"]).status_code == 200


def test_the_shell_has_a_new_version_when_a_file_of_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shell._version.__wrapped__()
    assert shell._version.__wrapped__() == before
    monkeypatch.setattr(shell, "OTHERS", shell.OTHERS[1:])
    assert shell._version.__wrapped__() != before


def test_the_page_without_network_names_nobody(town: Town, phone: Client) -> None:
    text = phone.get("/field/offline/").content.decode()
    assert "这一页没有存在手机里" in text
    assert str(town.people["inspector"]) not in text
    assert "用户菜单" not in text


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "城管通"), ("en", "field app")])
def test_the_manifest_is_named_by_city_and_language(client: Client, db: None, language: str, name: str) -> None:
    client.cookies["django_language"] = language
    told = client.get("/field/manifest.webmanifest").json()
    assert told["name"].endswith(name)
    assert (told["start_url"], told["scope"], told["display"]) == ("/field/", "/field/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        (f"{size}x{size}", purpose) for size in (192, 512) for purpose in ("any", "maskable")
    }
