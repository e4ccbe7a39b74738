// Handles of a cell: corners and edges that it shares with its neighbours, which follow while one is dragged.
/* global L */
import { following, keyOf, movable } from "./layoutshapes.js";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Handles on a map. `features()` are the loaded cells; `preview(Map of code → rings)` shows shapes while dragging, and
 * `preview(null)` the stored ones; `onMoved(code, moves)` gets [[[lon, lat], [lon, lat]], …].
 */
export function handles(map, { features, preview, onMoved, words }) {
  const group = L.layerGroup().addTo(map);
  map.createPane("edges").style.zIndex = 440;
  const renderer = L.svg({ pane: "edges" });
  const lonLat = ({ lng, lat }) => [lng, lat];

  function show(cell) {
    group.clearLayers();
    if (!cell) return;
    const { corners, edges } = movable(cell, features());
    for (const edge of edges) edgeLine(cell, edge);
    for (const edge of edges) bendHandle(cell, edge);
    for (const corner of corners) cornerHandle(cell, corner);
  }

  function marker(at, className, size, title) {
    const icon = L.divIcon({ className, iconSize: [size, size] });
    return L.marker([at[1], at[0]], { icon, draggable: true, keyboard: true, title, alt: title, autoPan: false }).addTo(group);
  }

  function cornerHandle(cell, corner) {
    const handle = marker(corner, "corner", 13, words.corner);
    const to = () => lonLat(handle.getLatLng());
    const live = () => preview(following(cell, features(), new Map([[keyOf(corner), to()]])));
    const save = () => onMoved(cell.properties.code, [[corner, to()]]);
    handle.on("drag", live).on("dragend", save);
    handle.getElement().addEventListener("keydown", (event) => {
      const step = KEYS[event.key];
      if (step) {
        const far = event.shiftKey ? 10 : 2;
        handle.setLatLng(map.containerPointToLatLng(map.latLngToContainerPoint(handle.getLatLng()).add([step[0] * far, step[1] * far])));
        live();
      } else if (event.key === "Enter") save();
      else if (event.key === "Escape") {
        handle.setLatLng([corner[1], corner[0]]);
        preview(null);
      } else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function bendHandle(cell, edge) {
    const middle = [(edge[0][0] + edge[1][0]) / 2, (edge[0][1] + edge[1][1]) / 2];
    const long = map.latLngToContainerPoint([edge[0][1], edge[0][0]]).distanceTo(map.latLngToContainerPoint([edge[1][1], edge[1][0]]));
    if (long < 46) return;
    const handle = marker(middle, "bend", 11, words.bend);
    const to = () => lonLat(handle.getLatLng());
    handle.on("drag", () => preview(following(cell, features(), new Map(), { edge, at: to() })));
    handle.on("dragend", () => onMoved(cell.properties.code, [[middle, to()]]));
  }

  function edgeLine(cell, edge) {
    const ends = edge.map(([lon, lat]) => [lat, lon]);
    const line = L.polyline(ends, { renderer, pane: "edges", weight: 12, opacity: 0, className: "edge" }).addTo(group);
    line.on("mousedown", (start) => {
      L.DomEvent.stop(start);
      map.dragging.disable();
      let moves = null;
      const drag = ({ latlng }) => {
        const [dx, dy] = [latlng.lng - start.latlng.lng, latlng.lat - start.latlng.lat];
        moves = edge.map((corner) => [corner, [corner[0] + dx, corner[1] + dy]]);
        preview(following(cell, features(), new Map(moves.map(([from, to]) => [keyOf(from), to]))));
      };
      map.on("mousemove", drag);
      map.once("mouseup", (end) => {
        map.off("mousemove", drag);
        if (moves) drag(end);
        map.dragging.enable();
        if (moves) onMoved(cell.properties.code, moves);
      });
    });
    line.on("click", L.DomEvent.stop);
  }

  return { show, clear: () => group.clearLayers() };
}
