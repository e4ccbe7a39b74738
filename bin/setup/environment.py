"""The `.env` file that settings read: written once with values of its own, kept afterwards."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from pathlib import Path

from .folders import DB_PORT, SERVICE_USER, Folders

OWN_SOCKET = re.compile(r"^/(run|tmp)/gridmap-[0-9a-f]{10}/db$")


def values(folders: Folders) -> dict[str, str]:
    """Every name with the value that fits this machine."""
    return {
        "GRIDMAP_SECRET_KEY": secrets.token_urlsafe(50),
        "GRIDMAP_DEBUG": "0",
        "GRIDMAP_ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "GRIDMAP_TRUSTED_ORIGINS": "",
        "GRIDMAP_CITY": "demo",
        "GRIDMAP_DB_HOST": str(folders.db_socket),
        "GRIDMAP_DB_PORT": str(DB_PORT),
        "GRIDMAP_DB_PASSWORD": "",
        "GRIDMAP_MEDIA_ROOT": str(folders.media),
        "GRIDMAP_STATIC_ROOT": str(folders.static),
        "GRIDMAP_SEAL_KEY": secrets.token_urlsafe(50),
        "GRIDMAP_MAILBOX": "",
        "GRIDMAP_TEXT_GATEWAY": "",
        "GRIDMAP_TEXT_GATEWAY_TOKEN": "",
        "GRIDMAP_SEAL_DIR": str(folders.seals),
        "GRIDMAP_CLASS_MODEL_DIR": str(folders.classes),
        "GRIDMAP_RECORDING_HOSTS": "recordings.example.org",  # of the demo city
    }


def read(file: Path) -> dict[str, str]:
    """Names and values of an env file; an absent file has none."""
    if not file.exists():
        return {}
    pairs = [line.split("=", 1) for line in file.read_text().splitlines() if re.match(r"^[A-Z_]+=", line)]
    return {name: value.strip().strip("'\"") for name, value in pairs}


def merged(text: str, fresh: dict[str, str]) -> str:
    """An env file's text with missing names added; the rest stays, but for a socket of ours that has moved."""
    lines = text.splitlines()
    known = set()
    for index, line in enumerate(lines):
        name, _, value = line.partition("=")
        known.add(name)
        if name == "GRIDMAP_DB_HOST" and OWN_SOCKET.match(value):
            lines[index] = f"{name}={fresh[name]}"
    lines += [f"{name}={value}" for name, value in fresh.items() if name not in known]
    return "\n".join(lines) + "\n"


def write(folders: Folders) -> None:
    """Writes what is missing in `.env`; only the caller and the site's own user may read it."""
    file = folders.env_file
    held = file.read_text() if file.exists() else ""
    head = held or "# Written by bin/demo, never overwritten; every name is explained in .env.example.\n"
    text = merged(head, values(folders))
    if text != held:
        fresh = file.with_name(".env.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(text)
        fresh.replace(file)
    if folders.service_person.name is not None:
        shutil.chown(file, group=SERVICE_USER)
        file.chmod(0o640)
