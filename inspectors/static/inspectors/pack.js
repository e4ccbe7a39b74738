// The day pack: what the server lists is kept in the phone's caches, and what is no longer listed goes.
// Names of caches that begin with "personal" are emptied on logging out (people/house.js).
import { note, setNote } from "./store.js";

export const PAGES = "personal-pages";
export const PHOTOS = "personal-photos";
export const TILES = "field-tiles";
const CACHE = { page: PAGES, photo: PHOTOS, tile: TILES };
const AT_ONCE = 4;

/** Forgets everything that belongs to a person, except what waits to be sent. */
export async function wipePersonal() {
  if (typeof caches === "undefined") return; // without HTTPS nothing was kept
  for (const name of await caches.keys()) if (name.startsWith("personal")) await caches.delete(name);
  await setNote("pack", null);
}

/** What was kept last: {at, size, items, user, on_duty}, or null. */
export const kept = () => note("pack");

/** The list from the server; null without network or login. */
export async function listed() {
  try {
    const response = await fetch("/field/pack/", { headers: { Accept: "application/json" }, cache: "no-store", redirect: "manual" });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Fetches what is new of a list; `onProgress(done, all)`. Returns the sum of what is kept, in bytes, and what failed. */
export async function fetchPack(list, onProgress = () => {}) {
  const before = (await kept())?.versions ?? {};
  const versions = {};
  let done = 0;
  let size = 0;
  let failed = 0;
  const queue = [...list.items];
  async function worker() {
    for (let item = queue.shift(); item; item = queue.shift()) {
      const cache = await caches.open(CACHE[item.kind]);
      const old = before[item.url]?.version === item.version && (await cache.match(item.url));
      const bytes = old ? before[item.url].bytes : await fetched(cache, item);
      if (bytes === null) failed += 1;
      else {
        versions[item.url] = { version: item.version, bytes, kind: item.kind };
        size += bytes;
      }
      onProgress(++done, list.items.length);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await dropOthers(before, list.items);
  await setNote("pack", { at: list.made_at * 1000, user: list.user, on_duty: list.on_duty, size, failed, count: list.items.length - failed, versions });
  return { size, failed };
}

async function fetched(cache, { url, kind }) {
  try {
    const response = await fetch(url, { redirect: "manual", cache: kind === "page" ? "no-store" : "default" });
    if (!response.ok || response.redirected) return null;
    const bytes = (await response.clone().arrayBuffer()).byteLength;
    await cache.put(url, response);
    return bytes;
  } catch {
    return null;
  }
}

async function dropOthers(before, items) {
  const wanted = new Set(items.map((item) => item.url));
  for (const [url, { kind }] of Object.entries(before)) if (!wanted.has(url)) await (await caches.open(CACHE[kind])).delete(url);
}

/** Whether fetching costs nothing worth asking about: a wireless network, or a browser that does not say and does not save. */
export function isCheap() {
  const connection = navigator.connection;
  if (!connection) return true;
  if (connection.saveData) return false;
  return connection.type === undefined || ["wifi", "ethernet", "unknown", "none"].includes(connection.type);
}
