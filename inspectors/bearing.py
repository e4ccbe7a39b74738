"""Which way to go: a bearing as degrees and as a word. Pure."""

import math
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Final[tuple[str | Promise, ...]] = (
    _("正北"),
    _("东北"),
    _("正东"),
    _("东南"),
    _("正南"),
    _("西南"),
    _("正西"),
    _("西北"),
)
# nearer than this an arrow only follows the noise of the position
HERE_M: Final = 10.0


def bearing(east_m: float, north_m: float) -> int | None:
    """Whole degrees clockwise from the city's grid north, 0–359, of a way so many metres east and north.

    None where the two places are the same for a phone: nearer than 10 m.
    """
    if math.hypot(east_m, north_m) < HERE_M:
        return None
    return round(math.degrees(math.atan2(east_m, north_m))) % 360


def direction(degrees: int | None) -> str:
    """One of eight words for a bearing; empty where there is none."""
    return "" if degrees is None else str(WORDS[round(degrees / 45) % 8])
