// Sends an on-site form. Only a receipt that names the operation means "stored"; whatever else comes back, everything
// that was typed stays, and a sentence says what to do.
import { addShots } from "./camera.js";

function cookie(name) {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

async function post(form, data) {
  // the token of this moment: somebody may have logged in again in another tab
  const headers = { "X-CSRFToken": cookie("csrftoken"), Accept: "application/json" };
  let response;
  try {
    response = await fetch(form.action || location.href, { method: "POST", body: data, headers, redirect: "manual" });
  } catch {
    return { code: "offline" };
  }
  if (response.type === "opaqueredirect" || response.status === 401) return { code: "login" };
  const json = (response.headers.get("content-type") ?? "").includes("application/json");
  if (!json) return { code: response.status === 403 ? "login" : "server" };
  const answer = await response.json().catch(() => ({ code: "server" }));
  return response.ok && answer.operation !== data.get("operation") ? { code: "server" } : answer;
}

/**
 * Lets a form send itself. `shots` is the page's camera; `onRefused(answer)` may handle a refusal by its code
 * (stale, far, …) besides the sentence that is shown.
 */
export function sendForm(form, shots, { onRefused = () => {} } = {}) {
  const state = document.getElementById("state");
  const button = document.querySelector(".send");
  const words = document.getElementById("sentences").dataset;
  let sending = false;

  function say(text, kind = "error") {
    state.hidden = !text;
    state.className = `send-state ${kind}`;
    state.textContent = text;
  }

  form.addEventListener("input", () => sending || say(""));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    const data = new FormData(form);
    if (!shots.photos.length) return say(words.photo);
    if (!addShots(data, shots)) return say(words.position);
    sending = button.disabled = true;
    say(words.sending, "busy");
    const answer = await post(form, data);
    if (answer.operation) {
      say(answer.sentence, "success");
      form.dispatchEvent(new CustomEvent("stored", { detail: answer }));
      setTimeout(() => location.assign(answer.next), 1200);
      return;
    }
    sending = button.disabled = false;
    say(answer.sentence ?? words[answer.code] ?? words.server);
    if (answer.code === "login") state.append(" ", loginLink(form));
    onRefused(answer, say);
  });
  return { say };
}

function loginLink(form) {
  const link = document.createElement("a");
  link.href = form.dataset.login;
  link.target = "_blank";
  link.textContent = "→";
  return link;
}
