"""What people see: every post as a list for the console, and each at its own public address."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from local.networks.server import Server
from local.networks.store import Store
from local.networks.web import Answer, Request, Route, as_html, as_json, route

_POLICY = {
    "content-security-policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}
_STYLE = (
    "body{font:17px/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem}"
    "body{color:#1a1a1a;background:#fff}"
    "p{white-space:pre-wrap;overflow-wrap:anywhere}img{max-width:100%;border-radius:.5rem;margin:.5rem 0}"
    "small{color:#555}a{color:#0a58ca}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}small{color:#aaa}a{color:#8ab4f8}}"
)


class Pages:
    """Knows every server, so that each origin tells the whole feed."""

    def __init__(self, store: Store, servers: Sequence[Server]) -> None:
        self._store, self._servers = store, servers

    def routes(self, server: Server) -> list[Route]:
        """The feed, and the posts of this server at their own addresses."""

        def page(request: Request, **_: str) -> Answer:
            with self._store.lock:
                posts = server.posts()
            return _page([post for post in posts if post["url"] == request.origin + request.path])

        return [route("GET", "/_local/feed", self._feed), route("GET", server.page, page)]

    def _feed(self, request: Request) -> Answer:
        """Newest first, as ``Server.posts`` has them."""
        with self._store.lock:
            posts = [post for server in self._servers for post in server.posts()]
        return as_json(sorted(posts, key=lambda post: str(post["created_at"]), reverse=True))


def _page(posts: list[dict[str, Any]]) -> Answer:
    if not posts:
        return as_html("<!doctype html><title>Not found</title><p>There is no such post.", 404, _POLICY)
    post = posts[0]
    images = "".join(f'<img src="{escape(image["url"])}" alt="{escape(image["alt"])}">' for image in post["images"])
    link = ""
    if post["link"].startswith(("http://", "https://")):
        link = f'<p><a rel="noopener noreferrer" href="{escape(post["link"])}">{escape(post["link"])}</a></p>'
    return as_html(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(post['account'])} on {escape(post['network'])}</title><style>{_STYLE}</style>"
        f"<main><h1>{escape(post['account'])}</h1><p>{escape(post['text'])}</p>{images}{link}"
        f"<small>{escape(post['created_at'])}</small></main></html>",
        headers=_POLICY,
    )
