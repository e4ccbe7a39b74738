// News of cases for an open page: one stream per browser, shared by its tabs; polling where no stream comes through.

const POLL_MS = 10_000;
const QUIET_MS = 40_000; // the server beats every 15 s: so long a silence means that the line is dead

/**
 * Listen for news. `known` are the numbers of the events that the page shows already.
 * `onNews(message)` gets {id, kind, case, state, urgent} once each, and news without an id that is worth nothing later; `onState("on" | "poll" | "off")` is called
 * whenever the way in which the news comes changes.
 */
export function listen({ eventsUrl, changesUrl, known, onNews, onState }) {
  const line = { cursor: Math.max(0, ...known), known: new Set(known), state: "", source: null, heard: 0, polling: false };
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("gridmap-live") : null;

  function state(now) {
    if (line.state === now) return;
    line.state = now;
    onState(now);
  }

  function news(message) {
    if (message.id === undefined) return onNews(message); // fleeting: where somebody is
    if (line.known.has(message.id)) return undefined;
    line.known.add(message.id);
    line.cursor = Math.max(line.cursor, message.id);
    return onNews(message);
  }

  function open() {
    line.source?.close();
    const source = new EventSource(`${eventsUrl}?after=${line.cursor}`);
    line.source = source;
    line.heard = Date.now();
    const alive = (what) => {
      line.heard = Date.now();
      state("on");
      channel?.postMessage(what);
    };
    source.onopen = () => alive({ beat: true });
    source.addEventListener("beat", () => alive({ beat: true }));
    source.onmessage = (event) => {
      const message = JSON.parse(event.data);
      alive({ message });
      news(message);
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) line.source = null; // refused: this server has no stream
    };
  }

  async function poll() {
    if (line.polling) return;
    line.polling = true;
    try {
      const answer = await fetch(`${changesUrl}?after=${line.cursor}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const { events, cursor: next } = await answer.json();
      events.forEach(news);
      line.cursor = Math.max(line.cursor, next);
      state("poll");
    } catch {
      state("off");
    } finally {
      line.polling = false;
    }
  }

  // The tab that holds the lock has the stream; the others hear it through the channel.
  function lead() {
    open();
    setInterval(() => {
      if (!line.source || Date.now() - line.heard > QUIET_MS) open();
    }, QUIET_MS / 2);
    return new Promise(() => {});
  }

  channel?.addEventListener("message", ({ data }) => {
    line.heard = Date.now();
    state("on");
    if (data.message) news(data.message);
  });
  if (channel && navigator.locks) navigator.locks.request("gridmap-live", lead);
  else lead();
  setInterval(() => {
    if (Date.now() - line.heard > QUIET_MS || (!line.source && line.state !== "on")) poll();
  }, POLL_MS);
  setTimeout(() => line.state || poll(), 3000);
  window.addEventListener("offline", () => state("off"));
  window.addEventListener("online", poll);
}
