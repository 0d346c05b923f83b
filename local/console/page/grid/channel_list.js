// A list of choices of which a cell takes several: Up and Down move, Space chooses, letters jump, Enter keeps.

import { element } from "../ask.js";

let made = 0;

export class ChannelList {
  #before;
  #names;
  #chosen;
  #options;
  #current = 0;
  #letters = "";
  #lastLetter = 0;

  constructor(choices, before, label, { typed = "", done }) {
    const names = before.split(/[,;\n]/).map((name) => name.trim()).filter(Boolean);
    this.#chosen = new Set(names);
    this.#before = before;
    this.#names = [...this.#chosen].join(", ");
    const all = [...choices, ...names.filter((name) => !choices.includes(name))];
    made += 1;
    this.#options = all.map((name, place) => element("div", { role: "option", id: `choice-${made}-${place}` },
      element("span", { class: "box", "aria-hidden": "true" }), element("span", { textContent: name }),
      choices.includes(name) ? null : element("span", { class: "aside", textContent: "not in the rules" })));
    this.#options.forEach((option, place) => { option.dataset.name = all[place]; });
    this.list = element("div", { role: "listbox", tabIndex: 0, "aria-multiselectable": "true", "aria-label": label }, ...this.#options);
    const keep = element("button", { type: "button", class: "keep", tabIndex: -1, textContent: "Done" });
    keep.addEventListener("click", done);
    this.element = element("div", { class: "editor choices" }, this.list, keep);
    this.list.addEventListener("keydown", (event) => this.#pressed(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#toggle(this.#options.indexOf(option));
    });
    this.#go(Math.max(0, all.findIndex((name) => this.#chosen.has(name))));
    for (const place of all.keys()) this.#show(place);
    if (typed.trim()) this.#jump(typed);
  }

  get tagName() { return "LIST"; }
  focus() { this.list.focus({ preventScroll: true }); }

  // What was there keeps its order and its way of writing; what is chosen comes behind it.
  get value() {
    const chosen = [...this.#chosen].join(", ");
    return chosen === this.#names ? this.#before : chosen;
  }

  #pressed(event) {
    const end = this.#options.length - 1;
    if (event.key === "ArrowDown") this.#go(Math.min(end, this.#current + 1));
    else if (event.key === "ArrowUp") this.#go(Math.max(0, this.#current - 1));
    else if (event.key === "Home") this.#go(0);
    else if (event.key === "End") this.#go(end);
    else if (event.key === " ") this.#toggle(this.#current);
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) this.#jump(event.key);
    else return;
    event.preventDefault();
  }

  #jump(letter) {
    this.#letters = (performance.now() - this.#lastLetter < 800 ? this.#letters : "") + letter.toLowerCase();
    this.#lastLetter = performance.now();
    const place = this.#options.findIndex((option) => option.dataset.name.toLowerCase().startsWith(this.#letters));
    if (place >= 0) this.#go(place);
  }

  #toggle(place) {
    const { name } = this.#options[place].dataset;
    if (!this.#chosen.delete(name)) this.#chosen.add(name);
    this.#go(place);
    this.#show(place);
  }

  #show(place) { this.#options[place].setAttribute("aria-selected", String(this.#chosen.has(this.#options[place].dataset.name))); }

  #go(place) {
    this.#options[this.#current]?.classList.remove("current");
    this.#current = place;
    this.#options[place].classList.add("current");
    this.list.setAttribute("aria-activedescendant", this.#options[place].id);
    this.#options[place].scrollIntoView?.({ block: "nearest" });
  }
}
