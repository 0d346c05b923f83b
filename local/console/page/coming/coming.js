// What comes: each booking with its countdown, and below what is planned and not booked, with why.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { kindOf, sheet } from "../grid/rows.js";
import { hour, isoDay, shortDay } from "../times.js";
import { left } from "./left.js";
import { seen } from "../shown.js";

const MOST = 50; // Drawn: the rest is counted.
const by = (id) => document.getElementById(id);
const lists = { bookings: new Map(), planned: new Map() }; // Each entry's key -> its item
let told = null;
let stale = false;
let drawnOn = ""; // The day, as "today" is another tomorrow.
let toRow;

export function start(desk) {
  toRow = desk.toRow;
  addEventListener("view", drawIfSeen);
  addEventListener("resize", drawIfSeen);
  setInterval(drawIfSeen, 1000);
}

export function take({ coming, grid }) {
  told = coming ?? told;
  if (coming) by("tab-coming").textContent = coming.bookings.length || "";
  stale = stale || Boolean(told && (coming || grid));
  drawIfSeen();
}

function drawIfSeen() {
  if (document.hidden || !seen("coming")) return;
  if (stale || (told && drawnOn !== isoDay(now()))) draw();
  count();
}

function draw() {
  stale = false;
  drawnOn = isoDay(now());
  const rows = new Map(sheet.rows.map((row) => [row.id, row]));
  const { bookings, planned, more } = told;
  const stops = new Set(bookings.map((entry) => entry.stop));
  const common = bookings.length > 1 && stops.size === 1 ? bookings[0].stop : "";
  write(by("coming-stop"), common);
  by("coming-stop").hidden = !common;
  fill("bookings", bookings.slice(0, MOST), rows, (entry, text) => booking(entry, text, common));
  fill("planned", planned, rows, plan);
  write(by("coming-count"), bookings.length ? `${bookings.length} booked` : "");
  write(by("bookings-more"), bookings.length > MOST ? `and ${bookings.length - MOST} more` : "");
  write(by("planned-more"), more ? `and ${more} more` : "");
  by("bookings-more").hidden = bookings.length <= MOST;
  by("planned-more").hidden = !more;
  by("not-booked").hidden = !planned.length;
  by("coming-nothing").textContent = planned.length
    ? "Nothing is booked yet. A post is as soon as it is approved."
    : "Nothing is booked and nothing planned. Add a row with a day to come.";
}

// Each entry keeps its item for as long as it is there; only what has changed is made anew.
function fill(name, entries, rows, content) {
  const list = by(name);
  const items = lists[name];
  const wanted = new Map();
  for (const entry of entries) {
    const key = `${entry.post_id} ${entry.at}`;
    const item = items.get(key) ?? element("li", {}, button(entry.post_id));
    const text = beginning(rows.get(entry.post_id));
    const shown = JSON.stringify([entry, text, drawnOn, by("coming-stop").hidden]);
    if (item.shown !== shown) {
      item.shown = shown;
      item.className = entry.stop ? "stopped" : "";
      item.firstChild.replaceChildren(...content(entry, text));
    }
    wanted.set(key, item);
  }
  for (const [key, item] of items) if (!wanted.has(key)) item.remove();
  let place = list.firstElementChild;
  for (const item of wanted.values()) {
    if (item === place) place = place.nextElementSibling;
    else list.insertBefore(item, place);
  }
  lists[name] = wanted;
}

function button(post_id) {
  const made = element("button", { type: "button" });
  made.addEventListener("click", () => toRow(post_id));
  return made;
}

// `common` is said once above them all, not at each.
function booking(entry, text, common) {
  const stops = (entry.stop ? [entry.stop] : entry.channels.map((channel) => channel.stop)).filter((stop) => stop && stop !== common);
  const all = entry.stop || entry.channels.every((channel) => channel.stop);
  const rest = all
    ? element("span", { class: "left", textContent: "will not go" })
    : element("time", { class: "left", dateTime: entry.at });
  return [moment(entry.at), rest, words(text), channels(entry.channels), ...stops.map((stop) => element("span", { class: "stop", textContent: stop }))];
}

function plan(entry, text) {
  return [moment(entry.at), words(text), element("span", { class: "why", textContent: entry.why })];
}

const words = (text) => element("span", { class: "text", textContent: text });

function moment(at) {
  const when = new Date(at);
  const today = isoDay(when) === isoDay(now());
  return element("time", { class: "at", dateTime: at },
    element("span", { class: "hour", textContent: hour(when) }),
    element("span", { class: "day", textContent: today ? "today" : shortDay(when) }));
}

function channels(all) {
  return element("span", { class: "where" }, ...all.flatMap(({ name, note }, place) => [
    element("span", { class: "channel", textContent: name }), note ? element("span", { class: "note", textContent: ` (${note})` }) : null,
    place < all.length - 1 ? ", " : null]));
}

// The first words of the row; the style sheet cuts what does not fit.
function beginning(row) {
  const column = row && sheet.header.find((name) => kindOf(name) === "text");
  const text = column ? String(row.value(column)).trim().slice(0, 160) : "";
  return text || (row ? "No text yet" : "No longer in the sheet");
}

function count() {
  const moment_ms = now().getTime();
  for (const time of document.querySelectorAll("#bookings time.left")) write(time, left(new Date(time.dateTime).getTime() - moment_ms));
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
