// The console: one filter for list and map, one chosen case; the URL always says both, and where the map looks.
/* global htmx */
import { cityMap } from "../gridmap/map.js";
import { toast } from "../people/house.js";
import { countDown, ticking } from "./bulk.js";
import { CaseLayer } from "./cases.js";
import { company, sounding } from "./company.js";
import { keyboard } from "./keys.js";
import { mapLayers } from "./layers.js";
import { listen } from "./live.js";
import { mapTools } from "./maptools.js";

const settings = document.getElementById("console-settings").dataset;
const form = document.getElementById("filters");
const work = document.getElementById("work");
const list = document.getElementById("list");
const panel = document.getElementById("panel");
const panelBody = document.getElementById("panel-body");
const panelNews = document.getElementById("panel-news");
const fresh = document.getElementById("fresh");
const note = document.getElementById("map-note");
const OWN_MS = 8000;
const changed = new Set();
const current = { number: "", names: { states: [], classes: [] }, kind: "all", asked: 0, mine: new Map() };

// --- filter and URL

function chosenFilter() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
  return query;
}

function showUrl() {
  const query = chosenFilter();
  if (current.number) query.set("case", current.number);
  if (current.moved) query.set("at", current.moved);
  const text = query.toString();
  history.replaceState(null, "", text ? `${settings.page}?${text}` : settings.page);
  const more = [...chosenFilter().keys()].filter((name) => !["q", "sort", "within"].includes(name)).length;
  const badge = form.querySelector("[data-chosen]");
  badge.hidden = more === 0;
  badge.textContent = String(more);
}

function setFields(query) {
  for (const field of form.elements) {
    if (!field.name || field.closest("[data-keeps]")) continue;
    if (field.type === "checkbox") field.checked = query.has(field.name);
    else field.value = query.get(field.name) ?? "";
  }
}

async function refresh({ keepPlace = false } = {}) {
  showUrl();
  changed.clear();
  fresh.hidden = true;
  const top = keepPlace ? list.scrollTop : 0;
  tools.show(form.elements.within.value);
  points();
  htmx.ajax("GET", `${settings.counts}?${chosenFilter()}`, { target: "#quick", swap: "outerHTML" });
  list.setAttribute("aria-busy", "true");
  await htmx.ajax("GET", `${settings.rows}?${chosenFilter()}`, { target: "#list-body", swap: "innerHTML" });
  list.removeAttribute("aria-busy");
  list.scrollTop = top;
  markRow();
  ticks.show();
  others.show();
}

// --- map

const startAt = (new URLSearchParams(location.search).get("at") ?? "").split(",").map(Number);
const placed = startAt.length === 3 && startAt.every(Number.isFinite);
const map = cityMap(document.getElementById("map"));
if (placed) {
  map.setView([startAt[1], startAt[0]], startAt[2], { animate: false });
  current.moved = startAt.join(",");
}
const layer = new CaseLayer({
  onCase: (number) => tools.active || open(number, { fromMap: true }),
  onHover: (number) => lightRow(number),
  describe: (row) => [row[0], current.names.classes[row[7]], current.names.states[row[3]]].filter(Boolean).join(" · "),
}).addTo(map);
layer.on("redrawn", ({ took }) => {
  performance.clearMeasures("cases-redrawn");
  performance.measure("cases-redrawn", { start: performance.now() - took, duration: took });
});
const tools = mapTools({ map, settings, onShape: choose("within"), query: chosenFilter });
const layers = mapLayers({ map, settings, cases: layer, page: settings.page });

/** Set one field of the filter and show what is left. */
function choose(name) {
  return (value) => {
    form.elements[name].value = value;
    refresh();
  };
}

async function points() {
  const box = map.getBounds().pad(0.3);
  const query = chosenFilter();
  query.delete("sort");
  query.set("box", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((x) => x.toFixed(5)).join(","));
  query.set("zoom", String(map.getZoom()));
  const turn = ++current.asked;
  try {
    const data = await json(`${settings.points}?${query}`);
    if (turn !== current.asked) return; // a later question has been asked meanwhile
    current.kind = data.kind;
    current.names = { states: data.states ?? [], classes: data.classes ?? [] };
    layer.set(data);
    performance.mark("cases-drawn"); // for bench/console.py, as below
    note.hidden = data.kind !== "grid";
    note.textContent = note.dataset.grid.replace("{n}", data.total.toLocaleString());
  } catch {
    if (turn === current.asked) toast(settings.failed);
  }
}

async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json();
}

map.on("moveend", () => {
  if (current.kind !== "all") points();
  const { lng, lat } = map.getCenter();
  current.moved = `${lng.toFixed(5)},${lat.toFixed(5)},${map.getZoom()}`;
  showUrl();
});

// what changed is put on the map at once; the list only counts it
const onMap = { waiting: new Set(), timer: 0 };
function changeOnMap(number) {
  onMap.waiting.add(number);
  onMap.timer ||= setTimeout(async () => {
    const numbers = [...onMap.waiting].slice(0, 200);
    for (const one of numbers) onMap.waiting.delete(one);
    onMap.timer = 0;
    if (onMap.waiting.size) changeOnMap([...onMap.waiting][0]);
    const query = chosenFilter();
    for (const one of numbers) query.append("only", one);
    try {
      const { rows, states, classes } = await json(`${settings.points}?${query}`);
      layer.change(numbers, rows.map((row) => row.with(3, index(current.names.states, states[row[3]])).with(7, index(current.names.classes, classes[row[7]]))));
      performance.clearMarks("cases-changed");
      performance.mark("cases-changed", { detail: numbers });
    } catch {
      // the list's button stays: the next refresh brings what is missing
    }
  }, 120);
}

function index(names, name) {
  const known = names.indexOf(name);
  return known < 0 ? names.push(name) - 1 : known;
}

// --- list

function rowOf(number) {
  return number ? list.querySelector(`[data-number="${CSS.escape(number)}"]`) : null;
}

function lightRow(number) {
  list.querySelector(".lit")?.classList.remove("lit");
  rowOf(number)?.classList.add("lit");
}

function markRow() {
  list.querySelector(".case-row[aria-current]")?.removeAttribute("aria-current");
  rowOf(current.number)?.setAttribute("aria-current", "true");
}

list.addEventListener("pointerover", (event) => layer.light(event.target.closest(".case-row")?.dataset.number ?? null));
list.addEventListener("pointerleave", () => layer.light(null));
list.addEventListener("click", (event) => {
  const row = event.target.closest(".case-row");
  if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.target.closest(".row-tick")) return;
  event.preventDefault();
  open(row.dataset.number);
});
const ticks = ticking({ settings, list, query: () => `?${chosenFilter()}`, onStart: doing, onDone: () => refresh({ keepPlace: true }) });
document.addEventListener("htmx:afterSettle", () => {
  ticks.show();
  others.show();
});

// --- the chosen case

function open(number, { fromMap = false } = {}) {
  const known = !panel.hidden;
  current.number = number;
  showUrl();
  markRow();
  layer.choose(number);
  panel.hidden = false;
  work.classList.add("has-case");
  load();
  others.go(number);
  if (fromMap) rowOf(number)?.scrollIntoView({ block: "nearest" });
  else showOnMap(number, known);
}

async function load() {
  panel.setAttribute("aria-busy", "true");
  panelNews.hidden = true;
  await htmx.ajax("GET", settings.case.replace("NUMBER", encodeURIComponent(current.number)), { target: "#panel-body", swap: "innerHTML" });
  panel.removeAttribute("aria-busy");
  panelBody.scrollTop = 0;
}

function showOnMap(number, panelWasOpen) {
  const place = layer.where(number);
  if (!place) return;
  // the map shrinks when the panel opens: look only after that
  requestAnimationFrame(() => {
    if (!panelWasOpen) map.invalidateSize({ pan: false });
    if (map.getZoom() < 16) map.setView(place, 17);
    else if (!map.getBounds().pad(-0.15).contains(place)) map.panTo(place);
  });
}

function close() {
  const row = rowOf(current.number);
  current.number = "";
  panel.hidden = true;
  panelBody.replaceChildren();
  work.classList.remove("has-case");
  layer.choose(null);
  others.go("");
  showUrl();
  markRow();
  row?.querySelector(".row-link")?.focus({ preventScroll: true });
}
panel.querySelector("[data-close]").addEventListener("click", close);
panelNews.querySelector("[data-reload]").addEventListener("click", load);
panelBody.addEventListener("htmx:afterSwap", () => countDown(panelBody.querySelector("[data-undo]")));

// a step taken in the panel changes list and map too
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig?.verb === "post" && panel.contains(event.detail.elt)) doing([current.number]);
});

/** What is heard of these cases in the next seconds is this page's own doing. */
function doing(numbers) {
  for (const number of numbers) current.mine.set(number, Date.now() + OWN_MS);
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig?.verb === "post" && panel.contains(event.detail.elt)) refresh({ keepPlace: true });
});

// --- filter events

form.addEventListener("submit", (event) => {
  event.preventDefault();
  form.querySelector("details.filter-more").open = false;
  refresh();
});
form.addEventListener("change", (event) => {
  if (event.target.name && event.target.name !== "q" && !event.target.closest("[data-keeps]")) refresh();
});
let typing = 0;
form.elements.q.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(refresh, 300);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-filter]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  setFields(new URL(link.href).searchParams);
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  map.closePopup();
  ticks.clear();
  refresh();
});
document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id === "save-filter") event.detail.parameters.set("query", `?${chosenFilter()}`);
});

// --- phone: list or map

for (const button of document.querySelectorAll(".side-switch [data-side]")) {
  button.addEventListener("click", () => {
    work.dataset.side = button.dataset.side;
    for (const other of document.querySelectorAll(".side-switch [data-side]")) other.setAttribute("aria-pressed", String(other === button));
  });
}

// --- keyboard and the next case

async function next() {
  const query = new URLSearchParams([["skip", current.number], ...others.cases().map((number) => ["skip", number])]);
  try {
    const { case: number, why } = await json(`${settings.next}?${query}`);
    toast(number ? settings.nextWords.replace("{number}", number).replace("{why}", why) : settings.nothingNext);
    if (number) open(number);
  } catch {
    toast(settings.failed);
  }
}
document.getElementById("next").addEventListener("click", next);

function rowNow() {
  return document.activeElement?.closest(".case-row") ?? rowOf(current.number);
}

function step(by) {
  const rows = [...list.querySelectorAll(".case-row")];
  const here = rows.indexOf(rowNow());
  const target = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
  if (!target) return;
  target.querySelector(".row-link").focus({ preventScroll: true });
  target.scrollIntoView({ block: "nearest" });
  if (!panel.hidden) open(target.dataset.number);
}

function act() {
  const first = panelBody.querySelector(".steps details[open] :is(select, textarea, input:not([type=hidden])), .steps details[open] button[type=submit], .steps summary");
  first?.focus();
  first?.scrollIntoView({ block: "center" });
}

keyboard({
  Escape: () => tools.cancel() || panel.hidden || close(),
  "/": () => form.elements.q.select(),
  j: () => step(1),
  k: () => step(-1),
  a: act,
  n: next,
  u: () => fresh.hidden || refresh(),
  x: () => {
    const box = rowNow()?.querySelector("[data-tick]");
    if (box) ticks.tick(box, !box.checked);
  },
  "g l": () => (rowOf(current.number) ?? list.querySelector(".case-row"))?.querySelector(".row-link").focus(),
  "g m": () => map.getContainer().focus(),
  "g p": () => panel.hidden || panelBody.querySelector("a, button, summary")?.focus(),
  "g f": () => form.querySelector("details.filter-more > summary").focus(),
});

// --- news: counted, never pushed into the list under the pointer

fresh.addEventListener("click", () => refresh());
const live = document.getElementById("live");
const others = company({ settings, list });
const sound = sounding();

function onNews(message) {
  if (message.kind === "position") return layers.position(message);
  if (message.kind === "here") return others.told(message, current.number);
  if (!message.case) return undefined;
  const mine = Date.now() < (current.mine.get(message.case) ?? 0);
  if (!mine) changed.add(message.case);
  fresh.hidden = changed.size === 0;
  fresh.textContent = fresh.dataset.one.replace("{n}", String(changed.size));
  rowOf(message.case)?.classList.toggle("changed", !mine);
  changeOnMap(message.case);
  if (message.case === current.number && !mine) {
    panelNews.hidden = false;
    panelNews.querySelector("[data-words]").textContent = settings.changed;
  }
  sound.hear(message);
  return undefined;
}

listen({
  eventsUrl: settings.events,
  changesUrl: settings.changes,
  known: settings.known.split(",").filter(Boolean).map(Number),
  onNews,
  onState: (state) => {
    live.dataset.state = state;
    live.querySelector("[data-words]").textContent = live.dataset[state];
    document.body.classList.toggle("is-stale", state === "off");
    if (state === "on") layers.again();
    if (state !== "on") others.forget();
  },
});

showUrl();
tools.show(form.elements.within.value);
points().then(() => {
  if (!current.number) return;
  layer.choose(current.number);
  if (!placed) showOnMap(current.number, true);
});
if (settings.chosen) open(settings.chosen);
