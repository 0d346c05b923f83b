// Every event of the mesh, newest first; each leads to what is behind it.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { brief } from "../times.js";

const KEPT = 300;
const known = new Map();
const types = new Set();
let waiting = [];
let total = 0;
let cleared = false;

const by = (id) => document.getElementById(id);
const shown = () => document.body.dataset.page === "mesh";

export const events = () => [...known.values()];

export function start() {
  by("trail-find").addEventListener("input", filter);
  by("trail-type").addEventListener("change", filter);
  by("trail-clear").addEventListener("click", () => {
    by("events").replaceChildren();
    known.clear();
    waiting = [];
    total = 0;
    cleared = true;
    count();
  });
  addEventListener("view", write);
}

export function take({ events: fresh }, first) {
  if (!fresh.length) return;
  total += fresh.length;
  for (const event of fresh.slice(-KEPT)) known.set(event.seq, { ...event, fresh: !first });
  for (const seq of [...known.keys()].slice(0, -KEPT)) known.delete(seq);
  waiting = [...waiting, ...fresh].slice(-KEPT);
  write();
}

// Only while it is looked at; what came meanwhile waits.
function write() {
  if (!shown() || !waiting.length) return;
  const list = by("events");
  const test = wanted();
  const made = waiting.map((event) => item(known.get(event.seq), test)).reverse();
  waiting = [];
  list.prepend(...made);
  while (list.children.length > KEPT) list.lastChild.remove();
  offer();
  count();
}

function offer() {
  const found = new Set([...known.values()].map((event) => event.detail_type));
  if ([...found].every((type) => types.has(type))) return;
  for (const type of found) types.add(type);
  const choice = by("trail-type");
  const chosen = choice.value;
  choice.replaceChildren(element("option", { value: "", textContent: "Every kind" }), ...[...types].sort().map((type) => element("option", { value: type, textContent: type })));
  choice.value = chosen;
}

function wanted() {
  const words = by("trail-find").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const type = by("trail-type").value;
  return (event) => (!type || event.detail_type === type)
    && words.every((word) => (event.words ??= JSON.stringify([event.detail_type, event.source, event.detail]).toLowerCase()).includes(word));
}

function filter() {
  const test = wanted();
  for (const one of by("events").children) one.hidden = !test(known.get(Number(one.dataset.seq)));
  count();
}

function count() {
  const items = [...by("events").children];
  const left = items.filter((one) => !one.hidden).length;
  const text = !total ? "" : left < items.length ? `${left} of ${items.length}` : total > items.length ? `${total} events, the last ${items.length} here` : `${total} events`;
  if (by("trail-count").textContent !== text) by("trail-count").textContent = text;
  const nothing = items.length ? (left ? "" : "No event has these words.") : known.size || waiting.length ? "" : cleared ? "Nothing has happened since." : "No event has happened yet.";
  if (by("trail-nothing").textContent !== nothing) by("trail-nothing").textContent = nothing;
  by("trail-nothing").hidden = !nothing;
}

function item(event, test) {
  const made = element("li", { class: `${kindOf(event)} ${event.fresh ? "fresh" : ""}`.trim() }, row(event));
  made.dataset.seq = event.seq;
  made.hidden = !test(event);
  return made;
}

export const kindOf = (event) => (/failed|trouble/.test(event.detail_type) ? "bad" : /\.sent$/.test(event.detail_type) ? "good" : "");

export function row(event) {
  const posts = [...new Set(ids(event.detail))];
  const named = [posts.length > 1 ? `${posts.length} posts` : String(posts[0] ?? "").slice(0, 6), event.detail?.channel].filter(Boolean).join(" · ");
  const moment = brief(new Date(event.time), now());
  return element("a", { href: `#mesh/event/${event.seq}`, class: "event" },
    element("time", { dateTime: event.time, textContent: moment.replace(/.*, /, ""), title: moment }),
    element("span", { class: "what", textContent: event.detail_type }),
    element("span", { class: "ids", textContent: named }));
}

// post_id and lists of them, wherever they stand.
export function ids(value) {
  if (Array.isArray(value)) return value.flatMap(ids);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === "post_id") return [inner];
    if (name === "post_ids") return inner;
    return ids(inner);
  });
}
