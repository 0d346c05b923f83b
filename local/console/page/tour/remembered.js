// Where a tour stands, kept in the browser for one stack: a reload goes on with it, a fresh stack begins a fresh one.

let key = null;
let kept = {};

const FRESH = { open: false, began: null, before: null, offered: "", edited: "", post: null, skipped: [], ticked: {}, proved: null };

export function load(sample, stack) {
  key = `tour:${sample || "own"}:${stack}`;
  forgetOthers();
  try {
    kept = { ...FRESH, open: Boolean(sample), ...JSON.parse(localStorage.getItem(key) ?? "{}") };
  } catch {
    kept = { ...FRESH, open: Boolean(sample) };
  }
  return kept;
}

export const known = () => kept;

export function keep(changes) {
  Object.assign(kept, changes);
  try {
    if (key) localStorage.setItem(key, JSON.stringify(kept));
  } catch { /* No room, or none allowed: then a reload begins anew. */ }
}

export const restart = () => keep({ ...FRESH, open: true, skipped: [], ticked: {} });

// Stacks that were started anew leave nothing behind.
function forgetOthers() {
  const old = Object.keys(localStorage).filter((name) => name.startsWith("tour:") && name !== key);
  for (const name of old.slice(0, Math.max(0, old.length - 8))) localStorage.removeItem(name);
}
