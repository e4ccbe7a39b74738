// Photos of a form: taken, made smaller in the page, shown, and kept until the server has answered for them.
import { timeOfDay } from "./clock.js";
import { lastFix, watchFix } from "./field.js";
import { tellRoom } from "./room.js";

const LONG_EDGE = 1600; // pixels; a page says another one in data-edge
const QUALITY = 0.85;

/** The photo as a JPEG with a long edge of at most so many pixels; the plain file where the browser cannot do that. */
export async function reencode(file, edge = LONG_EDGE) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return blob ?? file;
  } catch {
    return file;
  }
}

/**
 * The camera button of a page. Returns {photos, shutter}: the photos so far, and the fix that belongs to them: the one
 * at the last shutter, or a later one while none was known then.
 */
export function camera({ onShot = () => {} } = {}) {
  const input = document.getElementById("photo");
  const shots = document.getElementById("shots");
  const line = document.getElementById("fix");
  const photos = [];
  let shutter = null;

  function words(trouble = "") {
    const { words: text, ready, none, refused } = line.dataset;
    const known = shutter ?? lastFix();
    const time = timeOfDay(performance.timeOrigin + (shutter?.at ?? 0));
    line.classList.toggle("known", Boolean(known));
    if (known) line.textContent = (shutter ? text : ready).replace("{a}", Math.round(known.accuracy)).replace("{t}", time);
    else line.textContent = trouble === "refused" ? refused : none;
  }

  function show(shot) {
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.src = URL.createObjectURL(shot.blob);
    image.alt = "";
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "remove";
    remove.ariaLabel = input.dataset.remove;
    remove.textContent = "×";
    remove.addEventListener("click", () => {
      photos.splice(photos.indexOf(shot), 1);
      URL.revokeObjectURL(image.src);
      figure.remove();
    });
    figure.append(image, remove);
    shots.append(figure);
  }

  async function take() {
    const files = [...input.files];
    // the camera app may have stopped the page: the fix of this moment, and a better one if it comes
    if (lastFix()) shutter = lastFix();
    words();
    for (const file of files) {
      const shot = { blob: await reencode(file, Number(input.dataset.edge) || LONG_EDGE), fix: lastFix() };
      photos.push(shot);
      show(shot);
    }
    document.body.dataset.typing = "yes";
    input.value = "";
    tellRoom();
    onShot();
  }

  input.addEventListener("change", take);
  if (input.files.length) take(); // chosen before this script had come
  watchFix((fix, trouble) => {
    if (fix && photos.length && !shutter) shutter = fix;
    words(fix ? "" : trouble);
  });
  return { photos, shutter: () => shutter ?? lastFix() };
}
