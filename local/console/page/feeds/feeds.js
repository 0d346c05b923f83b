// What is out, newest first, all channels or one.

import { element, linked } from "../ask.js";
import { now } from "../clock.js";
import { brief } from "../times.js";

let posts = [];
let chosen = "";

export function start() {}

export function take({ feeds: fresh }) {
  if (!fresh) return;
  const known = new Set(posts.map((post) => post.id));
  const first = posts.length === 0;
  posts = fresh;
  choices();
  draw((post) => !first && !known.has(post.id));
}

function choices() {
  const channels = [...new Set(posts.map((post) => post.channel))].sort();
  const choice = document.getElementById("channels");
  if (!channels.includes(chosen)) chosen = "";
  choice.replaceChildren(new Option("All channels", ""), ...channels.map((channel) => new Option(channel, channel)));
  choice.value = chosen;
  choice.hidden = channels.length < 2;
  choice.onchange = () => { chosen = choice.value; draw(() => false); };
  document.getElementById("tab-posted").textContent = posts.length || "";
}

function draw(isFresh) {
  const shown = posts.filter((post) => !chosen || post.channel === chosen);
  document.getElementById("feed").replaceChildren(...shown.map((post) => item(post, isFresh(post))));
}

function item(post, isFresh) {
  const images = (post.images ?? []).map((image) => element("img", { src: image.url, alt: image.alt ?? "", title: image.alt ?? "", loading: "lazy" }));
  const text = element("p", { class: "text" }, linked(post.text ?? ""));
  return element("li", { class: isFresh ? "fresh" : "" },
    element("p", { class: "by" },
      element("b", { textContent: post.channel }),
      element("time", { dateTime: post.created_at, textContent: brief(new Date(post.created_at), now()) }),
      post.url ? element("a", { href: post.url, target: "_blank", rel: "noopener", textContent: `On ${network(post.network)}` }) : null),
    text,
    images.length ? element("figure", {}, ...images) : null,
    post.link && !(post.text ?? "").includes(post.link) ? element("p", { class: "aside" }, linked(String(post.link.url ?? post.link))) : null);
}

const LABELS = {
  x: "X", instagram: "Instagram", facebook: "Facebook", threads: "Threads", linkedin: "LinkedIn", bluesky: "Bluesky", mastodon: "Mastodon",
};
const network = (name) => LABELS[name] ?? name;
