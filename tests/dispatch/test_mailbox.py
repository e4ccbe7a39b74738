"""The units' mailbox: read over IMAP from a real server, matched to orders, used by a clerk (P2.12, P2.19)."""

import imaplib
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from imap_tools import MailMessage

from dispatch.actions.handling import HasAccountError, accept_reply, enter_result
from dispatch.lifecycle import DutiesError
from dispatch.mailbox import number_in, own_words, words_of_html
from dispatch.mailreading import keep, read_due, read_mailbox
from dispatch.models import Case, InboundMail, MailboxRead, Part, Statement
from people.models import RoleGrant, User
from tests.town import NOW, Town, jpeg

Login = Callable[[str], Client]
USER, PASSWORD = "mailbox", "p@ss/word"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A real IMAP server on this machine, with an empty mailbox."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    pymap = Path(sys.executable).parent / "pymap"
    command = [
        str(pymap), "--host", "127.0.0.1", "--port", str(number), "--no-tls", "--no-service", "managesieve",
        "--no-service", "admin", "dict", "--demo-user", USER, "--demo-password", PASSWORD,
    ]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(100):
            try:
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def inbox(port: int, settings: Any) -> Iterator[imaplib.IMAP4]:
    """The mailbox, emptied, and the city told where it is."""
    settings.MAILBOX = f"imap://{USER}:p%40ss%2Fword@127.0.0.1:{port}/INBOX"
    client = imaplib.IMAP4("127.0.0.1", port)
    client.login(USER, PASSWORD)
    client.select("INBOX")
    client.store("1:*", "+FLAGS", "\\Deleted")
    client.expunge()
    yield client
    client.logout()


def put(inbox: imaplib.IMAP4, sender: str, subject: str, text: str, **more: Any) -> None:
    """A message into the mailbox, as a mail server would put it there."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = f"经办人 <{sender}>", "city@example.org", subject
    message["Date"] = more.get("date", timezone.now())
    if key := more.get("key", f"<{uuid.uuid4()}@example.org>"):
        message["Message-ID"] = key
    if more.get("html"):
        message.set_content(text, subtype="html")
    else:
        message.set_content(text)
    for name, data in more.get("files", ()):
        message.add_attachment(data, maintype="image", subtype="jpeg", filename=name)
    inbox.append("INBOX", "", imaplib.Time2Internaldate(time.time()), message.as_bytes())


def village(town: Town) -> Case:
    """A case with the street office, whose people have no login and write from their own mailbox."""
    town.office.mailbox = "village@example.org"
    town.office.save()
    case = town.to_state("handling")
    Part.objects.filter(case=case).update(agency=town.office)
    return case


@pytest.mark.parametrize(
    ("subject", "text", "number"),
    [
        ("回复：20161020-000123 已办理", "", "20161020-000123"),
        ("办理结果", "贵中心 20161020-000123 号交办单", "20161020-000123"),
        ("20161020-000123", "另见 20161020-000999", "20161020-000123"),
        ("电话 120161020-000123", "", ""),
        ("通知", "2016-10-20", ""),
    ],
)
def test_the_number_of_the_order_is_found(subject: str, text: str, number: str) -> None:
    assert number_in(subject, text) == number


@pytest.mark.parametrize(
    "quoted",
    [
        "------------------ 原始邮件 ------------------\n请于三日内回复",
        "-----Original Message-----\nplease answer",
        "在 2016年10月20日，城市管理中心写道：\n> 请于三日内回复",
        "On Thu, 20 Oct 2016, centre wrote:\n> please answer",
        "发件人：城市管理中心\n请于三日内回复",
        "-- \n张三\n0523-88012319",
        "> 请于三日内回复",
    ],
)
def test_only_the_words_of_the_sender_are_kept(quoted: str) -> None:
    assert own_words(f"已按 80 元/亩补偿。\n\n\n\n谢谢\r\n{quoted}\n") == "已按 80 元/亩补偿。\n\n谢谢"


def test_html_is_read_as_words() -> None:
    head = "<html><head><title>x</title><style>p{}</style></head>"
    html = f"{head}<body><p>已修复&nbsp;路灯</p><div>共 3 盏<br>谢谢</div></body>"
    assert own_words(words_of_html(html)) == "已修复 路灯\n共 3 盏\n谢谢"


def test_a_reply_from_the_units_own_mailbox_is_matched_and_used(town: Town, inbox: imaplib.IMAP4, login: Login) -> None:
    case = village(town)
    put(
        inbox, "Village@example.org", f"Re: {case.number}", "井盖已补齐 2 个。\n\n----- 原始邮件 -----\n请处置",
        files=[("after.jpg", jpeg("green").getvalue()), ("broken.jpg", b"no picture")],
    )  # fmt: skip
    assert read_mailbox(timezone.now()) == 1
    mail = InboundMail.objects.get()
    assert (mail.case, mail.part, mail.text) == (case, town.part(case), "井盖已补齐 2 个。")
    assert mail.photos.count() == 1
    clerk = login("operator")
    assert "测试街道办事处" in clerk.get(reverse("desks:mailbox")).content.decode()
    page = clerk.get(reverse("desks:mail", args=[mail.pk])).content.decode()
    assert "井盖已补齐 2 个。" in page
    shot = clerk.get(reverse("desks:mail_photo", args=[mail.pk, mail.photos.get().sha256]))
    assert shot["Content-Type"] == "image/jpeg"
    assert b"".join(shot)
    sent = {"version": case.version, "operation": str(uuid.uuid4()), "part": mail.part_id, "note": mail.text}
    answer = clerk.post(reverse("desks:use_mail", args=[mail.pk]), sent)
    assert answer["Location"] == reverse("desks:case", args=[case.number])
    case = Case.objects.get(pk=case.pk)
    assert case.state == "reply_review"
    step = case.steps.get(action="enter_result")
    assert (step.actor, step.facts) == (town.people["operator"], {"source": "mail", "mail": mail.pk})
    assert case.attachments.filter(phase="after").count() == 1
    assert Statement.objects.get(case=case, kind="written_reply").step == step
    mail.refresh_from_db()
    assert (mail.state, mail.step) == ("used", step)
    assert "电子邮件" in clerk.get(reverse("desks:case", args=[case.number])).content.decode()


def test_reading_again_keeps_each_message_once_and_leaves_the_mailbox_alone(town: Town, inbox: imaplib.IMAP4) -> None:
    put(inbox, "a@example.org", "通知", "一")
    put(inbox, "a@example.org", "无编号的信", "二", key="")
    put(inbox, "a@example.org", "很久以前", "三", date=timezone.now() - timedelta(days=3))
    at = timezone.now()
    assert read_mailbox(at) == 3
    assert read_mailbox(at) == 0
    assert InboundMail.objects.count() == 3
    inbox.select("INBOX")
    unseen: Any = inbox.search(None, "UNSEEN")[1][0]
    assert len(unseen.split()) == 3


def test_a_message_that_no_database_keeps_stops_no_other(town: Town) -> None:
    """A zero byte in words, subject or id becomes a sign for it, and the rest is kept."""
    raw = b"From: a@b.cn\r\nSubject: =?utf-8?B?5LqMAOS4iQ==?=\r\nMessage-ID: <1\x00@b>\r\n\r\none\x00two"
    assert keep(MailMessage.from_bytes(raw), timezone.now())
    mail = InboundMail.objects.get()
    assert (mail.text, mail.sender) == ("one\u2400two", "a@b.cn")
    assert "\x00" not in mail.subject + mail.message_id


def test_html_alone_is_read_too(town: Town, inbox: imaplib.IMAP4) -> None:
    case = village(town)
    put(inbox, "other@example.org", "办理结果", f"<p>{case.number}</p><p>已修复</p>", html=True)
    read_mailbox(timezone.now())
    mail = InboundMail.objects.get()
    assert (mail.case, mail.part) == (case, None)
    assert "已修复" in mail.text


def test_a_forged_sender_speaks_for_no_unit_with_an_account(town: Town, login: Login) -> None:
    """A message from elsewhere cannot answer for the water company, whose people log in."""
    case = town.to_state("handling")
    mail = InboundMail.objects.create(
        message_id="<x>", sender="x@example.org", text="已办", received_at=NOW, fetched_at=NOW, case=case
    )
    clerk = login("operator")
    assert "采用为处置结果" not in clerk.get(reverse("desks:mail", args=[mail.pk])).content.decode()
    sent = {"version": case.version, "operation": str(uuid.uuid4()), "part": town.part(case).pk, "note": "已办"}
    assert clerk.post(reverse("desks:use_mail", args=[mail.pk]), sent).status_code == 422
    assert Case.objects.get(pk=case.pk).state == "handling"
    with pytest.raises(HasAccountError):
        enter_result(case, town.doing(case, "operator", case.state_since, "已办"), part=town.part(case), source="mail")


def test_a_message_is_put_to_a_case_or_set_aside_once(town: Town, login: Login) -> None:
    case, clerk = village(town), login("operator")
    mails = [
        InboundMail.objects.create(
            message_id=f"<{n}>", sender="VILLAGE@example.org", text="已办", received_at=NOW, fetched_at=NOW
        )
        for n in range(2)
    ]
    path = reverse("desks:sort_mail", args=[mails[0].pk])
    assert "没有这个编号的案件" in clerk.post(path, {"number": "1"}).content.decode()
    assert "请写明案件编号" in clerk.post(path, {}).content.decode()
    clerk.post(path, {"number": case.number})
    mails[0].refresh_from_db()
    assert (mails[0].case, mails[0].part) == (case, town.part(case))
    path = reverse("desks:sort_mail", args=[mails[1].pk])
    clerk.post(path, {"note": "广告"})
    answer = clerk.post(path, {"number": case.number}, follow=True)
    assert "已经处理过" in answer.content.decode()
    mails[1].refresh_from_db()
    assert (mails[1].state, mails[1].note, mails[1].case) == ("dismissed", "广告", None)


def test_a_stale_press_keeps_the_words_and_the_message(town: Town, login: Login) -> None:
    case = village(town)
    mail = InboundMail.objects.create(
        message_id="<x>", sender="v", text="已办", received_at=NOW, fetched_at=NOW, case=case, part=town.part(case)
    )
    sent = {"version": case.version - 1, "operation": str(uuid.uuid4()), "part": mail.part_id, "note": "改过的话"}
    answer = login("operator").post(reverse("desks:use_mail", args=[mail.pk]), sent)
    assert answer.status_code == 409
    assert "改过的话" in answer.content.decode()
    mail.refresh_from_db()
    assert mail.state == "waiting"


def test_a_clerk_enters_what_a_village_has_told_and_another_person_screens_it(town: Town, login: Login) -> None:
    case = village(town)
    dispatcher = login("dispatcher")
    assert "代录处置结果" in dispatcher.get(reverse("desks:case", args=[case.number])).content.decode()
    sent = {
        "version": case.version, "operation": str(uuid.uuid4()), "part": town.part(case).pk, "source": "phone",
        "note": "村委会来电：井盖已补齐",
    }  # fmt: skip
    dispatcher.post(reverse("desks:act", args=[case.number, "enter_result"]), sent)
    case = Case.objects.get(pk=case.pk)
    assert case.state == "reply_review"
    assert case.parts.get().reply == "村委会来电：井盖已补齐"
    with pytest.raises(DutiesError):
        accept_reply(case, town.doing(case, "dispatcher", case.state_since))
    RoleGrant.objects.create(user=town.people["shift_lead"], role="dispatcher")
    town.people["shift_lead"] = User.objects.get(username="shift_lead")
    accept_reply(case, town.doing(case, "shift_lead", case.state_since))
    assert Case.objects.get(pk=case.pk).state == "checking"


def test_nobody_enters_for_a_unit_whose_people_log_in(town: Town, login: Login) -> None:
    case = town.to_state("handling")
    assert "代录处置结果" not in login("dispatcher").get(reverse("desks:case", args=[case.number])).content.decode()
    town.people["handler"].is_active = False
    town.people["handler"].save()
    assert "代录处置结果" in login("dispatcher").get(reverse("desks:case", args=[case.number])).content.decode()


def test_the_page_says_when_nobody_could_read_the_mailbox(town: Town, settings: Any, login: Login) -> None:
    settings.MAILBOX = "imap://a:b@127.0.0.1:1/INBOX"
    assert "Error" in read_due()
    page = login("operator").get(reverse("desks:mailbox")).content.decode()
    assert "信箱读取失败" in page
    MailboxRead.objects.update(error="", read_at=timezone.now() - timedelta(days=2))
    assert "信箱超过一天没有读取" in login("operator").get(reverse("desks:mailbox")).content.decode()
    with pytest.raises(CommandError, match="could not be read"):
        call_command("read_mailbox")
    settings.MAILBOX = ""
    assert read_due() == "no mailbox"
    with pytest.raises(CommandError, match="GRIDMAP_MAILBOX is not set"):
        call_command("read_mailbox")


def test_the_command_reads_and_says_how_many(town: Town, inbox: imaplib.IMAP4, capsys: Any) -> None:
    put(inbox, "a@example.org", "通知", "一")
    call_command("read_mailbox")
    assert "1 new messages" in capsys.readouterr().out
    row = MailboxRead.objects.get()
    assert (row.messages, row.error) == (1, "")


def test_messages_of_confidential_cases_are_kept_from_who_may_not_see_them(town: Town, login: Login) -> None:
    case = village(town)
    Case.objects.filter(pk=case.pk).update(accused_agency=town.water)
    mail = InboundMail.objects.create(message_id="<x>", sender="v", received_at=NOW, fetched_at=NOW, case=case)
    assert mail in InboundMail.objects.visible_to(town.people["operator"])
    RoleGrant.objects.filter(user=town.people["operator"]).update(area_code=town.communities[1].code)
    assert login("operator").get(reverse("desks:mail", args=[mail.pk])).status_code == 404
