// The camera with an earlier photo half transparent above it. What it takes goes through the page's photo input, as if
// it had come from the phone's own camera.
const QUALITY = 0.92;

/** Wires the button that opens it, where the page has one. */
export function ghostCamera() {
  const open = document.getElementById("ghost-open");
  if (!open) return;
  const dialog = document.getElementById("ghost");
  const video = document.getElementById("ghost-video");
  const over = document.getElementById("ghost-over");
  const mix = document.getElementById("ghost-mix");
  const input = document.getElementById("photo");
  let stream = null;

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
  }

  async function start() {
    document.getElementById("ghost-failed").hidden = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } } });
    } catch {
      // refused, taken by another app, or none there: the phone's own camera does it without the overlay
      document.getElementById("ghost-failed").hidden = false;
      document.querySelector("label.camera").scrollIntoView({ block: "center" });
      return;
    }
    video.srcObject = stream;
    showPhotos();
    dialog.showModal();
    await video.play().catch(() => {});
  }

  async function shoot() {
    if (!video.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    dialog.close();
    if (!blob) return;
    const files = new DataTransfer();
    files.items.add(new File([blob], "compared.jpg", { type: "image/jpeg" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // only now: whoever never opens the camera does not load the photos for it
  function showPhotos() {
    over.src ||= over.dataset.photo;
    for (const thumb of dialog.querySelectorAll(".thumb:not(:has(img))")) {
      const image = document.createElement("img");
      image.src = thumb.dataset.photo;
      image.alt = "";
      thumb.prepend(image);
    }
  }

  function blend() {
    over.style.opacity = String(mix.value / 100);
  }

  open.addEventListener("click", start);
  document.getElementById("ghost-close").addEventListener("click", () => dialog.close());
  document.getElementById("ghost-shoot").addEventListener("click", shoot);
  dialog.addEventListener("close", stop);
  mix.addEventListener("input", blend);
  for (const thumb of dialog.querySelectorAll(".thumb")) {
    thumb.addEventListener("click", () => {
      over.src = thumb.dataset.photo;
      for (const each of dialog.querySelectorAll(".thumb")) each.setAttribute("aria-pressed", String(each === thumb));
    });
  }
  blend();
}
