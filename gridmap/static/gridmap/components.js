// Components: a page of the list, one component, or a sample of an import on the map; ticks of drafts.
/* global L */
import { cityMap } from "./map.js";

const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
const element = document.getElementById("map");
const LINE = { color: "#1559a6", weight: 4, opacity: 0.9 };

function dot(lat, lon, title, state = "") {
  const icon = L.divIcon({ className: `spot-dot ${state}`, iconSize: [13, 13] });
  const named = Boolean(title); // one without a name does nothing: it only shows where
  return L.marker([lat, lon], { icon, title, alt: title, interactive: named, keyboard: named });
}

/** The rows of the list, lit in both directions; a click opens the component. */
function listMap(spots) {
  const map = cityMap(element);
  const markers = spots.map(({ code, lon, lat, name, state }) => {
    const marker = dot(lat, lon, `${code} ${name}`, state).addTo(map);
    marker.on("click", () => rows[spots.findIndex((spot) => spot.code === code)]?.querySelector("a").click());
    return marker;
  });
  const rows = [...document.querySelectorAll("[data-spot]")];
  rows.forEach((row, index) => {
    const light = (on) => {
      row.classList.toggle("lit", on);
      markers[index].getElement()?.classList.toggle("lit", on);
    };
    row.addEventListener("mouseenter", () => light(true));
    row.addEventListener("mouseleave", () => light(false));
    markers[index].on("mouseover", () => light(true)).on("mouseout", () => light(false));
  });
  if (markers.length) map.fitBounds(L.featureGroup(markers).getBounds().pad(0.1), { maxZoom: 18, animate: false });
}

/** One component: its point, line or area. */
function oneMap(shape) {
  const map = cityMap(element);
  const layer = L.geoJSON(shape, { style: LINE, pointToLayer: (_feature, at) => dot(at.lat, at.lng, "") }).addTo(map);
  map.fitBounds(layer.getBounds().pad(0.3), { maxZoom: 18, animate: false });
}

function sampleMap(sample) {
  const map = cityMap(element);
  const dots = sample.map(([lon, lat, code]) => dot(lat, lon, code).addTo(map));
  map.fitBounds(L.featureGroup(dots).getBounds().pad(0.1), { maxZoom: 18, animate: false });
}

function ticks() {
  const bar = document.querySelector("[data-publish]");
  const boxes = [...document.querySelectorAll("input[name=code][form=publish]")];
  if (!bar || !boxes.length) return;
  bar.hidden = false;
  const all = bar.querySelector("[data-all]");
  const button = bar.querySelector("button");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
    button.disabled = ticked === 0;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  count();
}

// the browser's own file field speaks the browser's language, not the page's
document.addEventListener("change", ({ target }) => {
  const told = target.type === "file" && target.closest("label")?.querySelector("[data-file-name]");
  if (told && target.files.length) told.textContent = target.files[0].name;
});

const [spots, shape, sample] = ["spots", "shape", "sample"].map(read);
if (element && spots) listMap(spots);
if (element && shape) oneMap(shape);
if (element && sample?.length) sampleMap(sample);
ticks();
