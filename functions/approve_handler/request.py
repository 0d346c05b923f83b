"""One request to the Function URL, payload version 2, and the answer to it. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

BODY_LIMIT_BYTES = 10_000
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Request:
    method: str
    token: str
    image: str  # an image's SHA-256 where one of the page's pictures is asked for
    headers: Mapping[str, str]
    body: bytes  # cut just above the limit
    host: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: str | bytes
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    def wire(self, *, head: bool) -> dict[str, Any]:
        """As a Function URL wants it; HEAD is GET without its body."""
        binary = isinstance(self.body, bytes)
        body = base64.b64encode(self.body).decode() if isinstance(self.body, bytes) else self.body
        return {
            "statusCode": self.status,
            "headers": {"content-type": self.content_type, **self.headers},
            "body": "" if head else body,
            "isBase64Encoded": binary and not head,
        }


def read_request(event: Mapping[str, Any]) -> Request:
    """Never raises, whatever a stranger sends: what cannot be read is an empty token."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    parts = [part for part in str(event.get("rawPath") or "").split("/") if part]
    token, image = "", ""
    if len(parts) == 1:
        token = parts[0]
    elif len(parts) == 3 and parts[1] == "image":
        token, image = parts[0], parts[2]
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    return Request(
        str(http.get("method") or "GET").upper(),
        token,
        image,
        headers,
        _body(event),
        str(context.get("domainName") or ""),
    )


def _body(event: Mapping[str, Any]) -> bytes:
    body = str(event.get("body") or "")
    if not event.get("isBase64Encoded"):
        return body.encode("utf-8", "replace")[: BODY_LIMIT_BYTES + 1]
    try:
        return base64.b64decode(body, validate=True)[: BODY_LIMIT_BYTES + 1]
    except (binascii.Error, ValueError):
        return b"?" * (BODY_LIMIT_BYTES + 1)


def form_values(request: Request, name: str) -> frozenset[str]:
    """What the form says under ``name``; nothing where it is no form that a page of ours made."""
    try:
        fields = parse_qs(request.body.decode("ascii"), max_num_fields=20)
    except ValueError:
        return frozenset()
    return frozenset(fields.get(name, ()))


def came_from_our_page(request: Request, base_url: str) -> bool:
    """A press of our own page's button: same origin, a form, small; a user's doing where the browser says so."""
    ours = origin_of(base_url) if base_url else f"https://{request.host}"
    headers = request.headers
    if len(request.body) > BODY_LIMIT_BYTES:
        return False
    if not headers.get("content-type", "").lower().startswith(_FORM):
        return False
    if "origin" in headers:
        same = headers["origin"] == ours
    elif "referer" in headers:
        same = origin_of(headers["referer"]) == ours
    else:
        same = headers.get("sec-fetch-site") == "same-origin"
    if not same or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    # Safari sends neither; who sends client hints also sends Sec-Fetch-User, and a script's submit does not carry it.
    return "sec-ch-ua" not in headers or headers.get("sec-fetch-user") == "?1"


def origin_of(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def security_headers(nonce: str) -> dict[str, str]:
    """Nothing runs, nothing frames it, nothing is kept, and the address never leaves with a click."""
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
    }
