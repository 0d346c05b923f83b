"use strict";
// Everything is put in as text: nothing of a message is ever read as markup here either.

const seen = { feed: "", whispers: null };

function make(name, text, kind) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

function piece(element) {
  if (element.type === "link") {
    const anchor = make("a", element.text || element.url);
    anchor.href = element.url;
    anchor.rel = "noopener noreferrer";
    anchor.target = "_blank";
    return anchor;
  }
  const style = element.style || {};
  const name = style.strike ? "del" : style.bold ? "strong" : style.italic ? "em" : "span";
  return make(name, element.text || `:${element.name}:`);
}

function rich(block) {
  return block.elements.map((part) => {
    const box = part.type === "rich_text_section" ? make("p", "", "rich") : make("blockquote");
    part.elements.forEach((element) => box.append(piece(element)));
    return box;
  });
}

async function press(message, element, position) {
  if (element.confirm && !window.confirm(`${element.confirm.title.text}\n\n${element.confirm.text.text}`)) return;
  const user = document.getElementById("user").value;
  const body = JSON.stringify({ ts: message.ts, action_id: element.action_id, user, position });
  const answer = await (await fetch("/_local/click", { method: "POST", headers: { "content-type": "application/json" }, body })).json();
  if (!answer.in_time) say(answer.status === 200 ? `Answered after ${answer.seconds} s: Slack would show a warning.` : "This did not work. Please try again.");
  await look();
}

function say(text) {
  document.getElementById("note").textContent = text;
}

function shown(message, block, counts) {
  switch (block.type) {
    case "header": return [make("h2", block.text.text)];
    case "divider": return [make("hr")];
    case "section": return [make("p", block.text.text, "rich")];
    case "context": return block.elements.map((element) => make("p", element.text, "rich"));
    case "rich_text": return rich(block);
    case "image": {
      const image = make("img");
      image.src = block.image_url;
      image.alt = block.alt_text;
      return [image];
    }
    case "actions": {
      const row = make("div", "", "actions");
      block.elements.forEach((element) => {
        const position = counts[element.action_id] || 0;
        counts[element.action_id] = position + 1;
        const button = make("button", element.text.text, element.style || "");
        button.type = "button";
        button.addEventListener("click", () => press(message, element, position));
        row.append(button);
      });
      return [row];
    }
    default: return [make("p", `(${block.type})`)];
  }
}

async function look() {
  const text = await (await fetch("/_local/feed")).text();
  if (text === seen.feed) return;
  seen.feed = text;
  const feed = JSON.parse(text);
  const menu = document.getElementById("user");
  if (!menu.options.length) Object.entries(feed.users).forEach(([id, name]) => menu.append(new Option(`${name} (${id})`, id)));
  const place = document.getElementById("messages");
  place.replaceChildren(...(feed.messages.length ? feed.messages : []).map((message) => {
    const article = make("article");
    const changed = message.changes ? ` · changed ${message.changes} times` : "";
    article.append(make("div", `Social Scheduler · ${new Date(Number(message.ts) * 1000).toLocaleString()}${changed}`, "who"));
    const counts = {};
    message.blocks.forEach((block) => article.append(...shown(message, block, counts)));
    return article;
  }));
  if (!feed.messages.length) place.append(make("p", "Nothing has been posted here yet."));
  if (seen.whispers !== null && feed.whispers.length > seen.whispers) say(`Only you can see this: ${feed.whispers[feed.whispers.length - 1].text}`);
  seen.whispers = feed.whispers.length;
}

look();
setInterval(look, 1500);
