// Says above an open card when a post in it was changed, decided or sent meanwhile.

import { ask, element, linked } from "../ask.js";
import { isTick, kindOf, sheet } from "../grid/rows.js";

const SETTLED_MS = 5000; // An edit that nobody finds to change anything, such as a blank at the end, is forgotten after this.
const at = (id) => document.getElementById(id);
let card = null;
let findCard = () => null;
let said = [];
let before = new Map();
let sync = "idle";
let asking = false;
let again = false;
let shown = "";

// What of a row is part of what is approved.
function content(id) {
  const row = sheet.rows.find((one) => one.id === id);
  if (!row) return null;
  return JSON.stringify(Object.entries(row.own).filter(([column]) => !isTick(column) && kindOf(column) !== "note"));
}

const snapshot = () => { before = new Map(card.posts.map(([id]) => [id, content(id)])); };

// A mail or a message in Slack; only of a card there is something to say.
export function openStale(one) {
  closeStale();
  if (one.kind !== "card" || !one.posts.length || one.posts.some(([, revision]) => !revision)) return;
  card = one;
  snapshot();
  look();
}

export function closeStale() {
  card = null;
  said = [];
  before.clear();
  draw();
}

export function staleChanged(state = null) {
  if (!card) return;
  if (state) {
    const found = sync !== "idle" && state.sync === "idle";
    sync = state.sync ?? sync;
    if (found) settle(card);
    const about = card.posts.map(([id]) => id);
    const heard = state.events.some((event) => {
      const detail = typeof event.detail === "string" ? event.detail : JSON.stringify(event.detail ?? {});
      return about.some((id) => detail.includes(id));
    });
    const came = state.mails.some((mail) => said.some((one) => one.newer && mail.round === one.newer));
    if (state.grid || came) draw();
    if (!heard && !state.grid) return;
  }
  look();
}

function settle(opened) {
  setTimeout(() => {
    if (card !== opened) return;
    snapshot();
    draw();
  }, SETTLED_MS);
}

async function look() {
  if (asking) { again = true; return; }
  const opened = card;
  asking = true;
  const query = new URLSearchParams([["round", card.round], ...card.posts.map((pair) => ["post", pair.join(":")])]);
  try {
    const { posts } = await ask(`/api/standing?${query}`);
    if (card === opened) said = posts;
  } catch {
    // What does not answer is named at the top of the page.
  }
  asking = false;
  if (card) draw();
  if (again) { again = false; if (card) look(); }
}

function draw() {
  const place = at("reader-stale");
  const lines = card ? card.posts.map(([id]) => line(id)).filter(Boolean) : [];
  const text = JSON.stringify(lines.map(({ sentence, open }) => [sentence, Boolean(open)]));
  if (text === shown) return;
  shown = text;
  place.hidden = lines.length === 0;
  place.classList.toggle("changed", lines.some((one) => one.wrong));
  place.replaceChildren(...lines.map(({ id, sentence, open }) => {
    const row = element("p", {}, card.posts.length > 1 ? element("b", { textContent: `${nameOf(id)}: ` }) : null, linked(sentence));
    if (open) {
      const button = element("button", { type: "button", textContent: "Open the new card" });
      button.addEventListener("click", open);
      row.append(" ", button);
    }
    return row;
  }));
}

function line(id) {
  const one = said.find((post) => post.post_id === id);
  if (one?.changed) {
    const open = one.newer && one.newer !== card.round ? findCard(one.newer, id) : null;
    const sentence = "This post was changed since. This card approves what it shows no longer: "
      + (open ? "the new one is here." : "a new one is on its way.");
    return { id, sentence, open, wrong: true };
  }
  if (before.has(id) && before.get(id) !== null && content(id) !== before.get(id)) {
    const gone = content(id) === null;
    const sentence = gone ? "This row was deleted a moment ago. As soon as the sheet is looked at, this card approves it no longer."
      : "This row was edited a moment ago. As soon as the sheet is looked at, this card approves it no longer, and a new one comes.";
    return { id, sentence, wrong: true };
  }
  return one?.said ? { id, sentence: one.said } : null;
}

function nameOf(id) {
  const row = sheet.rows.find((one) => one.id === id);
  const text = sheet.header.find((column) => kindOf(column) === "text");
  const words = String(row?.value(text) ?? id).replace(/\s+/g, " ");
  return words.length > 40 ? `“${words.slice(0, 38)}…”` : `“${words}”`;
}

export function startStale(find) {
  findCard = find;
}
