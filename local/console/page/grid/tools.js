// The line above the sheet: find, filter by status, sort, pictures, and the menu that also a right click opens.

import { element, notice } from "../ask.js";
import { go } from "../views.js";
import { deleteRows, sort } from "./acts.js";
import { STATES } from "./content.js";
import { clear, duplicate, fillDown, hasCopiedRows, insertCopied, pasteByMenu } from "./copying.js";
import { choosePictures } from "./pictures.js";
import { filterBy, filtered, kindOf, sheet } from "./rows.js";
import { goTo, here, range } from "./selection.js";
import { cellOf, rowAt, columnAt, table } from "./view.js";

const by = (id) => document.getElementById(id);
let redraw = () => {};
let insertAt = () => {};

export function tellShown(found) {
  const text = filtered() ? `${found} of ${sheet.rows.length} rows` : `${sheet.rows.length} rows`;
  if (by("sheet-count").textContent !== text) by("sheet-count").textContent = text;
  by("unfilter").hidden = !filtered();
  const nothing = by("sheet-nothing");
  nothing.textContent = sheet.rows.length ? "No row fits. Clear the filter to see them all." : "The sheet has no rows yet. Add one.";
  nothing.hidden = found > 0;
}

function startFilter() {
  const status = by("find-status");
  status.append(...Object.entries(STATES).map(([value, textContent]) => element("option", { value, textContent })));
  const apply = () => {
    filterBy({ query: by("find").value.trim(), status: status.value });
    redraw();
  };
  const reset = () => {
    by("find").value = "";
    status.value = "";
    apply();
  };
  by("find").addEventListener("input", apply);
  by("find").addEventListener("keydown", (event) => {
    if (event.key === "Escape") reset();
    if (event.key !== "ArrowDown" || !sheet.visible.length) return;
    event.preventDefault();
    goTo(sheet.visible[0], here()?.column ?? sheet.columns[0]);
  });
  status.addEventListener("change", apply);
  by("unfilter").addEventListener("click", () => {
    reset();
    by("find").focus();
  });
}

// Both are popovers: a click beside them or Escape closes them, and the focus goes back to where it was.
function openAt(panel, x, y, from) {
  panel.showPopover();
  const { width, height } = panel.getBoundingClientRect();
  panel.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  panel.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
  panel.back = from;
}

function below(panel, node) {
  const place = node.getBoundingClientRect();
  openAt(panel, place.left, place.bottom + 4, node);
}

function startSort() {
  const [panel, choice] = [by("sort-panel"), by("sort-column")];
  const open = (node, column) => {
    choice.replaceChildren(...sheet.header.filter(Boolean).map((name) => element("option", { value: name, textContent: name })));
    choice.value = column ?? sheet.header.find((name) => kindOf(name) === "date") ?? sheet.header[0];
    below(panel, node);
    (column ? by("sort-up") : choice).focus();
  };
  by("sort").addEventListener("click", () => open(by("sort")));
  table().tHead.addEventListener("click", (event) => {
    const head = event.target.closest(".head");
    if (head) open(head, head.parentElement.dataset.column);
  });
  for (const [id, descending] of [["sort-up", false], ["sort-down", true]]) {
    by(id).addEventListener("click", () => {
      panel.hidePopover();
      sort(choice.value, descending);
    });
  }
  panel.addEventListener("toggle", (event) => { if (event.newState === "closed") backTo(panel); });
}

function backTo(panel) {
  if (document.activeElement === document.body || panel.contains(document.activeElement)) panel.back?.focus({ preventScroll: true });
}

function items() {
  const { rows } = range();
  const many = rows.length > 1;
  return [
    ["Copy", () => document.execCommand("copy"), "Ctrl+C"], ["Cut", () => document.execCommand("cut"), "Ctrl+X"], ["Paste", pasteByMenu, "Ctrl+V"],
    ["Fill down", fillDown, "Ctrl+D"], ["Clear", () => clear(), "Delete"], null,
    rows.length === 1 && rows[0].id ? ["Its life in the mesh", () => go(`mesh/post/${rows[0].id}`)] : null,
    ["Add a picture…", () => choosePictures(here()?.row)],
    ["Insert a row above", () => insertAt(rows[0]?.index ?? 0)], ["Insert a row below", () => insertAt((rows.at(-1)?.index ?? -1) + 1)],
    [many ? "Duplicate the rows" : "Duplicate the row", duplicate],
    hasCopiedRows() ? ["Insert copied rows above", insertCopied] : null, null,
    [many ? `Delete ${rows.length} rows` : "Delete the row", () => deleteRows(rows), "Ctrl+Delete"],
  ];
}

function openMenu(x, y, from) {
  if (!here()) return notice("Choose a cell first.");
  const menu = by("menu");
  let line = true;
  menu.replaceChildren(...items().flatMap((item) => {
    const wanted = item ? [button(...item)] : line ? [] : [element("hr", {})];
    line = !item;
    return wanted;
  }));
  openAt(menu, x, y, from);
  menu.querySelector("button").focus();
}

function button(name, act, keys = "") {
  const made = element("button", { type: "button", role: "menuitem", tabIndex: -1 }, element("span", { textContent: name }), element("kbd", { "aria-hidden": "true", textContent: keys }));
  made.addEventListener("click", () => {
    by("menu").hidePopover();
    cellOf(here().row, here().column)?.focus({ preventScroll: true });
    act();
  });
  return made;
}

function startMenu() {
  const menu = by("menu");
  menu.addEventListener("keydown", (event) => {
    const all = [...menu.querySelectorAll("button")];
    const place = all.indexOf(document.activeElement);
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") menu.hidePopover();
    if (next === undefined) return;
    event.preventDefault();
    all[(next + all.length) % all.length].focus();
  });
  menu.addEventListener("toggle", (event) => { if (event.newState === "closed") backTo(menu); });
  by("more").addEventListener("click", () => {
    const place = by("more").getBoundingClientRect();
    openMenu(place.left, place.bottom + 4, by("more"));
  });
  table().addEventListener("contextmenu", (event) => {
    const row = rowAt(event.target);
    if (!row || event.target.closest(".editor, a")) return;
    event.preventDefault();
    const { rows, columns } = range();
    const column = columnAt(event.target) ?? sheet.columns[0];
    if (!(rows.includes(row) && columns.includes(column))) goTo(row, column);
    const place = cellOf(here().row, here().column).getBoundingClientRect();
    const byKey = event.button !== 2;
    openMenu(byKey ? place.left + 12 : event.clientX, byKey ? place.bottom : event.clientY, cellOf(here().row, here().column));
  });
}

export function startTools(redrawNow, insertRowAt) {
  redraw = redrawNow;
  insertAt = insertRowAt;
  startFilter();
  startSort();
  startMenu();
  by("add-picture").addEventListener("click", () => choosePictures(here()?.row));
}
