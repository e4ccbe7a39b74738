"""Steps of a set-up: a line and seconds for each, a log for their output, and sentences for trouble."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICK_SECONDS = 0.5


class TroubleError(Exception):
    """Something that a person has to put right; its text is a sentence that says how."""


class FailedError(Exception):
    """A command ended with an error; carries what it printed."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        super().__init__(f"{command[0]} ended with {code}")
        self.command, self.code, self.output = list(command), code, output

    def last_lines(self, count: int = 6) -> str:
        """The last lines that are not empty, indented for a terminal."""
        lines = [line.rstrip() for line in self.output.splitlines() if line.strip()]
        return "\n".join("    " + line for line in lines[-count:])


@dataclass(frozen=True)
class Person:
    """The system user that a command runs as; `name` None means the caller."""

    name: str | None = None
    group: str | None = None


CALLER = Person()


@dataclass
class Steps:
    """Prints one line for each step; long commands write to `log` and tick on a terminal."""

    log: Path
    live: bool = field(default_factory=sys.stdout.isatty)
    _open: str = ""
    _began: float = 0.0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step with its title; the line is closed with the seconds that it took, or with "failed"."""
        self._open, self._began = title, time.monotonic()
        print(f"{title} … ", end="", flush=True)
        try:
            yield
        except BaseException:
            self._close("failed")
            raise
        self._close(f"{time.monotonic() - self._began:.1f} s")

    def _close(self, word: str) -> None:
        if self._open:
            head = "\r\033[K" if self.live else ""
            print(f"{head}{self._open} … {word}" if self.live else word, flush=True)
        self._open = ""

    def say(self, sentence: str) -> None:
        """A line of its own, also in the middle of a step."""
        if self._open:
            print(flush=True)
        print(sentence, flush=True)
        if self._open:
            print(f"{self._open} … ", end="", flush=True)

    def tick(self) -> None:
        """Shows on a terminal that the open step is still running."""
        if self.live and self._open:
            seconds = time.monotonic() - self._began
            print(f"\r\033[K{self._open} … {seconds:.0f} s", end="", flush=True)

    def run(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        person: Person = CALLER,
        text: str | None = None,
    ) -> str:
        """Runs a command to its end, with its output in the log, and returns the output; raises `FailedError`."""
        words = [str(word) for word in command]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a+", encoding="utf-8", errors="replace") as log:
            log.write(f"\n$ {' '.join(words)}\n")
            log.flush()
            start = log.tell()
            code = self._wait(words, log.fileno(), cwd, env, person, text)
            log.seek(start)
            output = log.read()
        if code:
            raise FailedError(words, code, output)
        return output

    def _wait(
        self,
        words: list[str],
        log: int,
        cwd: Path | None,
        env: Mapping[str, str] | None,
        person: Person,
        text: str | None,
    ) -> int:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=dict(env) if env is not None else None,
                user=person.name,
                group=person.group or person.name,
                extra_groups=[] if person.name else None,
            )
        except FileNotFoundError as error:
            raise FailedError(words, 127, f"{error.filename or words[0]}: not found") from error
        if process.stdin is not None and text is not None:
            process.stdin.write(text.encode())
            process.stdin.close()
        while True:
            try:
                return process.wait(timeout=TICK_SECONDS)
            except subprocess.TimeoutExpired:
                self.tick()
            except KeyboardInterrupt:
                process.terminate()
                process.wait()
                raise


def explain(error: Exception, log: Path) -> str:
    """The sentence for an error that no step has explained itself; never a traceback."""
    if isinstance(error, TroubleError):
        return str(error)
    full = "The disk is full. Free some space (see `df -h`), then run the same command again."
    if isinstance(error, FailedError):
        if "No space left on device" in error.output:
            return full
        return (
            f"`{os.path.basename(error.command[0])}` failed (code {error.code}):\n{error.last_lines()}\n"
            f"The whole output is in {log}; put the cause right and run the same command again."
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return full
    if isinstance(error, PermissionError):
        return (
            f"No right to touch {error.filename}. Run the command as the user who owns this checkout, "
            f"or give the folder back to yourself with `sudo chown -R $(id -un) {error.filename}`."
        )
    return f"Unexpected {type(error).__name__}: {error}. Details are in {log}; run the command again to go on."
