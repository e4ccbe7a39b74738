"""The gates of bin/test: all run, also after one failed, and the tests must really have run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .folders import Folders

CLOSING = re.compile(r"^=+ .*\b(passed|failed|error|errors|skipped|deselected|no tests ran)\b.* =+$")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Result:
    """How one gate went; `note` is shown beside it."""

    name: str
    passed: bool
    seconds: float
    note: str = ""


def commands(folders: Folders) -> list[tuple[str, list[str]]]:
    """The gates before the tests, each with its command."""
    tools = folders.venv / "bin"
    python = str(folders.python)
    gates = [
        ("ruff check", [str(tools / "ruff"), "check", "."]),
        ("ruff format", [str(tools / "ruff"), "format", "--check", "."]),
        ("mypy", [str(tools / "mypy"), "."]),
        ("manage.py check", [python, "manage.py", "check", "--fail-level", "WARNING"]),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ]
    templates = sorted(str(found.relative_to(folders.root)) for found in folders.root.glob("*/templates"))
    if templates:
        gates.append(("djlint", [str(tools / "djlint"), "--lint", "--quiet", *templates]))
    for file in sorted(folders.root.glob("locale/*/LC_MESSAGES/*.po")):
        gates.append((f"messages {file.parts[-3]}", ["msgfmt", "--check", "-o", os.devnull, str(file)]))
    return gates


def run_all(folders: Folders, env: Mapping[str, str], *, long: bool, words: Sequence[str]) -> int:
    """Runs every gate, prints the summary and the tests' own closing line; returns the exit code."""
    results = [gate(name, command, folders.root, env) for name, command in commands(folders)]
    tests, closing = pytest_gate(folders, env, long=long, words=words)
    results.append(tests)
    print("\n" + "\n".join(summary(results)), flush=True)
    if closing:
        print(closing, flush=True)
    return 0 if all(result.passed for result in results) else 1


def gate(name: str, command: Sequence[str], root: Path, env: Mapping[str, str]) -> Result:
    """Runs one gate; its output is shown only when it fails."""
    print(f"{name} … ", end="", flush=True)
    began = time.monotonic()
    try:
        done = subprocess.run(
            command, cwd=root, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        code, output = done.returncode, done.stdout.decode(errors="replace")
    except OSError as error:
        code, output = 127, str(error)
    seconds = time.monotonic() - began
    print(f"{'passed' if code == 0 else 'FAILED'}, {seconds:.1f} s", flush=True)
    if code:
        print(output.rstrip(), flush=True)
    return Result(name, code == 0, seconds)


def pytest_words(folders: Folders, *, long: bool, words: Sequence[str]) -> list[str]:
    """The tests' command; what the caller adds comes last and so wins."""
    command = [str(folders.python), "-m", "pytest", "-n", "2", "--allow-unix-socket"]
    command.append("--allow-hosts=127.0.0.1,::1,localhost")
    if not long:
        # none takes half a minute: what takes ten is stuck, and is named with a trace of every thread
        command += ["-m", "not long", "--timeout=600", "--timeout-method=thread"]
    if sys.stdout.isatty():
        command.append("--color=yes")
    return [*command, *words]


def pytest_gate(folders: Folders, env: Mapping[str, str], *, long: bool, words: Sequence[str]) -> tuple[Result, str]:
    """Runs the tests with their output as it comes; they pass only if at least one passed."""
    began = time.monotonic()
    closing = ""
    with subprocess.Popen(
        pytest_words(folders, long=long, words=words),
        cwd=folders.root,
        env=dict(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        line = b""
        while chunk := os.read(process.stdout.fileno(), 65536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            *done, line = (line + chunk).split(b"\n")
            for text in (part.decode(errors="replace").rstrip("\r") for part in done):
                closing = text if CLOSING.match(COLOURS.sub("", text)) else closing
    count = passed_count(closing)
    note = f"{count} passed" if count else "no test passed"
    good = process.returncode == 0 and count > 0
    return Result("pytest", good, time.monotonic() - began, note), closing


def passed_count(closing: str) -> int:
    """How many tests a closing line of pytest says have passed."""
    found = re.search(r"\b(\d+) passed\b", COLOURS.sub("", closing))
    return int(found[1]) if found else 0


def summary(results: Sequence[Result]) -> list[str]:
    """One line for each gate, with its seconds."""
    wide = max(len(result.name) for result in results)
    lines = []
    for result in results:
        word = "passed" if result.passed else "FAILED"
        lines.append(f"{word}  {result.name:<{wide}}  {result.seconds:6.1f} s  {result.note}".rstrip())
    return lines
