// Slack's channel as it was last told, and which of its messages say the same as a mail.

import { ask } from "../ask.js";

export const messages = new Map(); // By ts, oldest first.
export const channel = { users: {}, whispers: [] };
const byRound = new Map();
let version = "";
let wanted = "";
let asking = null;

const place = ({ kind, round }) => `${kind} ${round}`;
const ids = (one) => one.posts.map(([id]) => id);
const share = (one, other) => !one.posts.length || !other.posts.length || ids(one).some((id) => ids(other).includes(id));

// Told by the mesh's own note of the message: the round that both are of, and the posts. A card of ten posts may be several messages.
export function partnersOf(mail) {
  if (!mail.round) return [];
  return (byRound.get(place(mail)) ?? []).map((ts) => messages.get(ts)).filter((one) => one && share(one, mail));
}

export const mailsOf = (message, mails) =>
  (message.round ? mails.filter((mail) => place(mail) === place(message) && share(mail, message)) : []);

// The card's message also says what became of its posts: a receipt has none of its own.
export function cardsAbout(posts) {
  const wantedIds = posts.map(([id]) => id);
  return [...messages.values()].filter((one) => one.kind === "card" && ids(one).some((id) => wantedIds.includes(id))).slice(-1);
}

// `told` is null where nothing is new; what did not answer is asked again all the same. `changed` is told the ts of what is new,
// changed or gone, and whether it belongs to the whole channel told anew.
export function follow(told, changed) {
  wanted = told?.version ?? wanted;
  asking ??= ahead(changed).finally(() => { asking = null; });
  return asking;
}

async function ahead(changed) {
  let whole = false;
  while (version !== wanted) {
    const goal = wanted;
    const feed = await ask(`/api/slack?after=${encodeURIComponent(version)}`);
    const touched = put(feed);
    version = feed.version;
    whole ||= feed.whole;
    changed(touched, whole);
    if (version !== goal && wanted === goal && !feed.more) wanted = version;
  }
}

function put(feed) {
  const touched = feed.messages.map((one) => one.ts).concat(feed.deleted);
  if (feed.whole) {
    touched.push(...messages.keys());
    messages.clear();
    byRound.clear();
  }
  const last = [...messages.keys()].at(-1) ?? "";
  const late = feed.messages.some((one) => one.ts < last && !messages.has(one.ts));
  for (const one of feed.messages) {
    const before = messages.get(one.ts);
    messages.set(one.ts, one);
    if (!before || place(before) !== place(one)) byRound.set(place(one), [...(byRound.get(place(one)) ?? []), one.ts]);
  }
  for (const ts of feed.deleted) messages.delete(ts);
  if (late) sort();
  channel.users = feed.users;
  channel.whispers = feed.whispers;
  return new Set(touched);
}

// They come in the order of their changes.
function sort() {
  const all = [...messages].sort(([one], [other]) => (one < other ? -1 : 1));
  messages.clear();
  for (const [ts, message] of all) messages.set(ts, message);
}

export const moment = (message) => new Date(Number(message.ts) * 1000);

// The first words of what a message shows, and all of them.
export function wordsOf(message) {
  message.words ??= message.blocks.flatMap(said).join(" ").replace(/\s+/g, " ");
  return message.words;
}

function said(block) {
  if (block.type === "rich_text") return block.elements.flatMap((part) => part.elements.map((one) => one.text ?? "")).join("");
  return block.text?.text ?? "";
}

export const previewOf = (message) => {
  const quote = message.blocks.flatMap((block) => block.elements ?? []).find((part) => part.type === "rich_text_quote");
  return (quote ? quote.elements.map((one) => one.text ?? "").join("") : wordsOf(message)).replace(/\s+/g, " ").slice(0, 160);
};
