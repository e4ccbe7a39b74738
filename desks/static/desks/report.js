// A resident's report: photos made smaller, a pin on the map, and nothing typed is lost on the way.
import { placeMap } from "../gridmap/map.js";
import { reencode } from "../inspectors/camera.js";
import { forget, keep, keepPhotos, kept, keptPhotos } from "./draft.js";

const MOST_PHOTOS = 3;
const GOOD_M = 15; // good enough to stop looking
const SEEK_MS = 15_000;
const FAR_M = 100; // further than this nobody finds a manhole cover

const form = document.getElementById("report");
const field = (name) => form.elements.namedItem(name);
const trouble = document.getElementById("trouble");

// photos: the file field holds the small ones, so that the form sends them with or without this module's request
const files = field("photos");
const shots = document.getElementById("shots");
let photos = [];

async function take() {
  const chosen = [...files.files];
  const small = await Promise.all(chosen.map(async (file) => new File([await reencode(file)], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" })));
  // what the browser could not read goes as it is: the server says what is wrong with it
  photos = [...photos, ...small].slice(0, MOST_PHOTOS);
  showPhotos();
  keepPhotos(photos);
}
files.addEventListener("change", take);

function showPhotos() {
  const held = new DataTransfer();
  for (const photo of photos) held.items.add(photo);
  files.files = held.files;
  const told = files.closest("label").querySelector("[data-files]");
  told.textContent = told.dataset.chosen.replace("{n}", photos.length);
  for (const image of shots.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  shots.replaceChildren(...photos.map(figure));
  shots.hidden = photos.length === 0;
}

function figure(photo) {
  const [frame, image, remove] = ["figure", "img", "button"].map((name) => document.createElement(name));
  image.src = URL.createObjectURL(photo);
  image.alt = "";
  remove.type = "button";
  remove.className = "remove";
  remove.ariaLabel = shots.dataset.remove;
  remove.textContent = "×";
  remove.addEventListener("click", () => {
    photos = photos.filter((other) => other !== photo);
    showPhotos();
    keepPhotos(photos);
  });
  frame.append(image, remove);
  return frame;
}

// the pin
const place = document.getElementById("place");
const line = document.getElementById("pin-words");
const found = document.getElementById("found");
const clear = place.querySelector("[data-clear]");
let watch = null;

place.hidden = false;
const map = placeMap(document.getElementById("pin-map"), {
  draggable: true,
  onMove: ({ lon, lat }) => pinned({ lon, lat, uncertaintyM: 10 }, "hand"),
  onChoose: (index) => found.querySelectorAll("button")[index]?.click(),
});

function say(word, values = {}) {
  line.textContent = (place.dataset[word] ?? word).replace("{a}", values.a ?? "");
}

function pinned({ lon, lat, uncertaintyM }, by) {
  if (by === "hand") stopSeeking();
  field("lon").value = lon.toFixed(6);
  field("lat").value = lat.toFixed(6);
  field("uncertainty_m").value = String(Math.min(5000, Math.max(1, Math.round(uncertaintyM))));
  form.querySelector("[data-pin-error]")?.remove();
  clear.hidden = false;
  sayHow();
  save();
}

/** How exactly the pin stands, and that it can be moved; a pin for a whole street has to be. */
function sayHow() {
  const metres = Number(field("uncertainty_m").value);
  say(metres > FAR_M ? "far" : "words", { a: metres });
}

function unpin() {
  stopSeeking();
  for (const name of ["lon", "lat", "uncertainty_m"]) field(name).value = "";
  map.clear();
  clear.hidden = true;
  say("none");
  save();
}

function stopSeeking() {
  if (watch !== null) navigator.geolocation.clearWatch(watch.id);
  clearTimeout(watch?.end);
  watch = null;
}

/** The first fix is often wrong: watch for a while, each better one moves the pin, until a person moves it. */
function seek() {
  stopSeeking();
  if (!navigator.geolocation) return say("lost");
  say("seeking");
  let best = Infinity;
  const onFix = ({ coords }) => {
    if (coords.accuracy >= best) return;
    best = coords.accuracy;
    const here = { lon: coords.longitude, lat: coords.latitude, uncertaintyM: best };
    map.move(here);
    pinned(here, "phone");
    if (best <= GOOD_M) stopSeeking();
  };
  const onTrouble = ({ code }) => {
    stopSeeking();
    if (best === Infinity) say(code === 1 ? "denied" : "lost");
  };
  watch = { id: navigator.geolocation.watchPosition(onFix, onTrouble, { enableHighAccuracy: true, timeout: SEEK_MS, maximumAge: 10_000 }) };
  watch.end = setTimeout(stopSeeking, SEEK_MS);
}

async function search() {
  const words = field("address").value.trim();
  if (!words) {
    field("address").focus();
    return say("empty");
  }
  let answer;
  try {
    const response = await fetch(`${form.dataset.places}?${new URLSearchParams({ q: words })}`);
    answer = await response.json();
  } catch {
    return say("broken");
  }
  const places = answer.places ?? [];
  offer(places);
  if (answer.trouble) return say(answer.trouble);
  if (!places.length) return say("unknown");
  choose(places[0]);
}

function offer(places) {
  const many = places.length > 1 ? places : [];
  map.candidates(many.map(({ lon, lat, name }) => ({ lon, lat, title: name })));
  found.hidden = many.length === 0;
  found.replaceChildren(
    ...many.map((one, index) => {
      const [item, button, number, name, level] = ["li", "button", "span", "span", "span"].map((tag) => document.createElement(tag));
      button.type = "button";
      button.className = "spot";
      number.className = "count";
      number.textContent = String(index + 1);
      name.className = "spot-name";
      name.textContent = `${one.name} ${one.area}`.trim();
      level.className = "small muted";
      level.textContent = one.level;
      button.append(number, name, level);
      button.addEventListener("click", () => choose(one));
      item.append(button);
      return item;
    }),
  );
}

function choose(one) {
  stopSeeking();
  map.move(one);
  pinned(one, "search");
}

place.querySelector("[data-here]").addEventListener("click", seek);
place.querySelector("[data-search]").addEventListener("click", search);
place.querySelector("[data-centre]").addEventListener("click", () => {
  const { lng: lon, lat } = map.map.getCenter();
  map.move({ lon, lat, fit: false });
  pinned({ lon, lat, uncertaintyM: 10 }, "hand");
  document.querySelector("#pin-map .pin").focus({ preventScroll: true });
});
clear.addEventListener("click", unpin);
field("address").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault(); // the form is not finished: look the address up instead
  search();
});

// the draft: kept on this device until it has been sent, at most a day
const NAMES = ["operation", "text", "request_type", "address", "lon", "lat", "uncertainty_m", "kind", "company", "name", "phone", "urgent", "urgent_code"];

function save() {
  if (field("text").value.trim() || field("address").value.trim() || field("lon").value) {
    keep(Object.fromEntries([...new FormData(form)].filter(([name]) => NAMES.includes(name))));
  }
}

async function restore() {
  const values = field("text").value ? null : kept(); // what the server sent back wins
  const held = await keptPhotos();
  if (files.files.length && !photos.length) await take(); // chosen before this module had come
  else if (held.length && !photos.length) {
    photos = held;
    showPhotos();
  }
  if (values) {
    for (const [name, value] of Object.entries(values)) {
      const control = field(name);
      if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = true;
      else if (control) control.value = value;
    }
    document.getElementById("draft").hidden = false;
  }
  const [lon, lat, uncertaintyM] = ["lon", "lat", "uncertainty_m"].map((name) => Number(field(name).value));
  if (!lon || !lat) return say("none");
  map.move({ lon, lat, uncertaintyM });
  clear.hidden = false;
  sayHow();
}

document.querySelector("[data-forget]").addEventListener("click", async () => {
  await forget();
  location.reload();
});
form.addEventListener("input", save);

// sending
const button = form.querySelector("button[type=submit]");
const label = button.textContent;

function tell(words) {
  trouble.textContent = words;
  trouble.hidden = !words;
  if (words) trouble.scrollIntoView({ block: "center" });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.disabled) return;
  save();
  tell("");
  button.disabled = true;
  button.textContent = form.dataset.sending;
  try {
    await answered(await fetch(form.action, { method: "POST", body: new FormData(form) }));
  } catch {
    tell(form.dataset.offline);
  }
  button.disabled = false;
  button.textContent = label;
});

async function answered(response) {
  if (response.status !== 200 && response.status !== 422) {
    tell(response.status === 403 ? form.dataset.expired : form.dataset.refused);
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const receipt = page.querySelector("[data-receipt]")?.dataset.receipt;
  if (receipt) {
    await forget();
    location.assign(receipt);
    return;
  }
  showErrors(page);
}

/** What the server found wrong, put where it belongs; what was typed and the photos stay as they are. */
function showErrors(page) {
  for (const old of form.querySelectorAll(".field .error, [data-pin-error]")) old.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const error of page.querySelectorAll("#report .field .error")) {
    const name = error.closest(".field").querySelector("[name]")?.name;
    const own = name && form.querySelector(`.field [name="${name}"]`);
    if (!own) continue;
    own.setAttribute("aria-invalid", "true");
    own.closest(".field").append(error);
  }
  const pin = page.querySelector("[data-pin-error]");
  if (pin) place.before(pin);
  page.querySelector("[data-lost]")?.remove(); // the photos are still here
  const general = page.querySelector("#report > .notice.error");
  if (general) tell(general.textContent.trim());
  form.querySelector(".field .error, [data-pin-error]")?.scrollIntoView({ block: "center" });
}

addEventListener("online", () => {
  if (!trouble.hidden) tell(form.dataset.online);
});

restore();
