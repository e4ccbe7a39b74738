// Sends an on-site form: into the outbox first, then to the server at once. Only a receipt that names the operation
// means "stored"; whatever else comes back, everything that was typed stays, here and in the outbox.
import { ahead } from "./ahead.js";
import { ageOf, lastFix } from "./field.js";
import { directly, enqueue, flush, isHeldBack, newOperation, onOutbox } from "./outbox.js";
import { entry, note } from "./store.js";

const OWN = new Set(["version"]);

/** The form's values as the body of an operation; a name that stands several times becomes a list. */
function bodyOf(form, fix) {
  const data = new FormData(form);
  const body = {};
  for (const name of new Set(data.keys())) {
    const values = data.getAll(name).filter((value) => typeof value === "string");
    if (!OWN.has(name) && values.length) body[name] = values.length > 1 ? values : values[0];
  }
  return { ...body, ...told(fix) };
}

function told(fix) {
  return { lon: fix.lon, lat: fix.lat, accuracy: fix.accuracy, age: ageOf(fix) };
}

/** What a form is, as its data says. */
function about(form) {
  const { kind, about: key = "", chain = key } = form.dataset;
  const title = form.dataset.title ?? document.querySelector("h1")?.textContent.trim().replace(/\s+/g, " ") ?? "";
  return { kind, about: key, chain, title, version: Number(form.elements.version?.value) || null };
}

/**
 * Lets a form send itself. `shots` is the page's camera; `onRefused(answer)` may handle a refusal by its code
 * (stale, far, …) besides the sentence that is shown. The form tells "stored" with the receipt.
 */
export function sendForm(form, shots, { onRefused = () => {} } = {}) {
  const state = document.getElementById("state");
  const button = document.querySelector(".send");
  const words = document.getElementById("sentences").dataset;
  const user = Number(document.querySelector("[data-user]")?.dataset.user) || null;
  let operation = newOperation();
  let busy = false;
  let waiting = false; // in the outbox, without an answer yet

  function say(text, kind = "error") {
    state.hidden = !text;
    state.className = `send-state ${kind}`;
    state.textContent = text;
  }

  function stored(answer) {
    waiting = busy = false;
    delete document.body.dataset.typing;
    say(answer.sentence, "success");
    form.dispatchEvent(new CustomEvent("stored", { detail: answer }));
    setTimeout(() => location.assign(answer.next ?? "/field/"), 1200);
  }

  function refused(answer) {
    waiting = busy = button.disabled = false;
    say(answer.sentence ?? words[answer.code] ?? words.server);
    onRefused(answer, say);
  }

  /** What has become of the operation: an answer, or why it still waits. */
  async function look(code) {
    const kept = await entry(operation);
    if (!busy) return; // answered meanwhile
    if (kept?.state === "done") return stored(kept.answer);
    if (kept?.state === "needs") return refused(kept.answer);
    waiting = true;
    if (!code) return (await isHeldBack(operation)) && say(words.before);
    say(words[code] ?? words.server, code === "offline" ? "kept" : "error");
    if (code === "login") state.append(" ", loginLink(form));
  }

  /** The same was said before on this phone, on a page that has been left: it is not said twice. */
  async function showBefore() {
    const { kind, about: key } = about(form);
    const before = key && (await ahead()).findLast((one) => one.kind === kind && one.about === key);
    if (!before || busy) return;
    button.disabled = true;
    if (before.state === "done") say(before.answer.sentence, "success");
    else say(before.state === "needs" ? words.decide : words.waits, "kept");
  }

  showBefore();
  onOutbox(async () => waiting && look(await note("trouble")));
  form.addEventListener("input", () => {
    document.body.dataset.typing = "yes";
    if (!busy) say("");
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || button.disabled) return;
    if (!shots.photos.length) return say(words.photo);
    const fix = shots.shutter() ?? lastFix();
    if (!fix) return say(words.position);
    busy = button.disabled = true;
    say(words.sending, "busy");
    const sent = { operation, user, ...about(form), body: bodyOf(form, fix) };
    sent.shots = shots.photos.map(({ blob, fix: own }) => ({ blob, fix: own ? told(own) : null }));
    try {
      await enqueue(sent);
    } catch {
      return full(sent);
    }
    await look((await flush()).code);
  });

  // No room on the phone: the photos are only in this page, so it is sent from here or not at all.
  async function full(sent) {
    say(words.full);
    const answer = await directly(sent);
    if (answer.operation) return stored(answer);
    refused({ ...answer, sentence: answer.sentence ?? words.full });
  }

  return { say };
}

function loginLink(form) {
  const link = document.createElement("a");
  link.href = form.dataset.login ?? "/login/";
  link.target = "_blank";
  link.textContent = "→";
  return link;
}
