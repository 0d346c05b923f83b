// The mails as far as they are here: the newest, and older ones once they were asked for. Nothing but what a list shows is sent along;
// a mail's text is asked for when it is read.

import { ask } from "../ask.js";

export const mails = new Map(); // By seq, oldest first, up to the newest without a gap.
const apart = new Map(); // Of the older ones, what was looked for.
const total = { count: 0, first: 0 }; // Of all that the stack has.
const asked = new Set();
const opened = new Set(JSON.parse(sessionStorage.getItem("opened") ?? "[]"));
const seal = (mail) => `${mail.seq} ${mail.at}`; // A fresh stack counts its mails from 1 again.

const oldest = () => mails.values().next().value;
export const hasOlder = () => mails.size > 0 && oldest().seq > total.first;
export const known = () => [...apart.values(), ...mails.values()];
export const count = () => total.count;

export function came(state) {
  for (const mail of state.mails) mails.set(mail.seq, mail);
  if (state.outbox) Object.assign(total, state.outbox);
}

// `words`: none, or what each mail must have in it. Mails before the number `before`, oldest first, and whether there are `more`.
export const find = (words, before) => ask(`/api/mails?${new URLSearchParams({ words: words.join(" "), ...(before && { before }) })}`);

export async function fetchOlder() {
  const before = oldest().seq;
  const found = await find([], before);
  if (oldest().seq !== before) return; // Asked for twice.
  const all = [...found.mails, ...mails.values()];
  mails.clear();
  for (const mail of all) {
    mails.set(mail.seq, mail);
    apart.delete(mail.seq);
  }
  if (!found.more) total.first = oldest().seq;
}

// Older mails of a `round`, or about a `post`, each asked for once; what came of it is among the `known`, and how many is answered.
export async function lookUp(query) {
  const key = JSON.stringify(query);
  if (!hasOlder() || asked.has(key)) return 0;
  asked.add(key);
  try {
    const found = (await ask(`/api/mails?${new URLSearchParams({ ...query, before: oldest().seq })}`)).mails.filter((mail) => !mails.has(mail.seq));
    const all = [...apart.values(), ...found].sort((one, other) => one.seq - other.seq);
    apart.clear();
    for (const mail of all) apart.set(mail.seq, mail);
    return found.length;
  } catch {
    asked.delete(key); // Who does not answer is named at the top of the page.
    return 0;
  }
}

export async function textOf(mail) {
  mail.text ??= (await ask(`/api/mails/${mail.seq}`)).text;
  return mail.text;
}

export const isOpened = (mail) => opened.has(seal(mail));

export function keepOpened(mail) {
  opened.add(seal(mail));
  sessionStorage.setItem("opened", JSON.stringify([...opened]));
}

// Of an older one that is not here the page knows no more than that it was opened.
export function unread() {
  const here = [...mails.values()].filter(isOpened).length;
  if (!hasOlder()) return total.count - here;
  const { seq: from, at: since } = oldest();
  const before = [...opened].map((one) => one.split(" ")).filter(([seq, at]) => seq >= total.first && seq < from && at <= since);
  return total.count - here - before.length;
}
