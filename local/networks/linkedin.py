"""A server shaped like LinkedIn's API: images, posts in little text, organizations and members, tokens of 60 days, its errors.

Behaviour, beside what signing in has (linkedin_access):

    versions               what ``Linkedin-Version`` may say; anything else is 426
    image_polls            how often a new image is still being processed; ``image_fails`` makes it fail
    image_status_refused   nobody may ask about an image, as with a member's plain ``w_member_social``
    read_back_refused      nobody may read a post, as without ``r_member_social``
    ghost_duplicates       the words of a deleted post stay taken, by a post that is not there
    listing_lag_seconds    how long a new post is missing from an organization's list
    duplicate_minutes      how long the same words of the same author are a duplicate
    daily_posts            how many posts an author may make until midnight UTC
    dead_tokens            every token is revoked
    partner                refresh tokens are given out
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from local.clock import now
from local.networks.linkedin_access import ORGANIZATION, Access
from local.networks.linkedin_errors import RefusedError, no_access
from local.networks.linkedin_posts import check_post, fingerprint, image_ids, pictures
from local.networks.linkedin_text import kept_text, public_text
from local.networks.store import Store, image_mime
from local.networks.web import Answer, Request, Route, as_json, route

VERSIONS = [*(f"2025{month}" for month in (11, 12)), *(f"2026{month:02}" for month in range(1, 11))]
_TYPES = ("image/jpeg", "image/png", "image/gif")
_UPLOAD_FOR = timedelta(days=1)
_POSTS = "partnerApiPostsExternal"


class LinkedIn:
    """A ``local.networks.server.Server``."""

    name = "linkedin"
    page = "/feed/update/(?P<urn>urn:li:[A-Za-z]+:[0-9]+)"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = store.section("linkedin", last_id=0, used={})
        for part in ("accounts", "tokens", "refreshing", "roles", "sign_in", "images", "posts", "taken"):
            self._kept.setdefault(part, {})
        self.origin = ""
        self.behaviour: dict[str, Any] = {
            "versions": list(VERSIONS),
            "image_polls": 0,
            "image_fails": False,
            "image_status_refused": False,
            "read_back_refused": False,
            "ghost_duplicates": False,
            "listing_lag_seconds": 0.0,
            "duplicate_minutes": 1_440,
            "daily_posts": 150,
            "dead_tokens": False,
            "partner": False,
        }
        self._access = Access(store, self._kept, self.behaviour)

    @property
    def app(self) -> dict[str, str]:
        return self._access.app

    def routes(self) -> list[Route]:
        access, urn = self._access, "(?P<named>[^/]+)"
        return [
            route("GET", "/oauth/v2/authorization", self._holding(access.page)),
            route("POST", "/oauth/v2/authorization", self._holding(access.decided)),
            route("POST", "/oauth/v2/accessToken", self._holding(access.token)),
            route("POST", "/oauth/v2/revoke", self._holding(access.revoke)),
            route("GET", "/v2/userinfo", self._holding(access.userinfo)),
            route("GET", "/rest/organizationAcls", self._versioned(access.organization_acls)),
            route("POST", "/rest/images", self._versioned(self._begin_upload)),
            route("GET", f"/rest/images/{urn}", self._versioned(self._image)),
            route("PUT", "/dms-uploads/(?P<number>[A-Za-z0-9]+)/uploaded-image/0", self._holding(self._upload)),
            route("GET", "/dms/image/(?P<number>[A-Za-z0-9]+)", self._holding(self._picture)),
            route("POST", "/rest/posts", self._versioned(self._post)),
            route("GET", "/rest/posts", self._versioned(self._listed)),
            route("GET", f"/rest/posts/{urn}", self._versioned(self._read)),
            route("DELETE", f"/rest/posts/{urn}", self._versioned(self._delete)),
        ]

    def missing(self, request: Request) -> Answer:
        return as_json({"status": 404, "code": "RESOURCE_NOT_FOUND", "message": "No virtual resource found"}, 404)

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``kind`` member (unless told) or organization, which ``member`` administers; ``token`` and ``scopes`` as wanted."""
        with self._store.lock:
            made = self._access.add(told)
            self._store.save()
        return made

    def posts(self) -> list[dict[str, Any]]:
        return [self._as_seen(post) for post in self._kept["posts"].values()]

    def _as_seen(self, post: dict[str, Any]) -> dict[str, Any]:
        content = post.get("content", {})
        article = content.get("article", {})
        thumbnail = article.get("thumbnail", "")
        shown = [(one["id"].rpartition(":")[2], one.get("altText", "")) for one in pictures(content)]
        return {
            "network": self.name,
            "account": self._access.accounts[post["author"]]["handle"],
            "account_id": post["author"],
            "id": post["id"],
            "url": f"{self.origin}/feed/update/{post['id']}",
            "text": public_text(post["commentary"]),
            "images": [{"url": f"{self.origin}/dms/image/{number}", "alt": alt} for number, alt in shown],
            "link": article.get("source", ""),
            "card": {
                "title": article.get("title", ""),
                "description": article.get("description", ""),
                "image": f"{self.origin}/dms/image/{thumbnail.rpartition(':')[2]}" if thumbnail else "",
            },
            "created_at": post["made_at"],
        }

    # answering

    def _holding(self, handle: Callable[..., Answer]) -> Callable[..., Answer]:
        def answer(request: Request, **named: str) -> Answer:
            with self._store.lock:
                try:
                    return handle(request, **named)
                except RefusedError as refused:
                    return refused.answer

        return answer

    def _versioned(self, handle: Callable[..., Answer]) -> Callable[..., Answer]:
        """For ``/rest``: a live token, a version that has not been let go, the protocol's version."""

        def answer(request: Request, **named: str) -> Answer:
            member, scopes = self._access.asking(request)
            version = request.headers.get("linkedin-version", "")
            if not version:
                raise RefusedError(400, "VERSION_MISSING", "A version must be present. Please specify a version")
            if version not in self.behaviour["versions"]:
                raise RefusedError(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
            if request.headers.get("x-restli-protocol-version") != "2.0.0":
                raise RefusedError(400, "ILLEGAL_ARGUMENT", "X-Restli-Protocol-Version must be 2.0.0")
            return handle(request, member, scopes, **{name: unquote(value) for name, value in named.items()})

        return self._holding(answer)

    # images

    def _begin_upload(self, request: Request, member: str, scopes: frozenset[str]) -> Answer:
        wanted = _body(request).get("initializeUploadRequest")
        if request.asked("action") != "initializeUpload" or not isinstance(wanted, dict) or set(wanted) != {"owner"}:
            raise RefusedError(400, "ILLEGAL_ARGUMENT", "initializeUpload needs initializeUploadRequest with an owner")
        owner = str(wanted["owner"])
        self._access.check_author(member, scopes, owner, reads=False, what="images.ACTION-initializeUpload")
        number, key = f"D4E{secrets.token_hex(8).upper()}", secrets.token_urlsafe(16)
        until = now() + _UPLOAD_FOR
        image = {"owner": owner, "sha256": "", "mime": "", "key": key, "until": until.isoformat(), "polls": 0}
        self._kept["images"][number] = image
        self._store.save()
        value = {
            "uploadUrlExpiresAt": _milliseconds(until),
            "uploadUrl": f"{request.origin}/dms-uploads/{number}/uploaded-image/0?ut={key}",
            "image": f"urn:li:image:{number}",
        }
        return as_json({"value": value})

    def _upload(self, request: Request, number: str) -> Answer:
        """The address itself allows it, for a day; the token is looked at where one is brought."""
        image = self._kept["images"].get(number)
        if image is None or request.asked("ut") != image["key"] or datetime.fromisoformat(image["until"]) <= now():
            raise RefusedError(403, "ACCESS_DENIED", "The upload address is not good any more")
        if request.headers.get("authorization"):
            self._access.asking(request)
        image["mime"] = image_mime(request.body)
        image["sha256"] = self._store.put_image(request.body)
        image["polls"] = self.behaviour["image_polls"]
        self._store.save()
        return Answer(201, b"")

    def _image(self, request: Request, member: str, scopes: frozenset[str], named: str) -> Answer:
        image = self._kept["images"].get(named.removeprefix("urn:li:image:"))
        if image is None:
            raise RefusedError(404, "NOT_FOUND", "Could not find entity")
        self._access.check_author(member, scopes, image["owner"], reads=False, what="images.GET")
        if self.behaviour["image_status_refused"]:
            raise no_access("images.GET.20260501")
        status = self._status(image)
        image["polls"] = max(0, image["polls"] - 1)
        self._store.save()
        return as_json({"id": named, "owner": image["owner"], "status": status})

    def _status(self, image: dict[str, Any]) -> str:
        if not image["sha256"]:
            return "WAITING_UPLOAD"
        if self.behaviour["image_fails"] or image["mime"] not in _TYPES:
            return "PROCESSING_FAILED"
        return "PROCESSING" if image["polls"] else "AVAILABLE"

    def _picture(self, request: Request, number: str) -> Answer:
        image = self._kept["images"].get(number)
        if image is None or not image["sha256"]:
            return self.missing(request)
        headers = {"x-content-type-options": "nosniff"}
        return Answer(200, self._store.image(image["sha256"]), image["mime"], headers)

    # posts

    def _post(self, request: Request, member: str, scopes: frozenset[str]) -> Answer:
        post = _body(request)
        check_post(post)
        self._access.check_author(member, scopes, post["author"], reads=False, what=f"{_POSTS}.CREATE")
        hashes = [self._usable(urn, post["author"]) for urn in image_ids(post.get("content", {}))]
        self._spend(post["author"])
        mark = fingerprint(post, hashes)
        self._refuse_duplicate(mark)
        kind = "ugcPost" if "multiImage" in post.get("content", {}) else "share"
        urn = f"urn:li:{kind}:{self._next_id()}"
        kept = {**post, "commentary": kept_text(post["commentary"]), "id": urn, "made_at": now().isoformat()}
        self._kept["posts"][urn] = kept
        self._kept["taken"][mark] = {"urn": urn, "until": self._duplicate_until()}
        self._store.save()
        return Answer(201, b"", headers={"x-restli-id": urn, "location": f"/rest/posts/{urn}"})

    def _usable(self, urn: str, author: str) -> str:
        """The image's hash. RefusedError unless it is uploaded, ready and the author's own."""
        image = self._kept["images"].get(urn.removeprefix("urn:li:image:"))
        if image is None or not urn.startswith("urn:li:image:"):
            raise RefusedError(400, "INVALID_URN_ID", f"{urn} is no image")
        if image["owner"] != author:
            raise RefusedError(400, "INVALID_CONTENT_OWNERSHIP", f"{urn} is not owned by the author")
        status = self._status(image)
        if status != "AVAILABLE":
            raise RefusedError(400, f"MEDIA_ASSET_{status}", f"{urn} is not ready to be posted")
        return str(image["sha256"])

    def _spend(self, author: str) -> None:
        """One of the day's posts, refused ones too. No header tells of it."""
        day, used = now().date().isoformat(), self._kept["used"]
        count = used.get(author, {}).get(day, 0)
        if count >= self.behaviour["daily_posts"]:
            message = "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls to this resource is reached."
            raise RefusedError(429, "TOO_MANY_REQUESTS", message, serviceErrorCode=101)
        used[author] = {day: count + 1}

    def _refuse_duplicate(self, mark: str) -> None:
        taken = self._kept["taken"].get(mark)
        if taken is None or datetime.fromisoformat(taken["until"]) <= now():
            return
        urn = taken["urn"]
        if urn not in self._kept["posts"]:
            if not self.behaviour["ghost_duplicates"]:
                return
            urn = f"urn:li:share:{self._next_id()}"  # another one that is not there, each time
        message = f"com.linkedin.content.common.exception.BadRequestResponseException: Content is a duplicate of {urn}"
        error = {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
        raise RefusedError(422, "", message, errorDetails={"inputErrors": [error]})

    def _duplicate_until(self) -> str:
        return (now() + timedelta(minutes=self.behaviour["duplicate_minutes"])).isoformat()

    def _read(self, request: Request, member: str, scopes: frozenset[str], named: str) -> Answer:
        post = self._found(named)
        if self.behaviour["read_back_refused"]:
            raise no_access(f"{_POSTS}.GET.20260501")
        self._access.check_author(member, scopes, post["author"], reads=True, what=f"{_POSTS}.GET")
        return as_json(_shown(post))

    def _listed(self, request: Request, member: str, scopes: frozenset[str]) -> Answer:
        author = request.asked("author")
        if request.asked("q") != "author" or request.asked("sortBy", "CREATED") not in ("CREATED", "LAST_MODIFIED"):
            raise RefusedError(400, "ILLEGAL_ARGUMENT", "Only q=author is known, sorted by CREATED or LAST_MODIFIED")
        if not author.startswith(ORGANIZATION):
            raise no_access(f"{_POSTS}.FINDER-author")
        self._access.check_author(member, scopes, author, reads=True, what=f"{_POSTS}.FINDER-author")
        until = now() - timedelta(seconds=self.behaviour["listing_lag_seconds"])
        mine = [post for post in self._kept["posts"].values() if post["author"] == author]
        mine = [post for post in mine if datetime.fromisoformat(post["made_at"]) <= until]
        mine.sort(key=lambda post: int(post["id"].rpartition(":")[2]), reverse=True)
        start, count = (_number(request.asked(name), otherwise) for name, otherwise in (("start", 0), ("count", 10)))
        shown = [_shown(post) for post in mine[start : start + min(count, 100)]]
        return as_json({"paging": {"start": start, "count": count, "links": []}, "elements": shown})

    def _delete(self, request: Request, member: str, scopes: frozenset[str], named: str) -> Answer:
        post = self._found(named)
        self._access.check_author(member, scopes, post["author"], reads=False, what=f"{_POSTS}.DELETE")
        del self._kept["posts"][named]
        self._store.save()
        return Answer(204, b"")

    def _found(self, urn: str) -> dict[str, Any]:
        post: dict[str, Any] | None = self._kept["posts"].get(urn)
        if post is None:
            raise RefusedError(404, "NOT_FOUND", "Could not find entity")
        return post

    def _next_id(self) -> str:
        number = max(int(now().timestamp() * 1_000) << 22, self._kept["last_id"] + 1)
        self._kept["last_id"] = number
        return str(number)


def _shown(post: Mapping[str, Any]) -> dict[str, Any]:
    made = _milliseconds(datetime.fromisoformat(post["made_at"]))
    told = {name: value for name, value in post.items() if name != "made_at"}
    return {**told, "createdAt": made, "publishedAt": made, "lastModifiedAt": made}


def _body(request: Request) -> dict[str, Any]:
    is_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    if not is_json or not request.fields:
        raise RefusedError(400, "ILLEGAL_ARGUMENT", "Request body could not be converted to data map")
    return request.fields


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


def _number(told: str, otherwise: int) -> int:
    return int(told) if told.isdigit() else otherwise
