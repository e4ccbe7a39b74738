"""The private PostGIS cluster: made once, on a unix socket only, with an owner role, an app role and a template."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from . import folders as places
from . import processes
from .folders import DB_PORT, SERVICE_USER, Folders
from .steps import FailedError, Steps, TroubleError

BINARIES = Path("/usr/lib/postgresql/15/bin")
TEMPLATE = "gridmap_template"
GIGABYTE = 1024**3
START_SECONDS = 30.0
FIRST_OWN_OID = 16384  # databases with a lower number come with PostgreSQL

ROLES = """
CREATE ROLE gridmap_app LOGIN;
CREATE ROLE gridmap_owner LOGIN CREATEDB IN ROLE gridmap_app;
"""
MAKE_TEMPLATE = f"CREATE DATABASE {TEMPLATE} OWNER gridmap_owner TEMPLATE template0;"
FILL_TEMPLATE = f"""
CREATE EXTENSION postgis;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
ALTER SCHEMA public OWNER TO gridmap_owner;
GRANT USAGE ON SCHEMA public TO gridmap_app;
-- a city with a reference of its own registers it in its first migration
GRANT SELECT, INSERT, UPDATE, DELETE ON spatial_ref_sys TO gridmap_owner;
ALTER DATABASE {TEMPLATE} IS_TEMPLATE true;
"""


@dataclass(frozen=True)
class Cluster:
    """One cluster: where it lies, who runs it and where it listens."""

    folders: Folders
    steps: Steps

    @property
    def data(self) -> Path:
        return self.folders.data

    @property
    def stamp(self) -> Path:
        """Beside the data: there only when roles and template are complete, so before any city's database."""
        return self.folders.state / "pg.ready"

    def ensure(self) -> None:
        """Makes what is missing and starts what is not running; a half-made cluster is made again."""
        places.make_run(self.folders)
        self._give_to_database_person(self.folders.db_socket)
        if self.stamp.exists() and not self.data.exists():
            self.stamp.unlink()  # somebody threw the data away; what is left to say is that there is none
        if not self.stamp.exists():
            self._clear_half_made()
            self._init()
            self.start()
            self._fill()
            self.stamp.write_text("15\n")
        elif not self.running():
            self.start()

    def running(self) -> bool:
        """Whether the server of this very folder is up and answers."""
        if self._postmaster() is None:
            return False
        try:
            self.steps.run([BINARIES / "pg_isready", "-q", "-h", self.folders.db_socket, "-p", str(DB_PORT)])
        except FailedError:
            return False
        return True

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        if self._postmaster() is not None:
            if self._comes_up():
                return
            self.stop()  # it runs but nobody can reach it: its socket was cleared away
        self._clear_after_crash()
        self._write_settings()
        log = self.folders.state / "pg.log"
        log.touch()
        self._give_to_database_person(log)
        before = log.stat().st_size
        try:
            self._pg_ctl("start", "-w", "-t", "120", "-l", str(log))
        except FailedError as error:
            said = log.read_bytes()[before:].decode(errors="replace") or error.output
            told = FailedError(error.command, error.code, said)
            if "No space left" in said:
                raise told from error
            raise TroubleError(f"The database did not start; {log} says:\n{told.last_lines()}") from error

    def _comes_up(self) -> bool:
        """Waits for a server that is starting, perhaps after a crash, as long as it has a socket or may get one."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._postmaster() is not None:
            if self.running():
                return True
            self.steps.tick()
            time.sleep(0.2)
        return False

    def _clear_after_crash(self) -> None:
        """Clears what a killed server leaves: its children, and locks whose number may be another process by now."""
        if not processes.end(self._inside, patience=START_SECONDS):
            raise TroubleError(f"Processes of a killed database server in {self.data} do not end. End them by hand.")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.folders.db_socket.glob(".s.PGSQL.*"):
            left.unlink()

    def _inside(self) -> list[processes.Process]:
        """Living PostgreSQL processes of this data folder; a person's shell in it is none."""
        here = str(self.data.resolve())
        return [p for p in processes.running() if p.name == "postgres" and p.folder == here and not p.dead]

    def stop(self) -> bool:
        """Stops the server if it runs; returns whether it did. Open connections are ended."""
        if self._postmaster() is None:
            return False
        self._pg_ctl("stop", "-m", "fast", "-w", "-t", "120")
        return True

    def sql(self, statements: str, *, database: str = "postgres", role: str = "postgres") -> str:
        """Runs SQL and returns what it printed; as the superuser unless another role is named."""
        command: list[str | Path] = [BINARIES / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", self.folders.db_socket, "-p", str(DB_PORT), "-U", role, "-d", database, "-f", "-"]
        as_superuser = role == "postgres"
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "20"}
        if as_superuser:
            person = self.folders.database_person
            return self.steps.run(command, text=statements, person=person, cwd=Path("/"), env=env).strip()
        return self.steps.run(command, text=statements, cwd=Path("/"), env=env).strip()

    def databases(self) -> list[str]:
        """Names of all databases."""
        return self.sql("SELECT datname FROM pg_database").splitlines()

    def create(self, name: str) -> bool:
        """Makes a city's database from the template if it is missing; returns whether it did."""
        if name in self.databases():
            return False
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}', role="gridmap_owner")
        return True

    def copy(self, source: str, target: str) -> None:
        """Everything of one database into one that was just created, as it stands at one moment."""
        there: list[str | Path] = ["-h", self.folders.db_socket, "-p", str(DB_PORT), "-U", "postgres"]
        dump = self.data / f"{target}.dump"  # where the database's own user may write
        person = self.folders.database_person
        try:
            self.steps.run([BINARIES / "pg_dump", *there, "-Fc", "-f", dump, source], person=person, cwd=Path("/"))
            restore = [BINARIES / "pg_restore", *there, "--exit-on-error", "-d", target, dump]
            self.steps.run(restore, person=person, cwd=Path("/"))
        finally:
            dump.unlink(missing_ok=True)

    def _postmaster(self) -> processes.Process | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        found = processes.look(pid)
        if found is None or found.dead or found.name != "postgres":
            return None
        return found if found.folder == str(self.data.resolve()) else None

    def _clear_half_made(self) -> None:
        if not self.data.exists():
            return
        if own_databases(self.data) > 1:
            raise TroubleError(
                f"{self.data} holds databases but {self.stamp.name} beside it is missing, so it is not rebuilt. "
                f"If the cluster is complete, run `echo 15 > {self.stamp}`; "
                f"if not, move {self.data} away; then run the command again."
            )
        self.steps.say("The database cluster was left half made; it holds no city yet and is made again.")
        self.stop()
        shutil.rmtree(self.data)

    def _init(self) -> None:
        places.check_space(self.folders.state, 400, "A new database cluster")
        self.data.mkdir(mode=0o700)
        self._give_to_database_person(self.data)
        command: list[str | Path] = [
            BINARIES / "initdb",
            "-D",
            self.data,
            "-U",
            "postgres",
            "--auth=reject",
            "--encoding=UTF8",
        ]
        # the collation must know Chinese letters: under plain C, pg_trgm finds nothing in them
        command += ["--locale=C.UTF-8", "--lc-messages=C", "--data-checksums"]
        person = self.folders.database_person
        self.steps.run(command, person=person, cwd=Path("/"))
        self._write_settings()

    def _fill(self) -> None:
        self.sql(ROLES)
        self.sql(MAKE_TEMPLATE)
        self.sql(FILL_TEMPLATE, database=TEMPLATE)

    def _write_settings(self) -> None:
        caller = places.user_name(os.getuid())
        files = {
            "gridmap.conf": settings(memory_bytes(), self.folders.db_socket, shared_memory_bytes()),
            "pg_hba.conf": "local all postgres,gridmap_owner,gridmap_app peer map=gridmap\n",
            "pg_ident.conf": identities(self.folders.database_person.name or caller, caller),
        }
        for name, content in files.items():
            self._write(name, content)
        main = self.data / "postgresql.conf"
        line = "include 'gridmap.conf'\n"
        if line not in main.read_text():
            with main.open("a") as file:
                file.write(line)

    def _write(self, name: str, content: str) -> None:
        file = self.data / name
        if file.exists() and file.read_text() == content:
            return
        file.write_text(content)
        file.chmod(0o600)
        self._give_to_database_person(file)

    def _pg_ctl(self, *words: str) -> None:
        person = self.folders.database_person
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
        self.steps.run([BINARIES / "pg_ctl", "-s", "-D", self.data, *words], person=person, cwd=Path("/"), env=env)

    def _give_to_database_person(self, path: Path) -> None:
        name = self.folders.database_person.name
        if name is not None:
            shutil.chown(path, name, name)


def own_databases(data: Path) -> int:
    """How many databases were made in a data folder besides those that come with PostgreSQL."""
    base = data / "base"
    if not base.is_dir():
        return 0
    return sum(1 for entry in base.iterdir() if entry.name.isdigit() and int(entry.name) >= FIRST_OWN_OID)


def identities(database_person: str, caller: str) -> str:
    """Which system user may be which role: the site's user is only the app, never the owner of its tables."""
    pairs = [(database_person, "postgres"), (caller, "gridmap_owner"), (caller, "gridmap_app")]
    if caller != SERVICE_USER:
        pairs.append((SERVICE_USER, "gridmap_app"))
    return "".join(f'gridmap "{person}" {role}\n' for person, role in pairs)


def settings(memory: int, socket: Path, shared_memory: int) -> str:
    """The server's settings for a machine with `memory` bytes that it shares with the site; fsync stays on."""
    buffers = max(64, min(memory // 8, 2 * GIGABYTE) // 1024**2)
    maintenance = max(64, min(memory // 32, GIGABYTE) // 1024**2)
    lines = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{socket}'",
        "port": str(DB_PORT),
        "max_connections": "100",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{max(128, memory // 2 // 1024**2)}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": f"{maintenance}MB",
        "max_wal_size": "2GB",
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
    }
    if shared_memory < 256 * 1024**2:  # a container's 64 MB are too few for parallel plans
        lines["dynamic_shared_memory_type"] = "mmap"
    return "".join(f"{name} = {value}\n" for name, value in lines.items())


def memory_bytes(meminfo: Path = Path("/proc/meminfo"), limit: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """Memory that this machine, or the container around us, has."""
    first = meminfo.read_text().split("\n", 1)[0]  # MemTotal:  24600000 kB
    total = int(first.split()[1]) * 1024
    try:
        return min(total, int(limit.read_text()))
    except (OSError, ValueError):  # no limit is written as the word "max"
        return total


def shared_memory_bytes(folder: Path = Path("/dev/shm")) -> int:
    """Size of the shared memory file system; 0 where there is none."""
    return shutil.disk_usage(folder).total if folder.is_dir() else 0
