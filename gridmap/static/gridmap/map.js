// Maps of every page: the base map, and a small map with one pin. Needs gridmap/_map_assets.html in the head.
/* global L */
import { baseLayer } from "./basemap.js";

const PIN = '<svg viewBox="0 0 28 36" aria-hidden="true"><path d="M14 1C6.800 1 1 6.700 1 13.800 1 23.500 14 35 14 35s13-11.500 13-21.200C27 6.700 21.200 1 14 1z" fill="currentColor" stroke="#fff" stroke-width="2"/><circle cx="14" cy="14" r="5" fill="#fff"/></svg>';

function settings() {
  const { zoom, tiles, zoomIn, zoomOut, pin } = document.getElementById("map-settings").dataset;
  const centre = JSON.parse(document.getElementById("map-centre").textContent);
  return { centre, zoom: Number(zoom), tiles, zoomIn, zoomOut, pin };
}

// asked once a page: the address of the tiles carries their version, so that the browser keeps them until data changes
let description = null;

async function addBase(map, address) {
  description ??= fetch(address, { headers: { Accept: "application/json" } }).then((response) => {
    if (!response.ok) throw new Error(`tiles: ${response.status}`);
    return response.json();
  });
  try {
    const [url] = (await description).tiles;
    if (map.getPane("tilePane")) map.baseLayer = baseLayer(url, { cells: !map.options.withoutCells }).addTo(map);
  } catch {
    description = null; // offline: the next map of this page asks again
  }
}

/**
 * A map of the city with its base layer, in an element that has a size. `options` go to Leaflet;
 * `withoutCells` leaves out the grid in force, for a page that shows another one.
 */
export function cityMap(element, options = {}) {
  const { centre, zoom, tiles, zoomIn, zoomOut } = settings();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    center: [centre[1], centre[0]],
    zoom,
    minZoom: 8,
    maxZoom: 20,
    zoomControl: false,
    attributionControl: false,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    inertia: !calm,
    ...options,
  });
  addBase(map, tiles);
  if (options.keyboard !== false) L.control.zoom({ position: "bottomright", zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  // a panel that opens or closes changes the map's size without the window's; a map that was hidden has no middle yet
  let hidden = map.getSize().x === 0;
  const sizes = new ResizeObserver(() => {
    const [middle, height] = [map.getCenter(), map.getZoom()];
    map.invalidateSize({ pan: false });
    if (hidden && map.getSize().x > 0) {
      hidden = false;
      map.setView(middle, height, { animate: false });
    }
  });
  sizes.observe(element);
  map.on("unload", () => sizes.disconnect());
  return map;
}

/**
 * A small map with one pin in its circle of uncertainty, and numbered candidates.
 *
 * `onMove({lon, lat})` is called when a person drags the pin, moves it with the arrow keys, or clicks on the map
 * (only with `draggable`). `onChoose(index)` is called when a candidate is clicked. All coordinates are WGS84.
 * One that is `still` is a picture. Returns {map, move, candidates, clear}; `move` sets the pin without calling `onMove`.
 */
export function placeMap(element, { lon = null, lat = null, uncertaintyM = 0, draggable = false, onMove = () => {}, onChoose = () => {}, zoom = 17, still = false } = {}) {
  const map = cityMap(element, still ? STILL : { scrollWheelZoom: draggable });
  const state = { pin: null, circle: null, others: L.layerGroup().addTo(map) };

  function told() {
    const { lng, lat: north } = state.pin.getLatLng();
    state.circle?.remove();
    state.circle = null;
    onMove({ lon: lng, lat: north });
  }

  function move({ lon: east, lat: north, uncertaintyM: metres = 0, fit = true }) {
    const at = L.latLng(north, east);
    if (!state.pin) state.pin = newPin(map, at, draggable, told);
    state.pin.setLatLng(at);
    state.circle?.remove();
    state.circle = metres > 0 ? L.circle(at, { radius: metres, ...CIRCLE }).addTo(map) : null;
    if (fit && metres > 60) map.fitBounds(at.toBounds(metres * 2.4), { maxZoom: zoom });
    else if (fit) map.setView(at, Math.max(map.getZoom(), zoom));
  }

  function candidates(list) {
    state.others.clearLayers();
    list.forEach(({ lon: east, lat: north, title = "" }, index) => {
      const icon = L.divIcon({ className: "candidate", html: String(index + 1), iconSize: [22, 22] });
      L.marker([north, east], { icon, title }).on("click", () => onChoose(index)).addTo(state.others);
    });
  }

  function clear() {
    state.pin?.remove();
    state.circle?.remove();
    state.pin = state.circle = null;
    state.others.clearLayers();
  }

  if (draggable) {
    map.on("click", ({ latlng }) => {
      move({ lon: latlng.lng, lat: latlng.lat, fit: false });
      told();
    });
  }
  if (lon !== null && lat !== null) move({ lon: Number(lon), lat: Number(lat), uncertaintyM: Number(uncertaintyM) || 0 });
  return { map, move, candidates, clear };
}

const STILL = { keyboard: false, dragging: false, scrollWheelZoom: false, doubleClickZoom: false, touchZoom: false, boxZoom: false };
const CIRCLE = { color: "#1559a6", weight: 1.2, opacity: 0.7, fillColor: "#1559a6", fillOpacity: 0.1, interactive: false };

function newPin(map, at, draggable, told) {
  const icon = L.divIcon({ className: "pin", html: PIN, iconSize: [28, 36], iconAnchor: [14, 35] });
  const pin = L.marker(at, { icon, draggable, keyboard: draggable, title: draggable ? settings().pin : "", autoPan: true }).addTo(map);
  if (!draggable) return pin;
  pin.on("dragend", told);
  pin.getElement().addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2] }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    pin.setLatLng(map.containerPointToLatLng(map.latLngToContainerPoint(pin.getLatLng()).add(step)));
    told();
  });
  return pin;
}

// Any page may show a fixed place without a module of its own: <div class="map" data-place data-lon data-lat data-uncertainty>
function showPlaces(root) {
  for (const element of root.querySelectorAll("[data-place]:not(.leaflet-container)")) {
    const { lon, lat, uncertainty } = element.dataset;
    if (lon && lat) placeMap(element, { lon, lat, uncertaintyM: uncertainty, still: element.getAttribute("role") === "img" });
  }
}
showPlaces(document);
document.addEventListener("htmx:load", (event) => showPlaces(event.target));
