"""Containers, as Instagram and Threads publish by them: filled, waited for, published once, gone after a day.

Behaviour: ``container_polls`` is how often a new container is looked at before it is finished; ``refused_but_done`` makes the publishing
request answer 400, in the words of a rate limit, although it went through; the rest as in ``meta_graph.py``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from local.clock import now
from local.networks.meta_graph import (
    PAGING,
    STALE,
    Call,
    Gate,
    RefusedError,
    Tokens,
    missing,
    no_such,
    page_of,
    selected,
    shown_time,
)
from local.networks.meta_images import Fetched
from local.networks.store import Store, image_mime
from local.networks.web import Answer, Request, Route, as_json, route

CONTAINER_FOR = timedelta(hours=24)
QUOTA_WINDOW = timedelta(hours=24)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
NOT_READY = RefusedError(
    "Media ID is not available: The media is not ready for publishing, please wait a moment", 9007, 2207027
)


@dataclass(frozen=True)
class Filled:
    """What a container holds. ``trouble`` makes it an ERROR, in the words that stand beside it."""

    text: str = ""
    link: str = ""
    images: tuple[tuple[Fetched, str], ...] = ()
    children: tuple[str, ...] = ()
    is_child: bool = False
    trouble: str = ""


class ContainerServer:
    """What both servers have alike; each says the rest by the names below and by ``_fill``."""

    name: ClassVar[str]
    usage: ClassVar[str]
    kind: ClassVar[str]  # of a published post, in the API's words
    making: ClassVar[str]
    publishing: ClassVar[str]
    quota: ClassVar[str]
    state: ClassVar[str]
    words: ClassVar[str]
    per_day: ClassVar[int]
    made_of: ClassVar[frozenset[str]]  # the parameters of a container that Meta lists
    most_children: ClassVar[int]

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = store.section(self.name, accounts={}, containers={}, media={}, last_id=0)
        self._tokens = Tokens(self._kept)
        self.origin = ""
        self.behaviour: dict[str, Any] = {
            "version_gone": False,
            "dead_tokens": False,
            "stale_listing": False,
            "container_polls": 0,
            "refused_but_done": False,
        }

    def _api_routes(self) -> list[Route]:
        gate = Gate(self._store, self._tokens, self.behaviour, self.usage, self._is_active)
        account = "/(?P<account_id>[0-9]+)"
        return [
            *self._sign_in_routes(gate),
            gate.route("POST", f"{account}/{self.making}", self._make, self.made_of),
            gate.route("POST", f"{account}/{self.publishing}", self._publish, {"creation_id"}),
            gate.route("GET", f"{account}/{self.making}", self._list, PAGING),
            gate.route("GET", f"{account}/{self.quota}", self._limit, PAGING),
            gate.route("GET", "/me", self._me),
            gate.route("GET", "/(?P<node>[0-9]+)", self._node),
            route("GET", "/media/(?P<sha256>[0-9a-f]{64})", self._image),
        ]

    # what each server says itself

    def _sign_in_routes(self, gate: Gate) -> list[Route]:
        raise NotImplementedError

    def _is_active(self, owner: str) -> bool:
        raise NotImplementedError

    def _may(self, call: Call, account_id: str) -> bool:
        """Whether this token can act for the account."""
        raise NotImplementedError

    def _account_node(self, account_id: str) -> dict[str, Any]:
        raise NotImplementedError

    def _me(self, call: Call) -> dict[str, Any]:
        raise NotImplementedError

    def _fill(self, call: Call) -> Filled:
        """What the parameters ask for. RefusedError where they make no sense. Not under the lock: images are fetched."""
        raise NotImplementedError

    def _address(self, media: Mapping[str, Any], origin: str) -> str:
        raise NotImplementedError

    # containers

    def _make(self, call: Call, account_id: str) -> dict[str, Any]:
        self._check(call, account_id)
        filled = self._fill(call)
        with self._store.lock:
            for child in filled.children:
                self._check_child(account_id, child, filled.children)
            container = {
                "account_id": account_id,
                "text": filled.text,
                "link": filled.link,
                "images": [{"sha256": self._store.put_image(one.content), "alt": alt} for one, alt in filled.images],
                "children": list(filled.children),
                "is_child": filled.is_child,
                "trouble": filled.trouble,
                "polls": self.behaviour["container_polls"],
                "made_at": now().isoformat(),
                "media_id": "",
            }
            container_id = self._next_id()
            self._kept["containers"][container_id] = container
            self._store.save()
        return {"id": container_id}

    def _check_child(self, account_id: str, child: str, children: tuple[str, ...]) -> None:
        container = self._kept["containers"].get(child)
        mine = container is not None and container["account_id"] == account_id and container["is_child"]
        if container is None or not mine or children.count(child) > 1 or status_of(container) in ("EXPIRED", "ERROR"):
            message = f"children: {child} is no item of this account that can be shown in a carousel"
            raise RefusedError(f"(#100) {message}", 100, 2207028)
        if status_of(container) == "IN_PROGRESS":
            container["polls"] -= 1
            raise NOT_READY

    def _publish(self, call: Call, account_id: str) -> dict[str, Any]:
        self._check(call, account_id)
        container_id = call.told.get("creation_id", "")
        with self._store.lock:
            container = self._kept["containers"].get(container_id)
            if container is None or container["account_id"] != account_id or container["is_child"]:
                raise RefusedError(f"The media with id {container_id} cannot be found", 24, 2207006)
            match status_of(container):
                case "EXPIRED":
                    raise RefusedError(
                        "The media you are trying to access has expired: generate a new one", -2, 2207020
                    )
                case "ERROR":
                    raise RefusedError("Fatal: the media could not be created", -1, 2207032)
                case "IN_PROGRESS" | "PUBLISHED":
                    raise NOT_READY
            if self._used(account_id) >= self.per_day:
                message = "(#9) Application request limit reached: the maximum number of posts per day has been reached"
                raise RefusedError(message, 9, 2207042, status=403)
            media_id = self._published(container)
            self._store.save()
        if self.behaviour["refused_but_done"]:
            raise RefusedError("(#4) Application request limit reached: the action was blocked", 4, 2207051)
        return {"id": media_id}

    def _published(self, container: dict[str, Any]) -> str:
        children = [self._kept["containers"][child] for child in container["children"]]
        media_id = self._next_id()
        self._kept["media"][media_id] = {
            "id": media_id,
            "account_id": container["account_id"],
            "text": container["text"],
            "link": container["link"],
            "images": [image for one in children for image in one["images"]] or container["images"],
            "shortcode": "C" + "".join(secrets.choice(_LETTERS) for _ in range(10)),
            "created_at": now().isoformat(),
        }
        container["media_id"] = media_id
        return media_id

    def _used(self, account_id: str) -> int:
        since = now() - QUOTA_WINDOW
        media = [one for one in self._kept["media"].values() if one["account_id"] == account_id]
        return sum(1 for one in media if datetime.fromisoformat(one["created_at"]) > since)

    # reading

    def _limit(self, call: Call, account_id: str) -> dict[str, Any]:
        self._check(call, account_id)
        with self._store.lock:
            used = self._used(account_id)
        duration = int(QUOTA_WINDOW.total_seconds())
        told = {"quota_usage": used, "config": {"quota_total": self.per_day, "quota_duration": duration}}
        return {"data": [selected(told, call.fields, "ContentPublishingLimit", ("quota_usage",))]}

    def _list(self, call: Call, account_id: str) -> dict[str, Any]:
        self._check(call, account_id)
        with self._store.lock:
            mine = [one for one in self._kept["media"].values() if one["account_id"] == account_id]
            if self.behaviour["stale_listing"]:
                mine = [one for one in mine if datetime.fromisoformat(one["created_at"]) < now() - STALE]
            nodes = [self._media_node(one, call.request.origin) for one in reversed(mine)]
        return page_of(call, nodes, self.kind, ("id",))

    def _node(self, call: Call, node: str) -> dict[str, Any]:
        with self._store.lock:
            container, media = self._kept["containers"].get(node), self._kept["media"].get(node)
            account_id = (container or media or {"account_id": node})["account_id"]
            if account_id not in self._kept["accounts"] or not self._may(call, account_id):
                raise no_such(node)
            if media is not None:
                return selected(self._media_node(media, call.request.origin), call.fields, self.kind)
            if container is None:
                return selected(self._account_node(account_id), call.fields, "User")
            shown = selected(self._container_node(node, container), call.fields, "Container")
            if status_of(container) == "IN_PROGRESS":
                container["polls"] -= 1
                self._store.save()
            return shown

    def _container_node(self, container_id: str, container: Mapping[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def _media_node(self, media: Mapping[str, Any], origin: str) -> dict[str, Any]:
        images = media["images"]
        return {
            "id": media["id"],
            self.words: media["text"] or None,
            "timestamp": shown_time(datetime.fromisoformat(media["created_at"])),
            "permalink": self._address(media, origin),
            "shortcode": media["shortcode"],
            "username": self._kept["accounts"][media["account_id"]]["handle"],
            "media_type": self._media_type(len(images)),
            "media_url": f"{origin}/media/{images[0]['sha256']}" if images else None,
            "alt_text": images[0]["alt"] if len(images) == 1 else None,
        }

    def _media_type(self, image_count: int) -> str:
        raise NotImplementedError

    def posts(self) -> list[dict[str, Any]]:
        return [self._as_seen(media) for media in self._kept["media"].values()]

    def _as_seen(self, media: Mapping[str, Any]) -> dict[str, Any]:
        images = [{"url": f"{self.origin}/media/{one['sha256']}", "alt": one["alt"]} for one in media["images"]]
        return {
            "network": self.name,
            "account": self._kept["accounts"][media["account_id"]]["handle"],
            "account_id": media["account_id"],
            "id": media["id"],
            "url": self._address(media, self.origin),
            "text": media["text"],
            "images": images,
            "link": media["link"],
            "created_at": media["created_at"],
        }

    def missing(self, request: Request) -> Answer:
        return missing(request)

    def _image(self, request: Request, sha256: str) -> Answer:
        try:
            with self._store.lock:
                content = self._store.image(sha256)
        except KeyError:
            return as_json({"error": "not found"}, 404)
        return Answer(200, content, image_mime(content), headers={"x-content-type-options": "nosniff"})

    def _check(self, call: Call, account_id: str) -> None:
        with self._store.lock:
            if account_id not in self._kept["accounts"] or not self._may(call, account_id):
                raise no_such(account_id)

    def _next_id(self) -> str:
        """Numbers that grow with time, and are never the same again."""
        number = max(178 * 10**14 + int(now().timestamp() * 1000), self._kept["last_id"] + 1)
        self._kept["last_id"] = number
        return str(number)

    def _children(self, call: Call) -> tuple[str, ...]:
        """Those of a carousel, two at least. RefusedError."""
        children = tuple(str(child) for child in call.listed("children"))
        if not 2 <= len(children) <= self.most_children:
            message = f"(#100) children: a carousel has 2 to {self.most_children} items"
            raise RefusedError(message, 100, 2207028)
        return children


def status_of(container: Mapping[str, Any]) -> str:
    if container["media_id"]:
        return "PUBLISHED"
    if datetime.fromisoformat(container["made_at"]) + CONTAINER_FOR <= now():
        return "EXPIRED"
    if container["polls"] > 0:
        return "IN_PROGRESS"
    return "ERROR" if container["trouble"] else "FINISHED"
