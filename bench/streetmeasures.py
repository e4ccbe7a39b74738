"""What a shift is judged by. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from streetsim import PROMISE, URGENT, Log, Scene


@dataclass(frozen=True)
class Figures:
    """Minutes to arrive, shares, kilometres, and how even the work was; a share of nothing is nan."""

    tasks: int
    p50: float
    p90: float
    promised: float  # share reached within `PROMISE` minutes
    urgent: float  # share of the urgent ones reached within `URGENT` minutes
    km: float  # to tasks
    km_between: float  # to places to wait
    gini: float  # of the minutes of work (riding and on site); 0 is all the same
    most: float  # the busiest inspector's minutes of work over the mean

    @property
    def km_all(self) -> float:
        return self.km + self.km_between


def figures(scene: Scene, log: Log) -> Figures:
    """The figures of a shift."""
    took = np.array([visit.took for visit in log.visits])
    urgent = np.array([visit.took for visit in log.visits if visit.task.urgent])
    work = np.zeros(len(scene.posts))
    for visit in log.visits:
        work[visit.person] += visit.done - visit.left
    for ride in log.rides:
        work[ride.person] += ride.ended - ride.left
    return Figures(
        tasks=len(took),
        p50=float(np.quantile(took, 0.5)),
        p90=float(np.quantile(took, 0.9)),
        promised=float(np.mean(took <= PROMISE + 1e-9)),
        urgent=float(np.mean(urgent <= URGENT + 1e-9)) if len(urgent) else float("nan"),
        km=sum(visit.metres for visit in log.visits) / 1000,
        km_between=sum(ride.metres for ride in log.rides) / 1000,
        gini=gini(work),
        most=float(work.max() / work.mean()),
    )


def gini(values: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Gini coefficient: half the mean difference of two values over their mean (Gini 1912)."""
    each = np.asarray(values, dtype=float)
    if not each.sum():
        return 0.0
    return float(np.abs(each[:, None] - each[None, :]).mean() / (2 * each.mean()))
