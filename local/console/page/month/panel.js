// One post, or one day's posts, beside the page.

import { element, linked } from "../ask.js";
import { brief } from "../times.js";
import { now } from "../clock.js";
import { keyOf, postList, signOf } from "./calendar.js";
import { STATES, entries, plan, sayDay, wasWhen } from "./entries.js";
import { previewFrame } from "./frames.js";
import { beside, problemList } from "./mend.js";

const by = (id) => document.getElementById(id);
let toRow = () => {};
let open = null; // {key, day} of a post, or {day}.

export function start(desk) {
  toRow = desk.toRow;
  const panel = by("month-panel");
  by("month-panel-close").addEventListener("click", () => panel.close());
  by("month-panel-back").addEventListener("click", () => openDay(open.day));
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });
  panel.addEventListener("close", () => {
    open = null;
    by("month-panel-body").replaceChildren();
  });
}

// What is open is told anew when it has changed; a preview is loaded again only then. Whoever reads in it stays where they are.
export function refresh() {
  if (!open || print(open) === open.print) return;
  const body = by("month-panel-body");
  const { scrollTop } = body;
  const focused = document.activeElement;
  if (open.key) openPost(open.key, open.day);
  else openDay(open.day);
  body.scrollTop = scrollTop;
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

function print({ key, day }) {
  const told = entries().filter((entry) => (key ? keyOf(entry) === key : entry.day === day));
  return JSON.stringify(told.map(({ row, ...rest }) => [row?.index, rest]));
}

export function openDay(day) {
  open = { day };
  open.print = print(open);
  const posts = entries().filter((entry) => entry.day === day);
  const remarks = [plan.closed[day], plan.turns[day]].filter(Boolean).join("; ");
  show(posts.length === 1 ? "1 post" : `${posts.length || "No"} posts`, sayDay(day), "",
    remarks ? element("p", { class: "aside", textContent: `${remarks[0].toUpperCase()}${remarks.slice(1)}.` }) : null,
    posts.length ? postList(posts, day) : element("p", { class: "nothing", textContent: "Nothing goes out on this day." }));
}

// `key` is the post's, `day` is where the reader came from, "" from the calendar itself.
export function openPost(key, day) {
  const entry = entries().find((one) => keyOf(one) === key);
  if (!entry) return;
  open = { key, day };
  open.print = print(open);
  const title = entry.day ? `${sayDay(entry.day)}, ${entry.hour || "no time yet"}` : "No day yet";
  const place = entry.row ? `Row ${entry.row.index + 2}` : "Its row is gone";
  const back = entry.row && entry.id ? element("button", { type: "button", textContent: "Show its row" }) : null;
  back?.addEventListener("click", () => {
    by("month-panel").close();
    toRow(entry.id);
  });
  show(place, title, day,
    element("p", { class: `month-state ${entry.state}` }, signOf(entry.state), ` ${capital(STATES[entry.state].words)}`),
    entry.was ? element("p", { class: "month-moved" }, element("s", { textContent: wasWhen(entry) }), ` → ${entry.hour}`, entry.why ? `: ${entry.why}` : "") : null,
    entry.status && entry.state !== "out" ? element("p", { class: "aside", textContent: entry.status.split("\n")[0] }) : null,
    channels(entry),
    beside(entry).length ? problemList(entry, beside(entry)) : null,
    back,
    entry.text ? element("p", { class: "month-text" }, linked(entry.text)) : null,
    entry.package ? previewFrame(entry) : element("p", { class: "nothing", textContent: "There is no preview yet." }));
}

function channels(entry) {
  return element("ul", { class: "month-channels" }, ...entry.channels.map((one) => element("li", {},
    element("b", { textContent: one.name }), " ",
    one.at ? element("time", { dateTime: one.at, textContent: brief(new Date(one.at), now()) }) : element("span", { textContent: one.why ? "" : "no time yet" }),
    one.why && one.why !== entry.why ? element("span", { class: "aside", textContent: ` ${one.why}` }) : null,
    one.url ? element("a", { href: one.url, target: "_blank", rel: "noopener", textContent: "look at it" }) : null)));
}

function show(eyebrow, title, day, ...parts) {
  const panel = by("month-panel");
  by("month-panel-eyebrow").textContent = eyebrow;
  by("month-panel-title").textContent = title;
  by("month-panel-back").hidden = !day;
  by("month-panel-body").replaceChildren(...parts.filter(Boolean));
  if (!panel.open) panel.showModal();
  else by("month-panel-body").focus();
  by("month-panel-body").scrollTop = 0;
}

const capital = (words) => `${words[0].toUpperCase()}${words.slice(1)}`;
