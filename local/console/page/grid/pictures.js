// Pictures dropped, chosen or pasted: into the sheet's folder first, then their names into the image cell.

import { element, notice } from "../ask.js";
import { lineOf, rowAt, table } from "./view.js";
import { kindOf, sheet } from "./rows.js";

const MAX_BYTES = 40_000_000;
let calls = {};
let uploads = 0;

const imageColumn = () => sheet.header.find((column) => kindOf(column) === "image");

// Each file that cannot be added says why; the others go on. The names are put into the cell in one edit.
export async function addPictures(row, files) {
  const column = imageColumn();
  if (!column) return notice("The sheet has no image column.", { wrong: true });
  const names = [];
  for (const file of files) {
    const upload = { key: `#${(uploads += 1)}`, name: file.name, part: 0 };
    row.uploads.push(upload);
    calls.redrawCell(row, column);
    try {
      names.push(await send(file, (part) => {
        upload.part = part;
        const bar = lineOf(row)?.querySelector(`progress[aria-label="${CSS.escape(`Adding ${file.name}`)}"]`);
        if (bar) bar.value = part;
      }));
    } catch (error) {
      notice(error.message, { wrong: true });
    }
    row.uploads = row.uploads.filter((one) => one !== upload);
    calls.redrawCell(row, column);
  }
  if (!names.length) return;
  if (row.gone) return notice(`${names.join(", ")}: in the folder now, but the row is gone.`, { wrong: true });
  await calls.put(row, column, names);
  notice(names.length > 1 ? `${names.length} pictures are in row ${row.index + 2}.` : `${names[0]} is in row ${row.index + 2}.`);
}

// XMLHttpRequest, as fetch does not tell how far an upload is.
function send(file, told) {
  if (file.size > MAX_BYTES) return Promise.reject(new Error(`${file.name} has ${Math.ceil(file.size / 1e6)} MB; at most 40 MB can be posted. Save it smaller and add it again.`));
  if (file.size === 0) return Promise.reject(new Error(`${file.name} is empty.`));
  if (file.type && !file.type.startsWith("image/")) return Promise.reject(new Error(`${file.name} is no picture. JPEG, PNG, WebP, GIF and HEIC can be posted.`));
  return new Promise((good, bad) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/api/files/${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) told(event.loaded / event.total); });
    request.addEventListener("load", () => (request.status < 300 ? good(request.response.name) : bad(new Error(request.response?.error ?? `${file.name} was not added (${request.status}).`))));
    request.addEventListener("error", () => bad(new Error(`${file.name} was not added: the console does not answer.`)));
    request.send(file);
  });
}

export function choosePictures(row) {
  if (!row) return notice("Choose a row first: the picture goes into it.");
  const input = element("input", { type: "file", accept: "image/*,.heic,.heif", multiple: true, "aria-label": "Pictures" });
  input.hidden = true;
  document.body.append(input);
  input.addEventListener("change", () => { addPictures(row, [...input.files]); input.remove(); });
  input.addEventListener("cancel", () => input.remove());
  input.click();
}

// On a row: into it. Below the rows: into a new one. Beside the sheet nothing happens, and above all the page does not open the file.
export function startPictures(given) {
  calls = given;
  const place = document.getElementById("sheet-scroll");
  let marked = null;
  const mark = (node) => {
    if (marked === node) return;
    marked?.classList.remove("drop");
    marked = node;
    marked?.classList.add("drop");
  };
  const target = (event) => (place.contains(event.target) ? event.target.closest("tbody tr") ?? place : null);
  const withFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragover", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = target(event) ? "copy" : "none";
    mark(target(event));
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
  addEventListener("drop", async (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    mark(null);
    const files = [...event.dataTransfer.files];
    if (!target(event) || !files.length) return;
    const row = rowAt(event.target) ?? await calls.newRow();
    if (row) addPictures(row, files);
  });
  table().addEventListener("click", (event) => {
    if (event.target.closest(".add-picture")) choosePictures(rowAt(event.target));
  });
}
