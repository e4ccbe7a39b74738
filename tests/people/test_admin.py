"""The admin: who may change what, what stays as it is, and that every change says from what to what."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import ProgrammingError, transaction
from django.test import Client, RequestFactory
from django.utils import timezone

from dispatch.models import CalendarDay, Channel, Condition
from dispatch.retention import WORDS
from gridmap.models import Category, Dictionary
from inspectors.models import DutyZone
from people.models import Agency, Change, RoleGrant, User
from tests.town import NOW, Town

Login = Callable[[str], Client]


def form_of(client: Client, path: str) -> dict[str, Any]:
    """What a page of the admin would send back untouched, its inner rows too."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    shown = answer.context["adminform"].form
    sent = {name: shown[name].value() for name in shown.fields if not shown.fields[name].disabled}
    for inner in answer.context["inline_admin_formsets"]:
        for form in [inner.formset.management_form, *inner.formset.initial_forms]:
            sent |= {form.add_prefix(name): form[name].value() for name in form.fields}
    for name, field in shown.fields.items():
        if hasattr(field.widget, "map_srid"):
            text = answer.content.decode().split(f'name="{name}" hidden>')[1].split("</textarea>")[0]
            sent[name] = text.replace("&quot;", '"')
    return {name: value for name, value in sent.items() if value is not None and value is not False}


def changed(path: str, client: Client, **fields: Any) -> None:
    sent = form_of(client, path) | fields
    sent = {name: ",".join(v) if name == "words" and isinstance(v, list) else v for name, v in sent.items()}
    answer = client.post(path, sent)
    problems = answer.context["adminform"].form.errors if answer.context else ""
    assert answer.status_code == 302, problems


def last() -> tuple[str, list[tuple[str, str, str]]]:
    row = Change.objects.latest("pk")
    return row.what, [(field["field"], field["old"], field["new"]) for field in row.fields]


def test_a_change_says_who_which_field_from_what_to_what(login: Login, town: Town) -> None:
    changed(f"/admin/people/agency/{town.water.pk}/change/", login("admin"), head="王五", phone="88012319")
    assert last() == ("changed", [("head", "张三", "王五"), ("phone", "", "88012319")])
    row = Change.objects.get()
    assert (row.by, row.kind, row.key, row.name) == (
        town.people["admin"],
        "people.agency",
        str(town.water.pk),
        "自来水公司",
    )


def test_saving_without_a_change_logs_nothing_and_moves_no_shape(login: Login, town: Town) -> None:
    area = town.communities[0]
    before = area.geom.ewkt
    changed(f"/admin/gridmap/area/{area.pk}/change/", login("data_manager"))
    area.refresh_from_db()
    assert area.geom.ewkt == before
    assert not Change.objects.exists()


def test_a_new_shape_is_stored_in_metres_and_logged(login: Login, town: Town) -> None:
    area, other = town.communities
    client = login("data_manager")
    sent = form_of(client, f"/admin/gridmap/area/{other.pk}/change/")["geom"]
    changed(f"/admin/gridmap/area/{area.pk}/change/", client, geom=sent)
    area.refresh_from_db()
    assert area.geom.srid == other.geom.srid
    assert area.geom.equals_exact(other.geom, 0.001)
    what, fields = last()
    assert (what, [field for field, _old, _new in fields]) == ("changed", ["geom"])


@pytest.mark.parametrize("text", ["", "nonsense", '{"type": "Point", "coordinates": [120, 32]}'])
def test_what_is_no_area_is_refused(login: Login, town: Town, text: str) -> None:
    path = f"/admin/gridmap/area/{town.communities[0].pk}/change/"
    client = login("data_manager")
    answer = client.post(path, form_of(client, path) | {"geom": text})
    assert answer.context["adminform"].form.errors["geom"]


def test_many_communities_and_rows_within_a_page_are_logged_too(login: Login, town: Town) -> None:
    zone = DutyZone.objects.create(name="东片")
    zone.communities.set(town.communities[:1])
    pks = [area.pk for area in town.communities]
    changed(f"/admin/inspectors/dutyzone/{zone.pk}/change/", login("admin"), communities=pks)
    assert last() == ("changed", [("communities", "甲社区", "乙社区、甲社区")])
    user = town.people["operator"]
    path = f"/admin/people/user/{user.pk}/change/"
    client = login("admin")
    sent = form_of(client, path)
    changed(path, client, **{"grants-0-valid_to": "2027-01-31"}, **{k: v for k, v in sent.items() if "DATE" in k})
    row = Change.objects.latest("pk")
    assert (row.kind, last()) == ("people.rolegrant", ("changed", [("valid_to", "", "2027-01-31")]))


def test_a_new_password_is_logged_without_being_told(login: Login, town: Town) -> None:
    user = town.people["operator"]
    login("admin").post(
        f"/admin/people/user/{user.pk}/password/",
        {"usable_password": "true", "password1": "another-town-word", "password2": "another-town-word"},
    )
    assert User.objects.get(pk=user.pk).check_password("another-town-word")
    what, ((field, old, new),) = last()
    assert (what, field) == ("changed", "password")
    assert old == new == "••••••"


def test_nobody_changes_or_deletes_what_was_logged(login: Login, town: Town) -> None:
    changed(f"/admin/people/agency/{town.water.pk}/change/", login("admin"), head="王五")
    for write in (lambda: Change.objects.update(name="x"), lambda: Change.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            write()
    assert Change.objects.count() == 1


def test_a_change_on_our_own_pages_is_logged(login: Login, town: Town) -> None:
    client = login("admin")
    kept = {"name": "市长热线", "kind": "hotline", "default_type": "complaint", "public": "on"}
    assert client.post(f"/channels/{town.channel.key}/", kept).status_code == 302
    assert last() == ("changed", [("name", "热线", "市长热线")])
    today = timezone.localdate()
    end = {"known_version": 1, "begins": f"{today:%Y-%m-%d}", "reason": "不再需要", "confirm": "1"}
    assert client.post("/rules/of/R002/end/", end).status_code == 302
    assert last() == ("ended", [("valid_to", "", f"{today - timedelta(days=1)}")])
    assert Change.objects.latest("pk").reason == "不再需要"
    day = {
        "do": "day",
        "version": 1,
        "day": "2026-12-31",
        "hours": "off",
        "name": "年末",
        "why": "通知",
        "confirm": "1",
    }
    assert client.post(f"/calendars/{town.calendar.pk}/", day).status_code == 302
    assert CalendarDay.objects.get().name == "年末"
    assert last()[1][0] == ("days", "", "2026-12-31 - 年末")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("gridmap/category/{cover}", {"code": "09-09", "name": "别的"}),
        ("dispatch/condition/{missing}", {"text": "别的", "limit_amount": "99"}),
        ("people/rolegrant/{grant}", {"role": "admin", "valid_from": "2030-01-01"}),
        ("people/agency/{water}", {"code": "x", "parent": "{office}"}),
        ("gridmap/area/{area}", {"code": "x", "level": "city"}),
    ],
)
def test_what_history_depends_on_stays_whatever_is_sent(
    login: Login, town: Town, path: str, fields: dict[str, str]
) -> None:
    grant = RoleGrant.objects.get(user=town.people["operator"])
    rows = {
        "cover": town.cover,
        "missing": town.missing,
        "grant": grant,
        "water": town.water,
        "area": town.communities[0],
    }
    keys = {name: row.pk for name, row in rows.items()} | {"office": town.office.pk}
    row = next(row for name, row in rows.items() if f"{{{name}}}" in path)
    changed(f"/admin/{path.format(**keys)}/change/", login("admin"), **{k: v.format(**keys) for k, v in fields.items()})
    before = {name: getattr(row, name) for name in fields}
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in fields} == before
    assert login("admin").get(f"/admin/{path.format(**keys)}/delete/").status_code == 403


def test_an_edition_that_has_not_begun_may_still_be_worded(login: Login, town: Town) -> None:
    later = Dictionary.objects.create(kind="urban", edition="明年版", valid_from=date(2099, 1, 1))
    major = Category.objects.create(dictionary=later, kind="event", code="01", name="市容环境")
    changed(f"/admin/gridmap/category/{major.pk}/change/", login("data_manager"), name="市容")
    assert last() == ("changed", [("name", "市容环境", "市容")])


def test_no_log_and_nobodys_personal_data_can_be_edited(town: Town) -> None:
    request = RequestFactory().get("/admin/")
    request.user = town.people["admin"]
    registered = admin.site._registry
    for model, page in registered.items():
        if getattr(model, "append_only", False) or model.__name__ in ("Import", "Scorecard", "Change"):
            rights = (
                page.has_add_permission(request),
                page.has_change_permission(request),
                page.has_delete_permission(request),
            )
            assert rights == (False, False, False), model
    personal = {model for (model, _case), _fields in WORDS.items()}
    named = {
        "Person",
        "Household",
        "HouseholdCare",
        "HouseholdVisit",
        "Call",
        "Case",
        "Contact",
        "Callback",
        "Diversion",
    }
    assert not {model.__name__ for model in registered if model in personal or model.__name__ in named}


def test_data_managers_reach_the_citys_data_but_not_people(login: Login, town: Town) -> None:
    client = login("data_manager")
    assert client.get("/admin/gridmap/area/").status_code == 200
    for path in (
        "people/user/",
        "people/agency/",
        "people/rolegrant/",
        f"people/user/{town.people['admin'].pk}/change/",
    ):
        assert client.get(f"/admin/{path}").status_code == 403, path
    for role in ("operator", "shift_lead", "dispatcher", "handler", "leader", "manager", "inspector"):
        assert login(role).get("/admin/gridmap/area/").status_code == 302, role


LISTS = (
    "people/agency", "people/user", "people/rolegrant", "gridmap/area", "gridmap/category", "gridmap/dictionary",
    "gridmap/cell", "gridmap/component", "dispatch/condition", "dispatch/channel", "dispatch/routingrule",
    "dispatch/calendar", "inspectors/dutyzone", "inspectors/shift",
)  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_lists_search_filter_and_ask_no_question_a_row(
    login: Login, town: Town, path: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        Agency.objects.create(code=f"u{number}", name=f"单位{number}", parent=town.water, path="water/")
        user = User.objects.create_user(f"u{number}", full_name=f"人{number}")
        RoleGrant.objects.create(user=user, role="handler", agency=town.water)
        Channel.objects.create(key=f"c{number}", name=f"渠道{number}")
        Condition.objects.create(category=town.fee, number=number + 2, text="x", limit_amount=1, limit_unit="work_day")
        DutyZone.objects.create(name=f"片{number}").communities.set(town.communities)
    client = login("admin")
    with django_assert_max_num_queries(14):
        answer = client.get(f"/admin/{path}/")
    page = answer.context["cl"].model_admin
    assert page.search_fields
    assert page.list_filter or path == "people/rolegrant"
    assert client.get(f"/admin/{path}/?q=x").status_code == 200


def test_the_log_is_shown_by_object_person_and_day(login: Login, town: Town) -> None:
    client = login("admin")
    changed(f"/admin/people/agency/{town.water.pk}/change/", client, head="王五")
    changed(f"/admin/dispatch/channel/{town.channel.pk}/change/", client, name="市长热线")

    def named(**asked: Any) -> list[str]:
        return [row["change"].name for row in client.get("/changes/", asked).context["rows"]]

    assert named() == ["市长热线", "自来水公司"]
    assert named(kind="people.agency", key=town.water.pk) == ["自来水公司"]
    assert named(q="市长") == ["市长热线"]
    assert named(person=town.people["operator"].pk) == []
    assert named(day=f"{timezone.localdate():%Y-%m-%d}") == ["市长热线", "自来水公司"]
    assert named(day=f"{NOW:%Y-%m-%d}") == []
    assert [row["change"].name for row in login("data_manager").get("/changes/").context["rows"]] == ["市长热线"]
    page = login("admin").get("/changes/").content.decode()
    assert "<del>张三</del> → <ins>王五</ins>" in page
    history = login("admin").get(f"/admin/people/agency/{town.water.pk}/history/")
    assert history["Location"] == f"/changes/?kind=people.agency&key={town.water.pk}"


def test_the_log_takes_as_many_queries_for_many_changes(
    login: Login, town: Town, django_assert_num_queries: Any
) -> None:
    client = login("admin")
    for number in range(60):
        rows = {
            "by": town.people["admin"],
            "kind": "dispatch.channel",
            "key": str(number),
            "name": "甲",
            "what": "added",
        }
        Change.objects.create(made_at=NOW, **rows)
    with django_assert_num_queries(7):
        assert len(client.get("/changes/").context["rows"]) == 50
