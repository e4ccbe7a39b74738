// Who else is at the console: which case each one looks at; and the sound of an urgent case.

const AGAIN_MS = 25_000;

/** Tells the others which case this page shows, and shows where the others are. */
export function company({ settings, list }) {
  const where = new Map(); // user → {name, case}
  const panelLine = document.getElementById("panel-here");
  const state = { number: "", timer: 0 };
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

  function tell() {
    const body = new URLSearchParams({ case: state.number });
    fetch(settings.here, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => {});
  }

  function show() {
    const names = new Map();
    for (const { name, case: number } of where.values()) names.set(number, [...(names.get(number) ?? []), name]);
    for (const mark of list.querySelectorAll("[data-here]")) {
      const here = names.get(mark.closest(".case-row").dataset.number) ?? [];
      const text = here.join(" ");
      if (mark.textContent === text) continue;
      mark.replaceChildren(...here.map((name) => Object.assign(document.createElement("span"), { className: "here-mark", textContent: name })));
    }
    const beside = names.get(state.number) ?? [];
    panelLine.hidden = beside.length === 0 || !state.number;
    panelLine.textContent = panelLine.dataset.words.replace("{names}", beside.join("、"));
  }

  setInterval(() => state.number && tell(), AGAIN_MS);
  addEventListener("pagehide", () => {
    if (!state.number) return;
    state.number = "";
    tell();
  });

  return {
    show,
    go(number) {
      if (state.number === number) return;
      state.number = number;
      clearTimeout(state.timer);
      state.timer = setTimeout(tell, 250); // not for each row that j runs over
      show();
    },
    told({ user, name, case: number }) {
      if (number) where.set(user, { name, case: number });
      else where.delete(user);
      show();
    },
    forget() {
      where.clear();
      show();
    },
    cases: () => [...where.values()].map((one) => one.case),
  };
}

/** A short sound for a new urgent case, where the user has switched it on. */
export function sounding() {
  const button = document.getElementById("sound");
  const heard = new Set();
  let context = null;
  const isOn = () => localStorage.getItem("gridmap-sound") === "on";
  const show = () => button.setAttribute("aria-pressed", String(isOn()));

  function play() {
    context ??= new AudioContext();
    const now = context.currentTime;
    for (const [at, pitch] of [[0, 880], [0.18, 1175]]) {
      const [tone, gain] = [context.createOscillator(), context.createGain()];
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.0001, now + at);
      gain.gain.exponentialRampToValueAtTime(0.2, now + at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, now + at + 0.16);
      tone.connect(gain).connect(context.destination);
      tone.start(now + at);
      tone.stop(now + at + 0.17);
    }
  }

  button.addEventListener("click", () => {
    localStorage.setItem("gridmap-sound", isOn() ? "off" : "on");
    show();
    if (isOn()) play(); // so that one knows what to listen for; a browser lets a page sound only after a click
  });
  show();

  return {
    hear({ case: number, urgent }) {
      if (!urgent || heard.has(number)) return;
      heard.add(number);
      if (isOn()) play();
      button.classList.add("rang");
      setTimeout(() => button.classList.remove("rang"), 4000);
    },
  };
}
