// The outbox: what went to people, by mail and in Slack.

import { failed, isRefusal } from "../guard.js";
import { pane } from "../shown.js";
import { follow, messages } from "./channel.js";
import { draw, startLists } from "./list.js";
import { came, count as sent, mails, unread } from "./mailbox.js";
import { messagesChanged, read, startReader, stateChanged } from "./reader.js";

let drawn = false;
const changed = new Set();
const known = new Set();

const show = pane("outbox", () => {
  const quiet = !drawn;
  const fresh = (one) => !quiet && !known.has(one.seq ?? one.ts);
  draw(fresh, changed);
  drawn = true;
  changed.clear();
  for (const key of [...mails.keys(), ...messages.keys()]) known.add(key);
});

export function take(state, first) {
  came(state);
  if (state.mails.length || first) {
    count();
    show();
  }
  if (state.slack) document.getElementById("outbox-lists").hidden = false;
  // What does not answer is named with the next state, and asked again.
  follow(state.slack, messagesCame).catch((error) => { if (!isRefusal(error)) failed("outbox", error); });
  stateChanged(state);
}

function messagesCame(touched, whole) {
  for (const ts of touched) changed.add(ts);
  if (whole) for (const ts of touched) known.add(ts);
  show();
  messagesChanged(touched);
}

export function count() {
  const left = unread();
  say("outbox-count", mails.size ? `${sent()} sent${left ? `, ${left} not opened` : ""}` : "");
  say("tab-outbox", left ? String(left) : "");
}

function say(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
}

export function start(desk) {
  startLists((one) => read(one));
  startReader(desk, count);
}
