// The tour as it is drawn: a column beside the sheet, on a small screen a sheet at the bottom that folds to one line. A step is
// rewritten only when something of it changed, and focus stays where it is.

import { element } from "../ask.js";
import { MORE } from "./words.js";

const MARKS = { done: "✓", missed: "–", skipped: "–" };
const oneAtATime = matchMedia("(max-width: 719.98px), (max-width: 1079.98px) and (max-height: 699.98px)");
const shown = new Map(); // Step -> what stands there, to leave it alone while it is the same.
let foldedByHand = false; // Beside the sheet.
let hands = null;

const place = (id) => document.getElementById(id);

export function startPanel(theHands) {
  hands = theHands;
  document.body.append(element("div", { id: "tour-ring", class: "tour-ring", "aria-hidden": "true", hidden: true }));
  place("try-open").addEventListener("click", () => { hands.open(); place("try-close").focus(); });
  place("try-close").addEventListener("click", () => { hands.close(); place("try-open").focus(); });
  place("tour-again").addEventListener("click", () => { hands.again(); place("try-title").focus(); });
  place("tour-life").addEventListener("click", () => hands.life());
  place("tour-fold").addEventListener("click", () => {
    fold(!place("try").classList.contains("folded"));
    if (!covers()) foldedByHand = place("try").classList.contains("folded");
  });
  addEventListener("view", foldAway);
  oneAtATime.addEventListener("change", foldAway);
  foldAway();
  place("tour-more").replaceChildren(...MORE.map(([what, then]) => element("li", {}, element("b", { textContent: what }), ` ${then}`)));
  new ResizeObserver(makeRoom).observe(place("try"));
  drawPanel({ open: false, asked: false });
}

// The sheet at the bottom covers nothing that could not be scrolled out from behind it.
function makeRoom() {
  document.body.style.setProperty("--tour-height", `${place("try").offsetHeight}px`);
}

// Away from the desk, and where one view fills the screen away from the sheet, it would cover what was opened: there it is a line,
// until it is asked for.
const covers = () => document.body.dataset.page !== "desk" || (oneAtATime.matches && document.body.dataset.view !== "sheet");
const foldAway = () => fold(covers() || foldedByHand);

function fold(folded) {
  place("try").classList.toggle("folded", folded);
  place("tour-fold").setAttribute("aria-expanded", String(!folded));
  place("tour-fold").textContent = folded ? "Unfold" : "Fold";
}

// `asked` is false until it is known whether the tour is wanted: nothing is offered so far.
export function drawPanel({ open, asked = true, steps = [], done, gone, ending, news }) {
  document.body.classList.toggle("no-try", !open);
  place("try-open").hidden = open || !asked;
  if (!open) return;
  write("tour-count", `${done} of ${steps.length}`);
  const list = place("tour-steps");
  let moved = false;
  steps.forEach((step, number) => {
    const key = JSON.stringify(step);
    if (shown.get(step.id) === key) return;
    const before = list.children[number];
    const made = drawn(step, number + 1);
    const focused = before?.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    if (before) before.replaceWith(made);
    else list.append(made);
    if (focused) (made.querySelector(`[data-act="${focused}"]`) ?? made.querySelector("button") ?? place("try-title")).focus();
    moved ||= step.state === "now" && shown.has(step.id);
    shown.set(step.id, key);
  });
  if (moved) bringIntoSight(list.querySelector(".now"));
  const now = steps.find((step) => step.state === "now");
  write("tour-now", now ? `: ${now.name}` : "");
  write("tour-gone", gone ? "The post is no longer in the sheet. Start again with another one." : "");
  place("tour-gone").hidden = !gone;
  write("tour-closing", ending ?? "");
  place("tour-end").hidden = !ending;
  place("try").classList.toggle("ended", Boolean(ending));
  if (news) write("tour-said", news);
}

// Within the tour's own column; the page stays where it is.
function bringIntoSight(item) {
  const box = place("try").getBoundingClientRect();
  const below = item.getBoundingClientRect().bottom - box.bottom;
  if (below > 0) place("try").scrollTop += Math.min(below + 8, item.getBoundingClientRect().top - box.top);
}

function write(id, text) {
  if (place(id).textContent !== text) place(id).textContent = text;
}

function drawn(step, number) {
  const mark = element("span", { class: "mark", "aria-hidden": "true", textContent: MARKS[step.state] ?? String(number) });
  const state = { done: " (done)", missed: " (not seen)", skipped: " (skipped)" }[step.state] ?? "";
  const item = element("li", { class: `step ${step.state}` }, mark,
    element("h3", {}, step.name, element("span", { class: "unseen", textContent: state })));
  if (step.state === "now") {
    item.setAttribute("aria-current", "step");
    item.append(element("p", { textContent: step.what }));
    if (step.offered) item.append(element("blockquote", {}, element("p", { textContent: step.offered.text, dir: "auto" }), element("p", { class: "aside", textContent: step.offered.when })));
  }
  if (step.said.length) item.append(element("ul", { class: "seen" }, ...step.said.map(sentence)));
  if (step.state === "now") {
    item.append(element("p", { class: "why", textContent: step.why }),
      element("div", { class: "turns" }, ...step.acts.map((one) => button(one, step.id)), button({ name: "skip", label: "Skip", plain: true }, step.id)));
  }
  return item;
}

function sentence({ at, iso, text }) {
  return element("li", {}, at ? element("time", { dateTime: iso, textContent: at }) : null, at ? " " : null, text);
}

function button({ name, label, main, plain }, id) {
  const made = element("button", { type: "button", class: main ? "main" : plain ? "plain" : "", textContent: label });
  made.dataset.act = name;
  made.addEventListener("click", () => hands.act(name, id));
  return made;
}
