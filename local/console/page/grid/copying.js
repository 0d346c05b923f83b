// Copy, cut and paste of ranges, to and from other spreadsheets.

import { notice } from "../ask.js";
import { addRows, edit, ownersValues } from "./acts.js";
import { fromHtml, fromText, toHtml, toText } from "./clips.js";
import { ticked } from "./content.js";
import { addPictures } from "./pictures.js";
import { isTick, kindOf, sheet, writtenByTheMesh } from "./rows.js";
import { here, range, several, wholeRows } from "./selection.js";

let copied = null; // What was last copied here: {text, rows: [own values]}; the clipboard of others knows no rows.
let select = () => {};

const shownText = (row, column) => (isTick(column) ? (ticked(row.shown(column)) ? "TRUE" : "FALSE") : String(row.shown(column)));

function cells() {
  const { rows, columns } = range();
  return rows.map((row) => columns.map((column) => shownText(row, column)));
}

function copy(event) {
  const values = cells();
  if (!values.length) return;
  const text = toText(values);
  event.clipboardData.setData("text/plain", text);
  event.clipboardData.setData("text/html", toHtml(values));
  copied = { text, rows: wholeRows() ? range().rows.map(ownersValues) : [] };
  event.preventDefault();
  const count = values.length * values[0].length;
  notice(copied.rows.length ? `${said(copied.rows.length, "row")} copied. “Insert copied rows” in the menu puts ${copied.rows.length > 1 ? "them" : "it"} in as new.` : `${said(count, "cell")} copied.`);
}

const said = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

export function clear(name = "clear") {
  const { rows, columns } = range();
  const edits = rows.flatMap((row) => columns.filter((column) => !writtenByTheMesh(column)).map((column) => ({ row, column, value: isTick(column) ? false : "" })));
  if (!edits.length) return notice("The mesh writes these columns.");
  edit(name, edits.filter(({ row, column, value }) => (isTick(column) ? ticked(row.shown(column)) : row.shown(column) !== value)));
}

export function fillDown() {
  const { rows, columns } = range();
  const source = several() ? rows[0] : sheet.visible[sheet.visible.indexOf(rows[0]) - 1];
  const targets = several() ? rows.slice(1) : rows;
  if (!source || !targets.length) return;
  const free = columns.filter((column) => !writtenByTheMesh(column) && !isTick(column));
  edit("fill down", targets.flatMap((row) => free.map((column) => ({ row, column, value: source.shown(column) }))), { literally: true });
  if (free.length < columns.length) notice("Filled down; ticks and what the mesh writes are never filled.");
}

function paste(event) {
  const data = event.clipboardData;
  const text = data.getData("text/plain");
  const own = copied !== null && copied.text === text.replaceAll("\r\n", "\n");
  if (!text && data.files.length) {
    event.preventDefault();
    return addPictures(here().row, [...data.files]);
  }
  const values = fromHtml(data.getData("text/html")) ?? (text ? fromText(text) : null);
  if (!values) return;
  event.preventDefault();
  pasteCells(values, own);
}

// One cell fills the range; a range that holds the copied one some whole times is filled with it; else it is put in once.
function pasteCells(values, own = false) {
  const { rows, columns } = range();
  if (!rows.length) return;
  const [high, wide] = [values.length, values[0].length];
  const tiled = rows.length % high === 0 && columns.length % wide === 0;
  const [downs, rights] = tiled ? [rows.length, columns.length] : [high, wide];
  const firstRow = sheet.visible.indexOf(rows[0]);
  const firstColumn = sheet.columns.indexOf(columns[0]);
  const names = sheet.columns.slice(firstColumn, firstColumn + rights);
  const edits = [];
  const more = [];
  const left = new Set();
  for (let down = 0; down < downs; down += 1) {
    const row = sheet.visible[firstRow + down];
    const newValues = {};
    names.forEach((column, right) => {
      const value = readable(column, values[down % high][right % wide], left);
      if (value === undefined) return;
      if (row) edits.push({ row, column, value });
      else if (value !== "" && value !== false) newValues[column] = value;
    });
    if (!row && Object.keys(newValues).length) more.push(newValues);
  }
  if (rights > names.length) left.add(`the last ${said(rights - names.length, "column")}: the sheet ends there`);
  select(sheet.visible.slice(firstRow, firstRow + downs), names);
  const mark = here();
  edit("paste", edits, { literally: own, more: more.length ? more : undefined }).then(() => {
    // Whoever has gone on meanwhile is not brought back.
    if (more.length && here() === mark) select(sheet.visible.slice(firstRow, firstRow + downs), names);
    const added = more.length ? ` ${said(more.length, "row")} added.` : "";
    if (left.size || more.length) notice(`Pasted.${added}${left.size ? ` Left out: ${[...left].join("; ")}.` : ""}`, { wrong: left.size > 0 && !edits.length && !more.length });
  });
}

// What a column takes of a pasted text; undefined where it takes nothing.
function readable(column, text, left) {
  if (writtenByTheMesh(column)) {
    left.add(`${column}, which the mesh writes`);
    return undefined;
  }
  if (!isTick(column)) return kindOf(column) === "text" ? text : text.trim() === "" ? "" : text;
  if (/^(true|1|yes|x|✓|☑|wahr|ja)$/i.test(text.trim())) return true;
  if (/^(false|0|no|☐|falsch|nein|)$/i.test(text.trim())) return false;
  left.add(`approved, which takes TRUE or FALSE`);
  return undefined;
}

export const hasCopiedRows = () => Boolean(copied?.rows.length);

// New posts with the same words: they bring neither id nor approval along.
export function insertCopied() {
  if (!hasCopiedRows()) return notice("No whole row is copied. Select one with Shift+Space and copy it.");
  insert(copied.rows, here()?.row.index ?? null);
}

export function duplicate() {
  const { rows } = range();
  if (rows.length) insert(rows.map(ownersValues), rows.at(-1).index + 1);
}

function insert(rows, at) {
  const filled = rows.filter((values) => Object.keys(values).length);
  if (!filled.length) return notice("The copied row is empty.");
  addRows(`insert ${said(filled.length, "row")}`, at === null || at >= sheet.rows.length ? null : at, filled).then((added) => {
    if (!added.length) return;
    select(added, sheet.columns);
    notice(`${said(added.length, "new row")}, not approved yet.`);
  });
}

// The menu has no clipboard of its own: the browser is asked, and may say no.
export async function pasteByMenu() {
  try {
    const text = await navigator.clipboard.readText();
    pasteCells(fromText(text), copied?.text === text.replaceAll("\r\n", "\n"));
  } catch {
    notice("This browser keeps the clipboard to itself. Press Ctrl+V (⌘V) instead.");
  }
}

export function startCopying(editor, selectCells) {
  select = selectCells;
  const mine = (event) => !editor.open && here() && event.target.closest?.("#grid tbody");
  addEventListener("copy", (event) => { if (mine(event)) copy(event); });
  addEventListener("cut", (event) => {
    if (!mine(event)) return;
    copy(event);
    clear("cut");
  });
  addEventListener("paste", (event) => { if (mine(event)) paste(event); });
}

