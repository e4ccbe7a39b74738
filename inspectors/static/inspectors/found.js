// 巡查上报: photo, class by habit or by search, place, words.
import { placeMap } from "../gridmap/map.js";
import { camera } from "./camera.js";
import { showMe, watchFix } from "./field.js";
import { sendForm } from "./sending.js";

const form = document.getElementById("answer");
const classes = JSON.parse(document.getElementById("classes").textContent);
const usual = JSON.parse(document.getElementById("usual").textContent);
const buttons = document.getElementById("class-buttons");
const conditions = document.getElementById("condition-buttons");
const search = document.getElementById("class-search");
const MOST = 12;

function button(text, small, pressed, onPress) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "pick";
  made.setAttribute("aria-pressed", String(pressed));
  made.append(text);
  if (small) {
    const line = document.createElement("small");
    line.textContent = small;
    made.append(line);
  }
  made.addEventListener("click", onPress);
  return made;
}

function matches() {
  const words = search.value.trim().toLowerCase();
  if (!words) {
    const byId = new Map(classes.map((entry) => [entry.id, entry]));
    const shown = usual.map((id) => byId.get(id)).filter(Boolean);
    return [...shown, ...classes.filter((entry) => !usual.includes(entry.id))].slice(0, 8);
  }
  const hit = (entry) => [entry.name, ...entry.words, entry.code].some((word) => word.toLowerCase().includes(words));
  return classes.filter(hit).sort((a, b) => a.name.indexOf(words) - b.name.indexOf(words)).slice(0, MOST);
}

// A chosen class stands alone with its conditions, so that the thumb has less to scroll; a second tap brings all back.
function draw() {
  const chosen = Number(form.elements.category.value);
  const picked = classes.find((entry) => entry.id === chosen);
  const shown = picked ? [picked] : matches();
  buttons.replaceChildren(...shown.map((entry) => button(entry.name, entry.kind, entry.id === chosen, () => choose(entry))));
  if (!shown.length) buttons.textContent = buttons.dataset.none;
  const listed = picked?.conditions ?? [];
  const condition = Number(form.elements.condition.value);
  conditions.replaceChildren(...listed.map((entry) => button(entry.text, "", entry.id === condition, () => pick(entry))));
}

function choose(entry) {
  const same = Number(form.elements.category.value) === entry.id;
  form.elements.category.value = same ? "" : entry.id;
  form.elements.condition.value = "";
  draw();
}

function pick(entry) {
  const same = Number(form.elements.condition.value) === entry.id;
  form.elements.condition.value = same ? "" : entry.id;
  draw();
}

const mapBox = document.getElementById("pin-map");
const moved = { byHand: false, shown: false };
const pins = placeMap(mapBox, {
  draggable: true,
  zoom: 18,
  onMove({ lon, lat }) {
    moved.byHand = true;
    form.elements.pin_lon.value = lon;
    form.elements.pin_lat.value = lat;
  },
});
const me = showMe(pins.map, mapBox.dataset.me);
watchFix((fix) => {
  me(fix);
  if (!fix || moved.byHand) return;
  pins.move({ lon: fix.lon, lat: fix.lat, fit: !moved.shown });
  moved.shown = true;
});

search.addEventListener("input", () => {
  form.elements.category.value = form.elements.condition.value = "";
  draw();
});
// One spot, one case: somebody decides with one tap whether the finding belongs to the case that is there.
const spot = document.getElementById("spot");
function askSpot(answer) {
  spot.hidden = answer.code !== "spot";
  if (answer.code === "spot") spot.querySelector("[data-add]").value = answer.spot;
}
for (const choice of spot.querySelectorAll("button")) {
  choice.addEventListener("click", () => {
    form.elements.spot.value = choice.value;
    spot.hidden = true;
    form.requestSubmit();
  });
}
sendForm(form, camera(), { onRefused: askSpot });
draw();
