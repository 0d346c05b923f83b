// The one fault of the tour, as the switchboard has it: the post's network takes the next post and gives no answer.
// `networks` names each channel's.

import { ask } from "../ask.js";

const switchOf = (network) => `${network}-lost-answer`;
const LOOKS = 100; // The switchboard is built when it is first opened.

export const loseAnswer = (network) => ask("/api/faults", { method: "POST", body: { on: true, switch: switchOf(network), count: 1 } });

// What of it stands: [{channel, network, left, since}], null where the answer of /api/state says nothing new.
export function standing({ faults }, networks) {
  if (!faults) return null;
  return Object.entries(networks).flatMap(([channel, network]) => {
    const state = faults.switches[switchOf(network)];
    return state?.on ? [{ channel, network, left: state.left ?? Infinity, since: state.since }] : [];
  });
}

// Where it can be switched by hand, once it is drawn.
export async function control(network) {
  for (let look = 0; look < LOOKS; look += 1) {
    document.getElementById(`fault-group-${network}`)?.click();
    const toggle = document.querySelector(`#faults [aria-labelledby="fault-${switchOf(network)}"]`);
    if (toggle) return toggle;
    await new Promise(requestAnimationFrame);
  }
  return document.querySelector("#faults [role='switch']");
}
