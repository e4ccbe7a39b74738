// The case, as a page or as a panel, and the desks with a list: pin maps in forms, and cases that open beside the list.
/* global htmx */
import { placeMap } from "../gridmap/map.js";

const BESIDE = matchMedia("(min-width: 1101px)");

/** The map of a place form, made when it is seen for the first time: a closed one has no size. */
function openMap(form) {
  const element = form.querySelector("[data-pin-map]");
  if (!element || element.classList.contains("leaflet-container")) return;
  const [lon, lat, uncertainty] = ["lon", "lat", "uncertainty_m"].map((name) => form.querySelector(`[name="${name}"]`));
  const set = (place, metres) => {
    [lon.value, lat.value, uncertainty.value] = [place.lon, place.lat, metres];
  };
  const map = placeMap(element, {
    lon: lon.value || null,
    lat: lat.value || null,
    uncertaintyM: uncertainty.value,
    draggable: true,
    onMove: (place) => set(place, 10),
    zoom: 18,
  });
  form.addEventListener("click", (event) => {
    const spot = event.target.closest("[data-spot]");
    if (!spot) return;
    const place = { lon: Number(spot.dataset.lon), lat: Number(spot.dataset.lat) };
    set(place, Number(spot.dataset.uncertainty));
    map.move({ ...place, uncertaintyM: Number(spot.dataset.uncertainty) });
  });
}

/** The map of the components that may be meant: numbered as in the list; a click on a number chooses. */
function openComponents(form) {
  const element = form.querySelector("[data-component-map]");
  if (!element || element.classList.contains("leaflet-container")) return;
  const rows = [...form.querySelectorAll("[data-title]")];
  const { lon, lat, uncertainty } = form.dataset;
  const { candidates } = placeMap(element, {
    lon: lon || null,
    lat: lat || null,
    uncertaintyM: uncertainty,
    zoom: 19,
    onChoose: (index) => rows[index].querySelector("input").click(),
  });
  candidates(rows.map(({ dataset }) => ({ lon: Number(dataset.lon), lat: Number(dataset.lat), title: dataset.title })));
}

function openMaps(root) {
  for (const form of root.querySelectorAll("[data-place-form]")) if (!form.closest("details:not([open])")) openMap(form);
  for (const form of root.querySelectorAll("[data-component-form]")) if (!form.closest("details:not([open])")) openComponents(form);
}

document.addEventListener("toggle", (event) => event.target.open && openMaps(event.target), true);
document.addEventListener("htmx:load", (event) => openMaps(event.target));
openMaps(document);

// on a phone the form that was refused is far below the head of the case: show what is wrong, after htmx has scrolled
document.addEventListener("htmx:afterSettle", ({ target }) => {
  const wrong = target.querySelector(".step[open] .error");
  if (wrong) requestAnimationFrame(() => wrong.scrollIntoView({ block: "center" }));
});

// a sentence of the page before must not stand beside the answer to this step
document.addEventListener("caseChanged", () => document.querySelector("main > .messages")?.remove());

// a list and its case side by side, where there is room; elsewhere the link is a link
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-desk] .row-link");
  if (!link || !BESIDE.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  for (const row of document.querySelectorAll("[data-desk] .row[aria-current]")) row.removeAttribute("aria-current");
  link.closest(".row").setAttribute("aria-current", "true");
  const aside = document.getElementById("desk-case");
  htmx.ajax("GET", link.getAttribute("href"), { target: aside, swap: "innerHTML" }).then(() => aside.focus({ preventScroll: true }));
});
