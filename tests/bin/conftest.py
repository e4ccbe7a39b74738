"""Makes the set-up package importable (it lives in bin/ and is not installed) and gives tests a checkout."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bin"))

from setup.folders import Folders
from setup.steps import Steps


@pytest.fixture
def house(tmp_path: Path) -> Folders:
    """A checkout of the caller's, with nothing set up."""
    (tmp_path / "run").mkdir()
    root = tmp_path / "checkout"
    (root / "fixtures" / "cities").mkdir(parents=True)
    return Folders(root=root, state=root / ".local", run=tmp_path / "run", as_root=False, reachable=True)


@pytest.fixture
def quiet(tmp_path: Path) -> Steps:
    return Steps(tmp_path / "setup.log", live=False)
