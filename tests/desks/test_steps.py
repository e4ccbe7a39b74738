"""Which step of a case stands first and open, and how its limits are said."""

from collections.abc import Callable

from django.test import Client

from dispatch.models import Case
from tests.town import Town

Login = Callable[[str], Client]


def test_a_petition_that_waits_for_me_is_the_first_step_and_open(town: Town, login: Login) -> None:
    case = town.to_state("handling")
    town.petition(Case.objects.get(pk=case.pk), "extension", "handler", amount=1, unit="work_hour")
    file = login("dispatcher").get(f"/cases/{case.number}/").context["file"]
    assert (file.now.forms[0].action, file.now.opened) == ("decide", "decide")


def test_a_limit_is_said_in_the_grammar_of_the_reader(town: Town, login: Login) -> None:
    case = town.to_state("handling")
    case.clocks.filter(kind="handle").update(limit_amount=1, limit_unit="work_day")
    client = login("dispatcher")
    assert "时限 1 工作日" in client.get(f"/cases/{case.number}/").content.decode()
    client.cookies["django_language"] = "en"
    assert "Limit 1 working day<" in client.get(f"/cases/{case.number}/").content.decode()
