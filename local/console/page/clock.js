// The stack's clock: runs between two answers, and is turned forward by the buttons.

import { ask, notice } from "./ask.js";
import { day, hour } from "./times.js";

const CHANGES = { quarter: { advance_seconds: 900 }, next: { to: "next" }, tomorrow: { to: "tomorrow" } };
let distance_ms = null;

export const now = () => new Date(Date.now() + (distance_ms ?? 0));

export function take({ clock }) {
  if (clock) show(clock);
}

function show(clock) {
  distance_ms = new Date(clock.now).getTime() - Date.now();
  tick();
}

function tick() {
  if (distance_ms === null) return;
  const time = document.getElementById("clock-time");
  time.textContent = hour(now());
  time.dateTime = now().toISOString();
  document.getElementById("clock-date").textContent = day(now());
}

export function start({ look }) {
  setInterval(tick, 1000);
  const buttons = [...document.querySelectorAll("[data-turn]")];
  for (const button of buttons) {
    button.addEventListener("click", async () => {
      buttons.forEach((one) => { one.disabled = true; });
      try {
        show(await ask("/api/clock", { method: "POST", body: CHANGES[button.dataset.turn] }));
        notice(`It is now ${hour(now())}, ${day(now())}.`);
      } catch (error) {
        notice(error.message, { wrong: true });
      }
      buttons.forEach((one) => { one.disabled = false; });
      button.focus();
      look();
    });
  }
}
