// The same as the drawing in words: each part that runs, what wakes it, what it puts and touches. A phone shows this alone.

import { element } from "../ask.js";
import { columns, full, into, nodeOf, outOf, title, when } from "./map.js";

export function drawList(place) {
  place.replaceChildren(...columns().map(part));
}

// A small screen lists these alone; the rest stands on each part's own page.
const SHORT = ["Woken by", "Run by", "Puts", "Runs"];

function part(node) {
  return element("li", { "data-part": node.id },
    element("h3", {}, element("a", { href: `#mesh/${node.id}`, textContent: node.name }), element("span", { class: "aside ran" })),
    node.facts.description ? element("p", { class: "says", textContent: node.facts.description }) : null,
    ...ways(node));
}

// Its lists by heading; one that is empty is left out.
export function ways(node) {
  const to = (found) => [...new Set(found)].map(nodeOf).filter(Boolean);
  const woken = to(into(node.id, "wakes").map((edge) => edge.source));
  return [
    line("Woken by", woken),
    line("Run by", to(into(node.id, "runs").map((edge) => edge.source))),
    line("Wakes", to(outOf(node.id, "wakes").map((edge) => edge.target))),
    line("Runs", to(outOf(node.id, "runs").map((edge) => edge.target))),
    line("Put by", to(into(node.id, "puts").map((edge) => edge.source))),
    line("Puts", to(outOf(node.id, "puts").map((edge) => edge.target))),
    line("Books in", to(outOf(node.id, "books").map((edge) => edge.target))),
    line("Booked by", to(into(node.id, "books").map((edge) => edge.source))),
    line("Writes", to(outOf(node.id, "writes").map((edge) => edge.target))),
    line("Written by", to(into(node.id, "writes").map((edge) => edge.source))),
    line("Reads", to(outOf(node.id, "reads").map((edge) => edge.target))),
    line("Read by", to(into(node.id, "reads").map((edge) => edge.source))),
    line("Reaches", to(outOf(node.id, "uses").map((edge) => edge.target))),
    line("Reached by", to(into(node.id, "uses").map((edge) => edge.source))),
    line("Fails to", to(outOf(node.id, "fails").map((edge) => edge.target))),
    line("Takes from", to(into(node.id, "fails").map((edge) => edge.source))),
  ].filter(Boolean);
}

function line(words, found) {
  if (!found.length) return null;
  return element("p", { class: SHORT.includes(words) ? "way" : "way more" }, element("span", { class: "aside", textContent: words }),
    element("span", { class: "to" }, ...found.map((node) => element("a", { href: `#mesh/${node.id}`, textContent: told(node) }))));
}

const told = (node) => (node.kind === "schedule" ? `${node.name}, ${when(node.facts.expression)}` : title(node));

export function countList(place, { runs, running }) {
  for (const one of place.children) {
    const [kind, name] = one.dataset.part.split("/");
    const known = kind === "function" ? runs[full(name)] : undefined;
    const text = !known ? "" : `${running.includes(full(name)) ? "runs now, " : ""}${known.count} ${known.count === 1 ? "run" : "runs"}${known.errors ? `, ${known.errors} failed` : ""}`;
    const told = one.querySelector(".ran");
    if (told.textContent !== text) told.textContent = text;
    one.classList.toggle("failed", Boolean(known?.errors));
  }
}
