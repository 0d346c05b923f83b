"""What comes in and goes out of the console's routes: only its own page may change things, and nothing is kept in a cache."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


def fresh(content: Any) -> Response:
    """JSON that no browser keeps."""
    return JSONResponse(content, headers={"Cache-Control": "no-store"})


def from_this_page(request: Request) -> None:
    """403 for another origin's page."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "Only this page may change things here.")


async def json_object(request: Request, *needed: str) -> dict[str, Any]:
    """The JSON object in the body. A page of another site can send neither this content type nor our origin."""
    from_this_page(request)
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise HTTPException(415, "The body must be JSON (content type application/json).")
    try:
        body = await request.json()
    except ValueError:
        raise HTTPException(400, "The body is no JSON.") from None
    if not isinstance(body, dict) or not all(name in body for name in needed):
        raise HTTPException(400, f"The body must be an object with {', '.join(needed) or 'what to change'}.")
    return body


async def json_list(request: Request, name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The list of objects that the body has under ``name``, never empty, and the body."""
    body = await json_object(request, name)
    found = body[name]
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise HTTPException(400, f"{name} must be a list of objects.")
    return found, body
