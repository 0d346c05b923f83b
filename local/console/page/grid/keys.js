// The keyboard, the mouse and the thumb in the grid.

import { fillDown, clear } from "./copying.js";
import { deleteRows } from "./acts.js";
import { isTick, sheet, writtenByTheMesh } from "./rows.js";
import * as selection from "./selection.js";
import { redo, undo } from "./undo.js";
import { cellOf, columnAt, rowAt, table } from "./view.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
let calls = {};
let editor;
let touch = false;

function pressed(event) {
  if (editor.open || event.target.closest(".head")) return;
  const place = selection.here();
  if (!place || !event.target.closest("td[data-column]") || event.target.tagName === "A") return;
  if (moved(event, place) || commanded(event) || worked(event, place)) event.preventDefault();
}

function moved(event, { row, column }) {
  const extend = event.shiftKey;
  const far = event.ctrlKey || event.metaKey;
  if (event.altKey) return false;
  if (event.key in ARROWS) {
    if (event.key === "ArrowUp" && !extend && row === sheet.visible[0]) headOf(column).focus();
    else (far ? selection.jump : selection.step)(...ARROWS[event.key], { extend });
  } else if (event.key === "Home") selection.goTo(far ? sheet.visible[0] : row, sheet.columns[0], { extend });
  else if (event.key === "End") selection.goTo(far ? sheet.visible.at(-1) : row, sheet.columns.at(-1), { extend });
  else if (event.key === "PageDown") selection.page(1, { extend });
  else if (event.key === "PageUp") selection.page(-1, { extend });
  else return false;
  return true;
}

function commanded(event) {
  const key = event.key.toLowerCase();
  if (event.key === " " && event.shiftKey) selection.selectRows();
  else if (event.key === " " && event.ctrlKey) selection.selectColumns();
  else if (event.key === "Escape" && selection.several()) selection.goTo(selection.here().row, selection.here().column);
  else if (!(event.ctrlKey || event.metaKey) || event.altKey) return false;
  else if (key === "a") selection.selectAll();
  else if (key === "d") fillDown();
  else if (key === "z") (event.shiftKey ? redo : undo)();
  else if (key === "y") redo();
  else if (event.key === "Delete" || event.key === "Backspace") deleteRows(selection.range().rows);
  else return false;
  return true;
}

function worked(event, { row, column }) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const free = !writtenByTheMesh(column);
  if (event.key === "Enter" || event.key === "F2") {
    if (isTick(column)) calls.tick(row, column);
    else if (free) calls.startEdit(row, column, { plainly: event.key === "F2" });
    else cellOf(row, column).querySelector("a")?.click();
  } else if (event.key === " " && isTick(column)) calls.tick(row, column);
  else if (event.key === "Delete" || event.key === "Backspace") clear();
  else if (event.key.length === 1 && free && !isTick(column)) calls.startEdit(row, column, { typed: event.key });
  else return false;
  return true;
}

const headOf = (column) => table().tHead.querySelector(`th[data-column="${CSS.escape(column)}"] .head`);

function inHeader(event) {
  const head = event.target.closest(".head");
  if (!head) return;
  const column = head.parentElement.dataset.column;
  const beside = (by) => sheet.columns[Math.max(0, Math.min(sheet.columns.length - 1, sheet.columns.indexOf(column) + by))];
  if (event.key === "ArrowDown" && sheet.visible.length) selection.goTo(sheet.visible[0], column);
  else if (event.key === "ArrowLeft") headOf(beside(-1)).focus();
  else if (event.key === "ArrowRight") headOf(beside(1)).focus();
  else return;
  event.preventDefault();
}

// The mouse selects while it is held down; a finger that moves scrolls.
function startMouse() {
  let dragging = false;
  const isCell = (target) => target.closest("td[data-column], th.number") && !target.closest("a, button, .editor");
  table().addEventListener("pointerdown", (event) => {
    touch = event.pointerType === "touch";
    const row = rowAt(event.target);
    if (!row || touch || event.button !== 0 || !isCell(event.target)) return;
    if (editor.open) editor.end("none");
    event.preventDefault(); // Else the browser selects text.
    if (event.target.closest("th.number")) {
      selection.goTo(row, selection.here()?.column ?? sheet.columns[0], { extend: event.shiftKey });
      return selection.selectRows();
    }
    const fresh = !event.shiftKey;
    if (event.target.type !== "checkbox" || !fresh) dragging = true;
    selection.goTo(row, columnAt(event.target), { extend: !fresh, sight: false }); // A cell does not run away from under the mouse.
  });
  addEventListener("pointermove", (event) => {
    if (!dragging || !(event.buttons & 1)) return;
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const row = rowAt(under);
    const column = columnAt(under);
    if (row && column && !editor.open) selection.goTo(row, column, { extend: true });
  });
  addEventListener("pointerup", () => { dragging = false; });
  addEventListener("pointercancel", () => { dragging = false; });
}

function clicked(event) {
  const row = rowAt(event.target);
  if (!row || editor.isIn(event.target)) return;
  if (event.target.closest(".remove")) return deleteRows([row]);
  const column = columnAt(event.target);
  if (!column || event.target.closest("a, button")) return;
  if (isTick(column)) {
    if (event.target.type !== "checkbox") return touch ? selection.goTo(row, column) : undefined;
    event.preventDefault();
    selection.goTo(row, column, { extend: event.shiftKey });
    // Changing it inside its own click would be undone by the browser.
    if (!event.shiftKey) setTimeout(() => calls.tick(row, column));
  } else if (touch) {
    selection.goTo(row, column, { focus: writtenByTheMesh(column) });
    if (!writtenByTheMesh(column)) calls.startEdit(row, column, { touch: true });
  } else if (event.detail > 1 && !event.shiftKey && !writtenByTheMesh(column)) calls.startEdit(row, column);
}

export function startKeys(theEditor, given) {
  editor = theEditor;
  calls = given;
  table().addEventListener("keydown", pressed);
  table().tHead.addEventListener("keydown", inHeader);
  table().addEventListener("click", clicked);
  table().addEventListener("focusin", (event) => {
    // Tab brings the focus into the grid, and a screen reader puts it onto any cell.
    const [row, column] = [rowAt(event.target), columnAt(event.target)];
    const place = selection.here();
    if (!editor.open && row && column && (place?.row !== row || place?.column !== column) && !selection.several()) selection.goTo(row, column, { focus: false });
  });
  startMouse();
  // Outside of the grid too, but never while something is being written.
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.target.closest?.("input, textarea, select, [role=listbox], dialog, #grid")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    (key === "y" || event.shiftKey ? redo : undo)();
  });
}
