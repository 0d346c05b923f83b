"""What a PDS accepts as a record of ``app.bsky.feed.post``, and the content addresses it gives.

Limits after the lexicons: 300 graphemes, 3,000 bytes, four images with ``alt``, 2,000,000 bytes each. Stricter than a
PDS in one point: a facet that points outside the text is refused, where the real one shows it wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import regex

from local.networks.bluesky_sessions import RefusedError

COLLECTION = "app.bsky.feed.post"
TEXT_LIMIT = 300
TEXT_LIMIT_BYTES = 3_000
IMAGE_LIMIT = 4
IMAGE_LIMIT_BYTES = 2_000_000
_RAW, _DAG_CBOR = 0x55, 0x71
_TID = regex.compile(r"[234567abcdefghij][234567a-z]{12}")


def content_id(content: bytes, codec: int = _RAW) -> str:
    """A CID, version 1, SHA-256, in base 32."""
    packed = bytes((1, codec, 0x12, 0x20)) + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(packed).decode().lower().rstrip("=")


def record_id(record: Mapping[str, Any]) -> str:
    """A record's CID: equal records, equal ids. Over sorted JSON here, over DAG-CBOR on a PDS."""
    return content_id(json.dumps(record, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace"), _DAG_CBOR)


def is_tid(rkey: str) -> bool:
    return _TID.fullmatch(rkey) is not None


def check_record(record: Any, blobs: Mapping[str, Any]) -> None:
    """RefusedError with a PDS's words for a record that is no post. ``blobs``: mime and size_bytes by CID."""
    if not isinstance(record, dict) or record.get("$type") != COLLECTION:
        raise _invalid(f"Record/$type must be {COLLECTION}")
    text = record.get("text")
    if not isinstance(text, str):
        raise _invalid('Record must have the property "text"')
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        raise _invalid("Record/text must be well-formed") from error
    if size_bytes > TEXT_LIMIT_BYTES:
        raise _invalid(f"Record/text must not be longer than {TEXT_LIMIT_BYTES} bytes")
    if len(regex.findall(r"\X", text)) > TEXT_LIMIT:
        raise _invalid(f"Record/text must not be longer than {TEXT_LIMIT} graphemes")
    _check_time(record.get("createdAt"))
    for facet in record.get("facets") or []:
        _check_facet(facet, text.encode())
    _check_embed(record.get("embed"), blobs)


def _check_time(created_at: Any) -> None:
    if not isinstance(created_at, str):
        raise _invalid('Record must have the property "createdAt"')
    try:
        aware = datetime.fromisoformat(created_at).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise _invalid("Record/createdAt must be a valid atproto datetime (both RFC-3339 and ISO-8601)")


def _check_facet(facet: Any, text: bytes) -> None:
    try:
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        features = [(feature["$type"], feature) for feature in facet["features"]]
        text[start:end].decode()
    except (KeyError, TypeError, UnicodeDecodeError) as error:
        raise _invalid("Record/facets is malformed") from error
    if not 0 <= start < end <= len(text):
        raise _invalid("Record/facets points outside the text")
    for kind, feature in features:
        needed = {"app.bsky.richtext.facet#link": "uri", "app.bsky.richtext.facet#tag": "tag"}.get(kind)
        if needed and not (isinstance(feature.get(needed), str) and feature[needed]):
            raise _invalid(f'Record/facets feature must have the property "{needed}"')


def _check_embed(embed: Any, blobs: Mapping[str, Any]) -> None:
    if embed is None:
        return
    if not isinstance(embed, dict):
        raise _invalid("Record/embed must be an object")
    match embed.get("$type"):
        case "app.bsky.embed.images":
            images = embed.get("images")
            if not isinstance(images, list) or len(images) > IMAGE_LIMIT:
                raise _invalid(f"Record/embed/images must not have more than {IMAGE_LIMIT} elements")
            for image in images:
                _check_image(image, blobs)
        case "app.bsky.embed.external":
            external = embed.get("external")
            for needed in ("uri", "title", "description"):
                if not isinstance(external, dict) or not isinstance(external.get(needed), str):
                    raise _invalid(f'Record/embed/external must have the property "{needed}"')
        case _:
            raise _invalid("Record/embed is of no known type")


def _check_image(image: Any, blobs: Mapping[str, Any]) -> None:
    if not isinstance(image, dict) or not isinstance(image.get("alt"), str):
        raise _invalid('Record/embed/images must have the property "alt"')
    try:
        cid, mime, size_bytes = image["image"]["ref"]["$link"], image["image"]["mimeType"], image["image"]["size"]
    except (KeyError, TypeError) as error:
        raise _invalid("Record/embed/images/image should be a blob ref") from error
    ratio = image.get("aspectRatio")
    if ratio is not None and not (
        isinstance(ratio, dict) and all(ratio.get(side, 0) >= 1 for side in ("width", "height"))
    ):
        raise _invalid("Record/embed/images/aspectRatio can not be less than 1")
    known = blobs.get(cid)
    if known is None:
        raise RefusedError(400, "BlobNotFound", f"Could not find blob: {cid}")
    if mime != known["mime"] or not mime.startswith("image/"):
        raise RefusedError(400, "InvalidMimeType", f"Referenced Mimetype does not match stored blob: {cid}")
    if size_bytes != known["size_bytes"] or size_bytes > IMAGE_LIMIT_BYTES:
        raise RefusedError(400, "BlobTooLarge", f"This file is too large. Blob: {cid}")


def _invalid(message: str) -> RefusedError:
    return RefusedError(400, "InvalidRequest", f"Invalid {COLLECTION} record: {message}")
