// One task: the map with me and the target, the answer, and what happens when the case has changed meanwhile.
/* global L */
import { placeMap } from "../gridmap/map.js";
import { taskActs } from "./acts.js";
import { asker, componentPicker } from "./around.js";
import { camera } from "./camera.js";
import { classPicker } from "./classes.js";
import { fieldMap, lastFix, metresBetween, showMe, watchFix } from "./field.js";
import { ghostCamera } from "./ghost.js";
import { phrases } from "./phrases.js";
import { sendForm } from "./sending.js";
import { signature } from "./signature.js";

const form = document.getElementById("answer");
let target = null;
let map = null;
let stopWatching = () => {};

function showTarget() {
  const box = document.getElementById("map");
  const { lat, lon, uncertainty, me: title } = box.dataset;
  target = { lat: Number(lat), lon: Number(lon) };
  map = fieldMap(box);
  const at = [target.lat, target.lon];
  if (Number(uncertainty) > 0) L.circle(at, { radius: Number(uncertainty), className: "target-circle", interactive: false }).addTo(map);
  L.marker(at, { icon: L.divIcon({ className: "target", iconSize: [26, 26] }), keyboard: false, interactive: false }).addTo(map);
  map.setView(at, 17, { animate: false });
  const me = showMe(map, title);
  const way = L.polyline([], { className: "way-line", interactive: false }).addTo(map);
  let fitted = false;
  stopWatching = watchFix((fix, trouble) => {
    me(fix);
    reach(fix, trouble);
    if (fix) way.setLatLngs([[fix.lat, fix.lon], at]);
    if (!fix || fitted) return;
    fitted = true;
    map.fitBounds(L.latLngBounds([at, [fix.lat, fix.lon]]).pad(0.25), { maxZoom: 18, animate: false });
  });
}

function reach(fix, trouble) {
  const line = document.getElementById("reach");
  if (!fix) {
    if (trouble) line.textContent = document.getElementById("fix")?.dataset[trouble === "refused" ? "refused" : "none"] ?? "";
    return;
  }
  const metres = metresBetween(fix, target);
  const { words, metres: short, kilometres: long } = line.dataset;
  const far = metres < 1000 ? short.replace("{n}", Math.max(10, Math.round(metres / 10) * 10)) : long.replace("{n}", (metres / 1000).toFixed(1));
  line.textContent = words.replace("{m}", far).replace("{a}", Math.round(fix.accuracy));
}

// Others have changed the case: show how it is now above the answer, take its version, keep every word of the answer.
async function renew(answer, say) {
  const response = await fetch(location.href).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const facts = fresh.getElementById("facts");
  const version = fresh.querySelector("#answer [name=version]");
  if (!facts) return;
  stopWatching();
  map.remove();
  document.getElementById("facts").replaceWith(document.adoptNode(facts));
  document.getElementById("facts").classList.add("renewed");
  showTarget();
  const done = fresh.getElementById("done");
  if (done) {
    document.getElementById("facts").after(document.adoptNode(done));
    document.querySelector(".send").disabled = true;
    return;
  }
  form.elements.version.value = version.value;
  say(`${answer.sentence} ${document.getElementById("sentences").dataset.renewed}`);
}

function askWhyFar(answer) {
  const box = document.getElementById("far");
  box.hidden = false;
  document.getElementById("far-words").textContent = answer.sentence;
  box.scrollIntoView({ block: "center" });
  box.querySelector("input").focus({ preventScroll: true });
}

function correction() {
  const wrong = document.getElementById("wrong");
  if (!wrong) return;
  const box = document.getElementById("correct");
  let pins = null;
  const set = (place) => {
    form.elements.pin_lon.value = place?.lon ?? "";
    form.elements.pin_lat.value = place?.lat ?? "";
  };
  wrong.addEventListener("change", () => {
    box.hidden = !wrong.checked;
    if (!wrong.checked) return set(null);
    // opens where the inspector stands: that is where the thing usually is
    const here = lastFix() ?? target;
    pins ??= placeMap(document.getElementById("pin-map"), { lon: here.lon, lat: here.lat, draggable: true, zoom: 18, onMove: set });
    set(here);
  });
}

// Class and component, where the inspector puts them right: only in a verification.
function reclass() {
  const tick = document.getElementById("misclassed");
  if (!tick) return;
  const { id, component } = document.getElementById("case-class").dataset;
  const box = document.getElementById("reclass");
  const components = componentPicker(form, () => {});
  const ask = asker(document.getElementById("components").dataset.url, (found) => components.show(found.components));
  const look = () => {
    const chosen = form.elements.category.value || id;
    // a case that has its component already is asked for another one only with another class
    if (!chosen || (component && chosen === id)) return components.show([]);
    return ask(target, chosen);
  };
  const picker = classPicker(form, { onChange: look });
  tick.addEventListener("change", () => {
    box.hidden = !tick.checked;
    if (!tick.checked) picker.clear();
  });
  look();
}

showTarget();
if (form) {
  sendForm(form, camera(), {
    onRefused(answer, say) {
      if (answer.code === "far" && document.getElementById("far")) askWhyFar(answer);
      if (answer.code === "stale") renew(answer, say);
    },
  });
  correction();
  reclass();
  phrases();
  ghostCamera();
  signature();
  taskActs(form.dataset);
  form.addEventListener("change", ({ target: changed }) => {
    if (changed.name === "far_choice") form.elements.far_reason.value = changed.value;
  });
}
