// Questions to the console's own API. What goes wrong is thrown as an Error with a sentence for the page.

export async function ask(path, { method = "GET", body } = {}) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The console does not answer. Is it still running?");
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error ?? `The console answered ${answer.status}.`);
  return said;
}

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") made.className = value;
    else if (name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Text with its web addresses as links that open beside this page.
export function linked(text) {
  const parts = document.createDocumentFragment();
  let done = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g)) {
    parts.append(text.slice(done, match.index));
    parts.append(element("a", { href: match[0], target: "_blank", rel: "noopener", textContent: shortAddress(match[0]) }));
    done = match.index + match[0].length;
  }
  parts.append(text.slice(done));
  return parts;
}

function shortAddress(address) {
  const plain = address.replace(/^https?:\/\//, "");
  return plain.length > 34 ? `${plain.slice(0, 20)}…${plain.slice(-10)}` : plain;
}

let closing;

// `act` is what the button does, `undo` the same under its usual name.
export function notice(sentence, { wrong = false, undo, act = undo, label = "Undo" } = {}) {
  const place = document.getElementById("notice");
  const button = place.querySelector("button");
  place.querySelector("span").textContent = sentence;
  place.classList.toggle("wrong", wrong);
  button.hidden = !act;
  button.textContent = label;
  button.onclick = () => { place.hidden = true; act?.(); };
  place.hidden = false;
  clearTimeout(closing);
  closing = setTimeout(() => { place.hidden = true; }, act ? 12000 : 6000);
}
