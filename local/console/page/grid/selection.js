// Where the owner is: one cell has the focus, and a range may reach from it to another, the far corner.

import { sheet } from "./rows.js";
import { cellOf, table } from "./view.js";

let active = null; // {row, column}
let far = null;
let lastPlace = 0;
let painted = [];
let told = () => {};

export const here = () => active;
export const onChange = (call) => { told = call; };
const placeOf = (row) => sheet.visible.indexOf(row);
const clamp = (number, end) => Math.max(0, Math.min(end - 1, number));

// The selected rows and columns, as they are shown.
export function range() {
  if (!active || !sheet.visible.length) return { rows: [], columns: [] };
  const [first, last] = [placeOf(active.row), placeOf(far?.row ?? active.row)].sort((a, b) => a - b);
  const [left, right] = [active.column, far?.column ?? active.column].map((column) => sheet.columns.indexOf(column)).sort((a, b) => a - b);
  return { rows: sheet.visible.slice(Math.max(0, first), last + 1), columns: sheet.columns.slice(Math.max(0, left), right + 1) };
}

export const several = () => far !== null && (far.row !== active.row || far.column !== active.column);
export const wholeRows = () => range().columns.length === sheet.columns.length;

export function goTo(row, column, { extend = false, focus = true, sight = true } = {}) {
  if (!row || !column) return;
  if (extend && active) far = { row, column };
  else {
    active = { row, column };
    far = null;
  }
  lastPlace = placeOf(active.row);
  paint();
  const cell = cellOf(row, column);
  if (focus) cellOf(active.row, active.column)?.focus({ preventScroll: true });
  if (sight) intoSight(cell);
}

function goToPlace(place, column, options) {
  if (sheet.visible.length) goTo(sheet.visible[clamp(place, sheet.visible.length)], column, options);
}

export function step(down, right, { extend = false } = {}) {
  const from = extend && far ? far : active;
  if (!from) return;
  const column = sheet.columns[clamp(sheet.columns.indexOf(from.column) + right, sheet.columns.length)];
  goToPlace(placeOf(from.row) + down, column, { extend });
}

// To the next cell of a form: over the end of a row into the next one.
export function stepOn(by) {
  const column = sheet.columns.indexOf(active.column) + by;
  const place = placeOf(active.row);
  if (column >= sheet.columns.length && place < sheet.visible.length - 1) goToPlace(place + 1, sheet.columns[0]);
  else if (column < 0 && place > 0) goToPlace(place - 1, sheet.columns.at(-1));
  else goToPlace(place, sheet.columns[clamp(column, sheet.columns.length)]);
}

// As in any spreadsheet: to the last cell of a filled stretch, or over an empty one to where it begins again.
export function jump(down, right, { extend = false } = {}) {
  const from = extend && far ? far : active;
  if (!from) return;
  let [row, column] = [placeOf(from.row), sheet.columns.indexOf(from.column)];
  const filled = (r, c) => !["", false].includes(sheet.visible[r]?.value(sheet.columns[c]) ?? "");
  const inside = (r, c) => r >= 0 && c >= 0 && r < sheet.visible.length && c < sheet.columns.length;
  const alongFilled = filled(row, column) && inside(row + down, column + right) && filled(row + down, column + right);
  while (inside(row + down, column + right)) {
    if (alongFilled && !filled(row + down, column + right)) break;
    row += down;
    column += right;
    if (!alongFilled && filled(row, column)) break;
  }
  goToPlace(row, sheet.columns[column], { extend });
}

export function page(direction, { extend = false } = {}) {
  const seen = Math.min(document.getElementById("sheet-scroll").clientHeight, innerHeight);
  const height = cellOf(active.row, active.column)?.offsetHeight || 40;
  step(direction * Math.max(1, Math.floor(seen / height) - 1), 0, { extend });
}

export function selectAll() {
  if (!sheet.visible.length) return;
  active ??= { row: sheet.visible[0], column: sheet.columns[0] };
  select(sheet.visible, sheet.columns);
}

export function select(rows, columns) {
  const shown = rows.filter((row) => placeOf(row) >= 0).sort((a, b) => placeOf(a) - placeOf(b));
  if (!shown.length || !columns.length) return;
  active = { row: shown[0], column: columns[0] };
  far = { row: shown.at(-1), column: columns.at(-1) };
  lastPlace = placeOf(active.row);
  paint();
  cellOf(active.row, active.column)?.focus({ preventScroll: true });
}

export const selectRows = () => { const { rows } = range(); select(rows, sheet.columns); };
export const selectColumns = () => { const { columns } = range(); select(sheet.visible, columns); };

// After the sheet changed: rows that are gone leave the selection; the place stays. `hadFocus` is from before the change.
export function refresh(hadFocus) {
  if (!sheet.visible.length || !sheet.columns.length) {
    active = far = null;
    return paint();
  }
  const column = sheet.columns.includes(active?.column) ? active.column : sheet.columns[0];
  const gone = active && placeOf(active.row) < 0;
  if (!active || gone) active = { row: sheet.visible[clamp(active ? lastPlace : 0, sheet.visible.length)], column };
  else if (active.column !== column) active = { row: active.row, column };
  if (far && (placeOf(far.row) < 0 || !sheet.columns.includes(far.column))) far = null;
  lastPlace = placeOf(active.row);
  paint();
  if (hadFocus && !table().contains(document.activeElement)) cellOf(active.row, active.column)?.focus({ preventScroll: true });
}

function paint() {
  const before = table().querySelector('td[tabindex="0"]');
  before?.setAttribute("tabindex", "-1");
  reachable(before, -1);
  const { rows, columns } = range();
  const many = rows.length * columns.length > 1;
  const wanted = new Set(many ? rows.flatMap((row) => columns.map((column) => cellOf(row, column))) : []);
  for (const cell of painted) if (!wanted.has(cell)) mark(cell, false);
  for (const cell of wanted) if (!cell.classList.contains("in")) mark(cell, true);
  painted = [...wanted];
  if (active) {
    cellOf(active.row, active.column)?.setAttribute("tabindex", "0");
    reachable(cellOf(active.row, active.column), 0);
  }
  told();
}

// Tab leads from a cell to its links, and from there out of the grid: those of all the other cells are no stops.
function reachable(cell, tabIndex) {
  for (const link of cell?.querySelectorAll("a") ?? []) link.tabIndex = tabIndex;
}

function mark(cell, on) {
  cell.classList.toggle("in", on);
  if (on) cell.setAttribute("aria-selected", "true");
  else cell.removeAttribute("aria-selected");
}

// Under the header, which stays on top, nothing can be seen.
function intoSight(cell) {
  if (!cell) return;
  const scroll = document.getElementById("sheet-scroll");
  if (getComputedStyle(scroll).overflowY === "visible") return cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  const [box, place] = [scroll.getBoundingClientRect(), cell.getBoundingClientRect()];
  const head = table().tHead.offsetHeight;
  if (place.top < box.top + head) scroll.scrollTop -= box.top + head - place.top;
  else if (place.bottom > box.bottom) scroll.scrollTop += Math.min(place.bottom - box.bottom, place.top - box.top - head);
  if (place.left < box.left) scroll.scrollLeft -= box.left - place.left;
  else if (place.right > box.right) scroll.scrollLeft += Math.min(place.right - box.right, place.left - box.left);
}
