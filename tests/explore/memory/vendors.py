"""What each network's server does with a post, as little as its adapter needs, over one ``Feed``: the effect and the answer.

Each is strict about order, so that an adapter that leaves a step out is found out. Faults are the wire's (``memory.wire``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from memory.network import Feed, Posted

HOST = "https://memory.test"


@dataclass(frozen=True)
class Asked:
    """A request as a server sees it. ``fields`` are the JSON object or the form of the body."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    @property
    def fields(self) -> Mapping[str, Any]:
        if self.headers.get("content-type", "").startswith("application/json"):
            return json.loads(self.body)  # type: ignore[no-any-return]
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Answered:
    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Vendor:
    """``account_of`` gives the network's own id of an account of the explored business. ``makes_public`` says which request makes a post
    public, ``slow_down`` is the refusal of a server that is asked too often.
    """

    name: str
    account_of: Callable[[str], str]
    answer: Callable[[Feed, Asked, Callable[[str], str]], Answered]
    makes_public: Callable[[Asked], bool]
    slow_down: Answered = field(hash=False)


def _numbered(account: str) -> str:
    return {"did:plc:main": "101", "did:plc:second": "102"}[account]


def _publish(feed: Feed, account: str, text: str, key: str, at: datetime, pictures: int = 0) -> Posted:
    posted = Posted(f"{len(feed.posts) + 1}", account, text, key, at, pictures)
    feed.posts = (*feed.posts, posted)
    return posted


def _upload(feed: Feed) -> str:
    """A picture that nobody sees until a post shows it."""
    feed.uploads += 1
    return f"7{feed.uploads:04}"


def _known(feed: Feed, pictures: list[str]) -> bool:
    return all(one in {f"7{number:04}" for number in range(1, feed.uploads + 1)} for one in pictures)


def _mine(feed: Feed, account: str) -> list[Posted]:
    """Newest first."""
    return [one for one in reversed(feed.posts) if one.account == account]


# Mastodon: a key makes a repetition the same post, for an hour


def _mastodon(feed: Feed, asked: Asked, owner: Callable[[str], str]) -> Answered:
    parts = asked.path.strip("/").split("/")
    if asked.method == "POST" and asked.path == "/api/v1/statuses":
        key = asked.headers["idempotency-key"]
        known = [one for one in feed.posts if one.key == key and (asked.at - one.at).total_seconds() < 3600]
        posted = known[0] if known else _publish(feed, owner("101"), asked.fields["status"], key, asked.at)
        return Answered(200, _status(posted))
    if parts[:3] == ["api", "v1", "accounts"] and parts[-1] == "statuses":
        return Answered(200, [] if "max_id" in asked.query else [_status(one) for one in _mine(feed, owner(parts[3]))])
    if parts[-1] == "source":
        return Answered(200, {"text": next(one.text for one in feed.posts if one.remote_id == parts[3])})
    if parts[-1] == "verify_credentials":
        return Answered(200, {"id": "101", "acct": "cafe"})
    return Answered(404, {"error": "Record not found"})


def _status(posted: Posted) -> dict[str, Any]:
    return {
        "id": posted.remote_id,
        "url": f"{HOST}/@cafe/{posted.remote_id}",
        "content": f"<p>{posted.text}</p>",
        "created_at": posted.at.isoformat(),
        "account": {"id": _numbered(posted.account)},
        "media_attachments": [],
    }


MASTODON = Vendor(
    "mastodon",
    _numbered,
    _mastodon,
    lambda asked: (asked.method, asked.path) == ("POST", "/api/v1/statuses"),
    Answered(429, {"error": "Too many requests"}),
)


# Threads: a container first, then it is published, once


def _threads(feed: Feed, asked: Asked, owner: Callable[[str], str]) -> Answered:
    first, _, last = _unversioned(asked.path).partition("/")
    fields = {**asked.query, **(asked.fields if asked.method == "POST" else {})}
    match asked.method, last:
        case "POST", "threads":
            number = f"9{len(feed.containers) + 1:04}"
            feed.containers[number] = (owner(first), fields["text"], "FINISHED")
            return Answered(200, {"id": number})
        case "POST", "threads_publish":
            account, text, status = feed.containers.get(fields["creation_id"], ("", "", "EXPIRED"))
            if status != "FINISHED":
                return _graph_error(24, 4279009, "The requested resource does not exist")
            feed.containers[fields["creation_id"]] = (account, text, "PUBLISHED")
            return Answered(200, {"id": _publish(feed, account, text, fields["creation_id"], asked.at).remote_id})
        case "GET", "threads":
            return Answered(200, {"data": [_thread(one) for one in _mine(feed, owner(first))]})
        case "GET", "" if first in feed.containers:
            return Answered(200, {"id": first, "status": feed.containers[first][2]})
        case "GET", "" if first == "me":
            return Answered(200, {"id": "101", "username": "cafe"})
        case "GET", "":
            return Answered(200, next(_thread(one) for one in feed.posts if one.remote_id == first))
    return _graph_error(100, 33, "Unsupported request")


def _thread(posted: Posted) -> dict[str, Any]:
    permalink = f"{HOST}/@cafe/post/{posted.remote_id}"
    stamp = f"{posted.at:%Y-%m-%dT%H:%M:%S+0000}"
    return {"id": posted.remote_id, "text": posted.text, "timestamp": stamp, "permalink": permalink}


def _unversioned(path: str) -> str:
    head, _, rest = path.strip("/").partition("/")
    return rest if head.startswith("v") and head[1:2].isdigit() else path.strip("/")


def _graph_error(code: int, subcode: int, message: str, status: int = 400) -> Answered:
    error = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "A1"}
    return Answered(status, {"error": error})


THREADS = Vendor(
    "threads",
    _numbered,
    _threads,
    lambda asked: asked.method == "POST" and asked.path.endswith("/threads_publish"),
    _graph_error(4, 1349210, "Application request limit reached"),
)


# Facebook: one call, and nothing that makes it the same call again


def _facebook(feed: Feed, asked: Asked, owner: Callable[[str], str]) -> Answered:
    first, _, last = _unversioned(asked.path).partition("/")
    match asked.method, last:
        case "POST", "photos" if asked.fields.get("published") == "false":
            return Answered(200, {"id": _upload(feed)})
        case "POST", "feed":
            photos = [one["media_fbid"] for one in json.loads(asked.fields.get("attached_media", "[]"))]
            if not _known(feed, photos):
                return _graph_error(100, 0, "Invalid parameter")
            posted = _publish(feed, owner(first), asked.fields["message"], "", asked.at, len(photos))
            return Answered(200, {"id": f"{first}_{posted.remote_id}"})
        case "GET", "published_posts" | "feed" | "posts":
            return Answered(200, {"data": [_page_post(one) for one in _mine(feed, owner(first))]})
        case "GET", "" if first in ("me", "101"):
            return Answered(200, {"id": "101", "name": "Café"})
        case "GET", "":
            number = first.rpartition("_")[2]
            return Answered(200, next(_page_post(one) for one in feed.posts if one.remote_id == number))
    return _graph_error(100, 33, "Unsupported request")


def _page_post(posted: Posted) -> dict[str, Any]:
    return {
        "id": f"{_numbered(posted.account)}_{posted.remote_id}",
        "message": posted.text,
        "created_time": f"{posted.at:%Y-%m-%dT%H:%M:%S+0000}",
        "permalink_url": f"{HOST}/{posted.remote_id}",
    }


FACEBOOK = Vendor(
    "facebook",
    _numbered,
    _facebook,
    lambda asked: asked.method == "POST" and asked.path.endswith("/feed"),
    _graph_error(32, 0, "Page request limit reached"),
)


# X: the same


def _x(feed: Feed, asked: Asked, owner: Callable[[str], str]) -> Answered:
    parts = asked.path.strip("/").split("/")
    if (asked.method, asked.path) == ("POST", "/2/media/upload"):
        return Answered(200, {"data": {"id": _upload(feed), "media_key": "3_1", "size": len(asked.body)}})
    if (asked.method, asked.path) == ("POST", "/2/media/metadata") and _known(feed, [asked.fields["id"]]):
        return Answered(200, {"data": {"id": asked.fields["id"]}})
    if (asked.method, asked.path) == ("POST", "/2/tweets"):
        media = asked.fields.get("media", {}).get("media_ids", [])
        if not _known(feed, media):
            return Answered(400, {"title": "Invalid Request", "status": 400, "detail": "Your media IDs are invalid."})
        posted = _publish(feed, owner("101"), asked.fields["text"], "", asked.at, len(media))
        return Answered(201, {"data": {"id": posted.remote_id, "text": posted.text}})
    if parts[:2] == ["2", "users"] and parts[-1] == "tweets":
        found = [_tweet(one) for one in _mine(feed, owner(parts[2]))]
        return Answered(
            200, {"data": found, "meta": {"result_count": len(found)}} if found else {"meta": {"result_count": 0}}
        )
    if asked.path == "/2/users/me":
        return Answered(200, {"data": {"id": "101", "name": "Café", "username": "cafe"}})
    return Answered(404, {"title": "Not Found", "status": 404, "detail": "Not Found", "type": "about:blank"})


def _tweet(posted: Posted) -> dict[str, Any]:
    return {
        "id": posted.remote_id,
        "text": posted.text,
        "author_id": _numbered(posted.account),
        "created_at": f"{posted.at:%Y-%m-%dT%H:%M:%S.000Z}",
        "edit_history_tweet_ids": [posted.remote_id],
        **({"attachments": {"media_keys": ["3_1"] * posted.pictures}} if posted.pictures else {}),
    }


X = Vendor(
    "x",
    _numbered,
    _x,
    lambda asked: (asked.method, asked.path) == ("POST", "/2/tweets"),
    Answered(429, {"title": "Too Many Requests", "status": 429, "detail": "Too Many Requests", "type": "about:blank"}),
)


# LinkedIn: the id in a header alone, and for a member no listing


def _linkedin(feed: Feed, asked: Asked, owner: Callable[[str], str]) -> Answered:
    if (asked.method, asked.path) == ("POST", "/rest/images"):
        number = _upload(feed)
        value = {"image": f"urn:li:image:{number}", "uploadUrl": f"https://www.linkedin.com/dms-uploads/{number}"}
        return Answered(200, {"value": value})
    if asked.method == "PUT" and asked.path.startswith("/dms-uploads/"):
        return Answered(201)
    if asked.method == "GET" and asked.path.startswith("/rest/images/"):
        return Answered(200, {"id": unquote(asked.path).rpartition("/")[2], "status": "AVAILABLE"})
    if (asked.method, asked.path) == ("POST", "/rest/posts"):
        posted = _publish(feed, owner(asked.fields["author"]), _plain(asked.fields["commentary"]), "", asked.at)
        return Answered(201, None, {"x-restli-id": f"urn:li:share:{posted.remote_id}"})
    if (asked.method, asked.path) == ("GET", "/rest/posts"):
        return Answered(200, {"elements": [_share(one, asked) for one in _mine(feed, owner(asked.query["author"]))]})
    if asked.method == "GET" and asked.path.startswith("/rest/posts/"):
        number = unquote(asked.path).rpartition(":")[2]
        found = [_share(one, asked) for one in feed.posts if one.remote_id == number]
        return Answered(200, found[0]) if found else Answered(404, {"status": 404, "message": "Not found"})
    return Answered(404, {"status": 404, "message": "No such resource"})


def _plain(commentary: str) -> str:
    """No hashtags are posted here: escapes alone are undone."""
    return re.sub(r"\\(.)", r"\1", commentary)


def _share(posted: Posted, asked: Asked) -> dict[str, Any]:
    moment_ms = int(posted.at.timestamp() * 1000)
    return {
        "id": f"urn:li:share:{posted.remote_id}",
        "author": asked.query.get("author", ""),
        "commentary": posted.text,
        "createdAt": moment_ms,
        "publishedAt": moment_ms,
        "lifecycleState": "PUBLISHED",
    }


def _organization(account: str) -> str:
    return f"urn:li:organization:{_numbered(account)}"


def _member(account: str) -> str:
    return f"urn:li:person:{_numbered(account)}"


LINKEDIN = Vendor(
    "linkedin",
    _organization,
    _linkedin,
    lambda asked: (asked.method, asked.path) == ("POST", "/rest/posts"),
    Answered(429, {"status": 429, "serviceErrorCode": 101, "code": "TOO_MANY_REQUESTS", "message": "limit"}),
)
LINKEDIN_MEMBER = replace(LINKEDIN, account_of=_member)
VENDORS = {
    "mastodon": MASTODON,
    "threads": THREADS,
    "facebook": FACEBOOK,
    "x": X,
    "linkedin": LINKEDIN,
    "linkedin, a member": LINKEDIN_MEMBER,
}
