// Drawing the line of a split, with the mouse, a finger or the keyboard; near corners and edges it snaps.
/* global L */
const CORNER_PX = 11;
const EDGE_PX = 8;
const LINE = { color: "#b3231a", weight: 2.5, dashArray: "6 4", interactive: false };

/** A drawer on a map. `ringsOf()` gives the rings [lon, lat] to snap to; `onDone(points)` gets [[lon, lat], …]. */
export function lineDrawer(map, ringsOf, onDone) {
  const points = [];
  const [line, dots] = [L.polyline([], LINE), L.layerGroup()];
  let active = false;

  function snapped(latlng) {
    const at = map.latLngToContainerPoint(latlng);
    let [best, limit] = [null, CORNER_PX];
    const rings = ringsOf().map((ring) => ring.map(([lon, lat]) => map.latLngToContainerPoint([lat, lon])));
    const take = (point, reach) => {
      const far = point.distanceTo(at);
      if (far < Math.min(reach, limit)) [best, limit] = [point, far];
    };
    for (const ring of rings) for (const corner of ring) take(corner, CORNER_PX);
    if (best) return map.containerPointToLatLng(best);
    for (const ring of rings) {
      for (let i = 1; i < ring.length; i++) take(L.LineUtil.closestPointOnSegment(at, ring[i - 1], ring[i]), EDGE_PX);
    }
    return best ? map.containerPointToLatLng(best) : latlng;
  }

  function show(next) {
    line.setLatLngs(next ? [...points, next] : points);
    dots.clearLayers();
    for (const point of points) L.circleMarker(point, { ...LINE, dashArray: null, radius: 4, fillColor: "#fff", fillOpacity: 1 }).addTo(dots);
  }

  function add(latlng) {
    const point = snapped(latlng);
    const last = points.at(-1);
    // the second click of a double click
    if (last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(point)) < 4) return;
    points.push(point);
    show();
  }

  const onMove = ({ latlng }) => points.length && show(snapped(latlng));
  return {
    add,
    get count() {
      return points.length;
    },
    get active() {
      return active;
    },
    start() {
      active = true;
      map.doubleClickZoom.disable();
      map.on("mousemove", onMove);
      line.addTo(map);
      dots.addTo(map);
    },
    stop() {
      active = false;
      this.clear();
      map.off("mousemove", onMove);
      map.doubleClickZoom.enable();
      line.remove();
      dots.remove();
    },
    clear() {
      points.length = 0;
      show();
    },
    back() {
      points.pop();
      show();
    },
    finish() {
      if (points.length > 1) onDone(points.map(({ lng, lat }) => [lng, lat]));
    },
  };
}
