// Slack's messages in the reader, with buttons that press what a member would press there.

import { ask, element } from "../ask.js";
import { now } from "../clock.js";
import { drawn } from "../slack/blocks.js";
import { brief } from "../times.js";
import { channel, moment } from "./channel.js";

const at = (id) => document.getElementById(id);
let look = () => {};
let heard = 0;

// Only what changed is drawn anew; whoever stood in it stays there.
export function drawMessages(shown) {
  const place = at("slack-messages");
  const there = new Map([...place.children].map((one) => [one.dataset.ts, one]));
  const wanted = shown.map((message) => {
    const before = there.get(message.ts);
    if (before?.dataset.stamp === String(message.stamp)) return before;
    const made = article(message);
    if (before?.contains(document.activeElement)) requestAnimationFrame(() => made.focus());
    return made;
  });
  for (const one of [...place.children]) if (!wanted.includes(one)) one.remove();
  wanted.forEach((one, n) => { if (place.children[n] !== one) place.insertBefore(one, place.children[n] ?? null); });
  members();
  whisper();
}

function article(message) {
  const made = element("article", { tabIndex: -1 },
    element("header", {},
      element("span", { class: "app", "aria-hidden": "true", textContent: "S" }),
      element("b", { textContent: "Social Scheduler" }),
      element("span", { class: "badge", textContent: "APP" }),
      element("time", { dateTime: moment(message).toISOString(), textContent: brief(moment(message), now()) })),
    ...drawn(message.blocks, (pressed, position) => press(made, message.ts, pressed, position)),
    message.changes ? element("p", { class: "edited", textContent: "(edited)" }) : null);
  made.dataset.ts = message.ts;
  made.dataset.stamp = message.stamp;
  return made;
}

async function press(made, ts, pressed, position) {
  if (pressed.confirm && !(await sure(pressed.confirm))) return;
  const buttons = [...made.querySelectorAll("button")];
  buttons.forEach((one) => { one.disabled = true; });
  heard = channel.whispers.length;
  say("");
  try {
    const answer = await ask("/api/slack/click", {
      method: "POST", body: { ts, action_id: pressed.action_id, user: at("slack-user").value, position },
    });
    if (answer.status !== 200) say("Slack would show a warning sign: the click was not taken. Press again in a minute.");
    else if (!answer.in_time) say(`Answered after ${answer.seconds} s: Slack would have shown a warning sign meanwhile.`);
  } catch (error) {
    say(error.message);
  }
  buttons.forEach((one) => { one.disabled = false; });
  if (made.isConnected) buttons.find((one) => one.textContent === pressed.text.text)?.focus();
  look();
}

// Slack asks once more before some buttons, in the message's own words.
function sure({ title, text, confirm, deny }) {
  const dialog = at("sure");
  at("sure-title").textContent = title.text;
  at("sure-text").textContent = text.text;
  at("sure-yes").textContent = confirm.text;
  at("sure-no").textContent = deny.text;
  return new Promise((answer) => {
    dialog.returnValue = "";
    at("sure-yes").onclick = () => dialog.close("yes");
    at("sure-no").onclick = () => dialog.close("");
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}

// What only the one who pressed is told, since the press.
function whisper() {
  const mine = channel.whispers.slice(heard).filter((one) => one.user === at("slack-user").value);
  if (at("reader").open && mine.length) say(`Only visible to you: ${mine.at(-1).text}`);
  heard = Math.max(heard, channel.whispers.length);
}

function say(text) {
  if (at("slack-note").textContent !== text) at("slack-note").textContent = text;
}

function members() {
  const menu = at("slack-user");
  if (menu.options.length) return;
  menu.append(...Object.entries(channel.users).map(([id, name]) => new Option(name, id)));
}

export const whispered = () => { if (at("reader").open) { members(); whisper(); } };

export function startSlack(ask_again) {
  look = ask_again;
}

