"""Seal files: one a day, outside the database, each holding the digest of the one before it.

    {"city": "demo", "day": "2026-11-25", "form": "gridmap-seal-1", "previous": "<sha256 of the file before>"}
    20261121-000123 9 <head>                      one line for each case that changed since the last seal
    {"cases": …, "heads": …, "hmac": "<of all bytes above and of this line without it>", "steps": …, "upto": …}

Knows files and bytes only, no database. A file is written beside its name, synced and linked, so that a process which
dies leaves no half file, and an existing file is never overwritten.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

FORM = "gridmap-seal-1"
SUFFIX = ".seal"
CHUNK = 1 << 20


class BadSealError(Exception):
    """A file that is no seal file of ours, or only half of one; the text names the file."""


class Head(NamedTuple):
    """What was sealed of one case: the digest of its row at a version."""

    number: str
    version: int
    digest: str


@dataclass(frozen=True)
class SealFile:
    """What a seal file says of itself, and the digest of its bytes."""

    path: Path
    day: str
    previous: str
    sha256: str
    heads: int
    cases: int
    steps: int
    upto: int  # transactions before this one are sealed
    sealed_at: str
    key: str  # fingerprint of the key; empty where it is not signed
    signature: str
    counted: int  # lines that are there

    @property
    def signed(self) -> bool:
        return bool(self.signature)


def line(values: dict[str, Any]) -> bytes:
    """A line of JSON that is the same for the same values."""
    return json.dumps(values, sort_keys=True, separators=(", ", ": ")).encode() + b"\n"


def fingerprint(key: str) -> str:
    """Names a key without telling it."""
    return hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""


class Sink:
    """Takes the lines of a COPY and writes, counts and hashes them on the way; holds nothing."""

    def __init__(self, file: BinaryIO, key: str) -> None:
        self.file, self.lines = file, 0
        self.sha256 = hashlib.sha256()
        self.hmac = hmac.new(key.encode(), digestmod=hashlib.sha256) if key else None

    def write(self, data: bytes) -> int:
        self.lines += data.count(b"\n")
        self.sha256.update(data)
        if self.hmac is not None:
            self.hmac.update(data)
        return self.file.write(data)


def write(
    path: Path, header: dict[str, Any], fill: Callable[[Sink], object], footer: dict[str, Any], key: str = ""
) -> bool:
    """Write a seal file whole or not at all; False where a file of that name was there already, which then stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            sink = Sink(file, key)
            sink.write(line({"form": FORM, **header}))
            fill(sink)
            ending = {**footer, "heads": sink.lines - 1, "key": fingerprint(key)}
            if sink.hmac is not None:
                sink.hmac.update(line(ending))
                ending["hmac"] = sink.hmac.hexdigest()
            sink.write(line(ending))
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o444)
        try:
            os.link(part, path)
        except FileExistsError:
            return False
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too
    finally:
        os.close(folder)
    return True


def read(path: Path) -> SealFile:
    """Read a whole file in constant memory; BadSealError where it is not one, OSError where it cannot be read."""
    sha256, size, last, count = hashlib.sha256(), 0, b"", 0
    with path.open("rb") as file:
        first = file.readline(CHUNK)
        file.seek(0)
        while data := file.read(CHUNK):
            sha256.update(data)
            count += data.count(b"\n")
            size += len(data)
        file.seek(max(0, size - 4096))
        tail = file.read()
    last = tail.rstrip(b"\n").rpartition(b"\n")[2]
    try:
        header, footer = json.loads(first), json.loads(last)
        if header["form"] != FORM or not tail.endswith(b"\n") or count < 2:
            raise ValueError(header["form"])
        return SealFile(
            path=path,
            day=str(header["day"]),
            previous=str(header["previous"]),
            sha256=sha256.hexdigest(),
            heads=int(footer["heads"]),
            cases=int(footer["cases"]),
            steps=int(footer["steps"]),
            upto=int(footer["upto"]),
            sealed_at=str(footer["sealed_at"]),
            key=str(footer["key"]),
            signature=str(footer.get("hmac", "")),
            counted=count - 2,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadSealError(path.name) from error


def signature_holds(path: Path, key: str) -> bool:
    """Whether the signature of a file was made with this key over these bytes."""
    mac, before = hmac.new(key.encode(), digestmod=hashlib.sha256), b""
    with path.open("rb") as file:
        for data in file:
            mac.update(before)
            before = data
    footer = json.loads(before)
    given = str(footer.pop("hmac", ""))
    mac.update(line(footer))
    return hmac.compare_digest(mac.hexdigest(), given)


def heads(path: Path, offset: int, most: int) -> tuple[list[Head], int]:
    """Sealed heads from a byte on and the byte after them; an empty list at the end. BadSealError for a broken line."""
    found: list[Head] = []
    with path.open("rb") as file:
        file.seek(offset)
        while len(found) < most and (data := file.readline(CHUNK)):
            offset += len(data)
            if data.startswith(b"{"):
                continue
            try:
                number, version, digest = data.decode("ascii").split()
                found.append(Head(number, int(version), digest))
            except ValueError as error:
                raise BadSealError(path.name) from error
    return found, offset


def heads_of(path: Path, number: str) -> list[Head]:
    """What a file holds of one case; nothing for a file that cannot be read."""
    found, mark = [], f"{number} ".encode()
    try:
        with path.open("rb") as file:
            for data in file:
                if data.startswith(mark):
                    _number, version, digest = data.decode("ascii").split()
                    found.append(Head(number, int(version), digest))
    except (OSError, ValueError):
        return found
    return found


def paths(folder: Path) -> Iterator[Path]:
    """The seal files of a folder, oldest first."""
    yield from sorted(folder.glob(f"*{SUFFIX}"))
