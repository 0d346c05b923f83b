"""Publishing on LinkedIn: images first, one post, and a look at what lies there; finding a post again.

Posts API and Images API, learn.microsoft.com/linkedin/marketing/community-management/shares.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

import regex

from networks import outcomes
from networks.http import Answer, Budget, LineTrouble, NotSent, Stopped
from networks.linkedin_door import LABEL, LOOK_SECONDS, Door, is_duplicate, may_upload_to, own_words, refused
from networks.model import AttemptKey, Blobs, Confirm, Finding, Image, Notes, Outcome, Presence, Rendition, Result
from networks.text import grapheme_count, same_words, tidy

CLOCK_SLACK = timedelta(minutes=2)
PAGE_SIZE = 100
PAGES = 3
NOTED = "post"
"""The note under which the new post's urn is kept, before it is looked at: from then on it is known to be out."""

_POST = re.compile(r"urn:li:(?:share|ugcPost):\d+")
_IMAGE = re.compile(r"urn:li:image:[A-Za-z0-9_-]+")
_TEMPLATE = regex.compile(
    r"\{hashtag\|\\?[#＃]\|(?<tag>(?:\\.|[^\\{}|])+)\}|@\[(?<name>(?:\\.|[^\\\]])+)\]\([^()]*\)|\\(?<one>.)"
)


@dataclass(frozen=True)
class Sending:
    """One publish under way. ``poll_seconds`` is how long is waited between two looks at an image."""

    door: Door
    rendition: Rendition
    key: AttemptKey
    now: datetime
    budget: Budget
    poll_seconds: float

    def published(self, blobs: Blobs, confirm: Confirm, notes: Notes) -> Outcome:
        try:
            uploaded = self._uploaded(blobs)
        except Stopped as stop:
            return stop.outcome
        if uploaded and (why := confirm()):
            return outcomes.closed(why)
        if self.budget.left_for_preparing_seconds <= 0:
            return outcomes.too_little_time(LABEL)
        body = post_body(self.door.author, self.rendition, uploaded)
        try:
            answer = self.door.ask("POST", "/rest/posts", self.budget.left_seconds, json=body)
        except NotSent:
            return outcomes.not_reached(LABEL)
        except LineTrouble as trouble:
            return outcomes.line_lost(LABEL, trouble)
        if answer.status == 201:
            return self._posted(answer, notes)
        if is_duplicate(answer) and own_words(answer):
            return self._duplicate(answer)
        found = refused(self.door, answer, self.now, self.budget.left_seconds)
        return found or outcomes.unmapped(LABEL, answer)

    # images

    def _uploaded(self, blobs: Blobs) -> list[str]:
        """The images' urns, once LinkedIn is done with all of them. Safe to repeat: an image of no post is seen by nobody."""
        urns = [self._upload(image, blobs(image.sha256)) for image in self.rendition.uploads]
        for number, urn in enumerate(urns, start=1):
            self._wait_for(urn, number)
        return urns

    def _upload(self, image: Image, content: bytes) -> str:
        wanted = {"initializeUploadRequest": {"owner": self.door.author}}
        begun = self._prepared("POST", "/rest/images", params={"action": "initializeUpload"}, json=wanted)
        value = begun.fields.get("value")
        urn, address = (
            (str(value.get(name, "")) for name in ("image", "uploadUrl")) if isinstance(value, dict) else ("", "")
        )
        if begun.status != 200 or not _IMAGE.fullmatch(urn):
            raise Stopped(self._refused(begun))
        if not may_upload_to(self.door, address):
            raise Stopped(outcomes.not_prepared(LABEL, "an image (it named an upload address that is not its own)"))
        put = outcomes.prepare(
            LABEL,
            "an image",
            lambda: self.door.ask_at(
                "PUT",
                address,
                self.budget.left_for_preparing_seconds,
                {"content-type": image.mime},
                content=content,
            ),
        )
        if put.status == 413:
            raise Stopped(outcomes.rejected(LABEL, "an image is too big"))
        if put.status not in (200, 201):
            raise Stopped(self._refused(put))
        return urn

    def _wait_for(self, urn: str, number: int) -> None:
        while True:
            answer = self._prepared("GET", f"/rest/images/{quote(urn, safe='')}")
            status = answer.text_field("status") if answer.status == 200 else ""
            if status == "AVAILABLE":
                return
            if answer.status == 403 and own_words(answer):
                return  # a member's sign-in may upload images and not ask about them: nothing can be waited for
            if status == "PROCESSING_FAILED":
                raise Stopped(outcomes.rejected(LABEL, f"image {number} could not be processed there"))
            if status not in ("WAITING_UPLOAD", "PROCESSING"):
                raise Stopped(self._refused(answer))
            if self.budget.left_for_preparing_seconds <= self.poll_seconds:
                raise Stopped(outcomes.too_little_time(LABEL))
            time.sleep(self.poll_seconds)

    def _prepared(self, method: str, path: str, **content: Any) -> Answer:
        left = self.budget.left_for_preparing_seconds
        return outcomes.prepare(LABEL, "an image", lambda: self.door.ask(method, path, left, **content))

    def _refused(self, answer: Answer) -> Outcome:
        found = refused(self.door, answer, self.now, self.budget.left_for_preparing_seconds)
        return found or outcomes.not_prepared(LABEL, "an image")

    # after the post

    def _posted(self, answer: Answer, notes: Notes) -> Outcome:
        """The id is in a header only: a 201 without it is a post that nobody can name."""
        urn = unquote(answer.headers.get("x-restli-id", "").strip())
        if not _POST.fullmatch(urn):
            return outcomes.unmapped(LABEL, answer)
        notes.keep(NOTED, urn)  # whether or not: the post is out, and nothing that follows relies on it
        return Outcome(Result.OK, urn, public_url(self.door, urn), self._what_is_missing(urn), receipt={NOTED: urn})

    def _what_is_missing(self, urn: str) -> str:
        """A sentence where the text that lies there is not the one that was sent; "" too where nobody may look."""
        try:
            answer = self.door.ask("GET", _post_path(urn), min(LOOK_SECONDS, self.budget.left_seconds))
        except LineTrouble:
            return ""
        lying = answer.fields.get("commentary")
        return difference(lying, self.rendition) if answer.status == 200 and isinstance(lying, str) else ""

    def _duplicate(self, answer: Answer) -> Outcome:
        """LinkedIn says that it has this already: believed where the post it names can be seen to be this one."""
        named = _POST.search(answer.body.decode("utf-8", "replace"))
        if named is None:
            return outcomes.lost(LABEL, "it says that it has the same post already, and not where")
        urn = named.group()
        url = public_url(self.door, urn)
        try:
            found = self.door.ask("GET", _post_path(urn), min(LOOK_SECONDS, self.budget.left_seconds))
        except LineTrouble as trouble:
            return outcomes.lost(
                LABEL, f"it says that it has the same post already, {url}, not seen: {trouble.said}", trouble.kind
            )
        if found.status != 200:
            return outcomes.lost(LABEL, f"it says that it has the same post already, {url}, and does not show it")
        if not is_ours(found.fields, self.door, self.rendition):
            return outcomes.lost(LABEL, f"it says that it has the same post already, {url}, but that one is another")
        if not is_since(found.fields, self.key):
            return outcomes.lost(LABEL, f"it has the same post from an earlier time: {url}")
        return Outcome(Result.OK, urn, url, receipt={"found": "as a duplicate", NOTED: urn})


def post_body(author: str, rendition: Rendition, uploaded: list[str]) -> dict[str, Any]:
    """The whole post: what was composed, and the handles of what was uploaded."""
    body: dict[str, Any] = {
        "author": author,
        **rendition.payload["post"],
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    shown = [{"id": urn, "altText": image.alt.strip()} for urn, image in zip(uploaded, rendition.images, strict=False)]
    if len(shown) == 1:
        body["content"] = {"media": shown[0]}
    elif shown:
        body["content"] = {"multiImage": {"images": shown}}
    elif uploaded:
        body["content"] = {"article": {**body["content"]["article"], "thumbnail": uploaded[0]}}
    return body


def public_url(door: Door, urn: str) -> str:
    """A local server shows its own posts."""
    return f"{door.origin if door.is_local else 'https://www.linkedin.com'}/feed/update/{urn}"


def find_listed(door: Door, rendition: Rendition, key: AttemptKey) -> Finding:
    """Among an organization's posts since the first attempt. Only what is there can be proved: the list lags behind."""
    try:
        for post in _listed(door, key):
            urn = str(post.get("id", ""))
            if is_ours(post, door, rendition) and _POST.fullmatch(urn):
                return Finding(Presence.PRESENT, urn, public_url(door, urn))
    except Stopped as stop:
        return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)
    return Finding(Presence.UNPROVABLE, detail=f"{LABEL} does not list it, which proves nothing.")


def _listed(door: Door, key: AttemptKey) -> Iterator[Mapping[str, Any]]:
    for number in range(PAGES):
        page = _page(door, number)
        posts = [post for post in page if is_since(post, key)]
        yield from posts
        if len(posts) < PAGE_SIZE:
            return


def _page(door: Door, number: int) -> list[Mapping[str, Any]]:
    wanted = {"q": "author", "author": door.author, "sortBy": "CREATED"}
    wanted |= {"count": str(PAGE_SIZE), "start": str(number * PAGE_SIZE)}
    method = {"x-restli-method": "FINDER"}
    answer = outcomes.prepare(
        LABEL, "the look", lambda: door.ask("GET", "/rest/posts", LOOK_SECONDS, method, params=wanted)
    )
    elements = answer.fields.get("elements")
    if answer.status != 200 or not isinstance(elements, list):
        raise Stopped(outcomes.not_prepared(LABEL, "the look"))
    return [post for post in elements if isinstance(post, dict)]


def is_ours(post: Mapping[str, Any], door: Door, rendition: Rendition) -> bool:
    """By author, words and number of images."""
    lying = post.get("commentary")
    if post.get("author") != door.author or not isinstance(lying, str):
        return False
    return _image_count(post) == len(rendition.images) and not difference(lying, rendition)


def is_since(post: Mapping[str, Any], key: AttemptKey) -> bool:
    """Made since the first attempt. ``createdAt`` is in milliseconds."""
    made = post.get("createdAt")
    try:
        moment = datetime.fromtimestamp(made / 1000, UTC) if isinstance(made, int | float) else None
    except (OverflowError, OSError, ValueError):
        return False
    return moment is not None and moment >= key.created_at - CLOCK_SLACK


def difference(lying: str, rendition: Rendition) -> str:
    """A sentence for the owner where the text that lies there is not the one that was sent, else "".

    LinkedIn may show it as it was written, escapes and all, or as readers see it.
    """
    wanted = _plain_hashes(rendition.text)
    readings = {_plain_hashes(lying), _plain_hashes(readable(lying))}
    if lying == rendition.payload["post"]["commentary"] or any(same_words(one, wanted) for one in readings):
        return ""
    total = grapheme_count(wanted)
    cut = [one for one in readings if wanted.startswith(one)]
    if not cut:
        return f"The post is out on {LABEL}, but its text there is not the one that was sent: look at it."
    missing = total - max(grapheme_count(one) for one in cut)
    return (
        f"The post is out on {LABEL}, but its text was cut: the last {missing:,} of {total:,} characters are missing. "
        "Add them there by hand."
    )


def readable(little: str) -> str:
    """Little text as readers see it; what is not escaped stays as it is."""

    def one(match: regex.Match[str]) -> str:
        if match["tag"] is not None:
            return "#" + readable(match["tag"])
        return readable(match["name"]) if match["name"] is not None else str(match["one"])

    return _TEMPLATE.sub(one, little)


def _plain_hashes(text: str) -> str:
    return unicodedata.normalize("NFC", tidy(text)).replace("＃", "#")


def _image_count(post: Mapping[str, Any]) -> int:
    content = post.get("content")
    several = content.get("multiImage") if isinstance(content, dict) else None
    if isinstance(several, dict):
        images = several.get("images")
        return len(images) if isinstance(images, list) else 0
    return int(isinstance(content, dict) and "media" in content)


def _post_path(urn: str) -> str:
    return f"/rest/posts/{quote(urn, safe='')}"
