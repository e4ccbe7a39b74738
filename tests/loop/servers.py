"""The product's real processes on a test database: gunicorn, uvicorn and the worker, started and killed by tests."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from config.city import CITIES
from people.models import User

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "t" * 32  # cookie and header must only agree


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Servers:
    """Processes by name; each is a process group of its own, so that a kill takes its children too."""

    def __init__(self, folder: Path) -> None:
        self.pages, self.events = free_port(), free_port()
        self.folder = folder
        city = (CITIES / f"{settings.CITY.key}.toml").read_text()
        name = connection.settings_dict["NAME"]
        here = re.sub(r'^database = ".*"$', f'database = "{name}"', city, flags=re.MULTILINE)
        (folder / f"{settings.CITY.key}.toml").write_text(here)
        self.environment = os.environ | {
            "GRIDMAP_CITY": str(folder / f"{settings.CITY.key}.toml"),
            "GRIDMAP_MEDIA_ROOT": str(folder / "media"),
            "GRIDMAP_DB_ROLE": "app",
            "GRIDMAP_DEBUG": "0",
        }
        self.commands = {
            "gunicorn": ["-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{self.pages}", "-w", "2"],
            "uvicorn": ["-m", "uvicorn", "config.asgi:application", "--port", str(self.events), "--lifespan", "off"],
            "worker": ["manage.py", "qcluster"],
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names or self.commands:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    [sys.executable, *self.commands[name]],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def kill(self, *names: str) -> None:
        """kill -9, children included; nobody gets to tidy up."""
        for name in names or list(self.running):
            process = self.running.pop(name)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def post(self, user: User, path: str, data: dict[str, Any], patience: float = 40) -> int:
        """Send a form until the server acknowledges it, as a person would who gets no answer; returns the status."""
        until = time.monotonic() + patience
        while True:
            try:
                return self._send(user, path, urllib.parse.urlencode(data, doseq=True).encode())
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return error.code
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            if time.monotonic() > until:
                logs = {p.name: p.read_text()[-1500:] for p in self.folder.glob("*.log")}
                raise AssertionError(f"no answer from {path}: {logs}")
            time.sleep(0.2)

    def cookies(self, user: User) -> str:
        client = Client()
        client.force_login(user)
        return f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"

    def _send(self, user: User, path: str, body: bytes) -> int:
        headers = {"Cookie": self.cookies(user), "X-CSRFToken": TOKEN, "HX-Request": "true"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.pages}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            status: int = answer.status
            return status

    def stream(self, user: User, after: int, count: int, patience: float = 30) -> list[dict[str, Any]]:
        """Read so many messages from the stream of events, beginning after one; reconnects while the server starts."""
        until = time.monotonic() + patience
        found: dict[int, dict[str, Any]] = {}
        while len(found) < count and time.monotonic() < until:
            url = f"http://127.0.0.1:{self.events}/events/"
            request = urllib.request.Request(url, headers={"Cookie": self.cookies(user), "Last-Event-ID": str(after)})
            try:
                with urllib.request.urlopen(request, timeout=5) as answer:
                    for line in answer:
                        if line.startswith(b"data: {") and b'"id"' in line:
                            message = json.loads(line[6:])
                            found[message["id"]] = message
                        if len(found) >= count:
                            break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        return list(found.values())
