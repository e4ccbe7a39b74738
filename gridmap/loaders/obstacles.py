"""What the drawing of cells has to look at: streets and waters of the gazetteer, compounds, buildings, components."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.copying import copy_out
from gridmap.models import Place

COMPONENT = "component"
STREETS = (Place.Kind.ROAD, Place.Kind.LANE)
COMPOUNDS = (Place.Kind.COMPOUND, Place.Kind.BUILDING, Place.Kind.DOORPLATE)  # a house may be stored as its number


class Thing(NamedTuple):
    """An object of the ground: kind of place or "component", its name or code, its shape in the city's metres."""

    kind: str
    name: str
    shape: BaseGeometry


@dataclass(frozen=True)
class Layer:
    """Things of one sort with their index."""

    things: list[Thing]
    tree: shapely.STRtree

    @classmethod
    def of(cls, things: list[Thing]) -> "Layer":
        return cls(things, shapely.STRtree(np.array([thing.shape for thing in things], dtype=object)))

    def near(self, shape: BaseGeometry) -> list[BaseGeometry]:
        """Shapes that touch a community, always in the same order."""
        return [self.things[i].shape for i in np.sort(self.tree.query(shape, predicate="intersects"))]


@dataclass(frozen=True)
class Obstacles:
    """What cells follow (streets, waters) and what they leave whole (compounds with buildings, components)."""

    streets: Layer
    waters: Layer
    compounds: Layer
    components: Layer

    @classmethod
    def loaded(cls) -> "Obstacles":
        """From the gazetteer and the published components of the database; points bar nothing and are never split."""
        places = _things(
            "SELECT kind, name, encode(ST_AsBinary(geom), 'hex') FROM gridmap_place"
            " WHERE geom IS NOT NULL AND ST_Dimension(geom) > 0"
            " AND kind IN ('road', 'lane', 'water', 'compound', 'building', 'doorplate') ORDER BY id"
        )
        components = _things(
            f"SELECT '{COMPONENT}', code, encode(ST_AsBinary(geom), 'hex') FROM gridmap_component"  # noqa: S608
            " WHERE NOT draft AND state <> 'abandoned' AND ST_Dimension(geom) = 2 ORDER BY code"
        )
        return cls(
            Layer.of([thing for thing in places if thing.kind in STREETS]),
            Layer.of([thing for thing in places if thing.kind == Place.Kind.WATER]),
            Layer.of([thing for thing in places if thing.kind in COMPOUNDS and shapely.area(thing.shape) > 0]),
            Layer.of(components),
        )

    def near(self, shape: BaseGeometry) -> dict[str, list[BaseGeometry]]:
        """Those that touch a community, by the names of the drawing's arguments."""
        layers = {"streets": self.streets, "waters": self.waters}
        layers |= {"compounds": self.compounds, "components": self.components}
        return {name: layer.near(shape) for name, layer in layers.items()}

    def counts(self) -> dict[str, int]:
        """How many of each there are, for the report."""
        return {
            "streets": len(self.streets.things),
            "waters": len(self.waters.things),
            "compounds and buildings": len(self.compounds.things),
            "components": len(self.components.things),
        }


def _things(query: str) -> list[Thing]:
    rows = list(copy_out(query))
    shapes = shapely.make_valid(shapely.from_wkb(np.array([row[2] for row in rows], dtype=object)))
    return [Thing(row[0] or "", row[1] or "", shape) for row, shape in zip(rows, shapes, strict=True)]
