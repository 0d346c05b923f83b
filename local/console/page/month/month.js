// The month, and one's own calendar: what is planned as it will go, what is to be mended, how it will look, and files in and out.

import { isoDay } from "../times.js";
import { now } from "../clock.js";
import * as calendar from "./calendar.js";
import { entries, plan, take as takeEntries } from "./entries.js";
import * as gallery from "./gallery.js";
import * as load from "./load.js";
import * as mend from "./mend.js";
import * as panel from "./panel.js";

const VIEWS = { calendar, mend, previews: gallery, load };
let shown = "calendar";
let stale = true;
let day = "";
const onScreen = () => document.body.dataset.page === "month";

export function start(desk) {
  for (const part of [calendar, mend, gallery, load, panel]) part.start(desk);
  for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => show(button.dataset.show));
  // Nothing is drawn that is not seen: it is made up for when the page is opened.
  new MutationObserver(() => { if (onScreen() && stale) draw(); }).observe(document.body, { attributes: true, attributeFilter: ["data-page"] });
}

export function take(state) {
  const changed = takeEntries(state);
  if (changed) mend.count();
  const today = isoDay(now());
  stale ||= changed || today !== day;
  day = today;
  if (stale && onScreen()) draw();
}

function draw() {
  stale = false;
  const text = plan.read ? `${entries().length} posts, at the times they will go` : "";
  const place = document.getElementById("month-count");
  if (place.textContent !== text) place.textContent = text;
  VIEWS[shown].draw();
  panel.refresh();
}

function show(name) {
  shown = name;
  for (const button of document.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", String(button.dataset.show === name));
  for (const view of Object.keys(VIEWS)) document.getElementById(`month-${view}`).hidden = view !== name;
  document.getElementById("month-scroll").scrollTop = 0;
  draw();
}
