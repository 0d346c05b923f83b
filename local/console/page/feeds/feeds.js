// What the public sees: a feed for each channel, one at a time behind tabs, or all beside each other where there is room.

import { element, notice } from "../ask.js";
import { pane } from "../shown.js";
import { sheet } from "../grid/rows.js";
import { post as drawPost, retime } from "./post.js";

const AT_ONCE = 15;
const ALL = "";
const at = (id) => document.getElementById(id);
let posts = [];
let channels = [];
let chosen = sessionStorage.getItem("feed") ?? ALL;
let wide = false;
let toRow = () => {};
let known = null; // The keys that were there already: what is not among them lights up.
const limits = new Map();

export function take({ feeds, channels: named }) {
  if (!feeds && !named) return;
  posts = feeds ?? posts;
  channels = named ?? channels;
  at("tab-posted").textContent = posts.length || "";
  changed();
}

const changed = pane("posted", () => {
  const fresh = known;
  drawTabs();
  drawFeeds((post) => fresh !== null && !fresh.has(post.key));
  known = new Set(posts.map((post) => post.key));
  const text = posts.length ? `${posts.length} out` : "";
  if (at("posted-count").textContent !== text) at("posted-count").textContent = text;
});

// The rules doc's channels, and any that has posts and is named no more.
function listed() {
  const others = [...new Set(posts.map((post) => post.channel))].filter((name) => !channels.some((one) => one.name === name));
  return [...channels, ...others.map((name) => {
    const { network } = posts.find((post) => post.channel === name);
    return { name, network, label: network };
  })];
}

const of = (name) => (name === ALL ? posts : posts.filter((post) => post.channel === name));

function drawTabs() {
  const list = listed();
  if (chosen !== ALL && !list.some((one) => one.name === chosen)) chosen = ALL;
  const place = at("channels");
  const told = JSON.stringify([list, chosen, wide, list.map((one) => of(one.name).length)]);
  at("feeds-wide").hidden = list.length < 2;
  place.hidden = wide || list.length < 2;
  if (place.dataset.told === told) return;
  place.dataset.told = told;
  const focused = place.contains(document.activeElement);
  place.replaceChildren(...[{ name: ALL, label: "All channels" }, ...list].map((one) => {
    const count = of(one.name).length;
    const on = one.name === chosen;
    const tab = element("button", {
      type: "button", role: "tab", id: `feed-tab-${one.name || "all"}`, class: "channel", tabIndex: on ? 0 : -1, title: one.name || one.label,
      "aria-selected": String(on), "aria-controls": "feeds", "aria-label": `${one.name || one.label}, ${count} out`,
    },
    one.name === ALL ? null : element("span", { class: `dot on-${one.network}`, textContent: one.label.slice(0, 1) }),
    on || one.name === ALL ? element("span", { class: "name", textContent: one.name || "All" }) : null,
    element("span", { class: "many", textContent: count || "" }));
    tab.addEventListener("click", () => choose(one.name));
    return tab;
  }));
  if (focused) place.querySelector("[aria-selected='true']").focus();
}

function choose(name) {
  chosen = name;
  sessionStorage.setItem("feed", name);
  drawTabs();
  drawFeeds(() => false);
}

function drawFeeds(fresh) {
  const place = at("feeds");
  place.classList.toggle("columns", wide);
  const wanted = wide ? listed() : [listed().find((one) => one.name === chosen) ?? { name: ALL, label: "All channels" }];
  const there = new Map([...place.children].map((one) => [one.dataset.channel, one]));
  const made = wanted.map((one) => {
    const feed = there.get(one.name) ?? column(one);
    fill(feed, one.name, fresh);
    return feed;
  });
  if (made.length !== place.children.length || made.some((one, n) => one !== place.children[n])) place.replaceChildren(...made);
  if (wide) {
    place.setAttribute("role", "region");
    place.setAttribute("aria-label", "All channels side by side");
    place.tabIndex = 0;
  } else {
    place.setAttribute("role", "tabpanel");
    place.removeAttribute("aria-label");
    place.setAttribute("aria-labelledby", `feed-tab-${chosen || "all"}`);
    place.tabIndex = -1;
  }
}

function column(one) {
  const made = element("section", { class: "feed-of" },
    element("h3", {}, one.network ? element("span", { class: `dot on-${one.network}`, "aria-hidden": "true", textContent: one.label.slice(0, 1) }) : null,
      one.name || one.label, element("span", { class: "many" })),
    element("ol", { class: "feed", "aria-label": one.name ? `Out on ${one.name}` : "Out on all channels" }),
    element("p", { class: "nothing" }),
    element("button", { type: "button", class: "older", textContent: "Show older", hidden: true }));
  made.dataset.channel = one.name;
  made.querySelector(".older").addEventListener("click", () => {
    limits.set(one.name, (limits.get(one.name) ?? AT_ONCE) + AT_ONCE);
    fill(made, one.name, () => false);
  });
  return made;
}

// Only posts that came or went touch the page: one does not change once it is out.
function fill(feed, name, fresh) {
  const all = of(name);
  const shown = all.slice(0, limits.get(name) ?? AT_ONCE);
  const list = feed.querySelector("ol");
  const there = new Map([...list.children].map((item) => [item.dataset.key, item]));
  let place = list.firstElementChild;
  for (const one of shown) {
    let item = there.get(one.key);
    if (item) retime(item, one);
    else item = drawPost(one, { isFresh: fresh(one), showRow });
    there.delete(one.key);
    if (item === place) place = place.nextElementSibling;
    else list.insertBefore(item, place);
  }
  for (const gone of there.values()) gone.remove();
  feed.querySelector(".many").textContent = all.length || "";
  feed.querySelector(".older").hidden = all.length <= shown.length;
  const nothing = feed.querySelector(".nothing");
  nothing.hidden = all.length > 0;
  feed.classList.toggle("empty", all.length === 0);
  nothing.textContent = name ? `Nothing is out on ${name}.` : "Nothing is out. Only what you approve will ever be here.";
}

// A row's status holds the addresses of what it has posted.
function showRow(post) {
  const column = sheet.header.find((name) => name.trim().toLowerCase() === "status");
  const row = sheet.rows.find((one) => String(one.value(column)).split(/\s+/).some((word) => word.replace(/[.,;)]+$/, "") === post.url));
  if (row) toRow(row.id);
  else notice("No row in the sheet has the address of this post.");
}

function setWide(on) {
  wide = on;
  document.body.classList.toggle("feeds-wide", on);
  at("feeds-wide").setAttribute("aria-pressed", String(on));
  at("feeds-wide").textContent = on ? "Back to the desk" : "All side by side";
  drawTabs();
  drawFeeds(() => false);
}

export function start(desk) {
  toRow = (id) => {
    if (wide) setWide(false);
    desk.toRow(id);
  };
  at("feeds-wide").addEventListener("click", () => setWide(!wide));
  matchMedia("(min-width: 1080px)").addEventListener("change", ({ matches }) => { if (wide && !matches) setWide(false); });
  at("posted").addEventListener("keydown", (event) => { if (event.key === "Escape" && wide) setWide(false); });
  at("channels").addEventListener("keydown", (event) => {
    const tabs = [...at("channels").children];
    const here = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    tabs.at(to % tabs.length).click();
    at("channels").querySelector("[aria-selected='true']").focus();
  });
}
