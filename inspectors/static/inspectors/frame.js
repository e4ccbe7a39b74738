// The frame of the field app: how the outbox stands, what is shown from the phone's memory, the worker, logging out.
import { timeOfDay } from "./clock.js";
import { hello, counts, flush, isSending, onOutbox } from "./outbox.js";
import { fetchPack, isCheap, kept, listed, wipePersonal } from "./pack.js";
import { stayHere, tellRoom } from "./room.js";
import { entries, note, setNote } from "./store.js";

const pill = document.getElementById("outbox-state");
const banner = document.getElementById("offline");
const user = Number(pill.dataset.user) || null;
const PACK_EVERY_MS = 15 * 60_000;

async function showState() {
  // the page for a place without network names nobody: it is the one who was here last
  const who = user ?? (await note("user").catch(() => null));
  const { waiting, needs, done } = await counts(who).catch(() => ({ waiting: 0, needs: 0, done: 0 }));
  const state = needs ? "needs" : waiting ? "waiting" : "done";
  pill.dataset.state = state;
  pill.querySelector("span").textContent = pill.dataset[state].replace("{n}", needs || waiting || done || "").trim();
  pill.hidden = false;
  if (waiting || needs) stayHere();
}

// A page from the phone's memory says so, with the time at which it came from the server.
function showKept() {
  const at = Number(document.documentElement.dataset.kept);
  const time = at ? timeOfDay(at) : "";
  banner.hidden = !at && navigator.onLine;
  banner.textContent = at ? banner.dataset.kept.replace("{t}", time) : banner.dataset.none;
}

function send() {
  if (document.visibilityState === "visible") flush();
}

function isBusy() {
  return isSending() || document.body.dataset.typing === "yes";
}

// --- the worker: a new one waits until nothing is typed or sent, then takes over; the queue is in the database

async function startWorker() {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register(pill.dataset.worker, { scope: "/field/", type: "module" });
  const first = !navigator.serviceWorker.controller;
  let reloading = first;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (reloading || isBusy()) return;
    reloading = true;
    location.reload();
  });
  const offer = () => registration.waiting && !isBusy() && registration.waiting.postMessage("take over");
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", offer));
  document.addEventListener("visibilitychange", offer);
  onOutbox(offer);
  offer();
  setInterval(() => document.visibilityState === "visible" && registration.update().then(offer, () => {}), 30 * 60_000);
}

// --- whose phone it is now

async function knowUser() {
  if (!user || document.documentElement.dataset.kept) return;
  const before = await note("user");
  if (before && before !== user) await wipePersonal();
  if (before !== user) await setNote("user", user);
}

async function keepPack() {
  if (!user || document.documentElement.dataset.kept || !("caches" in window) || !navigator.serviceWorker?.controller) return;
  const last = await kept();
  if (last?.user === user && Date.now() - (await note("packTried")) < PACK_EVERY_MS) return;
  await setNote("packTried", Date.now());
  const list = await listed();
  if (!list || list.user !== user) return;
  // the app's own pages are small and always kept; the rest on duty, where it costs nothing
  const all = list.on_duty && isCheap();
  await fetchPack(all ? list : { ...list, items: list.items.filter((item) => item.kind === "page") });
}

// --- logging out: warns about what has not been sent, and forgets what is personal

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (!form.action?.endsWith("/logout/") || form.dataset.sure) return;
    event.preventDefault();
    event.stopPropagation();
    const left = (await entries().catch(() => [])).filter((one) => one.user === user && one.state !== "done").length;
    const dialog = document.getElementById("leave");
    if (left) {
      dialog.querySelector("p").textContent = dialog.dataset.words.replace("{n}", left);
      dialog.showModal();
      const sure = await new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "leave"), { once: true }));
      if (!sure) return;
    }
    form.dataset.sure = "yes";
    await wipePersonal();
    form.requestSubmit();
  },
  true,
);

onOutbox(showState);
window.addEventListener("online", () => {
  showKept();
  flush();
});
window.addEventListener("offline", showKept);
document.addEventListener("visibilitychange", send);
window.addEventListener("load", async () => {
  await knowUser();
  await startWorker().catch(() => {});
  keepPack();
});
showState();
showKept();
tellRoom();
if (user) flush();
if (user && !document.documentElement.dataset.kept) note("offset").then((known) => known === undefined && hello(), () => {}).catch(() => {});
