from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from inspectors.models import DutyZone, Shift
from people.models import RoleGrant, User
from tests.town import Town

Colleague = Callable[[str], User]


@pytest.fixture
def zones(town: Town) -> list[DutyZone]:
    """甲区 for 甲社区, 乙区 for 乙社区."""
    made = [DutyZone.objects.create(name=name) for name in ("甲区", "乙区")]
    for zone, community in zip(made, town.communities, strict=True):
        zone.communities.add(community)
    return made


@pytest.fixture
def colleague(town: Town) -> Colleague:
    """Another inspector by name."""

    def make(name: str) -> User:
        user = User.objects.create_user(name, password="town-password", full_name=name)
        RoleGrant.objects.create(user=user, role="inspector")
        return user

    return make


def on_duty(user: User, zone: DutyZone, at: Any = None) -> Shift:
    """A shift around an instant; now, if none is given."""
    at = at or timezone.now()
    return Shift.objects.create(
        inspector=user, zone=zone, starts_at=at - timedelta(hours=4), ends_at=at + timedelta(hours=4)
    )


@pytest.fixture
def phone(client: Client, town: Town) -> Client:
    """The inspector's browser."""
    client.force_login(town.people["inspector"])
    return client
