"""What history says of a class on the pages where a class is chosen: offered with its share and its words."""

import uuid
from collections.abc import Callable
from pathlib import Path

from django.test import Client
from django.urls import reverse

from dispatch.classmodel import WEIGHTS
from dispatch.models import Case
from tests.dispatch.test_classhistory import TEXT, model, taught
from tests.town import Town

__all__ = ["model", "taught"]
Login = Callable[[str], Client]


def typed(town: Town, **fields: str) -> dict[str, str]:
    given = {"text": TEXT, "channel": str(town.channel.pk), "request_type": "complaint", "kind": "resident"}
    return given | {"operation": str(uuid.uuid4())} | fields


def test_the_intake_page_offers_what_history_says_and_applies_nothing(town: Town, login: Login, taught: Path) -> None:
    page = login("operator").post(reverse("desks:suggest"), typed(town)).content.decode()
    assert "根据历史案件" in page
    assert f'data-class="{town.cover.pk}"' in page
    assert "“臭水”" in page
    assert "没有合适的类别" in page
    login("operator").post(reverse("desks:intake"), typed(town))
    assert Case.objects.get().category is None


def test_a_click_takes_it_and_the_case_remembers_from_where(town: Town, login: Login, taught: Path) -> None:
    login("operator").post(reverse("desks:intake"), typed(town, category=str(town.cover.pk)))
    case = Case.objects.get()
    assert case.category == town.cover
    assert town.first_report(case).why["class"][0]["code"] == "learned"
    assert "从历史案件的建议中选定" in login("operator").get(f"/cases/{case.number}/").content.decode()


def test_the_step_of_classing_offers_it_too(town: Town, login: Login, taught: Path) -> None:
    case = town.report(TEXT, category=None, condition=None)
    page = login("operator").get(f"/cases/{case.number}/").content.decode()
    assert "历史案件 " in page
    assert town.cover.name in page


def test_a_model_that_cannot_be_used_is_told_on_the_page(town: Town, login: Login, taught: Path) -> None:
    (taught / WEIGHTS).unlink()
    page = login("operator").post(reverse("desks:suggest"), typed(town)).content.decode()
    assert "请重新训练" in page
    assert "根据历史案件" not in page
