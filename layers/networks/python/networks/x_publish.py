"""How a post gets to X: each image and its description first, which nobody sees, then the post, once.

Shapes: X's OpenAPI document, ``POST /2/media/upload``, ``/2/media/metadata`` and ``/2/tweets``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from networks import outcomes
from networks.http import Answer, Budget, LineTrouble, NotSent, Stopped, ask, is_loopback
from networks.model import Account, Image, Outcome, Rendition, Result
from networks.x_session import LABEL, data_of, door, is_number, refusal

if TYPE_CHECKING:
    import httpx


def upload(http: httpx.Client, account: Account, image: Image, content: bytes, now: datetime, budget: Budget) -> str:
    """The media id, with the description attached. Safe to repeat: X forgets what no post uses. Stopped."""
    name = f"{image.sha256[:16]}.{image.mime.rpartition('/')[2]}"
    parts = {"files": {"media": (name, content, image.mime)}, "data": {"media_category": "tweet_image"}}
    told = data_of(_prepared(http, account, "upload", "an image", now, budget, **parts))
    media, progress = told.get("id"), told.get("processing_info")
    if not is_number(media) or (isinstance(progress, dict) and progress.get("state") != "succeeded"):
        raise Stopped(outcomes.not_prepared(LABEL, "an image"))
    described = {"id": media, "metadata": {"alt_text": {"text": image.alt.strip()}}}
    if image.alt.strip():
        _prepared(http, account, "metadata", "an image's description", now, budget, json=described)
    return str(media)


def create(
    http: httpx.Client, account: Account, rendition: Rendition, media: list[str], now: datetime, budget: Budget
) -> Outcome:
    """``POST /2/tweets``, once: the only request here that can make an outcome ``unknown``.

    So does a refusal that speaks of a duplicate: it names no post, and the duplicate may be this one, out by an earlier try.
    """
    origin, token = door(account)
    body = {**rendition.payload["post"], **({"media": {"media_ids": media}} if media else {})}
    try:
        answer = ask(http, "POST", f"{origin}/2/tweets", timeout_seconds=budget.left_seconds, token=token, json=body)
    except NotSent:
        return outcomes.not_reached(LABEL)
    except LineTrouble as trouble:
        return outcomes.line_lost(LABEL, trouble)
    post = data_of(answer).get("id")
    if answer.status in (200, 201):
        if not is_number(post):
            return outcomes.unmapped(LABEL, answer)
        return Outcome(Result.OK, post, address(origin, post))
    if answer.status in (400, 403) and b"duplicate" in answer.body.lower():
        return outcomes.lost(LABEL, "it says that it has the same post already")
    return refusal(answer, account, now, rendition.text) or outcomes.unmapped(LABEL, answer)


def address(origin: str, post: str) -> str:
    """Where people see it; ``i`` stands for whatever its account is called. A server on this computer shows its own."""
    site = origin if is_loopback(urlsplit(origin).hostname or "") else "https://x.com"
    return f"{site}/i/status/{post}"


def _prepared(
    http: httpx.Client, account: Account, path: str, step: str, now: datetime, budget: Budget, **content: Any
) -> Answer:
    origin, token = door(account)
    address = f"{origin}/2/media/{path}"
    timeout_seconds = budget.left_for_preparing_seconds
    answer = outcomes.prepare(
        LABEL,
        step,
        lambda: ask(http, "POST", address, timeout_seconds=timeout_seconds, token=token, **content),
    )
    if answer.status in (200, 201) and is_number(data_of(answer).get("id")):
        return answer
    if answer.status == 413:
        raise Stopped(outcomes.rejected(LABEL, f"{step} is too big"))
    raise Stopped(refusal(answer, account, now) or outcomes.not_prepared(LABEL, step))
