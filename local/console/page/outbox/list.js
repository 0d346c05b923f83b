// The lists of the outbox, newest first: the mails, or what stands in Slack. The newest are drawn, older ones when asked for.
// Words are looked for in whole mails, which the console's server has; in Slack's messages here.

import { element, notice } from "../ask.js";
import { now } from "../clock.js";
import { brief, hour, isoDay, shortDay } from "../times.js";
import { messages, moment, previewOf, wordsOf } from "./channel.js";
import { fetchOlder, find, hasOlder, isOpened, keepOpened, mails } from "./mailbox.js";

const AT_ONCE = 60;
const TYPING_MS = 150; // Words are looked for once whoever types them pauses.
const KINDS = {
  card: "Card", question: "Question", receipt: "Receipt", trouble: "Trouble", digest: "Digest", recap: "Recap", draft: "Draft", note: "Note",
};
const listed = { what: "mails", words: [], limit: AT_ONCE, open: () => {} };
let found = null; // The mails with the words, { words, newest, mails, more }; null while no words are asked for, or not answered yet.
let typing;
let fetching = false;

const isMails = () => listed.what === "mails";
const keyOf = (one) => one.seq ?? one.ts;
const words = (one) => (one.haystack ??= `${one.text} ${wordsOf(one)}`.toLowerCase());

// Oldest first.
function entries() {
  if (isMails()) return listed.words.length ? found?.mails ?? [] : [...mails.values()];
  return [...messages.values()].filter((one) => listed.words.every((word) => words(one).includes(word)));
}

const hasMore = () => isMails() && (listed.words.length ? Boolean(found?.more) : hasOlder());

export function markOpened(mail) {
  keepOpened(mail);
  document.querySelector(`#mails li[data-key="${mail.seq}"]`)?.classList.remove("unread");
}

// What is drawn already and did not change stays as it is; `fresh` says which of the others light up.
export function draw(fresh = () => false, changed = new Set()) {
  const list = document.getElementById("mails");
  if (!look()) return;
  const all = entries().reverse();
  const shown = all.slice(0, listed.limit);
  const there = new Map([...list.children].map((item) => [item.dataset.key, item]));
  let place = list.firstElementChild;
  for (const one of shown) {
    const key = String(keyOf(one));
    let made = there.get(key);
    if (made && changed.has(key)) {
      const again = item(one, false);
      const focused = made.contains(document.activeElement);
      if (place === made) place = again;
      made.replaceWith(again);
      if (focused) again.firstElementChild.focus();
      made = again;
    }
    made ??= item(one, fresh(one));
    there.delete(key);
    if (made === place) place = place.nextElementSibling;
    else list.insertBefore(made, place);
  }
  for (const left of there.values()) left.remove();
  set("mails-older", "hidden", all.length <= listed.limit && !hasMore());
  set("outbox-nothing", "hidden", shown.length > 0);
  set("outbox-nothing", "textContent", listed.words.length && (isMails() ? mails : messages).size ? "No message has these words."
    : isMails() ? "No mail has been sent yet." : "Nothing stands in Slack yet.");
}

const newest = () => [...mails.keys()].at(-1) ?? 0;

// Whether what is to be listed is here; else it is asked for, and drawn as it comes. What stands there stays until then.
function look() {
  if (!isMails() || !listed.words.length || !mails.size) return true;
  const wanted = listed.words;
  if (found?.words === wanted && found.newest === newest()) return true;
  if (fetching) return false;
  fetching = true;
  const upTo = newest();
  find(wanted).then((answer) => {
    const older = found?.words === wanted ? found.mails.filter((mail) => mail.seq < answer.mails[0]?.seq) : [];
    found = { words: wanted, newest: upTo, mails: [...older, ...answer.mails], more: older.length ? found.more : answer.more };
  }, (error) => {
    found = { words: wanted, newest: upTo, mails: found?.mails ?? [], more: false };
    notice(error.message, { wrong: true });
  }).then(() => {
    fetching = false;
    if (listed.words.length) draw();
  });
  return false;
}

// Reading goes on with the first that was not there.
async function older() {
  const list = document.getElementById("mails");
  const last = list.children.length;
  listed.limit += AT_ONCE;
  if (hasMore() && entries().length < listed.limit && !fetching) {
    fetching = true;
    try {
      if (listed.words.length) await olderFound();
      else await fetchOlder();
    } catch (error) {
      notice(error.message, { wrong: true });
    }
    fetching = false;
  }
  draw();
  list.children[last]?.firstElementChild.focus({ preventScroll: true });
}

async function olderFound() {
  const before = found;
  const answer = await find(before.words, before.mails[0].seq);
  if (found === before) found = { ...before, mails: [...answer.mails, ...before.mails], more: answer.more };
}

function set(id, property, value) {
  const node = document.getElementById(id);
  if (node[property] !== value) node[property] = value;
}

function item(one, isFresh) {
  const at = one.seq ? new Date(one.at) : moment(one);
  const button = element("button", { type: "button" },
    element("span", { class: "when" },
      element("time", { dateTime: at.toISOString(), title: brief(at, now()), textContent: isoDay(at) === isoDay(now()) ? hour(at) : shortDay(at).replace(/^\S+ /, "") }),
      element("span", { class: `kind is-${one.kind}`, textContent: KINDS[one.kind] })),
    element("span", { class: "subject", textContent: one.seq ? one.subject : one.text }),
    element("span", { class: "preview", textContent: one.seq ? one.preview : previewOf(one) }));
  button.addEventListener("click", () => listed.open(one));
  const made = element("li", { class: isFresh ? "fresh" : "" }, button);
  made.classList.toggle("unread", Boolean(one.seq) && !isOpened(one));
  made.dataset.key = keyOf(one);
  return made;
}

export function startLists(open) {
  listed.open = open;
  const again = () => {
    listed.limit = AT_ONCE;
    document.getElementById("mails").replaceChildren();
    draw();
  };
  for (const button of document.querySelectorAll("#outbox-lists button")) {
    button.addEventListener("click", () => {
      listed.what = button.dataset.list;
      for (const one of document.querySelectorAll("#outbox-lists button")) one.setAttribute("aria-pressed", String(one === button));
      document.getElementById("mails").setAttribute("aria-label", listed.what === "mails" ? "Mails, newest first" : "Messages in Slack, newest first");
      again();
    });
  }
  const box = document.getElementById("outbox-find");
  box.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      listed.words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      listed.limit = AT_ONCE;
      draw();
    }, TYPING_MS);
  });
  document.getElementById("mails-older").addEventListener("click", older);
}
