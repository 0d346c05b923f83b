// What is to be mended, row by row; a click leads to the cell. "To mend" are the very rows that are counted so at a glance: the mesh
// says it. What this page foretells by itself has a name of its own.

import { element } from "../ask.js";
import { kindOf, sheet } from "../grid/rows.js";
import * as selection from "../grid/selection.js";
import { entries, firstWords, plan, sayDay } from "./entries.js";

let toRow = () => {};
let print = "";

export function start(desk) {
  toRow = desk.toRow;
}

const SECTIONS = [
  ["now", "To mend", "None of these goes out before it is mended."],
  ["part", "In part", "These go out, or are out, but not wholly: where a channel is named, it is that one alone."],
  ["later", "Will be to mend", "Their time is far ahead, and the scheduler has done nothing for them yet. Mended by then, they go out."],
];

// Told also while the page is not seen, and so without making anything of each row.
export function count() {
  const rows = new Set(sheet.rows.map(({ id }) => id));
  const found = (kind) => plan.posts.filter((post) => post.to_mend === kind && rows.has(post.post_id)).length;
  const [now, later] = [found("now"), found("later")];
  const place = document.getElementById("month-mend-count");
  const text = [now || "", later ? `${later} later` : ""].filter(Boolean).join(" · ");
  if (place.textContent !== text) place.textContent = text;
}

export function draw() {
  const mend = Object.fromEntries(SECTIONS.map(([kind]) => [kind, entries().filter((entry) => entry.toMend === kind)]));
  const know = entries().filter((entry) => entry.problems.length && !entry.toMend);
  const all = [...Object.values(mend).flat(), ...know];
  const now = JSON.stringify(all.map((entry) => [entry.id, entry.row?.index, entry.day, entry.hour, entry.text, entry.toMend, entry.problems]));
  if (now === print) return;
  print = now;
  const nothing = all.length > know.length ? "Nothing is to be mended now." : "Nothing is to be mended: every row can go out as it is.";
  document.getElementById("month-mend").replaceChildren(
    ...(mend.now.length ? [] : [element("p", { class: "nothing", textContent: nothing })]),
    ...SECTIONS.filter(([kind]) => mend[kind].length).map(([kind, title, words]) => section(title, words, mend[kind])),
    ...(know.length ? [section("Worth knowing", "These go out as they are.", know)] : []));
}

function section(title, words, found) {
  return element("section", { class: "month-mend" }, element("h3", { textContent: title }), element("p", { class: "aside", textContent: words }),
    element("ol", {}, ...found.map((entry) => element("li", {},
      element("p", { class: "row" }, element("b", { textContent: entry.row ? `Row ${entry.row.index + 2}` : "No row" }),
        element("span", { class: "aside", textContent: entry.day ? `${sayDay(entry.day, { weekday: "short", day: "numeric", month: "short" })}, ${entry.hour}` : "no day yet" }),
        element("span", { class: "words", textContent: firstWords(entry.text, 80) })),
      problemList(entry)))));
}

// Without what a post's time and reason say already.
export const beside = (entry) => entry.problems.filter(({ remark, what }) => !(remark && entry.was && entry.why && what.includes(entry.why)));

// Each with what is wrong, the fix, and the way to its cell.
export function problemList(entry, problems = entry.problems) {
  return element("ul", { class: "month-problems" }, ...problems.map((problem) => {
    const way = entry.row && entry.id ? element("button", { type: "button", class: "row-link", textContent: problem.column ? `Go to ${problem.column}` : "Go to the row" }) : null;
    way?.addEventListener("click", () => toCell(entry, problem.column));
    return element("li", { class: problem.remark ? "remark" : "" },
      element("span", {}, problem.channel ? element("b", { textContent: `${problem.channel}: ` }) : null, sentence(problem.what), problem.fix ? ` ${sentence(problem.fix)}` : ""), way);
  }));
}

// The first begins as it stands, as that may be a word out of a cell.
export const ended = (words) => (words && !/[.!?]$/.test(words) ? `${words}.` : words);
export const sentence = (words) => (words ? ended(`${words[0].toUpperCase()}${words.slice(1)}`) : "");

function toCell(entry, kind) {
  document.getElementById("month-panel").close();
  const column = sheet.header.find((name) => kindOf(name) === kind);
  const all = document.getElementById("all-columns");
  if (column && !sheet.columns.includes(column) && !all.checked) all.click();
  toRow(entry.id);
  if (column && sheet.columns.includes(column)) selection.goTo(entry.row, column);
}
