// A report that was written and not sent yet: on this device only, and for a day at most. Words in the local storage,
// photos in a small database, because they are large. A browser that keeps nothing is none the worse.
const KEY = "report-draft";
const LONGEST = 24 * 60 * 60 * 1000;

export function keep(values) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), values }));
  } catch {
    // private windows and full disks
  }
}

/** The values that were kept, or null. */
export function kept() {
  try {
    const { at, values } = JSON.parse(localStorage.getItem(KEY));
    if (Date.now() - at < LONGEST) return values;
  } catch {
    // nothing there, or nothing that can be read
  }
  forget();
  return null;
}

export async function keepPhotos(photos) {
  await withPhotos("readwrite", (store) => store.put({ at: Date.now(), photos }, KEY));
}

/** The photos that were kept, none where there are none. */
export async function keptPhotos() {
  const found = await withPhotos("readonly", (store) => store.get(KEY));
  return found && Date.now() - found.at < LONGEST ? found.photos : [];
}

export async function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // nothing was kept either
  }
  await withPhotos("readwrite", (store) => store.delete(KEY));
}

/** The answer of a request to the photos' store; undefined where the browser has none for us. */
function withPhotos(mode, ask) {
  return new Promise((answer) => {
    try {
      const opening = indexedDB.open(KEY, 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(KEY);
      opening.onerror = () => answer(undefined);
      opening.onsuccess = () => {
        const base = opening.result;
        const request = ask(base.transaction(KEY, mode).objectStore(KEY));
        request.transaction.oncomplete = () => answer(request.result);
        request.transaction.onabort = () => answer(undefined);
        request.transaction.addEventListener("complete", () => base.close());
      };
    } catch {
      answer(undefined);
    }
  });
}
