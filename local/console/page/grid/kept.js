// What was written and not saved when the stack was started anew: carried over into the page that begins with it.

import { notice, short } from "../ask.js";
import { addKept, edit, unsaved } from "./acts.js";
import { sheet } from "./rows.js";

const PLACE = "written";

const waiting = () => JSON.parse(sessionStorage.getItem(PLACE) ?? "[]");

// What an earlier life left and no sheet has taken yet goes along. `open` is the cell that is being written, {row, column, value}, or null.
export function carryOver(open) {
  const written = [...unsaved(), ...(open ? [open] : [])].map(({ row, column, value }) => ({ id: row.id, own: row.own, column, value }));
  sessionStorage.setItem(PLACE, JSON.stringify([...waiting(), ...written]));
}

// To its row, where the new stack has it; else it is told and can be had as a new one.
export function bringBack() {
  if (sessionStorage.getItem(PLACE) === null) return;
  const written = waiting();
  sessionStorage.removeItem(PLACE);
  notice("The stack was started anew. This is how it stands now.");
  const found = written.map((one) => ({ ...one, row: sheet.rows.find((row) => (one.id ? row.id === one.id : alike(row.own, one.own))) }));
  const back = found.filter(({ row }) => row);
  if (back.length) edit("what was not saved", back.map(({ row, column, value }) => ({ row, column, value })));
  const homeless = new Map();
  for (const { row, own, id, column, value } of found) {
    const key = id || JSON.stringify(own);
    if (!row) homeless.set(key, { ...homeless.get(key), [column]: value });
  }
  for (const values of homeless.values()) {
    notice(`The stack was started anew while you wrote “${short(Object.values(values)[0])}”. That row is not in its sheet.`, {
      wrong: true, stays: true, acts: [["Keep it as a new row", () => addKept([values])], ["Leave it", () => {}]],
    });
  }
}

const alike = (one, other) => JSON.stringify(one) === JSON.stringify(other);
