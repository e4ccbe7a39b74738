"""Where a checkout keeps what it makes: `.local`, or a folder under /var/lib where others cannot reach the checkout."""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .steps import CALLER, Person, TroubleError

SOCKET_BYTES = 107  # what a unix socket address holds on Linux, without its closing zero
DB_PORT = 5432  # only names the socket file; nothing listens on TCP
SERVICE_USER = "gridmap"


@dataclass(frozen=True)
class Folders:
    """Every place that set-up, services and database use, for one checkout and one caller."""

    root: Path
    state: Path  # database, media, collected static files, seals, class models
    run: Path  # sockets; short, and gone after a reboot
    as_root: bool
    reachable: bool  # whether other system users can enter the checkout

    @property
    def local(self) -> Path:
        return self.root / ".local"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def env_file(self) -> Path:
        return self.root / ".env"

    @property
    def data(self) -> Path:
        return self.state / "pg"

    @property
    def log(self) -> Path:
        return self.local / "log"

    @property
    def pids(self) -> Path:
        return self.local / "run"

    @property
    def media(self) -> Path:
        return self.state / "media"

    @property
    def static(self) -> Path:
        return self.state / "static"

    @property
    def seals(self) -> Path:
        return self.state / "seals"

    @property
    def classes(self) -> Path:
        return self.state / "classes"

    @property
    def db_socket(self) -> Path:
        return self.run / "db"

    @property
    def web_socket(self) -> Path:
        return self.run / "web"

    @property
    def database_person(self) -> Person:
        """Who the cluster runs as: PostgreSQL refuses root."""
        return Person("postgres") if self.as_root else CALLER

    @property
    def service_person(self) -> Person:
        """Who the site runs as: its own system user where the caller is root and that user can read the checkout."""
        return Person(SERVICE_USER) if self.as_root and self.reachable else CALLER


def find(root: Path, *, uid: int, var_lib: Path = Path("/var/lib")) -> Folders:
    """The folders of the checkout at `root` for the caller `uid`; makes nothing."""
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:10]
    as_root = uid == 0
    away = var_lib / f"gridmap-{key}"
    reachable = open_to_others(root)
    state = away if as_root and (not reachable or (away / "pg").exists()) else root / ".local"
    run = Path("/run" if as_root else "/tmp") / f"gridmap-{key}"
    return Folders(root=root, state=state, run=run, as_root=as_root, reachable=reachable)


def open_to_others(folder: Path) -> bool:
    """Whether every folder down to this one lets any system user pass."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def check_owner(folders: Folders, uid: int) -> None:
    """Refuses a checkout that another user has set up: its database and files would not be ours."""
    if not folders.local.exists():
        return
    owner = folders.local.stat().st_uid
    if owner != uid:
        name = user_name(owner)
        raise TroubleError(
            f"This checkout was set up by `{name}`. Run the command as {name} "
            f"(`sudo -u {name} …`, or `sudo …` for root), or use a clone of your own."
        )


def make(folders: Folders) -> None:
    """Makes the folders with the owners and modes that the processes need; doing it twice changes nothing."""
    for folder in (folders.local, folders.log, folders.pids, folders.state):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    for folder in (folders.media, folders.static, folders.seals, folders.classes):
        folder.mkdir(mode=0o755, exist_ok=True)
    make_run(folders)


def make_run(folders: Folders) -> None:
    """Makes the folder of the sockets, which a reboot takes away.

    A folder of that name that somebody else made (in /tmp anybody could) is refused.
    """
    folders.run.mkdir(mode=0o755 if folders.as_root else 0o700, exist_ok=True)
    held = folders.run.lstat()
    if not stat.S_ISDIR(held.st_mode) or held.st_uid != os.getuid():
        raise TroubleError(f"{folders.run} belongs to somebody else. Remove it, then run the command again.")
    folders.db_socket.mkdir(mode=0o755, exist_ok=True)
    folders.web_socket.mkdir(mode=0o700, exist_ok=True)
    longest = len(os.fsencode(folders.db_socket / f".s.PGSQL.{DB_PORT}"))
    if longest > SOCKET_BYTES:
        raise TroubleError(f"{folders.db_socket} is too long for a socket: {longest} of {SOCKET_BYTES} bytes.")


def check_space(folder: Path, megabytes: int, what: str) -> None:
    """Refuses to begin a big step on a disk that cannot hold it."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free // 1_000_000
    if free < megabytes:
        raise TroubleError(
            f"{what} needs {megabytes} MB, but the disk of {folder} has only {free} MB free. "
            "Free some space (see `df -h`), then run the same command again."
        )


def user_name(uid: int) -> str:
    """A user's name, or the number where the system knows none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def user_id(name: str) -> int | None:
    """A user's number, or None where there is no such user."""
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None


def group_id(name: str) -> int | None:
    """A group's number, or None where there is no such group."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None
