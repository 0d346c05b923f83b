// One post in the manner of its network, of what its server holds: who, when, the text with what can be tapped, images, the link's card.

import { element } from "../ask.js";
import { now } from "../clock.js";
import { languageOf } from "../language.js";
import { brief } from "../times.js";

const LABELS = {
  x: "X", instagram: "Instagram", facebook: "Facebook", threads: "Threads", linkedin: "LinkedIn", bluesky: "Bluesky", mastodon: "Mastodon",
};
const labelOf = (network) => LABELS[network] ?? network;

export function post(one, { isFresh, showRow }) {
  const { network } = one;
  const text = words(one);
  const images = gallery(one);
  const seen = network === "instagram" ? [images, text] : [text, images];
  const row = element("button", { type: "button", class: "plain", textContent: "Its row" });
  row.addEventListener("click", () => showRow(one));
  const made = element("li", { class: `net on-${network} ${isFresh ? "fresh" : ""}`.trim() },
    element("article", { "aria-label": `${labelOf(network)}, ${one.channel}` },
      head(one),
      ...seen,
      card(one),
      element("p", { class: "under" },
        element("span", { textContent: one.channel }),
        row,
        one.url ? element("a", { href: one.url, target: "_blank", rel: "noopener", textContent: `On ${labelOf(network)}` }) : null)));
  made.dataset.key = one.key;
  return made;
}

// Today's posts show the hour alone; on the stack's next day they have a date.
export function retime(item, one) {
  const time = item.querySelector("time");
  const text = when(one);
  if (time.textContent !== text) time.textContent = text;
}

// The hour on the stack's own day, else the day too, without its name.
const when = (one) => brief(new Date(one.created_at), now()).replace(/^\p{L}+ (?=\d)/u, "");

function head(one) {
  const handle = { x: `@${one.account}`, bluesky: `@${one.account}`, mastodon: `@${one.account}` }[one.network] ?? "";
  const name = one.name || one.account;
  const under = { facebook: " · Public", linkedin: " · Anyone" }[one.network] ?? "";
  return element("header", {},
    element("span", { class: `avatar on-${one.network}`, "aria-hidden": "true", textContent: name.slice(0, 1).toUpperCase() }),
    element("b", { class: "who", textContent: name }),
    handle ? element("span", { class: "handle", textContent: handle }) : null,
    element("span", { class: "at" }, element("time", { dateTime: one.created_at, textContent: when(one) }), under));
}

function words(one) {
  if (!one.text) return null;
  const made = element("p", { class: "text", dir: "auto", lang: languageOf(one.text) });
  if (one.network === "instagram") made.append(element("b", { textContent: one.account }), " ");
  const pieces = one.pieces.map(piece);
  if (one.fold === null) {
    made.append(...pieces);
    return made;
  }
  const rest = element("span", { hidden: true }, ...pieces.slice(one.fold));
  const more = element("button", { type: "button", class: "fold", textContent: "… more", "aria-expanded": "false" });
  more.addEventListener("click", () => {
    rest.hidden = !rest.hidden;
    more.textContent = rest.hidden ? "… more" : " less";
    more.setAttribute("aria-expanded", String(!rest.hidden));
  });
  made.append(...pieces.slice(0, one.fold), rest, more);
  return made;
}

function piece({ text, mark, href }) {
  if (href) return element("a", { href, target: "_blank", rel: "noopener", textContent: text });
  return mark ? element("span", { class: "mark", textContent: text }) : text;
}

// Networks that swipe show a row to scroll, the others a grid of two. What a picture says to who cannot see it is shown on request.
function gallery(one) {
  const images = one.images ?? [];
  if (!images.length) return null;
  const swiped = images.length > 1 && ["instagram", "threads"].includes(one.network);
  const frame = element("div", { class: `shots ${swiped ? "swiped" : `grid n${Math.min(images.length, 5)}`}` },
    ...images.slice(0, swiped ? images.length : 5).map((image, n) => element("span", { class: "shot" },
      element("img", { src: image.url, alt: image.alt ?? "", loading: "lazy", decoding: "async" }),
      swiped ? element("span", { class: "which", "aria-hidden": "true", textContent: `${n + 1}/${images.length}` }) : null,
      !swiped && n === 4 && images.length > 5 ? element("span", { class: "which rest", textContent: `+${images.length - 5}` }) : null)));
  if (swiped) {
    frame.tabIndex = 0;
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", `${images.length} pictures, to be swiped`);
  }
  const told = images.map((image) => image.alt).filter(Boolean);
  const alts = element("div", { class: "alts", hidden: true },
    ...images.map((image, n) => element("p", { dir: "auto", textContent: `${images.length > 1 ? `${n + 1}: ` : ""}${image.alt || "No alt text"}` })));
  const button = element("button", { type: "button", class: "alt", textContent: told.length ? "ALT" : "No ALT", "aria-expanded": "false", "aria-label": "Alt text of the pictures" });
  button.addEventListener("click", () => {
    alts.hidden = !alts.hidden;
    button.setAttribute("aria-expanded", String(!alts.hidden));
  });
  return element("div", { class: "pictures" }, element("div", { class: "frame" }, frame, button), alts);
}

// Where the server keeps no title, the network makes the card of the page itself when it shows the post: its site is all there is here.
function card(one) {
  if (!one.link) return null;
  const { title = "", description = "", image = "" } = one.card ?? {};
  return element("a", { class: "link-card", href: one.link, target: "_blank", rel: "noopener" },
    image ? element("img", { src: image, alt: "", loading: "lazy", decoding: "async" }) : null,
    element("span", { class: "site", textContent: site(one.link) }),
    title ? element("b", { textContent: title, dir: "auto" }) : element("b", { class: "address", textContent: one.link.replace(/^https?:\/\//, "") }),
    description ? element("span", { class: "about", textContent: description, dir: "auto" }) : null);
}

function site(address) {
  try {
    return new URL(address).hostname.replace(/^www\./, "");
  } catch {
    return address;
  }
}
