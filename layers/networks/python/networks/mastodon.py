"""Mastodon: bearer token, media first, then one status with an ``Idempotency-Key``.

The server keeps that key for an hour and answers a repetition with the first status; some of its kin ignore it. So
whoever repeats after more than a minute looks first, here, whatever the caller knows. ``X-RateLimit-Reset`` is ISO-8601
on Mastodon. Limits are the server's defaults (docs.joinmastodon.org, ``/api/v2/instance``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from networks import outcomes
from networks.drafts import Composing, link_below, measured, shared_problems, too_long
from networks.http import Answer, Budget, LineTrouble, NotSent, Stopped, ask, is_token, pinned_origin
from networks.mastodon_text import counted_length, find_server_mentions, html_words
from networks.model import (
    NO_NOTES,
    NOTHING_KEPT,
    Account,
    AfterUnknown,
    AttemptKey,
    Blobs,
    Confirm,
    Declared,
    Draft,
    Finding,
    Image,
    Learned,
    Limit,
    Mark,
    Measure,
    Notes,
    Of,
    Outcome,
    Pause,
    Presence,
    Problem,
    Rendition,
    Result,
    always_open,
)
from networks.text import Span, apart, find_links, find_tags, same_words

if TYPE_CHECKING:
    import httpx

LABEL = "Mastodon"
LOOK_SECONDS = 10.0
LOOK_FIRST_AFTER = timedelta(minutes=1)
CLOCK_SLACK = timedelta(minutes=2)
PAGE_SIZE = 40
PAGES = 5
_TOLD = {
    Of.TEXT: ("statuses", "max_characters"),
    Of.LINK_LENGTH: ("statuses", "characters_reserved_per_url"),
    Of.IMAGES: ("statuses", "max_media_attachments"),
    Of.IMAGE_BYTES: ("media_attachments", "image_size_limit"),
    Of.IMAGE_PIXELS: ("media_attachments", "image_matrix_limit"),
    Of.ALT: ("media_attachments", "description_limit"),
}
_NO_NOW = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Mastodon(Composing):
    media_poll_seconds: float = 1.0

    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        """Graphemes, an address as 23, ``@user@host`` as ``@user``; a link stands below the text, images or not."""
        return self._measure(link_below(text, link))

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["status"]`` are the status's own fields but for the media ids."""
        shown = link_below(draft.text, draft.link)
        problems = (
            *too_long(self.declared, self._measure(shown)),
            *shared_problems(self.declared, draft),
        )
        if problems:
            return problems
        card = draft.card if not draft.images else None
        return Rendition(shown, {"status": {"status": shown, "visibility": "public"}}, draft.images, card)

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        """A name with its server, the whole of it."""
        return apart([*find_links(text), *find_tags(text), *find_server_mentions(text)])

    def learn(self, http: httpx.Client, host: str, text: str) -> Learned | None:
        """The server's own limits from ``/api/v2/instance``, or ``/api/v1/instance`` where that is all it has."""
        origin = pinned_origin(host)
        for version in ("v2", "v1") if origin else ():
            try:
                answer = ask(http, "GET", f"{origin}/api/{version}/instance", timeout_seconds=LOOK_SECONDS)
            except (LineTrouble, Stopped):
                return None
            if answer.status == 200 and (limits := _own_limits(answer)):
                return Learned(limits)
            if answer.status not in (200, 404):
                return None
        return Learned() if origin else None

    def publish(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        blobs: Blobs,
        now: datetime,
        confirm: Confirm = always_open,
        notes: Notes = NO_NOTES,
    ) -> Outcome:
        """Media, ``confirm`` after those, then the status once. A repetition (the key is older than a minute) looks first."""
        try:
            origin, token = _door(account)
            if now - key.created_at > LOOK_FIRST_AFTER:
                self._stop_if_there(http, account, rendition, key)
            budget = Budget(self.declared.publish_timeout_seconds)
            media = [
                self._upload(http, origin, token, image, blobs(image.sha256), now, budget) for image in rendition.images
            ]
        except Stopped as stop:
            return stop.outcome
        if rendition.images and (why := confirm()):
            return outcomes.closed(why)
        if budget.left_for_preparing_seconds <= 0:
            return outcomes.too_little_time(LABEL)
        body = {**rendition.payload["status"], **({"media_ids": media} if media else {})}
        try:
            answer = ask(
                http,
                "POST",
                f"{origin}/api/v1/statuses",
                timeout_seconds=budget.left_seconds,
                token=token,
                headers={"idempotency-key": key.value},
                json=body,
            )
        except NotSent:
            return outcomes.not_reached(LABEL)
        except LineTrouble as trouble:
            return outcomes.line_lost(LABEL, trouble)
        if answer.status == 200:
            return _posted(answer, account)
        return _refusal(answer, now, token, rendition.text) or outcomes.unmapped(LABEL, answer)

    def find(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        kept: Mapping[str, str] = NOTHING_KEPT,
    ) -> Finding:
        """Among the account's statuses since the first attempt: the same words and as many images."""
        since = key.created_at - CLOCK_SLACK
        try:
            origin, token = _door(account)
            for status in _statuses_since(http, origin, token, account.account_id, since):
                if _says_the_same(http, origin, token, status, rendition):
                    return Finding(Presence.PRESENT, _text(status, "id"), _text(status, "url"))
        except Stopped as stop:
            return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)
        except LineTrouble as trouble:
            return outcomes.not_asked(LABEL, trouble)
        return Finding(Presence.ABSENT)

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """Mastodon's tokens have no documented end and nothing to refresh them with."""
        return None

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """``verify_credentials``: alive, and the account the channel names."""
        try:
            origin, token = _door(account)
            address = f"{origin}/api/v1/accounts/verify_credentials"
            answer = outcomes.prepare(
                LABEL, "the sign-in", lambda: ask(http, "GET", address, timeout_seconds=LOOK_SECONDS, token=token)
            )
        except Stopped as stop:
            return stop.outcome
        if answer.status == 200 and answer.text_field("id"):
            if answer.text_field("id") != account.account_id:
                return outcomes.mismatch(LABEL, "the sign-in belongs to another account than the channel names.")
            return Outcome(Result.OK, remote_id=account.account_id, receipt={"handle": answer.text_field("acct")})
        if answer.status == 403:
            return outcomes.reauthorise(LABEL, answer.text_field("error") or "a permission is missing", token)
        refusal = _refusal(answer, _NO_NOW, token, "")
        if refusal is None or refusal.result is Result.REJECTED:
            return outcomes.not_prepared(LABEL, "the sign-in")
        return replace(refusal, retry_at=None)

    def _measure(self, shown: str) -> Measure:
        return measured(self.declared, counted_length(shown, self.declared.most(Of.LINK_LENGTH) or 0))

    def _stop_if_there(self, http: httpx.Client, account: Account, rendition: Rendition, key: AttemptKey) -> None:
        found = self.find(http, account, rendition, key)
        if found.presence is Presence.PRESENT:
            raise Stopped(Outcome(Result.OK, found.remote_id, found.url, receipt={"found": "before repeating"}))
        if found.presence is Presence.UNPROVABLE:
            raise Stopped(outcomes.lost(LABEL, "an earlier try cannot be looked for now"))

    def _upload(
        self, http: httpx.Client, origin: str, token: str, image: Image, content: bytes, now: datetime, budget: Budget
    ) -> str:
        """The media id, once the server is done with the image. Safe to repeat: unattached media expire."""

        def request(method: str, path: str, **parts: Any) -> Answer:
            return outcomes.prepare(
                LABEL,
                "an image",
                lambda: ask(
                    http, method, origin + path, timeout_seconds=budget.left_for_preparing_seconds, token=token, **parts
                ),
            )

        name = f"{image.sha256[:16]}.{image.mime.rpartition('/')[2]}"
        answer = request(
            "POST",
            "/api/v2/media",
            files={"file": (name, content, image.mime)},
            data={"description": image.alt.strip()},
        )
        media = answer.text_field("id")
        while answer.status in (202, 206) and media.isalnum():
            if budget.left_for_preparing_seconds <= self.media_poll_seconds:
                raise Stopped(outcomes.too_little_time(LABEL))
            time.sleep(self.media_poll_seconds)
            answer = request("GET", f"/api/v1/media/{media}")
        if answer.status == 200 and answer.text_field("id"):
            return answer.text_field("id")
        refusal = _refusal(answer, now, token, "")
        if refusal is None and answer.status == 403:
            refusal = outcomes.reauthorise(LABEL, answer.text_field("error") or "a permission is missing", token)
        if refusal is None and answer.status == 413:
            refusal = outcomes.rejected(LABEL, "an image is too big")
        raise Stopped(refusal or outcomes.not_prepared(LABEL, "an image"))


def _own_limits(answer: Answer) -> dict[Of, int]:
    """``configuration`` of ``/api/v2/instance``: only whole numbers are believed."""
    configuration = answer.fields.get("configuration")
    told: dict[Of, int] = {}
    for of, (part, name) in _TOLD.items():
        section = configuration.get(part) if isinstance(configuration, dict) else None
        value = section.get(name) if isinstance(section, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            told[of] = value
    return told


def _door(account: Account) -> tuple[str, str]:
    """Origin and token, or a stop that pauses the channel."""
    origin, token = pinned_origin(account.host), account.credentials.get("access_token", "")
    if origin is None:
        raise Stopped(outcomes.mismatch(LABEL, "the channel's host is not a plain https address."))
    if not is_token(token):
        raise Stopped(outcomes.reauthorise(LABEL, "nothing to sign in with is stored"))
    return origin, token


def _posted(answer: Answer, account: Account) -> Outcome:
    """A 200 is a post only if it names one. A post under another account is out, and nothing more may follow it."""
    remote_id, url = answer.text_field("id"), answer.text_field("url") or answer.text_field("uri")
    if not remote_id or urlsplit(url).scheme not in ("http", "https"):
        return outcomes.unmapped(LABEL, answer)
    author = answer.fields.get("account")
    if isinstance(author, dict) and author.get("id") != account.account_id:
        detail = f"{LABEL} posted this under another account than the channel names."
        return Outcome(Result.OK, remote_id, url, detail, pause=Pause.MISMATCH)
    return Outcome(Result.OK, remote_id, url, receipt={"created_at": answer.text_field("created_at")})


def _refusal(answer: Answer, now: datetime, token: str, text: str) -> Outcome | None:
    """What a documented refusal means; None for every answer that proves nothing. A 400 needs the API's words."""
    words = answer.text_field("error")
    if answer.status == 429:
        return outcomes.rate_limited(LABEL, answer, now)
    if answer.status == 401 and words:
        return outcomes.reauthorise(LABEL, words, token, text)
    if answer.status in (400, 422) and words:
        return outcomes.rejected(LABEL, words, token, text)
    return None


def _statuses_since(
    http: httpx.Client, origin: str, token: str, account_id: str, since: datetime
) -> Iterator[Mapping[str, Any]]:
    """The account's own statuses, newest first, back to ``since``. Stopped where the list cannot be read that far."""
    params: dict[str, str | int] = {"limit": PAGE_SIZE, "exclude_reblogs": "true"}
    address = f"{origin}/api/v1/accounts/{account_id}/statuses"
    if not account_id.isalnum():
        raise Stopped(outcomes.mismatch(LABEL, "the channel's account id is no account id."))
    for _ in range(PAGES):
        answer = ask(http, "GET", address, timeout_seconds=LOOK_SECONDS, token=token, params=params)
        page = answer.json
        if answer.status != 200 or not isinstance(page, list):
            raise Stopped(outcomes.not_prepared(LABEL, "the look"))
        if not page:
            return
        for status in page:
            created_at = _created_at(status)
            if created_at is None:
                raise Stopped(outcomes.not_prepared(LABEL, "the look"))
            if created_at < since:
                return
            yield status
        params["max_id"] = _text(page[-1], "id")
    raise Stopped(outcomes.not_prepared(LABEL, "the look: too many posts since"))


def _says_the_same(
    http: httpx.Client, origin: str, token: str, status: Mapping[str, Any], rendition: Rendition
) -> bool:
    """By the shown words, else by the source, which keeps what the rendering hides (a mention's host)."""
    media = status.get("media_attachments")
    if isinstance(media, list) and len(media) != len(rendition.images):
        return False
    if same_words(html_words(_text(status, "content")), rendition.text):
        return True
    remote_id = _text(status, "id")
    if not remote_id.isalnum():
        raise Stopped(outcomes.not_prepared(LABEL, "the look"))
    answer = ask(http, "GET", f"{origin}/api/v1/statuses/{remote_id}/source", timeout_seconds=LOOK_SECONDS, token=token)
    if answer.status != 200 or "text" not in answer.fields:
        raise Stopped(outcomes.not_prepared(LABEL, "the look"))
    return same_words(answer.text_field("text"), rendition.text)


def _created_at(status: Any) -> datetime | None:
    told = _text(status, "created_at") if isinstance(status, dict) else ""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _text(status: Mapping[str, Any], name: str) -> str:
    found = status.get(name)
    return found if isinstance(found, str) else ""


NETWORK = Mastodon(
    Declared(
        name="mastodon",
        label=LABEL,
        limits={
            Of.TEXT: Limit(500, "characters", "Mastodon", Mark.DOCUMENTED, "graphemes; @user@host counts as @user"),
            Of.LINK_LENGTH: Limit(23, "characters", "Mastodon", Mark.DOCUMENTED),
            Of.IMAGES: Limit(4, "images", "Mastodon", Mark.DOCUMENTED),
            Of.IMAGE_BYTES: Limit(16_777_216, "bytes", "Mastodon", Mark.DOCUMENTED),
            Of.IMAGE_PIXELS: Limit(33_177_600, "pixels", "Mastodon", Mark.DOCUMENTED),
            Of.ALT: Limit(1_500, "characters", "Mastodon", Mark.DOCUMENTED),
        },
        image_mimes=("image/jpeg", "image/png", "image/webp"),
        counted="Graphemes, a link as 23, @user@host as @user. The account's own server is asked for its limits first.",
        after_unknown=AfterUnknown.REPEAT_SAME,
        settle=timedelta(minutes=2),
        publish_timeout_seconds=35,
        proves=frozenset({Presence.PRESENT, Presence.ABSENT}),
        repeat_within=timedelta(hours=1),
    )
)
