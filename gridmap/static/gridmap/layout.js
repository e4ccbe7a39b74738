// The map of a layout: its cells, the defects of its last check, and for drafts the editor.
/* global L */
import { showDefects } from "./layoutdefects.js";
import { lineDrawer } from "./layoutdraw.js";
import { handles } from "./layoutmove.js";
import { latLngs, ringsOf } from "./layoutshapes.js";
import { cityMap } from "./map.js";

const words = document.getElementById("layout-settings").dataset;
const byId = (id) => document.getElementById(id);
const editable = words.editable === "yes";
const LEAST_ZOOM = 14; // a wider view has more cells than can be drawn
const STYLE = { color: "#1559a6", weight: 1.2, opacity: 0.85, fillColor: "#1559a6", fillOpacity: 0.04 };
const BESIDE = { color: "#7d8997", weight: 1, opacity: 0.7, fillOpacity: 0, dashArray: "4 3" };
const CHOSEN = { color: "#0f4480", weight: 2.8, opacity: 1, fillColor: "#1559a6", fillOpacity: 0.24 };

const state = { version: Number(words.version), tool: "select", cells: new Map(), chosen: [], busy: false, community: "", part: false };
const map = cityMap(byId("map"), { preferCanvas: true, withoutCells: true });
const ground = L.featureGroup().addTo(map);
const labels = L.layerGroup().addTo(map);
const outline = L.geoJSON(null, { style: { color: "#15243a", weight: 2.4, fill: false, interactive: false } }).addTo(map);
const community = byId("community");
let asking = null;

const features = () => [...state.cells.values()].map(({ feature }) => feature);
const mine = (feature) => !state.community || feature.properties.community === state.community;

// cells

function put(feature) {
  const { code } = feature.properties;
  state.cells.get(code)?.layer.remove();
  const layer = L.polygon(latLngs(feature.geometry.coordinates), mine(feature) ? STYLE : BESIDE).addTo(ground);
  layer.bindTooltip(`${code} · ${words.area.replace("{n}", Math.round(feature.properties.area_m2).toLocaleString())}`, { sticky: true });
  // it would lie on the line that is drawn
  layer.on("tooltipopen", () => state.tool !== "select" && layer.closeTooltip());
  layer.on("click", (event) => {
    if (!editable || state.tool !== "split" || state.chosen.length !== 1) {
      L.DomEvent.stop(event);
      pick(code);
    }
  });
  state.cells.set(code, { feature, layer });
}

function drop(code) {
  state.cells.get(code)?.layer.remove();
  state.cells.delete(code);
}

function paint() {
  for (const [code, { feature, layer }] of state.cells) {
    layer.setStyle(state.chosen.includes(code) ? CHOSEN : mine(feature) ? { ...STYLE, dashArray: null } : BESIDE);
  }
  label();
}

function label() {
  labels.clearLayers();
  const bounds = map.getBounds();
  for (const [code, { feature, layer }] of state.cells) {
    const [[west, south], [east, north]] = [layer.getBounds().getSouthWest(), layer.getBounds().getNorthEast()].map(({ lng, lat }) => [lng, lat]);
    const size = map.latLngToContainerPoint([south, east]).subtract(map.latLngToContainerPoint([north, west]));
    const [lon, lat] = feature.properties.at;
    if (Math.min(size.x, size.y) < 22 || !bounds.contains([lat, lon])) continue;
    const look = state.chosen.includes(code) ? " chosen-cell" : mine(feature) ? "" : " beside";
    const icon = L.divIcon({ className: `cell-label${look}`, html: code.slice(feature.properties.community.length), iconSize: [40, 16] });
    const mark = L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(labels);
    mark.getElement().dataset.code = code;
  }
}

async function load() {
  const inView = !state.community;
  note("");
  if (inView && map.getZoom() < LEAST_ZOOM) {
    clear();
    note(words.zoomIn);
    return;
  }
  asking?.abort();
  asking = new AbortController();
  const bounds = map.getBounds();
  const query = { ...(state.community && { community: state.community }), ...((inView || state.part) && { bbox: bounds.toBBoxString() }) };
  const answer = await fetch(`${words.cells}?${new URLSearchParams(query)}`, { signal: asking.signal }).catch(() => null);
  if (!answer?.ok) return;
  const found = await answer.json();
  // a map that opens on more cells than it may draw comes closer once, instead of showing half of them
  if (inView && !state.opened && found.total > found.limit) {
    state.opened = true;
    map.zoomIn(1);
    return;
  }
  state.opened = true;
  state.version = found.version;
  clear();
  found.features.forEach(put);
  outline.clearLayers();
  if (found.outline) outline.addData(found.outline);
  const many = found.total > found.limit;
  if (many) note((inView ? words.tooMany : words.tooManyHere).replace("{n}", found.total).replace("{limit}", found.limit));
  // a community with too many cells is shown by the map's extent too
  state.part ||= many && !inView;
  state.chosen = state.chosen.filter((code) => state.cells.has(code));
  byId("codes")?.replaceChildren(...features().filter(mine).map(({ properties }) => new Option("", properties.code)));
  chosenChanged();
  versionChanged();
}

function clear() {
  ground.clearLayers();
  state.cells.clear();
  outline.clearLayers();
  label();
}

function note(text) {
  byId("map-note").textContent = text;
  byId("map-note").hidden = !text;
}

async function show(code) {
  state.community = code;
  state.part = false;
  community.value = code;
  const form = byId("check-form");
  if (form) {
    form.elements.community.value = code;
    byId("mend-part").hidden = !code;
  }
  history.replaceState(null, "", code ? `?community=${code}` : location.pathname);
  await load();
  if (code && outline.getLayers().length) map.fitBounds(outline.getBounds().pad(0.04), { animate: false });
}

// what is chosen

function pick(code) {
  const cell = state.cells.get(code);
  if (!editable || !cell || !mine(cell.feature)) return;
  if (state.tool === "select") {
    state.chosen = state.chosen.includes(code) ? state.chosen.filter((one) => one !== code) : [...state.chosen, code];
  } else state.chosen = [code];
  chosenChanged();
}

function chosenChanged() {
  if (!editable) {
    label();
    return;
  }
  byId("chosen").replaceChildren(
    ...state.chosen.map((code) => {
      const [item, button, size] = [document.createElement("li"), document.createElement("button"), document.createElement("span")];
      button.type = "button";
      button.className = "code";
      button.textContent = code;
      button.title = words.drop.replace("{code}", code);
      size.className = "muted";
      size.textContent = words.area.replace("{n}", Math.round(state.cells.get(code).feature.properties.area_m2).toLocaleString());
      button.append(size);
      button.addEventListener("click", () => {
        state.chosen = state.chosen.filter((one) => one !== code);
        chosenChanged();
      });
      item.append(button);
      return item;
    }),
  );
  paint();
  const [only] = state.chosen.length === 1 ? state.chosen : [];
  corners.show(state.tool === "move" && only ? state.cells.get(only).feature : null);
}

// tools

const drawer = lineDrawer(
  map,
  () => state.chosen.flatMap((code) => ringsOf(state.cells.get(code).feature.geometry)),
  (line) => change("split", { codes: state.chosen, line }),
);
const corners = handles(map, {
  features,
  words,
  preview(shapes) {
    for (const [code, { feature, layer }] of state.cells) {
      if (!shapes || shapes.has(code)) layer.setLatLngs(latLngs(shapes?.get(code) ?? feature.geometry.coordinates));
    }
  },
  onMoved: (code, moves) => change("move", { codes: [code], moves }),
});

function use(tool) {
  state.tool = tool;
  if (tool === "split") drawer.start();
  else drawer.stop();
  if (tool !== "select" && state.chosen.length > 1) state.chosen = [];
  byId("map").classList.toggle("splitting", tool === "split");
  byId("crosshair").hidden = tool !== "split";
  byId("guide").textContent = { select: words.guideSelect, split: words.guideSplit, move: words.guideMove }[tool];
  for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", button.dataset.tool === tool);
  chosenChanged();
}

function say(problem, done = "") {
  byId("done").classList.toggle("success", done !== words.saving);
  for (const [id, text] of [["problem", problem], ["done", done]]) {
    byId(id).textContent = text;
    byId(id).hidden = !text;
  }
  if (problem) byId("problem").scrollIntoView({ block: "nearest" });
}

function refuse(problem) {
  say(problem);
  if (state.tool === "split") drawer.clear();
  for (const { feature, layer } of state.cells.values()) layer.setLatLngs(latLngs(feature.geometry.coordinates));
  chosenChanged();
}

async function change(operation, more = {}) {
  if (state.busy) return;
  const why = byId("why").value.trim();
  if (operation === "merge" && state.chosen.length < 2) return refuse(words.needTwo);
  if (operation === "split" && state.chosen.length !== 1) return refuse(words.needOne);
  if (!why) {
    refuse(words.needWhy);
    byId("why").focus();
    return;
  }
  state.busy = true;
  document.body.classList.add("saving");
  say("", words.saving);
  const body = JSON.stringify({ operation, version: state.version, why, datum: "wgs84", ...more });
  const headers = { "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) };
  const answer = await fetch(words.edit, { method: "POST", headers, body, redirect: "manual" }).catch(() => null);
  const said = answer?.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  // somebody else was first: what they did is shown before it is said, so that the next try is on it
  if (said?.stale) await load();
  state.busy = false;
  document.body.classList.remove("saving");
  if (answer?.ok && said) return changed(operation, said);
  refuse(said?.error ?? (answer && (answer.type === "opaqueredirect" || answer.status === 403) ? words.ended : words.failed));
}

function changed(operation, said) {
  // a moved cell may have another code now: it stays chosen
  const after = new Map(said.gone.map((code, i) => [code, said.cells[i]?.properties.code]));
  state.chosen = { move: state.chosen.map((code) => after.get(code) ?? code), merge: said.cells.slice(0, 1).map((cell) => cell.properties.code) }[operation] ?? [];
  said.gone.forEach(drop);
  said.cells.forEach(put);
  state.chosen = state.chosen.filter((code) => state.cells.has(code));
  state.version = said.version;
  byId("log").innerHTML = said.log;
  byId("codes").replaceChildren(...features().filter(mine).map(({ properties }) => new Option("", properties.code)));
  if (operation === "split") drawer.clear();
  const chip = byId("state");
  chip.textContent = words.draft;
  chip.className = "chip yellow";
  const form = byId("check-form");
  form.hidden = false;
  if (byId("changed-since")) byId("changed-since").hidden = false;
  form.elements.state.value = "draft";
  say("", said.said);
  versionChanged();
  chosenChanged();
}

function versionChanged() {
  const form = byId("check-form");
  if (form) form.elements.version.value = state.version;
  const undo = document.querySelector("[data-do=undo]");
  if (undo) undo.disabled = byId("edit-log").dataset.undo !== "yes";
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape" && !typing) {
    if (drawer.count) drawer.clear();
    else if (state.tool !== "select") use("select");
    else {
      state.chosen = [];
      chosenChanged();
    }
    say("");
    return;
  }
  if (typing) return;
  if (state.tool === "split" && event.target === byId("map")) {
    const act = { Enter: () => drawer.finish(), " ": () => drawer.add(map.getCenter()), Backspace: () => drawer.back() }[event.key];
    if (act) {
      event.preventDefault();
      act();
      return;
    }
  }
  if (state.tool === "split" && event.key === "Enter" && drawer.count > 1 && !event.target.matches("button, a, summary")) drawer.finish();
  const act = { s: () => use("split"), v: () => use("move"), m: () => change("merge", { codes: state.chosen }), u: () => change("undo") }[event.key.toLowerCase()];
  act?.();
}

if (editable) {
  document.addEventListener("keydown", keys);
  for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => use(button.dataset.tool));
  document.querySelector("[data-do=merge]").addEventListener("click", () => change("merge", { codes: state.chosen }));
  document.querySelector("[data-do=undo]").addEventListener("click", () => change("undo"));
  map.on("click", ({ latlng }) => state.tool === "split" && state.chosen.length === 1 && drawer.add(latlng));
  map.on("dblclick", () => state.tool === "split" && drawer.finish());
  byId("mend").addEventListener("click", () => change("mend", { community: state.community }));
  byId("pick").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    pick(byId("pick").value.trim());
    byId("pick").value = "";
  });
  use("select");
}
community.addEventListener("change", () => show(community.value));
map.on("moveend", () => (state.community && !state.part ? label() : load()));
await show(community.value);
byId("map").dataset.ready = "yes";
await showDefects(map, words.defects, words, ({ code }) => {
  if (state.community && !code.startsWith(state.community)) show("");
});
