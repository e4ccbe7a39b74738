// My day's route: the way along the streets and the numbered stops.
/* global L */
import { fieldMap } from "./field.js";

const map = fieldMap(document.getElementById("map"));
const { line, places } = JSON.parse(document.getElementById("drawn").textContent);

if (line.length > 1) {
  L.polyline(line, { className: "way under", interactive: false }).addTo(map);
  L.polyline(line, { className: "way", interactive: false }).addTo(map);
}
places.forEach(({ id, lat, lon, late }, index) => {
  const icon = L.divIcon({ className: `task-pin${late ? " red" : ""}`, html: String(index + 1), iconSize: [30, 30] });
  L.marker([lat, lon], { icon, title: String(index + 1) })
    .on("click", () => document.querySelector(`a[href$="/${id}/"]`)?.click())
    .addTo(map);
});
const seen = line.length ? line : places.map(({ lat, lon }) => [lat, lon]);
if (seen.length) map.fitBounds(L.latLngBounds(seen).pad(0.12), { maxZoom: 17, animate: false });
