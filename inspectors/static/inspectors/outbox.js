// The outbox: what the phone has to tell the server. Each operation has a UUID of its own and goes in the order of its
// case; photos go before it, piece by piece. Nothing is forgotten before the receipt. Also runs inside the worker.
import { ageOfMoment, heard, loadClock, moment, serverNow } from "./clock.js";
import { change, entries, entry, forget, keep, photosOf, receipt, setNote, SHAPE } from "./store.js";

const DOOR = "/field/operations/";
const PHOTOS = "/field/photos/";
const PIECE = 256 * 1024;
const KEPT_MS = 24 * 3600_000; // receipts are shown for a day
const WAITS = [2, 5, 10, 20, 40, 60]; // seconds between tries
const FINAL = new Set([400, 404, 409, 413, 415, 422]);

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("field-outbox");
const listeners = new Set();
let failures = 0;
let progress = false; // something has arrived since the last trouble: the line is bad, not gone
let timer = 0;
let running = null;
let again = false;

/** Calls `listener()` whenever the outbox has changed, here or in another tab. */
export function onOutbox(listener) {
  listeners.add(listener);
}

function tell() {
  for (const listener of listeners) listener();
  channel?.postMessage("changed");
}
channel?.addEventListener("message", () => {
  for (const listener of listeners) listener();
});

export function newOperation() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function sha256(blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Puts an operation into the outbox. `shots` are [{blob, fix}] with fix {lon, lat, accuracy, age} or null; `chain` is
 * what has to stay in order (a case's number); a `quiet` one is nobody's business unless it waits: no count, no trace
 * afterwards. Throws what the database throws, QuotaExceededError when it is full.
 */
export async function enqueue({ operation = newOperation(), user, kind, about = "", chain = "", title = "", quiet = false, version = null, body = {}, shots = [] }) {
  await loadClock();
  const photos = [];
  for (const { blob, fix = null } of shots) photos.push({ sha256: await sha256(blob), size: blob.size, fix, sent: false });
  const made = { shape: SHAPE, operation, user, kind, about: String(about), chain: chain || operation, title, quiet, version, body, photos };
  Object.assign(made, { made: moment(), state: "waiting", tries: 0, answer: null, changed: serverNow() });
  await keep(made, shots.map((shot) => shot.blob));
  tell();
  askForSync();
  return made;
}

/** How many wait, need somebody, and have arrived; of other users only how many wait. */
export async function counts(user) {
  const found = await entries();
  const own = found.filter((one) => one.user === user && !one.quiet);
  const count = (state) => own.filter((one) => one.state === state).length;
  const others = found.filter((one) => one.user !== user && one.state !== "done" && !one.quiet).length;
  return { waiting: count("waiting"), needs: count("needs"), done: count("done"), others };
}

/** Asks twice before it gives up: everything here may be asked again. Status 0 where no answer came. */
async function ask(url, options, seconds = 30) {
  const first = await once(url, options, seconds);
  if (first.status || navigator.onLine === false) return first;
  await new Promise((done) => setTimeout(done, 400));
  return once(url, options, seconds);
}

async function once(url, options, seconds) {
  try {
    const response = await fetch(url, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(seconds * 1000), ...options });
    const json = (response.headers.get("content-type") ?? "").includes("json");
    return { status: response.status, opaque: response.type === "opaqueredirect", wait: Number(response.headers.get("retry-after")) || 0, answer: json ? await response.json() : null };
  } catch {
    return { status: 0, answer: null };
  }
}

/** Why nothing more can be sent now: "offline", "login" or "server". */
class Stop extends Error {
  constructor(code, wait = 0) {
    super(code);
    this.code = code;
    this.wait = wait;
  }
}

function stopIfNoAnswer({ status, opaque, answer, wait }) {
  if (opaque || status === 401) throw new Stop("login");
  if (status === 0) throw new Stop("offline");
  if (status === 429 || (status >= 502 && status <= 504) || (status < 400 && !answer)) throw new Stop("server", wait);
}

/** Who is logged in, and what time it is; throws Stop. */
export async function hello() {
  const asked = Date.now();
  const said = await ask(DOOR, { headers: { Accept: "application/json" } }, 15);
  stopIfNoAnswer(said);
  if (said.status !== 200 || !said.answer?.token) throw new Stop(said.status === 403 ? "login" : "server");
  heard(said.answer.now, asked);
  return said.answer;
}

/** Sends one photo from where it broke off; returns null, or the refusal. */
async function sendPhoto(photo, blob, me) {
  const url = `${PHOTOS}${photo.sha256}/`;
  let offset = 0;
  let again = 0;
  const there = await ask(url, { headers: { Accept: "application/json" } });
  if (there.answer?.whole) return null;
  if (there.status === 200) offset = there.answer?.offset ?? 0;
  else if (there.status !== 404) stopIfNoAnswer(there);
  // only the server says that a photo is whole: all its bytes may be there without that
  for (;;) {
    const headers = { "X-CSRFToken": me.token, "Upload-Offset": String(offset), "Upload-Length": String(photo.size), "Content-Type": "application/octet-stream" };
    const piece = await ask(url, { method: "PUT", headers, body: blob.slice(offset, offset + PIECE) }, 60);
    if (piece.status === 200 && piece.answer?.sha256 === photo.sha256) {
      progress = true;
      if (piece.answer.whole) return null;
      again += piece.answer.offset <= offset;
      offset = piece.answer.offset;
    } else if (piece.status === 409 && piece.answer?.code === "offset") {
      offset = piece.answer.offset;
      again += 1;
    } else if (FINAL.has(piece.status) && piece.answer?.sentence) return piece.answer;
    else {
      stopIfNoAnswer(piece);
      throw new Stop("server");
    }
    if (again > 5) return { code: "digest", field: "photos" };
  }
}

async function sendPhotos(one, me) {
  const blobs = await photosOf(one.operation);
  for (const [index, photo] of one.photos.entries()) {
    if (photo.sent) continue;
    const refusal = await sendPhoto(photo, blobs[index].blob, me);
    if (refusal) return refusal;
    photo.sent = true;
    await change(one.operation, (kept) => (kept.photos[index].sent = true));
    tell();
  }
  return null;
}

function envelope(one) {
  const photos = one.photos.map(({ sha256: digest, size, fix }) => ({ sha256: digest, size, fix }));
  const { operation, kind, about, version, body, user } = one;
  return JSON.stringify({ operation, kind, about, version, body, photos, by: user, made_at: new Date(one.made.wall).toISOString(), age_s: ageOfMoment(one.made) });
}

/** Sends one entry to its end: "done", "needs" (a person decides) or "blocked" (try later); throws Stop. */
async function sendOne(one, me) {
  for (let round = 0; round < 3; round++) {
    const bad = await sendPhotos(one, me);
    if (bad) return needs(one, bad);
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": me.token };
    const said = await ask(DOOR, { method: "POST", headers, body: envelope(one) }, 60);
    const { status, answer } = said;
    if (status === 200 && answer?.operation === one.operation) {
      progress = true;
      if (one.quiet) await forget(one.operation);
      else await receipt(one.operation, answer, serverNow());
      tell();
      return "done";
    }
    if (answer?.code === "photos") {
      // swept or taken meanwhile: they are all still here
      for (const photo of one.photos) if (answer.missing.includes(photo.sha256)) photo.sent = false;
      continue;
    }
    if (answer?.code === "other_user") return "blocked";
    if ((FINAL.has(status) || status === 403) && answer?.code) return needs(one, answer);
    stopIfNoAnswer(said);
    if (status === 403) throw new Stop("server"); // the token was of another login
    return FINAL.has(status) ? needs(one, { code: "refused" }) : failed(one);
  }
  return failed(one);
}

/** Sends what there was no room to keep: from memory, once. Returns the receipt or the refusal; {code} where it failed. */
export async function directly({ shots, ...rest }) {
  const one = { ...rest, made: moment(), photos: [] };
  try {
    const me = await hello();
    for (const { blob, fix } of shots) {
      const photo = { sha256: await sha256(blob), size: blob.size, fix };
      const refusal = await sendPhoto(photo, blob, me);
      if (refusal) return refusal;
      one.photos.push(photo);
    }
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": me.token };
    const said = await ask(DOOR, { method: "POST", headers, body: envelope(one) }, 60);
    stopIfNoAnswer(said);
    const receipted = said.status === 200 && said.answer?.operation !== one.operation;
    return receipted || !said.answer ? { code: "server" } : said.answer;
  } catch (error) {
    return { code: error.code ?? "server" };
  }
}

async function needs(one, answer) {
  if (one.quiet) {
    await forget(one.operation); // there is nothing for a person to decide
    return "done";
  }
  await change(one.operation, (kept) => Object.assign(kept, { state: "needs", answer, changed: serverNow() }));
  tell();
  return "needs";
}

async function failed(one) {
  await change(one.operation, (kept) => (kept.tries += 1));
  return "blocked";
}

async function run() {
  await loadClock();
  let found = await entries();
  for (const one of found) if (one.state === "done" && serverNow() - one.doneAt > KEPT_MS) await forget(one.operation);
  if (!found.some((one) => one.state === "waiting")) return { code: "" };
  const me = await hello();
  const blocked = new Set();
  let code = "";
  for (const { operation } of found) {
    const one = await entry(operation); // another page may have changed it meanwhile
    if (!one || one.state === "done") continue;
    if (one.user !== me.user || one.shape > SHAPE) continue;
    if (one.state === "needs" || blocked.has(one.chain)) blocked.add(one.chain);
    else if ((await sendOne(one, me)) !== "done") {
      blocked.add(one.chain);
      if ((await entry(operation))?.state === "waiting") code = "server";
    }
  }
  return { code };
}

async function attempt() {
  try {
    const done = await run();
    if (done.code) throw new Stop(done.code);
    failures = 0;
    await setNote("trouble", "");
    return done;
  } catch (error) {
    const code = error instanceof Stop ? error.code : "server";
    if (!(error instanceof Stop)) console.error(error);
    await setNote("trouble", code);
    later(error.wait);
    askForSync();
    return { code };
  } finally {
    tell();
  }
}

/** Tries again by itself, later each time; at once when the network comes back (frame.js). */
function later(wait = 0) {
  if (typeof document === "undefined") return;
  clearTimeout(timer);
  if (progress) failures = 0;
  progress = false;
  const seconds = Math.max(wait, WAITS[Math.min(failures, WAITS.length - 1)] * (0.75 + Math.random() / 2));
  failures += 1;
  timer = setTimeout(() => flush(), seconds * 1000);
}

/** Sends what waits; one tab at a time. Returns {code}: "" when nothing is in the way, else why it stopped. */
export function flush() {
  if (running) {
    again = true;
    return running;
  }
  const alone = () => (navigator.locks ? navigator.locks.request("field-outbox", attempt) : attempt());
  running = (async () => {
    let done;
    do {
      again = false;
      done = await alone();
    } while (again && !done.code);
    return done;
  })().finally(() => (running = null));
  return running;
}

export const isSending = () => running !== null;

async function askForSync() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration("/field/");
    await registration?.sync?.register("outbox");
  } catch {
    // a browser without background sync, or one that forbids it: the page tries by itself
  }
}

/** Whether an earlier entry of the same case needs a person first. */
export async function isHeldBack(operation) {
  const found = await entries();
  const own = found.find((one) => one.operation === operation);
  return own?.state === "waiting" && found.some((one) => one.state === "needs" && one.chain === own.chain && one.order < own.order);
}

/** A person has decided: send it again with what was missing, or as an answer to the version that is now known. */
export async function resend(operation, { version, body = {} } = {}) {
  await change(operation, (kept) => {
    Object.assign(kept.body, body);
    Object.assign(kept, { version: version ?? kept.version, state: "waiting", answer: null, changed: serverNow() });
  });
  tell();
  return flush();
}

/** A person has decided: it is not sent. */
export async function putAway(operation) {
  await forget(operation);
  tell();
  return flush();
}

/** The whole queue of a user as one file, photos inside, for somebody who has to save it by hand. */
export async function exported(user) {
  const found = (await entries()).filter((one) => one.user === user && one.state !== "done");
  for (const one of found) {
    const blobs = await photosOf(one.operation);
    for (const [index, photo] of one.photos.entries()) photo.data = await base64(blobs[index].blob);
  }
  return new Blob([JSON.stringify({ form: "field-outbox", shape: SHAPE, at: new Date(serverNow()).toISOString(), entries: found }, null, 1)], { type: "application/json" });
}

async function base64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
