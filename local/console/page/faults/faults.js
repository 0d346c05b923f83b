// The switchboard: what is made to go wrong at the servers, what came of it, and the banner that says so on every page.

import { ask, element, notice } from "../ask.js";
import * as board from "./board.js";
import * as since from "./since.js";

const NAMED = 3;
let desk;
let told = null;
let building = null;
let drawn = null;
const isOpen = () => document.body.dataset.page === "faults";

export function start(given) {
  desk = given;
  const header = document.querySelector("#faults > header");
  header.append(element("button", { type: "button", id: "faults-off", textContent: "All off", hidden: true, onclick: () => turn({ on: false }) }));
  // A hidden board draws nothing: it is drawn when its page is opened.
  new MutationObserver(draw).observe(document.body, { attributes: true, attributeFilter: ["data-page"] });
  draw();
}

export function take({ faults }) {
  if (faults) show(faults);
}

function show(faults) {
  told = faults;
  banner();
  draw();
}

async function turn(change) {
  try {
    show(await ask("/api/faults", { method: "POST", body: change }));
    desk.look();
  } catch (error) {
    notice(error.message, { wrong: true });
  }
}

const on = () => [
  ...Object.entries(told.switches).filter(([, state]) => state.on).map(([id, state]) => ({ ...state, off: { switch: id, on: false } })),
  ...told.elsewhere.map((order) => ({ ...order, says: `${order.where}, ordered elsewhere: ${order.what}`, off: { order: order.id, on: false } })),
];

const left = (state) => (state.left === null ? "until you switch it off" : `${state.left} left`);

// A live region is read aloud when it is written: only where something else is on than before.
function banner() {
  const place = document.getElementById("faults-on");
  const faults = on();
  document.getElementById("tab-faults").textContent = faults.length || "";
  const said = faults.slice(0, NAMED).map((state) => `${state.says} (${left(state)})`);
  if (faults.length > NAMED) said.push(`and ${faults.length - NAMED} more`);
  const sentence = faults.length === 1 ? `A fault is switched on: ${said[0]}.` : `${faults.length} faults are switched on: ${said.join("; ")}.`;
  // Whoever switched it off here by keyboard goes on where all of them are.
  if (!faults.length && place.contains(document.activeElement)) document.querySelector("[data-to='faults']").focus();
  place.hidden = faults.length === 0;
  if (place.dataset.said === sentence) return;
  place.dataset.said = sentence;
  if (!faults.length) return place.replaceChildren();
  const words = place.querySelector(".said") ?? element("span", { class: "said" });
  const off = place.querySelector("button") ?? element("button", { type: "button" });
  words.textContent = sentence;
  off.textContent = faults.length === 1 ? "Switch it off" : "Switch all off";
  off.onclick = () => turn(faults.length === 1 ? faults[0].off : { on: false });
  if (!off.isConnected) place.replaceChildren(words, off);
}

async function build() {
  const { groups } = await ask("/api/faults");
  board.build(document.getElementById("faults-scroll"), groups, turn);
}

async function draw() {
  if (!isOpen() || !told) return;
  try {
    await (building ??= build());
  } catch (error) {
    building = null; // tried again when the page is opened anew, or something has changed
    return notice(error.message, { wrong: true });
  }
  if (drawn === told) return;
  drawn = told;
  const count = on().length;
  document.getElementById("faults-off").hidden = count === 0;
  const say = document.getElementById("faults-count");
  const sentence = count ? `${count} on` : "Nothing is switched on.";
  if (say.textContent !== sentence) say.textContent = sentence;
  board.show(told);
  since.show(told.since, desk);
}
