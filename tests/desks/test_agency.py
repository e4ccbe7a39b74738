"""An agency's own work: parts handed on, messages with the centre, the inbox, and who is called at which hour."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desks.desklists import agency_tabs, read_desk
from desks.steps import open_actions
from dispatch.actions import handling
from dispatch.actions.delegating import NotOursError, Target, delegate, say
from dispatch.dutyphones import Hours, hours_of, phone_of
from dispatch.models import Calendar, Case, Delegation, TalkLine
from dispatch.retention import anonymise
from people.models import Agency, RoleGrant, User
from tests.town import NOW, Town

Login = Callable[[str], Client]
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def case(town: Town) -> Case:
    return town.to_state("handling")


@pytest.fixture
def depot(town: Town) -> Agency:
    """An agency below the water company, with a handler of its own."""
    found = Agency.objects.create(code="depot", name="抢修班", parent=town.water, path="water/")
    user = User.objects.create_user("depot", password="town-password", full_name="抢修员")
    RoleGrant.objects.create(user=user, role="handler", agency=found)
    return found


def fresh(user: User) -> User:
    """The same person as a new request would read them."""
    return User.objects.get(pk=user.pk)


def hand(town: Town, case: Case, to: Target, note: str = "") -> Delegation | None:
    by = fresh(town.people["handler"])
    return delegate(case, to, by=by, at=LATER, operation=uuid.uuid4(), note=note)


def rows(user: User, key: str) -> list[tuple[str, str]]:
    return [(row.case.number, row.note) for row in read_desk(agency_tabs(fresh(user)), key, "1", LATER).rows]


def test_a_part_handed_to_a_person_is_in_their_list_and_still_the_agencys(town: Town, case: Case) -> None:
    handler = town.people["handler"]
    hand(town, case, Target(user=handler), "请带潜水泵")
    assert rows(handler, "mine") == [(case.number, "专业部门经办人 11-18 10:00 交办：请带潜水泵")]
    assert rows(handler, "todo") == [(case.number, "分办：专业部门经办人")]
    assert town.part(case).agency == town.water


def test_a_crew_has_a_name_only_and_a_new_hand_ends_the_one_before(town: Town, case: Case) -> None:
    hand(town, case, Target(name="二班"))
    assert rows(town.people["handler"], "mine") == []
    hand(town, case, Target(name="三班"))
    hand(town, case, Target())
    assert sorted(Delegation.objects.values_list("to_name", "ended_at")) == [("三班", LATER), ("二班", LATER)]


def test_a_lower_agency_reads_and_answers_what_was_handed_down_to_it(town: Town, case: Case, depot: Agency) -> None:
    worker = User.objects.get(username="depot")
    assert not Case.objects.visible_to(worker).exists()
    hand(town, case, Target(agency=depot))
    worker = fresh(worker)
    assert rows(worker, "mine")[0][0] == case.number
    case.refresh_from_db()
    assert "handled" in open_actions(case, worker)
    town.people["depot"] = worker
    handling.handled(case, town.doing(case, "depot", LATER, "已换"), part=town.part(case), photos=[town.photo()])
    part = town.part(case)
    assert (part.agency, part.stage) == (town.water, "replied")
    assert case.steps.latest("version").agency == depot


def test_taken_back_the_lower_agency_no_longer_sees_it(town: Town, case: Case, depot: Agency) -> None:
    hand(town, case, Target(agency=depot))
    hand(town, case, Target())
    worker = User.objects.get(username="depot")
    assert not Case.objects.visible_to(worker).exists()
    assert rows(worker, "todo") == []


@pytest.mark.parametrize("what", ["office", "stranger"])
def test_nothing_is_handed_outside_the_house(town: Town, case: Case, what: str) -> None:
    to = Target(agency=town.office) if what == "office" else Target(user=town.people["dispatcher"])
    with pytest.raises(NotOursError):
        hand(town, case, to)
    assert not Delegation.objects.exists()


def test_a_part_that_was_answered_is_handed_to_nobody(town: Town) -> None:
    case = town.to_state("reply_review")
    with pytest.raises(NotOursError):
        hand(town, case, Target(name="二班"))


def test_the_same_press_twice_hands_on_once(town: Town, case: Case) -> None:
    key, by = uuid.uuid4(), town.people["handler"]
    for _number in range(2):
        delegate(case, Target(name="二班"), by=by, at=LATER, operation=key)
    assert Delegation.objects.count() == 1


def test_the_case_page_hands_on_and_shows_the_line_of_hands(
    town: Town, case: Case, depot: Agency, login: Login
) -> None:
    client, url = login("handler"), reverse("desks:delegate", args=[case.number])
    form = {"operation": str(uuid.uuid4()), "to": f"agency:{depot.pk}", "note": "请立即去 13900000001"}
    page = client.post(url, form, follow=True).content.decode()
    assert "已交给抢修班" in page
    assert "自来水公司 → 抢修班" in page
    assert "13900000001" not in page
    both = form | {"operation": str(uuid.uuid4()), "crew": "二班"}
    answer = client.post(url, both)
    assert answer.status_code == 422
    assert "只能交给一处" in answer.content.decode()
    assert (
        client.post(url, form | {"to": f"agency:{town.office.pk}", "operation": str(uuid.uuid4())}).status_code == 422
    )
    assert Delegation.objects.count() == 1


def tell(town: Town, case: Case, role: str, text: str) -> TalkLine:
    return say(case, town.part(case), text, by=fresh(town.people[role]), at=LATER, operation=uuid.uuid4())


def test_a_message_is_unread_until_the_other_side_opens_the_case(town: Town, case: Case, login: Login) -> None:
    line = tell(town, case, "dispatcher", "请先到现场，电话 13900000001")
    handler = town.people["handler"]
    ((number, note),) = rows(handler, "talk")
    assert number == case.number
    assert note.startswith("11-18 10:00 派遣员：请先到现场")
    inbox = login("handler").get(reverse("desks:agency"), {"tab": "talk"}).content.decode()
    assert "13900000001" not in inbox
    assert "139****0001" in inbox
    page = login("handler").get(reverse("desks:case", args=[case.number])).content.decode()
    assert "新消息" in page
    assert "13900000001" not in page
    line.refresh_from_db()
    assert line.read_by == handler
    assert rows(handler, "talk") == []


def test_an_answer_of_the_agency_waits_at_the_centre(town: Town, case: Case, login: Login) -> None:
    client = login("handler")
    form = {"part": town.part(case).pk, "operation": str(uuid.uuid4()), "text": "已在路上"}
    client.post(reverse("desks:say", args=[case.number]), form)
    client.post(reverse("desks:say", args=[case.number]), form)
    line = TalkLine.objects.get()
    assert not line.from_centre
    for page, tab in (("talk", "unread"), ("lead", "unread")):
        assert "已在路上" in login("shift_lead").get(reverse(f"desks:{page}"), {"tab": tab}).content.decode()
    login("operator").get(reverse("desks:case", args=[case.number]))
    line.refresh_from_db()
    assert line.read_at is None  # an operator's look is no answer
    login("dispatcher").get(reverse("desks:case", args=[case.number]))
    line.refresh_from_db()
    assert line.read_by == town.people["dispatcher"]


def test_another_agency_of_the_case_reads_nothing_of_it(town: Town) -> None:
    case = town.to_state("to_dispatch")
    to = [handling.Assignment(town.water, None), handling.Assignment(town.office, None)]
    handling.dispatch_case(case, town.doing(case, "dispatcher", LATER), to=to)
    other = User.objects.create_user("office", password="town-password")
    RoleGrant.objects.create(user=other, role="handler", agency=town.office)
    case = Case.objects.get(pk=case.pk)
    water = case.parts.get(agency=town.water)
    say(case, water, "只给水务", by=town.people["dispatcher"], at=LATER, operation=uuid.uuid4())
    client = Client()
    client.force_login(other)
    assert "只给水务" not in client.get(reverse("desks:case", args=[case.number])).content.decode()
    form = {"part": water.pk, "operation": str(uuid.uuid4()), "text": "插话"}
    assert client.post(reverse("desks:say", args=[case.number]), form).status_code == 404


def test_an_empty_message_is_not_sent(town: Town, case: Case, login: Login) -> None:
    form = {"part": town.part(case).pk, "operation": str(uuid.uuid4()), "text": "  "}
    assert login("handler").post(reverse("desks:say", args=[case.number]), form).status_code == 422
    assert not TalkLine.objects.exists()


def test_words_of_both_go_after_the_years(town: Town, case: Case) -> None:
    hand(town, case, Target(name="二班"), "找王女士 13900000001")
    tell(town, case, "dispatcher", "王女士家 13900000001")
    town.to_state("closed", Case.objects.get(pk=case.pk), LATER)
    anonymise(NOW + timedelta(days=5 * 366))
    assert Delegation.objects.get().note == TalkLine.objects.get().text == "（已匿名）"


def test_the_inbox_has_what_was_asked_for_and_the_lead_has_petitions_pushes_and_hard_cases(
    town: Town, case: Case, login: Login
) -> None:
    town.petition(case, "extension", "handler", LATER, amount=1, unit="work_hour")
    assert case.number in login("handler").get(reverse("desks:agency"), {"tab": "asked"}).content.decode()
    Case.objects.filter(pk=case.pk).update(hard=True)
    page = login("shift_lead").get(reverse("desks:lead"), {"tab": "hard"}).content.decode()
    assert case.number in page
    for tab in ("decide", "open", "answered", "to_file", "to_close"):
        assert f'href="?tab={tab}"' in page


def test_lists_and_counts_take_as_many_queries_for_many(town: Town, login: Login) -> None:
    from tests.desks.test_desklists import copies

    client, counted = login("handler"), []
    model = town.to_state("handling")
    for wanted in (2, 20):
        copies(model, wanted)
        for case in Case.objects.filter(parts__delegations=None):
            hand(town, case, Target(name="二班"))
            tell(town, case, "dispatcher", "请快")
        with CaptureQueriesContext(connection) as queries:
            for tab in ("todo", "talk"):
                assert client.get(reverse("desks:agency"), {"tab": tab}).content.decode().count('class="row"') == wanted
        counted.append(len(queries))
    assert counted[0] == counted[1]


NUMBERS = {"phone": "1", "night_phone": "2", "holiday_phone": "3"}


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        (datetime(2026, 11, 18, 1, 0, tzinfo=UTC), Hours.DAY),  # Wednesday 09:00
        (datetime(2026, 11, 18, 5, 0, tzinfo=UTC), Hours.DAY),  # 13:00, at noon somebody answers too
        (datetime(2026, 11, 18, 10, 0, tzinfo=UTC), Hours.NIGHT),  # 18:00 sharp
        (datetime(2026, 11, 17, 23, 59, tzinfo=UTC), Hours.NIGHT),  # 07:59
        (datetime(2026, 11, 21, 3, 0, tzinfo=UTC), Hours.HOLIDAY),  # Saturday
    ],
)
def test_the_hour_decides_which_telephone_counts(town: Town, moment: datetime, hours: Hours) -> None:
    work = town.calendar.as_work_calendar()
    assert hours_of(work, moment) == hours
    number = {Hours.DAY: "1", Hours.NIGHT: "2", Hours.HOLIDAY: "3"}[hours]
    assert phone_of(Agency(**NUMBERS), hours).number == number


def test_a_holiday_of_the_calendar_counts_and_a_missing_number_is_stood_in_for(town: Town) -> None:
    town.calendar.days.create(day=date(2026, 11, 18), works=False)
    Calendar.objects.update(version=2)
    work = Calendar.objects.get().as_work_calendar()
    assert hours_of(work, NOW) == Hours.HOLIDAY
    only = phone_of(Agency(phone="1"), Hours.HOLIDAY)
    assert (only.number, only.hours, only.words) == ("1", Hours.DAY, "工作电话 1（未登记节假日电话）")
    assert phone_of(Agency(), Hours.NIGHT).words == "没有登记值班电话"


def test_the_centre_sees_the_telephone_of_the_hour_where_it_calls_and_dispatches(
    town: Town, case: Case, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    Agency.objects.filter(pk=town.water.pk).update(**{name: f"000{number}" for name, number in NUMBERS.items()})
    Case.objects.update(urgent=True)
    night: Any = Hours.NIGHT
    for module in ("desks.unitwork", "desks.noticeforms", "desks.stepforms"):
        monkeypatch.setattr(f"{module}.now_of", lambda at: night)
    page = login("dispatcher").get(reverse("desks:case", args=[case.number])).content.decode()
    assert 'href="tel:0002"' in page
    assert 'name="number" value="0002"' in page
    waiting = town.to_state("to_dispatch")
    page = login("dispatcher").get(reverse("desks:case", args=[waiting.number])).content.decode()
    assert "夜间值班电话 0002" in page
