// The map of what was patrolled: cells that nobody has seen, or one inspector's way of today.
/* global L */
import { cityMap } from "../gridmap/map.js";

const NEVER = { color: "#a81f16", weight: 1.5, fillColor: "#e0675e", fillOpacity: 0.45 };
const LATE = { color: "#8a5600", weight: 1.5, fillColor: "#f0b429", fillOpacity: 0.4 };

async function cells(element) {
  const { url, never, ago } = element.dataset;
  const map = cityMap(element, { preferCanvas: true });
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const layer = L.geoJSON(await response.json(), {
    style: ({ properties }) => (properties.days === null ? NEVER : LATE),
    onEachFeature: ({ properties: { code, days } }, shape) =>
      shape.bindTooltip(`${code} · ${days === null ? never : ago.replace("{n}", days)}`),
  }).addTo(map);
  if (layer.getLayers().length) map.fitBounds(layer.getBounds().pad(0.05), { animate: false });
  element.dataset.drawn = layer.getLayers().length;
}

function track(element) {
  const map = cityMap(element);
  const pieces = JSON.parse(document.getElementById("pieces").textContent);
  const lines = L.polyline(pieces, { color: "#1559a6", weight: 5, opacity: 0.85 }).addTo(map);
  L.circleMarker(pieces[0][0], { radius: 7, color: "#fff", weight: 2, fillColor: "#146c43", fillOpacity: 1 }).addTo(map);
  L.circleMarker(pieces.at(-1).at(-1), { radius: 7, color: "#fff", weight: 2, fillColor: "#a81f16", fillOpacity: 1 }).addTo(map);
  map.fitBounds(lines.getBounds().pad(0.1), { maxZoom: 17, animate: false });
}

const [cellMap, trackMap] = [document.getElementById("map"), document.getElementById("track")];
if (cellMap) cells(cellMap);
if (trackMap) track(trackMap);
