// One cell being edited. Enter keeps and goes down, Tab keeps and goes on, Escape leaves it as it was, Alt+Enter breaks the line.

import { element } from "./ask.js";

const LONG = ["text", "alt text", "note"];
const MULTILINE = (column) => LONG.includes(column) || column.startsWith("text:");

export class Editor {
  #field = null;
  #place = null;
  #calls;

  constructor(calls) {
    this.#calls = calls;
  }

  get open() { return this.#field !== null; }

  isIn(node) {
    return this.#field !== null && (node === this.#field || node.contains?.(this.#field));
  }

  // `typed` replaces what was there, as in any spreadsheet.
  start(cell, place, typed) {
    this.#place = place;
    const field = element(MULTILINE(place.column) ? "textarea" : "input", {
      class: "editor", value: typed ?? place.before, autocomplete: "off", "aria-label": `${place.column}, row ${place.row + 2}`,
    });
    this.#field = field;
    field.addEventListener("keydown", (event) => this.#pressed(event));
    field.addEventListener("blur", () => this.#end("none"));
    const length = place.column.startsWith("text") ? element("span", { class: "length", "aria-hidden": "true" }) : null;
    const count = () => {
      if (length) length.textContent = characters(field.value);
      if (field.tagName === "TEXTAREA") {
        field.style.height = "auto";
        field.style.height = `${field.scrollHeight + 4}px`;
      }
    };
    field.addEventListener("input", count);
    cell.append(field);
    count();
    field.focus();
    field.setSelectionRange?.(field.value.length, field.value.length);
  }

  #pressed(event) {
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      this.#end("cancel");
    } else if (event.key === "Enter" && event.altKey) {
      event.preventDefault();
      this.#field.setRangeText("\n", this.#field.selectionStart, this.#field.selectionEnd, "end");
      this.#field.dispatchEvent(new Event("input"));
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#end("down");
    } else if (event.key === "Tab") {
      event.preventDefault();
      this.#end(event.shiftKey ? "previous" : "next");
    }
  }

  #end(how) {
    if (this.#field === null) return;
    const field = this.#field;
    const place = this.#place;
    this.#field = null; // First: removing the field blurs it, which ends here again.
    const value = field.value;
    field.remove();
    if (how === "cancel") this.#calls.cancel(place);
    else this.#calls.commit(place, value, how);
  }
}

// Characters as people count them, emoji with all their parts as one.
function characters(text) {
  return typeof Intl.Segmenter === "function" ? [...new Intl.Segmenter().segment(text)].length : [...text].length;
}
