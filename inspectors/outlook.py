"""Where the next tasks will come from, as the newest cases tell: what the assignment looks ahead to."""

from typing import Final

import numpy as np
from django.db import connection

from inspectors.assignment import Floats
from inspectors.cover import holes
from inspectors.travel import RIDING_M_A_MINUTE, Ways

# the newest cases of the street, and the squares in metres that stand for their places
NEWEST: Final = 4000
SQUARE_M: Final = 500
SQUARES: Final = 150
# fewer tell nothing about tomorrow
LEAST: Final = 200

_SQUARES = """
    SELECT avg(ST_X(point)), avg(ST_Y(point)), count(*)
    FROM (SELECT point FROM dispatch_case WHERE flow = 'street' AND point IS NOT NULL ORDER BY id DESC LIMIT %s) newest
    GROUP BY floor(ST_X(point) / %s), floor(ST_Y(point) / %s)
    ORDER BY count(*) DESC, 1, 2 LIMIT %s
"""


def squares() -> tuple[Floats, Floats]:
    """Places that stand for the newest cases, x and y in metres of the city's reference, and how many each; one query.

    Both are empty where too little is known.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQUARES, [NEWEST, SQUARE_M, SQUARE_M, SQUARES])
        rows = np.array(cursor.fetchall(), dtype=float).reshape(-1, 3)
    if rows[:, 2].sum() < LEAST:
        rows = rows[:0]
    return rows[:, :2], rows[:, 2]


def beside(network: Ways, places: Floats, free_in: Floats, speeds: Floats, targets: Floats) -> Floats | None:
    """The holes that each person would leave by going to each task, in minutes; None where nothing is known.

    `places` are where the people are free (x and y, NaN where nobody knows), `free_in` minutes until then, `speeds`
    metres a minute; who is nowhere leaves no hole.
    """
    known = ~np.isnan(places[:, 0])
    stands, counts = squares()
    if not len(stands) or known.sum() < 2 or not len(targets):
        return None
    reach = free_in[known, None] + network.metres(places[known], stands) / speeds[known, None]
    after = network.metres(targets, stands) / RIDING_M_A_MINUTE
    found = np.zeros((len(targets), len(places)))
    found[:, known] = holes(reach, after, counts / counts.sum())
    return found
