// The table itself. Each Row has its line for as long as it is shown; a new answer of the sheet changes only the cells that
// differ, and never takes the editor, the selection or the place of whoever reads.

import { element } from "../ask.js";
import { content, contentKey, stateOf } from "./content.js";
import { chooseVisible, kindOf, sheet, showMore, writtenByTheMesh } from "./rows.js";

const lines = new Map(); // Row -> its line
let rowOfLine = new WeakMap();
let changed = []; // Statuses that are new in this answer.
const NAMED = ["post_id", "date", "time", "text", "channels", "image", "approved", "status", "alt text", "link", "approved for", "note"];

export const table = () => document.getElementById("grid");
const body = () => table().tBodies[0];
const scroller = () => document.getElementById("sheet-scroll");
const nameOf = (column) => (NAMED.includes(kindOf(column)) ? kindOf(column).replace(/[ _]/, "-") : "other");
const classOf = (column) => `col-${nameOf(column)}`;
export const cellOf = (row, column) => lines.get(row)?.cellsByColumn.get(column);
export const lineOf = (row) => lines.get(row);
export const rowAt = (node) => rowOfLine.get(node?.closest?.("tbody tr"));
export const columnAt = (node) => node?.closest?.("td[data-column]")?.dataset.column;

export function drawHeader() {
  const names = sheet.columns.map((column) => element("th", { scope: "col", role: "columnheader", class: classOf(column) },
    element("button", { type: "button", class: "head", tabIndex: -1, title: `Sort by ${column}`, "aria-haspopup": "dialog" },
      element("span", { textContent: column }), element("span", { class: "arrows", "aria-hidden": "true" }))));
  names.forEach((name, place) => { name.dataset.column = sheet.columns[place]; });
  const corner = element("th", { scope: "col", role: "columnheader", class: "number" }, element("span", { class: "unseen", textContent: "row" }));
  const last = element("th", { scope: "col", role: "columnheader", class: "col-remove" }, element("span", { class: "unseen", textContent: "remove" }));
  table().tHead.replaceChildren(element("tr", { role: "row", "aria-rowindex": 1 }, corner, ...names, last));
  table().setAttribute("aria-colcount", sheet.columns.length + 2);
  const tracks = ["number", ...sheet.columns.map(nameOf), "remove"];
  table().style.setProperty("--columns", tracks.map((name) => `minmax(var(--${name}), var(--${name}-most, var(--${name})))`).join(" "));
  table().style.setProperty("--least", `calc(${tracks.map((name) => `var(--${name})`).join(" + ")})`);
  body().replaceChildren();
  lines.clear();
  rowOfLine = new WeakMap();
}

// `editor` says which cell is being edited; its line is not moved or filled, as that would end it.
export function draw(editor, held = []) {
  const found = chooseVisible(stateOf, held);
  const anchor = anchorLine(editor);
  const top = anchor?.getBoundingClientRect().top;
  const wanted = sheet.visible.map(lineFor);
  const keep = new Set(wanted);
  for (const [row, line] of lines) {
    if (keep.has(line) || editor.row === row) continue;
    line.remove();
    lines.delete(row);
  }
  reorder(wanted, lines.get(editor.row));
  sheet.visible.forEach((row, place) => {
    fillRow(row, editor);
    const before = sheet.visible[place - 1];
    lines.get(row).classList.toggle("same-day", before !== undefined && before.value("date") === row.value("date"));
  });
  table().setAttribute("aria-rowcount", sheet.rows.length + 1);
  const moved = anchor?.isConnected ? anchor.getBoundingClientRect().top - top : 0;
  if (Math.abs(moved) >= 1) scrollBy(moved);
  flash(changed, "fresh");
  changed = [];
  more();
  return found;
}

// The line whose place on the screen is kept: the one in use, if it is in sight, else the first one in sight.
function anchorLine(editor) {
  const box = scroller().getBoundingClientRect();
  const from = Math.max(box.top, 0) + (table().tHead.offsetHeight || 0);
  const inSight = (line) => {
    const place = line?.getBoundingClientRect();
    return place && place.bottom > from && place.top < Math.min(box.bottom, innerHeight);
  };
  const used = lines.get(editor.row) ?? document.activeElement?.closest?.("#grid tbody tr");
  if (inSight(used)) return used;
  const all = body().rows;
  let low = 0;
  let high = all.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].getBoundingClientRect().bottom > from) high = middle;
    else low = middle + 1;
  }
  return inSight(all[low]) ? all[low] : null;
}

function scrollBy(moved) {
  const inside = getComputedStyle(scroller()).overflowY !== "visible";
  if (inside) scroller().scrollTop += moved;
  else window.scrollBy(0, moved);
}

// Puts the lines into order and moves as few as can be; the one with the focus stays where it is, as moving it would lose it.
function reorder(wanted, edited) {
  const focused = document.activeElement?.closest?.("#grid tbody tr");
  const fixed = [edited, focused].find((line) => line?.isConnected);
  const place = fixed ? wanted.indexOf(fixed) : -1;
  if (place < 0) return inOrder(wanted, body().firstElementChild);
  inOrder(wanted.slice(0, place), body().firstElementChild);
  inOrder(wanted.slice(place + 1), fixed.nextElementSibling);
}

function inOrder(wanted, first) {
  let next = first;
  for (const line of wanted) {
    if (line === next) next = next.nextElementSibling;
    else body().insertBefore(line, next);
  }
}

function lineFor(row) {
  let line = lines.get(row);
  if (line) return line;
  const cells = sheet.columns.map((column, place) => {
    const cell = element("td", { role: "gridcell", tabIndex: -1, class: `${classOf(column)} ${writtenByTheMesh(column) ? "" : "editable"}`, "aria-colindex": place + 2 });
    cell.dataset.column = column;
    cell.dataset.label = column;
    cell.setAttribute("aria-readonly", String(writtenByTheMesh(column)));
    return cell;
  });
  const remove = element("button", { type: "button", class: "remove", tabIndex: -1, textContent: "✕", title: "Delete this row" });
  line = element("tr", { role: "row" }, element("th", { role: "rowheader", class: "number" }), ...cells,
    element("td", { role: "gridcell", class: "col-remove" }, remove));
  line.cellsByColumn = new Map(cells.map((cell, place) => [sheet.columns[place], cell]));
  lines.set(row, line);
  rowOfLine.set(line, row);
  return line;
}

function fillRow(row, editor) {
  const line = lines.get(row);
  number(row, line);
  for (const column of sheet.columns) fillCell(row, column, editor);
}

// The row's number opens what each network will show of it, once it has an id.
function number(row, line) {
  const key = `${row.index}|${row.id}`;
  if (line.numbered === key) return;
  line.numbered = key;
  const shown = String(row.index + 2);
  line.setAttribute("aria-rowindex", shown);
  line.querySelector(".remove").setAttribute("aria-label", `Delete row ${shown}`);
  line.firstElementChild.replaceChildren(row.id
    ? element("a", { href: `/preview/${encodeURIComponent(row.id)}`, target: "_blank", rel: "noopener", tabIndex: -1, textContent: shown, title: "As each network will show it", draggable: false })
    : shown);
}

export function fillCell(row, column, editor) {
  const cell = cellOf(row, column);
  if (!cell || (editor.row === row && editor.column === column)) return;
  cell.classList.toggle("saving", row.pending.has(column) && !row.unsaved.has(column));
  cell.classList.toggle("unsaved", row.unsaved.has(column));
  const key = contentKey(row, column);
  if (cell.filled === key) return;
  const first = cell.filled === undefined;
  cell.filled = key;
  cell.replaceChildren(content(row, column));
  if (kindOf(column) !== "status") return;
  for (const name of [...cell.classList]) if (name.startsWith("mark-")) cell.classList.remove(name);
  const state = stateOf(String(row.value(column)));
  if (state) cell.classList.add(`mark-${state}`);
  if (!first) changed.push(cell);
}

export function emptyCell(row, column) {
  const cell = cellOf(row, column);
  delete cell.filled;
  return cell;
}

// All at once: each look at a width lays the whole table out again.
export function flash(nodes, name) {
  if (!nodes.length) return;
  for (const node of nodes) node.classList.remove(name);
  void table().offsetWidth; // Restarts the animation.
  for (const node of nodes) node.classList.add(name);
}

function more() {
  const button = document.getElementById("sheet-more");
  button.hidden = sheet.left === 0;
  button.textContent = `Show more (${sheet.left} are not shown)`;
}

export function startMore(redraw) {
  document.getElementById("sheet-more").addEventListener("click", () => { showMore(); redraw(); });
}
