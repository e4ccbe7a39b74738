// Forms of the shift: each is one operation, sent with the phone's position where it needs one, through the outbox.
// Only a receipt means "stored"; whatever else comes back, everything that was typed stays.
import { ahead } from "./ahead.js";
import { timeOfDay } from "./clock.js";
import { ageOf, lastFix, watchFix } from "./field.js";
import { onOutbox } from "./outbox.js";
import { again, queued } from "./queued.js";

const AFTER = { clock_in: "here", break_start: "resting", break_end: "here", clock_out: "left" };
const words = document.getElementById("sentences").dataset;
const shown = document.getElementById("fix");
const forms = [...document.querySelectorAll("form[data-operation]")];

if (shown) {
  watchFix((fix, trouble) => {
    const { known, waiting, refused, lost } = shown.dataset;
    shown.classList.toggle("known", Boolean(fix));
    shown.textContent = fix ? known.replace("{m}", Math.round(fix.accuracy)) : ({ refused, lost }[trouble] ?? waiting);
  });
}

// A whole shift without network: the forms that come next are those after what waits in the outbox.
const shift = document.getElementById("shift");
let sending = false; // one of the forms, which says itself what came back
const stage = shift?.dataset.stage;

async function showStage() {
  const own = (await ahead()).filter((one) => AFTER[one.kind] && one.state !== "needs");
  shift.dataset.stage = own.length ? AFTER[own.at(-1).kind] : stage;
  const waiting = own.filter((one) => one.state === "waiting");
  const last = own.at(-1);
  // all has arrived meanwhile: the page anew, once, as the server sees it now
  if (last && !waiting.length && !sending && !document.documentElement.dataset.kept && sessionStorage.getItem("shown") !== last.operation) {
    sessionStorage.setItem("shown", last.operation);
    location.reload();
  }
  const told = document.getElementById("ahead");
  told.hidden = !waiting.length;
  const list = waiting.map((one) => `${one.title} ${timeOfDay(one.made.at)}`);
  told.textContent = told.dataset.words.replace("{list}", list.join(" · "));
}

if (shift) {
  onOutbox(showStage);
  showStage();
}

function saying(form) {
  const state = form.querySelector(".send-state");
  return (text, kind = "error") => {
    state.hidden = !text;
    state.className = `send-state ${kind}`;
    state.textContent = text;
  };
}

/** The fields of a form, with the button that was pressed and the position; null where a position is missing. */
function packed(form, button) {
  const data = new FormData(form);
  if (button?.name) data.set(button.name, button.value);
  if (button?.dataset.also) data.set(...button.dataset.also.split("="));
  if (!data.get("reason") && data.get("usual")) data.set("reason", data.get("usual"));
  data.delete("usual");
  if (!("position" in form.dataset)) return data;
  const fix = lastFix();
  if (!fix) return null;
  for (const name of ["lon", "lat", "accuracy"]) data.set(name, fix[name]);
  data.set("age", ageOf(fix));
  return data;
}

for (const form of forms) {
  const say = saying(form);
  let kept = ""; // the operation that waits in the outbox
  form.addEventListener("input", () => sending || say(""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    const data = packed(form, event.submitter);
    if (!data) return say(words.position);
    sending = true;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    say(words.sending, "busy");
    const kind = form.dataset.operation;
    const title = [document.querySelector("h1").textContent.trim(), event.submitter?.innerText.trim()].filter(Boolean).join(" ");
    const about = data.get("message") ?? data.get("household") ?? data.get("spot") ?? "";
    const answer = await (kept ? again(kept) : queued({ kind, about, chain: "duty", title: AFTER[kind] ? event.submitter.innerText.trim() : title, data }));
    // a shift goes on to its next form; anything else is the same press when it is pressed again
    kept = AFTER[kind] ? "" : (answer.kept ?? "");
    if (answer.operation) {
      say(answer.sentence, "success");
      setTimeout(() => location.assign(answer.next), 900);
      return;
    }
    sending = false;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    say(answer.sentence ?? words[answer.code] ?? words.server);
    if (answer.code === "login") form.querySelector(".send-state").append(" ", loginLink(form));
    const reasons = form.querySelector("[data-far]");
    if (answer.code === "far" && reasons) {
      reasons.hidden = false;
      reasons.scrollIntoView({ block: "center" });
    }
  });
}

function loginLink(form) {
  const link = document.createElement("a");
  link.href = form.dataset.login;
  link.target = "_blank";
  link.textContent = "→";
  return link;
}
