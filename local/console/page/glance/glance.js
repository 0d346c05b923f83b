// At a glance: what holds the posts back and what waits for somebody. Each chip shows its rows, pressed again all of them.

import { element, notice } from "../ask.js";
import { sheet } from "../grid/rows.js";

let toRow;
let onlyRows;
const drawn = new Map(); // Kind -> its button

export function start(desk) {
  toRow = desk.toRow;
  onlyRows = desk.onlyRows;
  addEventListener("filter", () => { for (const button of drawn.values()) press(button); });
}

export function take({ glance: chips }) {
  if (!chips) return;
  const place = document.getElementById("glance");
  const kinds = new Set(chips.map((chip) => chip.kind));
  for (const [kind, button] of drawn) {
    if (kinds.has(kind)) continue;
    button.remove();
    drawn.delete(kind);
  }
  place.querySelector(".well")?.remove();
  let before = null;
  for (const chip of chips) {
    const button = drawn.get(chip.kind) ?? made(chip.kind);
    fill(button, chip);
    const next = before ? before.nextSibling : place.firstChild;
    if (next !== button) place.insertBefore(button, next);
    before = button;
  }
  if (!chips.length) place.append(element("p", { class: "well", textContent: "All is well" }));
}

function made(kind) {
  const button = element("button", { type: "button", class: "chip" });
  button.dataset.kind = kind;
  button.addEventListener("click", () => open(button.chip));
  drawn.set(kind, button);
  return button;
}

function fill(button, chip) {
  button.chip = chip;
  // What comes to it while its rows are shown joins them; what is dealt with stays in sight until the chip is pressed again.
  if (sheet.only?.name === chip.kind) for (const id of chip.ids) sheet.only.ids.add(id);
  if (button.textContent !== chip.text) button.replaceChildren(element("span", { textContent: chip.text }));
  button.title = chip.hint;
  button.classList.toggle("bad", chip.bad);
  press(button);
}

// A chip of several rows stays pressed while the sheet shows these alone.
function press(button) {
  const pressed = sheet.only?.name === button.chip.kind;
  if (pressed || button.chip.ids.length > 1) button.setAttribute("aria-pressed", String(pressed));
  else button.removeAttribute("aria-pressed");
}

function open({ kind, ids, hint }) {
  if (sheet.only?.name === kind) onlyRows(null);
  else if (ids.length === 1) toRow(ids[0]);
  else if (ids.length) onlyRows(ids, kind);
  else notice(hint);
}
