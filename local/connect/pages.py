"""The page a browser shows when it comes back to this computer. No script, nothing of the request in it, nothing kept."""

from __future__ import annotations

from html import escape

_STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.5rem}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}}"
)
_HEADERS = (
    "content-type: text/html; charset=utf-8",
    "content-security-policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "cache-control: no-store",
    "referrer-policy: no-referrer",
    "x-content-type-options: nosniff",
    "connection: close",
)
RECEIVED = (
    "The sign-in has arrived",
    "Go on in the window where the command runs: it says when the channel is connected.",
)


def answer(status: str, heading: str, sentence: str) -> bytes:
    """A whole HTTP answer. ``status`` like "200 OK"."""
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style><main><h1>{escape(heading)}</h1>"
        f"<p>{escape(sentence)}</p><p>You can close this page.</p></main></html>"
    ).encode()
    head = "\r\n".join([f"HTTP/1.1 {status}", *_HEADERS, f"content-length: {len(page)}", "", ""])
    return head.encode() + page
