"""Slack as this project uses it: the secret, three methods of its Web API, and the signature of what it sends us.

    MeshError
    ├── Doubt
    │   ├── Throttled      429, or ``ratelimited``; ``after_seconds`` as Slack said
    │   └── Unreachable    no connection, a timeout, 5xx, an answer that is none, ``internal_error`` and its like
    ├── Misconfigured      the secret lacks a field
    └── SlackRefused       an error of Slack's that stays; ``code`` is Slack's own
        └── PicturesRefused    it could not fetch a picture, or takes it for none: the message may go without

Methods and errors: docs.slack.dev/reference/methods; the signature: docs.slack.dev/authentication/verifying-requests-from-slack.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, ValidationError, field_validator

from mesh.errors import MeshError, Misconfigured, Throttled, Unreachable
from mesh.models import Deferred

if TYPE_CHECKING:
    import httpx

SLACK = "https://slack.com"
CLOCK_WINDOW = timedelta(minutes=5)
_TIMEOUT_SECONDS, _CONNECT_SECONDS = 8.0, 2.0  # Slack fetches the pictures before it answers
_ANSWER_LIMIT_BYTES = 1_000_000
_THROTTLES = {"ratelimited", "rate_limited"}
_PASSING = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
_SENTENCES = {
    "is_archived": "the channel is archived",
    "channel_not_found": "the channel is not there for the app; invite the app to it",
    "not_in_channel": "the app is not in the channel; invite it there",
    "token_revoked": "the app's token was revoked; install the app again",
    "token_expired": "the app's token has expired; install the app again",
    "invalid_auth": "the app's token is not accepted; install the app again",
    "not_authed": "the app's token is missing",
    "account_inactive": "the app was removed from the workspace; install it again",
    "missing_scope": "the app may not write; add its scopes as in the manifest and install it again",
    "restricted_action": "the workspace does not let the app post in this channel",
}


class SlackRefused(MeshError):
    """Slack said no, and will say so again. The message is for the owner, after "Slack: "."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(_SENTENCES.get(code, f"it refused the message ({code[:60]})"))
        self.code = code
        self.detail = detail


class PicturesRefused(SlackRefused):
    """A picture's address did not give Slack a picture."""


class SlackSettings(Deferred):
    """The secret. ``users`` maps a member's id to the recipient's mail address; ``api_origin`` is another one on one computer only."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")

    bot_token: str = Field(min_length=1, repr=False)
    signing_secret: str = Field(min_length=1, repr=False)
    channel: str = Field(min_length=1)
    users: dict[str, str] = Field(default_factory=dict)
    api_origin: str = SLACK

    @field_validator("api_origin")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Misconfigured names every field that is missing or wrong, and shows none of their values."""
        try:
            return cls.model_validate(dict(document))
        except ValidationError as error:
            names = ", ".join(sorted({str(part["loc"][0]) for part in error.errors()}))
            raise Misconfigured(f"the Slack secret lacks or has a wrong value for: {names}") from None

    def address_of(self, user_id: str) -> str:
        """The recipient behind a member; "" for one who is not mapped."""
        return self.users.get(user_id, "").strip()

    def may_be_answered(self, response_url: str) -> bool:
        """An address of Slack's own for answers: the API's origin, or ``hooks.`` before its host."""
        try:
            asked, api = urlsplit(response_url), urlsplit(self.api_origin)
        except ValueError:
            return False
        return asked.scheme == api.scheme and asked.netloc in {api.netloc, f"hooks.{api.netloc}"}


@dataclass(frozen=True)
class Posted:
    """Where a message stands: what ``chat.update`` wants to be told."""

    channel: str
    ts: str


class Slack:
    """One workspace. One request per call, no retries: what is not taken is raised."""

    def __init__(self, settings: SlackSettings, http: httpx.Client) -> None:
        self.settings = settings
        self._http = http

    def close(self) -> None:
        self._http.close()

    def post(self, text: str, blocks: Sequence[Mapping[str, Any]]) -> Posted:
        """``text`` is what a notification shows. Nothing in the message is unfurled: that would fetch its links."""
        told = {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
        answer = self._call(
            "chat.postMessage",
            {"channel": self.settings.channel, "text": escaped(text), "blocks": list(blocks), **told},
        )
        try:
            return Posted(str(answer["channel"]), str(answer["ts"]))
        except KeyError as error:
            raise Unreachable("Slack: an answer without the message's place") from error

    def update(self, place: Posted, text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
        self._call(
            "chat.update",
            {"channel": place.channel, "ts": place.ts, "text": escaped(text), "blocks": list(blocks)},
        )

    def _call(self, method: str, body: Mapping[str, Any]) -> dict[str, Any]:
        import httpx

        headers = {"authorization": f"Bearer {self.settings.bot_token}"}
        timeout = httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS)
        url = f"{self.settings.api_origin}/api/{method}"
        try:
            answer = self._http.post(url, json=dict(body), headers=headers, timeout=timeout)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(f"Slack {method}: {type(error).__name__}") from error
        if answer.status_code == 429:
            raise Throttled(f"Slack {method}: 429", _seconds(answer.headers.get("retry-after", "")))
        if answer.status_code >= 500 or len(answer.content) > _ANSWER_LIMIT_BYTES:
            raise Unreachable(f"Slack {method}: {answer.status_code}")
        try:
            said = answer.json()
        except (ValueError, RecursionError) as error:
            raise Unreachable(f"Slack {method}: {answer.status_code} without JSON") from error
        if not isinstance(said, dict) or "ok" not in said:
            raise Unreachable(f"Slack {method}: an answer that is none")
        if said["ok"] is not True:
            raise _refusal(method, said)
        return said


def _refusal(method: str, said: Mapping[str, Any]) -> MeshError:
    code = str(said.get("error", ""))
    if code in _THROTTLES:
        return Throttled(f"Slack {method}: {code}")
    if code in _PASSING:
        return Unreachable(f"Slack {method}: {code}")
    metadata = said.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    detail = " ".join(str(message) for message in messages) if isinstance(messages, list) else ""
    # "downloading image failed [json-pointer:/blocks/0/image_url]" (slackapi/python-slack-sdk, issue 1782)
    if code == "invalid_blocks" and "image" in detail:
        return PicturesRefused(code, detail)
    return SlackRefused(code, detail)


def _seconds(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


def escaped(text: str) -> str:
    """A message's ``text`` with the three characters that Slack reads as its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """``v0=`` and the HMAC SHA-256 of ``v0:<timestamp>:<body>``."""
    message = b"v0:" + timestamp.encode() + b":" + body
    return f"v0={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def signed_by_slack(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether Slack sent exactly these bytes within five minutes of now. ``headers`` in lower case; never raises, whatever is in them."""
    timestamp = headers.get("x-slack-request-timestamp", "")
    given = headers.get("x-slack-signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > CLOCK_WINDOW.total_seconds():
        return False
    expected = signature(secret, timestamp, body)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
