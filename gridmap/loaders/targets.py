"""Which size of cell each community asks for: what the city's file says, and what counts as built up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection

from gridmap.cells import BUILT_UP_M2
from gridmap.models import Area

OTHER_M2 = 250_000.0  # farmland, hills and water, where the city's file says nothing else
HECTARE_M2 = 10_000.0


@dataclass(frozen=True)
class Targets:
    """Targets of all communities: of named areas, of what is built up, of the rest; square metres."""

    mapping: Mapping[str, Any]
    names: Mapping[str, str]  # name of an area by its code
    per_hectare: Mapping[str, float] = field(default_factory=dict)  # only where the city's file asks for density

    @classmethod
    def loaded(cls) -> "Targets":
        """From the city's file table [cells] and the loaded areas; the gazetteer too where it asks for density."""
        mapping: dict[str, Any] = settings.CITY.mapping.get("cells", {})
        names = dict(Area.objects.values_list("code", "name"))
        return cls(mapping, names, _density() if "built_up_per_hectare" in mapping else {})

    def of(self, community: Area) -> float:
        """The target of a community: of the first table [[cells.areas]] that names it or an area above it."""
        above = {name for code, name in self.names.items() if community.code.startswith(code)}
        for entry in self.mapping.get("areas", ()):
            if above & set(entry["names"]):
                return float(entry["target_m2"])
        if self.built_up(community):
            return float(self.mapping.get("built_up_m2", BUILT_UP_M2))
        return float(self.mapping.get("other_m2", OTHER_M2))

    def built_up(self, community: Area) -> bool:
        """Whether a community counts as built up.

        As stated with the areas (`Area.built_up`); where the city's file says `built_up_per_hectare`, by density
        instead: at least that many doorplates, buildings, compounds and points of interest on a hectare.
        """
        least = self.mapping.get("built_up_per_hectare")
        if least is None:
            return community.built_up
        return self.per_hectare.get(community.code, 0.0) >= float(least)

    @property
    def rule(self) -> str:
        """In words, for the report."""
        least = self.mapping.get("built_up_per_hectare")
        return "as stated with the areas" if least is None else f"at least {least} places on a hectare"


def _density() -> dict[str, float]:
    """Places of the built kinds on a hectare, by code of the community; a place on a border counts for both."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, count(p.id), ST_Area(a.geom) FROM gridmap_area a LEFT JOIN gridmap_place p"
            " ON ST_Covers(a.geom, p.point) AND p.kind = ANY(%s) WHERE a.level = %s GROUP BY a.id",
            [["doorplate", "building", "compound", "poi"], Area.Level.COMMUNITY],
        )
        return {code: count / (m2 / HECTARE_M2) for code, count, m2 in cursor.fetchall()}
