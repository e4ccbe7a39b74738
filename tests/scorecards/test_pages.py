"""The month's page, the lists behind its figures, and who may do what."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from people.models import Agency, RoleGrant
from scorecards.columns import TABLES
from scorecards.models import Scorecard
from scorecards.views import asked as asked_views
from scorecards.views import month as month_views
from tests.scorecards import play
from tests.scorecards.play import HOUR
from tests.town import NOW, Town

Login = Callable[[str], Client]
DECEMBER = datetime(2026, 12, 3, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set what the pages take for now."""

    class Now:
        at = NOW + 48 * HOUR

        def now(self) -> datetime:
            return self.at

    fake = Now()
    for module in (month_views, asked_views):
        monkeypatch.setattr(module, "timezone", fake)

    def set_to(at: datetime) -> None:
        fake.at = at

    return set_to


def month_page(client: Client, query: str = "?month=2026-11") -> str:
    answer = client.get(reverse("scorecards:month") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def statements(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.usefixtures("clock")
def test_every_figure_of_the_page_opens_a_list_of_that_length(town: Town, login: Login) -> None:
    play.everything(town)
    manager = login("manager")
    links = {
        (link.replace("&amp;", "&"), text)
        for table in TABLES
        for link, text in re.findall(
            r'<a href="(/scorecards/[^"?]+/[^"?]+/\?[^"]+)">([^<]+)</a>',
            month_page(manager, f"?month=2026-11&view={table.key}"),
        )
    }
    assert len(links) > 40
    for link, text in links:
        page = manager.get(link)
        if not text.endswith("%"):
            assert len(page.context["lines"]) == page.context["count"] == int(text), link
        else:
            assert page.context["count"] == len(page.context["lines"]) > 0


@pytest.mark.usefixtures("clock")
def test_a_rate_opens_its_denominator_and_its_numerator(town: Town, login: Login) -> None:
    play.everything(town)
    url = reverse("scorecards:cases", args=["water", "on_time_rate"])
    manager = login("manager")
    below, above = manager.get(f"{url}?month=2026-11"), manager.get(f"{url}?month=2026-11&of=on_time")
    assert (below.context["counted"].key, above.context["counted"].key) == ("due", "on_time")
    assert len(below.context["lines"]) > len(above.context["lines"]) > 0
    assert {line.verdict for line in above.context["lines"]} == {"on_time"}


@pytest.mark.usefixtures("clock")
def test_a_line_leads_to_its_case(town: Town, login: Login) -> None:
    case = play.late(town)
    page = login("manager").get(reverse("scorecards:cases", args=["water", "late"]) + "?month=2026-11")
    address = page.context["lines"][0].address
    assert f'href="{address}"' in page.content.decode()
    assert resolve(address).kwargs == {"number": case.number}


@pytest.mark.usefixtures("clock")
def test_statements_stay_the_same_with_more_agencies_and_cases(town: Town, login: Login) -> None:
    manager, month = login("manager"), reverse("scorecards:month") + "?month=2026-11"
    listed = reverse("scorecards:cases", args=["all", "dispatched"]) + "?month=2026-11"
    play.late(town)
    few = (statements(manager, month), statements(manager, listed))
    for number in range(10):
        Agency.objects.create(code=f"x{number}", name=f"单位{number}")
    play.everything(town)
    assert (statements(manager, month), statements(manager, listed)) == few


@pytest.mark.usefixtures("clock")
def test_the_running_month_is_marked_provisional_and_cannot_be_published(town: Town, login: Login) -> None:
    page = month_page(login("manager"))
    assert "暂定" in page
    assert reverse("scorecards:freeze") not in page


def test_a_manager_publishes_once_and_is_told_the_second_time(
    town: Town, login: Login, clock: Callable[..., None]
) -> None:
    play.late(town)
    clock(DECEMBER)
    manager = login("manager")
    assert "未发布" in month_page(manager)
    first = manager.post(reverse("scorecards:freeze"), {"month": "2026-11"}, follow=True)
    assert "已发布" in first.content.decode()
    again = manager.post(reverse("scorecards:freeze"), {"month": "2026-11"})
    assert again.status_code == 409
    assert "已经发布过" in again.content.decode()
    assert Scorecard.objects.count() == 2


@pytest.mark.usefixtures("clock")
def test_publishing_the_running_month_is_refused_with_a_sentence(town: Town, login: Login) -> None:
    answer = login("manager").post(reverse("scorecards:freeze"), {"month": "2026-11"})
    assert answer.status_code == 409
    assert "尚未结束" in answer.content.decode()


@pytest.mark.parametrize(("role", "page", "export", "freeze"), [
    ("manager", 200, 200, 409), ("leader", 200, 200, 403), ("shift_lead", 200, 403, 403), ("handler", 403, 403, 403),
    ("operator", 403, 403, 403),
])  # fmt: skip
@pytest.mark.usefixtures("clock")
def test_who_may_see_export_and_publish(login: Login, role: str, page: int, export: int, freeze: int) -> None:
    client = login(role)
    assert client.get(reverse("scorecards:month")).status_code == page
    assert client.get(reverse("scorecards:cases", args=["water", "due"])).status_code == page
    assert client.get(reverse("scorecards:export")).status_code == export
    assert client.post(reverse("scorecards:freeze"), {"month": "2026-11"}).status_code == freeze


@pytest.mark.parametrize("url", [
    "/scorecards/?month=2026-13", "/scorecards/nobody/due/",
    "/scorecards/water/nothing/", "/scorecards/water/due/?month=x",
])  # fmt: skip
def test_what_there_is_not_is_not_found(login: Login, url: str) -> None:
    assert login("manager").get(url).status_code == 404


@pytest.mark.usefixtures("clock")
def test_somebody_of_another_community_sees_the_number_but_not_the_case(town: Town, login: Login) -> None:
    play.late(town)  # in 甲社区
    RoleGrant.objects.filter(user=town.people["manager"]).update(area_code=town.communities[1].code)
    page = login("manager").get(reverse("scorecards:cases", args=["water", "late"]) + "?month=2026-11")
    assert (page.context["count"], page.context["hidden"], page.context["lines"]) == (1, 1, [])
    assert "管辖范围" in page.content.decode()


@pytest.mark.usefixtures("clock")
def test_a_long_list_is_paged(town: Town, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scorecards.views.cases.PAGE", 2)
    for _number in range(3):
        town.to_state("handling")
    url = reverse("scorecards:cases", args=["water", "dispatched"]) + "?month=2026-11"
    client = login("manager")
    first, second = client.get(url), client.get(f"{url}&page=2")
    seen = [line.clock.pk for page in (first, second) for line in page.context["lines"]]
    assert (len(first.context["lines"]), len(set(seen))) == (2, 3)


@pytest.mark.usefixtures("clock")
def test_a_column_sorts_the_rows(town: Town, login: Login) -> None:
    play.joint(town)
    play.late(town)
    client = login("manager")
    for sort, first in (("-overdue", "office"), ("-late", "water"), ("late", "office")):
        rows = client.get(f"/scorecards/?month=2026-11&sort={sort}").context["rows"]
        assert rows[0].card.agency.code == first, sort
    page = month_page(client, "?month=2026-11&sort=-late")
    assert page.count('aria-sort="descending"') == 1


@pytest.mark.usefixtures("clock")
def test_definitions_and_switches_are_on_the_page(login: Login) -> None:
    page = month_page(login("manager"))
    for words in ("处置到期时间在本月", "挂账期间不计入应处置数", "派遣数分 × 10%", "不足 5 件"):
        assert words in page
