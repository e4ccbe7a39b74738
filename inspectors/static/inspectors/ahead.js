// A page tells how things stood when it came; what was done on this phone since then goes on from there.
import { entries } from "./store.js";

const frame = document.getElementById("outbox-state").dataset;
const user = Number(frame.user) || null;
const came = Number(frame.at) * 1000;

/** The user's own operations that this page does not know of, oldest first: those that wait, and what has arrived since. */
export async function ahead() {
  const found = await entries().catch(() => []);
  return found.filter((one) => one.user === user && (one.state !== "done" || one.doneAt > came));
}
