"""Repeats on pages: what is said of two cases with one click, and points of repeated complaints."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desks.repeatpoints import read_points
from dispatch.models import Case, CaseLink
from tests.town import Town, at

Login = Callable[[str], Client]


def send(client: Client, case: Case, action: str, **fields: Any) -> int:
    data = {"version": case.version, "operation": str(uuid.uuid4()), **fields}
    return client.post(reverse("desks:act", args=[case.number, action]), data).status_code


def test_the_case_page_proposes_and_one_click_keeps_apart(town: Town, login: Login) -> None:
    now = timezone.now()
    earlier, later = town.report(when=now - timedelta(days=1)), town.report(when=now)
    client = login("operator")
    page = client.get(f"/cases/{later.number}/").content.decode()
    assert earlier.number in page
    assert "同一诉求人" in page
    assert send(client, later, "keep_apart", other=earlier.number) == 302
    assert CaseLink.objects.get().kind == "apart"


def test_a_suspended_case_shows_its_reason_and_date_beside_the_new_words(town: Town, login: Login) -> None:
    now = timezone.now()
    old = town.to_state("to_dispatch", when=now - timedelta(days=100))
    town.grant(old, "suspension", when=now - timedelta(days=99), note="列入拆迁计划", reason_code="demolition")
    new = town.report("井盖还是没有", when=now)
    page = login("operator").get(f"/cases/{new.number}/").content.decode()
    assert "恢复办理并并入" in page
    assert "列入拆迁计划" in page
    assert send(login("operator"), new, "merge", other=old.number) == 302
    assert Case.objects.get(pk=old.pk).state == "to_dispatch"


def test_a_number_that_is_no_case_is_told(town: Town, login: Login) -> None:
    case = town.report()
    assert send(login("operator"), case, "link", other="20000101-000001") == 422


def test_points_count_reports_not_cases(town: Town, login: Login, django_assert_max_num_queries: Any) -> None:
    now = timezone.now()
    for _ in range(2):
        town.report(when=now)
    many = town.report(point=at(150, 50), when=now)
    Case.objects.filter(pk=many.pk).update(report_count=5)
    user = town.people["operator"]
    assert [(p.reports, p.cases) for p in read_points(user, now, days=30, least=3)] == [(5, 1)]
    assert read_points(user, now, days=30, least=5)[0].cell == many.cell
    client = login("operator")
    with django_assert_max_num_queries(8):
        page = client.get("/repeats/?days=90&least=5").content.decode()
    assert many.cell is not None
    assert many.cell.code in page
    assert "?stage=all&amp;category=" in page  # a point whose cases have ended is no empty list on the console
    assert client.get("/repeats/?days=x").status_code == 200
