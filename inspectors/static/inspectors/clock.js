// What time it is by the server's clock. A phone's clock may be wrong by hours: only differences of it are used, and the
// server counts back from its own clock by the age that it is told.
import { note, setNote } from "./store.js";

let offset = 0; // milliseconds to add to the phone's clock
let loaded = null;
// a clock that is set back while the page is open; one that jumps forward may just have slept
let drift = Date.now() - performance.now();

function noticeSetBack() {
  const now = Date.now() - performance.now();
  if (now < drift - 2000) {
    offset += drift - now;
    setNote("offset", offset);
  }
  drift = now;
}

export function loadClock() {
  loaded ??= note("offset").then(
    (kept) => (offset = kept ?? 0),
    () => {},
  );
  return loaded;
}

/** Milliseconds since 1970 by the server's clock, as well as the phone knows. */
export function serverNow() {
  noticeSetBack();
  return Date.now() + offset;
}

/** The server has said what time it is, in seconds; `asked` is Date.now() of the question. */
export function heard(seconds, asked) {
  offset = seconds * 1000 - (asked + Date.now()) / 2;
  drift = Date.now() - performance.now();
  setNote("offset", offset);
}

/** A moment (milliseconds since 1970) as hours and minutes of the city's day, whatever zone the phone is set to. */
export function timeOfDay(at) {
  const timeZone = document.getElementById("outbox-state")?.dataset.zone;
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
}

const session = Math.random();

/** The moment in which an operation is made. */
export function moment() {
  return { wall: Date.now(), at: serverNow(), ticks: performance.now(), session };
}

/** Seconds since a moment: never less than this page's own ticks have counted. */
export function ageOfMoment(made) {
  const ticked = made.session === session ? performance.now() - made.ticks : 0;
  return Math.max(0, serverNow() - made.at, ticked) / 1000;
}
