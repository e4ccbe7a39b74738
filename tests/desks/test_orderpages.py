"""The pages of the import: a file is looked at, registered, and its rejects are put right one by one."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dispatch.models import Case, Channel, OrderFile, OrderRow, Report
from dispatch.orders import taking
from tests.town import Town

Login = Callable[[str], Client]

HEAD = "工单编号,诉求内容,地址,姓名,电话,办理时限\n"
GOOD = "SZ-1,银春旅馆前井盖丢失,西仓路,王女士,13900000001,2026-12-01 17:30\n"
BAD = "SZ-2,路灯不亮,中山路,李先生,13900000002,77日\n"


@pytest.fixture
def upper(town: Town) -> Channel:
    return Channel.objects.create(key="upper", name="上级交办", kind="order", needs_upper=True)


def sent(client: Client, channel: Channel, text: str, name: str = "a.csv") -> Any:
    upload = SimpleUploadedFile(name, text.encode())
    return client.post(reverse("desks:orders"), {"channel": channel.pk, "file": upload})


def taken(client: Client, channel: Channel, text: str) -> OrderFile:
    """A file that went the whole way: uploaded, confirmed, registered by the worker."""
    sent(client, channel, text)
    file = OrderFile.objects.get()
    client.post(reverse("desks:order_step", args=[file.pk, "start"]))
    taking.take_slice(file.pk)
    file.refresh_from_db()
    assert file.stage == "done"
    return file


def row_url(row: OrderRow) -> str:
    return reverse("desks:order_row", args=[row.file_id, row.pk])


def test_a_file_is_looked_at_before_anything_is_registered(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    answer = sent(client, upper, HEAD + GOOD + BAD)
    file = OrderFile.objects.get()
    assert answer.url == reverse("desks:order_file", args=[file.pk])
    page = client.get(answer.url).content.decode()
    assert "1 行可以登记" in page
    assert "1 行暂不能登记" in page
    assert "第 3 行" in page  # as the sheet numbers it
    assert "上级时限：时限读不出来" in page
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "", "这是空文件"),
        ("a.pdf", "x", "只能导入 CSV、XLSX 或 JSON 文件"),
        ("a.json", "[1,", "第 1 行第 4 个字符起读不下去"),
        ("a.csv", HEAD, "文件里没有数据行"),
    ],
)
def test_a_file_that_is_no_table_is_refused_beside_its_field(
    town: Town, upper: Channel, login: Login, name: str, text: str, said: str
) -> None:
    answer = sent(login("operator"), upper, text, name)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not OrderFile.objects.exists()


def test_the_channel_is_chosen_by_a_person_once_and_offered_again(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    assert client.get(reverse("desks:orders")).context["form"]["channel"].value() is None
    sent(client, upper, HEAD + GOOD)
    assert client.get(reverse("desks:orders")).context["form"]["channel"].value() == upper.pk


def test_a_reject_is_put_right_on_its_page(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    file = taken(client, upper, HEAD + GOOD + BAD)
    row = file.rows.get(state="rejected")
    field = f"row{row.pk}-upper_due"
    words = {f"row{row.pk}-{name}": row.values[head] for name, head in file.columns.items()}
    answer = client.post(row_url(row), words | {field: "明天"}, follow=True)
    assert "第 3 行仍未登记。上级时限：时限读不出来" in answer.content.decode()
    assert 'value="明天"' in answer.content.decode()
    answer = client.post(row_url(row) + "?page=2", words | {field: "2026-12-08 17:30"})
    assert answer["Location"].endswith("?rows=rejected&page=2")
    assert Report.objects.get(external_ref="SZ-2").person.name == "李先生"  # type: ignore[union-attr]
    answer = client.post(row_url(row), words, follow=True)
    assert "这一行已经处理过" in answer.content.decode()


def test_a_refused_correction_keeps_its_words_and_says_which_row(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    row = taken(client, upper, HEAD + BAD).rows.get()
    answer = client.post(row_url(row), {f"row{row.pk}-name": "名" * 41, f"row{row.pk}-upper_due": "2026-12-08"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "最多 40 个字，现在有 41 个。" in page
    assert "名" * 41 in page
    assert f'href="#row-{row.pk}"' in page
    assert f'href="{reverse("desks:order_file", args=[row.file_id])}?rows=rejected"' in page
    # the address of the refused form opened again: no error, the file
    assert client.get(row_url(row))["Location"].startswith(reverse("desks:order_file", args=[row.file_id]))


def test_an_order_from_above_cannot_be_put_right_without_its_deadline(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    row = taken(client, upper, "编号,内容\nSZ-3,路灯不亮\n").rows.get()
    answer = client.post(row_url(row), {f"row{row.pk}-upper_due": "", f"row{row.pk}-ref": "SZ-3"})
    assert answer.status_code == 422
    assert "请填写这一栏" in answer.content.decode()


def test_a_second_text_of_a_number_shows_what_is_registered(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    file = taken(client, upper, HEAD + GOOD + GOOD.replace("井盖丢失", "垃圾没人清运"))
    page = client.get(reverse("desks:order_file", args=[file.pk])).content.decode()
    assert "这个编号已经登记，但内容不同" in page
    assert reverse("desks:case", args=[Case.objects.get().number]) in page


def test_numbers_that_come_again_are_told_before_registering(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    sent(client, upper, HEAD + GOOD + GOOD.replace("井盖丢失", "垃圾没人清运"))
    file = OrderFile.objects.get()
    page = client.get(reverse("desks:order_file", args=[file.pk])).content.decode()
    assert page.count("文件里有几行是这个编号") == 2
    taking.take_in(file.pk)
    sent(client, upper, HEAD + GOOD)
    page = client.get(reverse("desks:order_file", args=[OrderFile.objects.latest("pk").pk])).content.decode()
    assert "此前已登记过这个编号" in page


def test_a_title_is_shown_and_waits_for_nobody(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    file = taken(client, upper, "十一月工单明细表\n" + HEAD + GOOD)
    assert taking.counts(file) == {"waiting": 0, "kept": 1, "known": 0, "rejected": 0, "dropped": 1}
    page = client.get(reverse("desks:order_file", args=[file.pk]) + "?rows=dropped").content.decode()
    assert "十一月工单明细表" in page
    assert "在列名行的上面，不是诉求" in page


def test_columns_that_nobody_knows_are_chosen_by_their_words(town: Town, login: Login) -> None:
    client = login("operator")
    sent(client, town.channel, "甲,乙\n路灯不亮,中山路\n")
    file = OrderFile.objects.get()
    page = client.get(reverse("desks:order_file", args=[file.pk])).content.decode()
    assert "没有可以登记的行" in page
    assert "甲（如 路灯不亮）" in page
    assert "路灯不亮 | 中山路" in page
    answer = client.post(reverse("desks:order_step", args=[file.pk, "columns"]), {"text": "甲"}, follow=True)
    assert "1 行可以登记" in answer.content.decode()


def test_the_rejects_come_back_whole(town: Town, upper: Channel, login: Login) -> None:
    client = login("operator")
    file = taken(client, upper, HEAD + GOOD + BAD.strip() + ",多一格,=1+1\n")
    answer = client.get(reverse("desks:order_rejects", args=[file.pk]))
    heads, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    told = dict(zip(heads, row, strict=True))
    assert (told["行"], told["未登记的原因"], told["办理时限"]) == ("3", "单元格比列名多，可能错位", "77日")
    assert told["…"] == "多一格 | =1+1"


def test_a_file_is_seen_by_who_brought_it_and_by_the_lead(town: Town, upper: Channel, login: Login) -> None:
    sent(login("shift_lead"), upper, HEAD + BAD)
    file = OrderFile.objects.get()
    url = reverse("desks:order_file", args=[file.pk])
    assert login("operator").get(url).status_code == 404
    assert login("shift_lead").get(url).status_code == 200
    assert login("dispatcher").get(url).status_code == 403


def test_a_long_file_is_registered_slice_by_slice(
    town: Town, upper: Channel, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(taking, "SLICE", 2)
    monkeypatch.setattr(taking, "async_task", lambda *args: queued.append(args))
    client = login("operator")
    sent(client, upper, HEAD + "".join(GOOD.replace("SZ-1", f"SZ-{n}") for n in range(3)))
    file = OrderFile.objects.get()
    taking.start(file)
    for done in (2, 3):
        taking.take_slice(queued.pop()[1])
        assert Report.objects.count() == done
    assert not queued
    assert OrderFile.objects.get().stage == "done"


@pytest.mark.parametrize("rows", [2, 18])
def test_more_rows_take_no_more_queries(
    town: Town, upper: Channel, login: Login, django_assert_max_num_queries: Any, rows: int
) -> None:
    client = login("operator")
    file = taken(client, upper, HEAD + "".join(BAD.replace("SZ-2", f"SZ-{n}") for n in range(rows)))
    with django_assert_max_num_queries(13):
        client.get(reverse("desks:order_file", args=[file.pk]))
    with django_assert_max_num_queries(13):
        client.get(reverse("desks:orders"))
