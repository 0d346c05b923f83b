// What happened since a fault was on: the books of the mesh, held against what the networks show.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { brief } from "../times.js";

const FIGURES = [["planned", "planned"], ["out", "out"], ["doubled", "doubled"], ["missing", "missing"]];
const STATES = {
  doubled: "it stands a second time", missing: "it was sent, and is not to be seen", refused: "it was refused, and you were told",
  asked: "you are asked whether it is out", waiting: "it is looked after",
};
let drawn = "";

export function show(since, desk) {
  const place = document.getElementById("faults-since");
  place.hidden = !since;
  const said = JSON.stringify(since);
  if (!since || said === drawn) return;
  drawn = said;
  const wrong = since.doubled + since.missing > 0;
  place.classList.toggle("wrong", wrong);
  place.replaceChildren(
    element("div", {},
      element("h3", { textContent: `What happened since ${brief(new Date(since.at), now())}` }),
      element("p", { class: "aside", textContent: `${since.of.join("; ")}.${since.taken === null ? "" : since.taken === 1 ? " Met once." : ` Met ${since.taken} times.`}` })),
    element("dl", {}, ...FIGURES.map(([name, label]) => element("div", { class: wrong && since[name] && ["doubled", "missing"].includes(name) ? "bad" : "" },
      element("dt", { textContent: label }), element("dd", { textContent: since[name] })))),
    element("p", { class: "verdict", textContent: verdict(since) }),
    ...(since.stories.length ? [element("ul", {}, ...since.stories.map((story) => told(story, desk)))] : []));
}

function verdict({ planned, out, doubled, missing, waiting, asked, refused }) {
  if (doubled || missing) return "This must not happen. Please report it, with the trail of these posts.";
  if (planned === 0) return "No post has been due since. Approve one, and turn the clock to its minute.";
  const open = [
    waiting ? `${waiting} ${waiting === 1 ? "is" : "are"} looked after (turn the clock on)` : "",
    asked ? `${asked} ${asked === 1 ? "waits" : "wait"} for your answer` : "",
    refused ? `${refused} ${refused === 1 ? "was" : "were"} refused, and you were told` : "",
  ].filter(Boolean).join(", ");
  if (open) return `Nothing is doubled, nothing is lost; ${open}.`;
  return out === 1 ? "It stands, once." : "Each of them stands, once.";
}

function told(story, desk) {
  const next = story.next_at ? `, next at ${brief(new Date(story.next_at), now())}` : "";
  const row = story.post_id ? element("button", { type: "button", class: "row-link", textContent: "Show its row", onclick: () => desk.toRow(story.post_id) }) : null;
  return element("li", {},
    element("p", {}, element("b", { textContent: story.channel }), `: ${STATES[story.state]}${next}.`),
    story.detail ? element("p", { class: "aside", textContent: story.detail }) : null, row);
}
