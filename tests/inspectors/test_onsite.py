"""接单, 拒接, 到场: each once, by whoever has the task, judged on the server."""

import threading
import uuid
from base64 import b64encode
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from dispatch.models import Attachment, Case, Event, FieldTask, Step
from dispatch.profile import profile
from dispatch.profileparts import Field
from gridmap.models import Category
from inspectors import actions
from inspectors.models import DutyZone, Position, TaskAct, Visit
from tests.inspectors.conftest import Colleague, on_duty
from tests.inspectors.envelopes import operate
from tests.inspectors.test_nearby import here
from tests.inspectors.test_task import sheet, task_in
from tests.town import Town, at, jpeg


def act(phone: Client, task: FieldTask, kind: str, **fields: Any) -> Any:
    values = {"operation": uuid.uuid4()} | fields
    return operate(phone, kind, {k: v for k, v in values.items() if v is not None}, task.pk)


def test_accepting_says_so_on_the_task_and_to_the_world(town: Town, phone: Client) -> None:
    task, operation = task_in(town, "verifying"), uuid.uuid4()
    response = act(phone, task, "accept", operation=operation, age=90)
    assert (response.status_code, response.json()["operation"]) == (200, str(operation))
    task.refresh_from_db()
    made = TaskAct.objects.get()
    assert task.accepted_at == made.happened_at
    assert timedelta(seconds=85) < made.recorded_at - made.happened_at < timedelta(seconds=95)
    event = Event.objects.get(kind="task.accepted")
    assert event.payload == {"task": task.pk, "inspector": town.people["inspector"].pk, "reason": ""}


@pytest.mark.parametrize("kind", ["accept", "refuse", "arrive"])
def test_sending_an_act_twice_does_it_once_and_answers_the_same(town: Town, phone: Client, kind: str) -> None:
    task, fields = task_in(town, "verifying"), here(55) | {"operation": uuid.uuid4(), "reason": "交通工具故障"}
    first, again = act(phone, task, kind, **fields), act(phone, task, kind, **fields)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert (TaskAct.objects.count(), Event.objects.filter(kind__startswith="task.").count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_refusal_twice_at_the_same_moment_is_stored_once(town: Town) -> None:
    task, operation = task_in(town, "verifying"), uuid.uuid4()
    barrier, statuses = threading.Barrier(2), []

    def post() -> None:
        client = Client()
        client.force_login(town.people["inspector"])
        barrier.wait(10)
        statuses.append(act(client, task, "refuse", operation=operation, reason="身体不适").status_code)
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert statuses == [200, 200]
    assert TaskAct.objects.count() == 1


def test_a_refused_task_waits_for_somebody_else_and_says_why(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    act(phone, task, "accept")
    assert act(phone, task, "refuse", reason=" 距离太远，来不及 ").status_code == 200
    task.refresh_from_db()
    assert (task.inspector, task.accepted_at, task.arrived_at, task.why) == (None, None, None, [])
    event = Event.objects.get(kind="task.refused")
    told = {"task": task.pk, "inspector": town.people["inspector"].pk, "reason": "距离太远，来不及"}
    assert (event.case_id, event.payload) == (task.case_id, told)
    assert phone.get(f"/field/tasks/{task.pk}/").status_code == 404


def test_a_refusal_needs_its_reason(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    response = act(phone, task, "refuse", reason=" ")
    assert (response.status_code, response.json()["sentence"]) == (422, "请说明为什么不能去。")
    assert not TaskAct.objects.exists()


def test_arriving_keeps_place_accuracy_and_time(town: Town, phone: Client, zones: list[DutyZone]) -> None:
    on_duty(town.people["inspector"], zones[0])
    task = task_in(town, "verifying")
    assert act(phone, task, "arrive", **here(60, age=120)).status_code == 200
    made = TaskAct.objects.get()
    assert made.distance_m == pytest.approx(10, abs=0.1)
    assert (made.accuracy_m, made.doubtful, made.reason) == (12, False, "")
    task.refresh_from_db()
    assert task.arrived_at == task.accepted_at == made.happened_at
    assert timedelta(seconds=115) < timezone.now() - made.happened_at < timedelta(seconds=130)
    assert Position.objects.count() == 1


@pytest.mark.parametrize(
    ("where", "words"),
    [({"x": 400}, "约 350 米"), ({"x": 55, "accuracy": 100.5}, "精度只有 100 米")],
    ids=["too far", "too inaccurate"],
)
def test_a_doubtful_arrival_asks_why_and_keeps_both_facts(
    town: Town, phone: Client, where: dict[str, Any], words: str
) -> None:
    task = task_in(town, "verifying")
    response = act(phone, task, "arrive", **here(**where))
    assert (response.status_code, response.json()["code"]) == (422, "far")
    assert words in response.json()["sentence"]
    assert not TaskAct.objects.exists()
    assert act(phone, task, "arrive", reason="手机定位有偏差", **here(**where)).status_code == 200
    made = TaskAct.objects.get()
    assert (made.doubtful, made.reason, made.accuracy_m) == (True, "手机定位有偏差", where.get("accuracy", 12))


def test_exactly_a_hundred_metres_of_accuracy_is_good_enough(town: Town, phone: Client) -> None:
    assert act(phone, task_in(town, "verifying"), "arrive", **here(55, accuracy=100)).status_code == 200


def test_an_arrival_needs_a_position(town: Town, phone: Client) -> None:
    response = act(phone, task_in(town, "verifying"), "arrive", **here(55, lon=None))
    assert (response.status_code, response.json()["code"]) == (422, "position")


@pytest.mark.parametrize("kind", ["accept", "refuse", "arrive"])
def test_the_task_of_somebody_else_or_a_finished_one_is_not_acted_on(
    town: Town, phone: Client, colleague: Colleague, kind: str
) -> None:
    task, done = task_in(town, "verifying"), task_in(town, "verifying")
    FieldTask.objects.filter(pk=task.pk).update(inspector=colleague("别人"))
    FieldTask.objects.filter(pk=done.pk).update(done_at=timezone.now(), result="cancelled")
    for other in (task, done):
        response = act(phone, other, kind, reason="x", **here(55))
        assert (response.status_code, response.json()["code"]) == (409, "taken")
    assert not TaskAct.objects.exists()


def test_an_operation_of_another_task_is_no_receipt(town: Town, phone: Client) -> None:
    first, second, operation = task_in(town, "verifying"), task_in(town, "verifying"), uuid.uuid4()
    assert act(phone, first, "accept", operation=operation).status_code == 200
    assert act(phone, second, "accept", operation=operation).status_code == 409
    second.refresh_from_db()
    assert second.accepted_at is None


def test_who_has_arrived_was_there_from_then_on(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    act(phone, task, "arrive", **here(55, age=600))
    arrived = TaskAct.objects.get().happened_at
    assert operate(phone, "answer", sheet(task), task.pk).status_code == 200
    visit = Visit.objects.get()
    assert visit.arrived_at == arrived
    assert Step.objects.get(action="verify").occurred_at > arrived


def test_who_answers_without_a_word_before_has_gone_there_too(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    operate(phone, "answer", sheet(task), task.pk)
    task.refresh_from_db()
    assert task.accepted_at == task.arrived_at == Visit.objects.get().arrived_at


def test_an_inaccurate_answer_asks_why_and_keeps_it(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    response = operate(phone, "answer", sheet(task, accuracy=900), task.pk)
    assert (response.status_code, response.json()["code"]) == (422, "far")
    assert "精度只有 900 米" in response.json()["sentence"]
    assert operate(phone, "answer", sheet(task, accuracy=900, far_reason="室内"), task.pk).status_code == 200
    visit = Visit.objects.get()
    assert (visit.far, visit.far_reason, visit.accuracy_m) == (False, "室内", 900)
    assert "定位不够准，原因：室内" in phone.get(f"/field/tasks/{task.pk}/").content.decode()


def test_who_claims_a_task_has_accepted_it(town: Town, phone: Client, zones: list[DutyZone]) -> None:
    on_duty(town.people["inspector"], zones[0])
    task = task_in(town, "verifying")
    FieldTask.objects.update(inspector=None)
    operate(phone, "claim", {}, task.pk)
    task.refresh_from_db()
    assert task.accepted_at is not None


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "refuse"}, {"kind": "arrive"}, {"kind": "accept", "doubtful": True}, {"kind": "leave"}],
    ids=["refused without a reason", "arrived nowhere", "doubtful without a reason", "unknown"],
)
def test_the_database_refuses_what_must_not_be(town: Town, wrong: dict[str, Any]) -> None:
    task, at = task_in(town, "verifying"), timezone.now()
    common = {"task": task, "inspector": town.people["inspector"], "operation": uuid.uuid4()}
    with pytest.raises(IntegrityError), transaction.atomic():
        TaskAct.objects.create(happened_at=at, recorded_at=at, **common, **wrong)


def test_the_class_is_put_right_on_site_and_the_agency_follows(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    Case.objects.filter(pk=task.case_id).update(category=None, condition=None, proposed_agency=None)
    fields: dict[str, Any] = {"category": town.cover.pk, "condition": town.missing.pk, "result": "different"}
    assert operate(phone, "answer", sheet(task, **fields), task.pk).status_code == 200
    case = Case.objects.get(pk=task.case_id)
    assert (case.category, case.condition, case.proposed_agency) == (town.cover, town.missing, town.water)
    step = Step.objects.get(case=case, action="verify")
    assert step.facts | {"category": town.cover.code, "condition": 1, "category_before": ""} == step.facts
    matter = Category.objects.get(pk=town.fee.pk)
    other = task_in(town, "verifying")
    assert operate(phone, "answer", sheet(other, category=matter.pk), other.pk).status_code == 422


def test_a_component_that_is_pointed_at_is_where_the_case_lies(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    fields = {"component": town.component.pk}
    assert operate(phone, "answer", sheet(task, **fields), task.pk).status_code == 200
    case = Case.objects.get(pk=task.case_id)
    assert case.component == town.component
    assert case.point is not None
    assert case.point.distance(town.component.geom) < 0.05
    assert Step.objects.get(case=case, action="verify").facts["component"] == town.component.code


def test_a_component_far_away_cannot_be_meant(town: Town, phone: Client) -> None:
    town.component.geom = at(900, 50)
    town.component.save()
    task = task_in(town, "verifying")
    response = operate(phone, "answer", sheet(task, component=town.component.pk), task.pk)
    assert (response.status_code, response.json()["sentence"]) == (422, "所选部件离图钉太远，请重新选择。")


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that asks for a signature."""
    asked = msgspec.structs.replace(profile(), field=Field(signature=True))
    monkeypatch.setattr(actions, "profile", lambda: asked)


@pytest.mark.parametrize("edge", [799, 4001])
def test_photos_too_small_to_see_or_too_large_to_send_are_no_setting(edge: int) -> None:
    with pytest.raises(ValueError, match="photo_edge"):
        Field(photo_edge=edge)


def test_a_signature_is_kept_as_evidence_where_the_place_asks_for_it(town: Town, phone: Client, signing: None) -> None:
    task = task_in(town, "verifying")
    response = operate(phone, "answer", sheet(task), task.pk)
    assert (response.status_code, response.json()["code"]) == (422, "unsigned")
    drawn = f"data:image/jpeg;base64,{b64encode(jpeg('white').read()).decode()}"
    assert operate(phone, "answer", sheet(task, signature=drawn), task.pk).status_code == 200
    assert Attachment.objects.get(phase="signed").step.action == "verify"


@pytest.mark.parametrize("drawn", ["javascript:alert(1)", "data:image/jpeg;base64,x", "data:image/jpeg;base64,AAAA"])
def test_a_signature_that_is_no_picture_is_refused(town: Town, phone: Client, drawn: str) -> None:
    task = task_in(town, "verifying")
    response = operate(phone, "answer", sheet(task, signature=drawn), task.pk)
    assert (response.status_code, response.json()["code"]) == (422, "photo")
    assert not Visit.objects.exists()


def test_what_was_measured_is_kept_with_its_unit(town: Town, phone: Client) -> None:
    task = task_in(town, "verifying")
    assert operate(phone, "answer", sheet(task, length="0.7", count="2"), task.pk).status_code == 200
    assert {(m.kind, m.amount) for m in Visit.objects.get().measures.all()} == {("length", 0.7), ("count", 2)}
    assert "长度（米） 0.7" in phone.get(f"/field/tasks/{task.pk}/").content.decode()


@pytest.mark.parametrize(("amount", "words"), [("-1", "大于 0"), ("七", "请填数字"), ("99999999", "检查单位")])
def test_a_measure_that_cannot_be_is_refused_with_a_sentence(
    town: Town, phone: Client, amount: str, words: str
) -> None:
    task = task_in(town, "verifying")
    response = operate(phone, "answer", sheet(task, area=amount), task.pk)
    assert response.status_code == 422
    assert words in response.json()["sentence"]
