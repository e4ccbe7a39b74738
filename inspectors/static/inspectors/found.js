// 巡查上报: photo, class by habit or by search, place, what lies around it, words.
import { placeMap } from "../gridmap/map.js";
import { asker, componentPicker } from "./around.js";
import { camera } from "./camera.js";
import { classPicker } from "./classes.js";
import { lastFix, metresBetween, showMe, watchFix } from "./field.js";
import { phrases } from "./phrases.js";
import { sendForm } from "./sending.js";

const form = document.getElementById("answer");
// the place of a campaign stands in the address: the page itself may come from the phone's memory
form.elements.survey.value = new URLSearchParams(location.search).get("survey") ?? "";
const mapBox = document.getElementById("pin-map");
const proposal = document.getElementById("proposal");
const repeats = document.getElementById("repeats");
const moved = { byHand: false, shown: false };
const ASK_AGAIN_M = 15;
let asked = null;

function setPin({ lon, lat }) {
  moved.byHand = true;
  form.elements.pin_lon.value = lon;
  form.elements.pin_lat.value = lat;
}

const pins = placeMap(mapBox, {
  draggable: true,
  zoom: 18,
  onMove(place) {
    setPin(place);
    form.elements.component.value = "";
    look(place);
  },
  onChoose: (index) => components.pick(index),
});

// a component that is chosen is the place; when it is given up again, the pin stays where it stood
const components = componentPicker(form, (row) => {
  if (!row) return;
  pins.move({ lon: row.lon, lat: row.lat, fit: false });
  setPin(row);
});

function place() {
  if (moved.byHand) return { lon: form.elements.pin_lon.value, lat: form.elements.pin_lat.value };
  return lastFix();
}

const ask = asker(document.getElementById("components").dataset.url, (found) => {
  propose(found.address);
  components.show(found.components);
  pins.candidates(found.components.map(({ lon, lat, name }) => ({ lon, lat, title: name })));
  showRepeats(found.repeats);
});

function look(here = place()) {
  if (!here) return;
  asked = { lon: Number(here.lon), lat: Number(here.lat) };
  ask(asked, form.elements.category.value);
}

function propose(address) {
  proposal.hidden = !address || form.elements.address.value === address;
  if (proposal.childNodes.length > 1) proposal.lastChild.remove();
  proposal.append(address);
}

proposal.addEventListener("click", () => {
  form.elements.address.value = proposal.lastChild.textContent;
  proposal.hidden = true;
});

function showRepeats(rows) {
  repeats.hidden = !rows.length;
  document.getElementById("repeat-list").replaceChildren(...rows.map(repeatRow));
}

function repeatRow(row) {
  const item = document.createElement("li");
  if (row.photo) {
    const image = document.createElement("img");
    image.src = row.photo;
    image.alt = "";
    image.loading = "lazy";
    item.append(image);
  }
  const words = document.createElement("p");
  const away = document.createElement("b");
  away.textContent = repeats.dataset.away.replace("{d}", row.distance);
  const more = document.createElement("small");
  more.textContent = [row.condition, row.state, row.on, row.number].filter(Boolean).join(" · ");
  words.append(away, more);
  const add = document.createElement("button");
  add.type = "button";
  add.className = "button";
  add.textContent = repeats.dataset.add;
  add.addEventListener("click", () => sendAs(row.number));
  item.append(words, add);
  return item;
}

// what is said of one spot belongs to the press that sends it: a refusal, and the next press asks anew
function sendAs(number) {
  form.elements.spot.value = number;
  form.requestSubmit();
  form.elements.spot.value = "";
}

const me = showMe(pins.map, mapBox.dataset.me);
watchFix((fix) => {
  me(fix);
  if (!fix || moved.byHand) return;
  pins.move({ lon: fix.lon, lat: fix.lat, fit: !moved.shown });
  moved.shown = true;
  if (!asked || metresBetween(fix, asked) > ASK_AGAIN_M) look(fix);
});

// One spot, one case: somebody decides with one tap whether the finding belongs to the case that is there.
const spot = document.getElementById("spot");
function askSpot(answer) {
  spot.hidden = answer.code !== "spot";
  if (answer.code === "spot") spot.querySelector("[data-add]").value = answer.spot;
}
for (const choice of spot.querySelectorAll("button")) {
  choice.addEventListener("click", () => {
    spot.hidden = true;
    sendAs(choice.value);
  });
}
classPicker(form, {
  onChange() {
    form.elements.component.value = "";
    components.show([]);
    pins.candidates([]);
    showRepeats([]);
    look();
  },
});
phrases();
sendForm(form, camera(), { onRefused: askSpot });
