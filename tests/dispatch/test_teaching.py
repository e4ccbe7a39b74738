"""Positions given in a case teach the gazetteer."""

from io import StringIO

import pytest
from django.core.management import call_command

from dispatch.actions import filing
from dispatch.models import FieldTask, Report
from gridmap.models import Confirmation, Place
from tests.town import at

pytestmark = pytest.mark.django_db


def test_a_case_put_on_the_map_teaches_its_address(town):
    case = town.report("家门口的路灯不亮，西仓路14号", address="西仓路14号")
    filing.place(case, town.doing(case, "operator"), point=at(80, 60), uncertainty_m=10)
    said = Confirmation.objects.get()
    assert (said.how, said.reference, said.by) == ("operator", case.number, town.people["operator"])
    assert said.place is not None
    assert said.place.point.distance(at(80, 60)) < 0.01


def test_without_an_address_of_its_own_the_number_inside_the_text_is_learned(town):
    case = town.report("请尽快派人来看，西仓路14号门口井盖丢失")
    filing.place(case, town.doing(case, "operator"), point=at(80, 60), uncertainty_m=10)
    assert Place.objects.get(confirmations__reference=case.number).number == 14


def test_an_inspector_who_corrects_the_place_teaches_its_address(town):
    case = town.to_state("verifying", town.report("井盖丢失", address="西仓路14号"))
    filing.verify(
        case,
        town.doing(case, "inspector"),
        task=town.task(case, "verify"),
        result=FieldTask.Result.CONFIRMED,
        photos=[town.photo()],
        point=at(80, 60),
        correction=filing.Correction(at(80, 60), 5.0),
    )
    assert Confirmation.objects.get().how == "inspector"


def test_a_component_beside_the_address_teaches_nothing(town):
    case = town.report("井盖丢失", address="西仓路14号")
    filing.place(case, town.doing(case, "operator"), point=at(80, 60), uncertainty_m=1, component=town.component)
    assert not Confirmation.objects.exists()


def test_the_points_of_senders_are_learned_once_by_command(town):
    case = town.report("井盖丢失", address="西仓路14号")
    Report.objects.filter(case=case).update(given_point=at(10, 20))
    town.report("井盖丢失", address="西仓路")
    for _ in range(2):
        call_command("learn_places", "--history", stdout=StringIO())
    said = Confirmation.objects.get()
    assert said.place is not None
    assert (said.how, said.place.point.distance(at(10, 20)) < 0.01) == ("sender", True)
