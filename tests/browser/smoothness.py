"""How long the page keeps the browser from answering, by the browser's own trace."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

LONGEST_MS = 100.0
_WORK_MS = 15.0
# A fixed piece of work much like a page's: objects, strings, nodes, layout. A core of 2024 takes _WORK_MS for it.
_WORK = """() => {
  const box = document.createElement("div");
  document.body.append(box);
  for (let round = 0; round < 10; round += 1) {
    const rows = Array.from({ length: 100 }, (_, n) => ({ n, text: `row ${n} of ${round}` }));
    box.replaceChildren(...rows.map((row) => Object.assign(document.createElement("p"), { textContent: JSON.stringify(row) })));
    void box.offsetHeight;
  }
  box.remove();
}"""


class Trace:
    """``tasks_ms``: what each task of the page's main thread took, in processor time, so that another program's turn does not count."""

    def __init__(self) -> None:
        self.tasks_ms: list[float] = []

    @property
    def longest_ms(self) -> float:
        return max(self.tasks_ms, default=0.0)


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[Trace]:
    """Everything between is in the trace, up to the frames that were due at the end."""
    trace = Trace()
    browser.start_tracing(page=page, categories=["toplevel"])
    try:
        yield trace
        page.evaluate(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
        )
    finally:
        events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
        pages = {
            (event["pid"], event["tid"])
            for event in events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        trace.tasks_ms = [
            event.get("tdur", 0) / 1000
            for event in events
            if event["name"] == "ThreadControllerImpl::RunTask" and (event["pid"], event["tid"]) in pages
        ]


def slowness(browser: Browser) -> float:
    """How much slower this computer is just now than the one that LONGEST_MS is meant for; never under 1."""
    page = browser.new_page()
    page.evaluate(_WORK)

    def once() -> float:
        with traced(browser, page) as trace:
            page.evaluate(_WORK)
        return trace.longest_ms

    best = min(once() for _ in range(3))
    page.close()
    return max(1.0, best / _WORK_MS)


def patiently(page: Page, true: Callable[[], Any]) -> None:
    """Lets the page go on until it is true: a minute, for what is much on a computer that has other things to do."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        page.evaluate("new Promise(requestAnimationFrame)")


def best_of_three(once: Callable[[], dict[str, float]], browser: Browser) -> dict[str, float]:
    """Of up to three runs the shortest time under each name, in milliseconds of the computer that LONGEST_MS is meant for: a longer one
    had other reasons than the page. One good run is enough. How slow this one is changes meanwhile, so each run has its own measure.
    """

    def run() -> dict[str, float]:
        slow = slowness(browser)
        return {name: ms / slow for name, ms in once().items()}

    best = run()
    for _ in range(2):
        if max(best.values()) <= LONGEST_MS:
            break
        again = run()
        best = {name: min(ms, again[name]) for name, ms in best.items()}
    return best
