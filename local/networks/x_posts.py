"""What the X-shaped server makes of a text: how much it weighs, its shortened links, and the post as the API shows it.

The weights stand here a second time, by twitter-text's configuration (version 3), so that adapter and server check each other; where a
link begins and ends is asked of ``networks.x_text``, which ``make test-real`` holds against X's own code.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

import regex

from networks.x_text import find_x_links

TEXT_LIMIT = 280
_LINK_WEIGHT = 23
_EMOJI = regex.compile(
    r"\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[#*0-9]\ufe0f?\u20e3|\p{Regional_Indicator}{2}"
)
_TAG = regex.compile(r"(?<![\w&#])#(\w*[^\W\d]\w*)")
_CASHTAG = regex.compile(r"(?<!\S)\$[A-Za-z]{1,6}\b")


def weight(text: str) -> int:
    """Of 280: Latin and its neighbours one, all else two, an emoji two whatever it is made of, a link 23."""
    text = unicodedata.normalize("NFC", text)
    for link in reversed(find_x_links(text)):
        text = text[: link.start] + "u" * _LINK_WEIGHT + text[link.end :]
    return sum(2 if _EMOJI.search(cluster) else sum(map(_weight, cluster)) for cluster in regex.findall(r"\X", text))


def _weight(character: str) -> int:
    code = ord(character)
    return (
        1 if code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037 else 2
    )


def cashtags(text: str) -> int:
    return len(_CASHTAG.findall(text))


def shortened(post_id: str, text: str, username: str, media_ids: Collection[str]) -> tuple[str, dict[str, Any]]:
    """The text as the API shows it, links shortened and ``& < >`` escaped, and its entities by code points of that."""
    shown, position = "", 0
    urls: list[dict[str, Any]] = []
    for number, link in enumerate(find_x_links(text)):
        shown += _escaped(text[position : link.start])
        full = link.value if link.value.lower().startswith(("http://", "https://")) else f"http://{link.value}"
        urls.append(_url(len(shown), f"{post_id}:{number}", full, full.partition("://")[2]))
        shown += urls[-1]["url"]
        position = link.end
    shown += _escaped(text[position:])
    if media_ids:
        shown += " " if shown else ""
        page = f"https://x.com/{username}/status/{post_id}/photo/1"
        start = len(shown)
        urls += [{**_url(start, post_id, page, "pic.x.com"), "media_key": f"3_{media_id}"} for media_id in media_ids]
        shown += urls[-1]["url"]
    entities: dict[str, Any] = {"urls": urls} if urls else {}
    tags = [{"start": tag.start(), "end": tag.end(), "tag": tag.group(1)} for tag in _TAG.finditer(shown)]
    return shown, {**entities, **({"hashtags": tags} if tags else {})}


def as_shown(
    post: Mapping[str, Any], username: str, fields: Collection[str], expansions: Collection[str]
) -> dict[str, Any]:
    """A post with its default fields and those asked for."""
    text, entities = shortened(post["id"], post["text"], username, post["media_ids"])
    shown: dict[str, Any] = {"id": post["id"], "text": text, "edit_history_post_ids": [post["id"]]}
    if "created_at" in fields:
        shown["created_at"] = post["created_at"]
    if "entities" in fields and entities:
        shown["entities"] = entities
    if post["media_ids"] and ("attachments" in fields or "attachments.media_keys" in expansions):
        shown["attachments"] = {"media_keys": [f"3_{media_id}" for media_id in post["media_ids"]]}
    if "author_id" in expansions:
        shown["author_id"] = post["account_id"]
    return shown


def _url(start: int, seed: str, full: str, display: str) -> dict[str, Any]:
    short = f"https://t.co/{hashlib.sha256(seed.encode()).hexdigest()[:10]}"
    display = display if len(display) <= 26 else f"{display[:25]}…"
    return {"start": start, "end": start + len(short), "url": short, "expanded_url": full, "display_url": display}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
