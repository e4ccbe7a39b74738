"""Every test acts as the app role on a clone of the template database; only set-up and flush act as owner."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as configured
from django.core.management.commands import flush
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import Client
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from dispatch import inforce

# one browser a process: a fixture imported in two places would be two
from tests.loop.browser import chromium, office
from tests.town import Town, build_town

__all__ = ["chromium", "office"]

APP_ROLE = "gridmap_app"
# a slow machine is no fault of the rule under test
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


def _act_as_app(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APP_ROLE}")
        cursor.execute("SET lock_timeout = '60s'")  # who waits for a lock for ever says so


def _flush_as_owner(handle: Callable[..., Any]) -> Callable[..., Any]:
    """The app role may not truncate; Django's flush between transactional tests acts as the owner."""

    def flush_and_return(self: flush.Command, **options: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
        try:
            return handle(self, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {APP_ROLE}")

    return flush_and_return


@pytest.fixture(autouse=True)
def _language() -> None:
    """A page asked for in English leaves its thread in English: each test begins in Chinese."""
    translation.activate("zh-hans")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Create and migrate the test database as the owner."""
    for alias in connections:
        connections[alias].settings_dict["USER"] = "gridmap_owner"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """From here on every connection acts as the app role."""
    with django_db_blocker.unblock():
        connection.close()
        connection_created.connect(_act_as_app, dispatch_uid="act_as_app")
        original = flush.Command.handle
        flush.Command.handle = _flush_as_owner(original)  # type: ignore[method-assign]
        yield
        flush.Command.handle = original  # type: ignore[method-assign]
        connection_created.disconnect(dispatch_uid="act_as_app")
        connection.close()


@pytest.fixture(autouse=True)
def _citys_profile() -> None:
    """The city file's profile is in force; a test that chooses another one forgets this first."""
    inforce.remember(configured.CITY.profile, seconds=3600)


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    """Photos, seals and class models of a test go to its own folder; passwords are hashed cheaply."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.SEAL_DIR, settings.SEAL_KEY = str(tmp_path / "seals"), ""
    settings.CLASS_MODEL_DIR = str(tmp_path / "classes")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def town(db: None) -> Town:
    """A small town in round metres, with people in every seat: see tests/town.py."""
    return build_town()


@pytest.fixture
def login(client: Client, town: Town) -> Callable[[str], Client]:
    """Log the test client in as the town's person of a role: `login("operator").get(…)`."""

    def as_role(role: str) -> Client:
        client.force_login(town.people[role])
        return client

    return as_role


@pytest.fixture
def chance() -> random.Random:
    """Random numbers with a fixed seed."""
    return random.Random(20261121)
