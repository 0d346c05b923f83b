// The sheet pane: puts the parts of the grid together.

import { notice, short } from "./ask.js";
import { now } from "./clock.js";
import { addRows, edit, serverAnswered, startActs, unsaved, untilKept } from "./grid/acts.js";
import { imageNames, ticked } from "./grid/content.js";
import { startCopying } from "./grid/copying.js";
import { Editor } from "./grid/editors.js";
import { bringBack, carryOver } from "./grid/kept.js";
import { startKeys } from "./grid/keys.js";
import { startPictures } from "./grid/pictures.js";
import { chooseColumns, filterBy, filtered, keepShown, kindOf, sheet, showUpTo, take as takeRows } from "./grid/rows.js";
import * as selection from "./grid/selection.js";
import { startTools, tellShown } from "./grid/tools.js";
import { startUndo } from "./grid/undo.js";
import { cellOf, draw, drawHeader, emptyCell, fillCell, flash, lineOf, startMore, table } from "./grid/view.js";
import { isoDay } from "./times.js";
import { go } from "./views.js";

const all = () => document.getElementById("all-columns").checked;
let columnsWait = false;
let carried = false;

const editor = new Editor({
  commit(place, before, value, then) {
    if (place.row.gone) lost(place, before, value);
    else if (value !== before) edit(`edit ${place.column}`, [{ ...place, value, since: before }]);
    after(place, then);
  },
  cancel(place) { after(place, "stay"); },
});

// What was written into a row that somebody deleted meanwhile is not thrown away.
function lost({ column }, before, value) {
  if (value === before || value === "") return notice("The row was deleted meanwhile.");
  notice(`The row was deleted while you wrote “${short(value)}” in it.`, {
    wrong: true, stays: true, acts: [["Keep it as a new row", () => untilKept(value, () => newRow({ [column]: value }))], ["Leave it", () => {}]],
  });
}

function after(place, then) {
  redraw();
  if (then === "none") return;
  if (sheet.visible.includes(place.row)) selection.goTo(place.row, place.column);
  else return selection.refresh(true);
  if (then === "down") selection.step(1, 0);
  else if (then === "next") selection.stepOn(1);
  else if (then === "previous") selection.stepOn(-1);
}

function startEdit(row, column, options) {
  selection.goTo(row, column);
  editor.start(emptyCell(row, column), { row, column }, String(row.shown(column)), options);
}

function tick(row, column) {
  const on = !ticked(row.shown(column));
  edit(on ? "tick" : "untick", [{ row, column, value: on }]);
}

export function take({ grid }) {
  serverAnswered();
  if (!grid) return;
  const hadFocus = table().contains(document.activeElement);
  columnsWait = takeRows(grid) || columnsWait;
  redraw(hadFocus);
  // With the first sheet there is, which the first answer need not have.
  bringBack();
}

// How many edits wait for a server that does not answer.
export const notSaved = () => unsaved().length;

// Before the page begins anew with another life of the stack.
export function keepWritten() {
  carryOver(editor.written);
  carried = true;
}

function redraw(hadFocus = table().contains(document.activeElement)) {
  if (columnsWait && !editor.open) {
    columnsWait = false;
    chooseColumns(all());
    drawHeader();
  }
  const used = filtered() ? [selection.here()?.row].filter((row) => row && hadFocus && !row.gone) : [];
  tellShown(draw(editor, used));
  selection.refresh(hadFocus && !editor.open);
}

function newRow(values = {}) {
  const column = (kind) => sheet.header.find((name) => kindOf(name) === kind);
  const channels = String(sheet.rows.map((row) => row.value(column("channels"))).find(Boolean) ?? "");
  const usual = { date: isoDay(new Date(now().getTime() + 86400000)), time: "12:00", channels };
  const start = Object.fromEntries(Object.entries(usual).filter(([kind]) => column(kind)).map(([kind, value]) => [column(kind), value]));
  return addRows("add a row", null, [{ ...start, ...values }]).then(([row]) => row);
}

async function addRow() {
  const row = await newRow();
  const text = sheet.columns.find((name) => kindOf(name) === "text");
  if (row && text) {
    showUpTo(row);
    redraw();
    startEdit(row, text);
  }
}

// An empty row has no place in a sheet that is known by its content, so it comes with the day of the row beside it.
async function insertRow(at) {
  const beside = sheet.rows[at - 1] ?? sheet.rows[at];
  const days = ["date", "time", "channels"].map((kind) => sheet.header.find((name) => kindOf(name) === kind)).filter(Boolean);
  const values = Object.fromEntries(days.map((name) => [name, beside?.value(name) ?? ""]));
  if (!Object.values(values).some(Boolean)) return addRow();
  const [row] = await addRows("insert a row", at >= sheet.rows.length ? null : at, [values]);
  const text = sheet.columns.find((name) => kindOf(name) === "text");
  if (row && text) startEdit(row, text);
}

async function putPictures(row, column, names) {
  if (editor.open && editor.row === row && editor.column === column) return editor.add(names.join(", "));
  const before = String(row.shown(column)).trim().replace(/[,;]$/, "");
  const there = new Set(imageNames(before)); // its name was written first, and the status asked for the file
  const added = [...new Set(names)].filter((name) => !there.has(name));
  if (!added.length) return;
  await edit(added.length > 1 ? "add pictures" : "add a picture", [{ row, column, value: [before, ...added].filter(Boolean).join(", ") }], { literally: true });
}

export function toRow(id) {
  const row = sheet.rows.find((one) => one.id === id);
  if (!row) return notice("This post is no longer in the sheet.");
  go("sheet");
  if (!sheet.visible.includes(row)) {
    emptyFilter();
    filterBy({ query: "", status: "", only: null });
    showUpTo(row);
    redraw();
  }
  selection.goTo(row, sheet.columns.find((name) => kindOf(name) === "text") ?? sheet.columns[0]);
  lineOf(row).scrollIntoView({ block: "center" });
  flash([lineOf(row)], "found");
}

const emptyFilter = () => { document.getElementById("find").value = document.getElementById("find-status").value = ""; };

// Nothing but the rows of these posts, called `name`; null for all rows again.
export function onlyRows(ids, name = "") {
  go("sheet");
  emptyFilter();
  filterBy({ query: "", status: "", only: ids && { ids: new Set(ids), name } });
  redraw(false);
  document.getElementById("sheet-scroll").scrollTop = 0;
}

function showPlaces(places) {
  redraw();
  const rows = [...new Set(places.map(({ row }) => row))].filter((row) => !row.gone);
  keepShown(rows);
  const columns = sheet.columns.filter((column) => places.some((place) => place.column === column || !place.column));
  if (rows.length === 1 && columns.length === 1) selection.goTo(rows[0], columns[0]);
  else if (rows.length && columns.length) selection.select(rows, columns);
}

function tellRange() {
  const { rows, columns } = selection.range();
  const place = document.getElementById("sheet-range");
  const text = selection.several() ? `${rows.length} × ${columns.length} selected` : "";
  if (place.textContent !== text) place.textContent = text;
}

export function start({ look }) {
  addEventListener("beforeunload", (event) => { if (!carried && (notSaved() || editor.written)) event.preventDefault(); });
  const box = document.getElementById("all-columns");
  box.checked = localStorage.getItem("all-columns") === "yes";
  box.addEventListener("change", () => {
    localStorage.setItem("all-columns", box.checked ? "yes" : "no");
    columnsWait = true;
    redraw();
  });
  startActs(look, () => redraw());
  startUndo(look, showPlaces);
  startKeys(editor, { tick, startEdit });
  startCopying(editor, (rows, columns) => selection.select(rows, columns));
  startPictures({ put: putPictures, newRow: () => newRow(), redrawCell: (row, column) => fillCell(row, column, editor) });
  startTools(() => redraw(), insertRow);
  startMore(() => redraw());
  selection.onChange(tellRange);
  document.getElementById("add-row").addEventListener("click", addRow);
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    go("sheet");
    const { row, column } = selection.here() ?? {};
    (row ? cellOf(row, column) : document.getElementById("find")).focus();
  });
}
