// Draws a pane only while it can be seen: at once, or as soon as its view is opened or the window has room for it.

import { guarded } from "./guard.js";

const waiting = new Map();

// The style sheet alone knows which panes stand beside each other at this width.
export const seen = (view) => getComputedStyle(document.getElementById(view)).display !== "none";

function drawWaiting() {
  for (const [view, draw] of waiting) {
    if (!seen(view)) continue;
    waiting.delete(view);
    guarded(view, draw);
  }
}

addEventListener("view", drawWaiting); // At once: who opens a view may point at what is in it.
new MutationObserver(drawWaiting).observe(document.body, { attributes: true, attributeFilter: ["class"] });
addEventListener("resize", drawWaiting);

// One of the desk's panes and what draws all of it; what it answers is called when something has changed.
export function pane(view, draw) {
  return () => {
    waiting.set(view, draw);
    drawWaiting();
  };
}
