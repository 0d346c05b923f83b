// The mesh view: the drawing, its list, its lights, and which part of it the address names.

import { marked, showBehind, startBehind } from "./behind.js";
import { draw, emphasise, placed } from "./drawing.js";
import { countRuns, forget, lightEvents, lightRuns } from "./lights.js";
import { countList, drawList } from "./list.js";
import { columns, loadMap, nodes } from "./map.js";

const by = (id) => document.getElementById(id);
const shown = () => document.body.dataset.page === "mesh";
let told = { runs: {}, running: [] };
let drawn = 0;
let failed = false;

export function start(desk) {
  startBehind(desk, () => look());
  addEventListener("view", open);
  // A link within the page changes the address alone; back and forward come as popstate, which views.js tells on.
  by("mesh-scroll").addEventListener("keydown", byArrows);
  by("mesh-form").addEventListener("click", () => {
    const list = by("mesh").dataset.form !== "list";
    by("mesh").dataset.form = list ? "list" : "";
    by("mesh-form").setAttribute("aria-pressed", String(list));
  });
  for (const kind of ["pointerover", "focusin"]) by("mesh-scroll").addEventListener(kind, (event) => look(event.target.closest?.(".node")?.dataset.id));
  for (const kind of ["pointerleave", "focusout"]) by("mesh-scroll").addEventListener(kind, () => look());
  new ResizeObserver(() => redraw()).observe(by("mesh-scroll"));
  open();
}

export function take(state, first) {
  if (state.mesh) told = state.mesh;
  if (failed && shown()) open();
  if (!shown() || !drawn) return forget();
  if (state.mesh) tellRuns();
  if (!first && state.events.length) lightEvents(by("mesh-body"), state.events, told);
}

function tellRuns() {
  countRuns(by("mesh-heads"), told);
  countList(by("mesh-list"), told);
  lightRuns(by("mesh-heads"), told);
}

// Of the address what follows #mesh/: "function/sender".
const chosen = () => location.hash.split("/").slice(1).map(decodeURIComponent).join("/");

async function open() {
  if (!shown()) return;
  showBehind(chosen());
  look();
  reveal();
  if (drawn) return tellRuns();
  failed = false;
  try {
    await loadMap();
  } catch (error) {
    failed = true; // Asked again with the next answer.
    by("mesh-nothing").textContent = error.message;
    return;
  }
  by("mesh-nothing").hidden = true;
  by("mesh-weave").hidden = false;
  drawList(by("mesh-list"));
  redraw();
  const events = nodes("type").length;
  by("mesh-count").textContent = `${columns().length} that run, ${events} kinds of event`;
  showBehind(chosen(), true);
  reveal();
}

// What was opened by a link elsewhere may lie below the fold.
function reveal() {
  const place = by("mesh-scroll");
  const at = placed()?.y.get(chosen());
  if (at === undefined || place.scrollHeight <= place.clientHeight) return;
  const top = at + by("mesh-heads").clientHeight - place.scrollTop;
  if (top < by("mesh-heads").clientHeight + 12 || top > place.clientHeight - 12) place.scrollTop = at - (place.clientHeight - by("mesh-heads").clientHeight) / 2;
}

// Its width follows the pane's.
function redraw() {
  const width = by("mesh-scroll").clientWidth;
  if (!shown() || !columns().length || !width || width === drawn) return;
  drawn = width;
  draw(by("mesh-heads"), by("mesh-body"), width);
  by("mesh-heads").querySelector(".node.function")?.setAttribute("tabindex", "0");
  forget();
  tellRuns();
  look();
}

// What the pointer or the focus is on, else what the panel shows.
function look(id) {
  for (const place of ["mesh-heads", "mesh-body"]) emphasise(by(place), id ? [id] : marked());
}

// One stop for Tab; the arrows go to the nearest part on that side.
function byArrows(event) {
  const from = event.target.closest(".node");
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!from || !way) return;
  const all = [...by("mesh-scroll").querySelectorAll(".node")];
  const middle = (node) => {
    const { x, y, width, height } = node.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  };
  const [x, y] = middle(from);
  let best = null;
  for (const node of all) {
    const [dx, dy] = middle(node).map((at, side) => at - [x, y][side]);
    const ahead = dx * way[0] + dy * way[1];
    const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    if (ahead > 4 && (!best || ahead + aside * 2 < best.far)) best = { node, far: ahead + aside * 2 };
  }
  event.preventDefault();
  if (!best) return;
  from.setAttribute("tabindex", "-1");
  best.node.setAttribute("tabindex", "0");
  best.node.focus();
}
