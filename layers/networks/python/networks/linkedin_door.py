"""LinkedIn's door: the headers every request needs, whose the sign-in is, and what its refusals mean.

An error of LinkedIn's own is a JSON object with ``status`` (the same as the answer's) and ``message``, mostly with ``code`` or
``serviceErrorCode``: nothing else proves a refusal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from networks import outcomes
from networks.http import Answer, Stopped, ask, is_loopback, is_token, pinned_origin, plain, reset_time
from networks.model import Account, Outcome, Pause, Rendition, Result

if TYPE_CHECKING:
    import httpx

LABEL = "LinkedIn"
LOOK_SECONDS = 8.0
API_VERSION: Final = "202605"
"""Sent as ``Linkedin-Version`` where the secret's credentials have no ``api_version`` of their own. LinkedIn lets a version go
about a year after its month: learn.microsoft.com/linkedin/marketing/versioning."""

_ORGANIZATION = "urn:li:organization:"
_AUTHOR = re.compile(r"urn:li:(?:person|organization):[A-Za-z0-9_-]+")
_VERSION = re.compile(r"\d{6}(?:\.\d{2})?")
_ROLES = frozenset({"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "DIRECT_SPONSORED_CONTENT_POSTER", "RECRUITING_POSTER"})
_MOST_ORGANIZATIONS = 100
_QUOTED_FROM = 12  # a line of the text this long is not repeated, should LinkedIn quote it


@dataclass(frozen=True)
class Door:
    """Where and as whom LinkedIn is asked. ``never`` are the strings that no sentence may repeat."""

    http: httpx.Client = field(repr=False)
    origin: str
    account: Account
    never: tuple[str, ...] = field(default=(), repr=False)

    @property
    def author(self) -> str:
        return self.account.account_id

    @property
    def is_organization(self) -> bool:
        return self.author.startswith(_ORGANIZATION)

    @property
    def is_local(self) -> bool:
        return is_loopback(urlsplit(self.origin).hostname or "")

    def ask(
        self, method: str, path: str, timeout_seconds: float, headers: Mapping[str, str] | None = None, **content: Any
    ) -> Answer:
        """One request to the API, with what all of them need. NotSent and Lost are all it raises."""
        told = self.account.credentials.get("api_version", "")
        needed = {
            "linkedin-version": told if _VERSION.fullmatch(told) else API_VERSION,
            "x-restli-protocol-version": "2.0.0",
            **(headers or {}),
        }
        return self.ask_at(method, self.origin + path, timeout_seconds, needed, **content)

    def ask_at(
        self, method: str, address: str, timeout_seconds: float, headers: Mapping[str, str], **content: Any
    ) -> Answer:
        """One request to an address that has been checked before: the token goes with it."""
        token = self.account.credentials["access_token"]
        return ask(self.http, method, address, timeout_seconds=timeout_seconds, token=token, headers=headers, **content)


def door_of(http: httpx.Client, account: Account, rendition: Rendition | None = None) -> Door:
    """Stopped, with a pause, where there is nobody to ask or nothing to ask with."""
    origin = pinned_origin(account.host)
    if origin is None:
        raise Stopped(outcomes.mismatch(LABEL, "the channel's host is not a plain https address."))
    if not _AUTHOR.fullmatch(account.account_id):
        sentence = "the channel's account must read urn:li:person:… or urn:li:organization:…."
        raise Stopped(outcomes.mismatch(LABEL, sentence))
    if not is_token(account.credentials.get("access_token", "")):
        raise Stopped(outcomes.reauthorise(LABEL, "nothing to sign in with is stored"))
    return Door(http, origin, account, tuple(_never(account, rendition)))


def may_upload_to(door: Door, address: str) -> bool:
    """Whether an upload address that LinkedIn named is its own: the token and the image go nowhere else."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if is_loopback(host):
        return door.is_local and parts.scheme in ("http", "https")
    return parts.scheme == "https" and port in (None, 443) and f".{host}".endswith(".linkedin.com")


def own_words(answer: Answer) -> str:
    """What LinkedIn itself says of an error; "" for an error of somebody else."""
    return answer.text_field("message") if answer.fields.get("status") == answer.status else ""


def refusal(door: Door, answer: Answer, now: datetime) -> Outcome | None:
    """What a documented refusal means; None for every answer that proves nothing, and for a duplicate, which may be our own."""
    words, code = own_words(answer), answer.text_field("code")
    if not words:
        return None
    if answer.status == 426 or code == "NONEXISTENT_VERSION":
        return _version_gone(door)
    if answer.status == 429:
        return Outcome(
            Result.RETRYABLE,
            detail=f"{LABEL} takes no more posts for now: its limit is used up, and starts anew at midnight UTC.",
            retry_at=reset_time(answer.headers, now) or _midnight_after(now),
        )
    if answer.status == 401:
        if is_token(door.account.credentials.get("refresh_token", "")):
            return outcomes.expired(LABEL)
        return outcomes.reauthorise(LABEL, words, *door.never)
    if answer.status in (400, 403, 422) and not is_duplicate(answer):
        return outcomes.rejected(LABEL, words, *door.never)
    return None


def is_duplicate(answer: Answer) -> bool:
    """A refusal that says "Content is a duplicate of urn:li:share:…", or has DUPLICATE_POST among its input errors."""
    return answer.status in (400, 409, 422) and "duplicate" in json.dumps(answer.fields).lower()


def refused(door: Door, answer: Answer, now: datetime, timeout_seconds: float) -> Outcome | None:
    """As ``refusal``; where a permission is missing it is asked whether the sign-in is the channel's at all."""
    found = refusal(door, answer, now)
    if found is not None and answer.status == 403 and timeout_seconds > 0:
        standing = alive(door, now, min(LOOK_SECONDS, timeout_seconds))
        if standing.pause:
            return standing
    return found


def alive(door: Door, now: datetime, timeout_seconds: float = LOOK_SECONDS) -> Outcome:
    """``ok`` where the sign-in works and is the channel's; else why not. Changes nothing."""
    try:
        if door.is_organization:
            return _may_post_for(door, _organizations(door, timeout_seconds), now)
        outcome = _is_member(door, _member(door, timeout_seconds), now)
        if outcome.result is Result.OK:
            # Signing in knows no versions: any versioned request tells whether ours still is one, whatever else it says.
            versioned = refusal(door, _organizations(door, timeout_seconds), now)
            return versioned if versioned is not None and versioned.pause is Pause.API_VERSION else outcome
    except Stopped as stop:
        return stop.outcome
    return outcome


def _member(door: Door, timeout_seconds: float) -> Answer:
    address = f"{door.origin}/v2/userinfo"
    return outcomes.prepare(LABEL, "the sign-in", lambda: door.ask_at("GET", address, timeout_seconds, {}))


def _organizations(door: Door, timeout_seconds: float) -> Answer:
    wanted = {"q": "roleAssignee", "state": "APPROVED", "count": str(_MOST_ORGANIZATIONS)}
    path, method = "/rest/organizationAcls", {"x-restli-method": "FINDER"}
    return outcomes.prepare(LABEL, "the sign-in", lambda: door.ask("GET", path, timeout_seconds, method, params=wanted))


def _is_member(door: Door, answer: Answer, now: datetime) -> Outcome:
    sub = answer.text_field("sub")
    if answer.status != 200 or not sub:
        return _not_alive(door, answer, now)
    if f"urn:li:person:{sub}" != door.author:
        return outcomes.mismatch(LABEL, "the sign-in belongs to another account than the channel names.")
    return Outcome(Result.OK, remote_id=door.author, receipt={"name": plain(answer.text_field("name"))})


def _may_post_for(door: Door, answer: Answer, now: datetime) -> Outcome:
    """``elements`` of organizationAcls: ``organization``, ``role`` and ``state`` of each page the member has a part in."""
    elements = answer.fields.get("elements")
    if answer.status != 200 or not isinstance(elements, list):
        return _not_alive(door, answer, now)
    for one in elements:
        part = one if isinstance(one, dict) and one.get("organization") == door.author else {}
        if part.get("state") == "APPROVED" and part.get("role") in _ROLES:
            return Outcome(Result.OK, remote_id=door.author)
    if len(elements) >= _MOST_ORGANIZATIONS:
        return outcomes.not_prepared(LABEL, "the sign-in")  # it may be on a further page
    return outcomes.mismatch(LABEL, "the sign-in may not post for the page that the channel names.")


def _not_alive(door: Door, answer: Answer, now: datetime) -> Outcome:
    if answer.status == 403 and own_words(answer):
        return outcomes.reauthorise(LABEL, own_words(answer), *door.never)
    found = refusal(door, answer, now)
    return outcomes.not_prepared(LABEL, "the sign-in") if found is None or found.result is Result.REJECTED else found


def _version_gone(door: Door) -> Outcome:
    detail = (
        f"{LABEL} has switched off the version of its API that is used here: update the scheduler, or store a newer version "
        "(as 202610) as api_version with the channel's sign-in."
    )
    return Outcome(Result.RETRYABLE, detail=detail, pause=Pause.API_VERSION)


def _midnight_after(now: datetime) -> datetime:
    """Daily limits are reset at midnight UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _never(account: Account, rendition: Rendition | None) -> Iterator[str]:
    """Secrets, and the post's texts as LinkedIn might quote them: as sent, as JSON, by lines."""
    yield from (
        value for name, value in account.credentials.items() if name not in ("expires_at", "api_version", "client_id")
    )
    if rendition is None:
        return
    yield from (image.alt.strip() for image in rendition.uploads)
    for text in (rendition.text, str(rendition.payload["post"]["commentary"])):
        yield text
        yield from (json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True))
        yield from sorted((line for line in text.splitlines() if len(line) >= _QUOTED_FROM), key=len, reverse=True)
