"""What goes over the wire: Google's error shape, and reading requests strictly.

GoogleError is the one exception root of this package; the app renders it for the API that was called.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

Json = dict[str, Any]

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}
_DRIVE_REASONS = {
    400: "invalid",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    429: "rateLimitExceeded",
    500: "backendError",
    503: "backendError",
}
_USAGE_REASONS = ("rateLimitExceeded", "userRateLimitExceeded", "accessNotConfigured")


class GoogleError(Exception):
    """A refusal as Google words it. `reason` is Drive's short word, `details` are Sheets' typed details."""

    def __init__(self, code: int, message: str, *, reason: str | None = None, details: list[Json] | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.reason = reason
        self.details = details


def invalid(message: str, *, reason: str | None = None) -> GoogleError:
    """400 INVALID_ARGUMENT."""
    return GoogleError(400, message, reason=reason)


def error_response(error: GoogleError, path: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Sheets answers with code, message and status; Drive adds its older list of errors with a reason."""
    body: Json = {"code": error.code, "message": error.message}
    if is_drive(path):
        reason = error.reason or _DRIVE_REASONS.get(error.code, "invalid")
        domain = "usageLimits" if reason in _USAGE_REASONS else "global"
        body["errors"] = [{"message": error.message, "domain": domain, "reason": reason}]
    if not path.startswith("/drive") or error.code in (401, 403):
        body["status"] = STATUS_NAMES.get(error.code, "UNKNOWN")
    if error.details:
        body["details"] = error.details
    return JSONResponse({"error": body}, status_code=error.code, headers=headers)


def is_drive(path: str) -> bool:
    """Whether the call is one of Drive's, whose errors have a shape of their own."""
    return path.startswith(("/drive", "/upload"))


async def json_body(request: Request) -> Json:
    """The request's JSON object; an empty body is an empty object, as Google takes it."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
        if b"\\u" in raw:
            json.dumps(
                body, ensure_ascii=False
            ).encode()  # half of a surrogate pair is no character, and cannot be kept
    except ValueError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from error
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received. Root element must be a message.")
    return body


def only_known(body: Json, known: frozenset[str] | set[str], where: str = "") -> Json:
    """The body without its nulls. Google takes null for "not given" and refuses a name that it does not know."""
    for name in body:
        if name not in known:
            place = f" at '{where}'" if where else ""
            raise invalid(f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.')
    return {name: value for name, value in body.items() if value is not None}


def flag(request: Request, name: str, default: bool = False) -> bool:
    """A boolean of the query. Python clients send `True` where the documents say `true`; Google takes both."""
    text = request.query_params.get(name)
    if text is None or text == "":
        return default
    if text.lower() in ("true", "1"):
        return True
    if text.lower() in ("false", "0"):
        return False
    raise invalid(f"Invalid value at '{name}' (TYPE_BOOL), \"{text}\"")


def one_of(value: Any, allowed: tuple[str, ...], name: str, default: str) -> str:
    """An enum of a query or body; absent, null and empty mean the default."""
    if value is None or value == "":
        return default
    if value not in allowed:
        raise invalid(f"Invalid value at '{name}' (type.googleapis.com), \"{value}\"")
    return str(value)


def number(text: str | None, name: str, default: float) -> float:
    """A number of a query; absent and empty mean the default."""
    try:
        return float(text) if text else default
    except ValueError as error:
        raise invalid(f"{name} must be a number, not {text!r}") from error
