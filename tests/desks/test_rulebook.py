"""Rules of work: versions by two people, shown where people work, never read to a caller; changes asked above."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dispatch import knowledge
from dispatch.models import Article, UpperChange
from tests.town import NOW, Town

Login = Callable[[str], Client]
TODAY = NOW.date()


def rule(town: Town, title: str = "接听公众来电", place: str = "intake", **more: Any) -> Article:
    values = {"body": "先问清在哪里", "valid_from": date(2024, 1, 1), "shown_at": place} | more
    written = knowledge.write(Article(title=title, **values), by=town.people["operator"], at=NOW)
    return knowledge.publish(written, by=town.people["shift_lead"], at=NOW)


def test_a_rule_is_shown_where_its_people_work(town: Town, login: Login) -> None:
    rule(town)
    rule(town, "回访三次", "callbacks")
    page = login("operator").get("/rulebook/at/intake/").content.decode()
    assert "接听公众来电" in page
    assert "回访三次" not in page
    whole = login("handler").get("/rulebook/").content.decode()
    assert "接听公众来电" in whole
    assert "回访三次" in whole
    assert login("operator").get("/rulebook/at/nowhere/").status_code == 404


@pytest.mark.parametrize(
    ("role", "path", "place"),
    [
        ("operator", "/intake/", "intake"),
        ("operator", "/callbacks/", "callbacks"),
        ("shift_lead", "/lead/", "lead"),
        ("handler", "/agency/", "agency"),
    ],
)
def test_the_pages_of_work_have_a_fold_for_it(login: Login, role: str, path: str, place: str) -> None:
    page = login(role).get(path).content.decode()
    assert f'hx-get="{reverse("desks:rules_at_work", args=[place])}"' in page


def test_a_page_without_rules_of_its_own_has_no_fold(login: Login) -> None:
    assert "/rulebook/at/" not in login("shift_lead").get("/petitions/").content.decode()


def test_the_case_page_has_the_rules_of_its_stage(town: Town, login: Login) -> None:
    case = town.to_state("to_dispatch")
    assert "/rulebook/at/dispatch/" in login("dispatcher").get(f"/cases/{case.number}/").content.decode()
    case = town.to_state("handling", case)
    assert "/rulebook/at/agency/" in login("handler").get(f"/cases/{case.number}/").content.decode()


def test_a_rule_is_no_answer_for_a_caller(town: Town) -> None:
    rule(town, "物业费怎么答", body="小区物业费多少钱", words=["物业费"])
    assert knowledge.matching("我想问小区物业费多少钱", TODAY) == []


def test_a_new_version_shows_what_has_changed(town: Town, login: Login) -> None:
    old = rule(town, body="先问清在哪里\n再派监督员")
    fields = {
        "title": old.title,
        "shown_at": "intake",
        "body": "先问清在哪里\n十分钟内派监督员",
        "valid_from": "2026-01-01",
    }
    login("operator").post(reverse("desks:edit_article", args=[old.pk]), fields)
    new = Article.objects.get(version=2)
    login("shift_lead").post(reverse("desks:publish_article", args=[new.pk]))
    page = login("operator").get(reverse("desks:article", args=[new.pk])).content.decode()
    assert "<del>再派监督员</del>" in page
    assert "<ins>十分钟内派监督员</ins>" in page
    shown = login("operator").get("/rulebook/at/intake/").content.decode()
    assert "十分钟内派监督员" in shown
    assert "再派监督员" not in shown.replace("十分钟内派监督员", "")


def test_an_answer_needs_its_policy_and_a_rule_does_not(town: Town, login: Login) -> None:
    fields = {"title": "新", "body": "文", "valid_from": "2026-01-01"}
    client = login("operator")
    refused = client.post(reverse("desks:new_article"), fields)
    assert refused.status_code == 422
    assert "答复口径须写明依据文件" in refused.content.decode()
    client.post(reverse("desks:new_article"), fields | {"shown_at": "lead"})
    assert Article.objects.get().shown_at == "lead"


def test_the_rulebook_takes_as_many_queries_for_twenty_rules_as_for_two(town: Town, login: Login) -> None:
    from django.db import connection

    client = login("operator")
    counts = []
    for number in (2, 20):
        for index in range(number):
            rule(town, f"规程{number}-{index}")
        with CaptureQueriesContext(connection) as asked:
            client.get("/rulebook/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_change_is_asked_of_the_system_above_once_and_answered(town: Town, login: Login) -> None:
    client, operation = login("shift_lead"), str(uuid4())
    wish = {"system": "省12345平台", "wish": "回访字段加“联系方式”", "reason": "P2.13", "operation": operation}
    for _ in range(2):
        client.post("/rulebook/changes/", wish)
    asked = UpperChange.objects.get()
    assert (asked.state, asked.asked_by) == ("asked", town.people["shift_lead"])
    path = f"/rulebook/changes/{asked.pk}/"
    assert client.post(path, {"state": "asked", "answer": "等待"}).status_code == 422
    client.post(path, {"state": "done", "answer": "已加"})
    asked.refresh_from_db()
    assert (asked.state, asked.answer, asked.answered_by) == ("done", "已加", town.people["shift_lead"])
    assert "已加" in login("leader").get("/rulebook/changes/").content.decode()
    assert login("operator").get("/rulebook/changes/").status_code == 403
    assert login("dispatcher").post("/rulebook/changes/", wish).status_code == 403


def test_a_change_without_words_is_told_beside_its_field(login: Login) -> None:
    answer = login("shift_lead").post("/rulebook/changes/", {"system": "省平台", "wish": "", "operation": str(uuid4())})
    assert answer.status_code == 422
    assert 'value="省平台"' in answer.content.decode()
    assert not UpperChange.objects.exists()
