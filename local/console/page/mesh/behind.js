// What is behind the part, the event or the post that the address names, in place of the trail.

import { ask, element } from "../ask.js";
import { now } from "../clock.js";
import { brief } from "../times.js";
import { showEvent } from "./behind_event.js";
import { showPost } from "./behind_post.js";
import { ways } from "./list.js";
import { KINDS, full, nodeOf, title, when } from "./map.js";
import { runs } from "./runs.js";
import { events, row } from "./trail.js";

const by = (id) => document.getElementById(id);
let open = "";
let marks = [];
let desk;
let told = () => {};

// The nodes of the drawing that what is shown speaks of.
export const marked = () => marks.filter(nodeOf);

export function startBehind(given, whenTold) {
  desk = given;
  told = whenTold;
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open && document.body.dataset.page === "mesh" && !document.querySelector(":popover-open, dialog[open]")) desk.go("mesh");
  });
}

// `again`: what is shown already is drawn anew, as the map has come meanwhile.
export async function showBehind(place, again = false) {
  if (place === open && !again) return;
  const before = open;
  open = place;
  marks = [place];
  by("behind").hidden = !place;
  by("trail").classList.toggle("with-behind", Boolean(place));
  if (!place) return before && by("trail-find").focus({ preventScroll: true });
  const [kind, ...rest] = place.split("/");
  const name = rest.join("/");
  tell(KINDS[kind] ? `${KINDS[kind]} ${named(place, name)}` : { event: "An event", post: "A post’s life", trace: "One thread" }[kind] ?? "Nothing here", [waiting()]);
  if (before !== place) by("behind-title").focus({ preventScroll: innerWidth >= 1080 });
  let found;
  try {
    found = await what(kind, name, place);
  } catch (error) {
    found = { parts: [element("p", { class: "wrong", role: "alert", textContent: error.message })] };
  }
  if (open !== place) return;
  marks = found.marks ?? [place];
  tell(found.title ?? by("behind-title").textContent, found.parts);
  told();
}

const named = (place, name) => (nodeOf(place) ? title(nodeOf(place)) : name);
const waiting = () => element("p", { class: "nothing", textContent: "It is being looked up." });

function tell(words, parts) {
  if (by("behind-title").textContent !== words) by("behind-title").textContent = words;
  by("behind-scroll").replaceChildren(...parts.filter(Boolean));
  by("behind-scroll").scrollTop = 0;
}

async function what(kind, name, place) {
  const from = `/api/mesh/${kind}/${encodeURIComponent(name)}`;
  if (kind === "event") return showEvent(await ask(from), desk);
  if (kind === "post" || kind === "trace") return showPost(kind, name, await ask(from), desk);
  const node = nodeOf(place);
  if (!node) return { parts: [element("p", { class: "nothing", textContent: "The mesh has no such part." })] };
  const about = [node.facts.description ? element("p", { class: "says", textContent: node.facts.description }) : null, ...ways(node)];
  if (kind === "type") return { parts: [...about, heading("Seen lately"), seen((event) => event.detail_type === name)] };
  if (kind === "door" || kind === "outside") return { parts: about };
  const found = await ask(from);
  return { parts: [...about, ...({ function: showFunction, schedule: showSchedule, group: showGroup, machine: showMachine }[kind] ?? showStore)(node, found)] };
}

const heading = (textContent) => element("h3", { textContent });

function facts(pairs) {
  const told = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return element("dl", { class: "facts" }, ...told.flatMap(([name, value]) => [element("dt", { textContent: name }), element("dd", { textContent: value })]));
}

function seen(test) {
  const found = events().filter(test).slice(-20).reverse();
  if (!found.length) return element("p", { class: "nothing", textContent: "Not yet, since this page was opened." });
  return element("ol", { class: "events" }, ...found.map((event) => element("li", {}, row(event))));
}

const next = (one) => (one?.at ? `${brief(new Date(one.at), now())}` : "");

function showFunction(node, found) {
  const schedules = found.schedules.filter((one) => one.target?.endsWith?.(full(node.name)) && one.at && !one.once);
  return [
    facts([["Memory", `${node.facts.memory_mb} MB`], ["Longest run", `${node.facts.timeout_seconds} s`], ["Tries again", node.facts.retries === null ? null : `${node.facts.retries}×, then to the dead letters`],
      ...schedules.map((one) => [`Next, ${one.name}`, next(one)])]),
    heading(found.kept > found.runs.length ? `The last ${found.runs.length} of ${found.kept} runs` : "Its runs"),
    runs(found.runs),
  ];
}

function showSchedule(node, found) {
  const one = found.schedules.find((schedule) => schedule.name === node.name);
  return [facts([["When", when(node.facts.expression)], ["As the template says", node.facts.expression], ["Time zone", node.facts.zone], ["Next", next(one)]])];
}

function showGroup(node, found) {
  const own = found.schedules.filter((one) => one.group === node.name).sort((one, other) => String(one.at).localeCompare(String(other.at)));
  const does = node.facts.puts ? element("p", { class: "says", textContent: "Each is a moment at which its event is put on the bus." }) : null;
  if (!own.length) return [does, element("p", { class: "nothing", textContent: "Nothing is booked in it." })];
  return [does, heading(`${own.length} booked`), element("ol", { class: "plain-list" }, ...own.slice(0, 100).map((one) => element("li", {}, element("time", { textContent: next(one) }), " ", one.name)))];
}

function showMachine(node, found) {
  if (!found.executions.length) return [heading("Its runs"), element("p", { class: "nothing", textContent: "It has not run yet." })];
  const told = (one) => `${one.status}${one.seconds === null ? "" : `, ${one.seconds} s`}`;
  return [heading("Its last runs"), element("ol", { class: "plain-list" }, ...found.executions.map((one) => element("li", { class: one.status === "failed" ? "bad" : "" }, `${told(one)} `, element("code", { textContent: one.name.slice(0, 36) }))))];
}

function showStore(node, found) {
  const { keys = [], indexes = {}, forgets } = node.facts;
  return [facts([["Holds", `${found.count} ${found.of}`], ["Name", full(node.name)], ["Key", keys.join(", ")],
    ...Object.entries(indexes).map(([name, columns]) => [`Index ${name}`, columns.join(", ")]), ["Forgets", forgets ? "what is older than it says itself" : null]])];
}
