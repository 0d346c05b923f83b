// Draws a pane only while it can be seen: at once, or as soon as its view is opened.

const wide = matchMedia("(min-width: 1080px)");
const waiting = new Map();

const seen = (view) => (wide.matches ? document.body.dataset.page === "desk" : document.body.dataset.view === view);

function drawWaiting() {
  for (const [view, draw] of waiting) {
    if (!seen(view)) continue;
    waiting.delete(view);
    draw();
  }
}

new MutationObserver(drawWaiting).observe(document.body, { attributes: true, attributeFilter: ["data-view", "data-page"] });
wide.addEventListener("change", drawWaiting);

// One of the desk's panes and what draws all of it; what it answers is called when something has changed.
export function pane(view, draw) {
  return () => {
    waiting.set(view, draw);
    drawWaiting();
  };
}
