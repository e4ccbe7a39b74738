"""A class model learned from history: reads its files, gives classes with probabilities and the words that decided.

No Django and no scikit-learn: a linear model over pieces of text is arithmetic, so a model is arrays and JSON, and
nothing that is read can run code. `dispatch/classtraining.py` makes one, `dispatch/classhistory.py` picks the one in
force.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from gridmap.addresses import parse
from gridmap.normalise import Keyed, key_with_offsets

FORMAT: Final = 1
LONGEST: Final = 3  # characters of a piece; four bring nothing more (docs/benchmarks.md)
MOST_WORDS: Final = 3
LEAST_SHARE: Final = 0.25  # of the strongest character: weaker ones are not named as a reason
CARD, VOCABULARY, WEIGHTS, SCALES = "card.json", "vocabulary.json", "weights.npy", "scales.npy"

CUT: Final = "\n"  # the mark of pieces of the text without its address: no key holds it
_LONG_NUMBER: Final = re.compile(r"\d{5,}")

Floats = npt.NDArray[np.float32]


class ClassModelError(Exception):
    """A model's files are missing, damaged or of another format; the text names file and reason."""


class Bin(msgspec.Struct, frozen=True):
    """A row of the reliability table: what was stated on average, and how often it held."""

    stated: float
    held: float
    reports: int


class Measured(msgspec.Struct, frozen=True):
    """How good a model is on reports whose addresses it has not seen."""

    reports: int
    top1: float
    top3: float
    majority1: float
    majority3: float
    reliability: tuple[Bin, ...]

    @property
    def top1_percent(self) -> int:
        return round(self.top1 * 100)


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model says of itself: which dictionaries, when, from how much, and how well."""

    format: int
    version: str
    trained_at: str
    editions: tuple[str, ...]
    reports: int
    classes: tuple[str, ...]  # "edition|kind|code", in the order of the columns of the weights
    counts: tuple[int, ...]
    left_out: dict[str, int]  # classes with too few reports
    temperature: float
    measured: Measured
    digests: dict[str, str]


@dataclass(frozen=True)
class Sample:
    """A report with its class ("edition|kind|code"); `address` groups what must not be on both sides of a split."""

    text: str
    address: str
    name: str


@dataclass(frozen=True)
class Guess:
    """A class with its probability and the words of the text that spoke for it, strongest first."""

    name: str
    probability: float
    words: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """One way to read a text: its matching key with the way back, and the mark that tells its pieces apart."""

    mark: str
    keyed: Keyed


def readings(text: str) -> tuple[Reading, Reading]:
    """The whole text, and the text without its address: what is said, and where, teach differently."""
    chars = list(text)
    for span in parse(text).spans:
        chars[span.start : span.end] = " " * (span.end - span.start)
    return Reading("", _figured(text)), Reading(CUT, _figured("".join(chars)))


def _figured(text: str) -> Keyed:
    """The matching key with every number of five figures or more as one 0: nobody's telephone is learned."""
    keyed = key_with_offsets(text)
    out = {i for found in _LONG_NUMBER.finditer(keyed.text) for i in range(found.start(), found.end() - 1)}
    ends = {found.end() - 1 for found in _LONG_NUMBER.finditer(keyed.text)}
    stays = [i for i in range(len(keyed.text)) if i not in out]
    chars = "".join("0" if i in ends else keyed.text[i] for i in stays)
    return Keyed(chars, tuple(keyed.offsets[i] for i in stays))


def pieces(text: str) -> list[str]:
    """Every run of one to LONGEST characters of each reading of a text, as often as it stands there."""
    return [piece for reading in readings(text) for piece, _, _ in _pieces(reading)]


def _pieces(reading: Reading) -> list[tuple[str, int, int]]:
    """The pieces of a reading, each with its first and past-the-last place in the key."""
    chars = reading.keyed.text
    return [
        (reading.mark + chars[i : i + n], i, i + n) for n in range(1, LONGEST + 1) for i in range(len(chars) - n + 1)
    ]


@dataclass(frozen=True)
class ClassModel:
    """The arrays of a model: one row of `weights` a piece, one column a class; `scales` is the idf of each piece.

    The last row of `weights` is the bias.
    """

    card: Card
    vocabulary: dict[str, int]
    weights: Floats
    scales: Floats

    def guesses(self, text: str, most: int = 3, least: float = 0.0) -> list[Guess]:
        """The likeliest classes of a text, best first; none where no piece of it is known."""
        read = readings(text)
        rows, values = self._vector([piece for reading in read for piece, _, _ in _pieces(reading)])
        if not len(rows):
            return []
        of_rows = np.asarray(self.weights[rows], dtype=np.float32)
        scores = values @ of_rows + np.asarray(self.weights[-1], dtype=np.float32)
        shares = softmax(scores / self.card.temperature)
        best = [int(column) for column in np.argsort(-shares, kind="stable")[:most] if shares[column] >= least]
        # what speaks for a class is what speaks for it more than for the others, each as likely as it is
        rest = of_rows @ shares
        found = []
        for column in best:
            spoke = dict(zip(rows.tolist(), (values * (of_rows[:, column] - rest)).tolist(), strict=True))
            found.append(
                Guess(self.card.classes[column], float(shares[column]), words(text, read, self.vocabulary, spoke))
            )
        return found

    def _vector(self, found: list[str]) -> tuple[npt.NDArray[np.intp], Floats]:
        """Rows of the pieces that are known and their weights: 1 + ln(count), times idf, to length 1."""
        counted = Counter(row for piece in found if (row := self.vocabulary.get(piece)) is not None)
        rows = np.array(sorted(counted), dtype=np.intp)
        values = np.array([1.0 + math.log(counted[int(row)]) for row in rows], dtype=np.float32)
        if len(rows):
            values *= np.asarray(self.scales[rows], dtype=np.float32)
        length = float(np.linalg.norm(values))
        return rows, values / length if length else values


def softmax(scores: Floats) -> Floats:
    """Probabilities of scores along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def words(text: str, read: Sequence[Reading], vocabulary: dict[str, int], spoke: dict[int, float]) -> tuple[str, ...]:
    """The readable words of the text under the pieces that spoke for a class, strongest first.

    `spoke` is the contribution of each row. A piece gives its own to the characters of the text under it, in equal
    parts; neighbours that are strong make a word.
    """
    strength = [0.0] * len(text)
    counted = Counter(piece for reading in read for piece, _, _ in _pieces(reading))
    for reading in read:
        for piece, start, end in _pieces(reading):
            given = spoke.get(vocabulary.get(piece, -1), 0.0) / counted[piece]
            under = range(*reading.keyed.original(start, end))
            for i in under if given else ():
                strength[i] += given / len(under)
    strongest = max(strength, default=0.0)
    if strongest <= 0:
        return ()
    runs = _runs([value >= LEAST_SHARE * strongest for value in strength])
    ranked = sorted(runs, key=lambda run: -sum(strength[run[0] : run[1]]))
    found = [text[start:end].strip(" \t\n,，。、()（）") for start, end in ranked]
    # a single letter or figure is no word that a person can judge, unless there is nothing else
    named = [word for word in found if len(word) > 1] or found
    return tuple(dict.fromkeys(word for word in named if word))[:MOST_WORDS]


def _runs(marks: list[bool]) -> list[tuple[int, int]]:
    """First and past-the-last index of each run of marks."""
    found, start = [], None
    for i, mark in enumerate([*marks, False]):
        if mark and start is None:
            start = i
        elif not mark and start is not None:
            found.append((start, i))
            start = None
    return found


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_card(folder: Path) -> Card:
    """What a model says of itself; raises ClassModelError."""
    try:
        card = msgspec.json.decode((folder / CARD).read_bytes(), type=Card)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ClassModelError(f"{folder.name}/{CARD}: {error}") from error
    if card.format != FORMAT:
        raise ClassModelError(f"{folder.name}/{CARD}: format {card.format}, this version reads {FORMAT}")
    return card


def read_model(folder: Path) -> ClassModel:
    """Open a model: the weights stay in the file and are paged in as they are needed, shared by all processes.

    Raises ClassModelError where a file is missing, is not the one that the card was written with, or does not fit.
    """
    card = read_card(folder)
    for name in (VOCABULARY, WEIGHTS, SCALES):
        if not (folder / name).is_file() or digest(folder / name) != card.digests.get(name):
            raise ClassModelError(f"{folder.name}/{name}: missing, or not the file that the model was made with")
    try:
        vocabulary = msgspec.json.decode((folder / VOCABULARY).read_bytes(), type=dict[str, int])
        weights: Any = np.load(folder / WEIGHTS, mmap_mode="r", allow_pickle=False)
        scales: Any = np.load(folder / SCALES, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise ClassModelError(f"{folder.name}: {error}") from error
    size = len(vocabulary)
    if weights.shape != (size + 1, len(card.classes)) or scales.shape != (size,):
        raise ClassModelError(f"{folder.name}: vocabulary, scales and weights do not fit each other")
    if set(vocabulary.values()) != set(range(size)):
        raise ClassModelError(f"{folder.name}/{VOCABULARY}: rows are not numbered one by one")
    return ClassModel(card, vocabulary, weights, scales)
