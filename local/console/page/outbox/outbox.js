// The outbox, newest first, and the reader that shows a mail as its recipient sees it.

import { element, linked } from "../ask.js";
import { now } from "../clock.js";
import { brief } from "../times.js";

const opened = new Set(JSON.parse(sessionStorage.getItem("opened") ?? "[]"));
const mails = new Map();

export function take({ mails: fresh }, first) {
  if (!fresh.length) return;
  const list = document.getElementById("mails");
  for (const mail of fresh) {
    if (mails.has(mail.seq)) continue;
    mails.set(mail.seq, mail);
    const button = element("button", { type: "button" },
      element("time", { dateTime: mail.at, textContent: brief(new Date(mail.at), now()) }),
      element("span", { class: "subject", textContent: mail.subject }),
      element("span", { class: "preview", textContent: mail.preview }));
    button.addEventListener("click", () => read(mail.seq));
    const item = element("li", { class: first ? "" : "fresh" }, button);
    item.dataset.seq = mail.seq;
    list.prepend(item);
  }
  count();
}

function count() {
  for (const item of document.querySelectorAll("#mails li")) {
    item.classList.toggle("unread", !opened.has(Number(item.dataset.seq)));
  }
  const unread = [...mails.keys()].filter((seq) => !opened.has(seq)).length;
  document.getElementById("outbox-count").textContent = mails.size ? `${mails.size} sent, ${unread} not opened` : "";
  document.getElementById("tab-outbox").textContent = unread || "";
}

function read(seq) {
  const mail = mails.get(seq);
  const reader = document.getElementById("reader");
  document.getElementById("reader-subject").textContent = mail.subject;
  document.getElementById("reader-who").textContent = `${brief(new Date(mail.at), now())} · from ${mail.from} · to ${mail.to}`;
  document.getElementById("reader-text").replaceChildren(linked(mail.text || "This mail has no text part."));
  document.getElementById("reader-html").src = mail.has_html ? `/api/mails/${seq}/html` : "about:blank";
  show(mail.has_html ? "html" : "text");
  document.getElementById("reader-part").hidden = !mail.has_html;
  reader.showModal();
  opened.add(seq);
  sessionStorage.setItem("opened", JSON.stringify([...opened]));
  count();
}

function show(part) {
  document.getElementById("reader-html").hidden = part !== "html";
  document.getElementById("reader-text").hidden = part !== "text";
  document.getElementById("reader-part").setAttribute("aria-pressed", String(part === "text"));
}

export function start({ about }) {
  const slack = document.getElementById("slack");
  slack.href = about.slack ?? "";
  slack.hidden = !about.slack;
  const reader = document.getElementById("reader");
  document.getElementById("reader-close").addEventListener("click", () => reader.close());
  document.getElementById("reader-part").addEventListener("click", (event) => {
    show(event.currentTarget.getAttribute("aria-pressed") === "true" ? "html" : "text");
  });
  reader.addEventListener("click", (event) => { if (event.target === reader) reader.close(); });
  reader.addEventListener("close", () => { document.getElementById("reader-html").src = "about:blank"; });
}
