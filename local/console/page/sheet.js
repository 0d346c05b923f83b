// The sheet: shows the grid, keeps the place of whoever is in it, and hands edits on.

import { ask, element, linked, notice } from "./ask.js";
import { Editor } from "./editor.js";
import { isoDay, sheetDay } from "./times.js";
import { now } from "./clock.js";

const MAIN = ["date", "time", "text", "channels", "image", "approved", "status"];
const THE_MESH_WRITES = ["post_id", "approved for", "status"];
const MARKS = [
  [/^posted|^sent/i, "posted"], [/^booked|^queued|^sending|^goes out/i, "booked"], [/^wait|^draft|^new|^read|^ask/i, "waiting"],
  [/^held|^on hold|^hold/i, "held"], [/./, "wrong"],
];

let header = [];
let rows = [];
let columns = [];
let active = { row: 0, column: "date" };
let look = () => {};
let focusNewest = false;
const pending = new Map();

const table = () => document.getElementById("grid");
const body = () => table().tBodies[0];
const valueAt = (row, column) => rows[row]?.[header.indexOf(column)] ?? "";
const postId = (row) => String(valueAt(row, "post_id"));
const editable = (column) => !THE_MESH_WRITES.includes(column);
const cellAt = (row, column) => body().rows[row]?.querySelector(`[data-column="${CSS.escape(column)}"]`);

export function showGrid(grid) {
  const moved = header.join() !== grid.header.join();
  const keep = document.activeElement?.closest?.("#grid") ? postId(active.row) : "";
  header = grid.header;
  rows = grid.rows;
  document.getElementById("sheet-nothing").textContent = "The sheet has no rows yet. Add one.";
  document.getElementById("sheet-nothing").hidden = rows.length > 0;
  if (moved) chooseColumns();
  draw();
  const place = keep ? rows.findIndex((_, row) => postId(row) === keep) : -1;
  if (place >= 0 && place !== active.row && !editor.open) focusCell(place, active.column);
  if (focusNewest && rows.length) {
    focusNewest = false;
    focusCell(rows.length - 1, "text");
    startEdit(rows.length - 1, "text");
  }
}

function chooseColumns() {
  const all = document.getElementById("all-columns").checked;
  columns = all ? header : MAIN.filter((column) => header.includes(column));
  const names = columns.map((column) => element("th", { scope: "col", role: "columnheader", class: classOf(column), textContent: column }));
  const corner = element("th", { scope: "col", role: "columnheader", class: "number" }, element("span", { textContent: "", "aria-label": "row" }));
  const last = element("th", { scope: "col", role: "columnheader", class: "col-remove", "aria-label": "remove" });
  table().tHead.replaceChildren(element("tr", { role: "row" }, corner, ...names, last));
  body().replaceChildren();
}

const classOf = (column) => `col-${["post_id", ...MAIN, "alt text", "link", "approved for", "note"].includes(column) ? column.replace(" ", "-") : "other"}`;

function draw() {
  while (body().rows.length > rows.length) body().lastElementChild.remove();
  while (body().rows.length < rows.length) body().append(makeRow(body().rows.length));
  rows.forEach((_, row) => {
    for (const column of columns) fillCell(row, column);
    numberRow(row);
    body().rows[row].classList.toggle("same-day", row > 0 && valueAt(row, "date") === valueAt(row - 1, "date"));
  });
  table().setAttribute("aria-rowcount", rows.length + 1);
  if (!body().querySelector('[tabindex="0"]')) cellAt(0, columns[0])?.setAttribute("tabindex", "0");
}

// The row's number opens what each network will show of it, once it has an id.
function numberRow(row) {
  const place = body().rows[row].querySelector("th.number");
  const id = postId(row);
  if (place.dataset.post === id) return;
  place.dataset.post = id;
  const number = String(row + 2);
  place.replaceChildren(id ? element("a", { href: `/preview/${encodeURIComponent(id)}`, target: "_blank", rel: "noopener", tabIndex: -1, textContent: number, title: "As each network will show it" }) : number);
}

function makeRow(row) {
  const cells = columns.map((column) => {
    const cell = element("td", { role: "gridcell", tabIndex: -1, class: `${classOf(column)} ${editable(column) ? "editable" : ""}` });
    cell.dataset.column = column;
    cell.dataset.label = column;
    cell.setAttribute("aria-readonly", String(!editable(column)));
    return cell;
  });
  const remove = element("button", { type: "button", class: "remove", tabIndex: -1, textContent: "✕", title: "Delete this row", "aria-label": `Delete row ${row + 2}` });
  return element("tr", { role: "row", "aria-rowindex": row + 2 },
    element("th", { role: "rowheader", class: "number", textContent: row + 2 }), ...cells,
    element("td", { role: "gridcell", class: "col-remove" }, remove));
}

function fillCell(row, column) {
  const cell = cellAt(row, column);
  if (!cell || editor.isIn(cell)) return;
  const waiting = pending.get(`${row}|${postId(row)}|${column}`);
  const value = waiting ?? valueAt(row, column);
  const key = `${typeof value}:${value}`;
  cell.classList.toggle("saving", waiting !== undefined);
  if (cell.dataset.shown === key) return;
  const first = cell.dataset.shown === undefined;
  cell.dataset.shown = key;
  cell.replaceChildren(content(row, column, value));
  if (column === "status") {
    const mark = value ? MARKS.find(([pattern]) => pattern.test(value))[1] : "";
    cell.className = `${classOf(column)} ${mark && `mark-${mark}`}`;
    if (!first) flash(cell);
  }
}

function flash(cell) {
  cell.classList.remove("fresh");
  void cell.offsetWidth; // Restarts the animation.
  cell.classList.add("fresh");
}

function content(row, column, value) {
  if (column === "approved") {
    return element("input", { type: "checkbox", tabIndex: -1, checked: value === true || value === "TRUE", "aria-label": `Approved, row ${row + 2}` });
  }
  const text = String(value);
  if (column === "image" && text) {
    const picture = element("img", { src: `/api/files/${encodeURIComponent(text)}`, alt: "", loading: "lazy" });
    picture.addEventListener("error", () => picture.remove());
    return element("div", { class: "value picture", title: text }, picture, element("span", { textContent: text }));
  }
  if (column === "date") return element("div", { class: "value", textContent: sheetDay(text), title: text });
  return element("div", { class: "value" }, column === "status" || column === "link" ? linked(text) : text);
}

// Moving and editing ------------------------------------------------------------------------------------------------

export function focusCell(row, column) {
  row = Math.max(0, Math.min(rows.length - 1, row));
  body().querySelector('td[tabindex="0"]')?.setAttribute("tabindex", "-1");
  active = { row, column };
  const cell = cellAt(row, column);
  cell?.setAttribute("tabindex", "0");
  cell?.focus({ preventScroll: false });
}

function step(columnStep) {
  const place = columns.indexOf(active.column) + columnStep;
  if (place >= columns.length && active.row < rows.length - 1) focusCell(active.row + 1, columns[0]);
  else if (place < 0 && active.row > 0) focusCell(active.row - 1, columns.at(-1));
  else focusCell(active.row, columns[Math.max(0, Math.min(columns.length - 1, place))]);
}

const editor = new Editor({
  commit(place, value, then) {
    // While it was open the sheet may have moved; the id knows the row.
    const row = place.postId ? rows.findIndex((_, one) => postId(one) === place.postId) : place.row;
    if (value !== place.before) save(row < 0 ? place.row : row, place, value);
    after(row < 0 ? place.row : row, place.column, then);
  },
  cancel(place) { after(place.row, place.column, "stay"); },
});

function after(row, column, then) {
  active = { row, column };
  fillCell(row, column);
  if (then === "none") return;
  if (then === "down") focusCell(row + 1, column);
  else if (then === "next") step(1);
  else if (then === "previous") step(-1);
  else focusCell(row, column);
}

function startEdit(row, column, typed) {
  if (!editable(column) || column === "approved") return;
  const cell = cellAt(row, column);
  const before = String(valueAt(row, column));
  delete cell.dataset.shown;
  editor.start(cell, { row, column, postId: postId(row), before }, typed);
}

async function save(row, place, value) {
  const key = `${row}|${place.postId}|${place.column}`;
  pending.set(key, value);
  fillCell(row, place.column);
  try {
    await ask("/api/cell", { method: "POST", body: { row, post_id: place.postId, column: place.column, value, was: { [place.column]: place.was ?? place.before } } });
  } catch (error) {
    notice(`Not saved: ${error.message}`, { wrong: true });
  }
  await look();
  pending.delete(key);
  fillCell(row, place.column);
}

function tick(row) {
  const was = valueAt(row, "approved");
  save(row, { postId: postId(row), column: "approved", was }, !(was === true || was === "TRUE"));
}

async function removeRow(row) {
  const kept = Object.fromEntries(header.filter((column) => ![...THE_MESH_WRITES, "approved"].includes(column)).map((column) => [column, valueAt(row, column)]));
  try {
    await ask("/api/rows", { method: "DELETE", body: { row, post_id: postId(row), was: { text: valueAt(row, "text"), date: valueAt(row, "date") } } });
    notice("The row is deleted.", {
      undo: async () => {
        try {
          await ask("/api/rows", { method: "POST", body: { at: row, rows: [kept] } });
        } catch (error) { notice(error.message, { wrong: true }); }
        look();
      },
    });
  } catch (error) {
    notice(error.message, { wrong: true });
  }
  await look();
  if (rows.length) focusCell(row, active.column);
}

async function addRow() {
  const tomorrow = isoDay(new Date(now().getTime() + 86400000));
  const channels = String(rows.map((_, row) => valueAt(row, "channels")).find(Boolean) ?? "");
  try {
    focusNewest = true;
    await ask("/api/rows", { method: "POST", body: { at: null, rows: [{ date: tomorrow, time: "12:00", channels }] } });
  } catch (error) {
    focusNewest = false;
    notice(error.message, { wrong: true });
  }
  look();
}

export function toRow(id) {
  const row = rows.findIndex((_, one) => postId(one) === id);
  if (row < 0) return notice("This post is no longer in the sheet.");
  document.querySelector('[data-to="sheet"]').click();
  focusCell(row, "text");
  const line = body().rows[row];
  line.scrollIntoView({ block: "center" });
  line.classList.remove("found");
  void line.offsetWidth;
  line.classList.add("found");
}

function pressed(event) {
  const cell = event.target.closest("td[data-column]");
  if (!cell || editor.open || event.target.tagName === "A") return;
  const { row, column } = active;
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (event.key in moves) {
    const [down, right] = moves[event.key];
    if (down) focusCell(row + down, column);
    else focusCell(row, columns[Math.max(0, Math.min(columns.length - 1, columns.indexOf(column) + right))]);
  } else if (event.key === "Home") focusCell(event.ctrlKey ? 0 : row, columns[0]);
  else if (event.key === "End") focusCell(event.ctrlKey ? rows.length - 1 : row, columns.at(-1));
  else if (event.key === "Enter" || event.key === "F2") {
    if (column === "approved") tick(row);
    else if (editable(column)) startEdit(row, column);
    else cell.querySelector("a")?.click();
  } else if (event.key === " " && column === "approved") tick(row);
  else if (event.key === "Delete" && event.ctrlKey) removeRow(row);
  else if ((event.key === "Delete" || event.key === "Backspace") && editable(column) && column !== "approved") {
    if (valueAt(row, column) !== "") save(row, { postId: postId(row), column, before: valueAt(row, column) }, "");
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && editable(column) && column !== "approved") {
    startEdit(row, column, event.key);
  } else return;
  event.preventDefault();
}

function clicked(event) {
  const line = event.target.closest("tbody tr");
  if (!line || editor.isIn(event.target)) return;
  const row = line.sectionRowIndex;
  if (event.target.closest(".remove")) return removeRow(row);
  const cell = event.target.closest("td[data-column]");
  if (!cell || event.target.tagName === "A") return;
  const again = active.row === row && active.column === cell.dataset.column && event.detail > 1;
  focusCell(row, cell.dataset.column);
  if (event.target.type === "checkbox") {
    event.preventDefault();
    // Changing it inside its own click would be undone by the browser.
    setTimeout(() => tick(row));
  } else if (again || matchMedia("(pointer: coarse)").matches) startEdit(row, cell.dataset.column);
}

export function startSheet(lookNow) {
  look = lookNow;
  const all = document.getElementById("all-columns");
  all.checked = localStorage.getItem("all-columns") === "yes";
  all.addEventListener("change", () => {
    localStorage.setItem("all-columns", all.checked ? "yes" : "no");
    chooseColumns();
    draw();
  });
  table().addEventListener("keydown", pressed);
  table().addEventListener("click", clicked);
  document.getElementById("add-row").addEventListener("click", addRow);
}
