"""The zoo: visitors that open a link without anybody meaning it. Each is a claim about a kind of software that offices and phones run.

``Grounds`` is what a visitor is let loose on: the link, a browser context (of a stranger, or of a device that acts at once), and a second
site, from which pages of somebody else's can try what they like. A visitor is a function that does its worst and returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import BrowserContext, Page, Request

from tests.browser.door_server import Visit
from tests.browser.serving import served

_SCANNERS_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36"
)
_SCRIPTS_MS = 50
_SETTLES_MS = 5_000
_LOOK_AGAIN_MS = 10
_LOOKS_MS = 400  # as long as a scanner lingers on a page after everything has loaded


@dataclass
class Elsewhere:
    """Another origin: a webmail, a wrapped link, an attacker's page. ``pages`` are HTML by path; a path may also be a redirect."""

    origin: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path in self.redirects:
            headers = [(b"location", self.redirects[path].encode())]
            await send({"type": "http.response.start", "status": 302, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        content = self.pages.get(path, "").encode()
        kinds = [(b"content-type", b"text/html; charset=utf-8"), (b"supports-loading-mode", b"credentialed-prerender")]
        await send({"type": "http.response.start", "status": 200 if content else 404, "headers": kinds})
        await send({"type": "http.response.body", "body": content})

    def page(self, path: str, html: str) -> str:
        """Its address."""
        self.pages[path] = html
        return self.origin + path


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    site = Elsewhere()
    with served(site) as origin:
        site.origin = origin
        yield site


@dataclass(frozen=True)
class Grounds:
    link: str
    context: BrowserContext
    site: Elsewhere
    pressed: Visit  # a human's press of another link of the same kind, as whoever sits on the line saw it

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Left when nothing is under way any more. It goes with its browser: a page that is closed by itself in mid-navigation was seen
        never to say that it is."""
        page = self.context.new_page()
        under_way: set[Request] = set()
        page.on("request", lambda request: under_way.add(request))
        page.on("requestfinished", lambda request: under_way.discard(request))
        page.on("requestfailed", lambda request: under_way.discard(request))
        yield page
        for _ in range(_SETTLES_MS // _LOOK_AGAIN_MS):
            if not under_way:
                break
            page.wait_for_timeout(_LOOK_AGAIN_MS)

    @contextmanager
    def opened(self) -> Iterator[Page]:
        with self.page() as page:
            page.goto(self.link, wait_until="networkidle")
            yield page

    def let_run(self, page: Page, script: str) -> None:
        """Runs ``script`` in the page, with a user's gesture lent to it as scanners' tools do, and waits for what it set off.

        It runs in a moment of its own: an evaluation that navigates away may never come back to who asked for it.
        """
        page.evaluate(f"() => {{ setTimeout(() => {{ {script} }}, 0) }}")
        page.wait_for_timeout(_SCRIPTS_MS)
        page.wait_for_load_state("networkidle")


Visitor = Callable[[Grounds], None]


def head_request(grounds: Grounds) -> None:
    httpx.head(grounds.link)


def three_gets(grounds: Grounds) -> None:
    for _ in range(3):
        httpx.get(grounds.link, headers={"user-agent": _SCANNERS_BROWSER})


def link_expander(grounds: Grounds) -> None:
    """As a chat program makes its little card: the page, then everything that the page names."""
    with httpx.Client(headers={"user-agent": "Slackbot-LinkExpanding 1.0"}, follow_redirects=True) as http:
        text = http.get(grounds.link).text
        for address in re.findall(r"(?:href|src|action)=\"([^\"]+)\"", text):
            http.get(str(httpx.URL(grounds.link).join(address)))


def crawler_of_forms(grounds: Grounds) -> None:
    """Opens whatever a form posts to, by GET, its hidden fields in the query."""
    text = httpx.get(grounds.link).text
    for action in re.findall(r"<form[^>]* action=\"([^\"]*)\"", text):
        fields = dict(re.findall(r"name=\"(\w+)\" value=\"([^\"]*)\"", text))
        httpx.get(str(httpx.URL(grounds.link).join(action)), params=fields)


def poster_without_a_browser(grounds: Grounds) -> None:
    """Posts the form as its bytes say, as a scanner does that has read about forms; with and without the page's own origin."""
    for headers in ({}, {"referer": "https://mail.test/"}, {"origin": "null"}):
        httpx.post(grounds.link, data={"go": "1"}, headers=headers)


def script_running(grounds: Grounds) -> None:
    """A sandbox that opens the page, lets its scripts run, scrolls, and photographs it."""
    with grounds.opened() as page:
        page.mouse.wheel(0, 4_000)
        page.screenshot()
        page.wait_for_timeout(_LOOKS_MS)


def form_submit(grounds: Grounds) -> None:
    with grounds.opened() as page:
        grounds.let_run(page, "document.forms[0]?.submit()")


def form_request_submit(grounds: Grounds) -> None:
    with grounds.opened() as page:
        grounds.let_run(page, "document.forms[0]?.requestSubmit()")


def button_click(grounds: Grounds) -> None:
    """Every button, by script, as a crawler of pages does."""
    with grounds.opened() as page:
        grounds.let_run(page, "document.querySelectorAll('button').forEach(button => button.click())")


def synthetic_events(grounds: Grounds) -> None:
    """Pointer and keyboard events that a script makes up."""
    with grounds.opened() as page:
        script = """for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
            document.querySelector('button')?.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true}));
        document.querySelector('button')?.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))"""
        grounds.let_run(page, script)


def injected_fetch(grounds: Grounds) -> None:
    """From within the page, so with its origin and its cookies; plain, and as the form would."""
    with grounds.opened() as page:
        for field_name in ("go=1", "opened=1", "go=1&opened=1"):
            script = f"""fetch(location.href, {{method: 'POST', credentials: 'include', body: '{field_name}',
                headers: {{'content-type': 'application/x-www-form-urlencoded'}}}})"""
            grounds.let_run(page, script)
        grounds.let_run(page, "navigator.sendBeacon(location.href, new URLSearchParams({go: 1}))")


def prefetch(grounds: Grounds) -> None:
    html = f'<link rel="prefetch" href="{escape(grounds.link)}"><link rel="preload" as="document" href="{escape(grounds.link)}">'
    with grounds.page() as page:
        page.goto(grounds.site.page("/prefetch", html), wait_until="networkidle")
    httpx.get(grounds.link, headers={"sec-purpose": "prefetch", "sec-fetch-dest": "empty"} | _cookies(grounds))
    httpx.get(grounds.link, headers={"purpose": "prefetch", "x-moz": "prefetch"} | _cookies(grounds))


def prerender(grounds: Grounds) -> None:
    """Made ready behind the scenes, its scripts running, before anybody opens it: as its request says, and as its page finds itself.

    Chromium's own, by speculation rules, is not asked for: what drives the browser here loses such pages and waits for ever.
    """
    for purpose in ("prefetch;prerender", "prefetch;anonymous-client-ip", "prefetch"):
        found = httpx.get(
            grounds.link, headers={"sec-purpose": purpose, "sec-fetch-mode": "navigate"} | _cookies(grounds)
        )
        assert "opened" not in found.text, "the page brings the script that presses its button"
    with grounds.page() as page:
        page.add_init_script("Object.defineProperty(document, 'prerendering', {get: () => true})")
        page.goto(grounds.link, wait_until="networkidle")
        page.wait_for_timeout(_LOOKS_MS)


def iframe(grounds: Grounds) -> None:
    link = escape(grounds.link)
    html = f'<iframe src="{link}"></iframe><object data="{link}"></object><embed src="{link}">'
    with grounds.page() as page:
        page.goto(grounds.site.page("/frame", html), wait_until="networkidle")
        page.wait_for_timeout(_LOOKS_MS)


def embedded(grounds: Grounds) -> None:
    """As a picture, a script, a style sheet, a font, a video."""
    link = escape(grounds.link)
    html = f'<img src="{link}"><script src="{link}"></script><link rel="stylesheet" href="{link}"><video src="{link}" autoplay></video>'
    with grounds.page() as page:
        page.goto(grounds.site.page("/embedded", html), wait_until="networkidle")


def other_sites_form(grounds: Grounds) -> None:
    """Another site's page that posts to the link as soon as it is opened, and by fetch without looking at the answer."""
    html = f"""<form method="post" action="{escape(grounds.link)}"><input name="go" value="1"><input name="opened" value="1"></form>
        <script>fetch({grounds.link!r}, {{method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({{go: 1}})}})
        document.forms[0].submit()</script>"""
    with grounds.page() as page:
        page.goto(grounds.site.page("/form", html), wait_until="networkidle")


def replayed_request(grounds: Grounds) -> None:
    """A box on the line sends a human's press once more, byte for byte, and the same press to the link nobody has pressed."""
    kept = {name: value for name, value in grounds.pressed.headers.items() if name not in {"host", "content-length"}}
    replayed = origin_of(grounds.link) + grounds.pressed.path
    httpx.post(replayed, content=grounds.pressed.body, headers=kept)
    httpx.get(grounds.link, headers=kept)


def rewriting_mail_program(grounds: Grounds) -> None:
    """Opens the link by way of its own, which checks it first, then forwards with things glued to it."""
    httpx.get(grounds.link, headers={"user-agent": _SCANNERS_BROWSER})
    for number, glued in enumerate(("?utm_source=mail", "#top", "?x=%3D&safelink=1")):
        grounds.site.redirects[f"/wrapped/{number}"] = grounds.link + glued
        httpx.get(f"{grounds.site.origin}/wrapped/{number}", follow_redirects=True)


def hidden_tab(grounds: Grounds) -> None:
    """Opened behind the page that somebody reads, and never looked at."""
    with grounds.page() as page:
        page.add_init_script(
            "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'});"
            "Object.defineProperty(document, 'hidden', {get: () => true})"
        )
        page.goto(grounds.link, wait_until="networkidle")
        page.wait_for_timeout(_LOOKS_MS)


def popup_of_a_script(grounds: Grounds) -> None:
    """A page that opens the link by script, with nobody's click behind it: what Chromium lets through of that."""
    with grounds.page() as page:
        page.goto(
            grounds.site.page("/popup", f"<script>window.open({grounds.link!r})</script>"), wait_until="networkidle"
        )
        page.wait_for_timeout(_LOOKS_MS)


def _cookies(grounds: Grounds) -> dict[str, str]:
    """The context's own, for a request made beside it: a prefetch carries them too."""
    kept = grounds.context.cookies()
    return {"cookie": "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in kept)} if kept else {}


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


VISITORS: dict[str, Visitor] = {
    "HEAD": head_request,
    "GET, three times": three_gets,
    "a link expander": link_expander,
    "a crawler of forms, by GET": crawler_of_forms,
    "a poster without a browser": poster_without_a_browser,
    "a script-running scanner": script_running,
    "form.submit()": form_submit,
    "form.requestSubmit()": form_request_submit,
    "button.click()": button_click,
    "made-up pointer and keyboard events": synthetic_events,
    "an injected fetch": injected_fetch,
    "a prefetch": prefetch,
    "a prerender": prerender,
    "an iframe": iframe,
    "a picture, a script, a video": embedded,
    "another site's form": other_sites_form,
    "a replayed request": replayed_request,
    "a mail program that rewrites links": rewriting_mail_program,
    "a hidden tab": hidden_tab,
    "a popup of a script": popup_of_a_script,
}
# What still may not act on a device that acts at once: everything that is not a page of ours, open before somebody's eyes.
ALSO_ON_A_DEVICE = (
    "HEAD",
    "a link expander",
    "a prefetch",
    "a prerender",
    "an iframe",
    "a picture, a script, a video",
    "another site's form",
    "a hidden tab",
)
