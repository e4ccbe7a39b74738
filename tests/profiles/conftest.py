"""A town that lives by the rules of one of the five places, with its channels."""

from collections.abc import Callable

import pytest

from dispatch import inforce
from dispatch.profile import Profile, read_profile
from fixtures.channels import load_channels
from tests.town import Town


@pytest.fixture
def live_by(town: Town) -> Callable[[str], Profile]:
    """Put a place's profile in force, and give the town every channel that there is."""

    def choose(name: str) -> Profile:
        load_channels()
        inforce.remember(name, seconds=3600)
        return read_profile(name)

    return choose
