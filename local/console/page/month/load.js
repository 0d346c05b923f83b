// A calendar file of one's own: a dry look first, then its rows into the sheet; and the sheet and the plan as files to keep.

import { element, notice } from "../ask.js";
import { monthShown } from "./calendar.js";
import { sayDay } from "./entries.js";
import { looked } from "./looked.js";
import { addPicture, adding, putIn, readFile } from "./files.js";

const by = (id) => document.getElementById(id);
const isPicture = (file) => file.type.startsWith("image/") || /\.(jpe?g|png|webp|gif|heic|heif)$/i.test(file.name);
let file = null;
let options = {};
let found = null;
let busy = false;

export function start(desk) {
  adding(desk);
  const chooser = element("input", { type: "file", id: "load-file", accept: ".xlsx,.csv,.tsv,.txt,image/*,.heic,.heif", multiple: true, "aria-label": "A calendar file, or pictures", hidden: true });
  const choose = element("button", { type: "button", id: "load-choose", textContent: "Choose a file" });
  choose.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    given([...chooser.files]);
    chooser.value = "";
  });
  by("month-load").append(
    element("div", { class: "load-drop", id: "load-drop" },
      element("p", { class: "big", textContent: "Drop your calendar here" }),
      element("p", { class: "aside", textContent: "An Excel workbook (.xlsx) or a text file (.csv, .tsv), also Hootsuite’s and Buffer’s. It is read on this computer and goes nowhere else; nothing is changed before you say so." }),
      choose, chooser),
    element("p", { class: "trouble", id: "load-wrong", role: "alert", hidden: true }),
    element("div", { id: "load-look", tabIndex: -1 }),
    element("section", { class: "load-take" }, element("h3", { textContent: "Take it along" }),
      element("p", { class: "aside", textContent: "The sheet with every row and column as it stands. The plan is for your calendar program: each post at the time it will go." }),
      element("p", { class: "turns", id: "load-take" })));
  drop(by("month-load"));
}

export function draw() {
  const month = monthShown();
  const links = [["The sheet, .xlsx", "posts.xlsx", "posts.xlsx"], ["The sheet, .csv", "posts.csv", "posts.csv"],
    [`The plan of ${sayDay(`${month}-15`, { month: "long" })}, .ics`, `plan.ics?month=${month}`, `plan-${month}.ics`], ["The whole plan, .ics", "plan.ics", "plan.ics"]];
  const place = by("load-take");
  if (place.dataset.month === month) return;
  place.dataset.month = month;
  place.replaceChildren(...links.map(([textContent, path, download]) => element("a", { class: "button", href: `/api/export/${path}`, download, textContent })));
}

// The sheet has its own way with files that are dropped: here they are this part's.
function drop(place) {
  const withFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const mark = (on) => by("load-drop").classList.toggle("drop", on);
  place.addEventListener("dragover", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
    mark(true);
  });
  place.addEventListener("dragleave", (event) => { if (!place.contains(event.relatedTarget)) mark(false); });
  place.addEventListener("drop", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    mark(false);
    given([...event.dataTransfer.files]);
  });
}

// Pictures go into the sheet's folder, a calendar is looked at; of several calendars one.
async function given(files) {
  if (!files.length || busy) return;
  const pictures = files.filter(isPicture);
  const calendars = files.filter((one) => !isPicture(one));
  for (const picture of pictures) {
    try {
      const name = await addPicture(picture);
      notice(name === picture.name ? `${name} is in the sheet’s folder.` : `${picture.name} is in the sheet’s folder as ${name}: another picture has that name.`);
    } catch (error) {
      notice(error.message, { wrong: true });
    }
  }
  if (calendars.length > 1) notice(`One calendar at a time: ${calendars[0].name} is looked at.`);
  if (calendars.length) [file, options] = [calendars[0], {}];
  if (file) await look();
}

async function look() {
  busy = true;
  wrong("");
  by("load-look").setAttribute("aria-busy", "true");
  if (!found) by("load-look").replaceChildren(element("p", { class: "nothing", textContent: `${file.name} is being read.` }));
  try {
    found = await readFile(file, options);
    show();
  } catch (error) {
    found = null;
    by("load-look").replaceChildren();
    wrong(error.message);
  }
  by("load-look").removeAttribute("aria-busy");
  busy = false;
}

function show() {
  by("load-look").replaceChildren(looked(found, options, {
    again: (change) => { options = { ...options, ...change }; look(); },
    add: (rows) => put(rows, false),
    replace: (rows) => put(rows, true),
    close: () => { file = found = null; by("load-look").replaceChildren(); by("load-choose").focus(); },
  }));
  by("load-look").focus();
}

async function put(rows, instead) {
  if (busy) return;
  busy = true;
  await putIn(found.name, rows, instead);
  busy = false;
  await look();
}

function wrong(sentence) {
  by("load-wrong").textContent = sentence;
  by("load-wrong").hidden = !sentence;
}
