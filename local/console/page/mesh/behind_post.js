// A post's life in sentences, and its thread through the mesh by traces; or one trace alone.

import { element, linked } from "../ask.js";
import { now } from "../clock.js";
import { brief } from "../times.js";

const FIRST = 60;

export function showPost(kind, name, found, desk) {
  const marks = found.steps.filter((step) => step.source === "log").flatMap((step) => [`function/${step.who}`, `type/${/emits (\S+)/.exec(step.what)?.[1]}`]);
  return { marks: [...new Set(marks)], title: kind === "post" ? `The life of ${name}` : `The thread ${name}`, parts: kind === "post" ? [...life(name, found, desk), ...thread(found)] : [...remarks(found), steps(found.steps, FIRST)] };
}

const heading = (textContent) => element("h3", { textContent });

function life(id, { life: lines }, desk) {
  const row = element("button", { type: "button", textContent: "Show its row" });
  row.addEventListener("click", () => desk.toRow(id));
  const minor = lines.some((line) => line.minor);
  const list = element("ol", { class: "life" }, ...lines.map((line) => element("li", { class: line.minor ? "minor" : "", hidden: line.minor },
    element("time", { dateTime: line.at, textContent: brief(new Date(line.at), now()) }), element("span", {}, linked(line.sentence), line.sentence.includes(line.by) ? null : element("span", { class: "aside", textContent: ` ${line.by}` })))));
  const parts = [element("p", { class: "acts" }, row), list];
  if (minor) parts[0].append(toggle("Housekeeping too", (on) => { for (const one of list.querySelectorAll(".minor")) one.hidden = !on; }));
  return parts;
}

function toggle(textContent, change) {
  const made = element("button", { type: "button", textContent, "aria-pressed": "false" });
  made.addEventListener("click", () => {
    const on = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(on));
    change(on);
  });
  return made;
}

// By trace, the earliest first: what one cause set off stands together, and each can be looked at alone.
function thread(found) {
  const traces = new Map();
  for (const step of found.steps) traces.set(step.trace_id, [...(traces.get(step.trace_id) ?? []), step]);
  const groups = [...traces].map(([trace, several]) => element("section", { class: "trace" }, traceHead(trace, several), steps(several, 8)));
  const several = [...traces.keys()].filter(Boolean).length;
  return [heading(`Its thread: ${found.steps.length} steps of ${several} ${several === 1 ? "trace" : "traces"}`), ...remarks(found), ...groups];
}

function traceHead(trace, several) {
  const head = element("h4", {}, element("time", { dateTime: several[0].at, textContent: brief(new Date(several[0].at), now()) }), " ", trace ? element("a", { href: `#mesh/trace/${trace}`, textContent: trace }) : "of no trace");
  return head;
}

const remarks = (found) => found.remarks.map((textContent) => element("p", { class: "aside", textContent }));

function steps(found, first) {
  const list = element("ol", { class: "steps" }, ...found.slice(0, first).map(step));
  if (found.length <= first) return list;
  const more = element("button", { type: "button", class: "plain", textContent: `Show ${found.length - first} more` });
  more.addEventListener("click", () => {
    list.append(...found.slice(first).map(step));
    more.remove();
  });
  return element("div", {}, list, more);
}

function step(one) {
  return element("li", { class: one.source }, element("time", { dateTime: one.at, textContent: brief(new Date(one.at), now()) }), element("span", { class: "who", textContent: one.who }), element("span", {}, linked(one.what)));
}
