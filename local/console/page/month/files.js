// The hands of the load view: a file is read, a picture is put into the folder, rows are put into the sheet, as if they were typed.

import { notice } from "../ask.js";
import { addRows, deleteRows } from "../grid/acts.js";
import { next } from "../grid/history.js";
import { sheet } from "../grid/rows.js";
import { CLOCK, ISO_DAY } from "./entries.js";

const MAX_BYTES = 40_000_000;
let look = async () => {};
let go = () => {};

export function adding(desk) {
  look = desk.look;
  go = desk.go;
}

async function sent(path, method, file) {
  if (file.size > MAX_BYTES) throw new Error(`${file.name} has ${Math.ceil(file.size / 1e6)} MB; at most 40 MB are taken.`);
  let answer;
  try {
    answer = await fetch(path, { method, body: file, headers: { "Content-Type": "application/octet-stream" } });
  } catch {
    throw new Error(`${file.name} could not be read: it was changed or moved, or the console does not answer. Give it again.`);
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error ?? `The console answered ${answer.status}.`);
  return said;
}

export function readFile(file, options) {
  const query = new URLSearchParams({ name: file.name, ...options });
  return sent(`/api/calendar/look?${query}`, "POST", file);
}

export async function addPicture(file) {
  return (await sent(`/api/files/${encodeURIComponent(file.name)}`, "PUT", file)).name;
}

// A date or time that nobody could read stays the text that it is: the sheet would make a day of 03/04/2027, and guess which.
function asTyped(values) {
  const readable = { date: ISO_DAY, time: CLOCK };
  return Object.fromEntries(Object.entries(values).map(([column, value]) => {
    const pattern = readable[column.trim().toLowerCase()];
    return [column, pattern && !pattern.test(value) ? `'${value}` : value];
  }));
}

// `instead`: the rows that are there go first. Both are acts of the grid, so that its Undo takes them back.
export async function putIn(name, rows, instead) {
  const before = [...sheet.rows];
  if (instead) await deleteRows(before);
  if (instead && before.some((row) => !row.gone)) return;
  const added = await addRows(`add ${rows.length} rows of ${name}`, null, rows.map(({ values }) => asTyped(values)));
  const undo = () => document.getElementById("undo").click();
  const replaced = instead && before.length > 0;
  if (!added.length) {
    if (replaced) notice("The old rows are out of the sheet, and the file’s are not to be seen in it.", { wrong: true, stays: true, acts: [["Bring the old rows back", undo], ["Leave it", () => {}]] });
    return;
  }
  const act = next("undo");
  const many = added.length === 1 ? "1 row is" : `${added.length} rows are`;
  const label = replaced ? "Bring the old rows back" : added.length === 1 ? "Take it out again" : "Take them out again";
  notice(`${many} in the sheet.`, { label, act: () => {
    if (next("undo") === act) {
      undo();
      if (replaced) undo();
    } else notice("Other things were done since. Undo, above the sheet, goes back through them one by one.", { label: "To the sheet", act: () => go("sheet") });
  } });
  await look();
}
