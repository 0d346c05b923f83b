"""Looking for a post among those that X shows of an account: the same words, with X's shortened links undone, and as many images.

Shapes: X's OpenAPI document, ``GET /2/users/{id}/tweets``. X rewrites every link to ``https://t.co/…`` and tells in ``entities.urls``
what it stood for, with a scheme where none was written; images hang on one more such link; ``& < >`` come escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from networks import outcomes
from networks.http import Stopped, ask
from networks.model import Account, Rendition
from networks.text import same_words
from networks.x_session import LABEL, LOOK_SECONDS, door, is_number
from networks.x_text import find_x_links

if TYPE_CHECKING:
    import httpx

PAGE_SIZE = 100
PAGES = 5
_SHORT = re.compile(r"https?://t\.co/[A-Za-z0-9]+")
_LINK = " \ufffc "  # stands where a link stood


def posts_since(http: httpx.Client, account: Account, since: datetime) -> Iterator[Mapping[str, Any]]:
    """The account's own posts since then, newest first, as far as ``PAGES`` go. Stopped, LineTrouble."""
    origin, token = door(account)
    params: dict[str, str | int] = {
        "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "max_results": PAGE_SIZE,
        "post.fields": "attachments,entities",
    }
    address = f"{origin}/2/users/{account.account_id}/tweets"
    for _ in range(PAGES):
        answer = ask(http, "GET", address, timeout_seconds=LOOK_SECONDS, token=token, params=params)
        posts, meta = answer.fields.get("data", []), answer.fields.get("meta")
        if answer.status != 200 or not isinstance(posts, list) or not isinstance(meta, dict):
            raise Stopped(outcomes.not_prepared(LABEL, "the look"))
        yield from (post for post in posts if isinstance(post, dict) and is_number(post.get("id")))
        following = meta.get("next_token")
        if not isinstance(following, str) or not following:
            return
        params["pagination_token"] = following


def says_the_same(post: Mapping[str, Any], rendition: Rendition) -> bool:
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    if len(keys if isinstance(keys, list) else []) != len(rendition.images):
        return False
    text = post.get("text")
    if not isinstance(text, str):
        return False
    meant = _expanded(post)
    return any(_alike(shown, meant, rendition.text) for shown in (_unescaped(text), text))


def _alike(shown: str, meant: Mapping[str, str], text: str) -> bool:
    """Word by word with the links put back; else the words around the links, and the links one by one."""

    def put_back(match: re.Match[str]) -> str:
        return meant.get(match.group(), match.group())

    if same_words(_SHORT.sub(put_back, shown), text):
        return True
    links = [meant.get(match.group(), match.group()) for match in _SHORT.finditer(shown)]
    around = _SHORT.sub(lambda match: _LINK if put_back(match) else "", shown)
    wanted, position, pieces = find_x_links(text), 0, []
    for span in wanted:
        pieces += [text[position : span.start], _LINK]
        position = span.end
    same_links = [_bare(link) for link in links if link] == [_bare(span.value) for span in wanted]
    return same_links and same_words(around, "".join([*pieces, text[position:]]))


def _expanded(post: Mapping[str, Any]) -> dict[str, str]:
    """What each shortened link stands for; nothing for the one that only shows the images."""
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    meant = {}
    for url in urls if isinstance(urls, list) else []:
        short, long = (url.get("url"), url.get("expanded_url")) if isinstance(url, dict) else (None, None)
        if isinstance(short, str) and isinstance(long, str):
            own = re.search(rf"/status/{post['id']}/(?:photo|video)/\d+$", long)
            meant[short] = "" if own or url.get("media_key") else long
    return meant


def _bare(link: str) -> str:
    """A link as far as its spelling says where it leads: X adds a scheme, or escapes letters."""
    rest = re.sub(r"^https?://", "", link, flags=re.IGNORECASE)
    end = re.search(r"[/?#]|$", rest)
    assert end is not None
    return rest[: end.start()].lower() + unquote(rest[end.start() :]).rstrip("/")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
