// The stack's clock: runs between two answers, is turned forward by the buttons, and can go faster.

import { ask, notice } from "./ask.js";
import { day, hour, isoDay } from "./times.js";

const CHANGES = { quarter: { advance_seconds: 900 }, next: { to: "next" }, tomorrow: { to: "tomorrow" } };
const by = (id) => document.getElementById(id);
const turns = () => [...document.querySelectorAll("[data-turn], #clock-to, #to-panel .go, #speed")];
let distance_ms = null;
let known = null; // How fast it goes, as the console last said.
let look = () => {};

export const now = () => new Date(Date.now() + (distance_ms ?? 0));

export function take({ clock, speed }, first) {
  if (clock) show(clock);
  if (speed) showSpeed(speed, first);
}

function show(clock) {
  distance_ms = new Date(clock.now).getTime() - Date.now();
  tick();
}

function tick() {
  if (distance_ms === null) return;
  const time = by("clock-time");
  write(time, hour(now()));
  time.dateTime = now().toISOString();
  write(by("clock-date"), day(now()));
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// One turn at a time: a long one stops at every booking on its way.
async function turn(change) {
  const focused = document.activeElement;
  for (const one of turns()) one.disabled = true;
  try {
    show(await ask("/api/clock", { method: "POST", body: change }));
    notice(`It is now ${hour(now())}, ${day(now())}.`);
    return "";
  } catch (error) {
    return error.message;
  } finally {
    for (const one of turns()) one.disabled = false;
    if (document.activeElement === document.body) focused?.focus();
    look();
  }
}

async function turnBy(button) {
  const wrong = await turn(CHANGES[button.dataset.turn]);
  if (wrong) notice(wrong, { wrong: true });
}

// The panel "To …": the next Friday 09:00, or any day and time.
function startPanel() {
  const panel = by("to-panel");
  panel.addEventListener("beforetoggle", ({ newState }) => {
    if (newState !== "open") return;
    by("to-date").value ||= isoDay(new Date(now().getTime() + 86400000));
    write(by("to-wrong"), "");
  });
  panel.addEventListener("toggle", ({ newState }) => {
    by("clock-to").setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    const place = by("clock-to").getBoundingClientRect();
    const { width, height } = panel.getBoundingClientRect();
    panel.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
    panel.style.top = `${Math.max(8, Math.min(place.bottom + 4, innerHeight - height - 8))}px`;
    by("to-weekday").focus();
  });
  const wanted = {
    "to-next": () => ({ weekday: Number(by("to-weekday").value), time: by("to-weekday-time").value }),
    "to-day": () => ({ date: by("to-date").value, time: by("to-time").value }),
  };
  for (const [id, change] of Object.entries(wanted)) {
    by(id).addEventListener("submit", async (event) => {
      event.preventDefault();
      write(by("to-wrong"), "");
      const wrong = await turn(change());
      if (wrong) write(by("to-wrong"), wrong);
      else panel.hidePopover();
    });
  }
}

function showSpeed(speed, first) {
  const fast = speed.factor > 1;
  if (known?.ended !== speed.ended && speed.ended && !first) notice(speed.ended, { wrong: !speed.ended.startsWith("Nobody") });
  known = speed;
  by("speed").value = String(speed.factor);
  const hadFocus = by("clock-stop") === document.activeElement;
  by("clock-fast").hidden = !fast;
  if (fast) write(by("clock-factor"), `up to ${speed.factor.toLocaleString("en-GB")} times as fast`);
  else if (hadFocus) by("speed").focus();
}

async function go(factor) {
  try {
    showSpeed(await ask("/api/speed", { method: "POST", body: { factor } }), true);
  } catch (error) {
    by("speed").value = String(known?.factor ?? 1);
    notice(error.message, { wrong: true });
  }
  look();
}

export function start(desk) {
  look = desk.look;
  setInterval(tick, 1000);
  for (const button of document.querySelectorAll("[data-turn]")) button.addEventListener("click", () => turnBy(button));
  startPanel();
  by("speed").addEventListener("change", () => go(Number(by("speed").value)));
  by("clock-stop").addEventListener("click", () => go(1));
}
