// What every page does: menus close, forms are sent once, failed requests are told.

/** Show a short sentence at the bottom of the window for six seconds. */
export function toast(text) {
  const line = document.createElement("p");
  line.className = "toast";
  line.textContent = text;
  document.getElementById("toasts").append(line);
  setTimeout(() => line.remove(), 6000);
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

// On logging out nothing personal stays in this browser's caches; the field app says by a name what is.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.action?.endsWith("/logout/") || form.dataset.wiped || !("caches" in window)) return;
  event.preventDefault();
  for (const name of await caches.keys()) if (name.startsWith("personal")) await caches.delete(name);
  form.dataset.wiped = "yes";
  form.requestSubmit();
});

// A second press of the button would be refused by the server anyway; here it does not even leave.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

const words = document.getElementById("toasts")?.dataset ?? {};
document.addEventListener("htmx:sendError", ({ target }) => {
  if (!target.closest("[data-quiet]")) toast(words.offline); // the field app says itself what is offline
});
document.addEventListener("htmx:responseError", (event) => {
  // an ended session answers a part of a page with the login page's address
  if (event.detail.xhr.status === 401) location.reload();
  else toast(words.refused);
});

// the browser's own file field speaks the browser's language, not the page's
document.addEventListener("change", ({ target }) => {
  const told = target.type === "file" && target.closest("label")?.querySelector("[data-files]");
  if (told) told.textContent = told.dataset.chosen.replace("{n}", target.files.length);
});
