// Communities coloured by the worst answer that the routing rules give there, or by one kind of answer alone.
/* global L */
import { cityMap } from "../gridmap/map.js";

const COLOURS = { hole: "#b3231a", broken: "#7b2d8b", overlap: "#e5a50a", fallback: "#6b9bd1", clear: "#2e8b57" };
const element = document.getElementById("map");
const map = cityMap(element, { withoutCells: true });
const buttons = [...document.querySelectorAll("[data-state]")];
let chosen = "";

function style({ properties }) {
  const shown = chosen === "" || properties.counts[chosen] > 0;
  const line = { color: "#fff", weight: 1.5 };
  return shown ? { ...line, fillColor: COLOURS[chosen || properties.state], fillOpacity: 0.55 } : { ...line, color: "#7d8997", fillOpacity: 0 };
}

try {
  const response = await fetch(element.dataset.areas, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`areas: ${response.status}`);
  const layer = L.geoJSON(await response.json(), {
    style,
    onEachFeature: ({ properties }, shape) => {
      const told = document.createElement("span");
      told.textContent = `${properties.name}：${properties.told}`;
      shape.bindTooltip(told, { sticky: true });
    },
  }).addTo(map);
  if (layer.getLayers().length) map.fitBounds(layer.getBounds().pad(0.05), { animate: false });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      chosen = button.dataset.state;
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      layer.setStyle(style);
    });
  }
} catch {
  element.after(Object.assign(document.createElement("p"), { className: "notice error", textContent: element.dataset.failed }));
}
