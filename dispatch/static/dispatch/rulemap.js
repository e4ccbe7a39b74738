// Communities coloured by the worst answer that the routing rules give there.
/* global L */
import { cityMap } from "../gridmap/map.js";

const COLOURS = { hole: "#b3231a", broken: "#7b2d8b", overlap: "#e5a50a", fallback: "#6b9bd1", clear: "#2e8b57" };
const element = document.getElementById("map");
const map = cityMap(element, { withoutCells: true });

try {
  const response = await fetch(element.dataset.areas, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`areas: ${response.status}`);
  const layer = L.geoJSON(await response.json(), {
    style: ({ properties }) => ({ color: "#fff", weight: 1.5, fillColor: COLOURS[properties.state], fillOpacity: 0.55 }),
    onEachFeature: ({ properties }, shape) => {
      const told = document.createElement("span");
      told.textContent = `${properties.name}：${properties.told}`;
      shape.bindTooltip(told, { sticky: true });
    },
  }).addTo(map);
  if (layer.getLayers().length) map.fitBounds(layer.getBounds().pad(0.05), { animate: false });
} catch {
  element.after(Object.assign(document.createElement("p"), { className: "notice error", textContent: element.dataset.failed }));
}
