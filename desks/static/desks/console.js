// The console: one filter for list and map, one chosen case; the URL always says both.
/* global htmx */
import { cityMap } from "../gridmap/map.js";
import { toast } from "../people/house.js";
import { CaseLayer } from "./cases.js";
import { listen } from "./live.js";

const settings = document.getElementById("console-settings").dataset;
const form = document.getElementById("filters");
const work = document.getElementById("work");
const list = document.getElementById("list");
const panel = document.getElementById("panel");
const panelBody = document.getElementById("panel-body");
const fresh = document.getElementById("fresh");
const note = document.getElementById("map-note");
const changed = new Set();
const current = { number: "", names: { states: [], classes: [] }, kind: "all", asked: 0 };

// --- filter and URL

function chosenFilter() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
  return query;
}

function showUrl() {
  const query = chosenFilter();
  if (current.number) query.set("case", current.number);
  const text = query.toString();
  history.replaceState(null, "", text ? `${settings.page}?${text}` : settings.page);
  const more = [...chosenFilter().keys()].filter((name) => !["q", "sort"].includes(name)).length;
  const badge = form.querySelector("[data-chosen]");
  badge.hidden = more === 0;
  badge.textContent = String(more);
}

function setFields(query) {
  for (const field of form.elements) {
    if (!field.name) continue;
    if (field.type === "checkbox") field.checked = query.has(field.name);
    else field.value = query.get(field.name) ?? "";
  }
}

async function refresh({ keepPlace = false } = {}) {
  showUrl();
  changed.clear();
  fresh.hidden = true;
  const top = keepPlace ? list.scrollTop : 0;
  points();
  await htmx.ajax("GET", `${settings.rows}?${chosenFilter()}`, { target: "#list-body", swap: "innerHTML" });
  list.scrollTop = top;
  markRow();
}

// --- map

const map = cityMap(document.getElementById("map"));
const layer = new CaseLayer({
  onCase: (number) => open(number, { fromMap: true }),
  onHover: (number) => lightRow(number),
  describe: (row) => [row[0], current.names.classes[row[7]], current.names.states[row[3]]].filter(Boolean).join(" · "),
}).addTo(map);

async function points() {
  const box = map.getBounds().pad(0.3);
  const query = chosenFilter();
  query.delete("sort");
  query.set("box", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((x) => x.toFixed(5)).join(","));
  query.set("zoom", String(map.getZoom()));
  const turn = ++current.asked;
  try {
    const answer = await fetch(`${settings.points}?${query}`);
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const data = await answer.json();
    if (turn !== current.asked) return; // a later question has been asked meanwhile
    current.kind = data.kind;
    current.names = data;
    layer.set(data);
    note.hidden = data.kind !== "grid";
    note.textContent = note.dataset.grid.replace("{n}", data.total.toLocaleString());
  } catch {
    if (turn === current.asked) toast(settings.failed);
  }
}
map.on("moveend", () => {
  if (current.kind !== "all") points();
});

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
  if (!row || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(row.dataset.number);
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
  panel.setAttribute("aria-busy", "true");
  htmx.ajax("GET", settings.case.replace("NUMBER", encodeURIComponent(number)), { target: "#panel-body", swap: "innerHTML" }).then(() => {
    panel.removeAttribute("aria-busy");
    panelBody.scrollTop = 0;
  });
  if (fromMap) rowOf(number)?.scrollIntoView({ block: "nearest" });
  else showOnMap(number, known);
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
  showUrl();
  markRow();
  row?.querySelector(".row-link")?.focus({ preventScroll: true });
}
panel.querySelector("[data-close]").addEventListener("click", close);

// a step taken in the panel changes list and map too
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig?.verb === "post" && panel.contains(event.detail.elt)) refresh({ keepPlace: true });
});

// --- filter events

form.addEventListener("submit", (event) => {
  event.preventDefault();
  form.querySelector("details").open = false;
  refresh();
});
form.addEventListener("change", (event) => {
  if (event.target.name !== "q") refresh();
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
  form.querySelector("details").open = false;
  refresh();
});

// --- phone: list or map

for (const button of document.querySelectorAll(".side-switch [data-side]")) {
  button.addEventListener("click", () => {
    work.dataset.side = button.dataset.side;
    for (const other of document.querySelectorAll(".side-switch [data-side]")) other.setAttribute("aria-pressed", String(other === button));
  });
}

// --- keyboard: j k Enter / Esc, never while typing

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !panel.hidden && !document.querySelector("dialog[open], details.menu[open]")) close();
  if (event.target.closest("input, select, textarea, [contenteditable]") || event.metaKey || event.ctrlKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    form.elements.q.focus();
  }
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
});

function step(by) {
  const rows = [...list.querySelectorAll(".case-row")];
  const here = rows.findIndex((row) => row.contains(document.activeElement) || row.dataset.number === current.number);
  const next = rows[Math.min(Math.max(here + by, 0), rows.length - 1)];
  if (!next) return;
  next.querySelector(".row-link").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  if (!panel.hidden) open(next.dataset.number);
}

// --- news: counted, never pushed into the list under the pointer

fresh.addEventListener("click", () => refresh());
const live = document.getElementById("live");
listen({
  eventsUrl: settings.events,
  changesUrl: settings.changes,
  known: settings.known.split(",").filter(Boolean).map(Number),
  onNews: ({ case: number }) => {
    if (!number) return;
    changed.add(number);
    fresh.hidden = false;
    fresh.textContent = fresh.dataset.one.replace("{n}", String(changed.size));
  },
  onState: (state) => {
    live.dataset.state = state;
    live.querySelector("[data-words]").textContent = live.dataset[state];
  },
});

showUrl();
points().then(() => {
  if (!current.number) return;
  layer.choose(current.number);
  showOnMap(current.number, true);
});
if (settings.chosen) open(settings.chosen);
