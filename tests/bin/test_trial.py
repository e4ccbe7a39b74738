"""Trying a profile on a copy: which copy, and what is told where it cannot be made."""

from pathlib import Path

import pytest
from setup import cities, trial
from setup.folders import Folders
from setup.steps import TroubleError


@pytest.fixture
def city(house: Folders) -> Path:
    house.local.mkdir()
    (house.root / "fixtures" / "profiles").mkdir()
    (house.root / "fixtures" / "profiles" / "small_team.toml").write_text('name = "小团队"')
    file = house.root / "fixtures" / "cities" / "demo.toml"
    file.write_text('name = "示范市"\ndatabase = "gridmap_demo"\nsrid = 4549\n', "utf-8")
    return file


def test_the_copy_is_the_same_city_with_a_database_of_its_own(house: Folders, city: Path):
    copy = Path(trial.trial_city(house, "demo"))
    assert copy.name == city.name
    assert cities.database_name(copy) == "gridmap_demo_trial"
    assert copy.read_text("utf-8").replace("_trial", "") == city.read_text("utf-8")
    assert cities.database_name(city) == "gridmap_demo"


@pytest.mark.parametrize("name", ["nowhere", "../cities/demo", ""])
def test_an_unknown_profile_gets_the_names_of_the_known_ones(house: Folders, city: Path, name: str):
    assert trial.profile_file(house.root, "small_team").is_file()
    with pytest.raises(TroubleError, match="Known profiles: small_team"):
        trial.profile_file(house.root, name)
