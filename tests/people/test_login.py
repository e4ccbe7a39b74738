"""Logging in and out, the language, and the headers of every page."""

from collections.abc import Callable

import pytest
from django.test import Client

from people.models import RoleGrant
from tests.town import Town

Login = Callable[[str], Client]


def test_the_right_password_opens_the_first_room(client: Client, town: Town) -> None:
    answer = client.post("/login/", {"username": "dispatcher", "password": "town-password"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/console/"


def test_a_wrong_password_keeps_the_name_and_says_so(client: Client, town: Town) -> None:
    answer = client.post("/login/", {"username": "dispatcher", "password": "guess"})
    assert answer.status_code == 422
    assert "用户名或密码不正确" in answer.content.decode()
    assert 'value="dispatcher"' in answer.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_login_never_sends_to_another_site(client: Client, town: Town, elsewhere: str) -> None:
    answer = client.post("/login/", {"username": "operator", "password": "town-password", "next": elsewhere})
    assert answer["Location"] == "/"


def test_login_goes_on_to_the_page_that_was_asked_for(client: Client, town: Town) -> None:
    answer = client.post(
        "/login/", {"username": "operator", "password": "town-password", "next": "/console/?light=red"}
    )
    assert answer["Location"] == "/console/?light=red"


def test_a_part_of_a_page_without_a_session_reloads_the_page(client: Client, db: None) -> None:
    answer = client.get("/login/", headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


def test_logging_out_needs_a_post(login: Login) -> None:
    client = login("operator")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/console/").status_code == 302


def test_the_language_is_kept_for_browser_and_user(login: Login, town: Town) -> None:
    client = login("operator")
    answer = client.post("/language/", {"language": "en", "next": "/console/"})
    assert answer["Location"] == "/console/"
    assert client.cookies["django_language"].value == "en"
    town.people["operator"].refresh_from_db()
    assert town.people["operator"].language == "en"


def test_an_unknown_language_changes_nothing(client: Client, db: None) -> None:
    client.post("/language/", {"language": "xx"})
    assert "django_language" not in client.cookies


def test_somebody_without_a_role_is_told_so(login: Login, town: Town) -> None:
    client = login("operator")
    RoleGrant.objects.filter(user=town.people["operator"]).delete()
    assert client.get("/").status_code == 403


def test_pages_load_from_this_server_only(login: Login) -> None:
    policy = login("operator").get("/console/")["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy


def test_a_form_without_its_token_explains_what_to_do(town: Town) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/login/", {"username": "operator", "password": "town-password"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_data_managers_look_after_data_and_not_after_people(login: Login) -> None:
    client = login("data_manager")
    assert client.get("/admin/gridmap/category/").status_code == 200
    assert client.get("/admin/people/rolegrant/").status_code == 403


def test_a_person_without_the_right_is_sent_away_from_the_admin(login: Login) -> None:
    assert login("operator").get("/admin/")["Location"].startswith("/admin/login/")


def test_the_admin_has_the_login_page_of_everybody(client: Client, db: None) -> None:
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/login/?next=/admin/"


def test_the_admin_draws_areas_on_our_leaflet(login: Login, town: Town) -> None:
    page = login("admin").get(f"/admin/gridmap/area/{town.communities[0].pk}/change/").content.decode()
    assert "leaflet" in page
    assert "https://" not in page.replace("https://docs.djangoproject.com", "")
