// Every row on every network, as it will look. A few rows at a time; each preview is made when it comes into sight.

import { element } from "../ask.js";
import { signOf } from "./calendar.js";
import { STATES, entries, firstWords, plan, sayDay, wasWhen } from "./entries.js";
import { previewFrame } from "./frames.js";
import { beside, problemList } from "./mend.js";

const AT_ONCE = 12;
let toRow = () => {};
let most = AT_ONCE;
const kept = new Map(); // key -> {node, print}
const by = (id) => document.getElementById(id);

export function start(desk) {
  toRow = desk.toRow;
  const channel = element("select", { id: "gallery-channel", "aria-label": "Channel" }, new Option("All channels", ""));
  const remarks = element("input", { type: "checkbox", id: "gallery-remarks" });
  const more = element("button", { type: "button", id: "gallery-more", textContent: "Show more", hidden: true });
  by("month-previews").append(
    element("div", { class: "month-bar" }, element("p", { class: "aside", id: "gallery-count", role: "status" }), channel,
      element("label", { class: "quiet" }, remarks, " With a remark")),
    element("ol", { class: "gallery", id: "gallery" }),
    element("p", { class: "nothing", id: "gallery-nothing", textContent: "No row fits.", hidden: true }), more);
  const anew = () => { most = AT_ONCE; kept.clear(); draw(); };
  channel.addEventListener("change", anew);
  remarks.addEventListener("change", anew);
  const on = () => { most += AT_ONCE; draw(); };
  more.addEventListener("click", on);
  new IntersectionObserver(([seen]) => { if (seen.isIntersecting) on(); }, { rootMargin: "300px" }).observe(more);
}

export function draw() {
  choices();
  const [channel, remarks] = [by("gallery-channel").value, by("gallery-remarks").checked];
  const found = entries().filter((entry) => (!channel || entry.channels.some(({ name }) => name === channel))
    && (!remarks || entry.problems.some((one) => !channel || !one.channel || one.channel === channel)));
  const shown = found.slice(0, most);
  const list = by("gallery");
  const wanted = shown.map((entry) => nodeOf(entry, channel));
  wanted.forEach((node, place) => { if (list.children[place] !== node) list.insertBefore(node, list.children[place] ?? null); });
  while (list.children.length > wanted.length) list.lastChild.remove();
  say("gallery-count", found.length === 1 ? "1 row" : `${found.length} rows`);
  by("gallery-nothing").hidden = found.length > 0;
  by("gallery-more").hidden = found.length <= most;
}

function say(id, text) {
  if (by(id).textContent !== text) by(id).textContent = text;
}

function choices() {
  const choice = by("gallery-channel");
  const names = Object.keys(plan.networks).sort();
  if ([...choice.options].slice(1).map(({ value }) => value).join() === names.join()) return;
  const before = choice.value;
  choice.replaceChildren(new Option("All channels", ""), ...names.map((name) => new Option(name, name)));
  choice.value = names.includes(before) ? before : "";
}

// The same node for as long as it shows the same: a preview is not loaded again because another row has changed.
function nodeOf(entry, channel) {
  const key = `${entry.id || entry.row?.index} ${channel}`;
  const print = JSON.stringify([entry.day, entry.hour, entry.was, entry.state, entry.package, entry.problems, entry.status, entry.text]);
  const known = kept.get(key);
  if (known?.print === print) {
    number(known.way, entry);
    return known.node;
  }
  const way = entry.row && entry.id ? element("button", { type: "button", class: "row-link" }) : null;
  number(way, entry);
  way?.addEventListener("click", () => toRow(entry.id));
  const node = element("li", {},
    element("div", { class: "of" },
      element("h3", { textContent: entry.day ? `${sayDay(entry.day, { weekday: "short", day: "numeric", month: "short" })}, ${entry.hour}` : "No day yet" }),
      entry.was ? element("p", { class: "month-moved" }, element("s", { textContent: wasWhen(entry) }), entry.why ? ` ${entry.why}` : "") : null,
      element("p", { class: `month-state ${entry.state}` }, signOf(entry.state), ` ${STATES[entry.state].words}`),
      element("p", { class: "aside", textContent: firstWords(entry.text, 120) }),
      way,
      beside(entry).length ? problemList(entry, beside(entry)) : null),
    entry.package ? previewFrame(entry, channel) : element("p", { class: "nothing", textContent: entry.status || "The mesh has not seen this row yet." }));
  kept.set(key, { node, print, way });
  return node;
}

// Rows move without anything else of them being another.
function number(way, { row }) {
  const words = row ? `Row ${row.index + 2}` : "";
  if (!way || way.textContent === words) return;
  way.textContent = words;
  way.setAttribute("aria-label", `Show ${words.toLowerCase()}`);
}
