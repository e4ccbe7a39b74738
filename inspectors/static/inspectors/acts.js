// 接单, 拒接, 到场: short acts on a task, through the outbox in the order of the task.
import { ahead } from "./ahead.js";
import { ageOf, lastFix } from "./field.js";
import { onOutbox } from "./outbox.js";
import { queued } from "./queued.js";

const STAGES = { accept: "accepted", arrive: "arrived", refuse: "refused" };


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
export function taskActs({ about: task, chain }) {
  const foot = document.getElementById("steps")?.parentElement;
  if (!foot) return;
  const state = document.getElementById("state");
  const words = document.getElementById("sentences").dataset;
  const doubt = document.getElementById("doubt");
  let busy = false;
  let waits = ""; // the operation that was put into the outbox here and has no answer yet

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

  // without network the page stays as it came: what waits in the outbox says how far this task is
  async function showStage() {
    const own = (await ahead()).filter((one) => one.about === task && STAGES[one.kind]);
    const steps = document.getElementById("steps").dataset;
    steps.base ??= steps.stage;
    steps.stage = STAGES[own.findLast((one) => one.state !== "needs")?.kind] ?? steps.base;
    const last = own.at(-1);
    if (last?.operation === waits && last.state !== "waiting") {
      waits = "";
      say(last.answer.sentence, last.state === "done" ? "success" : "error");
    } else if (!busy && last?.kind === "refuse" && last.state !== "needs") say(last.answer?.sentence ?? words.refusedLater, "kept");
  }

  async function act(kind, reason = "") {
    if (busy) return;
    const body = bodyOf(kind, reason);
    if (!body) return say(words.position, "error");
    busy = true;
    say(words.sending, "busy");
    const answer = await queued({ kind, about: task, chain, data: body });
    busy = false;
    if (answer.code === "far" && !reason) {
      say("", "");
      document.getElementById("doubt-words").textContent = answer.sentence;
      doubt.showModal();
      return;
    }
    if (answer.kept) {
      waits = answer.kept;
      return say(words[answer.code] ?? words.server, "kept");
    }
    if (!answer.operation) return say(answer.sentence ?? (answer.code === "taken" ? words.actTaken : words[answer.code]) ?? words.server, "error");
    say(answer.sentence, "success");
    if (kind === "refuse") setTimeout(() => location.assign(answer.next), 900);
    else await refresh();
  }

  foot.addEventListener("click", ({ target }) => {
    const { act: kind, ask } = target.closest("button")?.dataset ?? {};
    if (ask) document.getElementById(ask).showModal();
    if (kind) act(kind);
  });
  onOutbox(showStage);
  showStage();
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
      act(form.dataset.act, reason.value.trim());
    });
  }
}
