// What lies around the place of a form: the address in words, components of the class, likely repeats. Without network
// nothing is asked and nothing is missing.
import { pickButton } from "./classes.js";
import { cookie } from "./cookie.js";

const WAIT_MS = 400;

/**
 * Asks for a place and a class whenever `ask(place, category)` is called, the last call of a moment counts; tells
 * `onFound({address, components, repeats})`.
 */
export function asker(url, onFound) {
  let timer = 0;
  let turn = 0;
  return (place, category) => {
    clearTimeout(timer);
    const mine = (turn += 1);
    timer = setTimeout(async () => {
      const body = new FormData();
      body.set("lon", place.lon);
      body.set("lat", place.lat);
      if (category) body.set("category", category);
      const response = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken") }, redirect: "manual" }).catch(() => null);
      const json = response?.ok && (response.headers.get("content-type") ?? "").includes("application/json");
      const found = json ? await response.json().catch(() => null) : null;
      if (found && mine === turn) onFound(found);
    }, WAIT_MS);
  };
}

/** Buttons for components; one that is chosen stands in the form's field, a second tap takes it out again. */
export function componentPicker(form, onPick) {
  const box = document.getElementById("components");
  const buttons = document.getElementById("component-buttons");
  let rows = [];

  function draw() {
    const chosen = form.elements.component.value;
    box.hidden = !rows.length;
    buttons.replaceChildren(
      ...rows.map((row, index) => {
        const text = `${index + 1}. ${row.name} · ${box.dataset.metres.replace("{n}", row.metres)}`;
        return pickButton(text, `${row.code} · ${row.state}`, String(row.id) === chosen, () => pick(index));
      }),
    );
  }

  function pick(index) {
    const row = rows[index];
    const again = form.elements.component.value === String(row.id);
    form.elements.component.value = again ? "" : row.id;
    draw();
    onPick(again ? null : row);
  }

  function show(found) {
    rows = found;
    if (!rows.some((row) => String(row.id) === form.elements.component.value)) form.elements.component.value = "";
    draw();
  }
  return { show, pick };
}
