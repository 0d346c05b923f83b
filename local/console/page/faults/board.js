// The switches themselves: a list of those who can fail, and what each of them can be made to do.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { brief } from "../times.js";

const TIMES = { 1: "Once", 3: "Three times", 0: "Until switched off" };
let groups = [];
let turn;
let chosen = sessionStorage.getItem("fault-group") ?? "";
let told = { switches: {}, elsewhere: [] };
const rows = new Map();

export function build(place, given, turning) {
  [groups, turn] = [given, turning];
  if (!groups.some((group) => group.id === chosen)) chosen = groups[0].id;
  place.replaceChildren(
    element("p", { class: "lead", textContent: "Make something go wrong here, approve a post, turn the clock: nothing goes out twice, and nothing gets lost." }),
    element("ul", { id: "faults-elsewhere", class: "elsewhere", "aria-label": "Ordered elsewhere" }),
    element("div", { class: "board" },
      element("section", { id: "faults-since", class: "since", hidden: true, "aria-label": "What happened since" }),
      element("ul", { class: "rail", "aria-label": "Who is to fail" }, ...groups.map(railed)),
      element("section", { class: "switches", "aria-labelledby": "faults-group" },
        element("h3", { id: "faults-group" }), element("ul", { id: "faults-list" }))));
  choose(chosen);
}

function railed(group) {
  const button = element("button", { type: "button", id: `fault-group-${group.id}`, onclick: () => choose(group.id) },
    element("span", { textContent: group.label }), element("span", { class: "count" }));
  return element("li", {}, button);
}

function choose(id) {
  chosen = id;
  sessionStorage.setItem("fault-group", id);
  const group = groups.find((one) => one.id === id);
  document.getElementById("faults-group").textContent = group.label;
  rows.clear();
  document.getElementById("faults-list").replaceChildren(...group.switches.map(row));
  show(told);
}

function row(one) {
  const ids = { label: `fault-${one.id}`, what: `fault-${one.id}-what` };
  const toggle = element("button", { type: "button", class: "toggle", role: "switch", "aria-labelledby": ids.label, "aria-describedby": ids.what, "aria-checked": "false" },
    element("span", { class: "knob", "aria-hidden": "true" }));
  const count = element("select", { "aria-label": `${one.label}: how often` }, ...one.counts.map((times) => new Option(TIMES[times] ?? `${times} times`, times)));
  const choice = element("select", { "aria-label": `${one.asks}: ${one.label}` }, ...one.choices.map(({ value, label }) => new Option(label, value)));
  const state = element("p", { class: "state" });
  toggle.onclick = async () => {
    const isOn = toggle.getAttribute("aria-checked") === "true";
    toggle.setAttribute("aria-busy", "true");
    await turn(isOn ? { switch: one.id, on: false } : { switch: one.id, on: true, count: Number(count.value), choice: choice.value });
    toggle.removeAttribute("aria-busy");
  };
  const item = element("li", {},
    toggle,
    element("div", { class: "words" },
      element("h4", { id: ids.label, textContent: one.label }),
      element("p", { id: ids.what, textContent: one.what }),
      element("p", { class: "expect", textContent: one.expect }), state),
    element("div", { class: "how" },
      one.choices.length ? choice : null,
      one.counts.length > 1 ? count : element("span", { class: "aside", textContent: TIMES[one.counts[0]] })));
  rows.set(one.id, { item, toggle, count, choice, state });
  return item;
}

export function show(given) {
  told = given;
  for (const group of groups) {
    const on = group.switches.filter((one) => told.switches[one.id]?.on).length;
    const button = document.getElementById(`fault-group-${group.id}`);
    button.setAttribute("aria-current", String(group.id === chosen));
    button.querySelector(".count").textContent = on ? `${on} on` : "";
  }
  for (const [id, { item, toggle, count, choice, state }] of rows) {
    const found = told.switches[id];
    item.classList.toggle("on", Boolean(found?.on));
    toggle.setAttribute("aria-checked", String(Boolean(found?.on)));
    // What is on cannot be had otherwise without being switched on anew.
    count.disabled = choice.disabled = Boolean(found?.on);
    if (found?.on) {
      if (found.choice) choice.value = found.choice;
      count.value = found.left === null ? 0 : found.left + found.taken;
    }
    const sentence = found ? words(found) : "";
    if (state.textContent !== sentence) state.textContent = sentence;
  }
  elsewhere();
}

const met = (times) => (times === 0 ? "nobody has met it yet" : times === 1 ? "met once" : `met ${times} times`);

function words({ on, left, taken, since }) {
  const at = since ? brief(new Date(since), now()) : "";
  if (!on) return taken ? `Off. Since ${at}: ${met(taken)}.` : "";
  const rest = left === null ? "until you switch it off" : left === 1 ? "one time left" : `${left} times left`;
  return `On${at ? ` since ${at}` : ""}, ${rest}; ${met(taken)}.`;
}

function elsewhere() {
  const place = document.getElementById("faults-elsewhere");
  const said = JSON.stringify(told.elsewhere);
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  const focused = place.contains(document.activeElement);
  place.replaceChildren(...told.elsewhere.map((order) => element("li", {},
    element("p", {}, element("b", { textContent: `${order.where}, ordered elsewhere. ` }), element("code", { textContent: order.what })),
    element("p", { class: "state", textContent: words({ ...order, on: true }) }),
    element("button", { type: "button", textContent: "Switch it off", "aria-label": `Switch off what was ordered elsewhere: ${order.what}`, onclick: () => turn({ order: order.id, on: false }) }))));
  if (focused) (place.querySelector("button") ?? document.getElementById(`fault-group-${chosen}`)).focus();
}
