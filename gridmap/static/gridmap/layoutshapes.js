// Geometry of the layout map without the map: corners, edges that cells share, and shapes while something is dragged.

/** A corner by its coordinates as the server wrote them: equal corners have equal keys. */
export const keyOf = ([lon, lat]) => `${lon},${lat}`;
const edgeOf = (a, b) => [keyOf(a), keyOf(b)].sort().join(" ");

function* edges(ring) {
  for (let i = 1; i < ring.length; i++) yield [ring[i - 1], ring[i]];
}

/** Rings of [lat, lon] for Leaflet. */
export function latLngs(rings) {
  return rings.map((ring) => ring.map(([lon, lat]) => [lat, lon]));
}

/**
 * What can be moved of a cell: corners and edges that it shares with another cell of its community.
 * `cells` are GeoJSON features; the border of a community is nobody's to move.
 */
export function movable(cell, cells) {
  const { code, community } = cell.properties;
  const [corners, shared] = [new Set(), new Set()];
  for (const other of cells) {
    if (other.properties.code === code || other.properties.community !== community) continue;
    for (const ring of other.geometry.coordinates) {
      for (const [a, b] of edges(ring)) {
        corners.add(keyOf(a)).add(keyOf(b));
        shared.add(edgeOf(a, b));
      }
    }
  }
  const found = { corners: new Map(), edges: [] };
  for (const ring of cell.geometry.coordinates) {
    for (const [a, b] of edges(ring)) {
      if (corners.has(keyOf(a))) found.corners.set(keyOf(a), a);
      if (shared.has(edgeOf(a, b))) found.edges.push([a, b]);
    }
  }
  return { corners: [...found.corners.values()], edges: found.edges };
}

/**
 * Rings of the cells that follow while corners are dragged, by code.
 *
 * `moves`: Map from corner key to its new place. `bend`: {edge: [a, b], at} puts a corner into an edge.
 * Where a corner is on the border, only cells of the community follow: the border itself stays.
 */
export function following(cell, cells, moves, bend) {
  const bent = bend && edgeOf(...bend.edge);
  const found = new Map();
  for (const other of cells) {
    if (other.properties.community !== cell.properties.community) continue;
    let changed = false;
    const rings = other.geometry.coordinates.map((ring) => {
      const moved = [];
      ring.forEach((corner, i) => {
        if (bent && i && edgeOf(ring[i - 1], corner) === bent) {
          moved.push(bend.at);
          changed = true;
        }
        const to = moves.get(keyOf(corner));
        changed ||= Boolean(to);
        moved.push(to ?? corner);
      });
      return moved;
    });
    if (changed) found.set(other.properties.code, rings);
  }
  return found;
}

/** All rings of a polygon or multipolygon. */
export function ringsOf({ type, coordinates }) {
  return type === "MultiPolygon" ? coordinates.flat() : coordinates;
}
