// What stands in a cell. A status has a shape as well as a colour, and says in words what it is.

import { element, linked as withLinks } from "../ask.js";
import { sheetDay } from "../times.js";
import { isTick, kindOf } from "./rows.js";

export const STATES = { mend: "To mend", waiting: "Waiting", booked: "Booked", posted: "Posted", held: "Held" };
const BEGINNINGS = [
  [/not posted|nobody can tell|damaged|not sent/i, "mend"], [/^posted|^sent\b/i, "posted"], [/^held|^on hold/i, "held"],
  [/^booked|^approved|^queued|^sending|^[\w.-]+: (posted|being posted|booked|waiting|will be tried|not known)/i, "booked"],
  [/^wait|^ready|^planned|^being prepared|^a tick alone|^draft|^new\b/i, "waiting"], [/\S/, "mend"],
];

export function stateOf(status) {
  return BEGINNINGS.find(([pattern]) => pattern.test(status.split("\n")[0]))?.[1] ?? "";
}

function linked(text) {
  const parts = withLinks(text);
  for (const link of parts.querySelectorAll("a")) link.tabIndex = -1;
  return parts;
}

export const ticked = (value) => value === true || value === "TRUE";

// The names in an image cell, without the words that say which side of a picture stays: "cake.jpg (top)".
export function imageNames(text) {
  return String(text).split(/[,;\n]/).map((name) => name.trim().replace(/\s*\((top|bottom|left|right|cent(er|re))\)$/i, "")).filter(Boolean);
}

export function content(row, column) {
  const value = row.shown(column);
  const kind = kindOf(column);
  if (isTick(column)) {
    return element("input", { type: "checkbox", tabIndex: -1, checked: ticked(value), "aria-label": "Approved" });
  }
  const text = String(value);
  if (kind === "image") return pictures(row, text);
  if (kind === "date") return element("div", { class: "value", textContent: sheetDay(text), title: text });
  if (kind === "channels") return channels(text);
  if (kind === "status") return element("div", { class: "value" }, text ? element("span", { class: "shape", "aria-hidden": "true" }) : null, linked(text));
  return element("div", { class: "value" }, kind === "link" ? linked(text) : text);
}

function channels(text) {
  const names = text.split(/[,;\n]/).map((name) => name.trim()).filter(Boolean);
  if (names.length < 2) return element("div", { class: "value", textContent: text });
  return element("div", { class: "value", title: text }, ...names.flatMap((name, place) => [element("span", { class: "channel", textContent: name + (place < names.length - 1 ? "," : "") }), " "]));
}

function pictures(row, text) {
  const names = imageNames(text);
  const shown = names.map((name) => {
    const picture = element("img", { src: `/api/files/${encodeURIComponent(name)}`, alt: "", loading: "lazy", decoding: "async", draggable: false });
    picture.addEventListener("error", () => picture.remove());
    return element("span", { class: "thumb", title: name }, picture, element("span", { textContent: name }));
  });
  const underWay = row.uploads.map((upload) => element("span", { class: "upload", title: upload.name },
    element("progress", { max: 1, value: upload.part, "aria-label": `Adding ${upload.name}` }), element("span", { textContent: upload.name })));
  const add = element("button", { type: "button", class: "add-picture", tabIndex: -1, title: "Add a picture", "aria-label": `Add a picture to row ${row.index + 2}` }, element("span", { "aria-hidden": "true", textContent: "+" }));
  return element("div", { class: `value picture ${names.length + underWay.length ? "" : "empty"}` }, ...shown, ...underWay, add);
}

export const contentKey = (row, column) => {
  const value = row.shown(column);
  return `${typeof value}:${value}${kindOf(column) === "image" ? row.uploads.map((upload) => upload.key).join() : ""}`;
};
