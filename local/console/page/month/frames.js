// A post's previews as the networks will show them: pages of the console's own, made when they come into sight.

import { element } from "../ask.js";
import { firstWords } from "./entries.js";

const STARTING_PX = 220;

// Nothing in it runs; as it is of this page's origin it can be measured.
export function previewFrame(entry, channel = "") {
  const query = channel ? `embedded&channel=${encodeURIComponent(channel)}` : "embedded";
  const frame = element("iframe", { class: "month-preview", sandbox: "allow-same-origin", loading: "lazy", title: `How it will look: ${firstWords(entry.text, 60) || entry.id}`,
    src: `/preview/${encodeURIComponent(entry.id)}?${query}` });
  frame.style.height = `${STARTING_PX}px`;
  frame.addEventListener("load", () => {
    fit(frame);
    new ResizeObserver(() => fit(frame)).observe(frame.contentDocument.documentElement);
  });
  return frame;
}

function fit(frame) {
  const inner = frame.contentDocument?.querySelector("main");
  if (!inner || !frame.clientWidth) return;
  const height = `${Math.ceil(inner.getBoundingClientRect().height)}px`;
  if (frame.style.height !== height) frame.style.height = height;
}
