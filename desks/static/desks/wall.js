// The wall screen: asks for its board, puts it in whole, and says plainly when what is shown is no longer new.

const ASK_MS = 12_000;
const PATIENCE_MS = 9_000; // an answer that takes longer is none
const STALE_MS = 30_000; // two questions without an answer
const SOON_MS = 3_000; // between questions while the server is lost

const { url, zone, version } = document.body.dataset;
const language = document.documentElement.lang === "en" ? "en-GB" : "zh-CN";
const parts = { timeZone: zone, hourCycle: "h23" };
const timeOf = new Intl.DateTimeFormat(language, { ...parts, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayOf = new Intl.DateTimeFormat(language, { ...parts, year: "numeric", month: "long", day: "numeric", weekday: "long" });
const plainDay = new Intl.DateTimeFormat("sv-SE", { timeZone: zone }); // 2026-11-27
const element = (id) => document.getElementById(id);

// `at` is the server's instant of what is shown; `ahead` how far its clock is before ours; `heard` when it came, ours
const shown = { at: 0, ahead: 0, heard: 0 };

function take(board) {
  shown.at = Number(board.dataset.at);
  shown.ahead = shown.at - Date.now();
  shown.heard = performance.now();
}

/** Whether what is shown may be called new. By two clocks: one stands still while the machine sleeps, one can be set. */
function stale() {
  return Math.max(performance.now() - shown.heard, Date.now() + shown.ahead - shown.at) > STALE_MS;
}

function told(at) {
  const [day, today] = [at, Date.now() + shown.ahead].map((when) => plainDay.format(when));
  return day === today ? timeOf.format(at) : `${day} ${timeOf.format(at)}`;
}

function write(id, words) {
  const place = element(id);
  if (place.textContent !== words) place.textContent = words;
}

function tick() {
  const now = Date.now() + shown.ahead;
  write("clock", timeOf.format(now));
  write("date", dayOf.format(now));
  write("fresh", `${element("fresh").dataset.live} ${told(shown.at)}`);
  const old = stale();
  document.body.classList.toggle("is-stale", old);
  element("stale").hidden = !old;
  if (old) write("stale-at", told(shown.at));
}

/** Load the page anew, but only when the server has it: a failed reload would leave a wall with a browser's error. */
async function reload() {
  const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status < 500) location.reload();
}

async function ask() {
  const answer = await fetch(url, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
  // the address was switched off, or the login has ended: the page itself says so
  if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) return reload();
  if (!answer.ok) throw new Error(String(answer.status));
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  const board = template.content.querySelector("main.board");
  if (!board) throw new Error("no board");
  if (board.dataset.version !== version) return reload();
  // an answer of some cache on the way is older than what is shown
  if (Number(board.dataset.at) <= shown.at) throw new Error("not new");
  element("board").replaceChildren(board);
  take(board);
  return tick();
}

let timer = 0;
let asking = false;

async function turn() {
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  let pause = ASK_MS;
  try {
    await ask();
  } catch {
    pause = SOON_MS;
  }
  asking = false;
  timer = setTimeout(turn, pause);
}

take(document.querySelector("main.board"));
tick();
setInterval(tick, 1000);
timer = setTimeout(turn, ASK_MS);
addEventListener("online", turn);
document.addEventListener("visibilitychange", () => document.hidden || turn());
