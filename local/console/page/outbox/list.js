// The lists of the outbox, newest first: the mails, or what stands in Slack. The newest are drawn, older ones when asked for.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { brief, hour, isoDay, shortDay } from "../times.js";
import { messages, moment, previewOf, wordsOf } from "./channel.js";

const AT_ONCE = 60;
const KINDS = {
  card: "Card", question: "Question", receipt: "Receipt", trouble: "Trouble", digest: "Digest", recap: "Recap", draft: "Draft", note: "Note",
};
export const mails = new Map();
const listed = { what: "mails", words: [], limit: AT_ONCE, open: () => {}, isNew: () => false };
const opened = new Set(JSON.parse(sessionStorage.getItem("opened") ?? "[]"));
const seal = (mail) => `${mail.seq} ${mail.at}`; // A fresh stack counts its mails from 1 again.

const entries = () => [...(listed.what === "mails" ? mails : messages).values()];
const keyOf = (one) => one.seq ?? one.ts;
const words = (one) => (one.haystack ??= (one.seq ? `${one.subject} ${one.to} ${one.text}` : `${one.text} ${wordsOf(one)}`).toLowerCase());
const fits = (one) => listed.words.every((word) => words(one).includes(word));

export const unread = () => [...mails.values()].filter((mail) => !opened.has(seal(mail))).length;

export function markOpened(mail) {
  opened.add(seal(mail));
  sessionStorage.setItem("opened", JSON.stringify([...opened]));
  document.querySelector(`#mails li[data-key="${mail.seq}"]`)?.classList.remove("unread");
}

// What is drawn already and did not change stays as it is; `fresh` says which of the others light up.
export function draw(fresh = () => false, changed = new Set()) {
  const list = document.getElementById("mails");
  const found = entries().filter(fits).reverse();
  const shown = found.slice(0, listed.limit);
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
  set("mails-older", "hidden", found.length <= listed.limit);
  set("outbox-nothing", "hidden", shown.length > 0);
  set("outbox-nothing", "textContent", listed.words.length && entries().length ? "No message has these words."
    : listed.what === "mails" ? "No mail has been sent yet." : "Nothing stands in Slack yet.");
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
  made.classList.toggle("unread", Boolean(one.seq) && !opened.has(seal(one)));
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
  const find = document.getElementById("outbox-find");
  find.addEventListener("input", () => {
    listed.words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    again();
  });
  document.getElementById("mails-older").addEventListener("click", () => {
    listed.limit += AT_ONCE;
    draw();
  });
}
