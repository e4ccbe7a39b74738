// Phrases go into the note with one tap; what stands there already stays.
export function phrases() {
  const note = document.getElementById("note");
  document.getElementById("phrases")?.addEventListener("click", ({ target }) => {
    const button = target.closest("button.phrase");
    if (!button || note.value.includes(button.textContent)) return;
    note.value = [note.value.trim(), button.textContent].filter(Boolean).join(" ").slice(0, note.maxLength);
    note.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
