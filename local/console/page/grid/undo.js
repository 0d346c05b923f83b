// Undo and redo. A cell is touched only while it shows what the act left there: what the mesh or somebody else changed since
// stays, and that is said.

import { ask, notice } from "../ask.js";
import { inTurn, literal, ownersValues, sendDeletes, sendRows } from "./acts.js";
import { next, onHistory, stepped, taken } from "./history.js";
import { sheet } from "./rows.js";

let look = async () => {};
let shown = () => {};

export function undo() { return inTurn(() => step("undo")); }
export function redo() { return inTurn(() => step("redo")); }

async function step(way) {
  const act = taken(way);
  if (!act) return notice(way === "undo" ? "There is nothing to undo." : "There is nothing to do again.");
  if (act.sorted) return notice("A sort is not undone. Sort by date and time to have the usual order; your earlier edits can still be undone.");
  let mirrored;
  try {
    mirrored = way === "undo" ? await undone(act) : await redone(act);
  } catch (error) {
    stepped(way === "undo" ? "redo" : "undo", act);
    throw error;
  }
  const { edits, added, removed, left } = mirrored;
  if (edits.length || added.length || removed.length) stepped(way, { name: act.name, edits, added, removed });
  await look();
  shown([...edits.map(({ row, column }) => ({ row, column })), ...(way === "undo" ? removed.map(({ row }) => ({ row })) : added.map((row) => ({ row })))]);
  say(way, act, left);
}

// Answers the act as it would be done again: only what was really undone is in it.
async function undone(act) {
  const left = [];
  const added = await takeAway(act.added, left);
  const removed = await putBack(act.removed ?? [], left);
  const edits = await change(act.edits, "after", "before", left);
  return { edits, added, removed, left };
}

async function redone(act) {
  const left = [];
  const edits = await change(act.edits, "before", "after", left);
  const back = act.added.length ? await sendRows([{ at: null, rows: act.added.map((row) => row.kept ?? ownersValues(row)), replaces: act.added }]) : [];
  const removed = (act.removed ?? []).filter(({ row }) => !row.gone);
  return { edits, added: back, removed: removed.length ? await sendDeletes(removed.map(({ row }) => row)) : [], left };
}

async function change(edits, from, to, left) {
  const alive = edits.filter(({ row, column }) => {
    if (row.gone) left.push(`row gone: ${column}`);
    return !row.gone;
  });
  if (!alive.length) return [];
  const answer = await ask("/api/cells", { method: "POST", body: { strict: true, edits: alive.map((one) => ({
    ...one.row.place, was: { ...one.row.own, [one.column]: one[from] }, column: one.column, value: literal(one.column, one[to]),
  })) } });
  const kept = new Set(answer.kept);
  for (const place of kept) left.push(`row ${alive[place].row.index + 2}: ${alive[place].column}`);
  return alive.filter((_, place) => !kept.has(place)).map((one) => {
    const { row, column } = one;
    const place = alive.indexOf(one);
    row.cells[column] = answer.shown[place] ?? one[to];
    return { ...one, [to]: row.cells[column] };
  });
}

// Rows that the act added go again, if they still say what they said.
async function takeAway(rows, left) {
  const alive = rows.filter((row) => !row.gone);
  if (!alive.length) return [];
  for (const row of alive) row.kept = ownersValues(row);
  const answer = await ask("/api/rows", { method: "DELETE", body: { strict: true, rows: alive.map((row) => row.place) } });
  for (const place of answer.kept) left.push(`row ${alive[place].index + 2}`);
  return alive.filter((_, place) => !answer.kept.includes(place));
}

// Rows that the act deleted come back to where they were: behind the row they followed, else at their old number.
async function putBack(removed) {
  const back = [];
  const groups = [];
  for (const one of [...removed].sort((a, b) => a.index - b.index)) {
    const previous = groups.at(-1)?.members.at(-1);
    if (previous && one.index === previous.index + 1) groups.at(-1).members.push(one);
    else groups.push({ members: [one] });
  }
  for (const { members } of groups) {
    const [first] = members;
    const at = first.behind && !first.behind.gone ? first.behind.index + 1 : Math.min(first.index, sheet.rows.length);
    const olds = members.map(({ row }) => row);
    const rows = await sendRows([{ at: at >= sheet.rows.length ? null : at, rows: members.map(({ values }) => values), replaces: olds }]);
    rows.forEach((row, place) => back.push({ ...members[place], row }));
  }
  return back;
}

function say(way, act, left) {
  const word = way === "undo" ? "Undone" : "Done again";
  if (left.length) {
    const some = left.length > 4 ? `${left.slice(0, 4).join(", ")} and ${left.length - 4} more` : left.join(", ");
    notice(`${word}: ${act.name}. ${left.length === 1 ? "One place was" : `${left.length} places were`} changed since and stay as they are (${some}).`, { wrong: true });
  } else if (way === "undo" && act.removed?.length) notice(`${act.removed.length > 1 ? "The rows are" : "The row is"} back, to be approved anew.`);
  else notice(`${word}: ${act.name}.`);
}

export function startUndo(lookNow, showPlaces) {
  look = lookNow;
  shown = showPlaces;
  const buttons = { undo: document.getElementById("undo"), redo: document.getElementById("redo") };
  buttons.undo.addEventListener("click", undo);
  buttons.redo.addEventListener("click", redo);
  const tell = () => {
    for (const [way, button] of Object.entries(buttons)) {
      const act = next(way);
      button.setAttribute("aria-disabled", String(!act));
      button.title = act ? `${way === "undo" ? "Undo" : "Do again"}: ${act.name}` : "";
    }
  };
  onHistory(tell);
  tell();
}
