// Intake: keeps what the operator changed of the proposals in hidden fields, and the pin where the proposals put it.
/* global htmx */
import { placeMap } from "../gridmap/map.js";

const form = document.getElementById("intake");
const suggest = document.getElementById("suggest");
const dialog = document.getElementById("class-dialog");
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
  if (button.dataset.openClasses !== undefined) {
    dialog.showModal();
    dialog.querySelector("input").focus();
  }
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

dialog.addEventListener("change", ({ target }) => {
  if (target.name !== "pick_category") return;
  choose(target.value);
  dialog.close();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || dialog.open) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-accept]"));
});

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
