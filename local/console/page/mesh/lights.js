// What moves in the drawing: a dot along an event's thread, a plate that runs, a schedule that fires. A burst of one kind is one light.

import { full, into, outOf, short } from "./map.js";
import { placed } from "./drawing.js";

const RUN_MS = 900;
const STRONG_MS = 1500;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const fading = new Map();
let before = null;

export function countRuns(place, { runs, running }) {
  for (const column of place.querySelectorAll(".column")) {
    const [kind, name] = column.dataset.column.split("/");
    const told = kind === "function" ? runs[full(name)] : undefined;
    write(column.querySelector(".ran"), told ? `${told.count}×` : "");
    write(column.querySelector(".number"), told?.errors ? String(Math.min(99, told.errors)) : "");
    column.classList.toggle("failed", Boolean(told?.errors));
    const named = `Function ${name}${told ? `, ${told.count} ${told.count === 1 ? "run" : "runs"}` : ""}${told?.errors ? `, ${told.errors} failed` : ""}`;
    const link = column.querySelector(".node.function");
    if (link && link.getAttribute("aria-label") !== named) link.setAttribute("aria-label", named);
    column.classList.toggle("running", running.includes(full(name)));
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// What ran or fired since the last answer.
export function lightRuns(place, { runs }) {
  for (const [name, told] of Object.entries(before ? runs : {})) {
    const known = before[name] ?? { count: 0, errors: 0, fired: {} };
    if (told.count !== known.count || told.last !== known.last) strong(place.querySelector(`[data-column="function/${short(name)}"]`), told.errors > known.errors ? "broke" : "lit");
    for (const [schedule, times] of Object.entries(told.fired)) {
      if (times > (known.fired[schedule] ?? 0)) strong(place.querySelector(`.node[data-id="schedule/${short(schedule)}"]`), "lit");
    }
  }
  before = runs;
}

export function forget() {
  before = null;
}

export function lightEvents(place, fresh, mesh) {
  const counts = new Map();
  for (const event of fresh) counts.set(event.detail_type, (counts.get(event.detail_type) ?? 0) + 1);
  for (const [type, count] of counts) {
    const thread = place.querySelector(`[data-thread="type/${CSS.escape(type)}"]`);
    if (!thread) continue;
    strong(thread, "lit");
    if (!calm.matches) run(place, `type/${type}`, sourcesOf(type, mesh), count);
  }
}

// Who puts it now: of those that may, the ones that run at this moment, else those that did it before; nobody where a booking did.
function sourcesOf(type, mesh) {
  const may = into(`type/${type}`, "puts").map((edge) => edge.source);
  const name = (id) => full(id.split("/")[1]);
  const now = may.filter((id) => mesh?.running.includes(name(id)));
  const seen = may.filter((id) => mesh?.runs[name(id)]?.puts[type]);
  return now.length ? now : seen;
}

function run(place, id, sources, count) {
  const { x, y } = placed();
  const lights = place.querySelector(".lights");
  const height = y.get(id);
  const ends = outOf(id, "wakes").map((edge) => x.get(edge.target)).filter((at) => at !== undefined);
  const begins = sources.map((source) => x.get(source)).filter((at) => at !== undefined);
  for (const from of begins.length ? begins : [150]) {
    for (const to of ends.length ? ends : [from]) lights.append(dot(from, to, height, count));
  }
}

function dot(from, to, height, count) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "circle");
  made.setAttribute("r", Math.min(9, 4.5 + Math.log2(count)));
  made.setAttribute("class", "light");
  const at = (place) => `translate(${place}px, ${height}px)`;
  const moving = made.animate([{ transform: at(from), opacity: 1 }, { transform: at(to), opacity: 1, offset: 0.85 }, { transform: at(to), opacity: 0 }], { duration: RUN_MS, easing: "ease-in-out" });
  moving.addEventListener("finish", () => made.remove());
  moving.addEventListener("cancel", () => made.remove());
  return made;
}

function strong(node, kind) {
  if (!node) return;
  clearTimeout(fading.get(node));
  node.classList.add(kind);
  fading.set(node, setTimeout(() => {
    node.classList.remove("lit", "broke");
    fading.delete(node);
  }, STRONG_MS));
}
