"""The X-shaped server's images: uploaded, described, and good for a post within a day."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from local.clock import now
from local.networks.mastodon import multipart
from local.networks.store import Store, image_mime
from local.networks.web import Answer, Request, as_json
from local.networks.x_problems import invalid

GOOD_FOR = timedelta(days=1)
IMAGE_LIMIT_BYTES = 5_000_000
ALT_LIMIT = 1_000
MEDIA_LIMIT = 4
_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_FIELDS = frozenset({"media", "media_category", "additional_owners"})


class Media:
    """``kept`` is a part of the server's section in the store. The store's lock is held by whoever asks."""

    def __init__(self, store: Store, kept: dict[str, Any], next_id: Callable[[], str]) -> None:
        self._store, self._kept, self._next_id = store, kept, next_id

    def upload(self, request: Request, account_id: str) -> Answer:
        """As JSON with base64, or as a form with the bytes."""
        told = _form(request) if "multipart/" in request.headers.get("content-type", "") else request.fields
        for name in set(told) - _FIELDS:
            raise invalid(name, f"[{name}] is not a field of an upload")
        if told.get("media_category") != "tweet_image":
            raise invalid("media_category", "This server takes tweet_image only")
        content = _content(told.get("media"))
        mime = image_mime(content)
        if mime not in _TYPES:
            raise invalid("media", "The media is no JPEG, PNG, GIF or WEBP")
        if len(content) > IMAGE_LIMIT_BYTES:
            raise invalid("media", f"The media has {len(content):,} bytes, {IMAGE_LIMIT_BYTES:,} is the most")
        media_id = self._next_id()
        self._kept[media_id] = {
            "account_id": account_id,
            "alt": "",
            "mime": mime,
            "sha256": self._store.put_image(content),
            "until": (now() + GOOD_FOR).isoformat(),
        }
        self._store.save()
        told_back = {"id": media_id, "media_key": f"3_{media_id}", "size": len(content)}
        image = {"image": {"image_type": mime}}
        return as_json({"data": {**told_back, **image, "expires_after_secs": int(GOOD_FOR.total_seconds())}})

    def describe(self, request: Request, account_id: str) -> Answer:
        fields = request.fields
        metadata = fields.get("metadata")
        alt_text = metadata.get("alt_text") if isinstance(metadata, dict) else None
        if set(fields) - {"id", "metadata"} or not isinstance(metadata, dict) or set(metadata) != {"alt_text"}:
            raise invalid("metadata", "This server takes id and metadata.alt_text only")
        text = alt_text.get("text") if isinstance(alt_text, dict) and set(alt_text) == {"text"} else None
        if not isinstance(text, str) or len(text) > ALT_LIMIT:
            raise invalid("alt_text", f"The description must be a text of {ALT_LIMIT:,} characters at most")
        media = self._own(fields.get("id"), account_id, "id")
        media["alt"] = text
        self._store.save()
        return as_json({"data": {"id": fields["id"], "associated_metadata": {"alt_text": {"text": text}}}})

    def wanted(self, media: Any, account_id: str) -> list[str]:
        """The ids in a post's ``media``, each of them this account's and still good."""
        if media is None:
            return []
        if not isinstance(media, dict) or set(media) != {"media_ids"} or not isinstance(media["media_ids"], list):
            raise invalid("media", "This server takes media.media_ids only")
        media_ids: list[Any] = media["media_ids"]
        if not 1 <= len(media_ids) <= MEDIA_LIMIT:
            raise invalid("media.media_ids", f"A post has one to {MEDIA_LIMIT} media")
        for media_id in media_ids:
            self._own(media_id, account_id, "media.media_ids")
        return media_ids

    def image(self, request: Request, number: str) -> Answer:
        with self._store.lock:
            media = self._kept.get(number)
            if media is None:
                return Answer(404, b"")
            headers = {"x-content-type-options": "nosniff"}
            return Answer(200, self._store.image(media["sha256"]), media["mime"], headers)

    def seen(self, media_id: str, origin: str) -> dict[str, str]:
        return {"url": f"{origin}/media/{media_id}", "alt": self._kept[media_id]["alt"]}

    def _own(self, media_id: Any, account_id: str, parameter: str) -> dict[str, Any]:
        media: dict[str, Any] | None = self._kept.get(media_id) if isinstance(media_id, str) else None
        if media is None or media["account_id"] != account_id or datetime.fromisoformat(media["until"]) <= now():
            raise invalid(parameter, "A media id is invalid, or its media has expired")
        return media


def _content(media: Any) -> bytes:
    if isinstance(media, bytes):
        return media
    try:
        return base64.b64decode(media, validate=True) if isinstance(media, str) else b""
    except (binascii.Error, ValueError):
        return b""


def _form(request: Request) -> Mapping[str, Any]:
    """The parts by name: the media as bytes, all else as text."""
    parts = multipart(request)
    return {name: part if name == "media" else part.decode("utf-8", "replace") for name, part in parts.items()}
