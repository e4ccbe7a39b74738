// A list that is sorted by where I am: the page comes without, and is asked for again as soon as the phone knows.
/* global L, htmx */
import { ageOf, fieldMap, metresBetween, showMe, watchFix } from "./field.js";

const MOVED_M = 50;
const list = document.getElementById("near");
const mapBox = document.getElementById("map");
const map = mapBox && fieldMap(mapBox);
const me = map && showMe(map, mapBox.dataset.me);
const pins = map && L.layerGroup().addTo(map);
let told = null;
let touched = false;

mapBox?.addEventListener("pointerdown", () => (touched = true));

function draw() {
  if (!map) return;
  pins.clearLayers();
  const points = JSON.parse(document.getElementById("points")?.textContent ?? "[]");
  points.forEach(({ lat, lon }, index) => {
    const icon = L.divIcon({ className: "task-pin", html: String(index + 1), iconSize: [30, 30] });
    L.marker([lat, lon], { icon, title: String(index + 1), interactive: false, keyboard: false }).addTo(pins);
  });
  if (touched) return; // a map that somebody has moved stays where it is
  const around = points.slice(0, 8).map(({ lat, lon }) => [lat, lon]);
  if (told) around.push([told.lat, told.lon]);
  if (around.length) map.fitBounds(L.latLngBounds(around).pad(0.18), { maxZoom: 17, animate: false });
}

watchFix((fix) => {
  me?.(fix);
  if (!fix || (told && metresBetween(fix, told) < MOVED_M)) return;
  told = fix;
  const values = { lon: fix.lon, lat: fix.lat, accuracy: fix.accuracy, age: ageOf(fix) };
  htmx.ajax("POST", list.dataset.url, { source: list, target: list, swap: "innerHTML", values });
});
list.addEventListener("htmx:afterSwap", draw);
draw();
