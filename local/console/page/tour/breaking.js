// The one fault of the tour: the post's network takes the next post and gives no answer.

import { ask } from "../ask.js";

export const loseAnswer = (channel) => ask("/api/tour/fault", { method: "POST", body: { channel } });

// What of it stands: [{channel, network, left, since}], null where the answer of /api/state says nothing new.
export const standing = (state) => state.tour?.broken ?? null;

// Where it can be switched by hand.
export const control = () => document.querySelector("#faults [role='switch']") ?? null;
