// Ticked rows and what is done to all of them at once.
/* global htmx */

/**
 * `query()` gives the filter as text; `onStart(numbers)` is called before something is done, `onDone()` after it.
 * Returns {tick, clear, show}.
 */
export function ticking({ settings, list, query, onStart, onDone }) {
  const head = document.getElementById("list-head");
  const all = document.getElementById("tick-all");
  const words = document.getElementById("ticked");
  const every = document.getElementById("tick-every");
  const menu = document.getElementById("bulk-menu");
  const dialog = document.getElementById("bulk");
  const ticked = new Map(); // number → "number~version"
  const state = { whole: false };

  const boxes = () => [...list.querySelectorAll("[data-tick]")];
  const numberOf = (box) => box.value.split("~")[0];
  // known where a quick filter alone is chosen
  const total = () => Number(document.querySelector("#quick a[aria-current] .count")?.textContent ?? NaN);
  const whole = (known) => (Number.isFinite(known) ? "{n}" : "").replace("{n}", known);

  function show() {
    const shown = boxes();
    const on = shown.filter((box) => ticked.has(numberOf(box))).length;
    for (const box of shown) box.checked = state.whole || ticked.has(numberOf(box));
    all.checked = shown.length > 0 && (state.whole || on === shown.length);
    all.indeterminate = !all.checked && ticked.size > 0;
    const most = total();
    const said = state.whole ? words.dataset.all.replace("{n}", whole(most)) : words.dataset.some.replace("{n}", ticked.size);
    words.textContent = state.whole || ticked.size ? said : words.dataset.none;
    every.hidden = state.whole || !all.checked || !list.querySelector("li.more");
    every.textContent = every.dataset.words.replace("{n}", whole(most));
    menu.hidden = !state.whole && ticked.size === 0;
    head.classList.toggle("has-ticks", !menu.hidden);
  }

  function tick(box, on = box.checked) {
    state.whole = false;
    if (on) ticked.set(numberOf(box), box.value);
    else ticked.delete(numberOf(box));
    show();
  }

  function clear() {
    ticked.clear();
    state.whole = false;
    show();
  }

  let last = null;
  list.addEventListener("change", ({ target }) => target.matches("[data-tick]") && tick(target));
  list.addEventListener("click", (event) => {
    const box = event.target.closest("[data-tick]");
    if (!box) return;
    // with Shift: everything between this and the last one
    if (event.shiftKey && last && list.contains(last)) {
      const shown = boxes();
      const [from, to] = [shown.indexOf(last), shown.indexOf(box)].sort((a, b) => a - b);
      for (const one of shown.slice(from, to + 1)) tick(one, box.checked);
    }
    last = box;
  });
  all.addEventListener("change", () => {
    const on = all.checked;
    clear();
    for (const box of on ? boxes() : []) ticked.set(numberOf(box), box.value);
    show();
  });
  every.addEventListener("click", () => {
    state.whole = true;
    show();
  });

  // --- the dialog

  function fields() {
    if (state.whole) return [["all", "1"], ["query", query()]];
    return [...ticked.values()].map((value) => ["case", value]);
  }

  menu.addEventListener("click", ({ target }) => {
    const what = target.closest("[data-bulk-what]")?.dataset.bulkWhat;
    menu.open = target.closest("summary") ? menu.open : false;
    if (what) {
      htmx.ajax("GET", settings.bulk.replace("what", what), { target: "#bulk-body", swap: "innerHTML" }).then(() => {
        dialog.showModal();
        dialog.querySelector("select, textarea, input:not([type=hidden])")?.focus();
      });
    }
    if (target.closest("[data-export]")) exportAs();
  });

  function exportAs() {
    const form = document.createElement("form");
    Object.assign(form, { method: "post", action: settings.export, hidden: true });
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    for (const [name, value] of [["csrfmiddlewaretoken", token], ...fields()]) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
    form.remove();
  }

  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.matches?.("[data-bulk]")) return;
    for (const [name, value] of fields()) event.detail.formData.append(name, value);
    onStart(state.whole ? boxes().map(numberOf) : [...ticked.keys()]);
  });
  dialog.addEventListener("click", ({ target }) => target.closest("[data-close-bulk]") && dialog.close());
  dialog.addEventListener("htmx:afterSwap", () => {
    const many = dialog.querySelector("[data-how-many]");
    const n = state.whole ? total() : ticked.size;
    if (many) many.textContent = many.dataset.words.replace("{n}", whole(n));
    const warning = dialog.querySelector("[data-too-many]");
    if (warning) warning.hidden = n <= Number(warning.dataset.tooMany);
    if (dialog.querySelector("[data-told]")) {
      clear();
      onDone();
    }
    countDown(dialog.querySelector("[data-undo]"));
  });

  return { tick, clear, show };
}

/** A button that takes the last step back, for as many seconds as its form says. */
export function countDown(form) {
  if (!form) return;
  const button = form.querySelector("button");
  let left = Number(form.dataset.seconds);
  const tell = () => {
    button.textContent = button.dataset.words.replace("{n}", left);
  };
  tell();
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0 && form.isConnected) return tell();
    clearInterval(timer);
    form.remove();
    return undefined;
  }, 1000);
}
