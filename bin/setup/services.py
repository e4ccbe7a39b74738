"""The site's processes: pages, events, worker and nginx; each is started once, found again, and stopped alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from . import doors, environment, processes
from .folders import Folders, group_id
from .steps import CALLER, Person, Steps, TroubleError

NGINX_USER = "www-data"
START_SECONDS = 60.0
WATCHED = {".py", ".html", ".toml", ".mo", ".js", ".css", ".csv", ".txt", ".json"}
UNWATCHED = {"node_modules", "tests", "bench", "docs", "bin", "__pycache__"}


@dataclass(frozen=True)
class Service:
    """One process to keep running: what it runs, as whom, and how one sees that it is ready."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    person: Person
    ready: Callable[[], bool]

    def fingerprint(self, code: str) -> str:
        """Changes with everything that would make a restart necessary."""
        told = json.dumps([self.command, dict(self.env), self.person.name, code], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True)
class Record:
    """What is written down of a started process, so that it is found again and nothing else is."""

    pid: int
    began: int
    boot: str
    fingerprint: str


def read_record(file: Path) -> Record | None:
    """The record in a file, or None where there is none or it is damaged."""
    try:
        return Record(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def members(
    record: Record, root: Path, boot: str, running: Callable[[], list[processes.Process]]
) -> list[processes.Process]:
    """The living processes of a record: its leader and what the leader started.

    A number alone proves nothing: it must be the same start of the machine, the same session, our own folder,
    and, where the leader lives, its time of birth.
    """
    if record.boot != boot:
        return []
    found = [p for p in running() if p.session == record.pid and p.folder == str(root) and not p.dead]
    leader = next((p for p in found if p.pid == record.pid), None)
    return [] if leader is not None and leader.began != record.began else found


@dataclass(frozen=True)
class Keeper:
    """Starts, finds and stops the services of one checkout."""

    folders: Folders
    steps: Steps

    def record_file(self, name: str) -> Path:
        return self.folders.pids / f"{name}.json"

    def living(self, name: str) -> list[processes.Process]:
        """The processes of a service that live now."""
        record = read_record(self.record_file(name))
        if record is None:
            return []
        return members(record, self.folders.root, processes.boot(), processes.running)

    def runs(self, name: str) -> Record | None:
        """The record of a service whose leader lives."""
        record = read_record(self.record_file(name))
        alive = record is not None and any(p.pid == record.pid for p in self.living(name))
        return record if alive else None

    def ensure(self, service: Service, code: str) -> None:
        """Starts a service that is dead or was started from other code; leaves a good one alone."""
        record = self.runs(service.name)
        wanted = service.fingerprint(code)
        if record is not None and record.fingerprint == wanted and service.ready():
            return
        with self.steps.step(f"{'Restarting' if record else 'Starting'} {service.name}"):
            self.stop(service.name)
            self._start(service, wanted)

    def stop(self, name: str) -> bool:
        """Ends a service with all that it started; returns whether there was something to end."""
        record = read_record(self.record_file(name))
        had = bool(self.living(name))
        if record and had and not processes.end(lambda: self.living(name), leader=record.pid):
            pids = ", ".join(str(process.pid) for process in self.living(name))
            raise TroubleError(f"{name} does not end (processes {pids}). End them with `kill -9`, then try again.")
        self.record_file(name).unlink(missing_ok=True)
        return had

    def _start(self, service: Service, fingerprint: str) -> None:
        log = self.folders.log / f"{service.name}.log"
        keep_short(log)
        with log.open("ab") as out:
            process = subprocess.Popen(
                service.command,
                cwd=self.folders.root,
                env=dict(service.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                user=service.person.name,
                group=service.person.group or service.person.name,
                extra_groups=[] if service.person.name else None,
                umask=0o027,
            )
        born = processes.look(process.pid)
        record = Record(process.pid, born.began if born else 0, processes.boot(), fingerprint)
        self.record_file(service.name).write_text(json.dumps(asdict(record)))
        try:
            self._wait(service, process, log)
        finally:
            # it outlives us on purpose: Popen would warn that it is still running
            process.returncode = process.returncode or 0

    def _wait(self, service: Service, process: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + START_SECONDS
        while not service.ready():
            if process.poll() is not None or time.monotonic() > until:
                raise TroubleError(f"{service.name} did not start. Its last words ({log}):\n{tail(log)}")
            self.steps.tick()
            time.sleep(0.1)
        if process.poll() is not None:
            raise TroubleError(f"{service.name} ended at once. Its last words ({log}):\n{tail(log)}")


def all_services(keeper: Keeper, city: str, port: int) -> list[Service]:
    """The four processes of the site, in the order in which they start."""
    folders = keeper.folders
    env = service_env(folders, city)
    web, python = folders.web_socket, str(folders.python)
    pages, events = web / "pages.sock", web / "events.sock"
    prepare(folders)
    conf = write_nginx(folders, port)
    person = folders.service_person
    gunicorn = (
        *(python, "-m", "gunicorn", "config.wsgi:application", "--bind", f"unix:{pages}"),
        *("--workers", "2", "--threads", "4", "--timeout", "60", "--graceful-timeout", "10"),
        # any user may use the socket that reaches it: its folder lets only us and nginx's group in
        *("--umask", "0", "--worker-tmp-dir", "/dev/shm" if os.path.isdir("/dev/shm") else "/tmp"),
        "--no-control-socket",
    )
    uvicorn = (
        *(python, "-m", "uvicorn", "config.asgi:application", "--uds", str(events), "--lifespan", "off"),
        *("--no-access-log", "--timeout-graceful-shutdown", "3", "--forwarded-allow-ips", "*"),
    )
    nginx = (doors.NGINX, "-e", "stderr", "-p", str(conf.parent), "-c", str(conf))
    changes = hashlib.sha256(conf.read_bytes()).hexdigest()
    return [
        Service("pages", gunicorn, env, person, lambda: answers(pages)),
        Service("events", uvicorn, env, person, lambda: answers(events)),
        Service("worker", (python, "manage.py", "qcluster"), env, person, lambda: len(keeper.living("worker")) > 1),
        Service("nginx", nginx, {"PATH": os.defpath, "CONF": changes}, CALLER, lambda: answers(port)),
    ]


NAMES = ("nginx", "worker", "events", "pages")  # the order in which they stop


def service_env(folders: Folders, city: str) -> dict[str, str]:
    """The environment of the site: nothing of the caller's but what is ours or about certificates and proxies."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("GRIDMAP_")}
    return kept | {
        "PATH": f"{folders.venv / 'bin'}:{os.defpath}",
        "HOME": str(folders.state),
        "LANG": "C.UTF-8",
        "GRIDMAP_CITY": city,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def prepare(folders: Folders) -> None:
    """Gives sockets, media and seals to the user that the site runs as; others cannot enter the sockets' folder."""
    person = folders.service_person.name
    if folders.as_root:
        shutil.chown(folders.web_socket, person or "root", NGINX_USER)
        folders.web_socket.chmod(0o2710)
    if person is None:
        return
    for folder in (
        folders.media,
        folders.seals,
        folders.classes,
    ):  # commands that root runs leave files of root's there
        for base, _, files in os.walk(folder):
            for path in (base, *(os.path.join(base, name) for name in files)):
                shutil.chown(path, person, person)


def write_nginx(folders: Folders, port: int) -> Path:
    """Writes nginx's configuration and returns its file."""
    work = folders.state / "nginx"
    work.mkdir(mode=0o755, exist_ok=True)
    static = environment.read(folders.env_file).get("GRIDMAP_STATIC_ROOT") or str(folders.static)
    worker_user = NGINX_USER if folders.as_root and group_id(NGINX_USER) is not None else None
    conf = work / "nginx.conf"
    conf.write_text(
        doors.configuration(
            port=port,
            work=work,
            sockets=folders.web_socket,
            static=folders.root / static,
            worker_user=worker_user,
            ipv6=doors.has_ipv6(port),
        )
    )
    return conf


def answers(door: Path | int) -> bool:
    """Whether somebody takes connections at a unix socket or a local port."""
    family = socket.AF_INET if isinstance(door, int) else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_STREAM) as caller:
        caller.settimeout(2)
        try:
            caller.connect(("127.0.0.1", door) if isinstance(door, int) else str(door))
        except OSError:
            return False
    return True


def code_fingerprint(root: Path) -> str:
    """Changes when code, templates, translations or scripts change: running processes hold the old ones."""
    digest = hashlib.sha256()
    for base, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in UNWATCHED and not name.startswith("."))
        for name in sorted(files):
            if os.path.splitext(name)[1] in WATCHED or name == ".env":
                held = os.stat(os.path.join(base, name))
                digest.update(f"{base}/{name} {held.st_mtime_ns} {held.st_size}\n".encode())
    return digest.hexdigest()


def keep_short(log: Path, limit: int = 5_000_000) -> None:
    """Sets a log aside that has grown long; one older one is kept."""
    if log.exists() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".old.log"))


def tail(log: Path, count: int = 8) -> str:
    """The last lines of a log."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join("    " + line for line in lines[-count:]) or "    (nothing)"
