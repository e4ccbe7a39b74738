// Arrows that point to places: by the map's north until the phone says which way it looks.
let heading = null;

function turn(root = document) {
  for (const way of root.querySelectorAll("[data-bearing]")) {
    const arrow = way.querySelector(".arrow");
    if (arrow) arrow.style.transform = `rotate(${Number(way.dataset.bearing) - (heading ?? 0)}deg)`;
  }
  document.documentElement.classList.toggle("compass", heading !== null);
}

function hear(event) {
  // Safari counts clockwise from north; others say how far the phone is turned against the clock, only `absolute` from north
  const found = event.webkitCompassHeading ?? (event.absolute && event.alpha !== null ? 360 - event.alpha : null);
  if (found === null || Number.isNaN(found)) return;
  const screen = globalThis.screen?.orientation?.angle ?? 0;
  const next = (found + screen) % 360;
  if (heading !== null && Math.abs(next - heading) < 3) return;
  heading = next;
  turn();
}

/** Turns the arrows of a part of the page; call it after new ones have come. */
export function turnArrows(root) {
  turn(root);
}

/** Listens to the compass; where the phone wants a tap first, call it from one. */
export async function followCompass() {
  const Orientation = globalThis.DeviceOrientationEvent;
  if (!Orientation) return;
  if (Orientation.requestPermission) {
    const said = await Orientation.requestPermission().catch(() => "denied");
    if (said !== "granted") return;
  }
  removeEventListener("deviceorientation", hear);
  removeEventListener("deviceorientationabsolute", hear);
  addEventListener("ondeviceorientationabsolute" in globalThis ? "deviceorientationabsolute" : "deviceorientation", hear);
}
