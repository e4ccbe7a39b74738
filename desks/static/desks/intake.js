// Intake: keeps what the operator changed of the proposals in hidden fields, and the pin where the proposals put it.
/* global htmx */
import { placeMap } from "../gridmap/map.js";
import { toast } from "../people/house.js";

const form = document.getElementById("intake");
const suggest = document.getElementById("suggest");
const dialog = document.getElementById("class-dialog");
const sheet = document.getElementById("keys-dialog");
const caller = document.getElementById("caller");
const field = (name) => form.elements.namedItem(name);
const ask = () => htmx.trigger(suggest, "suggest");

const map = placeMap(document.getElementById("pin-map"), {
  draggable: true,
  onMove: ({ lon, lat }) => pin(`${lon.toFixed(7)},${lat.toFixed(7)}`),
  onChoose: (index) => suggest.querySelectorAll("button.spot")[index]?.click(),
});

function pin(value) {
  field("pin").value = value;
  field("component").value = ""; // chosen for another place
  ask();
}

function choose(category, condition = "") {
  field("category").value = category;
  field("condition").value = condition;
  field("component").value = "";
  ask();
}

/** Show on the map what the proposals say. */
function show() {
  const { lon, lat, uncertainty } = document.getElementById("proposal")?.dataset ?? {};
  const spots = [...suggest.querySelectorAll("button.spot")].map(({ dataset }) => ({
    lon: Number(dataset.lon),
    lat: Number(dataset.lat),
    title: dataset.title,
  }));
  if (lon === undefined) map.clear();
  else map.move({ lon: Number(lon), lat: Number(lat), uncertaintyM: Number(uncertainty), fit: !field("pin").value });
  map.candidates(spots.length > 1 ? spots : []);
}

suggest.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.pin !== undefined) pin(button.dataset.pin);
  if (button.dataset.class !== undefined) choose(button.dataset.class);
  if (button.dataset.openClasses !== undefined) openClasses();
});
suggest.addEventListener("change", ({ target }) => {
  // a condition belongs to a class: choosing one settles the other
  if (target.dataset.condition !== undefined) choose(target.dataset.category, target.value);
  if (target.dataset.component !== undefined) {
    field("component").value = target.value;
    ask();
  }
});
suggest.addEventListener("htmx:afterSwap", show);

// --- classes: the arrows move, Enter or a click chooses

function openClasses() {
  dialog.showModal();
  dialog.querySelector("input").select();
}

function take(radio) {
  choose(radio.value);
  dialog.close();
}

dialog.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp", "Enter"].includes(event.key) || event.target.closest("button")) return;
  event.preventDefault();
  const radios = [...dialog.querySelectorAll("input[type=radio]")];
  const here = radios.indexOf(event.target);
  if (event.key === "Enter") {
    if (radios.length) take(radios[Math.max(here, 0)]);
  } else if (event.key === "ArrowUp" && here === 0) dialog.querySelector("input[type=search]").focus();
  else radios[Math.min(here + (event.key === "ArrowDown" ? 1 : -1), radios.length - 1)]?.focus();
});
dialog.addEventListener("change", ({ target }) => {
  if (target.name === "pick_category") take(target);
});
for (const each of [dialog, sheet]) {
  each.addEventListener("click", (event) => {
    if (event.target === each || event.target.closest("[data-close]")) each.close();
  });
}
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-keys]")) sheet.showModal();
});

// --- the caller: what is known of the number is taken over when somebody asks for it, and that look is recorded

caller.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-fill]");
  if (!button) return;
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const body = new URLSearchParams({ phone: field("phone").value });
  const answer = await fetch(button.dataset.fill, { method: "POST", headers, body }).catch(() => null);
  if (!answer?.ok) {
    const { offline, refused } = document.getElementById("toasts").dataset;
    toast(answer ? refused : offline);
    return;
  }
  for (const [name, value] of Object.entries(await answer.json())) if (name !== "phone") field(name).value = value;
  field("text").focus({ preventScroll: true });
});

// --- keys: letters with Alt work everywhere, single keys only outside fields

const press = (selector) => form.querySelector(selector)?.form && form.requestSubmit(form.querySelector(selector));
const go = (selector) => document.querySelector(selector)?.focus();
const WITH_ALT = {
  KeyP: () => field("phone").select(),
  KeyC: () => field("text").focus(),
  KeyA: () => field("address").select(),
  KeyW: () => caller.querySelector("[data-fill]")?.click(),
  KeyL: openClasses,
  KeyG: () => go("#suggest button.spot"),
  KeyR: () => go("#suggest [data-repeats] :is(button, a)"),
  KeyK: () => go("#suggest [data-articles] summary"),
  KeyU: () => field("urgent").click(),
  KeyN: () => go("#call-note"),
  KeyQ: () => nextState(),
  KeyM: () => press("[data-same]"),
};
const STATES = ["ready", "call", "wrap_up"];

/** Register and go on to the next call; on a button that merges or answers, do that and go on. */
function saveAndNext() {
  const chosen = document.activeElement.closest("[name=merge_into], [name=answer_with]");
  if (!chosen) return press("[data-next]");
  const next = Object.assign(document.createElement("input"), { type: "hidden", name: "next", value: "1" });
  form.append(next);
  form.requestSubmit(chosen);
}

function nextState() {
  const now = document.querySelector("#strip [aria-pressed=true]")?.value;
  document.getElementById(`state-${STATES[(STATES.indexOf(now) + 1) % STATES.length]}`).click();
}

function withControl(event) {
  if (event.key === "Enter") return () => press("[data-accept]");
  if (event.code === "KeyS" && !event.shiftKey) return saveAndNext;
  return event.key === "/" ? () => sheet.showModal() : null;
}

function alone(event) {
  if (event.target.closest("input, select, textarea, [contenteditable]")) return null;
  if (event.key === "?") return () => sheet.showModal();
  return event.key === "/" ? WITH_ALT.KeyP : null;
}

document.addEventListener("keydown", (event) => {
  if (dialog.open || sheet.open || event.isComposing) return;
  const control = event.ctrlKey || event.metaKey;
  if (!control && !event.altKey && event.key === "Enter" && event.target.matches("#intake input:not([type=checkbox])")) {
    event.preventDefault(); // nothing is registered by the way: on to the next field
    const fields = [...form.elements].filter((each) => each.matches("input, select, textarea") && each.checkVisibility());
    fields[fields.indexOf(event.target) + 1]?.focus();
    return;
  }
  const does = control && event.altKey ? null : control ? withControl(event) : event.altKey ? WITH_ALT[event.code] : alone(event);
  if (!does) return;
  event.preventDefault();
  does();
});

// --- the operator's state counts its time

function count() {
  for (const time of document.querySelectorAll(".strip-time")) {
    const s = Math.max(0, Math.floor((Date.now() - Date.parse(time.dataset.since)) / 1000));
    const two = (n) => String(n).padStart(2, "0");
    time.textContent = s < 3600 ? `${two(Math.floor(s / 60))}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}`;
  }
}
setInterval(count, 1000);
document.addEventListener("htmx:afterSettle", count);
count();

// a channel brings its usual type, and asks for number and deadline where an order from above comes
const facts = JSON.parse(document.getElementById("channel-facts").textContent);
let typeByHand = Boolean(field("text").value.trim());
field("request_type").addEventListener("change", () => (typeByHand = true));
function follow() {
  const { type, upper } = facts[field("channel").value] ?? {};
  if (type && !typeByHand) field("request_type").value = type;
  const above = form.querySelector("[data-upper]");
  above.toggleAttribute("data-needed", Boolean(upper));
  if (upper) above.open = true;
}
field("channel").addEventListener("change", follow);
follow();

show();
if (field("text").value.trim() && !suggest.querySelector(".proposals")) ask();
field(form.dataset.focus)?.focus({ preventScroll: true });
