"""A copy of the city to try another profile on, beside the site that runs and without touching it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from . import cities, doors
from .cluster import Cluster
from .folders import Folders
from .steps import Steps, TroubleError

PORT = 8001


def profile_file(root: Path, name: str) -> Path:
    """The file of a profile, by its name."""
    profiles = root / "fixtures" / "profiles"
    file = profiles / f"{name}.toml"
    if not re.fullmatch(r"\w+", name) or not file.is_file():
        known = ", ".join(sorted(found.stem for found in profiles.glob("*.toml")))
        raise TroubleError(f"There is no profile {name}. Known profiles: {known}.")
    return file


def trial_city(folders: Folders, city: str) -> str:
    """Writes the file of the copy: the same city with a database of its own; returns its path."""
    file = cities.city_file(folders.root, city)
    name = cities.database_name(file)
    text = re.sub(r'^database = ".*"$', f'database = "{name}_trial"', file.read_text("utf-8"), flags=re.MULTILINE)
    place = folders.local / "trial"
    place.mkdir(exist_ok=True)
    # a city's file is known by its name: the copy keeps it
    copy = place / file.name
    copy.write_text(text, "utf-8")
    return str(copy)


def copy_database(folders: Folders, steps: Steps, city: str, copy: str) -> None:
    """The copy's database anew from the city's own, which goes on being used meanwhile."""
    cluster = Cluster(folders, steps)
    source, target = (cities.database_name(Path(file)) for file in (cities.city_file(folders.root, city), copy))
    if source not in cluster.databases():
        raise TroubleError(f"There is no database {source} to copy. Run bin/demo or bin/load-city first.")
    with steps.step(f"Copy of {source}"):
        drop_database(cluster, target)
        cluster.create(target)
        cluster.copy(source, target)


def drop_database(cluster: Cluster, name: str) -> None:
    """Away with a copy, also while somebody looks at it."""
    cluster.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def serve(folders: Folders, copy: str, port: int) -> int:
    """Pages of the copy until Ctrl-C; photos and seals of the trial go to its own folders."""
    doors.check_port(port)
    place = folders.local / "trial"
    env = cities.surroundings(folders, copy) | {
        "GRIDMAP_DEBUG": "1",
        "GRIDMAP_MEDIA_ROOT": str(place / "media"),
        "GRIDMAP_SEAL_DIR": str(place / "seals"),
    }
    print(f"\nThe copy is at http://localhost:{port}/ until you press Ctrl-C. Log in as on the site.\n", flush=True)
    command = [str(folders.python), "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    return subprocess.run(command, cwd=folders.root, env=env, check=False).returncode
