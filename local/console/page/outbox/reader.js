// Reads one message: the mail as its recipient sees it, the same as Slack renders it, or its plain text.

import { linked } from "../ask.js";
import { now } from "../clock.js";
import { languageOf } from "../language.js";
import { brief } from "../times.js";
import { cardsAbout, mailsOf, messages, moment, partnersOf } from "./channel.js";
import { markOpened } from "./list.js";
import { known, lookUp, textOf } from "./mailbox.js";
import { drawMessages, startSlack, whispered } from "./message.js";
import { closeStale, openStale, staleChanged, startStale } from "./stale.js";

const besides = matchMedia("(min-width: 1080px)");
const at = (id) => document.getElementById(id);
let count = () => {};
let opened = null; // { mail, slack: [ts], own }: a receipt's message is its card's, not its own.
let part = "both";

// `one` is a mail or a message of Slack's channel.
export function read(one, { keep = false } = {}) {
  opened = one.seq ? withMail(one) : { mail: mailsOf(one, known()).at(-1) ?? null, slack: [one.ts], own: true };
  const { mail } = opened;
  at("reader-subject").textContent = mail?.subject ?? one.text;
  at("reader-subject").lang = languageOf(at("reader-subject").textContent);
  at("reader-who").textContent = mail
    ? `${brief(new Date(mail.at), now())} · from ${mail.from} · to ${mail.to}` : `${brief(moment(one), now())} · in Slack alone`;
  at("reader-text").replaceChildren();
  if (mail) fetchText(mail);
  else if (one.round) lookUp({ round: one.round }).then((some) => { if (some && opened?.slack[0] === one.ts) read(one, { keep: true }); });
  frame(mail?.has_html ? `/api/mails/${mail.seq}/html` : "about:blank");
  if (!keep) part = one.seq ? "both" : "slack";
  drawSlack();
  show();
  openStale(mail ?? one);
  if (!at("reader").open) at("reader").showModal();
  if (mail) markOpened(mail);
  count();
}

async function fetchText(mail) {
  const text = await textOf(mail).catch((error) => error.message);
  if (opened?.mail === mail) at("reader-text").replaceChildren(linked(text || "This mail has no text part."));
}

// In place of what it shows: each mail as a step of its own would stand in the way of the browser's back.
const frame = (address) => at("reader-html").contentWindow.location.replace(address);

function withMail(mail) {
  const own = partnersOf(mail);
  const shown = own.length || mail.kind !== "receipt" ? own : cardsAbout(mail.posts);
  return { mail, slack: shown.map((one) => one.ts), own: own.length > 0 };
}

function drawSlack() {
  const shown = opened.slack.map((ts) => messages.get(ts)).filter(Boolean);
  drawMessages(shown);
  const why = opened.own ? "" : "A receipt has no message of its own in Slack: the card’s message says it.";
  at("slack-why").hidden = !why || !shown.length;
  if (at("slack-why").textContent !== why) at("slack-why").textContent = why;
}

// What there is: a mail without an HTML part is its text, and Slack is offered where it says the same.
function show() {
  const { mail, slack } = opened;
  const can = { mail: Boolean(mail?.has_html), slack: slack.length > 0, text: Boolean(mail) };
  can.both = besides.matches && can.slack && (can.mail || can.text);
  let shown = can[part] ? part : part === "both" && can.mail ? "mail" : ["mail", "text", "slack"].find((one) => can[one]);
  for (const button of document.querySelectorAll("#reader-parts button")) {
    button.hidden = !can[button.dataset.part];
    button.setAttribute("aria-pressed", String(button.dataset.part === shown));
  }
  const both = shown === "both";
  at("reader").classList.toggle("both", both);
  at("reader-html").hidden = !(shown === "mail" || (both && can.mail));
  at("reader-text").hidden = !(shown === "text" || (both && !can.mail));
  at("reader-slack").hidden = !(both || shown === "slack");
}

export function messagesChanged(touched) {
  if (!opened) return;
  whispered();
  // A message may come after its mail.
  if (opened.mail && opened.slack.length === 0) opened = withMail(opened.mail);
  else if (opened.mail && opened.own) opened.slack = withMail(opened.mail).slack;
  if (!opened.slack.some((ts) => touched.has(ts))) return;
  drawSlack();
  show();
  staleChanged();
}

export const stateChanged = (state) => { if (opened) staleChanged(state); };

export function startReader({ about, look }, counted) {
  count = counted;
  at("slack").href = about.slack ?? "";
  at("slack").hidden = !about.slack;
  const reader = at("reader");
  at("reader-close").addEventListener("click", () => reader.close());
  for (const button of document.querySelectorAll("#reader-parts button")) {
    button.addEventListener("click", () => {
      part = button.dataset.part;
      show();
    });
  }
  besides.addEventListener("change", () => { if (opened) show(); });
  reader.addEventListener("click", (event) => { if (event.target === reader) reader.close(); });
  reader.addEventListener("close", () => {
    opened = null;
    closeStale();
    frame("about:blank");
    at("slack-note").textContent = "";
  });
  startSlack(look);
  startStale((round, id) => {
    const card = known().find((mail) => mail.round === round && mail.posts.some(([post]) => post === id));
    if (!card) lookUp({ round }).then((some) => { if (some) staleChanged(); });
    return card ? () => read(card, { keep: true }) : null;
  });
}
