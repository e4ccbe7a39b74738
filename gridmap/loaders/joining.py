"""Joins the pieces that a map draws a street in: one street of one name, as far as its pieces lie together."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

K = TypeVar("K", bound=Hashable)
TOGETHER_M = 300.0  # pieces of one name further apart than this are two streets of the same name


def groups(keys: Sequence[K], shapes: Sequence[BaseGeometry], within_m: float = TOGETHER_M) -> list[list[int]]:
    """Positions of what belongs together: equal key, and linked by distances of `within_m` metres at most.

    Groups come in the order of their first member; an empty key joins nothing.
    """
    by_key: dict[K, list[int]] = defaultdict(list)
    found: list[list[int]] = []
    for i, key in enumerate(keys):
        if key:
            by_key[key].append(i)
        else:
            found.append([i])
    for members in by_key.values():
        found += _clusters(members, shapes, within_m)
    return sorted(found)


def joined_lines(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    """The pieces as one shape: lines that meet end to end become one line."""
    whole = shapely.union_all(np.array(shapes, dtype=object))
    return shapely.line_merge(whole) if shapely.get_dimensions(whole) == 1 else whole


def _clusters(members: list[int], shapes: Sequence[BaseGeometry], within_m: float) -> list[list[int]]:
    if len(members) == 1:
        return [members]
    pieces = np.array([shapes[i] for i in members], dtype=object)
    left, right = shapely.STRtree(pieces).query(pieces, predicate="dwithin", distance=within_m)
    root = list(range(len(members)))

    def top(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        one, other = sorted((top(a), top(b)))
        root[other] = one
    found: dict[int, list[int]] = defaultdict(list)
    for i, member in enumerate(members):
        found[top(i)].append(member)
    return list(found.values())
