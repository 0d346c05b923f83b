// Every event of the mesh, newest first; each opens to what it carried.

import { element } from "./ask.js";
import { now } from "./clock.js";
import { brief } from "./times.js";

const KEPT = 300;
let total = 0;

let toRow;

export function start(desk) {
  toRow = desk.toRow;
}

export function take({ events: fresh }, first) {
  if (!fresh.length) return;
  const list = document.getElementById("events");
  for (const event of fresh.slice(-KEPT)) list.prepend(item(event, first));
  while (list.children.length > KEPT) list.lastChild.remove();
  total += fresh.length;
  document.getElementById("trail-count").textContent = total ? `${total} events` : "";
}

function item(event, first) {
  const detail = typeof event.detail === "string" ? JSON.parse(event.detail) : event.detail ?? {};
  const posts = [...new Set(ids(detail))];
  const named = [posts.length > 1 ? `${posts.length} posts` : String(posts[0] ?? "").slice(0, 6), detail.channel].filter(Boolean).join(" · ");
  const kind = /failed|trouble/.test(event.detail_type) ? "bad" : /\.sent$/.test(event.detail_type) ? "good" : "";
  const link = posts.length === 1 ? element("button", { type: "button", class: "row-link", textContent: "Show its row" }) : null;
  link?.addEventListener("click", () => toRow(posts[0]));
  return element("li", { class: `${kind} ${first ? "" : "fresh"}` }, element("details", {},
    element("summary", {},
      element("time", { dateTime: event.time, textContent: brief(new Date(event.time), now()).replace(/.*, /, "") , title: brief(new Date(event.time), now()) }),
      element("span", { class: "what", textContent: event.detail_type }),
      element("span", { class: "ids", textContent: named })),
    link,
    element("pre", { textContent: JSON.stringify(detail, null, 2) })));
}

// post_id and lists of them, wherever they stand.
function ids(value) {
  if (Array.isArray(value)) return value.flatMap(ids);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === "post_id") return [inner];
    if (name === "post_ids") return inner;
    return ids(inner);
  });
}
