"""Figures of posts over cases that were played through the real actions, and who may see whose."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.actions import filing
from dispatch.models import Case, Clock, FieldTask
from people.models import RoleGrant, User
from scorecards.posts import PostCard, behind, cards, tally
from scorecards.scores import Subject
from tests.scorecards import play
from tests.scorecards.play import HOUR, NOVEMBER
from tests.town import NOW, Town

Login = Callable[[str], Client]


def counts(town: Town, post: Subject, role: str) -> dict[str, int]:
    """What one person counts, without zeros."""
    mine = tally(post, NOVEMBER).get(town.people[role].pk, {})
    return {key: number for key, number in mine.items() if number}


def ones(*keys: str) -> dict[str, int]:
    return dict.fromkeys(keys, 1)


def test_a_case_that_went_well_counts_for_everybody_on_its_way(town: Town) -> None:
    town.to_state("closed")
    assert counts(town, Subject.OPERATOR, "operator") == ones("registered", "verify_sent", "verify_sent_on_time")
    looked = ones("verify_due", "verified_on_time", "check_due", "checked_on_time")
    assert counts(town, Subject.INSPECTOR, "inspector") == looked
    assert counts(town, Subject.DISPATCHER, "dispatcher") == ones("sent", "sent_on_time", "sent_right")
    led = ones("filed", "filed_on_time", "filed_right", "ended", "ended_in_time")
    assert counts(town, Subject.SHIFT_LEAD, "shift_lead") == led


@pytest.mark.parametrize(
    ("kind", "post", "role", "gone"),
    [
        ("accept", Subject.OPERATOR, "operator", "verify_sent_on_time"),
        ("file", Subject.SHIFT_LEAD, "shift_lead", "filed_on_time"),
        ("dispatch", Subject.DISPATCHER, "dispatcher", "sent_on_time"),
        ("close", Subject.SHIFT_LEAD, "shift_lead", "ended_in_time"),
    ],
)
def test_a_clock_that_was_not_kept_counts_against_whoever_ended_its_stage(
    town: Town, kind: str, post: Subject, role: str, gone: str
) -> None:
    town.to_state("closed")
    before = counts(town, post, role)
    Clock.objects.filter(kind=kind).update(used_seconds=1e6, verdict="overdue")
    assert counts(town, post, role) == {key: number for key, number in before.items() if key != gone}


def test_a_late_answer_of_an_inspector_is_due_and_not_on_time(town: Town) -> None:
    task = FieldTask.objects.get(case=town.to_state("to_file"))
    assert task.done_at is not None
    FieldTask.objects.filter(pk=task.pk).update(due_at=task.done_at - HOUR)
    assert counts(town, Subject.INSPECTOR, "inspector") == ones("verify_due")
    FieldTask.objects.filter(pk=task.pk).update(result="cancelled")
    assert counts(town, Subject.INSPECTOR, "inspector") == {}


def test_a_returned_part_was_sent_to_the_wrong_agency(town: Town) -> None:
    play.returned(town)
    assert counts(town, Subject.DISPATCHER, "dispatcher") == ones("sent", "sent_on_time")


def test_a_void_case_was_filed_wrongly(town: Town) -> None:
    play.void(town)
    assert "filed_right" not in counts(town, Subject.SHIFT_LEAD, "shift_lead")


def test_a_direct_answer_counts_by_its_clock(town: Town) -> None:
    case = town.report()
    filing.answer(case, town.doing(case, "operator", NOW + HOUR / 60, "请拨打供水热线。"))
    assert counts(town, Subject.OPERATOR, "operator") == ones("registered", "answered", "answered_on_time")
    Clock.objects.filter(kind="accept").update(used_seconds=1e6)
    assert "answered_on_time" not in counts(town, Subject.OPERATOR, "operator")


def test_months_are_half_open(town: Town) -> None:
    town.to_state("closed")
    assert tally(Subject.DISPATCHER, NOVEMBER.next) == {}
    assert tally(Subject.DISPATCHER, NOVEMBER.previous) == {}


@pytest.mark.parametrize("post", list(Subject)[1:])
def test_every_count_lists_as_many_rows_as_it_says(town: Town, post: Subject) -> None:
    play.everything(town)
    found = tally(post, NOVEMBER)
    assert found
    for person, figures in found.items():
        for key, number in figures.items():
            if key != "findable":
                assert behind(post, key, NOVEMBER, person)[0].count() == number, key


def other(town: Town, role: str, name: str = "zhou") -> Case:
    """A closed case in which somebody else has held a role; the log is never rewritten."""
    user = User.objects.create_user(name, password="town-password", full_name=name)
    RoleGrant.objects.create(user=user, role=role)
    usual, town.people[role] = town.people[role], user
    case = town.to_state("closed")
    town.people[role] = usual
    return case


def test_places_have_a_minimum_and_ties_share_one(town: Town) -> None:
    town.to_state("closed")
    assert [card.place for card in cards(Subject.SHIFT_LEAD, NOVEMBER, least=3)] == [None]
    other(town, "shift_lead")
    both: list[PostCard] = cards(Subject.SHIFT_LEAD, NOVEMBER, least=1)
    assert [(card.place, str(card.score)) for card in both] == [(1, "100.00"), (1, "100.00")]


def page(client: Client, query: str = "") -> Any:
    return client.get(f"/scorecards/posts/?month=2026-11{query}")


def test_everybody_sees_the_own_figures_and_the_place_among_all(town: Town, login: Login) -> None:
    town.to_state("closed")
    other(town, "dispatcher")
    text = page(login("dispatcher")).content.decode()
    assert "zhou" not in text
    assert "其他人的数据只有本人" in text
    assert page(login("dispatcher"), "&post=inspector").status_code == 404
    assert page(login("handler")).status_code == 403
    for role in ("shift_lead", "manager"):
        assert "/zhou/" in page(login(role), "&post=dispatcher").content.decode()


def test_shift_leads_do_not_see_each_other(town: Town, login: Login) -> None:
    other(town, "shift_lead")
    assert "zhou" not in page(login("shift_lead"), "&post=shift_lead").content.decode()
    link = "/scorecards/posts/shift_lead/zhou/ended/?month=2026-11"
    assert login("shift_lead").get(link).status_code == 404
    assert login("manager").get(link).status_code == 200


def test_a_number_opens_its_cases(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    link = f"/scorecards/posts/dispatcher/{town.people['dispatcher'].username}/sent/?month=2026-11"
    assert link in page(login("manager"), "&post=dispatcher").content.decode()
    assert case.number in login("manager").get(link).content.decode()
    assert login("manager").get(link.replace("/sent/", "/secret/")).status_code == 404


def test_the_page_takes_as_many_statements_for_many_people(town: Town, login: Login) -> None:
    client = login("manager")
    town.to_state("closed")
    page(client, "&post=operator")
    with CaptureQueriesContext(connection) as few:
        page(client, "&post=operator")
    for n in range(5):
        other(town, "operator", f"o{n}")
    with CaptureQueriesContext(connection) as many:
        assert page(client, "&post=operator").content.decode().count("/registered/") == 6
    assert len(few) == len(many)
