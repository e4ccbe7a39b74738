"""Photos are served as public copies, to those who may see a case that has them."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from dispatch.evidence import public_path
from tests.town import Town

Login = Callable[[str], Client]


def link(town: Town) -> str:
    case = town.to_state("to_file")
    return reverse("dispatch:photo", args=[case.attachments.get().evidence.sha256])


def test_the_centre_sees_the_public_copy(town: Town, login: Login) -> None:
    answer = login("operator").get(link(town))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"].startswith("private")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]


def test_an_agency_does_not_see_photos_of_a_case_that_is_not_its_own(town: Town, login: Login) -> None:
    assert login("handler").get(link(town)).status_code == 404


def test_a_visitor_is_sent_to_the_login(town: Town, client: Client) -> None:
    assert client.get(link(town)).status_code == 302


def test_a_file_that_is_gone_is_not_found(town: Town, login: Login) -> None:
    address = link(town)
    public_path(address.rsplit("/", 1)[1].removesuffix(".jpg")).unlink()
    assert login("operator").get(address).status_code == 404
