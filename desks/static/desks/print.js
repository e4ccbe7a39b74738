// The papers: one button that prints.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
