// Invocations, newest first: when, by what, how long, how it ended; each opens to its lines.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { brief, hour } from "../times.js";
import { short } from "./map.js";

export function runs(found, { open = false } = {}) {
  if (!found.length) return element("p", { class: "nothing", textContent: "It has not run yet." });
  return element("ol", { class: "runs" }, ...found.map((run) => element("li", { class: run.outcome === "ok" ? "" : "bad" }, runOf(run, open))));
}

function runOf(run, open) {
  const made = element("details", { open },
    element("summary", {},
      element("time", { dateTime: run.at, textContent: exact(run.at) }),
      element("span", { class: "by", textContent: by(run.trigger) }),
      element("span", { class: "end", textContent: `${run.outcome === "ok" ? "" : `${run.outcome}, `}${long(run.duration_ms)}` })),
    lines(run.lines),
    run.error ? element("pre", { class: "wrong", tabIndex: 0, "aria-label": "What Python said", textContent: run.error }) : null);
  return made;
}

export function lines(found) {
  if (!found.length) return element("p", { class: "aside", textContent: "It logged no line of its own." });
  return element("ul", { class: "lines" }, ...found.map((line) => element("li", {},
    element("time", { dateTime: line.at, textContent: `${hour(new Date(line.at)).slice(3)}${new Date(line.at).toISOString().slice(16, 23)}`, title: brief(new Date(line.at), now()) }),
    " ", line.words)));
}

export const exact = (at) => `${brief(new Date(at), now())}${new Date(at).toISOString().slice(16, 19)}`;
export const long = (duration_ms) => (duration_ms >= 1000 ? `${(duration_ms / 1000).toFixed(1)} s` : `${duration_ms} ms`);

export function by(trigger) {
  const [kind, ...rest] = trigger.split(" ");
  const name = rest.join(" ");
  return { event: name, schedule: `schedule ${short(name)}`, url: "its page", invoke: "a step of the machine" }[kind] ?? trigger;
}
