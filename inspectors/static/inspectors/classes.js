// The class of a problem: buttons by habit, a search, and the conditions of the chosen class.
const MOST = 12;

/** A button of a choice, with a smaller line below its text. */
export function pickButton(text, small, pressed, onPress) {
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

/** Lets a class and its condition be chosen in a form that has the fields; `onChange` is called after each choice. */
export function classPicker(form, { onChange = () => {} } = {}) {
  const classes = JSON.parse(document.getElementById("classes").textContent);
  const usual = JSON.parse(document.getElementById("usual").textContent);
  const buttons = document.getElementById("class-buttons");
  const conditions = document.getElementById("condition-buttons");
  const search = document.getElementById("class-search");
  const { category, condition } = form.elements;

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
    const chosen = Number(category.value);
    const picked = classes.find((entry) => entry.id === chosen);
    const shown = picked ? [picked] : matches();
    buttons.replaceChildren(...shown.map((entry) => pickButton(entry.name, entry.kind, entry.id === chosen, () => toggle(category, entry.id))));
    if (!shown.length) buttons.textContent = buttons.dataset.none;
    const listed = picked?.conditions ?? [];
    const set = Number(condition.value);
    conditions.replaceChildren(...listed.map((entry) => pickButton(entry.text, "", entry.id === set, () => toggle(condition, entry.id))));
  }

  function toggle(input, id) {
    input.value = Number(input.value) === id ? "" : id;
    if (input === category) condition.value = "";
    draw();
    if (input === category) onChange();
  }

  function clear() {
    category.value = condition.value = "";
    draw();
    onChange();
  }

  search.addEventListener("input", clear);
  draw();
  return { clear };
}
