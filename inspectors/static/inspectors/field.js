// Where the phone is, and the small maps of the field app. Positions are WGS84, as the phone gives them.
/* global L */
import { cityMap } from "../gridmap/map.js";

const listeners = new Set();
let fix = null; // {lon, lat, accuracy, at: performance.now() of the measurement}
let trouble = "";
let watching = false;

/** The newest fix, or null. */
export function lastFix() {
  return fix;
}

/** Seconds since a fix: an age stays true when the phone's clock is wrong. */
export function ageOf(taken) {
  return Math.max(0, (performance.now() - taken.at) / 1000);
}

/** Calls `listener(fix, trouble)` now and on every change until the returned function is called; trouble is "", "refused" or "lost". */
export function watchFix(listener) {
  listeners.add(listener);
  if (!watching) start();
  listener(fix, trouble);
  return () => listeners.delete(listener);
}

function tell() {
  for (const listener of listeners) listener(fix, trouble);
}

function start() {
  watching = true;
  if (!navigator.geolocation) {
    trouble = "lost";
    return;
  }
  // the first fix is often wrong: go on watching, every better one replaces it
  navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      const since = Math.max(0, Date.now() - timestamp);
      fix = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: performance.now() - since };
      trouble = "";
      tell();
    },
    (error) => {
      trouble = error.code === error.PERMISSION_DENIED ? "refused" : "lost";
      tell();
    },
    { enableHighAccuracy: true, maximumAge: 5000, timeout: 20000 },
  );
}

/** Metres between two places: good to 0.5 %, only for words on the screen; the server judges. */
export function metresBetween(a, b) {
  const north = (a.lat - b.lat) * 111320;
  const east = (a.lon - b.lon) * 111320 * Math.cos((a.lat * Math.PI) / 180);
  return Math.hypot(north, east);
}

/** A map of the city that does not catch a scrolling thumb. */
export function fieldMap(element) {
  return cityMap(element, { scrollWheelZoom: false });
}

/** Shows where I am on a map, with the circle of accuracy; returns a function to call with each fix. */
export function showMe(map, title) {
  let dot = null;
  let circle = null;
  return (me) => {
    if (!me) return;
    const at = [me.lat, me.lon];
    if (!dot) {
      circle = L.circle(at, { radius: me.accuracy, className: "me-circle", interactive: false }).addTo(map);
      dot = L.marker(at, { icon: L.divIcon({ className: "me", iconSize: [22, 22] }), title, keyboard: false, interactive: false, zIndexOffset: -1000 }).addTo(map);
    }
    dot.setLatLng(at);
    circle.setLatLng(at).setRadius(me.accuracy);
  };
}
