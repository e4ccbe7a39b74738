// What is around me: tells the server where I am, gets the list by distance back, and shows it on the map.
/* global L, htmx */
import { ahead } from "./ahead.js";
import { followCompass, turnArrows } from "./compass.js";
import { fieldMap, lastFix, metresBetween, showMe, watchFix, ageOf } from "./field.js";
import { onOutbox } from "./outbox.js";
import { again, queued } from "./queued.js";

const board = document.getElementById("board");
const button = document.getElementById("locate");
const mapBox = document.getElementById("map");
const map = fieldMap(mapBox);
const me = showMe(map, mapBox.dataset.me);
const pins = L.layerGroup().addTo(map);

const MOVED_M = 30;
const EVERY_MS = 60_000;
let told = null; // the fix that the list on the screen was sorted by
let toldAt = 0;
let fitted = "";
let touched = false;

mapBox.addEventListener("pointerdown", () => (touched = true));

function points() {
  return JSON.parse(document.getElementById("points")?.textContent ?? "[]");
}

function rowOf(id) {
  return board.querySelector(`[data-key="${id}"]`);
}

// a tap on a pin shows its row, so that nobody opens the wrong one of two that lie together
function reveal(id) {
  const row = rowOf(id);
  if (!row) return;
  board.querySelector(".task.shown")?.classList.remove("shown");
  row.classList.add("shown");
  row.scrollIntoView({ block: "center" });
}

function draw() {
  turnArrows(board);
  pins.clearLayers();
  const shown = points();
  shown.forEach(({ id, n, lat, lon, light }) => {
    const icon = L.divIcon({ className: `task-pin ${light}`, html: String(n), iconSize: [30, 30] });
    L.marker([lat, lon], { icon, title: String(n) }).on("click", () => reveal(id)).addTo(pins);
  });
  const here = lastFix();
  const key = `${shown.map((point) => point.id)}${here ? "here" : ""}`;
  if (key === fitted || touched) return; // a map that somebody has moved stays where it is
  fitted = key;
  const around = shown.slice(0, 8).map(({ lat, lon }) => [lat, lon]);
  if (here) around.push([here.lat, here.lon]);
  if (around.length) map.fitBounds(L.latLngBounds(around).pad(0.18), { maxZoom: 17, animate: false });
}

function words(fix, trouble) {
  const { known, waiting, refused, lost } = button.dataset;
  const text = fix ? known.replace("{m}", Math.round(fix.accuracy)) : { refused, lost }[trouble] ?? waiting;
  button.classList.toggle("known", Boolean(fix));
  button.lastElementChild.textContent = text;
  document.getElementById("refused").hidden = Boolean(fix) || trouble !== "refused";
}

// What waits in the outbox is said in its row: nobody does a task twice because the list is an old one.
async function mark() {
  const waiting = (await ahead()).filter((one) => one.state !== "done" && one.about && !one.quiet);
  for (const row of board.querySelectorAll("[data-key]")) {
    const chip = row.querySelector(".chip.waits");
    const own = waiting.some((one) => one.about === row.dataset.key);
    if (!own) chip?.remove();
    else if (!chip) {
      const made = document.createElement("span");
      made.className = "chip waits";
      made.textContent = board.dataset.waits;
      row.querySelector(".task-how").append(made);
    }
  }
}

// 领取: through the outbox like everything else; without network it is asked for when there is one.
const claims = new Map(); // task → operation that waits

async function claim(press) {
  const { claim: task, title } = press.dataset;
  const said = document.getElementById("said");
  press.disabled = true;
  const answer = await (claims.has(task) ? again(claims.get(task)) : queued({ kind: "claim", about: task, chain: task, title, data: [] }));
  claims.delete(task);
  if (answer.operation) return location.assign(answer.next);
  press.disabled = false;
  if (answer.kept) claims.set(task, answer.kept);
  said.hidden = false;
  said.textContent = answer.sentence ?? said.dataset[answer.code] ?? said.dataset.server;
  if (answer.code === "taken") tell();
}

board.addEventListener("click", ({ target }) => {
  const press = target.closest("[data-claim]");
  if (press) claim(press);
});

async function tell() {
  if (navigator.onLine === false) return; // the list stays as it is
  const fix = lastFix();
  toldAt = performance.now();
  told = fix;
  const values = fix ? { lon: fix.lon, lat: fix.lat, accuracy: fix.accuracy, age: ageOf(fix) } : null;
  // without a position the page itself is asked again: it sorts by due time; without network the list stays as it is
  await (values ? htmx.ajax("POST", board.dataset.url, { source: board, target: board, swap: "innerHTML", values }).catch(() => {}) : location.reload());
}

// Whose and in which order: the address says it, so that coming back from a task shows the same list.
function choose(link) {
  const address = new URL(link.href);
  if (!lastFix()) return location.assign(address);
  board.dataset.url = address.pathname + address.search;
  history.replaceState(null, "", address);
  const asked = address.searchParams;
  for (const each of document.querySelectorAll(".scopes a")) {
    const own = each.dataset.show ? "show" : "by";
    if (each.dataset[own] === asked.get(own)) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
    const target = new URL(each.href);
    const other = own === "show" ? "by" : "show";
    target.searchParams.set(other, asked.get(other));
    each.href = target.search;
  }
  touched = false;
  return tell();
}

document.querySelector(".scopes").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  choose(link);
});
watchFix((fix, trouble) => {
  words(fix, trouble);
  me(fix);
  if (fix && (!told || metresBetween(fix, told) > MOVED_M)) tell();
});
button.addEventListener("click", () => {
  touched = false;
  fitted = "";
  followCompass();
  tell();
});
followCompass(); // where the phone wants a tap first this is refused, and the button above asks again
setInterval(() => document.visibilityState === "visible" && lastFix() && performance.now() - toldAt > EVERY_MS && tell(), 5000);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && lastFix() && tell());
board.addEventListener("htmx:afterSwap", () => {
  draw();
  mark();
});
onOutbox(mark);
draw();
mark();
