// What was found in a file, before anything is done with it.

import { element } from "../ask.js";
import { sheet } from "../grid/rows.js";
import { ended, sentence } from "./mend.js";

const SHOWN_ROWS = 60;
const SHOWN_PROBLEMS = 120;
const READ_AS = { "day-first": "3 April", "month-first": "March 4" };

// `acts`: again(options), add(rows), replace(rows), close().
export function looked(found, options, acts) {
  const fresh = found.rows.filter(({ there }) => !there);
  const wrong = found.problems.filter(({ remark }) => !remark);
  const known = found.rows.length - fresh.length;
  const facts = [
    count(found.rows.length, "row"), known ? `${known} of them already in the sheet` : "",
    wrong.length ? `${wrong.length} to mend` : "nothing to mend", found.missing.length ? `${count(found.missing.length, "picture")} missing` : "",
  ];
  return element("section", { class: "load-found", "aria-labelledby": "load-name" },
    element("header", {}, element("h3", { id: "load-name", textContent: found.name }), element("p", { class: "aside", role: "status", textContent: `${facts.filter(Boolean).join(", ")}.` })),
    buttons(found, fresh, wrong, acts), choices(found, options, acts), columns(found), missing(found), problems(found), rows(found));
}

const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

function buttons(found, fresh, wrong, acts) {
  const add = element("button", { type: "button", id: "load-add", class: "main", disabled: !fresh.length,
    textContent: fresh.length ? `Add ${count(fresh.length, "row")} to the sheet` : "Every row is in the sheet already" });
  add.addEventListener("click", () => acts.add(fresh));
  const replace = element("button", { type: "button", id: "load-replace", textContent: "Replace the sheet" });
  const close = element("button", { type: "button", class: "plain", textContent: "Put the file away" });
  close.addEventListener("click", acts.close);
  const place = element("div", { class: "turns", role: "group", "aria-label": "What to do with it" }, add, replace, close);
  replace.addEventListener("click", () => place.after(sure(found, place, acts)));
  const words = wrong.length && fresh.length ? element("p", { class: "aside", textContent: "Rows with something to mend go in too: the sheet says there what is wrong, and nothing of them goes out before." }) : "";
  return element("div", { class: "load-acts" }, place, words);
}

function sure(found, place, acts) {
  place.querySelector("#load-replace").disabled = true;
  const yes = element("button", { type: "button", class: "stop", textContent: `Yes: take ${count(sheet.rows.length, "row")} out, put ${found.rows.length} in` });
  const no = element("button", { type: "button", textContent: "No, keep them" });
  const asked = element("div", { class: "load-sure", role: "alertdialog", "aria-label": "Replace the sheet?" },
    element("p", { textContent: `All ${count(sheet.rows.length, "row")} of the sheet go, with their approvals; what is booked of them does not go out. What is out already stays out. Undo brings the rows back, to be approved anew.` }),
    element("div", { class: "turns" }, yes, no));
  yes.addEventListener("click", () => acts.replace(found.rows));
  no.addEventListener("click", () => {
    asked.remove();
    place.querySelector("#load-replace").disabled = false;
    place.querySelector("#load-replace").focus();
  });
  queueMicrotask(() => no.focus());
  return asked;
}

// What the file leaves open, for its owner to say.
function choices(found, options, acts) {
  const parts = [];
  if (found.dates) {
    const choice = element("select", { id: "load-dates" }, ...(found.dates === "unsure" ? [new Option("say which", "")] : []), ...Object.entries(READ_AS).map(([value, words]) => new Option(words, value)));
    choice.value = found.dates === "unsure" ? "" : found.dates;
    choice.addEventListener("change", () => acts.again({ dates: choice.value }));
    const why = options.dates ? "" : found.dates === "unsure" ? " No other row decides it." : " Other rows of the file can be read this way only.";
    parts.push(element("label", {}, "03/04/2027 is ", choice, element("span", { class: "aside", textContent: why })));
  }
  const named = found.columns.some(({ column }) => column.toLowerCase() === "channels");
  if (!named) {
    const choice = element("select", { id: "load-channels" }, new Option("nowhere yet", ""), ...found.channels.map((name) => new Option(name, name)));
    choice.value = options.channels ?? "";
    choice.addEventListener("change", () => acts.again({ channels: choice.value }));
    parts.push(element("label", {}, "It has no column of channels. Its rows go to ", choice));
  }
  return parts.length ? element("div", { class: "load-choices" }, ...parts) : "";
}

function columns(found) {
  const taken = found.columns.filter(({ column }) => column);
  const left = found.columns.filter(({ column }) => !column);
  const items = taken.map(({ title, column }) => element("li", {}, element("span", { textContent: title }), title.toLowerCase() === column.toLowerCase() ? "" : element("b", { textContent: ` → ${column}` })));
  return element("div", { class: "load-columns" },
    items.length ? element("p", {}, element("b", { textContent: "Columns taken" })) : "", element("ul", {}, ...items),
    left.length ? element("p", { class: "aside", textContent: `Not taken, as the sheet has no such column or fills it itself: ${left.map(({ title }) => title).join(", ")}.` }) : "",
    ...found.notes.map((textContent) => element("p", { class: "aside", textContent })));
}

function missing(found) {
  if (!found.missing.length) return "";
  return element("div", { class: "load-missing" },
    element("p", {}, element("b", { textContent: "Pictures that are not in the sheet’s folder. " }), "Drop them anywhere on this page."),
    element("ul", {}, ...found.missing.slice(0, 60).map((textContent) => element("li", { textContent }))),
    found.missing.length > 60 ? element("p", { class: "aside", textContent: `And ${found.missing.length - 60} more.` }) : "");
}

function problems(found) {
  if (!found.problems.length) return "";
  const sorted = [...found.problems].sort((a, b) => a.remark - b.remark || (a.row ?? 0) - (b.row ?? 0));
  const items = sorted.slice(0, SHOWN_PROBLEMS).map(({ row, column, channel, what, fix, remark }) => element("li", { class: remark ? "remark" : "" },
    element("b", { textContent: `${[row ? `Row ${row}` : "The file", column].filter(Boolean).join(", ")}: ` }),
    element("span", {}, channel ? `${channel}: ` : "", ended(what), fix ? ` ${sentence(fix)}` : "")));
  return element("details", { class: "load-problems", open: true }, element("summary", { textContent: "To mend, and worth knowing" }), element("ol", {}, ...items),
    sorted.length > SHOWN_PROBLEMS ? element("p", { class: "aside", textContent: `And ${sorted.length - SHOWN_PROBLEMS} more.` }) : "");
}

function rows(found) {
  const marked = new Set(found.problems.filter(({ remark }) => !remark).map(({ row }) => row));
  const name = (values, kind) => Object.entries(values).find(([title]) => title.trim().toLowerCase() === kind)?.[1] ?? "";
  const lines = found.rows.slice(0, SHOWN_ROWS).map(({ number, values, there }) => element("li", { class: there ? "there" : "" },
    element("span", { class: "aside", textContent: number }), element("span", { textContent: `${name(values, "date") || "no day"} ${name(values, "time")}` }),
    element("span", { class: "words", textContent: name(values, "text") || "no text" }),
    element("span", { class: "aside", textContent: there ? "in the sheet already" : [name(values, "channels") || "no channel", marked.has(number) ? "to mend" : ""].filter(Boolean).join(" · ") })));
  return element("div", { class: "load-rows" }, element("p", {}, element("b", { textContent: "Its rows" })), element("ol", {}, ...lines),
    found.rows.length > SHOWN_ROWS ? element("p", { class: "aside", textContent: `And ${found.rows.length - SHOWN_ROWS} more.` }) : "");
}
