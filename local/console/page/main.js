// Asks every second what is new and hands it to the parts of the page.

import { ask } from "./ask.js";
import * as clock from "./clock.js";
import * as coming from "./coming/coming.js";
import * as faults from "./faults/faults.js";
import * as feeds from "./feeds/feeds.js";
import * as glance from "./glance/glance.js";
import * as outbox from "./outbox/outbox.js";
import * as mesh from "./mesh/mesh.js";
import * as month from "./month/month.js";
import * as sheet from "./sheet.js";
import { setZone } from "./times.js";
import * as tour from "./tour/tour.js";
import * as trail from "./mesh/trail.js";
import * as views from "./views.js";
import * as zone from "./zone.js";

// Each has start(desk), once, and take(state, first), for every answer; what has not changed is null in it, or empty.
// `desk` is { look, go, toRow, about }: ask again now, open a view, show a post's row, what /api/about says.
const PARTS = [clock, sheet, glance, outbox, feeds, coming, trail, mesh, month, faults, tour, zone];
const EVERY_MS = 1000;
const SYNC = {
  idle: "Edits are looked at within seconds.",
  waiting: "Edited. drive-sync will look as soon as you pause.",
  firing: "drive-sync is looking.",
};
let after = "";
let asking = null;
let again = false;

// One question at a time; asked for while one is under way, another follows it at once.
function look() {
  if (asking) {
    again = true;
    return asking;
  }
  asking = once().finally(() => {
    asking = null;
    if (again) {
      again = false;
      return look();
    }
  });
  return asking;
}

async function once() {
  let state;
  try {
    state = await ask(`/api/state?after=${encodeURIComponent(after)}`);
  } catch (error) {
    return trouble([error.message]);
  }
  const first = after === "";
  after = state.after;
  for (const part of PARTS) part.take(state, first);
  say("sync", SYNC[state.sync]);
  trouble(state.trouble);
}

function trouble(sentences) {
  const place = document.getElementById("trouble");
  say("trouble", sentences.join("\n"));
  place.hidden = sentences.length === 0;
}

// Only when it changes: a live region is read aloud each time it is written.
function say(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
}

async function start() {
  views.start();
  let about = {};
  try {
    about = await ask("/api/about");
    setZone(about.time_zone);
    document.getElementById("business").textContent = about.business;
    document.title = `${about.business} · Social Scheduler`;
  } catch (error) {
    trouble([error.message]);
  }
  const desk = { look, go: views.go, toRow: sheet.toRow, about };
  for (const part of PARTS) part.start(desk);
  await look();
  setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}

start();
