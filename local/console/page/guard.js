// A part of the page that fails leaves the others alone: its name is said once, and the rest is for whoever opens the browser's own
// console. What is drawn later than in `take`, by an observer, a timer, a press or an answer, is caught by the window.

const broken = new Map(); // Name of a part -> what it failed with.
let told = () => {};

export function guarded(name, act) {
  try {
    return act();
  } catch (error) {
    failed(name, error);
    return undefined;
  }
}

export function failed(name, error) {
  if (broken.has(name)) return;
  broken.set(name, error);
  console.error(`The part “${name}” of this page failed:`, error);
  told();
}

// One sentence for all of them, or none.
export const failures = () => (broken.size
  ? [`Not up to date: ${[...broken.keys()].join(", ")}. Load the page again; if that does not help, it is a fault of ours.`] : []);

// The part by the module that failed: outbox of /page/outbox/list.js, sheet of /page/sheet.js.
function partIn(text) {
  return /\/page\/([\w-]+)/.exec(text ?? "")?.[1] ?? "the page";
}

// A question that got no answer, or a refusal: no part is broken by it.
export const isRefusal = (error) => error instanceof Error && "away" in error;

export function startGuard(whenTold) {
  told = whenTold;
  addEventListener("error", (event) => {
    if (!event.error) return; // Nothing of ours: a file that did not load, or a browser's remark on a ResizeObserver.
    event.preventDefault();
    failed(partIn(event.filename), event.error);
  });
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    if (!isRefusal(event.reason)) failed(partIn(event.reason?.stack), event.reason);
  });
}
