// What was typed into the report's form and not sent yet: on this device only, and for a day at most.
const KEY = "report-draft";
const LONGEST = 24 * 60 * 60 * 1000;

/** Keep the values of the form; a browser that keeps nothing is none the worse. */
export function keep(values) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), values }));
  } catch {
    // private windows and full disks
  }
}

/** The values that were kept, or null. */
export function kept() {
  try {
    const { at, values } = JSON.parse(localStorage.getItem(KEY));
    if (Date.now() - at < LONGEST) return values;
  } catch {
    // nothing there, or nothing that can be read
  }
  forget();
  return null;
}

export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // nothing was kept either
  }
}
