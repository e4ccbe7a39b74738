import io
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from dispatch.actions import filing
from dispatch.evidence import public_path
from dispatch.models import Attachment, Case, FieldTask, Step
from gridmap.datums import lonlat
from gridmap.models import ComponentChange
from inspectors.assigning import assign
from inspectors.models import DutyZone, Position, Visit
from tests.inspectors.conftest import Colleague, on_duty
from tests.inspectors.envelopes import operate
from tests.town import Town, at, jpeg


def task_in(town: Town, state: str) -> FieldTask:
    """The inspector's open task of a case in a state, issued some minutes ago; the case lies at (50, 50)."""
    case = town.to_state(state, when=timezone.now() - timedelta(hours=2))
    return FieldTask.objects.open().get(case=case)


def sheet(task: FieldTask, x: float = 55, **more: Any) -> dict[str, Any]:
    """What the phone sends from (x, 50) with one photo."""
    lon, lat = lonlat(at(x, 50))
    case = Case.objects.get(pk=task.case_id)
    values = {
        "result": "confirmed" if task.kind == "verify" else "passed",
        "lon": lon,
        "lat": lat,
        "accuracy": 8,
        "age": 3,
        "version": case.version,
        "operation": uuid.uuid4(),
        "photos": jpeg("orange"),
    } | more
    return {key: value for key, value in values.items() if value is not None}


def test_the_page_says_why_the_task_came_to_this_inspector(town: Town, phone: Client, zones: list[DutyZone]) -> None:
    on_duty(town.people["inspector"], zones[0])
    task = task_in(town, "verifying")
    FieldTask.objects.filter(pk=task.pk).update(inspector=None)
    task.refresh_from_db()
    assert assign(task, at=timezone.now())
    text = phone.get(f"/field/tasks/{task.pk}/").content.decode()
    assert "地点在本人责任网格内 · 派单时位置未知 · 手上有 0 项任务 · 从 1 名值班人员中选定" in text


Send = Callable[..., Any]


@pytest.fixture
def send(phone: Client) -> Send:
    def post(task: FieldTask, **more: Any) -> Any:
        return operate(phone, "answer", sheet(task, **more), task.pk)

    return post


def test_the_page_shows_text_address_photos_map_and_navigation(town: Town, phone: Client) -> None:
    task = task_in(town, "checking")
    Case.objects.filter(pk=task.case_id).update(address="西仓路 12 号")
    text = phone.get(f"/field/tasks/{task.pk}/").content.decode()
    lon, lat = lonlat(at(50, 50))
    assert "上水井盖丢失" in text
    assert "西仓路 12 号" in text
    assert "已更换井盖" in text
    assert text.count("<img") - text.count('alt=""') == 2  # before, and after handling
    assert f"geo:{lat:.6f},{lon:.6f}" in text
    assert f'name="version" value="{task.case.version}"' in text


@pytest.mark.parametrize("result", ["confirmed", "not_found", "different"])
def test_a_verification_is_stored_with_its_visit(town: Town, send: Send, result: str) -> None:
    task = task_in(town, "verifying")
    response = send(task, result=result, note="现场两个")
    assert response.status_code == 200, response.content.decode()
    task.refresh_from_db()
    assert (task.result, task.case.state) == (result, "to_file")
    visit = Visit.objects.get(task=task)
    assert (visit.inspector, visit.far, visit.accuracy_m) == (town.people["inspector"], False, 8)
    assert visit.distance_m == pytest.approx(5, abs=0.1)
    step = Step.objects.get(case=task.case, action="verify")
    assert (step.reason_code, step.remark.text) == (result, "现场两个")
    shot = Attachment.objects.get(step=step)
    assert shot.point is not None
    assert shot.point.distance(at(55, 50)) < 0.05


@pytest.mark.parametrize(("result", "state"), [("passed", "to_close"), ("failed", "handling")])
def test_a_check_passes_or_sends_back(town: Town, send: Send, result: str, state: str) -> None:
    task = task_in(town, "checking")
    assert send(task, result=result, note="井盖松动").status_code == 200
    assert Case.objects.get(pk=task.case_id).state == state


def test_a_failed_check_needs_its_reason(town: Town, send: Send) -> None:
    task = task_in(town, "checking")
    response = send(task, result="failed", note=" ")
    assert response.status_code == 422
    assert "理由" in response.json()["sentence"]
    assert Case.objects.get(pk=task.case_id).state == "checking"


def test_without_a_photo_nothing_is_stored(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")
    response = send(task, photos=None)
    assert (response.status_code, response.json()["code"]) == (422, "missing")
    assert "照片" in response.json()["sentence"]
    assert not Visit.objects.exists()


@pytest.mark.parametrize("gone", ["lon", "lat", "accuracy"])
def test_without_a_position_nothing_is_stored(town: Town, send: Send, gone: str) -> None:
    response = send(task_in(town, "verifying"), **{gone: None})
    assert (response.status_code, response.json()["code"]) == (422, "position")
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("kind", "result"), [("verifying", "passed"), ("checking", "confirmed"), ("verifying", "cancelled")]
)
def test_an_answer_of_the_other_kind_is_refused(town: Town, send: Send, kind: str, result: str) -> None:
    task = task_in(town, kind)
    assert send(task, result=result).status_code == 422
    task.refresh_from_db()
    assert task.done_at is None


def test_too_far_away_asks_why_and_keeps_both_facts(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")  # uncertainty 20 m, accuracy 8 m: 78 m are explained
    assert send(task, x=127).status_code == 200
    other = task_in(town, "verifying")
    response = send(other, x=130)
    assert (response.status_code, response.json()["code"]) == (422, "far")
    assert "80 米" in response.json()["sentence"]
    assert not Visit.objects.filter(task=other).exists()
    assert send(other, x=130, far_reason="道路封闭").status_code == 200
    visit = Visit.objects.get(task=other)
    assert (visit.far, visit.far_reason) == (True, "道路封闭")
    assert visit.distance_m == pytest.approx(80, abs=0.1)


def test_a_reason_given_although_near_is_not_kept_as_far(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")
    send(task, far_reason="手机定位有偏差")
    visit = Visit.objects.get(task=task)
    assert (visit.far, visit.far_reason) == (False, "")


def test_sending_twice_stores_once_and_answers_the_same(town: Town, send: Send) -> None:
    task, operation = task_in(town, "verifying"), uuid.uuid4()
    version = task.case.version
    first = send(task, operation=operation)
    again = send(task, operation=operation, version=version)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert again.json()["operation"] == str(operation)
    assert (Visit.objects.count(), Step.objects.filter(operation=operation).count()) == (1, 1)


def test_an_operation_of_another_task_is_not_a_receipt_for_this_one(town: Town, send: Send) -> None:
    first, second, operation = task_in(town, "verifying"), task_in(town, "verifying"), uuid.uuid4()
    assert send(first, operation=operation).status_code == 200
    assert send(second, operation=operation).status_code == 409
    second.refresh_from_db()
    assert second.done_at is None


def test_a_case_that_changed_meanwhile_answers_409_with_its_version(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")
    old = task.case.version
    filing.classify(task.case, town.doing(task.case, "operator"), category=town.cover, urgent=True)
    response = send(task, version=old)
    assert response.status_code == 409
    told = response.json()
    assert (told["code"], told["yours"], told["version"], told["open"]) == ("stale", old, old + 1, True)
    assert "没有保存" in told["sentence"]
    assert send(task, version=old + 1).status_code == 200


def test_a_finished_task_is_shown_and_not_answered_again(town: Town, send: Send, phone: Client) -> None:
    task = task_in(town, "verifying")
    send(task)
    response = send(task, result="not_found")
    assert (response.status_code, response.json()["open"]) == (409, False)
    page = phone.get(f"/field/tasks/{task.pk}/").content.decode()
    assert "这项任务已完成：情况属实" in page
    assert 'id="answer"' not in page


def test_another_inspectors_task_is_not_there(town: Town, send: Send, phone: Client, colleague: Colleague) -> None:
    task = task_in(town, "verifying")
    FieldTask.objects.filter(pk=task.pk).update(inspector=colleague("别人"))
    assert phone.get(f"/field/tasks/{task.pk}/").status_code == 404
    assert send(task).status_code == 404
    assert operate(phone, "claim", {}, task.pk).json()["code"] == "taken"
    assert not Visit.objects.exists()


def test_a_corrected_pin_becomes_the_place_of_the_case(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")
    lon, lat = lonlat(at(310, 50))
    assert send(task, x=308, pin_lon=lon, pin_lat=lat, far_reason="案件定位不准确").status_code == 200
    case = Case.objects.get(pk=task.case_id)
    assert case.point is not None
    assert case.point.distance(at(310, 50)) < 0.05
    assert (case.community, case.cell, case.uncertainty_m) == (town.communities[1], town.cells[3], 10)
    assert case.component is None
    step = Step.objects.get(case=case, action="verify")
    assert (step.version, step.facts["moved_m"], step.facts["cell"]) == (case.version, 260, town.cells[3].code)
    assert Visit.objects.get().distance_m == pytest.approx(258, abs=0.1)


def test_the_time_on_site_is_counted_back_from_the_servers_clock(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")
    send(task, age=600)
    visit = Visit.objects.get()
    assert timedelta(minutes=9) < timezone.now() - visit.arrived_at < timedelta(minutes=11)
    assert Step.objects.get(action="verify").occurred_at == visit.arrived_at
    task.refresh_from_db()
    assert task.done_at == visit.arrived_at


def test_nobody_is_on_site_before_the_task_was_there(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")
    send(task, age=86_000)
    assert Visit.objects.get().arrived_at == task.issued_at


def test_an_answer_on_duty_tells_where_the_inspector_is(town: Town, send: Send, zones: list[DutyZone]) -> None:
    on_duty(town.people["inspector"], zones[0])
    send(task_in(town, "verifying"))
    assert Position.objects.get().point.distance(at(55, 50)) < 0.05


def photo_with_exif() -> io.BytesIO:
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "green").save(out, "JPEG", exif=exif)
    out.seek(0)
    out.name = "exif.jpg"
    return out


def test_the_public_photo_has_no_exif(town: Town, send: Send) -> None:
    task = task_in(town, "verifying")
    assert b"PhoneMaker" in photo_with_exif().read()
    send(task, photos=photo_with_exif())
    evidence = Attachment.objects.get(case=task.case, phase="before").evidence
    public = public_path(evidence.sha256).read_bytes()
    assert b"PhoneMaker" not in public
    with Image.open(io.BytesIO(public)) as image:
        assert not image.getexif()


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0 broken"])
def test_a_file_that_is_no_photo_is_refused_with_a_sentence(town: Town, send: Send, data: bytes) -> None:
    file = io.BytesIO(data)
    file.name = "photo.jpg"
    response = send(task_in(town, "verifying"), photos=file)
    assert response.status_code == 422
    assert not Visit.objects.exists()


def test_the_page_takes_as_many_queries_with_many_photos(town: Town, phone: Client) -> None:
    task = task_in(town, "checking")
    path = f"/field/tasks/{task.pk}/"
    phone.get(path)
    with CaptureQueriesContext(connection) as few:
        phone.get(path)
    shot = Attachment.objects.filter(case=task.case)[0]
    for _copy in range(40):
        shot.pk = None
        shot.save()
    with CaptureQueriesContext(connection) as many:
        phone.get(path)
    assert len(few) == len(many)


@pytest.mark.django_db(transaction=True)
def test_the_same_answer_twice_at_the_same_moment_is_stored_once(town: Town) -> None:
    task, operation = task_in(town, "verifying"), uuid.uuid4()
    body = sheet(task, operation=operation, photos=None)
    barrier, statuses = threading.Barrier(2), []

    def post() -> None:
        client = Client()
        client.force_login(town.people["inspector"])
        barrier.wait(10)
        statuses.append(operate(client, "answer", body | {"photos": jpeg("orange")}, task.pk).status_code)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert statuses == [200, 200]
    assert (Visit.objects.count(), Step.objects.filter(operation=operation).count()) == (1, 1)


def test_the_page_asks_for_the_state_only_where_the_case_has_a_component(town: Town, phone: Client) -> None:
    assert "component_state" not in phone.get(f"/field/tasks/{task_in(town, 'verifying').pk}/").content.decode()
    when = timezone.now() - timedelta(hours=2)
    case = town.to_state("verifying", town.report(component=town.component, when=when), when)
    text = phone.get(f"/field/tasks/{FieldTask.objects.open().get(case=case).pk}/").content.decode()
    assert "诉求说的是：丢失。" in text
    assert "登记为完好" in text


def test_what_the_inspector_says_of_the_component_is_written(town: Town, phone: Client) -> None:
    when = timezone.now() - timedelta(hours=2)
    case = town.to_state("verifying", town.report(component=town.component, when=when), when)
    task = FieldTask.objects.open().get(case=case)
    assert operate(phone, "answer", sheet(task, component_state="missing"), task.pk).status_code == 200
    change = ComponentChange.objects.get()
    assert (change.to_state, change.reference, change.by) == ("missing", case.number, town.people["inspector"])


def test_a_state_that_nobody_knows_is_refused(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    assert operate(phone, "answer", sheet(task, component_state="gone"), task.pk).status_code == 422
