// What the plan says of each row, together with what the row says itself: what all of this page's views are made of.

import { kindOf, sheet } from "../grid/rows.js";
import { hour, isoDay } from "../times.js";

// Sign and words of each state, in the order in which they matter.
export const STATES = {
  failed: { sign: "×", words: "failed" },
  mend: { sign: "!", words: "to mend" },
  later: { sign: "!", words: "will be to mend" },
  held: { sign: "‖", words: "on hold" },
  waits: { sign: "?", words: "waits for approval" },
  draft: { sign: "○", words: "planned" },
  approved: { sign: "✓", words: "approved" },
  out: { sign: "●", words: "out" },
};
const MARKS = { x: "X", instagram: "Ig", facebook: "Fb", threads: "Th", linkedin: "Li", bluesky: "Bs", mastodon: "Ma" };

export const ISO_DAY = /^\d{4}-\d\d-\d\d$/;
export const CLOCK = /^\d\d:\d\d$/;
export const plan = { posts: [], networks: {}, closed: {}, turns: {}, read: false };
let made = null;

// Answers whether anything is another now.
export function take({ plan: fresh, grid }) {
  if (fresh) Object.assign(plan, fresh, { read: true });
  if (fresh || grid) made = null;
  return Boolean(fresh || grid);
}

// Every post, by the time it goes; those without a time at the end.
export function entries() {
  made ??= make();
  return made;
}

export const columnOf = (kind) => sheet.header.find((name) => kindOf(name) === kind);
export const markOf = (channel) => MARKS[plan.networks[channel]] ?? channel.slice(0, 2);

function make() {
  const rows = new Map(sheet.rows.filter((row) => row.id).map((row) => [row.id, row]));
  const known = new Set(plan.posts.map((post) => post.post_id));
  // A row that was taken out just now is still in the plan; what is out stays in it.
  const found = plan.posts.filter((post) => rows.has(post.post_id) || post.state === "out").map((post) => ofPost(post, rows.get(post.post_id)));
  for (const row of sheet.rows) if (!known.has(row.id)) found.push(ofRow(row));
  return found.sort((a, b) => (`${a.day || "~"} ${a.hour}` < `${b.day || "~"} ${b.hour}` ? -1 : 1));
}

const said = (row, kind) => String(row?.value(columnOf(kind) ?? kind) ?? "");

function ofPost(post, row) {
  const goes = post.goes_at && new Date(post.goes_at);
  const cell = post.cell_at && new Date(post.cell_at);
  const was = cell ? { day: isoDay(cell), hour: hour(cell) } : null;
  // A time that the clocks skip that day is in the row alone.
  const skipped = was && plan.turns[was.day] && said(row, "date") === was.day && CLOCK.test(said(row, "time"));
  if (skipped) was.hour = said(row, "time");
  const at = goes ? { day: isoDay(goes), hour: hour(goes) } : cellTime(row);
  const moved = Boolean(was && goes && (was.day !== at.day || was.hour !== at.hour));
  return {
    id: post.post_id, row, ...at, was: moved ? was : null, why: post.why || (moved && plan.turns[was.day]) || "", state: post.state,
    channels: post.channels, problems: post.problems, toMend: post.to_mend, package: post.package, text: said(row, "text"), status: said(row, "status"),
  };
}

// What the cells say, as far as they can be read.
function cellTime(row) {
  const [day, clock] = [said(row, "date"), said(row, "time")];
  return { day: ISO_DAY.test(day) ? day : "", hour: CLOCK.test(clock) ? clock : "" };
}

// A row that the mesh has not seen yet.
function ofRow(row) {
  const names = said(row, "channels").split(/[,;\n]/).map((name) => name.trim()).filter(Boolean);
  return {
    id: row.id, row, ...cellTime(row), was: null, why: "", state: "draft",
    channels: names.map((name) => ({ name, at: null, why: "", state: "", url: "" })), problems: [], toMend: "", package: "",
    text: said(row, "text"), status: said(row, "status"),
  };
}

const shift = (day, by) => new Date(Date.parse(`${day}T12:00:00Z`) + by * 86400000).toISOString().slice(0, 10);
export { shift as dayAfter };

// "12:00", or with its day where that is another one: by its name within a week.
export function wasWhen(entry) {
  const { day, hour: clock } = entry.was;
  if (day === entry.day) return clock;
  const near = Math.abs(Date.parse(day) - Date.parse(entry.day)) < 7 * 86400000;
  return near ? `${sayDay(day, { weekday: "short" })} ${clock}` : `${sayDay(day, { day: "numeric", month: "short" })}, ${clock}`;
}

const formats = new Map();
export function sayDay(day, options = { weekday: "long", day: "numeric", month: "long" }) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }));
  return formats.get(key).format(new Date(`${day}T12:00:00Z`));
}

export const firstWords = (text, most = 90) => {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
};
