"""The switches of the seven networks, each with the refusals that this network really gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.console.switches import UNTIL_OFF, Group, Order, Switch
from networks import NAMES, network
from networks.model import AfterUnknown

_WAIT_SECONDS = 240
_LOST_AFTER_SECONDS = 2.0  # of real time: nobody wants to sit through a network's own half minute


@dataclass(frozen=True)
class _Words:
    """``creates`` is the request that makes a post public, ``api`` every request but those of people who look; the rest are answers."""

    creates: str
    api: str
    slow_status: int
    slow: Mapping[str, Any]
    dead_status: int
    dead: Mapping[str, Any]


def _graph(message: str, code: int, subcode: int = 0) -> Mapping[str, Any]:
    error: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "local"}
    return {"error": {**error, "error_subcode": subcode} if subcode else error}


def _problem(status: int, title: str) -> Mapping[str, Any]:
    return {"type": "about:blank", "title": title, "detail": title, "status": status}


_META_SLOW = _graph("(#4) Application request limit reached", 4)
_META_DEAD = _graph("Error validating access token: The session has been invalidated because of a change", 190, 460)
_META_API = r" /(v\d+[.]\d+/|refresh_access_token)"

_OF: Mapping[str, _Words] = {
    "x": _Words(
        r"POST /2/tweets$", r" /2/", 429, _problem(429, "Too Many Requests"), 401, _problem(401, "Unauthorized")
    ),
    "instagram": _Words(r"POST .*/media_publish$", _META_API, 403, _META_SLOW, 401, _META_DEAD),
    "facebook": _Words(r"POST .*/feed$", _META_API, 403, _META_SLOW, 401, _META_DEAD),
    "threads": _Words(r"POST .*/threads_publish$", _META_API, 403, _META_SLOW, 401, _META_DEAD),
    "linkedin": _Words(
        r"POST /rest/posts$",
        r" /(rest|v2|oauth/v2/accessToken)",
        429,
        {"status": 429, "code": "TOO_MANY_REQUESTS", "message": "Resource level throttle limit reached"},
        401,
        {
            "status": 401,
            "code": "REVOKED_ACCESS_TOKEN",
            "serviceErrorCode": 65601,
            "message": "The token used in the request has been revoked by the user",
        },
    ),
    "bluesky": _Words(
        r"POST .*putRecord$",
        r" /xrpc/com[.]atproto[.](repo|server)[.]",
        429,
        {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"},
        400,
        {"error": "ExpiredToken", "message": "Token has been revoked"},
    ),
    "mastodon": _Words(
        r"POST /api/v1/statuses$",
        r" /api/(v1|v2/media)",
        429,
        {"error": "Too many requests"},
        401,
        {"error": "The access token was revoked"},
    ),
}


def network_groups() -> list[Group]:
    return [Group(name, network(name).declared.label, _switches(name)) for name in NAMES]


def _switches(name: str) -> tuple[Switch, ...]:
    label, words = network(name).declared.label, _OF[name]

    def at(match: str, **fault: Any) -> tuple[Order, ...]:
        return (Order("networks", "/_local/everywhere", {"where": name, "match": match, **fault}),)

    return (
        Switch(
            f"{name}-lost-answer",
            name,
            "The answer is lost",
            f"The post is out on {label}, and the line breaks before {label} can say so.",
            _lost(name, label),
            at(words.creates, do="timeout-after", seconds=_LOST_AFTER_SECONDS),
            says=f"{label} takes posts and its answers are lost",
        ),
        Switch(
            f"{name}-slow-down",
            name,
            "Too many requests",
            f"{label} refuses a post: come back in {_WAIT_SECONDS // 60} minutes.",
            f"The post waits until the minute that {label} named, and goes then, once. Left on for long, you are told that it gave up.",
            at(
                words.creates,
                do="status",
                status=words.slow_status,
                headers={"retry-after": str(_WAIT_SECONDS)},
                body=words.slow,
            ),
            says=f"{label} asks to slow down",
        ),
        Switch(
            f"{name}-dead-token",
            name,
            "The sign-in is dead",
            f"{label} does not accept the channel’s sign-in any more, nor renews it.",
            f"The channel pauses, one message tells you, and its posts wait; no try is used up. Switched off, {label} is asked again "
            "within the hour, and they go, once.",
            at(words.api, do="status", status=words.dead_status, body=words.dead),
            says=f"{label} does not accept the sign-in",
            counts=(UNTIL_OFF,),
        ),
        Switch(
            f"{name}-down",
            name,
            "It is down",
            f"{label} answers every request with an error page (503).",
            _down(name, label),
            at(words.api, do="html", status=503),
            says=f"{label} is down",
        ),
    )


def _lost(name: str, label: str) -> str:
    declared = network(name).declared
    unknown = f"Nobody knows for {round(declared.settle.total_seconds() / 60)} minutes. Then"
    if name in ("instagram", "threads"):
        return (
            f"{label} is asked what became of the post that was prepared, and says that it is out: it stands once. "
            "Only the very same post is ever published."
        )
    if declared.after_unknown is AfterUnknown.REPEAT_SAME:
        return f"{unknown} the very same request is made again, which {label} knows for the same: the post stands once."
    return f"{unknown} {label} is looked at: the post is found, or you are asked. It is never sent again by itself."


def _down(name: str, label: str) -> str:
    if name in ("facebook", "linkedin"):
        return (
            f"A post that had reached {label} may be out for all anybody knows: it is looked for, and you are asked before it is ever "
            "sent again. What had not left goes later, once."
        )
    return f"Posts wait and are tried again. Once {label} is back they go, once. Left on for long, the tries run out and you are told."
