// Draws a message's blocks as Slack does. Everything is put in as text: nothing of a message is ever read as markup here either.

export function make(name, text, kind) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

// `press(element, position)` is what a button does; `position` counts the buttons of one action_id from the top.
export function drawn(blocks, press) {
  const counts = {};
  return blocks.flatMap((block) => shown(block, (element) => {
    const position = counts[element.action_id] || 0;
    counts[element.action_id] = position + 1;
    return () => press(element, position);
  }));
}

function shown(block, pressing) {
  switch (block.type) {
    case "header": return [make("h3", block.text.text, "sl-header")];
    case "divider": return [make("hr", "", "sl-line")];
    case "section": return [make("p", block.text.text, "sl-rich")];
    case "context": return block.elements.map((element) => make("p", element.text, "sl-rich sl-context"));
    case "rich_text": return block.elements.map(rich);
    case "image": {
      const image = make("img", "", "sl-image");
      image.alt = block.alt_text;
      image.loading = "lazy";
      image.src = block.image_url;
      return [image];
    }
    case "actions": {
      const row = make("div", "", "sl-actions");
      for (const element of block.elements) {
        const button = make("button", element.text.text, `sl-button ${element.style || ""}`.trim());
        button.type = "button";
        button.addEventListener("click", pressing(element));
        row.append(button);
      }
      return [row];
    }
    default: return [make("p", `(${block.type})`)];
  }
}

function rich(part) {
  const box = part.type === "rich_text_section" ? make("p", "", "sl-rich") : make("blockquote", "", "sl-quote");
  box.append(...part.elements.map(piece));
  return box;
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
