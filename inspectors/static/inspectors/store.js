// The phone's own database: the queue, the photos that belong to it, and a few notes. IndexedDB, without a library.
// An entry says in `shape` how it is made; a newer app still sends older ones, and leaves newer ones alone.

const NAME = "field";
const VERSION = 1;
export const SHAPE = 1;

let opened = null;

/** The database; a step of `onupgradeneeded` for each version that somebody's phone may still have. */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      const db = request.result;
      if (oldVersion < 1) {
        db.createObjectStore("outbox", { keyPath: "operation" });
        db.createObjectStore("photos", { keyPath: "key" }).createIndex("operation", "operation");
        db.createObjectStore("notes");
      }
    };
    request.onsuccess = () => {
      // another tab brings a newer app: let it have the database, and open it anew when asked next
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
      request.result.onclose = () => (opened = null);
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => (opened = null));
  return opened;
}

const ended = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
  });

const result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function reading(store) {
  return (await open()).transaction(store).objectStore(store);
}

export async function note(name) {
  return result((await reading("notes")).get(name));
}

export async function setNote(name, value) {
  const transaction = (await open()).transaction("notes", "readwrite");
  transaction.objectStore("notes").put(value, name);
  await ended(transaction);
}

/** All entries in the order in which they were made. */
export async function entries() {
  const found = await result((await reading("outbox")).getAll());
  return found.sort((a, b) => a.order - b.order);
}

export async function entry(operation) {
  return result((await reading("outbox")).get(operation));
}

export async function photosOf(operation) {
  const found = await result((await reading("photos")).index("operation").getAll(operation));
  return found.sort((a, b) => a.index - b.index);
}

/** Keeps an entry with its photos, all or nothing. One that is there already keeps its place in the order. */
export async function keep(made, blobs) {
  const transaction = (await open()).transaction(["outbox", "photos", "notes"], "readwrite", { durability: "strict" });
  const done = ended(transaction);
  const [outbox, photos, notes] = ["outbox", "photos", "notes"].map((name) => transaction.objectStore(name));
  const before = await result(outbox.get(made.operation));
  const last = (await result(notes.get("order"))) ?? 0;
  made.order = before?.order ?? last + 1;
  if (!before) notes.put(last + 1, "order");
  photos.delete(IDBKeyRange.bound(`${made.operation}/`, `${made.operation}/\uffff`));
  blobs.forEach((blob, index) => photos.put({ key: `${made.operation}/${index}`, operation: made.operation, index, blob }));
  outbox.put(made);
  await done;
  return made;
}

/** Changes an entry that is there; `change` gets it and returns nothing. Returns the changed entry, or undefined. */
export async function change(operation, changing) {
  const transaction = (await open()).transaction("outbox", "readwrite", { durability: "strict" });
  const done = ended(transaction);
  const store = transaction.objectStore("outbox");
  const found = await result(store.get(operation));
  if (found) {
    changing(found);
    store.put(found);
  }
  await done;
  return found;
}

/** The receipt has come: only now the photos go; a line stays so that the person sees what has arrived. */
export async function receipt(operation, answer, at) {
  const transaction = (await open()).transaction(["outbox", "photos"], "readwrite", { durability: "strict" });
  const done = ended(transaction);
  const outbox = transaction.objectStore("outbox");
  const found = await result(outbox.get(operation));
  if (found) outbox.put({ ...found, state: "done", answer, body: {}, photos: [], doneAt: at });
  transaction.objectStore("photos").delete(IDBKeyRange.bound(`${operation}/`, `${operation}/\uffff`));
  await done;
}

/** Forgets an entry with its photos: a person has put it away, or its receipt is old. */
export async function forget(operation) {
  const transaction = (await open()).transaction(["outbox", "photos"], "readwrite");
  transaction.objectStore("outbox").delete(operation);
  transaction.objectStore("photos").delete(IDBKeyRange.bound(`${operation}/`, `${operation}/\uffff`));
  await ended(transaction);
}
