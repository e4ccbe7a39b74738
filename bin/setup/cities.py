"""The city that is served: its file, its own database, and what is loaded into it."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import environment
from .cluster import Cluster
from .folders import Folders
from .steps import Steps, TroubleError

DEMO = "demo"


def chosen(folders: Folders) -> str:
    """The city's name or file: from the environment, else from `.env`, else the demo city."""
    return os.environ.get("GRIDMAP_CITY") or environment.read(folders.env_file).get("GRIDMAP_CITY") or DEMO


def city_file(root: Path, city: str) -> Path:
    """The file that describes a city, by name in fixtures/cities or by path."""
    by_path = city.endswith(".toml") or os.sep in city
    file = (root / city if by_path else root / "fixtures" / "cities" / f"{city}.toml").resolve()
    if not file.is_file():
        known = sorted(found.stem for found in (root / "fixtures" / "cities").glob("*.toml"))
        raise TroubleError(
            f"There is no city file {file}. Known cities: {', '.join(known) or 'none'}; "
            "GRIDMAP_CITY takes one of these or the path of a .toml file."
        )
    return file


def database_name(file: Path) -> str:
    """The database that a city's file names."""
    try:
        name = tomllib.loads(file.read_text(encoding="utf-8")).get("database")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TroubleError(f"{file} is not valid TOML: {error}. Put it right and run this again.") from error
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise TroubleError(f'{file} must say database = "name" (small letters, digits, "_"), found {name!r}.')
    return name


def surroundings(folders: Folders, city: str) -> dict[str, str]:
    """The environment of our own commands: the caller's, with the city chosen."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    return kept | {"GRIDMAP_CITY": city, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONUNBUFFERED": "1"}


def ensure_database(folders: Folders, steps: Steps, city: str) -> None:
    """Makes the city's database where it is missing and brings its tables up to date."""
    name = database_name(city_file(folders.root, city))
    with steps.step(f"Database {name}"):
        Cluster(folders, steps).create(name)
        steps.run(
            [folders.python, "manage.py", "migrate", "--noinput"],
            cwd=folders.root,
            env=surroundings(folders, city),
        )


def manage(folders: Folders, words: Sequence[str], city: str, extra: Mapping[str, str] | None = None) -> None:
    """Runs a management command that shows its own progress; raises a sentence where it fails."""
    command = [str(folders.python), "manage.py", *words]
    env = surroundings(folders, city) | dict(extra or {})
    code = subprocess.run(command, cwd=folders.root, env=env, check=False).returncode
    if code:
        raise TroubleError(f"`manage.py {' '.join(words)}` failed (code {code}); what it says is above.")


def collect_static(folders: Folders, steps: Steps, city: str, fingerprint: str) -> None:
    """Collects static files for nginx when anything has changed since the last time."""
    mark = folders.state / "static.collected"
    if mark.exists() and mark.read_text() == fingerprint:
        return
    with steps.step("Static files"):
        steps.run(
            [folders.python, "manage.py", "collectstatic", "--noinput", "-v0"],
            cwd=folders.root,
            env=surroundings(folders, city),
        )
    mark.write_text(fingerprint)
