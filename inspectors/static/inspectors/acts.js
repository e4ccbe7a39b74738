// 接单, 拒接, 到场: short acts on a task, through the outbox in the order of the task.
import { ageOf, lastFix } from "./field.js";
import { again, queued } from "./queued.js";

const kept = new Map(); // kind → operation that waits in the outbox

/** What an act sends besides its kind: an arrival carries the fix of the moment; null where there is none. */
function bodyOf(kind, reason) {
  const body = new FormData();
  if (reason) body.set("reason", reason);
  if (kind !== "arrive") return body;
  const fix = lastFix();
  if (!fix) return null;
  body.set("lon", fix.lon);
  body.set("lat", fix.lat);
  body.set("accuracy", fix.accuracy);
  body.set("age", ageOf(fix));
  return body;
}

/** Wires the buttons and sheets of a task's page. */
export function taskActs() {
  const foot = document.getElementById("steps")?.parentElement;
  if (!foot) return;
  const state = document.getElementById("state");
  const words = document.getElementById("sentences").dataset;
  const doubt = document.getElementById("doubt");
  let busy = false;

  function say(text, kind) {
    state.hidden = !text;
    state.className = `send-state ${kind}`;
    state.textContent = text;
  }

  async function refresh() {
    const response = await fetch(location.href).catch(() => null);
    if (!response?.ok || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ["steps", "stage"]) {
      const part = fresh.getElementById(id);
      if (part) document.getElementById(id).replaceWith(document.adoptNode(part));
    }
  }

  async function act(kind, url, reason = "") {
    if (busy) return;
    const body = bodyOf(kind, reason);
    if (!body) return say(words.position, "error");
    busy = true;
    say(words.sending, "busy");
    const task = url.match(/\/tasks\/(\d+)\//)[1];
    const answer = await (kept.has(kind) ? again(kept.get(kind)) : queued({ kind, about: task, chain: task, data: body }));
    kept.delete(kind);
    busy = false;
    if (answer.code === "far" && !reason) {
      say("", "");
      document.getElementById("doubt-words").textContent = answer.sentence;
      doubt.showModal();
      return;
    }
    if (answer.kept) kept.set(kind, answer.kept);
    if (answer.kept) return say(words[answer.code] ?? words.server, "kept");
    if (!answer.operation) return say(answer.sentence ?? (answer.code === "taken" ? words.actTaken : words[answer.code]) ?? words.server, "error");
    say(answer.sentence, "success");
    if (kind === "refuse") setTimeout(() => location.assign(answer.next), 900);
    else await refresh();
  }

  foot.addEventListener("click", ({ target }) => {
    const { act: kind, url, ask } = target.closest("button")?.dataset ?? {};
    if (ask) document.getElementById(ask).showModal();
    if (kind) act(kind, url);
  });
  for (const form of document.querySelectorAll("dialog.asked form")) {
    const { reason } = form.elements;
    const missing = form.querySelector("[data-missing]");
    form.addEventListener("change", ({ target }) => {
      if (target.name === "choice") reason.value = target.value;
      missing.hidden = true;
    });
    form.querySelector("[data-close]").addEventListener("click", () => form.closest("dialog").close());
    form.addEventListener("submit", (event) => {
      if (!reason.value.trim()) {
        event.preventDefault();
        missing.textContent = missing.dataset.missing;
        missing.hidden = false;
        return;
      }
      act(form.dataset.act, form.dataset.url, reason.value.trim());
    });
  }
}
