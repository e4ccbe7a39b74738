"""湘潭县, 2016: five hotlines and mailboxes in one platform, two bureaus at a building site, a village without login.

Read from above: the sources open one after another, a site is stopped, a village pays, the system above is asked for a
change, and on 20 October the bulletin 2016 第3期 总第7期 goes out with its numbers.
"""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.actions import closing, documents, filing, handling
from dispatch.actions.documents import Paper
from dispatch.actions.handling import enter_result
from dispatch.documents import store_document
from dispatch.intake import Caller, Intake, register
from dispatch.lifecycle import NotAllowedError
from dispatch.mailbox import number_in, own_words
from dispatch.models import Case, Channel, Document, InboundMail, Report, UpperChange
from dispatch.orders.cleaning import tidy
from dispatch.profile import Profile
from people.models import Agency, RoleGrant, User
from scorecards.models import Bulletin, ExcellentCase
from tests.scorecards.test_intake import came, overdue
from tests.town import Town

PDF = b"%PDF-1.4\ntrailer\n%%EOF\n"
Login = Callable[[str], Client]


def on(month: int, day: int, hour: int = 9) -> datetime:
    """A moment of 2016 in Xiangtan."""
    return datetime(2016, month, day, hour - 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def county(town: Town, live_by: Callable[[str], Profile]) -> Profile:
    place = live_by("xiangtan")
    Channel.objects.filter(key="county").update(starts_on=date(2016, 7, 7))
    return place


def bureau(town: Town, code: str, name: str) -> Agency:
    """A unit whose people log in."""
    agency = Agency.objects.create(code=code, name=name)
    town.people[code] = User.objects.create_user(code, full_name=f"{name}经办人")
    RoleGrant.objects.create(user=town.people[code], role="handler", agency=agency)
    return agency


def heard(town: Town, text: str, channel: str, when: datetime) -> Case:
    intake = Intake(
        text, Channel.objects.get(key=channel), caller=Caller(name="周女士", phone="13900000011"), category=town.fee
    )
    case = register(intake, by=town.people["operator"], at=when, operation=uuid4())
    filing.submit_review(case, town.doing(case, "operator", when))
    filing.review(case, town.doing(case, "shift_lead", when))
    return case


def spoken_to(town: Town, case: Case, who: str, when: datetime) -> None:
    part = case.parts.get(agency__code=who)
    handling.contact(case, town.doing(case, who, when, "已联系诉求人"), part=part, method="phone", reached=True)


def test_the_county_mailbox_opens_on_7_july(town: Town) -> None:
    before, after = date(2016, 7, 6), date(2016, 7, 7)
    four = {"hotline", "mailbox", "county-hotline", "conduct"}
    assert set(Channel.objects.in_use(before).values_list("key", flat=True)) == four
    assert set(Channel.objects.in_use(after).values_list("key", flat=True)) == four | {"county"}


def test_lost_characters_and_injected_spam_are_taken_out_and_the_original_is_kept() -> None:
    cleaned = tidy("工地夜间施工吵人 365bet官方网站", simplify=False)
    assert cleaned.text == "工地夜间施工吵人"


def test_two_bureaus_stop_a_building_site_and_the_hours_are_agreed(town: Town) -> None:
    """住建局 leads with 公安局; 停工通知; 5:30–7:00 becomes 6:30–8:00, with the volume down."""
    housing, police = bureau(town, "zhujian", "县住建局"), bureau(town, "gongan", "县公安局")
    case = heard(town, "工地早上五点半开始施工，吵得睡不着", "county-hotline", on(8, 8))
    to = [handling.Assignment(housing), handling.Assignment(police)]
    handling.dispatch_case(case, town.doing(case, "dispatcher", on(8, 8, 10)), to=to)
    assert [part.leads for part in case.parts.order_by("pk")] == [True, False]
    notice = Paper(
        date(2016, 8, 9), "潭县建停字〔2016〕12号", "施工单位", evidence=store_document(io.BytesIO(PDF), at=on(8, 9))
    )
    documents.add(case, town.doing(case, "zhujian", on(8, 9), "责令停工整改"), kind="stop_work", paper=notice)
    peace = Paper(date(2016, 8, 10), "", "施工单位", evidence=store_document(io.BytesIO(PDF + b"2"), at=on(8, 10)))
    documents.add(case, town.doing(case, "gongan", on(8, 10), "双方签字"), kind="agreement", paper=peace)
    for who, told in (("zhujian", "施工时间由 5:30–7:00 改为 6:30–8:00"), ("gongan", "音量已调低，现场无扰民")):
        spoken_to(town, case, who, on(8, 10))
        part = case.parts.get(agency__code=who)
        handling.handled(case, town.doing(case, who, on(8, 10, 15), told), part=part, photos=[])
    case = Case.objects.get(pk=case.pk)
    assert case.state == "reply_review"
    assert [paper.kind for paper in Document.objects.filter(case=case).order_by("pk")] == ["stop_work", "agreement"]
    assert case.parts.get(leads=True).reply == "施工时间由 5:30–7:00 改为 6:30–8:00"


def test_a_village_answers_by_mail_and_a_clerk_enters_it(town: Town) -> None:
    """80 元/亩: town and agriculture bureau look after it, the village has no login and writes to the mailbox."""
    village = Agency.objects.create(code="cun", name="某村", mailbox="cun@example.org")
    case = heard(town, "农田被压，没有赔偿", "county", on(8, 1))
    handling.dispatch_case(case, town.doing(case, "dispatcher", on(8, 1, 10)), to=[handling.Assignment(village)])
    subject, text = f"Re: {case.number}", "已按 80 元/亩补偿到户。\n\n----- 原始邮件 -----\n请办理"
    mail = InboundMail.objects.create(
        message_id="<1@example.org>", sender="cun@example.org", subject=subject, text=own_words(text),
        received_at=on(8, 3), fetched_at=on(8, 3), case=Case.objects.get(number=number_in(subject, text)),
        part=case.parts.get(),
    )  # fmt: skip
    doing = town.doing(case, "operator", on(8, 3), mail.text)
    enter_result(case, doing, part=case.parts.get(), source="mail", mail=mail, public=True)
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.parts.get().reply) == ("reply_review", "已按 80 元/亩补偿到户。")
    with pytest.raises(NotAllowedError):  # who entered it does not screen it
        handling.accept_reply(case, town.doing(case, "operator", on(8, 3)))
    handling.accept_reply(case, town.doing(case, "dispatcher", on(8, 3)))
    closing.close(case, town.doing(case, "shift_lead", on(8, 3, 16)))
    assert Case.objects.get(pk=case.pk).state == "closed"


def test_a_complaint_about_an_officials_attitude_is_confided_to_few(town: Town) -> None:
    hall = bureau(town, "dating", "政务大厅")
    intake = Intake(
        "窗口态度差", Channel.objects.get(key="conduct"), caller=Caller(name="周女士"), request_type="disclosure",
        accused_agency_id=hall.pk, category=town.fee,
    )  # fmt: skip
    case = register(intake, by=town.people["operator"], at=on(8, 4), operation=uuid4())
    assert case.confidential
    assert case not in Case.objects.visible_to(town.people["dating"])
    assert case not in Case.objects.visible_to(town.people["manager"])
    assert case in Case.objects.visible_to(town.people["leader"])


def test_the_new_city_system_of_6_august_is_asked_for_a_change(town: Town, login: Login) -> None:
    lead = login("shift_lead")
    sent = {"system": "市长热线新系统", "wish": "回复框加附件", "reason": "交单须附证明", "operation": str(uuid4())}
    lead.post(reverse("desks:upper_changes"), sent)
    asked = UpperChange.objects.get()
    lead.post(reverse("desks:answer_change", args=[asked.pk]), {"state": "done", "answer": "已加"})
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("done", "已加")


def test_on_20_october_the_bulletin_goes_out_with_its_numbers(town: Town, login: Login) -> None:
    """2016 第3期 总第7期: 146 + 21 + 37 + 45 = 249, 96 % on time; 政风行风热线 144 = 85 + 46 + 13."""
    channel = {one.key: one for one in Channel.objects.all()}
    numbers = {"hotline": 146, "mailbox": 21, "county-hotline": 37, "county": 45}
    reports = came(town, [(channel[key], "complaint", town.fee, n) for key, n in numbers.items()], matched="易俗河镇")
    overdue(reports[:10], town)
    came(town, [(channel["hotline"], "complaint", None, 200)], when=on(1, 5) - timedelta(days=200))
    manager = login("manager")
    for last in ("2015-03-31", "2015-06-30", "2015-09-30", "2015-12-31", "2016-03-31", "2016-06-30"):
        Bulletin.objects.create(
            year=int(last[:4]), number=1 + Bulletin.objects.filter(year=last[:4]).count(),
            running=1 + Bulletin.objects.count(), issuer="县热线办", first=date.fromisoformat(last[:8] + "01"),
            last=date.fromisoformat(last), made_by=town.people["manager"], made_at=on(1, 1),
        )  # fmt: skip
    case = reports[0].case
    assert case is not None
    told = ExcellentCase.objects.create(
        case=case, title="六点半以后再施工", units="县住建局、县公安局", situation="工地扰民",
        course="停工、约谈、签协议", thoughts="牵头单位定了，事情就快了",
        written_by=town.people["manager"], written_at=on(10, 1),
    )  # fmt: skip
    sent = {"issuer": "湘潭县热线办", "first": "2016-07-01", "last": "2016-09-30", "work": "8月6日市新系统启用"}
    manager.post(reverse("scorecards:new_bulletin"), sent | {"hot": "", "cases": [told.pk]})
    issue = Bulletin.objects.get(last=date(2016, 9, 30))
    assert (issue.year, issue.number, issue.running) == (2016, 3, 7)
    manager.post(reverse("scorecards:publish_bulletin", args=[issue.pk]))
    came(town, [(channel["conduct"], "complaint", None, 85)])  # nothing that comes later changes what was published
    page = login("handler").get(reverse("scorecards:bulletin", args=[issue.pk])).content.decode()
    assert "本期共收到诉求 249 件（146 + 45 + 37 + 21）" in page
    assert "按时办结率 95.98%" in page
    assert "本年来件已超过去年全年的 200 件" in page
    assert "易俗河镇 249" in page
    for words in ("六点半以后再施工", "牵头单位定了，事情就快了", "8月6日市新系统启用"):
        assert words in page
    assert Report.objects.count() == 249 + 200 + 85
