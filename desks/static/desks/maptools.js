// The console's map tools: choose cases by a shape or by what lies under a click, measure, locate, read coordinates.
/* global L, htmx */

const LINE = { color: "#1559a6", weight: 2, fillColor: "#1559a6", fillOpacity: 0.08, interactive: false };

/**
 * `onShape(text)` gets a shape as desks/shapes.py reads it; `query()` gives the filter as URLSearchParams.
 * Returns {show, cancel}: `show(text)` draws the shape that is chosen, `cancel()` says whether a tool was on.
 */
export function mapTools({ map, settings, onShape, query }) {
  const bar = document.getElementById("map-tools");
  const hint = document.getElementById("tool-hint");
  const drawn = L.layerGroup().addTo(map);
  const chosen = L.layerGroup().addTo(map);
  const state = { tool: "", points: [] };

  function choose(tool) {
    state.tool = state.tool === tool ? "" : tool;
    state.points = [];
    drawn.clearLayers();
    for (const button of bar.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === state.tool));
    hint.hidden = !state.tool;
    hint.textContent = hint.dataset[state.tool] ?? "";
    map.getContainer().classList.toggle("drawing", Boolean(state.tool));
    map.doubleClickZoom[state.tool ? "disable" : "enable"]();
  }
  bar.addEventListener("click", ({ target }) => {
    const tool = target.closest("[data-tool]")?.dataset.tool;
    if (tool) choose(tool);
  });
  L.DomEvent.disableClickPropagation(bar);
  L.DomEvent.disableScrollPropagation(bar);

  function preview(next) {
    const points = next ? [...state.points, next] : state.points;
    drawn.clearLayers();
    if (state.tool === "circle") {
      if (points.length > 1) L.circle(points[0], { ...LINE, radius: points[0].distanceTo(points[1]) }).addTo(drawn);
    } else {
      L.polygon(points, { ...LINE, dashArray: "5 4", fill: points.length > 2 }).addTo(drawn);
    }
    for (const point of state.points) L.circleMarker(point, { ...LINE, radius: 3.5, fillColor: "#fff", fillOpacity: 1 }).addTo(drawn);
    if (state.tool === "measure" && points.length > 1) hint.textContent = measured(points, hint.dataset);
    if (state.tool === "circle" && points.length > 1) hint.textContent = lengthWords(points[0].distanceTo(points[1]), hint.dataset);
  }

  const near = (a, b) => map.latLngToContainerPoint(a).distanceTo(map.latLngToContainerPoint(b)) < 5;

  function add(latlng) {
    const last = state.points.at(-1);
    if (last && near(last, latlng)) return finish(); // the second click of a double click
    state.points.push(latlng);
    preview();
    if (state.tool === "circle" && state.points.length === 2) finish();
    return undefined;
  }

  function finish() {
    const { tool, points } = state;
    if (tool === "measure") {
      state.points = [];
      return;
    }
    if (tool === "polygon" && points.length > 2) onShape(`poly:${points.slice(0, 100).map(pair).join(";")}`);
    else if (tool === "circle" && points.length === 2) {
      onShape(`circle:${pair(points[0])},${Math.max(1, Math.round(points[0].distanceTo(points[1])))}`);
    } else return;
    choose("");
  }

  map.on("click", ({ latlng }) => {
    if (state.tool === "under") under(latlng);
    else if (state.tool) add(latlng);
  });
  map.on("mousemove", ({ latlng }) => state.points.length && preview(latlng));

  async function under(latlng) {
    const asked = query();
    asked.set("lon", latlng.lng.toFixed(7));
    asked.set("lat", latlng.lat.toFixed(7));
    const answer = await fetch(`${settings.under}?${asked}`);
    const box = document.createElement("div");
    if (answer.ok) box.innerHTML = await answer.text();
    else box.textContent = answer.status === 422 ? await answer.text() : settings.failed;
    L.popup({ minWidth: 190, autoPan: true }).setLatLng(latlng).setContent(box).openOn(map);
    choose("");
  }

  // --- what is chosen stays visible

  function show(text) {
    chosen.clearLayers();
    const [kind, value = ""] = text.split(/:(.*)/s);
    const numbers = value.split(";").map((part) => part.split(",").map(Number));
    if (kind === "poly") L.polygon(numbers.map(([lon, lat]) => [lat, lon]), LINE).addTo(chosen);
    if (kind === "circle") L.circle([numbers[0][1], numbers[0][0]], { ...LINE, radius: numbers[0][2] }).addTo(chosen);
  }

  locating(map, settings);
  pointing(map, settings);
  return {
    show,
    cancel() {
      const was = state.tool;
      if (was) choose("");
      return Boolean(was);
    },
    get active() {
      return Boolean(state.tool);
    },
  };
}

function pair({ lng, lat }) {
  return `${lng.toFixed(6)},${lat.toFixed(6)}`;
}

// --- lengths and areas on the ellipsoid, exact to some parts in ten thousand within a city

function metres(points) {
  const phi = (points[0].lat * Math.PI) / 180;
  const north = 111132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi);
  const east = 111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi);
  return points.map(({ lng, lat }) => [(lng - points[0].lng) * east, (lat - points[0].lat) * north]);
}

function lengthOf(points) {
  const flat = metres(points);
  return flat.slice(1).reduce((sum, [x, y], i) => sum + Math.hypot(x - flat[i][0], y - flat[i][1]), 0);
}

function areaOf(points) {
  const flat = metres(points);
  const twice = flat.reduce((sum, [x, y], i) => {
    const [u, v] = flat[(i + 1) % flat.length];
    return sum + x * v - u * y;
  }, 0);
  return Math.abs(twice) / 2;
}

function lengthWords(length, words) {
  return length < 1000 ? words.metres.replace("{n}", Math.round(length)) : words.kilometres.replace("{n}", (length / 1000).toFixed(2));
}

function measured(points, words) {
  const parts = [words.length.replace("{length}", lengthWords(lengthOf(points), words))];
  if (points.length > 2) {
    const area = areaOf(points);
    const told = area < 10_000 ? words.square.replace("{n}", Math.round(area)) : words.hectares.replace("{n}", (area / 10_000).toFixed(2));
    parts.push(words.area.replace("{area}", told));
  }
  return parts.join(" · ");
}

// --- an address on the map

function locating(map, settings) {
  const form = document.getElementById("locate");
  const found = document.getElementById("located");
  const marks = L.layerGroup().addTo(map);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = form.elements.q.value.trim();
    if (!text) return;
    await htmx.ajax("GET", `${settings.locate}?${new URLSearchParams({ q: text })}`, { target: "#located", swap: "innerHTML" });
    found.hidden = false;
    const spots = found.querySelectorAll("[data-spot]");
    if (spots.length === 1) spots[0].click();
    else spots[0]?.focus();
  });
  found.addEventListener("click", ({ target }) => {
    const spot = target.closest("[data-spot]");
    if (!spot) return;
    const at = L.latLng(Number(spot.dataset.lat), Number(spot.dataset.lon));
    const radius = Number(spot.dataset.uncertainty) || 0;
    marks.clearLayers();
    if (radius) L.circle(at, { ...LINE, radius }).addTo(marks);
    L.circleMarker(at, { ...LINE, radius: 6, fillOpacity: 0.9 }).addTo(marks);
    if (radius > 60) map.fitBounds(at.toBounds(radius * 2.4), { maxZoom: 18 });
    else map.setView(at, 18);
    found.hidden = true;
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || (found.hidden && !form.elements.q.value)) return;
    event.preventDefault();
    found.hidden = true;
    form.elements.q.value = "";
    marks.clearLayers();
  });
}

// --- coordinates under the pointer; the server knows every datum

function pointing(map, settings) {
  const line = document.getElementById("pointer");
  const [output, datum] = [line.querySelector("[data-coordinates]"), line.querySelector("[data-datum]")];
  const state = { at: null, timer: 0, asked: 0 };
  L.DomEvent.disableClickPropagation(line);
  datum.value = localStorage.getItem("gridmap-datum") ?? "wgs84";

  async function tell() {
    if (!state.at) return;
    const { lng, lat } = state.at;
    if (datum.value === "wgs84") {
      output.textContent = `${lng.toFixed(6)}, ${lat.toFixed(6)}`;
      return;
    }
    const turn = ++state.asked;
    try {
      const answer = await fetch(`${settings.datum.replace("/datum/", `/${datum.value}/`)}?lon=${lng.toFixed(8)}&lat=${lat.toFixed(8)}`);
      if (turn === state.asked && answer.ok) output.textContent = (await answer.json()).words;
    } catch {
      output.textContent = "—"; // no network: nothing is better than a wrong number
    }
  }

  map.on("mousemove", ({ latlng }) => {
    state.at = latlng;
    clearTimeout(state.timer);
    if (datum.value === "wgs84") tell();
    else state.timer = setTimeout(tell, 120);
  });
  datum.addEventListener("change", () => {
    localStorage.setItem("gridmap-datum", datum.value);
    tell();
  });
}
