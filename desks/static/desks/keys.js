// The console's keyboard: single letters, never while somebody types.

const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";

/** `does` maps a key, or "g" and a key, to what happens. */
export function keyboard(does) {
  const help = document.getElementById("help");
  let leader = 0; // until when a letter after g counts

  document.getElementById("help-button").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (!event.defaultPrevented && !document.querySelector("dialog[open], details.menu[open]")) does.Escape();
      return;
    }
    if (event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
    const key = event.timeStamp < leader ? `g ${event.key}` : event.key;
    leader = 0;
    if (key === "g") {
      leader = event.timeStamp + 1500;
      return;
    }
    const act = key === "?" ? () => help.showModal() : does[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
