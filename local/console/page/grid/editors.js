// One cell being edited. Enter keeps and goes down, Ctrl+Enter keeps and stays, Tab keeps and goes on, Escape leaves it as it
// was; Alt+Enter or Shift+Enter breaks the line.

import { element } from "../ask.js";
import { ChannelList } from "./channel_list.js";
import { isLong, kindOf, sheet } from "./rows.js";

const NOWHERE = { row: null, column: null };

export class Editor {
  #field = null;
  #box = null;
  #place = NOWHERE;
  #before = "";
  #calls;

  constructor(calls) { this.#calls = calls; }

  get open() { return this.#field !== null; }
  get row() { return this.#place.row; }
  get column() { return this.#place.column; }

  // The cell and what is written in it so far; null where nothing else than before is.
  get written() {
    return this.open && this.#field.value !== this.#before ? { ...this.#place, value: this.#field.value } : null;
  }

  isIn(node) { return this.#box?.contains(node) ?? false; }

  // `typed` replaces what was there, as in any spreadsheet; `plainly` gives a line of text where a list would open.
  start(cell, place, before, { typed, touch = false, plainly = false } = {}) {
    this.#place = place;
    this.#before = before;
    const label = `${place.column}, row ${place.row.index + 2}`;
    const choices = sheet.choices[kindOf(place.column)] ?? [];
    if (choices.length && !plainly) {
      const list = new ChannelList(choices, before, label, { typed, done: () => this.end("stay") });
      this.#take(cell, list.element, list);
    } else {
      const kind = kindOf(place.column);
      const picked = ["date", "time"].includes(kind) ? kind : "";
      const field = element(isLong(place.column) ? "textarea" : "input", { autocomplete: "off", "aria-label": label, class: "field" });
      if (picked && touch && (before === "" || WRITTEN[picked].test(before))) field.type = picked;
      field.value = typed ?? before;
      const box = element("div", { class: `editor ${kind}` }, field, picked && field.type === "text" ? picker(picked, field, place.column) : null);
      this.#take(cell, box, field);
      this.#grow(box, field);
      if (field.type === "text" || field.tagName === "TEXTAREA") field.setSelectionRange(field.value.length, field.value.length);
      field.enterKeyHint = touch && isLong(place.column) ? "enter" : "done";
    }
    this.#box.addEventListener("keydown", (event) => this.#pressed(event, touch));
    // A look at another window, or at the browser's calendar, is no leaving; nor is a press on a button of the editor's own.
    this.#box.addEventListener("focusout", (event) => { if (this.open && document.hasFocus() && !this.#box.contains(event.relatedTarget)) this.end("none"); });
    this.#box.addEventListener("mousedown", (event) => { if (event.target.closest("button, [role=option]")) event.preventDefault(); });
  }

  #take(cell, box, field) {
    this.#box = box;
    this.#field = field;
    cell.append(box);
    field.focus();
    box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #grow(box, field) {
    const length = isLong(this.#place.column) ? element("span", { class: "length", "aria-hidden": "true" }) : null;
    if (length) box.append(length);
    const count = () => {
      if (length) length.textContent = characters(field.value);
      if (field.tagName !== "TEXTAREA") return;
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight + 4}px`;
    };
    field.addEventListener("input", count);
    count();
  }

  // Something put into the cell from beside it, while it is being written.
  add(text) {
    const value = this.#field.value.trim();
    this.#field.value = value ? `${value}, ${text}` : text;
  }

  #pressed(event, touch) {
    event.stopPropagation();
    const long = this.#field.tagName === "TEXTAREA";
    if (event.key === "Escape") this.end("cancel");
    else if (event.key === "Tab") this.end(event.shiftKey ? "previous" : "next");
    else if (event.key !== "Enter" || event.isComposing || event.target.tagName === "BUTTON") return;
    else if (event.ctrlKey || event.metaKey) this.end("stay");
    else if (long && (event.shiftKey || touch)) return;
    else if (long && event.altKey) {
      this.#field.setRangeText("\n", this.#field.selectionStart, this.#field.selectionEnd, "end");
      this.#field.dispatchEvent(new Event("input"));
    } else this.end(this.#field instanceof ChannelList ? "stay" : "down");
    event.preventDefault();
  }

  end(how) {
    if (!this.open) return;
    const [field, box, place, before] = [this.#field, this.#box, this.#place, this.#before];
    this.#field = this.#box = null; // First: removing the field blurs it, which ends here again.
    this.#place = NOWHERE;
    const value = kindOf(place.column) === "time" ? typedTime(field.value) : field.value;
    box.remove();
    if (how === "cancel") this.#calls.cancel(place);
    else this.#calls.commit(place, before, value, how);
  }
}

const WRITTEN = { date: /^\d{4}-\d\d-\d\d$/, time: /^\d\d:\d\d$/ };

// The browser's own calendar or clock beside the line, which takes whatever is typed.
function picker(kind, field, column) {
  const native = element("input", { type: kind, tabIndex: -1, class: "native", "aria-hidden": "true" });
  if (WRITTEN[kind].test(field.value)) native.value = field.value;
  native.addEventListener("change", () => {
    field.value = native.value;
    field.focus();
  });
  const button = element("button", { type: "button", class: "pick", tabIndex: -1, textContent: kind === "date" ? "▦" : "◷", "aria-label": `Choose the ${column}`, title: "Alt+↓" });
  const open = () => { try { native.showPicker(); } catch { native.focus(); } };
  button.addEventListener("click", open);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && event.altKey) {
      event.preventDefault();
      open();
    }
  });
  return element("span", { class: "picker" }, native, button);
}

// "9", "930", "9.30", "21h30", "9 pm" as a sheet reads times; anything else stays, and the row says what is wrong with it.
export function typedTime(text) {
  const found = /^(\d{1,2})(?:[:.h]?(\d\d))?\s*h?\s*(am|pm)?$/i.exec(text.trim());
  if (!found) return text.trim();
  const half = found[3]?.toLowerCase();
  const hour = half ? (Number(found[1]) % 12) + (half === "pm" ? 12 : 0) : Number(found[1]);
  if (hour > 23 || Number(found[2] ?? 0) > 59 || (half && Number(found[1]) > 12)) return text.trim();
  return `${String(hour).padStart(2, "0")}:${found[2] ?? "00"}`;
}

// Characters as people count them, emoji with all their parts as one.
function characters(text) {
  return typeof Intl.Segmenter === "function" ? [...new Intl.Segmenter().segment(text)].length : [...text].length;
}
