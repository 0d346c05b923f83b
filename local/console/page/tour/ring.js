// A ring around a control, over everything and in nobody's way: it takes no click, dims nothing, and goes when it has been used.

const LASTS_MS = 15000;
const AROUND_PX = 5;
let target = null;
let until = 0;
let following = 0;

const ring = () => document.getElementById("tour-ring");

export function point(found) {
  clear();
  if (!found) return;
  found.scrollIntoView({ block: "center", inline: "nearest" });
  target = found;
  until = Date.now() + LASTS_MS;
  target.addEventListener("click", clear, { once: true });
  following = setInterval(follow, 120);
  follow();
}

export function clear() {
  clearInterval(following);
  target?.removeEventListener("click", clear);
  target = null;
  ring().hidden = true;
}

function follow() {
  const box = target?.getBoundingClientRect();
  if (!target?.isConnected || !box.width || Date.now() > until) return clear();
  const place = ring();
  place.hidden = false;
  place.style.transform = `translate(${box.left - AROUND_PX}px, ${box.top - AROUND_PX}px)`;
  place.style.width = `${box.width + 2 * AROUND_PX}px`;
  place.style.height = `${box.height + 2 * AROUND_PX}px`;
}
