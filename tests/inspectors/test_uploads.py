"""Photos before their operation: in pieces, resumed, each phone's own, checked at the end, swept when left."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.evidence import MAX_BYTES
from inspectors import uploads
from inspectors.models import Upload
from tests.inspectors.conftest import Colleague
from tests.inspectors.envelopes import colour, put, sha
from tests.town import Town


def head(phone: Client, data: bytes) -> tuple[int, str | None]:
    response = phone.head(f"/field/photos/{sha(data)}/")
    return response.status_code, response.headers.get("Upload-Offset")


def test_a_photo_goes_on_where_it_broke_off(town: Town, phone: Client) -> None:
    data = colour("orange")
    assert head(phone, data) == (404, None)
    assert put(phone, data, upto=100).json() == {"sha256": sha(data), "offset": 100, "size": len(data), "whole": False}
    assert head(phone, data) == (200, "100")
    done = put(phone, data, offset=100)
    assert (done.json()["whole"], done.headers["Upload-Offset"]) == (True, str(len(data)))
    assert uploads.path_of(Upload.objects.get()).read_bytes() == data


def test_a_piece_twice_is_told_where_to_go_on(town: Town, phone: Client) -> None:
    data = colour("orange")
    put(phone, data, upto=100)
    for offset in (0, 50, 101):
        told = put(phone, data, offset=offset, upto=offset + 60)
        assert (told.status_code, told.json()["code"], told.json()["offset"]) == (409, "offset", 100)
    assert put(phone, data, offset=100).json()["whole"]
    assert put(phone, data).json()["whole"]  # the last reply was lost: it is there


def test_bytes_that_a_killed_process_left_without_a_row_are_taken_up(town: Town, phone: Client) -> None:
    data = colour("orange")
    path = uploads.path_of(Upload(by=town.people["inspector"], sha256=sha(data)))
    path.parent.mkdir(parents=True)
    for left in (data, data[:100], data + b"more"):
        path.write_bytes(left)
        told = put(phone, data)
        if told.status_code == 409:
            told = put(phone, data, offset=told.json()["offset"])
        assert told.json()["whole"]
        assert path.read_bytes() == data
        Upload.objects.all().delete()


def test_bytes_that_are_not_what_the_phone_hashed_begin_again(town: Town, phone: Client) -> None:
    data, wrong = colour("orange"), colour("red")
    told = put(phone, wrong, digest=sha(data), size=len(wrong)).json()
    assert (told["whole"], told["offset"]) == (False, 0)
    assert not uploads.path_of(Upload.objects.get()).exists()


@pytest.mark.parametrize("data", [b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0 broken", b"GIF89a" + b"0" * 50])
def test_what_is_no_photo_is_refused_with_a_sentence_and_forgotten(town: Town, phone: Client, data: bytes) -> None:
    told = put(phone, data)
    assert (told.status_code, told.json()["code"]) == (422, "photo")
    assert "JPEG" in told.json()["sentence"]
    assert not Upload.objects.exists()
    assert not uploads.path_of(Upload(by=town.people["inspector"], sha256=sha(data))).exists()


def test_sizes_and_numbers_are_limited(town: Town, phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    data = colour("orange")
    assert put(phone, data, size=MAX_BYTES + 1).status_code == 422
    assert put(phone, data, size=len(data) - 1).status_code == 409  # more bytes than were announced
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", len(data) - 1)
    assert put(phone, data).status_code == 413
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", len(data))
    monkeypatch.setattr(uploads, "MOST_WAITING", 1)
    assert put(phone, colour("red"), upto=10).status_code == 200
    assert put(phone, data).status_code == 429
    assert phone.put(f"/field/photos/{sha(data)}/", data).status_code == 400
    assert phone.put("/field/photos/..%2fetc/", data).status_code == 404


def test_nobody_sees_or_goes_on_with_somebody_elses(town: Town, phone: Client, colleague: Colleague) -> None:
    data = colour("orange")
    put(phone, data, upto=100)
    theirs = Client()
    theirs.force_login(colleague("别人"))
    assert head(theirs, data) == (404, None)
    assert put(theirs, data, offset=100).status_code == 409
    assert head(phone, data) == (200, "100")


def test_what_nobody_sent_to_the_end_is_swept(town: Town, phone: Client) -> None:
    part, whole, now = colour("orange"), colour("red"), timezone.now()
    put(phone, part, upto=100)
    put(phone, whole)
    assert uploads.sweep(now + timedelta(hours=23)) == 0
    assert uploads.sweep(now + timedelta(hours=25)) == 1
    assert (head(phone, part)[0], head(phone, whole)[0]) == (404, 200)
    assert uploads.sweep(now + timedelta(days=8)) == 1
    assert not list(uploads.path_of(Upload(by=town.people["inspector"], sha256="0")).parent.iterdir())
