"""What the LinkedIn-shaped server takes as a post: every field known, of its kind and in its measure, else the error that LinkedIn gives.

After the Posts API and the MultiImage API, learn.microsoft.com/linkedin/marketing/community-management/shares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from local.networks.linkedin_errors import RefusedError, bad_field
from local.networks.linkedin_text import public_text, utf16_units

TEXT_LIMIT = 3_000
ALT_LIMIT = 4_086
TITLE_LIMIT = 400
DESCRIPTION_LIMIT = 4_086
IMAGES = (2, 20)
_NEEDED = ("author", "commentary", "visibility", "distribution", "lifecycleState")
_SHAPES: Mapping[str, Mapping[str, type]] = {
    "": {
        "author": str,
        "commentary": str,
        "visibility": str,
        "distribution": dict,
        "lifecycleState": str,
        "content": dict,
        "isReshareDisabledByAuthor": bool,
    },
    "/distribution": {"feedDistribution": str, "targetEntities": list, "thirdPartyDistributionChannels": list},
    "/content": {"article": dict, "media": dict, "multiImage": dict},
    "/content/article": {
        "source": str,
        "title": str,
        "description": str,
        "thumbnail": str,
        "thumbnailAltText": str,
    },
    "/content/media": {"id": str, "altText": str, "title": str},
    "/content/multiImage": {"images": list},
    "/content/multiImage/images": {"id": str, "altText": str},
}


def check_post(post: Mapping[str, Any]) -> None:
    """RefusedError for what LinkedIn would not take. Whose images they are is not looked at here."""
    _check_shape(post, "", _NEEDED)
    _check_shape(post["distribution"], "/distribution", ("feedDistribution",))
    _one_of(post["visibility"], "/visibility", ("PUBLIC", "CONNECTIONS", "LOGGED_IN"))
    _one_of(post["distribution"]["feedDistribution"], "/distribution/feedDistribution", ("MAIN_FEED", "NONE"))
    _one_of(post["lifecycleState"], "/lifecycleState", ("PUBLISHED",))
    _length("commentary", public_text(post["commentary"]), TEXT_LIMIT)
    content = post.get("content", {})
    if not content and not post["commentary"].strip():
        raise RefusedError(400, "MISSING_FIELD", "commentary must not be empty where there is no content")
    if content:
        _check_content(content)


def _check_content(content: Mapping[str, Any]) -> None:
    _check_shape(content, "/content", ())
    if len(content) != 1:
        raise bad_field("/content", "union type must have exactly one member")
    if article := content.get("article"):
        _check_shape(article, "/content/article", ("source", "title"))
        if urlsplit(article["source"]).scheme not in ("http", "https"):
            raise bad_field("/content/article/source", f'"{article["source"]}" is not a well-formed URL')
        _length("title", article["title"], TITLE_LIMIT)
        _length("description", article.get("description", ""), DESCRIPTION_LIMIT)
    if "media" in content:
        _check_shape(content["media"], "/content/media", ("id",))
        _length("altText", content["media"].get("altText", ""), ALT_LIMIT)
    if "multiImage" in content:
        _check_shape(content["multiImage"], "/content/multiImage", ("images",))
        images = content["multiImage"]["images"]
        if not IMAGES[0] <= len(images) <= IMAGES[1]:
            raise RefusedError(400, "INVALID_VALUE", f"multiImage takes {IMAGES[0]} to {IMAGES[1]} images")
        for image in images:
            _check_shape(image, "/content/multiImage/images", ("id",))
            _length("altText", image.get("altText", ""), ALT_LIMIT)


def pictures(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """The images that are shown: ``id`` and perhaps ``altText``, in their order."""
    if "media" in content:
        return [content["media"]]
    return list(content.get("multiImage", {}).get("images", []))


def image_ids(content: Mapping[str, Any]) -> list[str]:
    """Every image it refers to, a link card's too."""
    thumbnail = content.get("article", {}).get("thumbnail", "")
    return [one["id"] for one in pictures(content)] + ([thumbnail] if thumbnail else [])


def fingerprint(post: Mapping[str, Any], hashes: list[str]) -> str:
    """What makes two posts of one author duplicates here: the words, the link and the pictures, however they were uploaded."""
    source = post.get("content", {}).get("article", {}).get("source", "")
    told = [post["author"], public_text(post["commentary"]), source, hashes]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _check_shape(value: Any, path: str, needed: tuple[str, ...]) -> None:
    shape = _SHAPES[path]
    if not isinstance(value, dict):
        raise bad_field(path, "record type is not backed by a DataMap")
    for name in value:
        if name not in shape:
            raise bad_field(f"{path}/{name}", "unrecognized field found but not allowed")
        if not isinstance(value[name], shape[name]):
            raise bad_field(f"{path}/{name}", f"{value[name]!r} cannot be coerced to {shape[name].__name__}")
    for name in needed:
        if name not in value:
            raise bad_field(f"{path}/{name}", "field is required but not found and has no default value")


def _one_of(value: str, path: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise bad_field(path, f'"{value}" is not an enum symbol')


def _length(name: str, text: str, limit: int) -> None:
    length = utf16_units(text)
    if length > limit:
        message = f"{name} is too long: maximum length is {limit}, actual length is {length}"
        raise RefusedError(422, "FIELD_LENGTH_TOO_LONG", message)
