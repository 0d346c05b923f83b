// The mesh as a weave: what runs hangs from the top, each event, table and world outside is a thread across. A knot is where two meet.

import { columns, into, nodes, outOf, threads, title, when } from "./map.js";

const SPACE = { label: 156, row: 22, part: 34, least: 52, tight: 58, most: 96, head: 112 };
const NAME = "http://www.w3.org/2000/svg";
let places = null;

export const placed = () => places;

function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS(NAME, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Where everything stands, in px. The same map and width give the same drawing.
export function layOut(width) {
  const across = columns();
  const gap = Math.max(SPACE.least, Math.min(SPACE.most, (width - SPACE.label - 8) / Math.max(1, across.length)));
  const x = new Map(across.map((node, index) => [node.id, SPACE.label + gap * (index + 0.5)]));
  const y = new Map();
  const parts = [];
  let at = 4;
  for (const part of threads()) {
    parts.push({ title: part.title, y: at + 20 });
    at += SPACE.part;
    for (const node of part.nodes) {
      y.set(node.id, at);
      at += SPACE.row;
    }
  }
  return { x, y, parts, gap, width: SPACE.label + gap * across.length + 8, height: at + 2 };
}

export function draw(heads, body, width) {
  places = layOut(width);
  heads.classList.toggle("tight", places.gap < SPACE.tight);
  heads.replaceChildren(...drawHeads());
  body.replaceChildren(...drawBody());
  for (const [place, height] of [[heads, SPACE.head], [body, places.height]]) {
    place.setAttribute("width", places.width);
    place.setAttribute("height", height);
    place.setAttribute("viewBox", `0 0 ${places.width} ${height}`);
  }
}

// A link, so that the keyboard, the address and the back button work as everywhere.
function link(node, name, ...children) {
  return svg("a", { href: `#mesh/${node.id}`, class: `node ${node.kind}`, "data-id": node.id, "aria-label": name, tabindex: "-1" }, ...children);
}

function drawHeads() {
  return columns().map((node) => {
    const x = places.x.get(node.id);
    const wakers = into(node.id, "wakes").map((edge) => edge.source).filter((id) => /^(schedule|door|group)\//.test(id));
    const words = node.name.split("-");
    const lines = words.length > 1 ? [words.slice(0, -1).join("-") + "-", words.at(-1)] : words;
    return svg("g", { class: "column", "data-column": node.id },
      ...wakers.map((id, index) => waker(id, x + (index - (wakers.length - 1) / 2) * 19)),
      svg("path", { class: "warp", d: `M${x} ${wakers.length ? 27 : 40}V40M${x} 103V${SPACE.head}` }),
      link(node, `${node.kind === "machine" ? "State machine" : "Function"} ${node.name}`,
        svg("rect", { class: "plate", x: x - places.gap / 2 + 2, y: 40, width: places.gap - 4, height: 63, rx: 6 }),
        ...lines.map((text, index) => label(x, (lines.length > 1 ? 58 : 66) + index * 16, text, "name")),
        label(x, 95, "", "ran"),
        svg("g", { class: "errors" }, svg("circle", { cx: x + places.gap / 2 - 5, cy: 43, r: 8.5 }), label(x + places.gap / 2 - 5, 46.8, "", "number"))));
  });
}

function waker(id, x) {
  const node = nodes("schedule", "door", "group").find((one) => one.id === id);
  const told = node.kind === "schedule" ? `Schedule ${node.name}, ${when(node.facts.expression)}` : node.kind === "door" ? title(node) : `Schedules ${node.name}`;
  const sign = node.kind === "door" ? [svg("path", { class: "sign", d: `M${x - 4} 22V11.5h8V22` }), svg("circle", { class: "dot", cx: x + 1.8, cy: 17, r: 0.9 })]
    : [svg("circle", { class: "sign", cx: x, cy: 17, r: 6 }), svg("path", { class: "sign", d: `M${x} 13.5V17l2.6 1.8` })];
  const made = link(node, told, svg("rect", { class: "touch", x: x - 9, y: 4, width: 18, height: 26 }), ...sign);
  made.append(svg("title", {}, told));
  return made;
}

function label(x, y, text, kind) {
  const made = svg("text", { x, y, class: kind });
  made.textContent = text;
  return made;
}

function drawBody() {
  const warps = columns().map((node) => svg("path", { class: "warp", "data-column": node.id, d: `M${places.x.get(node.id)} 0V${places.height}` }));
  const titles = places.parts.map((part) => label(0, part.y, part.title, "part"));
  const rows = [...places.y].map(([id, y]) => thread(nodes(...["type", "table", "bucket", "group", "queue", "outside"]).find((node) => node.id === id), y));
  const ran = outOf(nodes("machine")[0]?.id ?? "", "runs").map((edge) => runs(edge));
  return [svg("g", {}, ...warps), ...titles, ...ran, ...rows, svg("g", { class: "lights" })];
}

// A machine runs a function's steps: a bow from thread to thread above all others.
function runs(edge) {
  const [from, to] = [places.x.get(edge.source), places.x.get(edge.target)];
  return svg("path", { class: "runs knot", "data-edge": `${edge.source} ${edge.target}`, d: `M${from} 0C${from} 16 ${to} 16 ${to} 0` });
}

function thread(node, y) {
  const knots = knotsOf(node);
  const at = knots.map((knot) => places.x.get(knot.column));
  const made = svg("g", { class: "thread", "data-thread": node.id },
    svg("path", { class: "weft", d: `M${SPACE.label - 12} ${y}H${places.width}` }),
    ...(at.length > 1 ? [svg("path", { class: "spun", d: `M${Math.min(...at)} ${y}H${Math.max(...at)}` })] : []),
    ...knots.map((knot) => mark(node, knot, y)),
    link(node, `${{ type: "Event", outside: "Outside:" }[node.kind] ?? ""} ${title(node)}`.trim(),
      svg("rect", { class: "touch", x: 0, y: y - SPACE.row / 2, width: SPACE.label - 14, height: SPACE.row }),
      label(2, y + 4.5, clipped(title(node)), "name")));
  return made;
}

const clipped = (text) => (text.length > 21 ? `${text.slice(0, 20)}…` : text);

// By column: what it does to the thread (out) and whether the thread wakes or feeds it (in).
function knotsOf(node) {
  const found = new Map();
  const note = (column, way, edge) => {
    if (!places.x.has(column)) return;
    const knot = found.get(column) ?? { column, edges: [] };
    knot[way] = true;
    knot.edges.push(edge);
    found.set(column, knot);
  };
  for (const edge of into(node.id)) note(edge.source, edge.kind === "reads" ? "in" : "out", edge);
  for (const edge of outOf(node.id)) note(edge.target, "in", edge);
  return [...found.values()];
}

// What is outside is reached, whichever way; what a function cannot do goes to the dead letters, which is no work of its own.
function mark(node, knot, y) {
  const x = places.x.get(knot.column);
  const kinds = new Set(knot.edges.map((edge) => edge.kind));
  if (kinds.has("uses")) return svg("g", { class: "knot", "data-edge": `${node.id} ${knot.column}` }, svg("rect", { class: "out", x: x - 4, y: y - 4, width: 8, height: 8, transform: `rotate(45 ${x} ${y})` }));
  if (kinds.size === 1 && kinds.has("fails")) return svg("g", { class: "knot fails", "data-edge": `${node.id} ${knot.column}` }, svg("circle", { class: "out", cx: x, cy: y, r: 2 }));
  const out = svg("circle", { class: "out", cx: x, cy: y, r: knot.in ? 2.6 : 4.4 });
  const ring = svg("circle", { class: "in", cx: x, cy: y, r: 5.6 });
  return svg("g", { class: "knot", "data-edge": `${node.id} ${knot.column}` }, ...(knot.in ? [ring] : []), ...(knot.out ? [out] : []));
}

// The chosen ones are strong, and the neighbours of one that is chosen alone; the rest is faint. With nothing chosen all is even.
export function emphasise(place, ids) {
  const near = new Set(ids);
  const [alone] = ids.length === 1 ? ids : [];
  for (const edge of alone ? [...into(alone), ...outOf(alone)] : []) near.add(edge.source).add(edge.target);
  place.classList.toggle("choosing", near.size > 0);
  for (const one of place.querySelectorAll("[data-thread], [data-column]")) one.classList.toggle("on", near.has(one.dataset.thread ?? one.dataset.column));
  for (const one of place.querySelectorAll("[data-edge]")) {
    const ends = one.dataset.edge.split(" ");
    const both = ends.every((end) => near.has(end));
    one.classList.toggle("on", alone ? ends.includes(alone) || (ends[0].startsWith("type/") && near.has(ends[0])) : both);
  }
  for (const one of place.querySelectorAll(".node")) {
    one.classList.toggle("on", near.has(one.dataset.id));
    if (one.dataset.id === alone) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}
