"""Says where a point is, in the words that a local would use."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _

from gridmap.entries import Entry, Gazetteer

AT_M: Final = 15.0  # closer than this it is that house
BESIDE_M: Final = 40.0  # a crossing or a named place this close beats a house further away
AROUND_M: Final = 150.0


def describe(x: float, y: float, gazetteer: Gazetteer) -> str:
    """The nearest address in words for a point in the city's SRID, "海陵北路50号附近"; empty where nothing is near.

    The house itself within 15 m, else a crossing or named place within 40 m, else the nearest of them within 150 m.
    Where no number is near, the street whose line is nearest counts among them: on it within 15 m.
    """
    near = gazetteer.near(x, y, AROUND_M)
    doors = [(e, m) for e, m in near if e.number is not None and e.road_key]
    named = [(e, m) for e, m in near if e.kind in ("crossing", "compound", "building", "poi", "green")]
    if doors and doors[0][1] <= AT_M:
        return door_words(doors[0][0])
    if named and named[0][1] <= BESIDE_M and named[0][0].number is None:
        return _("%(place)s附近") % {"place": named[0][0].name}
    nearest: Sequence[tuple[Entry, float]] = sorted([*doors[:1], *named[:1]], key=lambda found: found[1])
    if not doors and (road := gazetteer.line(x, y, AROUND_M)) and (not named or road[1] < named[0][1]):
        words = _("%(place)s上") if road[1] <= AT_M else _("%(place)s附近")
        return words % {"place": road[0].name}
    if not nearest:
        return ""
    entry = nearest[0][0]
    words = door_words(entry) if entry.number is not None and entry.road_key else entry.name
    return _("%(place)s附近") % {"place": words}


def door_words(entry: Entry) -> str:
    """A doorplate as people write it: 永大路2段128-1号."""
    number = f"{entry.number}-{entry.sub_number}" if entry.sub_number else f"{entry.number}"
    return _("%(street)s%(number)s号") % {"street": entry.road_key, "number": number}
