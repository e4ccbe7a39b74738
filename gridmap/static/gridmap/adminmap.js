// The admin's map fields: a shape on the city's base map, drawn with Leaflet.draw, kept as GeoJSON in a text field.
/* global L */
import { cityMap } from "./map.js";

const ICON = L.divIcon({ className: "admin-pin", iconSize: [18, 18] });
const STYLE = { color: "#1559a6", weight: 2, fillColor: "#1559a6", fillOpacity: 0.12 };

function speak(words) {
  const { draw, edit } = L.drawLocal;
  Object.assign(draw.toolbar.buttons, { polygon: words.polygon, marker: words.marker });
  Object.assign(draw.toolbar.actions, { title: words.cancel, text: words.cancel });
  Object.assign(draw.toolbar.undo, { title: words.undo, text: words.undo });
  if (draw.toolbar.finish) Object.assign(draw.toolbar.finish, { title: words.save, text: words.save });
  draw.handlers.polygon.tooltip = { start: words.start, cont: words.next, end: words.end };
  draw.handlers.polyline.error = words.crossing;
  draw.handlers.marker.tooltip.start = words.start;
  edit.toolbar.buttons = { edit: words.edit, editDisabled: words.empty, remove: words.remove, removeDisabled: words.empty };
  Object.assign(edit.toolbar.actions.save, { title: words.save, text: words.save });
  Object.assign(edit.toolbar.actions.cancel, { title: words.cancel, text: words.cancel });
  if (edit.toolbar.actions.clearAll) Object.assign(edit.toolbar.actions.clearAll, { title: words.clear, text: words.clear });
  edit.handlers.edit.tooltip = { text: words.drag, subtext: "" };
  edit.handlers.remove.tooltip.text = words.click;
}

/** The polygons or points of a GeoJSON geometry as layers of their own, so that each can be edited. */
function parts(geometry) {
  if (!geometry) return [];
  if (!geometry.type.startsWith("Multi")) return [geometry];
  return geometry.coordinates.map((coordinates) => ({ type: geometry.type.slice(5), coordinates }));
}

/** What the drawn layers say together, as the column wants it; an empty text for nothing. */
function told(shapes, kind) {
  const found = shapes.getLayers().map((layer) => layer.toGeoJSON(9).geometry);
  if (!found.length) return "";
  if (!kind.startsWith("Multi")) return JSON.stringify(found.at(-1));
  return JSON.stringify({ type: kind, coordinates: found.map((geometry) => geometry.coordinates) });
}

function start(field) {
  const text = field.querySelector("textarea");
  const { kind, fixed } = field.dataset;
  const map = cityMap(field.querySelector(".admin-map"), { scrollWheelZoom: false });
  const shapes = L.featureGroup().addTo(map);
  const original = text.value ? JSON.parse(text.value) : null;
  for (const geometry of parts(original)) {
    L.geoJSON(geometry, {
      style: STYLE,
      pointToLayer: (_, at) => (fixed === undefined ? L.marker(at, { icon: ICON }) : L.circleMarker(at, { ...STYLE, radius: 7 })),
    }).eachLayer((layer) => shapes.addLayer(layer));
  }
  if (shapes.getLayers().length) map.fitBounds(shapes.getBounds(), { maxZoom: 18, padding: [20, 20] });
  field.dataset.ready = "";
  if (fixed !== undefined) return;
  const point = kind.endsWith("Point");
  const polygon = point ? false : { shapeOptions: STYLE, allowIntersection: false, drawError: { color: "#b3231a" } };
  const none = { polyline: false, rectangle: false, circle: false, circlemarker: false };
  map.addControl(new L.Control.Draw({ draw: { ...none, polygon, marker: point ? { icon: ICON } : false }, edit: { featureGroup: shapes } }));
  const keep = () => {
    text.value = told(shapes, kind);
  };
  map.on("draw:created", ({ layer }) => {
    if (!kind.startsWith("Multi")) shapes.clearLayers();
    shapes.addLayer(layer);
    keep();
  });
  map.on("draw:edited draw:deleted", keep);
}

const fields = document.querySelectorAll(".admin-map-field");
if (fields.length) {
  speak(JSON.parse(document.getElementById("admin-map-words").textContent));
  fields.forEach(start);
}
