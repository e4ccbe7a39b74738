// 待上传: every operation with its state; what needs a person can be decided here.
import { timeOfDay } from "./clock.js";
import { counts, exported, flush, onOutbox, putAway, resend } from "./outbox.js";
import { fetchPack, kept, listed } from "./pack.js";
import { entries, note, photosOf } from "./store.js";

const root = document.getElementById("queue");
const words = root.dataset;
const user = Number(document.getElementById("outbox-state").dataset.user) || null;
const templates = { entry: document.getElementById("entry"), versions: document.getElementById("versions") };
const fields = JSON.parse(document.getElementById("field-words").textContent);
let urls = [];

const clock = (ms) => (ms ? timeOfDay(ms) : "");

function line(text, className = "") {
  const made = document.createElement("p");
  made.className = className;
  made.textContent = text;
  return made;
}

function button(text, className, onPress) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button ${className}`;
  made.textContent = text;
  made.addEventListener("click", async () => {
    made.disabled = true;
    await onPress();
    made.disabled = false;
  });
  return made;
}

/** What the person has said, as far as it can be read: values of choices are shown by the words of the form. */
function said(one) {
  const { result, note: remark, address, far_reason: far, mended } = one.body;
  return [fields.results[result] ?? "", remark, address, far, mended].filter(Boolean).join(" · ");
}

function versions(one) {
  const box = templates.versions.content.cloneNode(true);
  const { now = {}, since = [], open } = one.answer;
  box.querySelector("[data-mine]").textContent = said(one) || one.title;
  box.querySelector("[data-mine-at]").textContent = clock(one.made.at);
  const facts = [now.category, now.state, now.address, now.urgent ? words.urgent : "", now.result].filter(Boolean);
  box.querySelector("[data-now]").textContent = facts.join(" · ");
  const steps = box.querySelector("[data-since]");
  for (const step of since) {
    const item = document.createElement("li");
    item.textContent = `${clock(Date.parse(step.at))} ${step.what}`;
    steps.append(item);
  }
  const choices = box.querySelector("[data-choices]");
  if (open) choices.append(button(words.anyway, "primary", () => resend(one.operation, { version: one.answer.version })));
  return box;
}

/** A field that was missing can be filled in here. */
function asking(one, name) {
  const form = document.createElement("form");
  form.className = "asking";
  const label = document.createElement("label");
  label.textContent = fields.labels[name];
  const input = document.createElement("input");
  Object.assign(input, { type: "text", maxLength: 200, required: true, value: one.body[name] ?? "" });
  label.append(input);
  const go = document.createElement("button");
  Object.assign(go, { type: "submit", className: "button primary", textContent: words.resend });
  form.append(label, go);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) resend(one.operation, { body: { [name]: input.value.trim() } });
  });
  return form;
}

function decisions(one, actions) {
  const { code, field, spot, version } = one.answer;
  if (spot) {
    actions.append(button(words.same, "primary", () => resend(one.operation, { body: { spot } })));
    actions.append(button(words.alone, "", () => resend(one.operation, { body: { spot: "alone" } })));
  } else if (field && fields.labels[field]) actions.append(asking(one, field));
  else if (!version && code !== "reused") actions.append(button(words.resend, "", () => resend(one.operation)));
}

function askAway(one, actions) {
  const away = button(words.away, "quiet", async () => {
    if (away.dataset.sure) return putAway(one.operation);
    away.dataset.sure = "yes";
    away.textContent = words.sure;
  });
  actions.append(away);
}

async function drawn(one) {
  const item = templates.entry.content.firstElementChild.cloneNode(true);
  item.dataset.state = one.state;
  item.querySelector("[data-title]").textContent = one.title || one.kind;
  item.querySelector("[data-at]").textContent = clock(one.made.at);
  item.querySelector("[data-said]").textContent = said(one);
  const chip = item.querySelector("[data-chip]");
  chip.textContent = words[one.state];
  const strip = item.querySelector(".strip");
  const blobs = one.photos.length ? await photosOf(one.operation) : [];
  for (const [index, photo] of one.photos.entries()) {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.alt = "";
    image.src = URL.createObjectURL(blobs[index]?.blob ?? new Blob());
    urls.push(image.src);
    const caption = document.createElement("figcaption");
    caption.textContent = photo.sent ? words.photoSent : words.photoWaits;
    figure.append(image, caption);
    strip.append(figure);
  }
  const actions = item.querySelector("[data-actions]");
  if (one.state === "done") item.querySelector("[data-answer]").textContent = one.answer.sentence;
  if (one.state === "needs") {
    item.querySelector("[data-answer]").textContent = one.answer.sentence ?? words.refused;
    if (one.answer.version) item.querySelector("[data-both]").append(versions(one));
    decisions(one, actions);
    askAway(one, actions);
  }
  return item;
}

/** Somebody is writing a reason: nothing moves under the fingers, nothing typed is drawn away. */
function isWriting() {
  const here = document.activeElement;
  return root.contains(here) && here.matches("input") && here.value !== here.defaultValue;
}

let drawing = 0;
async function draw() {
  if (isWriting()) return;
  const turn = ++drawing;
  const own = (await entries()).filter((one) => one.user === user && !one.quiet);
  const items = await Promise.all(own.toReversed().map(drawn));
  if (turn !== drawing || isWriting()) return;
  const old = urls.filter((url) => !items.some((item) => item.querySelector(`[src="${url}"]`)));
  const order = { needs: 0, waiting: 1, done: 2 };
  items.sort((a, b) => order[a.dataset.state] - order[b.dataset.state]);
  root.replaceChildren(...items);
  for (const url of old) URL.revokeObjectURL(url);
  urls = urls.filter((url) => !old.includes(url));
  const found = await counts(user);
  document.getElementById("nothing").hidden = own.length > 0;
  document.getElementById("save").hidden = found.waiting + found.needs === 0;
  const trouble = await note("trouble");
  const told = document.getElementById("trouble");
  told.hidden = !(trouble && found.waiting);
  told.querySelector("span").textContent = words[`trouble${trouble}`] ?? "";
  told.querySelector("a").hidden = trouble !== "login";
  const others = document.getElementById("others");
  others.hidden = !found.others;
  others.textContent = words.others.replace("{n}", found.others);
}

document.getElementById("send").addEventListener("click", async ({ currentTarget }) => {
  currentTarget.disabled = true;
  await flush();
  currentTarget.disabled = false;
  draw();
});
document.querySelector("#save button").addEventListener("click", async () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await exported(user));
  link.download = `outbox-${new Date().toISOString().slice(0, 16).replace(/\D/g, "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

// --- the day pack

const pack = document.getElementById("pack");
const megabytes = (bytes) => (bytes / 1_000_000).toFixed(1);

async function drawPack() {
  const held = await kept();
  const own = held && held.user === user;
  pack.querySelector("p").textContent = own ? pack.dataset.kept.replace("{n}", held.count).replace("{m}", megabytes(held.size)).replace("{t}", clock(held.at)) : pack.dataset.none;
}

pack.querySelector("button").addEventListener("click", async ({ currentTarget }) => {
  currentTarget.disabled = true;
  const told = pack.querySelector("p");
  const list = await listed();
  if (!list) told.textContent = pack.dataset.failed;
  else {
    await fetchPack(list, (done, all) => (told.textContent = pack.dataset.going.replace("{n}", done).replace("{a}", all).replace("{m}", megabytes(list.size))));
    await drawPack();
  }
  currentTarget.disabled = false;
});

onOutbox(draw);
draw();
drawPack();
