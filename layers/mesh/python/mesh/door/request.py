"""One request to the Function URL, payload version 2, and the answer to it. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

BODY_LIMIT_BYTES = 10_000
LONG_FORM_BYTES = 300_000  # of a form with a post's words in it: a letter beyond ASCII takes up to twelve
_FEW_FIELDS, _MANY_FIELDS = 20, 120
_LONGEST_PATH_CHARACTERS = 4_000  # a card's link for ten posts has about 1,000
_LONGEST_COOKIES_CHARACTERS = 8_000
NO_POST = "-"
_FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
_POST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_AHEAD_OF_TIME = ("sec-purpose", "purpose", "x-moz", "x-purpose")  # what browsers call a prefetch or a prerender


class Place(StrEnum):
    """What an address of ours names."""

    LINK = "link"  # a signed link, or one of its pictures
    POST = "post"  # a post's own page, which the sheet names
    DRAFT = "draft"  # a draft's, or a plan's, which the page of its note leads to
    ROOT = "root"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Request:
    """``token`` has lost what cannot be part of one; ``cookies`` are ``name=value``; ``body`` is cut just above the limit.

    ``limit_bytes`` is the most that a form may have: more than ``BODY_LIMIT_BYTES`` only where words are typed into it. ``upload`` is the
    id of the upload that is asked for.
    """

    method: str
    token: str
    image: str  # an image's SHA-256 where one of the page's pictures is asked for
    headers: Mapping[str, str]
    body: bytes
    host: str
    place: Place = Place.LINK
    post_id: str = ""
    cookies: tuple[str, ...] = ()
    limit_bytes: int = BODY_LIMIT_BYTES
    upload: str = ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: str | bytes
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()  # Set-Cookie, one each

    def wire(self, *, head: bool) -> dict[str, Any]:
        """As a Function URL wants it; HEAD is GET without its body."""
        binary = isinstance(self.body, bytes)
        body = base64.b64encode(self.body).decode() if isinstance(self.body, bytes) else self.body
        return {
            "statusCode": self.status,
            "headers": {"content-type": self.content_type, **self.headers},
            "body": "" if head else body,
            "isBase64Encoded": binary and not head,
            **({"cookies": list(self.cookies)} if self.cookies else {}),
        }


def read_request(event: Mapping[str, Any], most_bytes: int = BODY_LIMIT_BYTES) -> Request:
    """Never raises, whatever a stranger sends: what cannot be read is no place of ours. No more than ``most_bytes`` of a body is kept."""
    context = mapping(event.get("requestContext"))
    http = mapping(context.get("http"))
    headers = {str(name).lower(): str(value) for name, value in mapping(event.get("headers")).items()}
    place, name, image, upload = _place(str(event.get("rawPath") or ""))
    return Request(
        str(http.get("method") or "GET").upper(),
        name if place is Place.LINK else "",
        image,
        headers,
        _body(event, most_bytes),
        str(context.get("domainName") or ""),
        place,
        name if place in {Place.POST, Place.DRAFT} else "",
        _cookies(event, headers),
        upload=upload,
    )


def mapping(part: object) -> Mapping[str, Any]:
    """A part of the event that is to be an object; one that is not is as if it were empty."""
    return part if isinstance(part, Mapping) else {}


def _place(path: str) -> tuple[Place, str, str, str]:
    """The place, what it is the place of, and the picture or the upload asked for. Nothing long is looked at."""
    if len(path) > _LONGEST_PATH_CHARACTERS:
        return Place.NOWHERE, "", "", ""
    for _ in range(2):  # some mail programs encode what was encoded already
        path = unquote(path) if "%" in path else path
    match [part for part in path.split("/") if part]:
        case []:
            return Place.ROOT, "", "", ""
        case ["post", name] if _POST_ID.fullmatch(name):
            return Place.POST, name, "", ""
        case ["draft", name] if _POST_ID.fullmatch(name):
            return Place.DRAFT, name, "", ""
        case [name]:
            return Place.LINK, _token(name), "", ""
        case [name, "image", image]:
            return Place.LINK, _token(name), image, ""
        case [name, "upload", upload]:
            return Place.LINK, _token(name), "", upload
    return Place.NOWHERE, "", "", ""


def _token(text: str) -> str:
    """Mail programs glue on what stood around an address, as ``>`` or a full stop: a token has neither, so that nothing else is let in."""
    found = _TOKEN.search(text)
    return found[0].rstrip(".") if found else ""


def _cookies(event: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[str, ...]:
    """In a list of their own; in a header where something before the Function URL made one of them."""
    listed = event.get("cookies")
    said = [str(one) for one in listed] if isinstance(listed, list) else headers.get("cookie", "").split(";")
    if sum(len(one) for one in said) > _LONGEST_COOKIES_CHARACTERS:
        return ()
    return tuple(one.strip() for one in said if one.strip())


def _body(event: Mapping[str, Any], most_bytes: int) -> bytes:
    """Of what is too long only so much that it is seen to be."""
    body = str(event.get("body") or "")[: 2 * most_bytes]
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8", "replace")[: most_bytes + 1]
    try:
        return base64.b64decode(body, validate=True)[: most_bytes + 1]
    except (binascii.Error, ValueError):
        return b"?" * (most_bytes + 1)


def form_values(request: Request, name: str) -> frozenset[str]:
    """What the form says under ``name``; nothing where it is no form that a page of ours made."""
    return frozenset(value for key, value in form_fields(request) if key == name and value)


def form_fields(request: Request) -> tuple[tuple[str, str], ...]:
    """Every field of the form in its order, empty ones too; none where it is no form that a page of ours made."""
    most = _FEW_FIELDS if request.limit_bytes <= BODY_LIMIT_BYTES else _MANY_FIELDS
    if len(request.body) > request.limit_bytes:
        return ()
    try:
        return tuple(parse_qsl(request.body.decode("ascii"), keep_blank_values=True, max_num_fields=most))
    except ValueError:
        return ()


def post_named(request: Request) -> str:
    """The post's id that somebody typed on the root page; ``NO_POST`` where it can be none's."""
    names = {name.strip() for name in form_values(request, "post")}
    return next((name for name in names if len(names) == 1 and _POST_ID.fullmatch(name)), NO_POST)


def came_from_our_page(request: Request, base_url: str) -> bool:
    """A press of our own page's button: same origin, a form, small; a user's doing where browser and page say so.

    Who sends client hints also sends Sec-Fetch-User with a press, and with a script's submit only where that had a user's gesture to use;
    Safari and Firefox send no hints. There the page's own script tells the two apart, in the field ``by``.
    """
    by_hand = "sec-ch-ua" not in request.headers or request.headers.get("sec-fetch-user") == "?1"
    return by_hand and "script" not in form_values(request, "by") and sent_by_our_page(request, base_url)


def sent_by_our_page(request: Request, base_url: str) -> bool:
    """A form of a page of ours, in its own window, sent by a press or by the page's script."""
    ours = origin_of(base_url) if base_url else f"https://{request.host}"
    headers = request.headers
    if len(request.body) > request.limit_bytes:
        return False
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return False
    if "origin" in headers:
        same = headers["origin"] == ours
    elif "referer" in headers:
        same = origin_of(headers["referer"]) == ours
    else:
        same = headers.get("sec-fetch-site") == "same-origin"
    return same and headers.get("sec-fetch-site", "same-origin") == "same-origin" and in_its_own_window(request)


def in_its_own_window(request: Request) -> bool:
    """A page loaded to be seen: not in a frame, not by a script's fetch, not ahead of time."""
    headers = request.headers
    if (
        headers.get("sec-fetch-dest", "document") != "document"
        or headers.get("sec-fetch-mode", "navigate") != "navigate"
    ):
        return False
    return not any(
        "prefetch" in headers.get(name, "") or "prerender" in headers.get(name, "") for name in _AHEAD_OF_TIME
    )


def origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def security_headers(nonce: str) -> dict[str, str]:
    """Nothing runs but our own scripts, nothing frames it, nothing is kept, and the address never leaves with a click."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
    }
