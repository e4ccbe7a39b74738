"""Which processes are ours: read from /proc, so that nothing else is ever ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One running process as /proc shows it; `began` is in clock ticks since the machine started."""

    pid: int
    session: int
    began: int
    state: str
    folder: str

    @property
    def dead(self) -> bool:
        """A zombie: it has ended, only nobody has asked for its result yet."""
        return self.state in "ZX"


def look(pid: int, proc: Path = PROC) -> Process | None:
    """The process with this number, or None where it has gone or may not be looked at."""
    try:
        line = (proc / str(pid) / "stat").read_text(errors="replace")
        folder = os.readlink(proc / str(pid) / "cwd")
    except OSError:
        return None
    fields = line.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return Process(pid=pid, session=int(fields[3]), began=int(fields[19]), state=fields[0], folder=folder)


def running(proc: Path = PROC) -> list[Process]:
    """Every process that the caller may look at."""
    pids = [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()]
    return [seen for pid in pids if (seen := look(pid, proc)) is not None]


def boot() -> str:
    """Names this start of the machine: numbers of processes mean nothing in another one."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def end(members: Callable[[], list[Process]], *, polite: signal.Signals = signal.SIGTERM, patience: float = 15) -> bool:
    """Ends every process that `members` names, asking first; returns whether all have gone.

    `members` is asked again each time: a number that went to another process is no longer named.
    """
    for sign, seconds in ((polite, patience), (signal.SIGKILL, 5.0)):
        for process in members():
            _send(process.pid, sign)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not members():
                return True
            time.sleep(0.05)
    return not members()


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
