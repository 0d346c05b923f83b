// Asks every second what is new and hands it to the parts of the page.

import { ask } from "./ask.js";
import { showClock, startClock } from "./clock.js";
import { showFeeds } from "./feed.js";
import { addMails, startMails } from "./mails.js";
import { showGrid, startSheet, toRow } from "./sheet.js";
import { setZone } from "./times.js";
import { addEvents } from "./trail.js";

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
  if (state.clock) showClock(state.clock);
  if (state.grid) showGrid(state.grid);
  if (state.mails.length) addMails(state.mails, first);
  if (state.feeds) showFeeds(state.feeds);
  if (state.events.length) addEvents(state.events, first, toRow);
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

function startTry() {
  const set = (open) => {
    document.body.classList.toggle("no-try", !open);
    document.getElementById("try-open").hidden = open;
  };
  document.getElementById("try-close").addEventListener("click", () => { set(false); localStorage.setItem("try", "closed"); document.getElementById("try-open").focus(); });
  document.getElementById("try-open").addEventListener("click", () => { set(true); localStorage.setItem("try", "open"); document.getElementById("try-close").focus(); });
  // On a small screen it would hide the sheet it speaks of.
  const wanted = localStorage.getItem("try") ?? (matchMedia("(min-width: 1080px)").matches ? "open" : "closed");
  set(wanted === "open");
}

function startTabs() {
  for (const tab of document.querySelectorAll("[data-to]")) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      document.body.dataset.view = tab.dataset.to;
      for (const one of document.querySelectorAll("[data-to]")) one.toggleAttribute("aria-current", false);
      tab.setAttribute("aria-current", "true");
      scrollTo({ top: 0 });
    });
  }
}

async function start() {
  startTry();
  startTabs();
  startMails();
  startSheet(look);
  startClock(look);
  try {
    const about = await ask("/api/about");
    setZone(about.time_zone);
    document.getElementById("business").textContent = about.business;
    const slack = document.getElementById("slack");
    slack.href = about.slack;
    slack.hidden = !about.slack;
    document.title = `${about.business} · Social Scheduler`;
  } catch (error) {
    trouble([error.message]);
  }
  await look();
  setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}

start();
