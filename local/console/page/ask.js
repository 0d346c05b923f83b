// Questions to the console's own API. What goes wrong is thrown as an Error with a sentence for the page; `away` is true where nobody
// was there to answer, so that the same may go well a moment later.

import { languageOf } from "./language.js";

export async function ask(path, { method = "GET", body } = {}) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw Object.assign(new Error("The console does not answer. Is it still running?"), { away: true });
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(said.error ?? `The console answered ${answer.status}.`), { away: [502, 503, 504].includes(answer.status) });
  return said;
}

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  const text = properties.textContent ?? (typeof children[0] === "string" ? children[0] : "");
  const language = text ? languageOf(text) : "";
  if (language) made.lang = language;
  return made;
}

// Text with its web addresses as links that open beside this page.
export function linked(text) {
  const parts = document.createDocumentFragment();
  let done = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g)) {
    parts.append(text.slice(done, match.index));
    parts.append(element("a", { href: match[0], target: "_blank", rel: "noopener", textContent: shortAddress(match[0]) }));
    done = match.index + match[0].length;
  }
  parts.append(text.slice(done));
  return parts;
}

function shortAddress(address) {
  const plain = address.replace(/^https?:\/\//, "");
  return plain.length > 34 ? `${plain.slice(0, 20)}…${plain.slice(-10)}` : plain;
}

let closing;
const waiting = [];

// `act` is what the button does, `undo` the same under its usual name; `acts` are several, [[label, what it does]]. One that `stays`
// is there until a button of it is pressed, the next of its kind waits for that, and what passes meanwhile is seen above it.
export function notice(sentence, { wrong = false, undo, act = undo, label = "Undo", acts = act ? [[label, act]] : [], stays = false } = {}) {
  const place = document.getElementById(stays ? "notice-stays" : "notice");
  if (stays && !place.hidden) return waiting.push([sentence, { wrong, acts, stays }]);
  const close = () => {
    place.hidden = true;
    if (stays && waiting.length) notice(...waiting.shift());
  };
  place.querySelector("span").textContent = sentence;
  place.classList.toggle("wrong", wrong);
  for (const button of place.querySelectorAll("button")) button.remove();
  for (const [name, does] of acts) {
    const button = element("button", { type: "button", textContent: name });
    button.addEventListener("click", () => { close(); does(); });
    place.append(button);
  }
  place.hidden = false;
  if (stays) return undefined;
  clearTimeout(closing);
  closing = setTimeout(close, acts.length ? 12000 : 6000);
  return undefined;
}

// Long words of a cell, for a sentence.
export const short = (text) => (String(text).length > 60 ? `${String(text).slice(0, 57).trimEnd()}…` : String(text));
