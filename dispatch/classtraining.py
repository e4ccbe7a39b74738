"""Trains a class model on reports whose class a person has confirmed, measures it, and writes its files.

Pure: samples in, files out. Multinomial logistic regression over the pieces of classmodel.py, tf-idf with a damped
count; the settings were chosen on a part of a city's complaints that the figures are not of (bench/classes.py).
"""

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from dispatch.classmodel import (
    CARD,
    FORMAT,
    SCALES,
    VOCABULARY,
    WEIGHTS,
    Bin,
    Card,
    ClassModel,
    Floats,
    Measured,
    Sample,
    digest,
    pieces,
    softmax,
)
from gridmap.normalise import key

STRENGTH: Final = 3.0  # C of the regression
LEAST_REPORTS: Final = 5  # a piece in fewer reports says nothing, and might be somebody's name
LEAST_OF_CLASS: Final = 5
LEAST: Final = 200
# shares of the addresses: 70 to learn from, 10 to set the temperature, 20 to measure
LEARN, TUNE = 70, 80


class TooLittleError(Exception):
    """There is too little history to learn from; the text says how much there is and how much it takes."""


def part_of(sample: Sample) -> int:
    """0–99 by the address, or by the text where there is none: one address is on one side of every split."""
    place = key(sample.address) or key(sample.text)
    return int.from_bytes(hashlib.sha256(place.encode()).digest()[:4], "big") % 100


def split(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample], list[Sample]]:
    """To learn from, to set the temperature, to measure: no address is in two of them."""
    parts = [part_of(sample) for sample in samples]
    learn = [s for s, part in zip(samples, parts, strict=True) if part < LEARN]
    tune = [s for s, part in zip(samples, parts, strict=True) if LEARN <= part < TUNE]
    return learn, tune, [s for s, part in zip(samples, parts, strict=True) if part >= TUNE]


def enough(samples: Sequence[Sample]) -> tuple[list[Sample], dict[str, int]]:
    """The samples of classes with enough reports, and the classes left out; raises TooLittleError."""
    counts = Counter(sample.name for sample in samples)
    left_out = {name: count for name, count in sorted(counts.items()) if count < LEAST_OF_CLASS}
    kept = [sample for sample in samples if sample.name not in left_out]
    classes = len(counts) - len(left_out)
    if len(kept) < LEAST or classes < 2:
        raise TooLittleError(
            f"{len(kept)} reports in {classes} classes with at least {LEAST_OF_CLASS} reports each: "
            f"it takes {LEAST} reports in 2 classes"
        )
    return kept, left_out


class Fitted:
    """A regression with its pieces, in the arrays of classmodel.py."""

    def __init__(self, samples: Sequence[Sample], strength: float = STRENGTH) -> None:
        """Fit; the pieces are those of at least LEAST_REPORTS reports."""
        self.vectors = TfidfVectorizer(
            analyzer=pieces, sublinear_tf=True, min_df=LEAST_REPORTS, dtype=np.float32, lowercase=False
        )
        texts = [sample.text for sample in samples]
        try:
            matrix = self.vectors.fit_transform(texts)
        except ValueError as error:
            raise TooLittleError(f"no piece of text stands in {LEAST_REPORTS} reports") from error
        names = np.array([sample.name for sample in samples])
        model = LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(matrix, names)
        self.classes = tuple(str(name) for name in model.classes_)
        coefficients, bias = model.coef_, model.intercept_
        if len(self.classes) == 2:  # scikit-learn keeps one row for two classes
            coefficients, bias = np.vstack([-coefficients, coefficients]) / 2, np.array([-bias[0], bias[0]]) / 2
        self.weights: Floats = np.vstack([coefficients.T, bias]).astype(np.float32)
        self.scales: Floats = self.vectors.idf_.astype(np.float32)
        self.vocabulary = {str(piece): int(row) for piece, row in self.vectors.vocabulary_.items()}

    def scores(self, samples: Sequence[Sample]) -> Floats:
        """One row a sample, one column a class."""
        matrix: sparse.csr_matrix = self.vectors.transform([sample.text for sample in samples])
        found: Floats = matrix @ self.weights[:-1] + self.weights[-1]
        return found

    def columns(self, samples: Sequence[Sample]) -> npt.NDArray[np.intp]:
        """The column of each sample's class; -1 for a class that the model has not learned."""
        known = {name: column for column, name in enumerate(self.classes)}
        return np.array([known.get(sample.name, -1) for sample in samples], dtype=np.intp)


def temperature(scores: Floats, columns: npt.NDArray[np.intp]) -> float:
    """What to divide scores by, so that stated probabilities hold on reports that were not learned from."""
    there = columns >= 0
    if there.sum() < 20:
        return 1.0
    rows, truth = scores[there], columns[there]

    def loss(log_t: float) -> float:
        shares = softmax(rows / np.float32(np.exp(log_t)))
        return float(-np.log(shares[np.arange(len(truth)), truth] + 1e-9).mean())

    found = optimize.minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded")
    return float(np.exp(found.x))


def measure(scores: Floats, columns: npt.NDArray[np.intp], majority: Sequence[int], at: float) -> Measured:
    """First and first three hits, the commonest classes beside them, and the reliability table in ten bins."""
    shares = softmax(scores / np.float32(at))
    order = np.argsort(-shares, axis=1, kind="stable")[:, :3]
    first, top = order[:, 0] == columns, shares.max(axis=1)
    bins = []
    for low in range(10):
        inside = (top >= low / 10) & ((top < (low + 1) / 10) | (low == 9))
        if inside.any():
            bins.append(Bin(float(top[inside].mean()), float(first[inside].mean()), int(inside.sum())))
    return Measured(
        reports=len(columns),
        top1=float(first.mean()),
        top3=float((order == columns[:, None]).any(axis=1).mean()),
        majority1=float((columns == majority[0]).mean()),
        majority3=float(np.isin(columns, majority[:3]).mean()),
        reliability=tuple(bins),
    )


def train(samples: Sequence[Sample], at: datetime, say: Callable[[str], None] = lambda _: None) -> ClassModel:
    """Learn from a part, set the temperature on a second, measure on a third, then learn from all of it.

    Raises TooLittleError.
    """
    kept, left_out = enough(samples)
    learn, tune, test = split(kept)
    if not test or len({sample.name for sample in learn}) < 2:
        raise TooLittleError("nearly all reports have one address or one class: nothing can be measured")
    say(f"learning from {len(learn):,} reports, measuring on {len(test):,} at other addresses")
    trial = Fitted(learn)
    heat = temperature(trial.scores(tune), trial.columns(tune)) if tune else 1.0
    common = [trial.classes.index(name) for name, _ in Counter(s.name for s in learn).most_common(3)]
    measured = measure(trial.scores(test), trial.columns(test), common, heat)
    say(f"first suggestion right {measured.top1:.1%}, one of three {measured.top3:.1%}; learning from all")
    final = Fitted(kept)
    counts = Counter(sample.name for sample in kept)
    card = Card(
        format=FORMAT,
        version=f"{at:%Y%m%dT%H%M%S}",
        trained_at=at.isoformat(),
        editions=tuple(sorted({name.split("|")[0] for name in final.classes})),
        reports=len(kept),
        classes=final.classes,
        counts=tuple(counts[name] for name in final.classes),
        left_out=left_out,
        temperature=heat,
        measured=measured,
        digests={},
    )
    return ClassModel(card, final.vocabulary, final.weights, final.scales)


def write_model(model: ClassModel, root: Path) -> Path:
    """Write a model beside the others, whole or not at all; half precision is enough for a ranking.

    Raises FileExistsError where this version is there already.
    """
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as made:
        folder = Path(made) / model.card.version
        folder.mkdir(mode=0o755)
        (folder / VOCABULARY).write_bytes(msgspec.json.encode(model.vocabulary))
        np.save(folder / WEIGHTS, model.weights.astype(np.float16), allow_pickle=False)
        np.save(folder / SCALES, model.scales, allow_pickle=False)
        digests = {name: digest(folder / name) for name in (VOCABULARY, WEIGHTS, SCALES)}
        card = msgspec.structs.replace(model.card, digests=digests)
        (folder / CARD).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1))
        return folder.rename(_free(root / card.version))


def _free(folder: Path) -> Path:
    if folder.exists():
        raise FileExistsError(f"{folder.name} is there already")
    return folder
