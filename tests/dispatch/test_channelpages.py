"""Channels are data: made and changed on a page by those who keep the data, read by the others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Channel
from tests.town import Town

Login = Callable[[str], Client]
GOOD = {"key": "mayor", "name": "市长信箱", "kind": "mailbox", "default_type": "suggestion", "public": "on"}


def test_a_channel_is_made_and_offered_at_intake(town: Town, login: Login) -> None:
    answer = login("data_manager").post(reverse("dispatch:new_channel"), GOOD, follow=True)
    assert "已保存渠道“市长信箱”" in answer.content.decode()
    assert "市长信箱" in login("operator").get(reverse("desks:intake")).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"key": ""}, "这个字段是必填项"),
        ({"key": "Mayor Box"}, "标识用小写字母"),
        ({"key": "MAYOR"}, "标识用小写字母"),
        ({"key": "new"}, "不能是 new"),
        ({"key": "hotline"}, "这个标识已被别的渠道使用"),
        ({"name": "热线"}, "已有同名的渠道"),
        ({"starts_on": "2026-12-01", "ends_on": "2026-11-30"}, "停用日期不能早于启用日期"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(town: Town, login: Login, change: dict[str, str], said: str) -> None:
    Channel.objects.filter(pk=town.channel.pk).update(key="hotline", name="热线")
    answer = login("data_manager").post(reverse("dispatch:new_channel"), GOOD | {"name": "书记信箱"} | change)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Channel.objects.count() == 1


def test_a_key_stays_and_an_ended_channel_is_no_longer_offered(town: Town, login: Login) -> None:
    channel = Channel.objects.create(key="mayor", name="市长信箱", kind="mailbox")
    day = timezone.localdate() - timedelta(days=1)
    sent = GOOD | {"key": "other", "name": "市长专线", "ends_on": day.isoformat()}
    login("data_manager").post(reverse("dispatch:edit_channel", args=["mayor"]), sent, follow=True)
    channel.refresh_from_db()
    assert (channel.key, channel.name, channel.ends_on) == ("mayor", "市长专线", day)
    assert "市长专线" not in login("operator").get(reverse("desks:intake")).content.decode()
    listed = login("operator").get(reverse("dispatch:channels"))
    assert [(title, list(rows)) for title, rows in listed.context["groups"]][-1] == ("已停用", [channel])


def test_an_operator_reads_the_list_and_changes_nothing(town: Town, login: Login) -> None:
    client = login("operator")
    page = client.get(reverse("dispatch:channels")).content.decode()
    assert town.channel.name in page
    assert reverse("dispatch:new_channel") not in page
    assert client.post(reverse("dispatch:new_channel"), GOOD).status_code == 403
    assert client.get(reverse("dispatch:edit_channel", args=[town.channel.key])).status_code == 403


def test_the_list_counts_with_as_many_queries_for_many_channels(
    town: Town, login: Login, django_assert_max_num_queries: Any
) -> None:
    town.report(when=timezone.now())
    Channel.objects.bulk_create(Channel(key=f"c{n}", name=f"渠道{n}") for n in range(30))
    client = login("operator")
    with django_assert_max_num_queries(8):
        listed = client.get(reverse("dispatch:channels"))
    assert {row.key: row.lately for _title, rows in listed.context["groups"] for row in rows}[town.channel.key] == 1
