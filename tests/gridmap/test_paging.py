"""Long lists: the rows of a page, and how many statements it takes."""

from datetime import timedelta

import pytest
from django.test import Client

from gridmap.confirmed import confirm
from gridmap.models import Cell, Confirmation
from gridmap.views.paging import KeyPaginator
from tests.town import NOW, Town, at

pytestmark = pytest.mark.django_db


def tell(count: int, first: int = 0) -> None:
    for number in range(first, first + count):
        when = NOW + timedelta(minutes=number)
        confirm(
            f"西仓路{number + 1}号", "", at(10 * number, 100), how="operator", by=None, at=when, reference=f"A{number}"
        )


def test_every_page_holds_the_rows_that_the_order_gives_it():
    tell(7)
    rows = Confirmation.objects.order_by("-at")
    pages = KeyPaginator(rows, 3)
    assert [row for number in pages.page_range for row in pages.page(number)] == list(rows)
    assert [len(pages.page(number)) for number in pages.page_range] == [3, 3, 1]


def test_a_page_past_the_end_is_the_last_one_and_an_empty_list_has_one_page():
    assert list(KeyPaginator(Confirmation.objects.all(), 3).get_page(9)) == []
    tell(4)
    assert len(KeyPaginator(Confirmation.objects.all(), 3).get_page(9)) == 1


def test_a_row_that_goes_between_the_two_statements_is_left_out():
    tell(2)
    pages = KeyPaginator(Confirmation.objects.order_by("at"), 2)
    assert pages.count == 2
    Confirmation.objects.order_by("at")[:1].get().delete()
    assert len(pages.page(1)) == 1


@pytest.mark.parametrize("url", ["/data/learned/", "/components/", "/layouts/", "/data/"])
def test_the_statements_of_a_page_do_not_grow_with_its_rows(
    url: str, town: Town, login, django_assert_max_num_queries
) -> None:
    client: Client = login("data_manager")
    tell(12)
    with django_assert_max_num_queries(14) as asked:
        page = client.get(url)
    assert page.status_code == 200
    assert not [query for query in asked if "GROUP BY" in query["sql"] and '"report"' in query["sql"]]


def test_the_list_of_layouts_counts_cells_of_each(town: Town, login) -> None:
    count = Cell.objects.filter(layout=Cell.objects.latest("pk").layout).count()
    page = login("data_manager").get("/layouts/")
    assert [row["cells"] for row in page.context["rows"]][:1] == [count]
