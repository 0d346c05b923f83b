"""What people see: every post as a list for the console, and each at its own public address."""

from __future__ import annotations

from html import escape
from typing import Any

from local.networks.mastodon import Mastodon
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
    """Knows both origins, so that either tells the whole feed."""

    def __init__(self, store: Store, mastodon: Mastodon) -> None:
        self._store, self._mastodon = store, mastodon
        self.bluesky_origin = self.mastodon_origin = ""

    def bluesky_routes(self) -> list[Route]:
        page = "/profile/(?P<account>[^/]+)/post/(?P<number>[^/]+)"
        return [route("GET", page, self._bluesky_page)]

    def mastodon_routes(self) -> list[Route]:
        return [route("GET", "/@(?P<account>[^/]+)/(?P<number>[0-9]+)", self._mastodon_page)]

    def feed(self, request: Request) -> Answer:
        """Newest first: network, account, id, url, text, images [url, alt], link, created_at."""
        with self._store.lock:
            posts = self._bluesky_posts() + self._mastodon_posts()
        return as_json(sorted(posts, key=lambda post: str(post["created_at"]), reverse=True))

    def _bluesky_page(self, request: Request, account: str, number: str) -> Answer:
        with self._store.lock:
            posts = self._bluesky_posts()
        return _page([post for post in posts if post["url"].endswith(f"/profile/{account}/post/{number}")])

    def _mastodon_page(self, request: Request, account: str, number: str) -> Answer:
        with self._store.lock:
            posts = self._mastodon_posts()
        return _page([post for post in posts if post["id"] == number and post["account"] == account])

    def _bluesky_posts(self) -> list[dict[str, Any]]:
        posts = []
        for did, records in self._store.bluesky["records"].items():
            for rkey, record in records.items():
                value = record["value"]
                embed = value.get("embed") or {}
                images = [
                    {"url": self._blob_address(did, image["image"]["ref"]["$link"]), "alt": image["alt"]}
                    for image in embed.get("images", [])
                ]
                posts.append(
                    {
                        "network": "bluesky",
                        "account": self._store.bluesky["accounts"][did]["handle"],
                        "id": f"at://{did}/{value['$type']}/{rkey}",
                        "url": f"{self.bluesky_origin}/profile/{did}/post/{rkey}",
                        "text": value["text"],
                        "images": images,
                        "link": embed.get("external", {}).get("uri", ""),
                        "created_at": value["createdAt"],
                    }
                )
        return posts

    def _mastodon_posts(self) -> list[dict[str, Any]]:
        posts = []
        for status in self._store.mastodon["statuses"].values():
            shown = self._mastodon.shown_status(status, self.mastodon_origin)
            images = [{"url": media["url"], "alt": media["description"]} for media in shown["media_attachments"]]
            posts.append(
                {
                    "network": "mastodon",
                    "account": shown["account"]["acct"],
                    "id": status["id"],
                    "url": shown["url"],
                    "text": status["text"],
                    "images": images,
                    "link": "",
                    "created_at": status["created_at"],
                }
            )
        return posts

    def _blob_address(self, did: str, cid: str) -> str:
        return f"{self.bluesky_origin}/xrpc/com.atproto.sync.getBlob?did={did}&cid={cid}"


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
