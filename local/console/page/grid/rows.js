// The sheet as it was last seen. A Row stays the same object for as long as the row lives, wherever it moves: selection,
// open editor and history hold on to it, never to a number.

const THE_MESH_WRITES = ["post_id", "approved for", "status"];
const MAIN = ["date", "time", "text", "channels", "image", "approved", "status"];
const AT_ONCE = 1000;

export const kindOf = (column) => column.trim().toLowerCase();
export const writtenByTheMesh = (column) => THE_MESH_WRITES.includes(kindOf(column));
export const isTick = (column) => kindOf(column) === "approved";
export const isLong = (column) => ["text", "alt text", "note"].includes(kindOf(column)) || kindOf(column).startsWith("text:");

export class Row {
  constructor(cells) {
    this.cells = cells;
    this.index = -1; // In the sheet, from 0 under the header; -1 when it is gone.
    this.pending = new Map(); // Column -> what is on its way to the sheet.
    this.unsaved = new Set(); // Columns of those that wait for a server that does not answer.
    this.ours = new Map(); // Column -> what the sheet made of our last edit.
    this.uploads = [];
  }

  get id() { return String(this.cells.post_id ?? ""); }
  get gone() { return this.index < 0; }
  value(column) { return this.cells[column] ?? ""; }
  shown(column) { return this.pending.get(column) ?? this.value(column); }

  // What the owner wrote: by it a row is known until it has an id.
  get own() {
    return Object.fromEntries(sheet.header.filter((column) => !writtenByTheMesh(column)).map((column) => [column, this.value(column)]));
  }

  // As the console's API wants a row named.
  get place() { return { row: this.index, post_id: this.id, was: this.own }; }
}

export const sheet = { header: [], rows: [], choices: {}, columns: [], visible: [], left: 0, query: "", status: "", only: null };
let limit = AT_ONCE;
const sticky = new Set();

const look = (cells) => JSON.stringify(Object.entries(cells).filter(([column]) => !writtenByTheMesh(column) && !isTick(column)));

export function take(grid) {
  const columnsChanged = sheet.header.join("\n") !== grid.header.join("\n");
  sheet.header = grid.header;
  sheet.choices = grid.choices ?? {};
  const fresh = grid.rows.map((values) => Object.fromEntries(grid.header.map((column, place) => [column, values[place] ?? ""])));
  const before = sheet.rows;
  sheet.rows = matched(fresh, before);
  const now = new Set(sheet.rows);
  for (const row of before) if (!now.has(row)) row.index = -1;
  sheet.rows.forEach((row, index) => { row.index = index; });
  return columnsChanged;
}

// Each row of the new grid with the Row it was: by its id; without one by what it says, then by where it stands.
function matched(fresh, old) {
  const result = new Array(fresh.length).fill(null);
  const free = new Set(old);
  const give = (place, row) => {
    result[place] = row;
    row.cells = fresh[place];
    free.delete(row);
  };
  const byId = grouped(old.filter((row) => row.id), (row) => row.id);
  fresh.forEach((cells, place) => {
    const same = byId.get(String(cells.post_id ?? ""));
    if (same?.length) give(place, same.splice(Math.max(0, same.findIndex((row) => row.index === place)), 1)[0]);
  });
  const byLook = grouped(old.filter((row) => free.has(row) && !row.id), (row) => look(row.cells));
  fresh.forEach((cells, place) => {
    const same = result[place] ? null : byLook.get(look(cells));
    if (same?.length) give(place, same.splice(Math.max(0, same.findIndex((row) => row.index === place)), 1)[0]);
  });
  fresh.forEach((cells, place) => {
    if (result[place]) return;
    const there = old[place];
    if (there && free.has(there) && !there.id) give(place, there);
    else result[place] = new Row(cells);
  });
  return result;
}

function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return groups;
}

export function chooseColumns(all) {
  sheet.columns = all ? sheet.header : sheet.header.filter((column) => MAIN.includes(kindOf(column)));
  sheet.columns = all ? sheet.columns : MAIN.flatMap((kind) => sheet.columns.filter((column) => kindOf(column) === kind));
}

// A filter changes what is shown and nothing else. A row being worked on does not vanish because of what was typed.
// `only` is { ids, name } of some posts, or null. Told as the event "filter".
export function filterBy({ query = sheet.query, status = sheet.status, only = sheet.only }) {
  sheet.query = query;
  sheet.status = status;
  sheet.only = only;
  sticky.clear();
  limit = AT_ONCE;
  dispatchEvent(new Event("filter"));
}

export const keepShown = (rows) => { if (filtered()) for (const row of rows) sticky.add(row); };
export const filtered = () => sheet.query !== "" || sheet.status !== "" || sheet.only !== null;
export const showMore = () => { limit += AT_ONCE; };
export function showUpTo(row) {
  if (row.index >= limit) limit = row.index + AT_ONCE;
}

export function chooseVisible(stateOf, held = []) {
  const words = sheet.query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (row) => sticky.has(row) || held.includes(row) || (
    (!sheet.only || sheet.only.ids.has(row.id)) && (!sheet.status || stateOf(String(row.value("status"))) === sheet.status)
    && words.every((word) => sheet.header.some((column) => String(row.value(column)).toLowerCase().includes(word))));
  const found = filtered() ? sheet.rows.filter(fits) : sheet.rows;
  sheet.visible = found.length > limit ? found.slice(0, limit) : found;
  sheet.left = found.length - sheet.visible.length;
  return found.length;
}
