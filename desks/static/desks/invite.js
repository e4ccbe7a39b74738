// The link that is shown once: one touch copies it, also where the page came without encryption.
const field = document.getElementById("link");
const button = document.getElementById("copy");

field.addEventListener("focus", () => field.select());
button.addEventListener("click", async () => {
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
  button.textContent = button.dataset.done;
});
