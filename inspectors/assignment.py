"""Who goes: the order of the inspectors on duty for one task.

Pure. First those whose zone holds the place, then the nearest, then whoever has the fewest open tasks; the lower
number decides what is still equal, so that the same question always has the same answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Two inspectors whose distances differ by less than a minute's walk count as equally near.
STEP_M = 100.0


@dataclass(frozen=True)
class Candidate:
    """An inspector on duty; `distance_m` in a straight line, None where no recent position is known."""

    inspector_id: int
    in_zone: bool
    distance_m: float | None
    open_tasks: int


@dataclass(frozen=True)
class Choice:
    """The inspector who goes, and why, as codes and parameters."""

    inspector_id: int
    why: tuple[dict[str, Any], ...]


def order(candidate: Candidate) -> tuple[bool, bool, float, int, int]:
    """What is compared, the best first; an unknown distance is further than any known one."""
    steps = 0.0 if candidate.distance_m is None else candidate.distance_m // STEP_M
    outside, unknown = not candidate.in_zone, candidate.distance_m is None
    return (outside, unknown, steps, candidate.open_tasks, candidate.inspector_id)


def choose(candidates: Iterable[Candidate]) -> Choice | None:
    """The best of the inspectors on duty; None when nobody is."""
    ranked = sorted(candidates, key=order)
    if not ranked:
        return None
    return Choice(ranked[0].inspector_id, tuple(_reasons(ranked[0], len(ranked))))


def _reasons(best: Candidate, among: int) -> list[dict[str, Any]]:
    zone = {"code": "own_zone"} if best.in_zone else {"code": "other_zone"}
    near: dict[str, Any] = {"code": "position_unknown"}
    if best.distance_m is not None:
        near = {"code": "distance", "metres": round(best.distance_m)}
    return [zone, near, {"code": "open_tasks", "count": best.open_tasks}, {"code": "on_duty", "count": among}]
