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
    name: str
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
    head, _, rest = line.rpartition(")")  # the name before it may hold spaces and brackets
    name, fields = head.partition("(")[2], rest.split()
    return Process(pid=pid, name=name, session=int(fields[3]), began=int(fields[19]), state=fields[0], folder=folder)


def running(proc: Path = PROC) -> list[Process]:
    """Every process that the caller may look at."""
    pids = [int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()]
    return [seen for pid in pids if (seen := look(pid, proc)) is not None]


def boot() -> str:
    """Names this start of the machine: numbers of processes mean nothing in another one."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def end(members: Callable[[], list[Process]], *, leader: int = 0, patience: float = 15) -> bool:
    """Ends every process that `members` names, asking first; returns whether all have gone.

    While the leader lives only it is asked: it knows in which order its children have to go. `members` is
    asked again each time: a number that went to another process is no longer named.
    """
    return _until_gone(members, signal.SIGTERM, leader, patience) or _until_gone(members, signal.SIGKILL, 0, 5.0)


def _until_gone(members: Callable[[], list[Process]], sign: signal.Signals, leader: int, patience: float) -> bool:
    told: set[int] = set()
    until = time.monotonic() + patience
    while found := members():
        if time.monotonic() > until:
            return False
        leading = [process for process in found if process.pid == leader]
        for process in leading or found:
            if process.pid not in told:
                _send(process.pid, sign)
                told.add(process.pid)
        time.sleep(0.05)
    return True


def _send(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
