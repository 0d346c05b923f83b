"""One request to the compose page: which of its places is meant, what the form says, and whether our own page sent it. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

from mesh.door.request import Request, came_from_our_page, origin_of, read_request

MOST_BODY_BYTES = 1_000_000  # 50,000 characters of any script, as a form writes them, and all else that is in it
_MOST_FIELDS = 200
_LONGEST_PATH_CHARACTERS = 2_000
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
_DRAFT_ID = re.compile(r"[pb]_[a-z0-9]{1,40}")
_FORM = "application/x-www-form-urlencoded"


class Place(StrEnum):
    """What an address of the compose page names."""

    FORM = "form"
    UPLOAD = "upload"  # asks for an address to put a file at
    DRAFT = "draft"  # what became of one note
    ROOT = "root"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Visit:
    """``fields`` are the form's, each with all its values. ``request`` keeps of the body only who pressed the button.

    ``too_long``: the form was longer than any that is read, and its fields are not known. ``up`` leads from the page to where links begin.
    """

    request: Request
    place: Place
    token: str = ""
    post_id: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    too_long: bool = False
    up: str = ""

    def one(self, name: str) -> str:
        """The first value; "" where there is none."""
        return next(iter(self.fields.get(name, ())), "")

    @property
    def method(self) -> str:
        return self.request.method


def read_visit(event: Mapping[str, Any]) -> Visit:
    """Never raises, whatever a stranger sends."""
    request = read_request({**event, "body": "", "isBase64Encoded": False})
    path = str(event.get("rawPath") or "")
    place, token, post_id = _place(path)
    fields, too_long = _fields(event) if request.method == "POST" else ({}, False)
    by = {"by": fields["by"][0]} if fields.get("by") else {}
    up = "../" * min(path.removeprefix("/").count("/"), 4)  # a slash that a mail program glued on counts in a browser
    return Visit(replace(request, body=urlencode(by).encode()), place, token, post_id, fields, too_long, up)


def _place(path: str) -> tuple[Place, str, str]:
    if len(path) > _LONGEST_PATH_CHARACTERS:
        return Place.NOWHERE, "", ""
    for _ in range(2):  # some mail programs encode what was encoded already
        path = unquote(path) if "%" in path else path
    match [part for part in path.split("/") if part]:
        case []:
            return Place.ROOT, "", ""
        case [name]:
            return Place.FORM, _token(name), ""
        case [name, "upload"]:
            return Place.UPLOAD, _token(name), ""
        case [name, "draft", post_id] if _DRAFT_ID.fullmatch(post_id):
            return Place.DRAFT, _token(name), post_id
    return Place.NOWHERE, "", ""


def _token(text: str) -> str:
    """Mail programs glue on what stood around an address, as ``>`` or a full stop: a token has neither."""
    found = _TOKEN.search(text)
    return found[0].rstrip(".") if found else ""


def _fields(event: Mapping[str, Any]) -> tuple[dict[str, tuple[str, ...]], bool]:
    body = str(event.get("body") or "")
    if len(body) > 2 * MOST_BODY_BYTES:
        return {}, True
    try:
        content = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode("utf-8")
        if len(content) > MOST_BODY_BYTES:
            return {}, True
        parsed = parse_qs(content.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except (binascii.Error, ValueError):
        return {}, False
    return {name: tuple(values) for name, values in parsed.items()}, False


def pressed_here(visit: Visit, base_url: str) -> bool:
    """A press of our own page's button."""
    return came_from_our_page(visit.request, base_url)


def asked_by_our_script(visit: Visit, base_url: str) -> bool:
    """The page's own script, on the page's own origin. What it asks for changes nothing by itself."""
    headers = visit.request.headers
    ours = origin_of(base_url) if base_url else f"https://{visit.request.host}"
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM or visit.too_long:
        return False
    marks = (
        ("sec-fetch-site", {"same-origin"}),
        ("sec-fetch-mode", {"cors", "same-origin"}),
        ("sec-fetch-dest", {"empty"}),
    )
    return headers.get("origin") == ours and all(headers.get(name, next(iter(good))) in good for name, good in marks)
