// Asks every second what is new and hands it to the parts of the page.

import { ask } from "./ask.js";
import * as clock from "./clock.js";
import * as coming from "./coming/coming.js";
import * as faults from "./faults/faults.js";
import * as feeds from "./feeds/feeds.js";
import { failures, guarded, startGuard } from "./guard.js";
import * as glance from "./glance/glance.js";
import * as outbox from "./outbox/outbox.js";
import { languageOf, setLanguage } from "./language.js";
import * as mesh from "./mesh/mesh.js";
import * as month from "./month/month.js";
import * as sheet from "./sheet.js";
import { setZone } from "./times.js";
import * as tour from "./tour/tour.js";
import * as trail from "./mesh/trail.js";
import * as views from "./views.js";
import * as zone from "./zone.js";

// Each has start(desk), once, and take(state, first), for every answer; what has not changed is null in it, or empty.
// `desk` is { look, go, toRow, onlyRows, about }: ask again now, open a view, show a post's row, only those of some posts, what /api/about says.
const PARTS = { clock, sheet, glance, outbox, feeds, coming, trail, mesh, month, faults, tour, zone };
const EVERY_MS = 1000;
const WAITS_MS = [1000, 2000, 5000]; // While nobody answers.
const SLICE_MS = 25; // As long as the parts may work on one answer before the browser has its turn.
const SYNC = {
  idle: "Edits are looked at within seconds.",
  waiting: "Edited. drive-sync will look as soon as you pause.",
  firing: "drive-sync is looking.",
};
let said = []; // What the last answer was in trouble with.
let after = "";
let life = null;
let unanswered = 0;
let asking = null;
let again = false;
let timer;

// One question at a time; asked for while one is under way, another follows it at once.
function look() {
  if (asking) {
    again = true;
    return asking;
  }
  clearTimeout(timer);
  asking = once().finally(() => {
    asking = null;
    if (again) {
      again = false;
      return look();
    }
    timer = setTimeout(lookIfSeen, unanswered ? WAITS_MS[Math.min(unanswered, WAITS_MS.length) - 1] : EVERY_MS);
  });
  return asking;
}

function lookIfSeen() {
  if (!document.hidden) look();
}

async function once() {
  let state;
  try {
    state = await ask(`/api/state?after=${encodeURIComponent(after)}`);
  } catch (error) {
    unanswered += 1;
    return trouble([`${error.message} What you write is kept here meanwhile.`]);
  }
  unanswered = 0;
  life ??= state.life;
  if (state.life !== life) return anew();
  const first = after === "";
  after = state.after;
  let begun = performance.now();
  for (const [name, part] of Object.entries(PARTS)) {
    guarded(name, () => part.take(state, first));
    if (performance.now() - begun < SLICE_MS || document.hidden) continue;
    await new Promise((done) => setTimeout(done));
    begun = performance.now();
  }
  guarded("sheet", () => say("sync", sheet.notSaved() ? `Not saved yet: ${sheet.notSaved()}. Saved as soon as the sheet answers.` : SYNC[state.sync]));
  trouble(state.trouble);
}

// Another life of the stack: nothing of this page belongs to it but what the owner was writing.
function anew() {
  guarded("sheet", sheet.keepWritten);
  location.reload();
  return new Promise(() => {});
}

function trouble(sentences) {
  said = sentences;
  const place = document.getElementById("trouble");
  const all = [...sentences, ...failures()];
  say("trouble", all.join("\n"));
  if (place.hidden !== (all.length === 0)) place.hidden = all.length === 0;
}

// Only when it changes: a live region is read aloud each time it is written.
function say(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
}

// Nothing can be shown before it is known whose page this is.
async function told() {
  for (;;) {
    try {
      return await ask("/api/about");
    } catch (error) {
      trouble([error.message]);
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  }
}

async function start() {
  startGuard(() => trouble(said));
  guarded("views", views.start);
  const about = await told();
  setZone(about.time_zone);
  setLanguage(about.time_zone);
  document.getElementById("business").textContent = about.business;
  document.getElementById("business").lang = languageOf(about.business);
  document.title = `${about.business} · Social Scheduler`;
  const desk = { look, go: views.go, toRow: sheet.toRow, onlyRows: sheet.onlyRows, about };
  for (const [name, part] of Object.entries(PARTS)) guarded(name, () => part.start(desk));
  addEventListener("focus", lookIfSeen);
  document.addEventListener("visibilitychange", lookIfSeen);
  await look();
}

start();
