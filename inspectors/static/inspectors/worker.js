// The service worker of the field app: the shell is kept, pages come from the network first and from memory when that
// does not answer soon, photos and tiles from memory first. It sends the outbox only when the system wakes it for that.
import { flush } from "./outbox.js";
import { PAGES, PHOTOS, TILES } from "./pack.js";

const PATIENCE_MS = 4000;
const MOST_TILES = 1500;
const SHELL = "field-shell-";

/** Called once, when the worker's script is read. */
export function start({ version, files, offline }) {
  const shell = `${SHELL}${version}`;
  self.addEventListener("install", (event) => event.waitUntil(caches.open(shell).then((cache) => cache.addAll([...files, offline]))));
  self.addEventListener("activate", (event) => event.waitUntil(activate(shell)));
  self.addEventListener("message", (event) => event.data === "take over" && self.skipWaiting());
  self.addEventListener("fetch", (event) => route(event, offline));
  self.addEventListener("sync", (event) => event.tag === "outbox" && event.waitUntil(sendAll()));
}

async function sendAll() {
  const { code } = await flush();
  if (code && code !== "login") throw new Error(code); // the system tries again later
}

// The shell before this one stays: pages in memory may still name its files.
async function activate(shell) {
  const old = (await caches.keys()).filter((name) => name.startsWith(SHELL) && name !== shell);
  for (const name of old.slice(0, -1)) await caches.delete(name);
  const tiles = await caches.open(TILES);
  const held = await tiles.keys();
  for (const request of held.slice(0, Math.max(0, held.length - MOST_TILES))) await tiles.delete(request);
  await self.clients.claim();
}

function route(event, offline) {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event, offline));
  else if (url.pathname.startsWith("/static/")) event.respondWith(fromShell(request));
  else if (url.pathname.startsWith("/evidence/")) event.respondWith(fromMemory(request, PHOTOS, false));
  else if (url.pathname.endsWith(".mvt")) event.respondWith(fromMemory(request, TILES, true));
  else if (url.pathname.startsWith("/tiles/")) event.respondWith(freshOrKept(event, TILES).catch(() => Response.error()));
}

async function fromShell(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** What is named by its content or version: from memory, else from the network; a tile is better old than missing. */
async function fromMemory(request, name, keepIt) {
  const cache = await caches.open(name);
  const held = await cache.match(request, { ignoreVary: true });
  if (held) return held;
  try {
    const response = await fetch(request);
    if (keepIt && response.ok) cache.put(request, response.clone()).catch(() => {});
    return response;
  } catch (error) {
    const older = keepIt && (await cache.match(request, { ignoreVary: true, ignoreSearch: true }));
    if (older) return older;
    throw error;
  }
}

/** The network's answer, kept; the kept one when there is none, a broken one, or none soon. */
async function freshOrKept(event, name) {
  const cache = await caches.open(name);
  const asked = fetch(event.request).then((response) => {
    if (response.status >= 500) throw new Error(String(response.status));
    if (response.ok && response.type === "basic" && !response.redirected) event.waitUntil(cache.put(event.request, response.clone()).catch(() => {}));
    return response;
  });
  const held = await cache.match(event.request, { ignoreVary: true });
  if (!held) return asked;
  event.waitUntil(asked.catch(() => {}));
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const fresh = await Promise.race([asked.catch(() => null), patience]);
  return fresh ?? marked(held);
}

async function page(event, offline) {
  try {
    return await freshOrKept(event, PAGES);
  } catch {
    // another view of a page that is kept is better than none
    const pages = await caches.open(PAGES);
    const other = await pages.match(event.request, { ignoreVary: true, ignoreSearch: true });
    if (other) return marked(other);
    return (await caches.match(offline, { ignoreVary: true })) ?? Response.error();
  }
}

/** A page from memory, which then says so: the time is that of the server's answer. */
async function marked(response) {
  if (!(response.headers.get("content-type") ?? "").includes("text/html")) return response;
  const at = Date.parse(response.headers.get("date") ?? "") || Date.now();
  const text = (await response.text()).replace("<html ", `<html data-kept="${at}" `);
  return new Response(text, { status: response.status, headers: response.headers });
}
