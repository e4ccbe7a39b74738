"""One door for what a phone does: each operation once, the same answer again, nothing left of a refused one."""

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from dispatch.actions import filing
from dispatch.evidence import original_path
from dispatch.models import Attachment, Case, FieldTask, Step
from inspectors.models import DutyZone, Operation, Upload, Visit
from inspectors.operations import KINDS, Envelope, Kind, digest_of, register
from tests.inspectors.conftest import Colleague, on_duty
from tests.inspectors.envelopes import answer, colour, finding, place, put, send, sha, shot
from tests.town import Town, at


@pytest.fixture
def task(town: Town) -> FieldTask:
    """To be verified at (50, 50), for an hour."""
    case = town.to_state("verifying", when=timezone.now() - timedelta(hours=1))
    return FieldTask.objects.open().get(case=case)


def test_an_answer_is_stored_with_its_photo_byte_for_byte(town: Town, task: FieldTask, phone: Client) -> None:
    envelope = answer(task, [shot(phone, "orange")], note="现场两个")
    response = send(phone, envelope)
    assert response.status_code == 200, response.content.decode()
    assert response.json() == {"operation": envelope["operation"], "sentence": "已保存：情况属实", "next": "/field/"}
    assert Visit.objects.get().task == task
    data = colour("orange")
    assert original_path(Attachment.objects.get(step__action="verify").evidence.sha256).read_bytes() == data
    assert Step.objects.get(operation=envelope["operation"]).remark.text == "现场两个"


def test_the_same_operation_is_done_once_and_answered_the_same(town: Town, task: FieldTask, phone: Client) -> None:
    envelope = answer(task, [shot(phone, "orange")])
    first, again = send(phone, envelope), send(phone, envelope | {"age_s": 500})
    assert (first.status_code, first.json()) == (200, again.json())
    assert (Visit.objects.count(), Operation.objects.count()) == (1, 1)


def test_the_same_uuid_with_another_content_is_refused(town: Town, task: FieldTask, phone: Client) -> None:
    envelope = answer(task, [shot(phone, "orange")])
    assert send(phone, envelope).status_code == 200
    other = send(phone, envelope | {"body": envelope["body"] | {"note": "另一回事"}})
    assert (other.status_code, other.json()["code"]) == (409, "reused")


def test_somebody_else_does_not_send_what_another_has_filled_in(
    town: Town, task: FieldTask, phone: Client, colleague: Colleague
) -> None:
    envelope = answer(task, [shot(phone, "orange")])
    theirs = Client()
    theirs.force_login(colleague("别人"))
    response = send(theirs, envelope | {"by": town.people["inspector"].pk})
    assert (response.status_code, response.json()["code"]) == (409, "other_user")
    assert send(phone, envelope).status_code == 200
    stolen = send(theirs, envelope)
    assert (stolen.status_code, stolen.json()["code"]) == (409, "reused")


def test_a_finding_becomes_a_case_and_the_same_spot_is_asked_about(town: Town, phone: Client) -> None:
    assert send(phone, finding(town, [shot(phone, "orange")])).status_code == 200
    case = Case.objects.get()
    second = finding(town, [shot(phone, "red")], x=57)
    asked = send(phone, second)
    assert (asked.status_code, asked.json()["code"], asked.json()["spot"]) == (409, "spot", case.number)
    second["body"]["spot"] = case.number
    assert case.number in send(phone, second).json()["sentence"]
    assert Case.objects.count() == 1


def test_a_waiting_task_is_claimed_once(town: Town, phone: Client, task: FieldTask, zones: list[DutyZone]) -> None:
    on_duty(town.people["inspector"], zones[0])
    FieldTask.objects.update(inspector=None)
    envelope = {"operation": str(uuid.uuid4()), "kind": "claim", "about": str(task.pk)}
    assert send(phone, envelope).status_code == 200
    task.refresh_from_db()
    assert task.inspector == town.people["inspector"]
    assert send(phone, envelope | {"operation": str(uuid.uuid4())}).status_code == 200  # is one's own already
    taken = send(phone, envelope | {"operation": str(uuid.uuid4()), "about": "0"})
    assert (taken.status_code, taken.json()["code"]) == (409, "taken")


def test_409_tells_both_versions_and_the_person_decides(town: Town, task: FieldTask, phone: Client) -> None:
    envelope = answer(task, [shot(phone, "orange")])
    old = envelope["version"]
    filing.classify(task.case, town.doing(task.case, "operator"), category=town.cover, urgent=True)
    told = send(phone, envelope)
    assert told.status_code == 409
    found = told.json()
    assert (found["code"], found["yours"], found["version"], found["open"]) == ("stale", old, old + 1, True)
    assert (found["now"]["urgent"], found["now"]["category"]) == (True, "上水井盖")
    assert len(found["since"]) == 1
    assert not Operation.objects.exists()
    assert send(phone, envelope | {"version": old + 1}).status_code == 200


def test_two_phones_on_one_task_and_the_second_hears_of_the_first(town: Town, task: FieldTask, phone: Client) -> None:
    first, second = answer(task, [shot(phone, "orange")]), answer(task, [shot(phone, "red")], result="not_found")
    assert send(phone, first).status_code == 200
    told = send(phone, second)
    assert (told.status_code, told.json()["open"], told.json()["now"]["result"]) == (409, False, "情况属实")
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"x": 400}, "far", "far_reason"),
        ({"result": "no such"}, "form", "result"),
        ({"lon": None}, "position", "lon"),
        ({"kind": "nonsense"}, "kind", "kind"),
        ({"operation": "no uuid"}, "envelope", "operation"),
    ],
)
def test_422_names_field_and_sentence(
    town: Town, task: FieldTask, phone: Client, more: dict[str, Any], code: str, field: str
) -> None:
    response = send(phone, answer(task, [shot(phone, "orange")], **more))
    told = response.json()
    assert (response.status_code, told["code"], told["field"]) == (422, code, field)
    assert told["sentence"]
    assert not Operation.objects.exists()


def test_what_was_missing_goes_under_the_same_uuid(
    town: Town, task: FieldTask, phone: Client, django_capture_on_commit_callbacks: Any
) -> None:
    envelope = answer(task, [shot(phone, "orange")], x=400)
    assert send(phone, envelope).status_code == 422
    assert Upload.objects.filter(whole=True).exists()
    envelope["body"]["far_reason"] = "道路封闭"
    with django_capture_on_commit_callbacks(execute=True):
        assert send(phone, envelope).status_code == 200
    assert not Upload.objects.exists()


def test_a_login_that_has_ended_is_told_in_json(client: Client, task: FieldTask) -> None:
    response = send(client, answer(task, []))
    assert (response.status_code, response.json()["code"]) == (401, "login")
    assert client.put(f"/field/photos/{'0' * 64}/").status_code == 401


def test_a_request_from_another_site_is_refused(town: Town, task: FieldTask) -> None:
    phone = Client(enforce_csrf_checks=True)
    phone.force_login(town.people["inspector"])
    token = phone.get("/field/operations/").json()["token"]
    envelope = answer(task, [], result="not_found")
    assert send(phone, envelope).status_code == 403
    data = colour("orange")
    assert put(phone, data).status_code == 403
    sent = phone.post("/field/operations/", envelope, content_type="application/json", headers={"X-CSRFToken": token})
    assert sent.status_code == 422  # a photo is missing: it came in


def test_the_phone_learns_who_is_logged_in_and_what_time_it_is(town: Town, phone: Client) -> None:
    told = phone.get("/field/operations/")
    assert told.json()["user"] == town.people["inspector"].pk
    assert abs(told.json()["now"] - timezone.now().timestamp()) < 60
    assert told.headers["Cache-Control"] == "no-store"


def test_the_time_is_counted_back_from_our_clock_whatever_the_phone_says(
    town: Town, task: FieldTask, phone: Client
) -> None:
    before = timezone.now()
    assert send(phone, answer(task, [shot(phone, "orange")], age_s=1200)).status_code == 200
    row, visit = Operation.objects.get(), Visit.objects.get()
    assert row.phone_said is not None
    assert row.phone_said.year == 2001
    assert abs((before - row.made_at) - timedelta(seconds=1200)) < timedelta(seconds=60)
    assert abs((before - visit.arrived_at) - timedelta(seconds=1203)) < timedelta(seconds=60)


def test_a_photo_may_have_a_place_of_its_own(town: Town, task: FieldTask, phone: Client) -> None:
    own = shot(phone, "red", **(place(60) | {"accuracy": 4, "age": 30}))
    assert send(phone, answer(task, [own, shot(phone, "orange")], age_s=600)).status_code == 200
    first, second = Attachment.objects.filter(step__action="verify").order_by("pk")
    assert first.point is not None
    assert first.point.distance(at(60, 50)) < 0.1
    assert second.point is not None
    assert second.point.distance(at(55, 50)) < 0.1
    assert first.taken_at is not None
    assert abs(timezone.now() - first.taken_at - timedelta(seconds=630)) < timedelta(seconds=60)


def test_a_photo_that_has_not_come_is_asked_for(
    town: Town, task: FieldTask, phone: Client, colleague: Colleague
) -> None:
    theirs = Client()
    theirs.force_login(colleague("别人"))
    their_photo = shot(theirs, "orange")
    told = send(phone, answer(task, [their_photo]))
    assert (told.status_code, told.json()["code"]) == (422, "photos")
    assert told.json()["missing"] == [sha(colour("orange"))]
    assert not Operation.objects.exists()


def test_a_task_that_is_not_ones_own_is_gone(town: Town, task: FieldTask, phone: Client) -> None:
    FieldTask.objects.update(inspector=None)
    told = send(phone, answer(task, [shot(phone, "orange")]))
    assert (told.status_code, told.json()["code"]) == (404, "gone")


def test_a_kind_has_one_name(town: Town) -> None:
    with pytest.raises(ValueError, match="twice"):
        register("answer", KINDS["answer"])


def test_a_kind_needs_its_permission(
    town: Town, phone: Client, task: FieldTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS["claim"]
    monkeypatch.setitem(KINDS, "claim", Kind(kind.form, kind.act, "lead"))
    told = send(phone, {"operation": str(uuid.uuid4()), "kind": "claim", "about": str(task.pk)})
    assert (told.status_code, told.json()["code"]) == (403, "forbidden")
    assert not Operation.objects.exists()


def test_the_digest_is_of_everything_but_the_age() -> None:
    one = Envelope(uuid.uuid4(), "answer", "5", {"note": "a"}, age_s=1, version=2)
    assert digest_of(one) == digest_of(Envelope(uuid.uuid4(), "answer", "5", {"note": "a"}, age_s=99, version=2))
    for other in (
        Envelope(one.operation, "found", "5", {"note": "a"}, version=2),
        Envelope(one.operation, "answer", "6", {"note": "a"}, version=2),
        Envelope(one.operation, "answer", "5", {"note": "b"}, version=2),
        Envelope(one.operation, "answer", "5", {"note": "a"}, version=3),
    ):
        assert digest_of(other) != digest_of(one)


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_the_same_moment_do_it_once(town: Town, task: FieldTask, phone: Client) -> None:
    envelope = answer(task, [shot(phone, "orange")])
    barrier, answers = threading.Barrier(2), []

    def post() -> None:
        client = Client()
        client.force_login(town.people["inspector"])
        barrier.wait(10)
        answers.append(send(client, envelope))
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [found.status_code for found in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (Visit.objects.count(), Operation.objects.count()) == (1, 1)
