// What the drawing, the list and the panel know of the mesh: its nodes and edges as the deployed template has them, once asked.

import { ask } from "../ask.js";

const EMPTY = { nodes: [], edges: [], prefix: "ss" };
let map = EMPTY;
let asked = null;

export const KINDS = {
  function: "Function", machine: "State machine", type: "Event", schedule: "Schedule", group: "Schedules", table: "Table", bucket: "Files",
  queue: "Queue", door: "Page", outside: "Outside",
};

// The same promise for all that wait for it; one that failed is asked again.
export function loadMap() {
  asked ??= ask("/api/mesh").then((found) => { map = found; }, (error) => {
    asked = null;
    throw error;
  });
  return asked;
}

export const nodes = (...kinds) => map.nodes.filter((node) => kinds.includes(node.kind));
export const nodeOf = (id) => map.nodes.find((node) => node.id === id);
export const edges = () => map.edges;
export const into = (id, kind) => map.edges.filter((edge) => edge.target === id && (!kind || edge.kind === kind));
export const outOf = (id, kind) => map.edges.filter((edge) => edge.source === id && (!kind || edge.kind === kind));
export const full = (name) => `${map.prefix}-${name}`;
export const short = (name) => String(name).replace(new RegExp(`^${map.prefix}-`), "");

// As the drawing writes it: an event without the stack's prefix, what is outside by its own name.
export function title(node) {
  if (node.kind === "type") return node.name;
  if (node.kind === "outside") return node.facts.words;
  if (node.kind === "door") return `${node.name}’s page`;
  return node.name;
}

// "rate(5 minutes)" as an owner says it; a cron stays what it is, beside its next moment.
export function when(expression) {
  const rate = /^rate\((\d+) (\w+?)s?\)$/.exec(expression ?? "");
  if (rate) return rate[1] === "1" ? `every ${rate[2]}` : `every ${rate[1]} ${rate[2]}s`;
  const cron = /^cron\((\d+) (\d+) (\S+) \* (\S+) \*\)$/.exec(expression ?? "");
  if (!cron) return expression ?? "";
  const at = `${cron[2].padStart(2, "0")}:${cron[1].padStart(2, "0")}`;
  const nth = /^(\d)#(\d)$/.exec(cron[4]);
  const days = { 1: "Sunday", 2: "Monday", 3: "Tuesday", 4: "Wednesday", 5: "Thursday", 6: "Friday", 7: "Saturday", SUN: "Sunday", MON: "Monday", TUE: "Tuesday", WED: "Wednesday", THU: "Thursday", FRI: "Friday", SAT: "Saturday" };
  if (nth) return `the ${["", "first", "second", "third", "fourth", "fifth"][nth[2]]} ${days[nth[1]]} of a month, ${at}`;
  if (days[cron[4]]) return `${days[cron[4]]}s, ${at}`;
  return cron[3] === "*" || cron[4] === "*" ? `daily, ${at}` : expression;
}

// Columns are what runs, in the template's order, which is the flow's. Threads are what they share: an event's place follows from who puts
// it, so that a new one finds its own.
export function columns() {
  return nodes("function", "machine");
}

export function threads() {
  const place = new Map(columns().map((node, index) => [node.id, index]));
  const users = (node) => map.edges.flatMap((edge) => (edge.source === node.id ? [place.get(edge.target)] : edge.target === node.id ? [place.get(edge.source)] : [])).filter((at) => at !== undefined);
  const first = (node, kind) => {
    const found = (kind === "puts" ? into(node.id, "puts").map((edge) => place.get(edge.source)) : outOf(node.id, "wakes").map((edge) => place.get(edge.target))).filter((at) => at !== undefined);
    return found.length ? found.reduce((sum, at) => sum + at, 0) / found.length : 99;
  };
  const ordered = nodes("type").map((node, index) => ({ node, index, put: first(node, "puts"), wakes: first(node, "wakes") }))
    .sort((one, other) => one.put - other.put || one.wakes - other.wakes || one.index - other.index).map(({ node }) => node);
  const outside = nodes("outside");
  const coming = outside.filter((node) => users(node).includes(0));
  return [
    { title: "What comes in", nodes: coming },
    { title: "Events", nodes: ordered },
    { title: "What is kept", nodes: ["table", "bucket", "group", "queue"].flatMap((kind) => nodes(kind)) },
    { title: "What goes out", nodes: outside.filter((node) => !coming.includes(node)) },
  ].filter((part) => part.nodes.length);
}
