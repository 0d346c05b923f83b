"""Facebook Pages: long texts, a link card made by Facebook from the page, or photos with the link in the text.

Limits: Pages API; what no page of Meta says is marked as reported. Photos go first, each unpublished and by its address (of ``url`` and
the bytes only the former is in Meta's list of parameters), then one ``/{page}/feed``, which nothing makes safe to repeat: Facebook knows no
key, and only refuses what is the same as the post before it (506). A page's token made from a long-lived one does not end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from networks import outcomes
from networks.drafts import UnitsAndCard, link_beside_images
from networks.http import Answer, Budget, LineTrouble, NotSent, Stopped
from networks.meta import (
    CLOCK_SLACK,
    DUPLICATE,
    GRAPH_VERSION,
    LOOK_SECONDS,
    NO_NOW,
    Graph,
    door,
    error_of,
    is_id,
    is_passing,
    probe,
    shown_time,
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
    Limit,
    Mark,
    Notes,
    Of,
    Outcome,
    Presence,
    Problem,
    Rendition,
    Result,
    always_open,
)
from networks.text import same_words, tidy

if TYPE_CHECKING:
    import httpx

LABEL = "Facebook"
PAGE_SIZE = 100
PAGES = 3
_POST_ID = re.compile(r"[0-9]+(_[0-9]+)?")


@dataclass(frozen=True)
class Facebook(UnitsAndCard):
    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """``payload["post"]`` are the fields of ``/{page}/feed`` but for ``attached_media``."""
        shown = link_beside_images(draft.text, draft.link, len(draft.images))
        problems = self.problems(draft)
        if problems:
            return problems
        post: dict[str, Any] = {"message": shown}
        if draft.link and not draft.images:
            post["link"] = tidy(draft.link)
        return Rendition(shown, {"post": post}, draft.images, None if draft.images else draft.card)

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
        """The photos unpublished, ``confirm`` after those, then the post once."""
        budget = Budget(self.declared.publish_timeout_seconds)
        try:
            graph = door(http, LABEL, account, GRAPH_VERSION)
            photos = [_photo(graph, image, blobs, now, budget) for image in rendition.images]
        except Stopped as stop:
            return stop.outcome
        if photos and (why := confirm()):
            return outcomes.closed(why)
        if budget.left_for_preparing_seconds <= 0:
            return outcomes.too_little_time(LABEL)
        post = {name: str(value) for name, value in rendition.payload["post"].items() if value}
        if photos:
            post["attached_media"] = json.dumps([{"media_fbid": photo} for photo in photos])
        try:
            answer = graph.ask("POST", f"{account.account_id}/feed", budget.left_seconds, **post)
        except NotSent:
            return outcomes.not_reached(LABEL)
        except LineTrouble as trouble:
            return outcomes.line_lost(LABEL, trouble)
        post_id = answer.text_field("id")
        if answer.status == 200 and _POST_ID.fullmatch(post_id):
            return Outcome(Result.OK, post_id, _address(graph, post_id, budget))
        return _not_posted(graph, answer, rendition, key, now)

    def find(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        kept: Mapping[str, str] = NOTHING_KEPT,
    ) -> Finding:
        """The same words among the page's posts since the first attempt; their absence proves nothing."""
        try:
            return _look(door(http, LABEL, account, GRAPH_VERSION), rendition, key)
        except Stopped as stop:
            return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """A page's token has nothing to be renewed with."""
        return None

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """``/me`` with a page's token is the page."""
        try:
            return probe(door(http, LABEL, account, GRAPH_VERSION), "me", "id,name", "id")
        except Stopped as stop:
            return stop.outcome


def _photo(graph: Graph, image: Image, blobs: Blobs, now: datetime, budget: Budget) -> str:
    """The id of a photo that nobody sees until a post shows it. Safe to repeat."""
    fields = {"url": blobs.address(image.sha256), "published": "false", "alt_text_custom": image.alt.strip()}
    path, left = f"{graph.account_id}/photos", budget.left_for_preparing_seconds
    photo = graph.prepare("an image", "POST", path, left, now, **fields).text_field("id")
    if not is_id(photo):
        raise Stopped(outcomes.not_prepared(LABEL, "an image"))
    return photo


def _not_posted(graph: Graph, answer: Answer, rendition: Rendition, key: AttemptKey, now: datetime) -> Outcome:
    """A refusal counts only where the API's words don't say that the API itself does not know.

    A duplicate may be of this very post, from an earlier try.
    """
    error, said = error_of(answer), graph.refusal(answer, now, rendition.text)
    if error is None or said is None or is_passing(error):
        return outcomes.unmapped(LABEL, answer)
    if error.code == DUPLICATE:
        try:
            found = _look(graph, rendition, key)
        except Stopped:
            return outcomes.lost(LABEL, "it calls it a duplicate, and its posts could not be read")
        if found.presence is Presence.PRESENT:
            return Outcome(Result.OK, found.remote_id, found.url, receipt={"found": "called a duplicate"})
    return said


def _look(graph: Graph, rendition: Rendition, key: AttemptKey) -> Finding:
    """Stopped where the list cannot be read."""
    if not rendition.text:
        return Finding(Presence.UNPROVABLE, detail=f"{LABEL} lists posts without words, and this one has none either.")
    for post in _posts_since(graph, key.created_at - CLOCK_SLACK):
        words, post_id, url = (post.get(name, "") for name in ("message", "id", "permalink_url"))
        if isinstance(words, str) and same_words(words, rendition.text) and isinstance(post_id, str):
            return Finding(Presence.PRESENT, post_id, url if isinstance(url, str) else "")
    return Finding(Presence.UNPROVABLE, detail=f"{LABEL} does not list it, which proves nothing.")


def _posts_since(graph: Graph, since: datetime) -> Iterator[Mapping[str, Any]]:
    """The page's published posts, newest first, back to ``since``."""
    asked = {"fields": "id,message,created_time,permalink_url", "limit": str(PAGE_SIZE)}
    for _ in range(PAGES):
        path = f"{graph.account_id}/published_posts"
        answer = graph.prepare("the look", "GET", path, LOOK_SECONDS, NO_NOW, **asked)
        page, paging = answer.fields.get("data"), answer.fields.get("paging")
        if not isinstance(page, list):
            raise Stopped(outcomes.not_prepared(LABEL, "the look"))
        for post in page:
            moment = shown_time(post.get("created_time")) if isinstance(post, dict) else None
            if moment is not None and moment < since:
                return
            if moment is not None:
                yield post
        cursors = paging.get("cursors") if isinstance(paging, dict) and "next" in paging else None
        after = cursors.get("after") if isinstance(cursors, dict) else None
        if not isinstance(after, str) or not after:
            return
        asked = {**asked, "after": after}


def _address(graph: Graph, post_id: str, budget: Budget) -> str:
    """The post's public address; the one that leads there where it cannot be asked for now."""
    try:
        left = min(LOOK_SECONDS, budget.left_seconds)
        url = graph.ask("GET", post_id, left, fields="id,permalink_url").text_field("permalink_url")
    except LineTrouble:
        url = ""
    if url.startswith(("https://", "http://")):
        return url
    return f"https://www.facebook.com/{post_id}" if graph.base.startswith(NETWORK.declared.host) else ""


NETWORK = Facebook(
    Declared(
        name="facebook",
        label=LABEL,
        limits={
            Of.TEXT: Limit(63_206, "characters", "others", Mark.REPORTED, "in UTF-16 units"),
            Of.FOLD: Limit(477, "characters", "others", Mark.REPORTED),
            Of.IMAGES: Limit(10, "images", "nobody", Mark.CAUTION),
            Of.IMAGE_BYTES: Limit(4_000_000, "bytes", "others", Mark.REPORTED),
        },
        image_mimes=("image/jpeg", "image/png"),
        counted="UTF-16 units. A link is handed over beside the text, or stands in it beside images.",
        after_unknown=AfterUnknown.ASK_OWNER,
        settle=timedelta(minutes=5),
        publish_timeout_seconds=40,
        proves=frozenset({Presence.PRESENT}),
        host="https://graph.facebook.com",
    )
)
