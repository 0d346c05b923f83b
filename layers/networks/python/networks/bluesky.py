"""Bluesky: posts are records in the account's own repository, written with a derived key, so that repeats are harmless.

Facts: ``putRecord`` with a fixed ``createdAt`` and ``swapRecord: null`` answers 200 with the same cid for the
identical record and 400 ``InvalidSwap`` for a different one (measured against a real PDS); 300 graphemes and 3,000
bytes, images of 2,000,000 bytes and facets in UTF-8 byte offsets (lexicons ``app.bsky.feed.post``,
``app.bsky.embed.images``, ``app.bsky.richtext.facet``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from networks import outcomes
from networks.bluesky_session import (
    LABEL,
    access_token,
    check_session,
    create_session,
    documented_refusal,
    error_name,
    refresh_session,
    secrets_of,
    session_answer,
    xrpc,
)
from networks.drafts import Composing, measured, own_card, shared_problems, too_long, with_link
from networks.http import (
    Answer,
    Budget,
    LineTrouble,
    NotSent,
    Stopped,
    ask,
    is_loopback,
    is_token,
    pinned_origin,
)
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
    Presence,
    Problem,
    Rendition,
    Result,
    always_open,
)
from networks.text import (
    Span,
    apart,
    find_links,
    find_mentions,
    find_tags,
    grapheme_count,
    holds_link,
    tappable_in,
    tidy,
    utf8_bytes,
)
from networks.tid import derived_tid

if TYPE_CHECKING:
    import httpx

TAG_LIMIT = 64
TAG_LIMIT_BYTES = 640
MENTIONS_ASKED = 10
COLLECTION = "app.bsky.feed.post"
LOOK_SECONDS = 10.0
_HANDLE = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}", re.IGNORECASE)
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,500}")


@dataclass(frozen=True)
class Bluesky(Composing):
    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        """Graphemes; bytes where only those are over. A link costs nothing as a card, unless there are images."""
        shown = tidy(text)
        if link and image_count and not holds_link(shown, link):
            shown = with_link(shown, link)
        characters, size = self._measures(shown)
        return size if size.over and not characters.over else characters

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["record"]`` is the record but for ``createdAt`` and the uploaded images' handles."""
        text, link = tidy(draft.text), tidy(draft.link)
        appended, card = "", ""
        if link and not holds_link(text, link):
            appended, card = (link, "") if draft.images else ("", link)
        shown = with_link(text, appended) if appended else text
        problems = (*too_long(self.declared, *self._measures(shown)), *shared_problems(self.declared, draft))
        if problems:
            return problems
        record: dict[str, Any] = {"$type": COLLECTION, "text": shown}
        facets = _facets(shown, appended, draft.mentions)
        if facets:
            record["facets"] = facets
        if draft.images:
            record["embed"] = {"$type": "app.bsky.embed.images", "images": [_image(image) for image in draft.images]}
        below = own_card(card, draft.card) if card else None
        if below is not None:
            external = {"uri": below.url, "title": below.title, "description": below.description}
            record["embed"] = {"$type": "app.bsky.embed.external", "external": external}
        return Rendition(shown, {"record": record}, draft.images, below)

    def remarks(self, draft: Draft) -> tuple[Problem, ...]:
        """Names that look like an account here and are none."""
        return tuple(
            Problem("mention-unknown", f"{LABEL} knows no account @{name}: it stays plain text.")
            for name in dict.fromkeys(_handles(draft.text))
            if name not in draft.mentions
        )

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        """The record's facets, as code points: Bluesky looks for nothing itself."""
        if "record" not in payload:
            return tappable_in(text)
        raw = text.encode()
        spans = []
        for facet in payload["record"].get("facets", ()):
            edges = (facet["index"][edge] for edge in ("byteStart", "byteEnd"))
            start, end = (len(raw[:edge].decode(errors="ignore")) for edge in edges)
            spans.append(Span(start, end, text[start:end]))
        return apart(spans)

    def learn(self, http: httpx.Client, host: str, text: str) -> Learned | None:
        """Each handle's DID by ``com.atproto.identity.resolveHandle``, which asks for no token."""
        origin = pinned_origin(host)
        found: dict[str, str] = {}
        for handle in list(dict.fromkeys(_handles(text)))[:MENTIONS_ASKED] if origin else ():
            try:
                answer = ask(
                    http,
                    "GET",
                    f"{origin}/xrpc/com.atproto.identity.resolveHandle",
                    timeout_seconds=LOOK_SECONDS,
                    params={"handle": handle},
                )
            except (LineTrouble, Stopped):
                return None
            did = answer.text_field("did")
            if answer.status == 200 and _DID.fullmatch(did):
                found[handle] = did
            elif answer.status != 400:
                return None
        return Learned(mentions=found)

    def confirms(self, rendition: Rendition) -> bool:
        return bool(rendition.uploads)

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
        """Session, uploads, ``confirm`` after those, then ``putRecord`` once. Only that last request can make an outcome ``unknown``."""
        try:
            origin = _origin(account)
            budget = Budget(self.declared.publish_timeout_seconds)
            token = access_token(http, origin, account, now, budget)
            handles = [
                _upload(http, origin, token, image, blobs(image.sha256), now, budget) for image in rendition.images
            ]
            thumbnail = rendition.card.thumbnail if rendition.card is not None else None
            if thumbnail is not None:
                handles.append(_upload(http, origin, token, thumbnail, blobs(thumbnail.sha256), now, budget))
        except Stopped as stop:
            return stop.outcome
        if handles and (why := confirm()):
            return outcomes.closed(why)
        if budget.left_for_preparing_seconds <= 0:
            return outcomes.too_little_time(LABEL)
        rkey = derived_tid(key)
        body = {
            "repo": account.account_id,
            "collection": COLLECTION,
            "rkey": rkey,
            "record": _record(rendition, handles, key),
            "swapRecord": None,
        }
        try:
            answer = ask(
                http,
                "POST",
                xrpc(origin, "repo.putRecord"),
                timeout_seconds=budget.left_seconds,
                token=token,
                json=body,
            )
        except NotSent:
            return outcomes.not_reached(LABEL)
        except LineTrouble as trouble:
            return outcomes.line_lost(LABEL, trouble)
        if answer.status == 200:
            return _posted(origin, account, rkey, answer)
        refusal = documented_refusal(answer, now, token, *secrets_of(account), rendition.text)
        return refusal or outcomes.unmapped(LABEL, answer, error_name(answer))

    def find(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        kept: Mapping[str, str] = NOTHING_KEPT,
    ) -> Finding:
        """``getRecord`` on the derived key, which is public: no token is sent."""
        rkey = derived_tid(key)
        where = {"repo": account.account_id, "collection": COLLECTION, "rkey": rkey}
        try:
            origin = _origin(account)
            answer = ask(http, "GET", xrpc(origin, "repo.getRecord"), timeout_seconds=LOOK_SECONDS, params=where)
        except Stopped as stop:
            return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)
        except LineTrouble as trouble:
            return outcomes.not_asked(LABEL, trouble)
        uri = _own_uri(account, rkey)
        if answer.status == 200 and answer.text_field("uri") == uri:
            value = answer.fields.get("value")
            if isinstance(value, dict) and value.get("createdAt") == _created_at(key):
                return Finding(Presence.PRESENT, uri, _address(origin, account, rkey))
            return Finding(Presence.UNPROVABLE, detail=f"Something else than this post sits at its place on {LABEL}.")
        if answer.status == 400 and error_name(answer) == "RecordNotFound":
            return Finding(Presence.ABSENT)
        return Finding(Presence.UNPROVABLE, detail=f"{LABEL} was asked, and its answer says nothing of it.")

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """A fresh pair by the refresh token, else by the app password, where the account has one. RenewalUnclear."""
        origin = pinned_origin(account.host)
        if origin is None:
            return None
        for request in (refresh_session, create_session):
            answer = outcomes.renewal(LABEL, partial(request, http, origin, account, timeout_seconds=LOOK_SECONDS))
            if answer is None:
                continue
            access, refreshing = answer.text_field("accessJwt"), answer.text_field("refreshJwt")
            if not (is_token(access) and is_token(refreshing) and answer.text_field("did")):
                raise outcomes.no_pair(LABEL)
            if answer.text_field("did") == account.account_id:
                fresh = {**account.credentials, "access_jwt": access, "refresh_jwt": refreshing}
                return replace(account, credentials=fresh)
        return None

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """``getSession`` with the stored token, else a new session by app password."""
        try:
            origin = _origin(account)
            answer = session_answer(http, origin, account, LOOK_SECONDS)
            check_session(answer, account, datetime.fromtimestamp(0, UTC))
        except Stopped as stop:
            return replace(stop.outcome, retry_at=None)
        if answer.fields.get("active") is False:
            return outcomes.reauthorise(LABEL, f"the account is {answer.text_field('status') or 'not active'}")
        return Outcome(Result.OK, remote_id=account.account_id, receipt={"handle": answer.text_field("handle")})

    def _measures(self, shown: str) -> tuple[Measure, Measure]:
        return (
            measured(self.declared, grapheme_count(shown)),
            measured(self.declared, utf8_bytes(shown), Of.TEXT_BYTES),
        )


def _handles(text: str) -> list[str]:
    """Names in a text that can be accounts here: a handle is a domain."""
    return [span.value.lower() for span in find_mentions(tidy(text)) if _HANDLE.fullmatch(span.value)]


def _facets(shown: str, appended: str, mentions: Mapping[str, str]) -> list[dict[str, Any]]:
    """Links, mentions and hashtags, by UTF-8 byte offsets, in the order they stand."""
    links = find_links(shown)
    if appended:
        start = len(shown) - len(appended)
        links = [link for link in links if link.start < start] + [Span(start, len(shown), appended)]
    features: list[tuple[Span, dict[str, str]]] = [
        (link, {"$type": "app.bsky.richtext.facet#link", "uri": link.value}) for link in links
    ]
    features += [
        (tag, {"$type": "app.bsky.richtext.facet#tag", "tag": tag.value})
        for tag in find_tags(shown)
        if _is_tag(tag.value) and not any(link.start <= tag.start < link.end for link in links)
    ]
    features += [
        (span, {"$type": "app.bsky.richtext.facet#mention", "did": mentions[span.value.lower()]})
        for span in find_mentions(shown)
        if span.value.lower() in mentions
    ]
    return [
        {
            "index": {"byteStart": utf8_bytes(shown[: span.start]), "byteEnd": utf8_bytes(shown[: span.end])},
            "features": [feature],
        }
        for span, feature in sorted(features, key=lambda found: found[0].start)
    ]


def _is_tag(value: str) -> bool:
    """A longer one stays plain text: as a facet it would have the whole post refused."""
    return grapheme_count(value) <= TAG_LIMIT and utf8_bytes(value) <= TAG_LIMIT_BYTES


def _image(image: Image) -> dict[str, Any]:
    shown: dict[str, Any] = {"alt": image.alt.strip()}
    if image.width_px > 0 and image.height_px > 0:
        shown["aspectRatio"] = {"width": image.width_px, "height": image.height_px}
    return shown


def _record(rendition: Rendition, handles: list[Mapping[str, Any]], key: AttemptKey) -> dict[str, Any]:
    record = {**rendition.payload["record"], "createdAt": _created_at(key)}
    if handles and rendition.card is not None:
        external = {**record["embed"]["external"], "thumb": handles[0]}
        record["embed"] = {**record["embed"], "external": external}
    elif handles:
        shown = record["embed"]["images"]
        images = [{**image, "image": handle} for image, handle in zip(shown, handles, strict=True)]
        record["embed"] = {**record["embed"], "images": images}
    return record


def _created_at(key: AttemptKey) -> str:
    return key.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _origin(account: Account) -> str:
    origin = pinned_origin(account.host)
    if origin is None:
        raise Stopped(outcomes.mismatch(LABEL, "the channel's host is not a plain https address."))
    return origin


def _own_uri(account: Account, rkey: str) -> str:
    return f"at://{account.account_id}/{COLLECTION}/{rkey}"


def _address(origin: str, account: Account, rkey: str) -> str:
    """bsky.app shows every account of the federation; a server on this computer shows its own."""
    site = origin if is_loopback(urlsplit(origin).hostname or "") else "https://bsky.app"
    return f"{site}/profile/{account.account_id}/post/{rkey}"


def _posted(origin: str, account: Account, rkey: str, answer: Answer) -> Outcome:
    uri = answer.text_field("uri")
    if uri != _own_uri(account, rkey):
        return outcomes.unmapped(LABEL, answer)
    return Outcome(
        Result.OK, uri, _address(origin, account, rkey), receipt={"cid": answer.text_field("cid"), "rkey": rkey}
    )


def _upload(
    http: httpx.Client, origin: str, token: str, image: Image, content: bytes, now: datetime, budget: Budget
) -> Mapping[str, Any]:
    """The blob handle of one uploaded image. Safe to repeat: blobs are addressed by content and expire unused."""
    answer = outcomes.prepare(
        LABEL,
        "an image",
        lambda: ask(
            http,
            "POST",
            xrpc(origin, "repo.uploadBlob"),
            timeout_seconds=budget.left_for_preparing_seconds,
            token=token,
            headers={"content-type": image.mime},
            content=content,
        ),
    )
    handle = answer.fields.get("blob")
    if answer.status == 200 and isinstance(handle, dict) and isinstance(handle.get("ref"), dict):
        return handle
    refusal = documented_refusal(answer, now, token)
    if refusal is None and answer.status == 413:
        refusal = outcomes.rejected(LABEL, "an image is too big")
    raise Stopped(refusal or outcomes.not_prepared(LABEL, "an image"))


NETWORK = Bluesky(
    Declared(
        name="bluesky",
        label=LABEL,
        limits={
            Of.TEXT: Limit(300, "characters", "PDS", Mark.MEASURED, "graphemes: what a reader sees as one character"),
            Of.TEXT_BYTES: Limit(3_000, "bytes", "PDS", Mark.MEASURED, "in UTF-8, beside the characters"),
            Of.IMAGES: Limit(4, "images", "lexicon", Mark.DOCUMENTED),
            Of.IMAGE_BYTES: Limit(2_000_000, "bytes", "PDS", Mark.MEASURED),
            Of.THUMBNAIL_BYTES: Limit(1_000_000, "bytes", "lexicon", Mark.DOCUMENTED),
            Of.ALT: Limit(2_000, "characters", "others", Mark.REPORTED, "the app's; the record itself has none"),
        },
        image_mimes=("image/jpeg", "image/png", "image/webp"),
        counted="Graphemes and, beside them, bytes. Links, hashtags and known handles become facets by byte offsets.",
        after_unknown=AfterUnknown.REPEAT_SAME,
        settle=timedelta(minutes=2),
        publish_timeout_seconds=30,
        proves=frozenset({Presence.PRESENT, Presence.ABSENT}),
        host="https://bsky.social",
        brings_card=True,
    )
)
