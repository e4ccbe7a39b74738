// How much room the phone has for photos: said early, before one is lost.
const LITTLE = 60 * 1024 * 1024; // bytes: a shift's photos

/** Bytes that are left for this site, or null where the browser does not say. */
export async function roomLeft() {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota - usage;
  } catch {
    return null;
  }
}

/** Shows or hides the frame's warning about room. */
export async function tellRoom() {
  const line = document.getElementById("room");
  const left = await roomLeft();
  if (!line) return;
  line.hidden = left === null || left > LITTLE;
  if (left !== null) line.textContent = line.dataset.words.replace("{m}", Math.max(0, Math.floor(left / 1_000_000)));
}

/** Asks that the browser does not clear away what waits; only once there is something. */
export async function stayHere() {
  if (!(await navigator.storage?.persisted?.())) await navigator.storage?.persist?.();
}
