// An event: who put it and why, what it carried, whom it woke and what they answered.

import { element } from "../ask.js";
import { ids } from "./trail.js";
import { by, exact, lines, long } from "./runs.js";
import { nodeOf, outOf, short, title } from "./map.js";

const SHOWN_POSTS = 12;

export function showEvent({ event, cause, effects, then }, desk) {
  const detail = event.detail ?? {};
  return {
    title: event.detail_type,
    marks: [`type/${event.detail_type}`, cause ? `function/${short(cause.function)}` : "", ...effects.map((one) => one.woken)].filter(Boolean),
    parts: [
      element("p", { class: "says", textContent: `${exact(event.time)}, event ${event.seq}, from ${event.source}` }),
      posts([...new Set(ids(detail))], desk),
      heading("Cause"), ...causeOf(event, cause, detail),
      heading("Effect"), ...effectsOf(effects),
      ...(then.length ? [heading("What that set off"), element("ul", { class: "plain-list" }, ...then.map((one) => element("li", {}, link(`event/${one.seq}`, one.detail_type), ` by ${short(one.by)}`)))] : []),
      heading("Detail"), element("pre", { class: "json", tabIndex: 0, "aria-label": "The event’s detail", textContent: JSON.stringify(detail, null, 2) }),
      detail.trace_id ? way("Thread", element("span", { class: "to" }, link(`trace/${detail.trace_id}`, detail.trace_id))) : null,
    ],
  };
}

const heading = (textContent) => element("h3", { textContent });
const link = (place, textContent) => element("a", { href: `#mesh/${place}`, textContent });

function posts(found, desk) {
  if (!found.length) return null;
  const to = element("span", { class: "to" }, ...found.slice(0, SHOWN_POSTS).map((id) => link(`post/${id}`, id)));
  if (found.length > SHOWN_POSTS) to.append(`and ${found.length - SHOWN_POSTS} more`);
  if (found.length === 1) {
    const row = element("button", { type: "button", textContent: "Show its row" });
    row.addEventListener("click", () => desk.toRow(found[0]));
    to.append(row);
  }
  return way(found.length > 1 ? `${found.length} posts` : "Post", to);
}

const way = (words, to) => element("p", { class: "way" }, element("span", { class: "aside", textContent: words }), to);

function causeOf(event, cause, detail) {
  if (!cause) {
    const words = detail.revision && detail.attempt ? "No run put it: a booking fell due, and the schedule put it on the bus."
      : event.source.startsWith("aws.") ? `${event.source.slice(4)} told it, as AWS does; nothing here put it.` : "No run that put it is known any more, or it has not ended yet.";
    return [element("p", { textContent: words })];
  }
  const woken = element("p", {}, link(`function/${short(cause.function)}`, short(cause.function)), ` put it, woken by `, cause.event ? link(`event/${cause.event}`, by(cause.trigger)) : by(cause.trigger), ` at ${exact(cause.at)}.`);
  return [woken, told(cause)];
}

function effectsOf(effects) {
  if (!effects.length) return [element("p", { textContent: "No rule matches it: nobody is woken." })];
  return effects.map(({ woken, rule, runs }) => element("div", { class: "effect" },
    element("p", {}, link(woken, nodeOf(woken) ? title(nodeOf(woken)) : woken), element("span", { class: "aside", textContent: ` by the rule ${rule}` })),
    ...(runs.length ? runs.map((run) => element("div", { class: run.outcome === "ok" ? "" : "bad" }, answered(run), told(run))) : [none(woken)])));
}

function none(woken) {
  return element("p", { class: "aside", textContent: woken.startsWith("machine/") && outOf(woken, "runs").length ? "The machine runs its steps by itself; its own page tells of its runs." : "No run of it is known: it waits, has not ended, or is no longer kept." });
}

const answered = (run) => element("p", { class: "answered", textContent: `${run.outcome === "ok" ? "Done" : run.outcome === "timeout" ? "Ran out of time" : "Failed"} in ${long(run.duration_ms)}, at ${exact(run.at)}` });

function told(run) {
  const words = run.lines.length ? `${run.lines.length} ${run.lines.length === 1 ? "line" : "lines"} of its log` : "Its log";
  const place = element("details", { open: run.outcome !== "ok" || run.lines.length < 4 }, element("summary", { textContent: words }));
  if (run.lines.length || !run.error) place.append(lines(run.lines));
  if (run.error) place.append(element("pre", { class: "wrong", tabIndex: 0, "aria-label": "What Python said", textContent: run.error }));
  return place;
}
