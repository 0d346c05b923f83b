// The month at a glance: weeks as rows, or on a small screen a list by day; each post at the time it will go.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { isoDay } from "../times.js";
import { STATES, dayAfter, entries, firstWords, markOf, plan, sayDay, wasWhen } from "./entries.js";
import { openDay, openPost } from "./panel.js";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const ROOMY = 3; // Posts of a day that are told in two lines each.
const DENSE = 6; // Told in one line each; what is beyond is a number.
const small = matchMedia("(max-width: 760px)");
let month = ""; // 2027-03
let here = ""; // The day that the keyboard is on.
let drawn = "";
const shown = new Map(); // day -> {node, print}

const place = () => document.getElementById("month-calendar");
export const monthShown = () => month || isoDay(now()).slice(0, 7);

export function start() {
  place().append(
    element("div", { class: "month-bar" },
      element("h3", { id: "month-name", "aria-live": "polite" }),
      element("div", { class: "turns" }, turn("‹", "The month before", -1), turn("Today", "To the stack’s today", 0), turn("›", "The month after", 1)),
      element("dl", { class: "month-legend", id: "month-legend", "aria-label": "Posts of this month" })),
    element("div", { id: "month-days" }));
  small.addEventListener("change", draw);
}

function turn(sign, label, by) {
  const button = element("button", { type: "button", textContent: sign, "aria-label": label, title: label });
  button.addEventListener("click", () => go(by));
  return button;
}

function go(by) {
  const today = isoDay(now());
  if (by === 0) [month, here] = [today.slice(0, 7), today];
  else {
    month = dayAfter(`${monthShown()}-15`, by * 30).slice(0, 7);
    here = `${month}-01`;
  }
  draw();
}

// Only what has changed is touched: a day is drawn anew when what it shows is another.
export function draw() {
  const today = isoDay(now());
  month ||= today.slice(0, 7);
  here ||= today.startsWith(month) ? today : `${month}-01`;
  const name = sayDay(`${month}-15`, { month: "long", year: "numeric" });
  const title = document.getElementById("month-name");
  if (title.textContent !== name) title.textContent = name;
  const days = grouped();
  legend(days);
  const frame = `${month} ${small.matches}`;
  if (drawn !== frame) {
    drawn = frame;
    shown.clear();
    document.getElementById("month-days").replaceChildren(small.matches ? element("ol", { class: "month-list" }) : table());
  }
  if (small.matches) list(days, today);
  else for (const [day, one] of shown) fill(day, one, days.get(day) ?? [], today);
}

function grouped() {
  const days = new Map();
  for (const entry of entries()) {
    if (!entry.day) continue;
    if (!days.has(entry.day)) days.set(entry.day, []);
    days.get(entry.day).push(entry);
  }
  return days;
}

let legendPrint = "";
function legend(days) {
  const counts = {};
  for (const [day, posts] of days) if (day.startsWith(month)) for (const { state } of posts) counts[state] = (counts[state] ?? 0) + 1;
  const print = JSON.stringify(counts);
  if (print === legendPrint) return;
  legendPrint = print;
  document.getElementById("month-legend").replaceChildren(...Object.entries(STATES).filter(([state]) => counts[state]).map(([state, { words }]) => (
    element("div", {}, element("dt", {}, signOf(state), ` ${words}`), element("dd", { textContent: counts[state] })))));
}

export function signOf(state) {
  return element("span", { class: `sign ${state}`, "aria-hidden": "true", textContent: STATES[state].sign });
}

// The table ------------------------------------------------------------------------------------------------------------

function table() {
  const first = `${month}-01`;
  const back = (new Date(`${first}T12:00:00Z`).getUTCDay() + 6) % 7;
  const body = element("tbody");
  for (let day = dayAfter(first, -back); day.slice(0, 7) <= month; ) {
    const week = element("tr");
    for (let n = 0; n < 7; n += 1, day = dayAfter(day, 1)) {
      const cell = element("td", { tabIndex: -1 });
      cell.dataset.day = day;
      shown.set(day, { node: cell, print: "" });
      week.append(cell);
    }
    body.append(week);
  }
  const head = element("thead", {}, element("tr", {}, ...WEEKDAYS.map((name) => element("th", { scope: "col" }, element("span", { textContent: name.slice(0, 3), title: name })))));
  const made = element("table", { class: "month-table", role: "grid", "aria-labelledby": "month-name", "aria-describedby": "month-keys" }, head, body);
  made.addEventListener("keydown", onKey);
  made.addEventListener("click", onClick);
  made.addEventListener("focusin", (event) => settle(event.target.closest("td")?.dataset.day));
  return element("div", {}, made, element("p", { class: "aside month-keys", id: "month-keys", textContent: "Arrow keys go from day to day, Enter lists a day, Page Up and Page Down turn the month." }));
}

const KEYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function onKey(event) {
  const cell = event.target.closest("td");
  if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const { day } = cell.dataset;
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;
  const to = { ...Object.fromEntries(Object.entries(KEYS).map(([key, by]) => [key, dayAfter(day, by)])), Home: dayAfter(day, -weekday), End: dayAfter(day, 6 - weekday) }[event.key];
  if (to) moveTo(to);
  else if (event.key === "PageUp" || event.key === "PageDown") {
    go(event.key === "PageUp" ? -1 : 1);
    moveTo(here);
  } else if ((event.key === "Enter" || event.key === " ") && event.target === cell) openDay(day);
  else return;
  event.preventDefault();
}

function moveTo(day) {
  if (!shown.has(day)) {
    month = day.slice(0, 7);
    here = day;
    draw();
  }
  settle(day);
  shown.get(day)?.node.focus();
}

// One day of the table is in the order of tabs: the one the keyboard was on last.
function settle(day) {
  if (!day) return;
  if (shown.has(here)) shown.get(here).node.tabIndex = -1;
  here = day;
  if (shown.has(here)) shown.get(here).node.tabIndex = 0;
}

function onClick(event) {
  const { day } = event.target.closest("td")?.dataset ?? {};
  if (!day) return;
  const post = event.target.closest("[data-post]");
  if (post) openPost(post.dataset.post, "");
  else openDay(day);
}

function fill(day, one, posts, today) {
  const { node } = one;
  node.tabIndex = day === here ? 0 : -1;
  const print = JSON.stringify([posts.map(brief), plan.closed[day], plan.turns[day], day === today]);
  if (print === one.print) return;
  one.print = print;
  node.className = [day.startsWith(month) ? "" : "other", day === today ? "today" : "", plan.closed[day] ? "closed" : ""].filter(Boolean).join(" ");
  if (day === today) node.setAttribute("aria-current", "date");
  else node.removeAttribute("aria-current");
  const most = posts.length <= ROOMY ? ROOMY : posts.length > DENSE ? DENSE - 1 : DENSE;
  const lines = posts.slice(0, most).map((entry) => line(entry, posts.length <= ROOMY));
  const left = posts.length - most;
  node.replaceChildren(...[heading(day, today), lines.length ? element("ul", {}, ...lines) : null,
    left > 0 ? element("p", { class: "more", textContent: `+${left} more` }) : null].filter(Boolean));
}

const brief = (entry) => [entry.id, entry.hour, entry.was, entry.state, firstWords(entry.text, 60), entry.channels.map(({ name }) => name)];

function heading(day, today) {
  const number = Number(day.slice(8));
  const words = [plan.closed[day], plan.turns[day]].filter(Boolean);
  return element("p", { class: "date" },
    element("time", { dateTime: day, "aria-label": sayDay(day), textContent: number === 1 ? sayDay(day, { day: "numeric", month: "short" }) : number }),
    day === today ? element("span", { class: "now", textContent: "today" }) : null,
    words.length ? element("span", { class: "aside", textContent: words.join("; ") }) : null);
}

// Reached by the day with the keyboard: hundreds of stops on the way through the page would help nobody.
function line(entry, roomy) {
  const button = element("button", { type: "button", class: `entry ${entry.state}`, tabIndex: -1, title: [entry.why, firstWords(entry.text, 200)].filter(Boolean).join("\n"), "aria-label": spoken(entry) },
    element("span", { class: "when" }, signOf(entry.state), struck(entry), element("b", { textContent: entry.hour || "?" })),
    marks(entry),
    element("span", { class: "words", textContent: firstWords(entry.text, 60) }));
  button.dataset.post = keyOf(entry);
  return element("li", { class: roomy ? "roomy" : "" }, button);
}

// The cell's own time; its day is left out where there is no room.
function struck(entry) {
  if (!entry.was) return null;
  const far = wasWhen(entry).slice(0, -entry.was.hour.length);
  return element("s", {}, far ? element("span", { class: "far", textContent: far }) : null, entry.was.hour);
}

export const keyOf = (entry) => entry.id || `row ${entry.row?.index}`;

export function marks(entry) {
  const names = [...new Set(entry.channels.map(({ name }) => markOf(name)))];
  const more = names.length > 4 ? [`+${names.length - 3}`] : [];
  return element("span", { class: "marks", "aria-hidden": "true", title: entry.channels.map(({ name }) => name).join(", ") },
    ...[...names.slice(0, more.length ? 3 : 4), ...more].map((textContent) => element("i", { textContent })));
}

export function spoken(entry) {
  const moved = entry.was ? `, not ${wasWhen(entry)}${entry.why ? `: ${entry.why}` : ""}` : "";
  return `${entry.hour || "no time"}${moved}, ${STATES[entry.state].words}, ${entry.channels.map(({ name }) => name).join(", ")}: ${firstWords(entry.text, 80)}`;
}

// The list -------------------------------------------------------------------------------------------------------------

function list(days, today) {
  const names = new Set([...days.keys(), ...Object.keys(plan.closed), ...Object.keys(plan.turns), today].filter((day) => day.startsWith(month)));
  const wanted = [...names].sort();
  const print = JSON.stringify([today, wanted.map((day) => [day, (days.get(day) ?? []).map(brief), plan.closed[day], plan.turns[day]])]);
  const node = document.querySelector(".month-list");
  if (node.dataset.print === print) return;
  node.dataset.print = print;
  node.replaceChildren(...wanted.map((day) => element("li", { class: [day === today ? "today" : "", plan.closed[day] ? "closed" : ""].join(" ") },
    element("h4", {}, sayDay(day, { weekday: "long", day: "numeric", month: "short" }),
      day === today ? element("span", { class: "now", textContent: "today" }) : null,
      ...[plan.closed[day], plan.turns[day]].filter(Boolean).map((textContent) => element("span", { class: "aside", textContent }))),
    postList(days.get(day) ?? []))));
  if (!wanted.some((day) => days.has(day))) node.append(element("li", { class: "nothing", textContent: "Nothing is planned in this month." }));
}

function namesOf({ channels }) {
  const names = channels.map(({ name }) => name);
  return names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
}

// Whole lines to press, for a day's list and a small screen.
export function postList(posts, from = "") {
  const items = posts.map((entry) => {
    const button = element("button", { type: "button", class: `entry ${entry.state}` },
      element("span", { class: "when" }, signOf(entry.state), struck(entry), element("b", { textContent: entry.hour || "?" })),
      element("span", { class: "words", textContent: firstWords(entry.text, 110) || "No text yet" }),
      element("span", { class: "aside", textContent: [STATES[entry.state].words, namesOf(entry), entry.why].filter(Boolean).join(" · ") }));
    button.addEventListener("click", () => openPost(keyOf(entry), from));
    return element("li", {}, button);
  });
  return element("ul", { class: "month-posts" }, ...items);
}
