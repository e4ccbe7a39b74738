"""Every page × every role × every method × somebody else's object, against the one permission table."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from dispatch.models import (
    Article,
    Case,
    Document,
    FieldTask,
    Handover,
    Household,
    InboundMail,
    LiveQuestion,
    LiveSession,
    Meeting,
    MeetingItem,
    MeetingTask,
    OrderFile,
    OrderRow,
    TextMessage,
    Undertaking,
    UpperChange,
)
from gridmap.models import Confirmation, Import
from inspectors.models import DutyZone, PossibleMiss, Spot
from inspectors.models import Shift as DutyShift
from people.models import Agency, RoleGrant, SavedFilter, User
from people.permissions import ALLOWED, Role, may
from people.screens import make_screen
from scorecards.models import Bulletin
from tests.town import Town, at

METHODS = ("GET", "POST", "PUT", "DELETE")
# the admin is Django's own; who may enter is tested below
OTHERS_PAGES = ("admin/",)
# a stream and a script cannot show a login page: they are told in a status
STREAMS = ("events/", "field/operations/", "field/photos/<str:digest>/", "field/pack/")


class Page(NamedTuple):
    route: str
    view: Any

    @property
    def permissions(self) -> dict[str, str] | None:
        return getattr(self.view, "permissions", None)


def pages(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[Page]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if route not in OTHERS_PAGES:
                yield from pages(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield Page(route, pattern.callback)


PAGES = list(pages())


def test_every_page_says_who_may_open_it() -> None:
    silent = [page.route for page in PAGES if page.permissions is None]
    assert not silent
    assert len(PAGES) > 15


def test_every_permission_of_the_table_is_used() -> None:
    from dispatch.transitions import EDGES

    used = {name for page in PAGES for name in (page.permissions or {}).values()}
    used |= {edge.permission for edge in EDGES}
    used |= {"data"}  # the door of the admin, which is no page of ours: see below
    assert set(ALLOWED) - used == set()


def fill(route: str, values: dict[str, Any]) -> str:
    """The path of a route with its parameters filled in by name."""
    import re

    def value(match: "re.Match[str]") -> str:
        return str(values[match.group(1)])

    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", value, route)


def ask(client: Client, method: str, path: str) -> int:
    """The status of an empty form; a file that is answered is read to its end, which closes it."""
    response = client.generic(method, path, content_type="application/x-www-form-urlencoded")
    if response.streaming:
        b"".join(response)
    return response.status_code


def paper(case: Case) -> Document:
    """A paper of a case, handed in as a picture."""
    photo = case.attachments.all()[0].evidence
    step, day = case.steps.all()[0], date(2026, 1, 5)
    return Document.objects.create(case=case, step=step, kind="agreement", dated_on=day, evidence=photo)


def meeting(town: Town, case: Case) -> dict[str, int]:
    """A meeting with the case on its agenda, and a task."""
    made = town.people["leader"]
    held = Meeting.objects.create(held_on=date(2026, 1, 8), chair="书记", attendees="班子成员", made_by=made)
    item = MeetingItem.objects.create(meeting=held, case=case)
    task = MeetingTask.objects.create(item=item, what="请物业修复", who="张三", due_on=date(2026, 1, 15))
    return {"meeting_id": held.pk, "item_id": item.pk, "meeting_task_id": task.pk}


def duty_shift(town: Town) -> DutyShift:
    """A day of the inspector in a zone."""
    zone, now = DutyZone.objects.get_or_create(name="甲区")[0], timezone.now()
    who, until = town.people["inspector"], now + timedelta(hours=8)
    return DutyShift.objects.create(inspector=who, zone=zone, starts_at=now, ends_at=until)


def undertaking(town: Town) -> Undertaking:
    """A key issue of the water company."""
    made, now = town.people["manager"], timezone.now()
    found = Undertaking.objects.create(
        kind="issue",
        title="管网渗漏",
        why="反复投诉",
        begins_on=now.date(),
        made_by=made,
        made_at=now,
        operation=uuid4(),
    )
    found.units.create(agency=town.water)
    return found


def live(town: Town) -> dict[str, int]:
    """A live programme with one question."""
    now, made = timezone.now(), town.people["operator"]
    session = LiveSession.objects.create(
        title="政风行风热线", starts_at=now, host="主持人", channel=town.channel, made_by=made, operation=uuid4()
    )
    asked = LiveQuestion.objects.create(session=session, text="何时通气", asked_at=now, by=made, operation=uuid4())
    return {"session_id": session.pk, "question_id": asked.pk}


def objects(town: Town) -> dict[str, Any]:
    """One object for each kind of parameter: a case in 甲社区, with the water company, at the town's inspector."""
    now = timezone.now()
    case = town.to_state("checking", when=now - timedelta(days=1))
    task = FieldTask.objects.open().get(case=case)
    file = OrderFile.objects.create(channel=town.channel, name="a.csv", uploaded_at=now, stage=OrderFile.Stage.DONE)
    return {
        "number": case.number,
        "action": "close",
        "task_id": task.pk,
        "shift_id": duty_shift(town).pk,
        "pk": case.pk,
        "calendar_id": town.calendar.pk,
        "condition_id": town.missing.pk,
        "rule_number": town.rules["cover"].number,
        "article_id": Article.objects.create(
            title="物业费", body="按公示标准", policy="收费办法", valid_from=date(2024, 1, 1), written_at=now
        ).pk,
        **meeting(town, case),
        "undertaking_id": undertaking(town).pk,
        "what": "entry",
        **live(town),
        "mail_id": InboundMail.objects.create(
            message_id="<a@b>", sender="water@example.org", received_at=now, fetched_at=now, case=case
        ).pk,
        "bulletin_id": Bulletin.objects.create(
            year=2026,
            number=1,
            running=1,
            issuer="中心",
            first=date(2026, 1, 1),
            last=date(2026, 3, 31),
            made_by=town.people["manager"],
            made_at=now,
        ).pk,
        "act_kind": "accept",
        "filter_id": SavedFilter.objects.create(user=town.people["dispatcher"], name="急", query="?urgent=1").pk,
        "bulk_step": "hand",
        "layer_name": "zones",
        "datum": "gcj02",
        "call_id": case.reports.all()[0].call_id,
        "person_id": case.reports.all()[0].person_id,
        "text_id": TextMessage.objects.create(
            step=case.steps.all()[0], agency=town.water, number="1", words="新派案件", made_at=now, next_try=now
        ).pk,
        "household_id": Household.objects.create(
            agency=town.water, community=town.communities[0], address="3号楼101", head="赵奶奶"
        ).pk,
        "document_id": paper(case).pk,
        "file_id": file.pk,
        "row_id": OrderRow.objects.create(file=file, number=1, state="rejected", reason="no_words").pk,
        "channel_key": town.channel.key,
        "place": "intake",
        "change_id": UpperChange.objects.create(
            system="省平台", wish="加字段", asked_by=town.people["shift_lead"], asked_at=now, operation=uuid.uuid4()
        ).pk,
        "profile_name": "small_team",
        "sha256": case.attachments.all()[0].evidence.sha256,
        "digest": "0" * 64,
        "z": 15,
        "x": 1,
        "y": 1,
        "component_code": town.component.code,
        "code": town.water.code,
        "agency_code": town.water.code,
        "post": "dispatcher",
        "username": town.people["dispatcher"].username,
        "figure": "dispatched",
        "count": "sent",
        "layout_id": town.cells[0].layout_id,
        "step": "check",
        "layer": "base",
        "import_id": Import.objects.create(layer="places", source="a.csv", datum="wgs84", started_at=now).pk,
        "confirmation_id": Confirmation.objects.create(
            key="|西仓路|14|", address="西仓路14号", point=at(80, 60), how="sender", at=now, reference=case.number
        ).pk,
        "handover_id": Handover.objects.create(
            day=now.date(), shift="早班", by=town.people["dispatcher"], written_at=now, operation=uuid4()
        ).pk,
        "screen_id": make_screen(name="大厅", language="en", by=town.people["admin"], at=now)[0].pk,
        "miss_id": PossibleMiss.objects.create(
            case=case,
            report=case.reports.all()[0],
            cell_code=town.cells[0].code,
            zone=DutyZone.objects.get_or_create(name="甲区")[0],
            inspector=town.people["inspector"],
            reported_at=now,
        ).pk,
        "spot_id": Spot.objects.create(
            campaign=undertaking(town), component=town.component, community=town.communities[0], point=at(50, 50)
        ).pk,
        "duty_kind": "clock_in",
        "case": case,
    }


@pytest.fixture
def values(town: Town) -> dict[str, Any]:
    return objects(town)


@pytest.mark.parametrize("page", [p for p in PAGES if p.permissions], ids=lambda p: p.route)
def test_roles_and_methods_are_those_of_the_table(page: Page, town: Town, values: dict[str, Any]) -> None:
    path = fill(page.route, values)
    client = Client()
    for method in METHODS:
        response = client.generic(method, path)
        if page.route in STREAMS:
            assert response.status_code == 401
        else:
            assert response.status_code == 302, (method, response.status_code)
            assert response["Location"].startswith("/login/")
    for role, user in town.people.items():
        client = Client()
        client.force_login(user)
        for method in METHODS:
            permission = (page.permissions or {}).get(method)
            status = ask(client, method, path)
            expected = f"{role} {method} {path}: {status}"
            if permission is None:
                assert status == 405, expected
            elif not may({Role(role)}, permission):
                assert status == 403, expected
            else:
                assert status not in (405, 500), expected
                if "<" not in page.route:
                    assert status != 403, expected


def strangers(town: Town) -> Iterator[User]:
    """For every role somebody whose area or agency is another one."""
    other = Agency.objects.create(code="gas", name="燃气公司")
    elsewhere = town.communities[1].code
    for role in Role:
        user = User.objects.create_user(f"other_{role}", password="town-password", full_name="外人")
        RoleGrant.objects.create(
            user=user,
            role=role,
            agency=other if role == Role.HANDLER else None,
            area_code="" if role == Role.HANDLER else elsewhere,
        )
        yield user


OBJECT_PARAMETERS = (
    "<str:number>",
    "<int:task_id>",
    "<int:pk>",
    "sha256>",
    "<int:document_id>",
    "<int:item_id>",
    "<int:meeting_task_id>",
    "<int:household_id>",
    "<int:mail_id>",
)


@pytest.mark.parametrize(
    "page",
    [p for p in PAGES if p.permissions and any(x in p.route for x in OBJECT_PARAMETERS)],
    ids=lambda p: p.route,
)
def test_somebody_elses_object_is_not_there(page: Page, town: Town, values: dict[str, Any]) -> None:
    path = fill(page.route, values)
    before = Case.objects.get(pk=values["case"].pk).version
    for user in strangers(town):
        client = Client()
        client.force_login(user)
        for method in page.permissions or {}:
            status = ask(client, method, path)
            assert status in (403, 404), f"{user} {method} {path}: {status}"
    assert Case.objects.get(pk=values["case"].pk).version == before


def test_only_data_managers_and_admins_enter_the_admin(town: Town) -> None:
    for role, user in town.people.items():
        client = Client()
        client.force_login(user)
        entered = client.get("/admin/").status_code == 200
        assert entered == (role in (Role.ADMIN, Role.DATA_MANAGER)), role


def test_a_grant_that_has_ended_opens_nothing(town: Town) -> None:
    user = town.people["operator"]
    user.grants.update(valid_to=timezone.localdate() - timedelta(days=1))
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    assert client.get("/intake/").status_code == 403
