"""The road of a case as its page shows it, and the step that stands open."""

import re
import uuid
from datetime import timedelta

from django.test import Client

from desks.casefile import read_casefile
from dispatch.actions import closing
from dispatch.actions.finding import report_found
from dispatch.intake import Intake
from dispatch.models import Case
from tests.desks.test_casepage import Login, page
from tests.town import NOW, Town, at


def marks(client: Client, case: Case) -> dict[str, str]:
    """The steps of the road with how each is marked."""
    road = re.search(r'<ol class="stepper".*?</ol>', page(client, case), re.DOTALL)
    assert road is not None
    return {label: mark for mark, label in re.findall(r'<li class="(\w*)"[^>]*>(.*?)</li>', road.group(0))}


def test_the_road_of_an_inspectors_own_finding_does_not_say_that_it_was_verified(town: Town, login: Login) -> None:
    intake = Intake("井盖丢失", town.channel, point=at(50, 50), category=town.cover, condition=town.missing)
    inspector, photos = town.people["inspector"], [town.photo()]
    found = report_found(intake, photos=photos, by=inspector, at=NOW, occurred_at=NOW, operation=uuid.uuid4())
    road = marks(login("shift_lead"), found)
    assert (road["已受理"], road["核实中"], road["待立案"], road["待派遣"]) == ("skipped", "skipped", "current", "")
    called = marks(login("shift_lead"), town.to_state("to_file"))
    assert (called["已受理"], called["核实中"], called["待立案"]) == ("done", "done", "current")


def test_a_callback_that_has_ended_does_not_stand_open(town: Town, login: Login) -> None:
    case = town.to_state("closed")
    assert read_casefile(case, town.people["operator"], case.state_since).now.opened == "callback"
    doing = town.doing(case, "operator", case.state_since + timedelta(hours=1), "谢谢")
    report = town.first_report(case)
    closing.callback(case, doing, report=report, reached=True, satisfaction="satisfied", solved=True)
    case = Case.objects.get(pk=case.pk)
    found = read_casefile(case, town.people["operator"], case.state_since)
    assert found.now.opened != "callback"
    assert "callback" in found.now.may
