"""回头看 and 入户遍访 in the inspector's list, and the look back on site."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Attachment, Case, Household, LookBack, Step
from inspectors.models import Phrase
from people.models import RoleGrant
from tests.inspectors.conftest import Colleague
from tests.inspectors.envelopes import operate
from tests.inspectors.test_nearby import here
from tests.town import Town, jpeg


@pytest.fixture
def closed(town: Town) -> Case:
    """A case that was reworked, closed three weeks ago, and verified by the inspector."""
    case = town.to_state("closed", when=timezone.now() - timedelta(days=21))
    Case.objects.filter(pk=case.pk).update(reworks=1, address="西仓路 12 号")
    return Case.objects.get(pk=case.pk)


def look(phone: Client, case: Case, **more: Any) -> Any:
    values = here(55) | {"rating": "good", "version": case.version, "operation": uuid.uuid4()} | more
    return operate(phone, "look_back", values | {"photos": jpeg("teal")}, case.number)


def test_a_closed_case_of_mine_that_is_due_stands_in_my_list(town: Town, closed: Case, phone: Client) -> None:
    text = phone.post("/field/", here(150)).content.decode()
    assert f"/field/revisits/{closed.number}/" in text
    assert "100 米" in text
    assert look(phone, closed).status_code == 200
    assert "revisits" not in phone.post("/field/", here(150)).content.decode()


def test_a_look_back_is_stored_once_with_its_photo(town: Town, closed: Case, phone: Client) -> None:
    operation = uuid.uuid4()
    first, again = look(phone, closed, operation=operation), look(phone, closed, operation=operation)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    row = LookBack.objects.get()
    assert (row.rating, row.method, row.staff) == ("good", "visit", town.people["inspector"])
    shot = Attachment.objects.get(phase="later")
    assert (shot.accuracy_m, Step.objects.filter(action="look_back").count()) == (12, 1)
    assert "已看过：好" in phone.get(f"/field/revisits/{closed.number}/").content.decode()


def test_a_poor_one_says_why(town: Town, closed: Case, phone: Client) -> None:
    response = look(phone, closed, rating="poor", note=" ")
    assert (response.status_code, response.json()["sentence"]) == (422, "评价为“差”时，请写明情况。")
    assert not LookBack.objects.exists()


def test_somebody_elses_closed_case_is_not_there(closed: Case, colleague: Colleague) -> None:
    other = Client()
    other.force_login(colleague("别人"))
    assert other.get(f"/field/revisits/{closed.number}/").status_code == 404
    assert look(other, closed).status_code == 404


def test_homes_of_my_area_that_wait_for_a_visit_are_counted_without_names(town: Town, phone: Client) -> None:
    for n, community in enumerate(town.communities):
        Household.objects.create(agency=town.water, community=community, address=f"{n}号楼", head="赵奶奶")
    RoleGrant.objects.filter(user=town.people["inspector"]).update(area_code=town.communities[0].code)
    text = phone.post("/field/", here(150)).content.decode()
    assert "本期待走访 1 户" in text
    assert "赵奶奶" not in text
    Household.objects.update(visited_on=timezone.localdate())
    assert "入户遍访" not in phone.post("/field/", here(150)).content.decode()


def test_own_phrases_are_added_changed_and_taken_away(town: Town, phone: Client) -> None:
    phone.post("/field/phrases/", {"new": "井盖已复位"})
    mine = Phrase.objects.get()
    assert mine.user == town.people["inspector"]
    assert "井盖已复位" in phone.get("/field/found/").content.decode()
    phone.post("/field/phrases/", {f"p{mine.pk}": "井盖已更换"})
    assert Phrase.objects.get().text == "井盖已更换"
    assert phone.post("/field/phrases/", {f"p{mine.pk}": "", "new": ""}).status_code == 302
    assert not Phrase.objects.exists()


def test_the_same_phrase_twice_is_refused_and_what_was_typed_stays(town: Town, phone: Client) -> None:
    phone.post("/field/phrases/", {"new": "井盖已复位"})
    mine = Phrase.objects.get()
    response = phone.post("/field/phrases/", {f"p{mine.pk}": "井盖已复位", "new": "井盖已复位"})
    assert response.status_code == 422
    assert response.content.decode().count('value="井盖已复位"') == 2


def test_phrases_for_everybody_stand_for_the_usual_ones(town: Town, phone: Client, colleague: Colleague) -> None:
    assert "现场未发现该问题。" in phone.get("/field/found/").content.decode()
    Phrase.objects.create(text="请环卫清扫")
    Phrase.objects.create(text="别人的话", user=colleague("别人"))
    text = phone.get("/field/found/").content.decode()
    assert "请环卫清扫" in text
    assert "现场未发现该问题。" not in text
    assert "别人的话" not in text
