// Records the way of somebody on duty who has agreed to it: thinned here, thinned again and judged on the server.
// What was measured is kept in the phone and goes through the outbox, in large parcels where there is no network; one
// page at a time records.
import { metresBetween, watchFix } from "./field.js";
import { queued } from "./queued.js";

const { title, who, every, tolerance } = document.getElementById("track").dataset;
const KEY = `track-${who}`;
const SEND_MS = 60_000;
const STILL_S = 60; // who stands still is told once a minute
const PARCEL = 500; // points: some hours of walking

function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function keep(points) {
  try {
    localStorage.setItem(KEY, JSON.stringify(points));
  } catch {
    // a full disk: the newest positions are lost, nothing else
  }
}

/** Adds a fix as [lon, lat, accuracy, phone's time]; only differences of the phone's time are ever used. */
function add(fix) {
  const points = kept();
  const time = Date.now() - (performance.now() - fix.at);
  const last = points.at(-1);
  if (last) {
    const seconds = (time - last[3]) / 1000;
    const moved = metresBetween({ lon: last[0], lat: last[1] }, fix);
    if (seconds < Number(every) || (moved < Number(tolerance) && seconds < STILL_S)) return;
  }
  keep([...points, [fix.lon, fix.lat, fix.accuracy, time]]);
}

let sending = false;

/** Packs what there is into one operation; without network only when it is a whole parcel. */
async function send() {
  const points = kept();
  if (sending || !points.length) return;
  if (navigator.onLine === false && points.length < PARCEL) return;
  sending = true;
  const now = Date.now();
  const rows = points.map(([lon, lat, accuracy, time]) => [lon, lat, Math.round(accuracy), Math.max(0, (now - time) / 1000)]);
  // in the order of the shift: a way belongs after the clocking in that waits before it
  const answer = await queued({ kind: "track", chain: "duty", title, quiet: true, data: [["points", JSON.stringify(rows)]] });
  // what could not be put into the outbox stays here; while it was packed more may have come
  if (answer.code !== "full") keep(kept().slice(points.length));
  sending = false;
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
