// Short forms through the outbox: kept on the phone first, then sent at once. Each press is one operation.
import { enqueue, flush, isHeldBack, newOperation } from "./outbox.js";
import { entry, forget } from "./store.js";

/**
 * Puts the fields of a form into the outbox and tries to send them. Returns the receipt; the refusal, which the person
 * sees here and which therefore leaves the outbox; or {code, kept} while it waits, with the operation for `again`.
 */
export async function queued({ kind, about = "", chain = "", title = "", quiet = false, data }) {
  const user = Number(document.querySelector("[data-user]")?.dataset.user) || null;
  const here = document.querySelector("h1")?.textContent.trim().replace(/\s+/g, " ") ?? "";
  const body = {};
  for (const [name, value] of data) if (typeof value === "string") body[name] = value;
  const operation = newOperation();
  try {
    await enqueue({ operation, user, kind, about, chain: chain || kind, title: title || here, quiet, body });
  } catch {
    return { code: "full" };
  }
  return again(operation);
}

/** Tries once more to send what waits: the same press, not another one. */
export async function again(operation) {
  const { code } = await flush();
  const kept = await entry(operation);
  if (kept?.state === "done") return kept.answer;
  if (kept?.state !== "needs") return { code: code || ((await isHeldBack(operation)) ? "before" : "server"), kept: operation };
  await forget(operation);
  return kept.answer;
}
