"""The list of calls that were put through to emergency services."""

import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from dispatch.models import Case, Diversion
from tests.town import Town

Login = Callable[[str], Client]


def divert(client: Client, town: Town, service: str = "120", **more: Any) -> Any:
    sent = {"operation": str(uuid.uuid4()), "channel": town.channel.pk, "service": service} | more
    return client.post(reverse("desks:divert"), sent, headers={"HX-Request": "true"})


def test_the_list_masks_numbers_and_opens_the_case_of_the_same_call(town: Town, login: Login) -> None:
    client = login("operator")
    divert(client, town, divert_words="老人摔倒，电话 13912345678")
    filled = {
        "operation": str(uuid.uuid4()),
        "channel": town.channel.pk,
        "request_type": "help",
        "kind": "resident",
        "text": "上水井盖丢失，老人被绊倒",
        "call": Diversion.objects.get().call_id,
    }
    client.post(reverse("desks:intake"), filled)
    page = client.get(reverse("desks:diversions")).content.decode()
    assert "老人摔倒" in page
    assert "13912345678" not in page
    assert reverse("desks:case", args=[Case.objects.get().number]) in page


def test_pressing_twice_logs_once_and_says_so(town: Town, login: Login) -> None:
    client, operation = login("operator"), str(uuid.uuid4())
    for _press in range(2):
        answer = divert(client, town, operation=operation)
        assert "已记录转接120 急救" in answer.content.decode()
    assert Diversion.objects.count() == 1


def test_one_service_is_listed_alone(town: Town, login: Login) -> None:
    client = login("operator")
    divert(client, town, "110", divert_words="有人打架")
    divert(client, town, "120", divert_words="有人晕倒")
    page = client.get(reverse("desks:diversions") + "?service=110").content.decode()
    assert "有人打架" in page
    assert "有人晕倒" not in page
    assert "有人晕倒" in client.get(reverse("desks:diversions") + "?service=xx").content.decode()


def test_the_intake_page_after_a_diversion_does_not_speak_of_another_matter(town: Town, login: Login) -> None:
    client = login("operator")
    divert(client, town)
    call = Diversion.objects.get().call_id
    page = client.get(reverse("desks:intake") + f"?call={call}").content.decode()
    assert "这个来电已记录转接" in page
    assert "同一来电的另一件诉求" not in page


def test_a_long_list_takes_as_many_queries_as_a_short_one(
    town: Town, login: Login, django_assert_max_num_queries: Any
) -> None:
    client = login("operator")
    for _number in range(12):
        divert(client, town)
    with django_assert_max_num_queries(11):
        client.get(reverse("desks:diversions"))


def test_a_handler_has_no_business_there(town: Town, login: Login) -> None:
    assert login("handler").get(reverse("desks:diversions")).status_code == 403
