"""The Python packages in `.venv`: exactly the locked ones, checked by hash, installed only when the lock changes."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from . import folders as places
from .folders import Folders
from .packages import network_down
from .steps import FailedError, Steps, TroubleError

SITE = "requirements.txt"
CHECKS = "requirements-dev.txt"  # holds everything of the other one too


def mark(folders: Folders, lock: str) -> Path:
    """The file whose presence says that this very lock file is installed."""
    digest = hashlib.sha256((folders.root / lock).read_bytes()).hexdigest()[:16]
    return folders.venv / f".{lock}-{digest}"


def ensure(folders: Folders, steps: Steps, lock: str) -> None:
    """Makes `.venv` where it is missing or broken and installs the lock file's packages where they are not yet."""
    if not works(folders, steps):
        places.check_space(folders.root, 1500, "Installing Python packages")
        with steps.step("Python environment (.venv)"):
            steps.run([system_python(), "-m", "venv", "--clear", folders.venv])
    if mark(folders, lock).exists():
        return
    places.check_space(folders.root, 800, "Installing Python packages")
    with steps.step(f"Python packages ({lock})"):
        pip: list[str | Path] = [folders.python, "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
        try:
            steps.run([*pip, "--progress-bar=off", "--require-hashes", "-r", folders.root / lock], cwd=folders.root)
        except FailedError as error:
            raise TroubleError(pip_trouble(error, lock)) from error
    for done in {lock, SITE}:
        mark(folders, done).touch()


def works(folders: Folders, steps: Steps) -> bool:
    """Whether `.venv` has a Python that starts and has pip; an interrupted set-up leaves one that does not."""
    if not folders.python.exists():
        return False
    try:
        steps.run([folders.python, "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"])
    except (FailedError, OSError):
        return False
    return True


def system_python() -> str:
    """Debian's own Python where there is one: the caller's may be another environment's."""
    return "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable


def pip_trouble(error: FailedError, lock: str) -> str:
    """The sentence for what pip printed when it failed."""
    output = error.output
    if "No space left on device" in output:
        return "The disk is full. Free some space (see `df -h`), then run the same command again."
    if "DO NOT MATCH THE HASHES" in output:
        return (
            f"A downloaded package is not the one that {lock} names:\n{error.last_lines(8)}\n"
            "Try again; if it stays, the package server (or a proxy) hands out something else."
        )
    if network_down(output):
        return "The Python package server cannot be reached. Check the network (and the proxy), then run this again."
    return f"Python packages could not be installed:\n{error.last_lines(8)}"
