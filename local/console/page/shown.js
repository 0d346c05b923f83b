// Draws a pane only while it can be seen: at once, or as soon as it is there. What is beside what, the style sheet alone knows.

const waiting = new Map();

export const seen = (view) => document.getElementById(view).checkVisibility();

function drawWaiting() {
  for (const [view, draw] of waiting) {
    if (!seen(view)) continue;
    waiting.delete(view);
    draw();
  }
}

addEventListener("view", drawWaiting);
addEventListener("resize", drawWaiting);

// One of the desk's panes and what draws all of it; what it answers is called when something has changed.
export function pane(view, draw) {
  return () => {
    waiting.set(view, draw);
    drawWaiting();
  };
}
