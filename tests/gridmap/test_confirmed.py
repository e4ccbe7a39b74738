"""Confirmed positions in the database: what they teach, how they are taken back, and the page that shows them."""

from datetime import timedelta

import pytest

from gridmap.confirmed import SOURCE, confirm, learn_all, revoke
from gridmap.gazetteer import DatabaseGazetteer
from gridmap.geocode import Level, explain, locate
from gridmap.models import Confirmation, Place
from tests.town import NOW, at

pytestmark = pytest.mark.django_db


def told(address="西仓路14号", x=280.0, y=100.0, how="operator", reference="A1", when=NOW, by=None):
    return confirm(address, "", at(x, y), how=how, by=by, at=when, reference=reference)


def found(text="西仓路14号"):
    return locate(text, DatabaseGazetteer())


def test_a_confirmed_address_is_found_at_once_and_says_that_it_was_learned():
    assert found().level == Level.NONE
    told()
    answer = found()
    assert answer.level == Level.DOORPLATE
    assert answer.point.distance(at(280, 100)) < 1
    assert "learned" in [reason.code for reason in answer.why]
    assert explain(answer)


def test_every_spelling_of_one_address_teaches_the_same_place():
    first, second = told("西仓路14-2号"), told("西倉路十四之2號", x=284, reference="A2")
    assert first.key == second.key
    assert Place.objects.filter(source=SOURCE).count() == 1


def test_a_whole_road_or_a_long_sentence_teaches_nothing():
    assert told("西仓路") is None
    assert told("昨天晚上有人在小区的后门外面随意倾倒了很多装修的垃圾没有人管") is None
    assert not Confirmation.objects.exists()


def test_contradicting_confirmations_take_the_place_away_until_one_side_is_stronger():
    told(reference="A1")
    told(x=900, reference="A2")
    assert found().level == Level.NONE
    told(x=905, reference="A3")
    assert found().point.distance(at(903, 100)) < 10


def test_a_second_word_about_the_same_case_replaces_the_first():
    told()
    told(x=700)
    assert Confirmation.objects.count() == 1
    assert found().point.distance(at(700, 100)) < 1


def test_a_word_moved_to_another_address_leaves_the_first_one():
    told()
    told("西仓路99号")
    assert Place.objects.get(source=SOURCE).number == 99


def test_a_revoked_confirmation_teaches_no_more_and_stays_with_who_and_why(town):
    said = told()
    revoke(said, by=town.people["data_manager"], why="看错了门牌", at=NOW)
    said.refresh_from_db()
    assert (said.revoked_by, said.revoked_why) == (town.people["data_manager"], "看错了门牌")
    assert found().level == Level.NONE
    learn_all(NOW)
    assert not Place.objects.filter(source=SOURCE).exists()


def test_learning_everything_gives_the_same_places_as_learning_one_by_one():
    for number in range(4):
        told(f"西仓路{number + 10}号", x=20.0 * number, reference=f"A{number}")
        told(f"西仓路{number + 10}号", x=20.0 * number + 4, how="inspector", reference=f"A{number}")
    columns = ("kind", "name", "road_key", "number", "point", "accuracy_m", "source_rank", "keys")
    one_by_one = list(Place.objects.order_by("number").values_list(*columns))
    learned = learn_all(NOW)
    assert (learned.places, learned.conflicts) == (4, 0)
    assert list(Place.objects.order_by("number").values_list(*columns)) == one_by_one


def test_a_default_point_of_some_system_teaches_nothing():
    for number in range(6):
        told(f"{'甲乙丙丁戊己'[number]}仓路8号", x=10, y=10, how="sender", reference=f"R{number}")
    learned = learn_all(NOW + timedelta(days=1))
    assert (learned.places, learned.defaults) == (0, 6)


def test_the_page_lists_confirmations_and_takes_one_back_with_a_reason(town, client):
    told(by=town.people["operator"])
    client.force_login(town.people["data_manager"])
    said = Confirmation.objects.get()
    assert "西仓路14号" in client.get("/data/learned/", {"q": "西仓"}).content.decode()
    assert "西仓路14号" not in client.get("/data/learned/", {"q": "东风"}).content.decode()
    client.post(f"/data/learned/{said.pk}/revoke/", {"why": ""})
    assert Confirmation.objects.valid().exists()
    client.post(f"/data/learned/{said.pk}/revoke/", {"why": "看错了"})
    assert not Confirmation.objects.valid().exists()


def test_the_page_asks_ten_questions_at_most_for_many_rows(town, client, django_assert_max_num_queries):
    client.force_login(town.people["data_manager"])
    for number in range(30):
        told(f"西仓路{number + 10}号", x=20.0 * number, reference=f"A{number}", by=town.people["operator"])
    with django_assert_max_num_queries(10):
        client.get("/data/learned/")
