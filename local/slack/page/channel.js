// The channel as a member sees it.

import { drawn, make } from "./blocks.js";

const seen = { feed: "", whispers: null };

async function press(message, element, position) {
  if (element.confirm && !window.confirm(`${element.confirm.title.text}\n\n${element.confirm.text.text}`)) return;
  const user = document.getElementById("user").value;
  const body = JSON.stringify({ ts: message.ts, action_id: element.action_id, user, position });
  const answer = await (await fetch("/_local/click", { method: "POST", headers: { "content-type": "application/json" }, body })).json();
  if (!answer.in_time) say(answer.status === 200 ? `Answered after ${answer.seconds} s: Slack would show a warning.` : "This did not work. Please try again.");
  await look();
}

function say(text) {
  document.getElementById("note").textContent = text;
}

function article(message) {
  const changed = message.changes ? ` · changed ${message.changes} times` : "";
  const made = make("article");
  made.append(make("h2", `Social Scheduler · ${new Date(Number(message.ts) * 1000).toLocaleString()}${changed}`));
  made.append(...drawn(message.blocks, (element, position) => press(message, element, position)));
  return made;
}

async function look() {
  const text = await (await fetch("/_local/feed")).text();
  if (text === seen.feed) return;
  seen.feed = text;
  const feed = JSON.parse(text);
  const menu = document.getElementById("user");
  if (!menu.options.length) Object.entries(feed.users).forEach(([id, name]) => menu.append(new Option(`${name} (${id})`, id)));
  const place = document.getElementById("messages");
  place.replaceChildren(...feed.messages.map(article));
  if (!feed.messages.length) place.append(make("p", "Nothing has been posted here yet."));
  if (seen.whispers !== null && feed.whispers.length > seen.whispers) say(`Only you can see this: ${feed.whispers[feed.whispers.length - 1].text}`);
  seen.whispers = feed.whispers.length;
}

look();
setInterval(look, 1500);
