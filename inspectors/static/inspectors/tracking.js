// Records the way of somebody on duty who has agreed to it: thinned here, thinned again and judged on the server.
// What was measured stays in the phone until the server has named the operation; one page at a time records.
import { metresBetween, watchFix } from "./field.js";
import { post } from "./posting.js";

const { url, who, every, tolerance } = document.getElementById("track").dataset;
const KEY = `track-${who}`;
const SEND_MS = 60_000;
const STILL_S = 60; // who stands still is told once a minute
const MOST = 3000;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? { points: [], packed: null };
  } catch {
    return { points: [], packed: null };
  }
}

function keep(state) {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // a full disk: the newest positions are lost, nothing else
  }
}

/** Adds a fix as [lon, lat, accuracy, phone's time]; only differences of the phone's time are ever used. */
function add(fix) {
  const state = kept();
  const time = Date.now() - (performance.now() - fix.at);
  const last = state.points.at(-1);
  if (last) {
    const seconds = (time - last[3]) / 1000;
    const moved = metresBetween({ lon: last[0], lat: last[1] }, fix);
    if (seconds < Number(every) || (moved < Number(tolerance) && seconds < STILL_S)) return;
  }
  state.points = [...state.points, [fix.lon, fix.lat, fix.accuracy, time]].slice(-MOST);
  keep(state);
}

function form({ operation, points }) {
  const data = new FormData();
  const now = Date.now();
  data.set("operation", operation);
  data.set("points", JSON.stringify(points.map(([lon, lat, accuracy, time]) => [lon, lat, Math.round(accuracy), Math.max(0, (now - time) / 1000)])));
  return data;
}

let sending = false;

async function send() {
  if (sending) return;
  const state = kept();
  // a batch that was packed stays as it is until it is stored: its operation is done once
  if (!state.packed && state.points.length) {
    state.packed = { operation: crypto.randomUUID(), points: state.points };
    state.points = [];
    keep(state);
  }
  if (!state.packed) return;
  sending = true;
  const answer = await post(url, form(state.packed));
  sending = false;
  // refused for what it says (422) is refused for ever; anything else is sent again
  if (answer.operation === state.packed.operation || answer.code === "form") keep({ ...kept(), packed: null });
}

function record() {
  let told = false; // the first position of a page goes at once, the others with the next minute
  watchFix((fix) => {
    if (!fix) return;
    add(fix);
    if (!told) send();
    told = true;
  });
  setInterval(send, SEND_MS);
  document.addEventListener("visibilitychange", send);
  addEventListener("online", send);
  send();
}

if (navigator.locks) navigator.locks.request(KEY, () => new Promise(record));
else record();
