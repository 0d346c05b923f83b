// Ranges as other spreadsheets write and read them: lines of cells with tabs between, and a table of HTML. Pure but for DOMParser.

// A cell that holds a tab, a line break or a quote stands in quotes, with its own quotes doubled (Excel, Google Sheets).
export function toText(rows) {
  const cell = (value) => (/[\t\n\r"]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return rows.map((row) => row.map(cell).join("\t")).join("\n");
}

export function toHtml(rows) {
  const plain = (value) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replace(/\r\n|\r|\n/g, '<br style="mso-data-placement:same-cell">');
  return `<table data-from="social-scheduler">${rows.map((row) => `<tr>${row.map((value) => `<td>${plain(value)}</td>`).join("")}</tr>`).join("")}</table>`;
}

// Quotes count only where they open a cell and are closed at its end: `"Best" cake` is a text with quotes in it.
export function fromText(text) {
  const whole = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const rows = [[]];
  const quoted = /"((?:[^"]|"")*)"(?=\t|\n|$)/y;
  const bare = /[^\t\n]*/y;
  let at = 0;
  for (;;) {
    quoted.lastIndex = bare.lastIndex = at;
    const found = whole[at] === '"' ? quoted.exec(whole) : null;
    const cell = found ? found[1].replaceAll('""', '"') : bare.exec(whole)[0];
    rows.at(-1).push(cell);
    at += found ? found[0].length : cell.length;
    if (at >= whole.length) return squared(rows);
    if (whole[at] === "\n") rows.push([]);
    at += 1;
  }
}

// The first table of a piece of HTML, null where there is none. Styles are cut out first: nothing of it is shown here.
export function fromHtml(html) {
  if (!/<table/i.test(html)) return null;
  const bare = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "");
  const table = new DOMParser().parseFromString(bare, "text/html").querySelector("table");
  if (!table?.rows.length) return null;
  const ours = table.dataset.from === "social-scheduler";
  const rows = [];
  [...table.rows].forEach((line, number) => {
    rows[number] ??= [];
    let place = 0;
    for (const cell of line.cells) {
      while (rows[number][place] !== undefined) place += 1;
      for (let down = 0; down < Math.min(cell.rowSpan || 1, table.rows.length - number); down += 1) {
        for (let right = 0; right < Math.min(cell.colSpan || 1, 200); right += 1) {
          (rows[number + down] ??= [])[place + right] = down + right ? "" : cellText(cell, ours);
        }
      }
    }
  });
  return squared(rows);
}

function cellText(cell, ours) {
  const breaks = "\u0000";
  for (const mark of cell.querySelectorAll("br")) mark.replaceWith(breaks);
  for (const block of cell.querySelectorAll("p + p, div + div")) block.prepend(breaks);
  const text = cell.textContent;
  const plain = ours ? text : text.replace(/[ \t\r\n]+/g, " ").replace(/ ?\u0000 ?/g, breaks).trim().replaceAll("\u00a0", " ");
  return plain.replaceAll(breaks, "\n");
}

function squared(rows) {
  const width = Math.max(...rows.map((row) => row.length));
  return rows.map((row) => Array.from({ length: width }, (_, place) => row[place] ?? ""));
}
