"""A server shaped like Facebook's graph API for pages: photos, the feed with its refusal of duplicates, published posts, the sign-in.

Behaviour: ``version_gone``, ``dead_tokens``, ``stale_listing`` as in ``meta_graph.py``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.clock import now
from local.networks import meta_parameters as listed
from local.networks.meta_graph import (
    PAGING,
    STALE,
    Call,
    Gate,
    RefusedError,
    Tokens,
    missing,
    no_such,
    only,
    page_of,
    selected,
    shown_time,
)
from local.networks.meta_images import NoImageError, UnreachableError, fetch_image
from local.networks.meta_sign_in import PERSON, PageSignIn, page_node
from local.networks.store import Store, image_mime
from local.networks.web import Answer, Request, Route, as_json, route

TEXT_LIMIT = 63_206
IMAGE_LIMIT_BYTES = 10_000_000
_ID = "(?P<node>[0-9]+(?:_[0-9]+)?)"
_SHOWN = ("created_time", "message", "id")


class Facebook:
    """A ``local.networks.server.Server``. A post's id is the page's and its own with a ``_`` between."""

    name = "facebook"
    page = "/(?P<account>[0-9]+)/posts/(?P<number>[0-9]+)"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = store.section("facebook", accounts={}, posts={}, photos={}, last_id=0)
        self._tokens = Tokens(self._kept)
        self._sign_in = PageSignIn("Facebook", store, self._kept, self._tokens, self._pages)
        self.origin = ""
        self.behaviour: dict[str, Any] = {"version_gone": False, "dead_tokens": False, "stale_listing": False}

    @property
    def app(self) -> dict[str, str]:
        return self._sign_in.app

    def routes(self) -> list[Route]:
        gate = Gate(self._store, self._tokens, self.behaviour, "pages", self._is_active)
        page = "/(?P<page_id>[0-9]+)"
        return [
            *self._sign_in.routes(gate),
            gate.route("POST", f"{page}/photos", self._add_photo, listed.PAGE_PHOTOS),
            gate.route("POST", f"{page}/feed", self._add_post, listed.PAGE_FEED),
            gate.route(
                "GET", f"{page}/(?:published_posts|posts|feed)", self._list, PAGING | listed.PAGE_PUBLISHED_POSTS
            ),
            gate.route("GET", "/me", self._me),
            gate.route("GET", f"/{_ID}", self._node),
            gate.route("DELETE", f"/{_ID}", self._delete),
            route("GET", "/photos/(?P<photo_id>[0-9]+)", self._image),
        ]

    def missing(self, request: Request) -> Answer:
        return missing(request)

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """A page. ``token`` is the page's, one without an end where none is told; ``app`` is what a sign-in has to show."""
        handle = told["handle"]
        with self._store.lock:
            accounts = self._kept["accounts"]
            known = [page_id for page_id, account in accounts.items() if account["handle"] == handle]
            page_id = known[0] if known else self._next_id()
            accounts[page_id] = {"handle": handle, "name": str(told.get("name") or handle), "active": told["active"]}
            self._tokens.drop(page_id)
            token = self._tokens.mint("page", page_id, None, value=str(told.get("token") or ""))
            self._store.save()
        credentials = {"access_token": token}
        return {"handle": handle, "account_id": page_id, "credentials": credentials, "app": self._sign_in.app}

    def posts(self) -> list[dict[str, Any]]:
        return [self._as_seen(post) for post in self._kept["posts"].values() if post["published"]]

    def _as_seen(self, post: dict[str, Any]) -> dict[str, Any]:
        photos = [(photo_id, self._kept["photos"][photo_id]) for photo_id in post["photos"]]
        return {
            "network": self.name,
            "account": self._kept["accounts"][post["page_id"]]["handle"],
            "account_id": post["page_id"],
            "name": self._kept["accounts"][post["page_id"]]["name"],
            "id": post["id"],
            "url": self._address(post, self.origin),
            "text": post["message"],
            "images": [{"url": f"{self.origin}/photos/{photo_id}", "alt": photo["alt"]} for photo_id, photo in photos],
            "link": post["link"],
            "created_at": post["created_at"],
        }

    def _address(self, post: Mapping[str, Any], origin: str) -> str:
        return f"{origin}/{post['page_id']}/posts/{str(post['id']).partition('_')[2]}"

    def _is_active(self, owner: str) -> bool:
        return owner == PERSON or bool(self._kept["accounts"].get(owner, {}).get("active"))

    def _pages(self) -> dict[str, Any]:
        accounts = self._kept["accounts"].items()
        return {page_id: page_node(page_id, one, self.origin) for page_id, one in accounts if one["active"]}

    # photos and posts

    def _add_photo(self, call: Call, page_id: str) -> dict[str, Any]:
        """By its address. An unpublished one is seen by nobody until a post shows it."""
        self._check_page(call, page_id)
        only(call.told, {"url", "published", "alt_text_custom", "caption", "message"})
        try:
            fetched = fetch_image(call.told.get("url", ""))
        except UnreachableError as error:
            raise RefusedError("(#324) Missing or invalid image file", 324, 2069019) from error
        except NoImageError as error:
            raise RefusedError("(#100) Invalid image: it cannot be read", 100) from error
        if fetched.kind not in ("JPEG", "PNG", "GIF") or len(fetched.content) > IMAGE_LIMIT_BYTES:
            raise RefusedError("(#100) Invalid image: a JPEG, PNG or GIF of at most 10 MB is needed", 100)
        with self._store.lock:
            photo_id = self._next_id()
            sha256 = self._store.put_image(fetched.content)
            alt = call.told.get("alt_text_custom", "")
            self._kept["photos"][photo_id] = {"page_id": page_id, "sha256": sha256, "alt": alt, "post_id": ""}
            told = {"id": photo_id}
            if call.flag("published", True):
                message = call.told.get("caption", call.told.get("message", ""))
                told["post_id"] = self._posted(page_id, message, "", [photo_id], published=True)
            self._store.save()
        return told

    def _add_post(self, call: Call, page_id: str) -> dict[str, Any]:
        self._check_page(call, page_id)
        only(call.told, {"message", "link", "attached_media", "published"})
        message, link = call.told.get("message", ""), call.told.get("link", "")
        if len(message) > TEXT_LIMIT:
            raise RefusedError(f"(#100) The message may have at most {TEXT_LIMIT} characters", 100)
        if link and not link.startswith(("http://", "https://")):
            raise RefusedError("(#100) link URL is not properly formatted", 100, 1609005)
        with self._store.lock:
            photos = self._attached(call, page_id)
            if not (message.strip() or link or photos):
                raise RefusedError("(#100) A post needs a message, a link or attached_media", 100)
            hashes = [self._kept["photos"][photo_id]["sha256"] for photo_id in photos]
            if self._is_like_the_last(page_id, message, link, hashes):
                raise RefusedError("(#506) Duplicate status message", 506)
            post_id = self._posted(page_id, message, link, photos, published=call.flag("published", True))
            self._store.save()
        return {"id": post_id}

    def _attached(self, call: Call, page_id: str) -> list[str]:
        photos = []
        for one in call.listed("attached_media"):
            photo_id = str(one.get("media_fbid", "")) if isinstance(one, dict) else ""
            photo = self._kept["photos"].get(photo_id)
            if photo is None or photo["page_id"] != page_id or photo["post_id"] or photo_id in photos:
                raise RefusedError(
                    "(#100) attached_media: each must be an unpublished photo of this page, used once", 100
                )
            photos.append(photo_id)
        return photos

    def _is_like_the_last(self, page_id: str, message: str, link: str, hashes: list[str]) -> bool:
        mine = [post for post in self._kept["posts"].values() if post["page_id"] == page_id and post["published"]]
        if not mine:
            return False
        last = mine[-1]
        shown = [self._kept["photos"][photo_id]["sha256"] for photo_id in last["photos"]]
        return bool((last["message"], last["link"], shown) == (message, link, hashes))

    def _posted(self, page_id: str, message: str, link: str, photos: list[str], *, published: bool) -> str:
        post_id = f"{page_id}_{self._next_id()}"
        for photo_id in photos:
            self._kept["photos"][photo_id]["post_id"] = post_id
        self._kept["posts"][post_id] = {
            "id": post_id,
            "page_id": page_id,
            "message": message,
            "link": link,
            "photos": photos,
            "published": published,
            "created_at": now().isoformat(),
        }
        return post_id

    # reading

    def _list(self, call: Call, page_id: str) -> dict[str, Any]:
        self._check_page(call, page_id)
        with self._store.lock:
            mine = [post for post in self._kept["posts"].values() if post["page_id"] == page_id and post["published"]]
            if self.behaviour["stale_listing"]:
                mine = [post for post in mine if datetime.fromisoformat(post["created_at"]) < now() - STALE]
            nodes = [self._post_node(post, call.request.origin) for post in reversed(mine)]
        return page_of(call, nodes, "PagePost", _SHOWN)

    def _post_node(self, post: Mapping[str, Any], origin: str) -> dict[str, Any]:
        photos = [f"{origin}/photos/{photo_id}" for photo_id in post["photos"]]
        page = self._kept["accounts"][post["page_id"]]
        return {
            "id": post["id"],
            "message": post["message"] or None,
            "created_time": shown_time(datetime.fromisoformat(post["created_at"])),
            "permalink_url": self._address(post, origin),
            "is_published": post["published"],
            "full_picture": photos[0] if photos else None,
            "from": {"id": post["page_id"], "name": page["name"]},
            "status_type": "added_photos" if photos else "mobile_status_update",
        }

    def _me(self, call: Call) -> dict[str, Any]:
        if call.token.owner == PERSON:
            return selected(self._sign_in.person(), call.fields, "User", ("id", "name"))
        return self._node(call, call.token.owner)

    def _node(self, call: Call, node: str) -> dict[str, Any]:
        with self._store.lock:
            if node in self._kept["accounts"]:
                shown = page_node(node, self._kept["accounts"][node], call.request.origin)
                return selected(shown, call.fields, "Page", ("id", "name"))
            post = self._kept["posts"].get(node)
            if post is None:
                raise no_such(node)
            self._check_page(call, post["page_id"])
            return selected(self._post_node(post, call.request.origin), call.fields, "PagePost", _SHOWN)

    def _delete(self, call: Call, node: str) -> dict[str, Any]:
        with self._store.lock:
            post = self._kept["posts"].get(node)
            if post is None:
                raise no_such(node)
            self._check_page(call, post["page_id"])
            del self._kept["posts"][node]
            self._store.save()
        return {"success": True}

    def _image(self, request: Request, photo_id: str) -> Answer:
        with self._store.lock:
            photo = self._kept["photos"].get(photo_id)
            if photo is None:
                return as_json({"error": "not found"}, 404)
            content = self._store.image(photo["sha256"])
        return Answer(200, content, image_mime(content), headers={"x-content-type-options": "nosniff"})

    def _check_page(self, call: Call, page_id: str) -> None:
        """Only the page's own token posts in its name and reads its list."""
        if page_id not in self._kept["accounts"]:
            raise no_such(page_id)
        if call.token.owner != page_id:
            raise RefusedError("(#200) Only the page's own token with pages_manage_posts can do this", 200, status=403)

    def _next_id(self) -> str:
        """Numbers that grow with time, and are never the same again."""
        number = max(int(now().timestamp() * 1000) * 1000 + secrets.randbelow(900), self._kept["last_id"] + 1)
        self._kept["last_id"] = number
        return str(number)
