// The public map: the same rows as the list below it, grouped by what lies together. Words come with the page.
/* global L, Supercluster */
import { cityMap } from "../gridmap/map.js";

const [LON, LAT, CLASS, COMMUNITY, STATE, DAY] = [0, 1, 2, 3, 4, 5];
const CLOSEST = 18; // squares are tens of metres wide: nearer than this nothing comes apart

const panel = document.getElementById("map-panel");
const element = document.getElementById("map");
const form = document.getElementById("public-filter");
const words = JSON.parse(document.getElementById("public-words").textContent);

panel.hidden = false;
const map = cityMap(element, { scrollWheelZoom: false, maxZoom: 19 });
const marks = L.layerGroup().addTo(map);
let rows = [];
let index = null;

function wanted(row) {
  const { major, stage } = Object.fromEntries(new FormData(form));
  const right = !major || String(words.classes[row[CLASS]]?.[1]) === major;
  return right && (!stage || (stage === "ended") === ended(row));
}

function ended(row) {
  return row[STATE] === "closed";
}

function group() {
  const point = (row) => ({ type: "Feature", geometry: { type: "Point", coordinates: [row[LON], row[LAT]] }, properties: { row } });
  index = new Supercluster({
    radius: 50,
    extent: 256,
    maxZoom: CLOSEST,
    map: ({ row }) => ({ open: ended(row) ? 0 : 1 }),
    reduce: (sum, one) => {
      sum.open += one.open;
    },
  }).load(rows.filter((row) => row.length && wanted(row)).map(point));
  draw();
}

function draw() {
  if (!index) return;
  const box = map.getBounds().pad(0.2);
  const found = index.getClusters([box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], Math.round(map.getZoom()));
  marks.clearLayers();
  for (const { id, geometry, properties } of found) {
    const [lon, lat] = geometry.coordinates;
    if (properties.cluster) many(id, [lat, lon], properties);
    else one([lat, lon], properties.row);
  }
}

function many(id, at, { point_count: n, open }) {
  const size = 28 + Math.min(20, Math.round(Math.log2(n) * 3));
  const icon = L.divIcon({ className: "mark group", html: String(n), iconSize: [size, size] });
  const marker = L.marker(at, { icon, title: element.dataset.many.replace("{n}", n), alt: String(n) }).addTo(marks);
  marker.getElement().style.setProperty("--open", `${(100 * open) / n}%`);
  marker.on("click keypress", ({ originalEvent }) => {
    if (originalEvent?.key && originalEvent.key !== "Enter") return;
    const zoom = index.getClusterExpansionZoom(id);
    if (zoom <= CLOSEST && zoom > map.getZoom()) map.setView(at, zoom);
    else tell(at, index.getLeaves(id, 8).map(({ properties }) => properties.row), n);
  });
}

function one(at, row) {
  const icon = L.divIcon({ className: `mark ${ended(row) ? "ended" : "open"}`, iconSize: [18, 18] });
  const name = words.classes[row[CLASS]]?.[0] ?? "";
  L.marker(at, { icon, title: name, alt: name }).addTo(marks).on("click", () => tell(at, [row], 1));
}

function tell(at, shown, n) {
  const list = document.createElement("ul");
  list.className = "told";
  for (const row of shown) {
    const [item, title, meta] = ["li", "strong", "span"].map((tag) => document.createElement(tag));
    title.textContent = words.classes[row[CLASS]]?.[0] ?? "";
    meta.textContent = [words.communities[row[COMMUNITY]], words.states[row[STATE]], element.dataset.received.replace("{d}", row[DAY])].filter(Boolean).join(" · ");
    item.append(title, meta);
    list.append(item);
  }
  if (n > shown.length) {
    const more = document.createElement("li");
    more.textContent = `+ ${n - shown.length}`;
    list.append(more);
  }
  L.popup({ maxWidth: 260, autoPanPadding: [12, 12] }).setLatLng(at).setContent(list).openOn(map);
}

map.on("moveend", draw);
form.addEventListener("change", group);

try {
  const response = await fetch(element.dataset.points);
  if (!response.ok) throw new Error(String(response.status));
  ({ rows } = await response.json());
  const seen = rows.filter(wanted);
  if (seen.length) map.fitBounds(L.latLngBounds(seen.map((row) => [row[LAT], row[LON]])), { padding: [24, 24], maxZoom: 16, animate: false });
  group();
} catch {
  const line = document.createElement("p");
  line.className = "notice warning map-lost";
  line.textContent = element.dataset.lost;
  element.append(line);
}
