// The owner's acts of this visit, to be undone and done again. Nothing here knows of the sheet.

const LONGEST = 100;
let done = [];
let undone = [];
let told = () => {};

export const onHistory = (call) => { told = call; };
export const next = (way) => (way === "undo" ? done : undone).at(-1);

export function remember(act) {
  if (!act.edits.length && !act.added.length && !act.removed?.length && !act.sorted) return;
  done = [...done.slice(1 - LONGEST), act];
  undone = [];
  told();
}

// Takes the act away; `stepped` puts what came of it on the other side.
export function taken(way) {
  const act = (way === "undo" ? done : undone).pop();
  told();
  return act;
}

export function stepped(way, act) {
  (way === "undo" ? undone : done).push(act);
  told();
}

// A row that was deleted and is back is another row of the sheet, and the same one to whoever goes on undoing.
export function replaceRow(old, now) {
  for (const act of [...done, ...undone]) {
    for (const one of [...act.edits, ...(act.removed ?? [])]) if (one.row === old) one.row = now;
    for (const one of act.removed ?? []) if (one.behind === old) one.behind = now;
    act.added = act.added.map((row) => (row === old ? now : row));
  }
}
