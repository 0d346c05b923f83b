// What the owner does to the sheet. One act at a time, in order, each sent whole and remembered, so that it can be undone.
// A row is named by its id wherever it is now; the history holds what the sheet showed before and after.

import { ask, notice, short } from "../ask.js";
import { next, remember, replaceRow } from "./history.js";
import { isTick, keepShown, kindOf, sheet, writtenByTheMesh } from "./rows.js";

let look = async () => {};
let redraw = () => {};
let last = Promise.resolve();

export function startActs(lookNow, drawNow) {
  look = lookNow;
  redraw = drawNow;
}

// Acts wait for each other: the second one sees what the first one left. Behind edits that nobody takes just now only edits wait.
export function inTurn(act, { patient = false } = {}) {
  if (waiting.size && !patient) {
    notice("This cannot be done while the sheet does not answer.", { wrong: true });
    return Promise.resolve();
  }
  last = last.then(act, act).catch((error) => { notice(error.message, { wrong: true }); });
  return last;
}

// `edits`: [{row, column, value, since}]; `since` is what the writer saw there when they began. What the sheet shows already is not sent.
export function edit(name, edits, { literally = false, more } = {}) {
  const wanted = edits.filter(({ row, column, value }) => !row.gone && row.shown(column) !== value).map((one) => ({ since: one.row.value(one.column), ...one }));
  if (!wanted.length && !more) return Promise.resolve();
  keepShown(wanted.map(({ row }) => row));
  for (const { row, column, value } of wanted) row.pending.set(column, value);
  if (waiting.size) keepWaiting(wanted, true);
  redraw();
  return inTurn(async () => {
    const act = { name, edits: [], added: [] };
    try {
      if (wanted.length) act.edits = await untilTaken(wanted, { literally });
      if (more) act.added = await sendRows([{ at: null, rows: more }], literally);
    } catch (error) {
      await refused(wanted.length && !act.edits.length ? wanted : [], error, () => edit(name, edits, { literally, more }));
    }
    remember(act);
    await settle(wanted);
    tellOthers(act.edits);
  }, { patient: true });
}

// Edits that no server took yet, each with its row: kept, shown as such, and sent again with every answer until one does.
const waiting = new Set();
let answered = () => {};
export const unsaved = () => [...waiting];
export const serverAnswered = () => answered();

async function untilTaken(edits, options) {
  for (;;) {
    try {
      return await sendEdits(edits, options);
    } catch (error) {
      if (!error.away) throw error;
      const next = new Promise((done) => { answered = done; });
      keepWaiting(edits, true);
      await next;
    } finally {
      keepWaiting(edits, false);
    }
  }
}

function keepWaiting(edits, wait) {
  for (const one of edits) {
    if (wait) waiting.add(one);
    else waiting.delete(one);
    one.row.unsaved[wait ? "add" : "delete"](one.column);
  }
  if (wait) redraw();
}

// What was refused stays to be had: said until it is read, with a way to try again. It may have been taken and the answer lost.
async function refused(edits, error, again) {
  keepWaiting(edits, true); // Until it is said: the look may find another life of the stack, and what waits is carried over to it.
  await look();
  keepWaiting(edits, false);
  forgetPending(edits);
  const missing = edits.filter(({ row, column, value }) => row.gone || String(row.value(column)) !== String(value));
  if (edits.length && !missing.length) return;
  const said = missing.length === 1 ? ` You wrote “${short(missing[0].value)}”.` : "";
  const rows = [...new Set(missing.filter(({ row }) => row.gone).map(({ row }) => row))];
  const kept = rows.map((gone) => Object.fromEntries(missing.filter(({ row }) => row === gone).map(({ column, value }) => [column, value])));
  const way = rows.length ? [rows.length > 1 ? "Keep them as new rows" : "Keep it as a new row", () => addKept(kept)] : ["Try again", again];
  notice(`Not saved: ${error.message}${said}`, { wrong: true, stays: true, acts: [way, ["Leave it", () => {}]] });
}

// The last writer's word stands; what somebody else wrote there meanwhile is told, and can be had back.
function tellOthers(edits) {
  const lost = edits.filter(({ row, before, since, value, ours }) => !row.gone && ![since, value, ours].map(String).includes(String(before)));
  if (!lost.length) return;
  const [{ row, column, before, value }] = lost;
  const sentence = lost.length > 1
    ? `Somebody changed ${lost.length} of these cells while you did. Yours stand.`
    : `Somebody wrote ${before === "" ? "nothing" : `“${short(before)}”`} into ${column} of row ${row.index + 2} while you wrote “${short(value)}”. Yours stands.`;
  const take = () => edit("take theirs", lost.map((one) => ({ row: one.row, column: one.column, value: one.before })), { literally: true });
  notice(sentence, { stays: true, acts: [["Take theirs", take], ["Keep mine", () => {}]] });
}

async function settle(edits) {
  await look();
  forgetPending(edits);
  redraw();
}

function forgetPending(edits) {
  for (const { row, column, value } of edits) if (row.pending.get(column) === value) row.pending.delete(column);
}

// Sends and answers the same edits with `before` and `after`: what the cell showed, and what it shows now.
async function sendEdits(edits, { literally = false } = {}) {
  const answer = await ask("/api/cells", { method: "POST", body: {
    edits: edits.map(({ row, column, value }) => ({ ...row.place, column, value: literally ? literal(column, value) : value })),
  } });
  return edits.map(({ row, column, value, since }, place) => {
    const after = answer.shown[place] ?? value;
    const ours = row.ours.get(column);
    row.cells[column] = after;
    row.ours.set(column, after);
    return { row, column, value, since, ours, before: answer.before[place], after };
  });
}

// `groups`: [{at, rows: [{column: value}], replaces: [Row]}], `at` a place in the sheet or null for its end. Answers the Rows
// that came of it; in the history they stand for those that they replace.
export async function sendRows(groups, literally = true) {
  const added = [];
  for (const { at, rows, replaces = [] } of groups) {
    const known = new Set(sheet.rows);
    const typed = rows.map((values) => Object.fromEntries(Object.entries(values).map(([column, value]) => [column, literally ? literal(column, value) : value])));
    const answer = await ask("/api/rows", { method: "POST", body: { at, rows: typed } });
    await look();
    const fresh = sheet.rows.filter((row) => !known.has(row));
    rows.forEach((values, place) => {
      const shown = answer.shown[place] ?? values;
      const found = fresh.findIndex((row) => Object.keys(values).every((column) => row.value(column) === shown[column]));
      const [made] = fresh.splice(Math.max(0, found), 1);
      if (!made) return;
      if (replaces[place]) replaceRow(replaces[place], made);
      added.push(made);
    });
  }
  keepShown(added);
  return added;
}

// Deletes are remembered with the row that stood before, so that they come back to their place.
export async function sendDeletes(rows) {
  const removed = rows.map((row) => ({ row, values: ownersValues(row), index: row.index, behind: sheet.rows[row.index - 1] ?? null }));
  await ask("/api/rows", { method: "DELETE", body: { rows: rows.map((row) => row.place) } });
  return removed;
}

export function addRows(name, at, rows) {
  let added = [];
  return inTurn(async () => {
    added = await sendRows([{ at, rows }]);
    remember({ name, edits: [], added });
    redraw();
  }).then(() => added);
}

// Words that have no row any more are offered as a new one until they are. `add` answers whether there is one now.
export async function untilKept(words, add) {
  if (await add()) return;
  notice(`Not kept yet: “${short(words)}”.`, { wrong: true, stays: true, acts: [["Try again", () => untilKept(words, add)], ["Leave it", () => {}]] });
}

export const addKept = (rows) => untilKept(Object.values(rows[0])[0], () => addRows("add a row", null, rows).then((added) => added.length > 0));

export function deleteRows(rows) {
  if (!rows.length) return Promise.resolve();
  return inTurn(async () => {
    const act = { name: rows.length > 1 ? `delete ${rows.length} rows` : "delete a row", edits: [], added: [], removed: await sendDeletes(rows) };
    remember(act);
    await look();
    notice(rows.length > 1 ? `${rows.length} rows are deleted.` : "The row is deleted.", {
      undo: () => (next("undo") === act ? document.getElementById("undo").click() : notice("Other things were done since. Undo goes back through them, one by one.")),
    });
  });
}

export function sort(column, descending) {
  return inTurn(async () => {
    // A day's posts stand in the order of their hours.
    const then = kindOf(column) === "date" ? sheet.header.find((name) => kindOf(name) === "time") : undefined;
    await ask("/api/sort", { method: "POST", body: { column, then, descending } });
    remember({ name: `sort by ${column}`, sorted: true, edits: [], added: [] });
    await look();
    notice(`The sheet is sorted by ${column}, ${descending ? "Z to A, latest first" : "A to Z, earliest first"}.`);
  });
}

// What of a row can be had again: neither its id nor its approval.
export function ownersValues(row) {
  return Object.fromEntries(sheet.header.filter((column) => !writtenByTheMesh(column) && !isTick(column) && row.shown(column) !== "").map((column) => [column, row.shown(column)]));
}

// A text that was in the sheet already goes back as it was: without the apostrophe "=…" would be a formula, "0049" a number.
export function literal(column, value) {
  const typed = typeof value !== "string" || ["date", "time"].includes(column.trim().toLowerCase());
  const risky = !typed && (/^[='+\-@]/.test(value) || /^(true|false)$/i.test(value.trim()) || (value.length <= 40 && /\d/.test(value)));
  return risky ? `'${value}` : value;
}
