"""In a browser: a step that is refused stays open with its reason, in the panel beside a list."""

import pytest
from playwright.sync_api import expect

from dispatch.models import Callback
from tests.loop.browser import Office
from tests.town import Town, build_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(transactional_db: None) -> Town:
    return build_town()


def test_a_dissatisfied_caller_without_a_reason_is_asked_again_in_the_open_form(city: Town, office: Office) -> None:
    city.to_state("closed")
    page = office.enter("operator")
    page.goto(f"{office.url}/callbacks/")
    page.click(".row-link")
    form = page.locator("form[action$='/callback/']")
    form.locator("[name=solved][value=no]").check()
    form.locator("[name=satisfaction][value=dissatisfied]").check()
    form.locator("button[type=submit]").click()
    expect(form.get_by_text("必须写明具体原因").and_(form.locator("p.error"))).to_be_visible()
    form.locator("[name=note]").fill("仍有异响")
    form.locator("button[type=submit]").click()
    expect(page.locator(".notice.success")).to_be_visible()
    said = Callback.objects.get()
    assert (said.solved, said.satisfaction, said.reason) == (False, "dissatisfied", "仍有异响")
