"""Holds blocks to Slack's reference (docs.slack.dev/reference/block-kit), strictly: what is not named there is refused. Pure.

Only the blocks and elements that a message of ours could use are known. Complaints are worded as Slack words them, with the JSON pointer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

MOST_BLOCKS = 50
# Not documented; measured by others (slackapi/bolt-js, issues 2509 and 2867).
MOST_CHARACTERS = 13_000

_Check = Callable[[Any, str], Iterator[str]]


def complaints(blocks: Any) -> list[str]:
    """Empty where Slack would take them."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    if len(blocks) > MOST_BLOCKS:
        return [f"no more than {MOST_BLOCKS} items allowed [json-pointer:/blocks]"]
    found = [one for number, block in enumerate(blocks) for one in _block(block, f"/blocks/{number}")]
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and block.get("block_id")]
    return found + (["block_id must be unique [json-pointer:/blocks]"] if len(ids) != len(set(ids)) else [])


def too_long(blocks: Any) -> bool:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MOST_CHARACTERS


def _says(what: str, at: str) -> Iterator[str]:
    yield f"{what} [json-pointer:{at}]"


def _fields(value: Any, at: str, needed: Mapping[str, _Check], may: Mapping[str, _Check]) -> Iterator[str]:
    if not isinstance(value, dict):
        yield from _says("must be an object", at)
        return
    for name in needed:
        if name not in value:
            yield from _says(f"missing required field: {name}", at)
    for name, part in value.items():
        check = needed.get(name) or may.get(name)
        if name == "type":
            continue
        if check is None:
            yield from _says(f"invalid additional property: {name}", at)
        else:
            yield from check(part, f"{at}/{name}")


def _text(longest: int, shortest: int = 1) -> _Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield from _says("must be a string", at)
        elif len(value) < shortest:
            yield from _says(f"must be more than {shortest - 1} characters", at)
        elif len(value) > longest:
            yield from _says(f"must be less than {longest + 1} characters", at)

    return check


def _flag(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield from _says("must be a boolean", at)


def _one_of(*allowed: str) -> _Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in allowed:
            yield from _says(f"must be one of {', '.join(allowed)}", at)

    return check


def _url(longest: int) -> _Check:
    def check(value: Any, at: str) -> Iterator[str]:
        yield from _text(longest)(value, at)
        if isinstance(value, str) and urlsplit(value).scheme not in {"http", "https"}:
            yield from _says("invalid url", at)

    return check


def _each(check: _Check, most: int = 10_000, fewest: int = 1) -> _Check:
    def checked(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield from _says("must be an array", at)
            return
        if not fewest <= len(value) <= most:
            yield from _says(f"must have {fewest} to {most} items", at)
        for number, part in enumerate(value):
            yield from check(part, f"{at}/{number}")

    return checked


def _kind(kinds: Mapping[str, tuple[Mapping[str, _Check], Mapping[str, _Check]]]) -> _Check:
    """An object whose ``type`` says which fields it has."""

    def check(value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            yield from _says(f"unsupported type: {kind}", at)
            return
        yield from _fields(value, at, *kinds[kind])

    return check


def _plain(longest: int) -> _Check:
    return _kind({"plain_text": ({"text": _text(longest)}, {"emoji": _flag})})


def _any_text(longest: int) -> _Check:
    return _kind(
        {
            "plain_text": ({"text": _text(longest)}, {"emoji": _flag}),
            "mrkdwn": ({"text": _text(longest)}, {"verbatim": _flag}),
        }
    )


def _confirm(value: Any, at: str) -> Iterator[str]:
    needed = {"title": _plain(100), "text": _any_text(300), "confirm": _plain(30), "deny": _plain(30)}
    yield from _fields(value, at, needed, {"style": _one_of("primary", "danger")})


_BUTTON: tuple[Mapping[str, _Check], Mapping[str, _Check]] = (
    {"text": _plain(75)},
    {
        "action_id": _text(255),
        "url": _url(3000),
        "value": _text(2000),
        "style": _one_of("primary", "danger"),
        "confirm": _confirm,
        "accessibility_label": _text(75),
    },
)


def _style(value: Any, at: str) -> Iterator[str]:
    yield from _fields(value, at, {}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), _flag))


_RICH_ELEMENT = _kind(
    {
        "text": ({"text": _text(100_000)}, {"style": _style}),
        "link": ({"url": _url(3000)}, {"text": _text(3000), "unsafe": _flag, "style": _style}),
        "emoji": ({"name": _text(100)}, {"unicode": _text(100), "style": _style}),
    }
)
_RICH = _kind(
    {
        "rich_text_section": ({"elements": _each(_RICH_ELEMENT)}, {}),
        "rich_text_quote": ({"elements": _each(_RICH_ELEMENT)}, {"border": _flag}),
        "rich_text_preformatted": ({"elements": _each(_RICH_ELEMENT)}, {"border": _flag}),
    }
)
_PICTURE: tuple[Mapping[str, _Check], Mapping[str, _Check]] = (
    {"image_url": _url(3000), "alt_text": _text(2000)},
    {"title": _plain(2000), "block_id": _text(255)},
)
_ID: Mapping[str, _Check] = {"block_id": _text(255)}


def _actions(value: Any, at: str) -> Iterator[str]:
    yield from _each(_kind({"button": _BUTTON}), 25)(value, at)
    names = [one.get("action_id") for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    if len(names) != len(set(names)):
        yield from _says("action_id must be unique", at)


_block = _kind(
    {
        "header": ({"text": _plain(150)}, _ID),
        "divider": ({}, _ID),
        "section": ({"text": _any_text(3000)}, _ID),
        "context": ({"elements": _each(_any_text(3000), 10)}, _ID),
        "image": _PICTURE,
        "actions": ({"elements": _actions}, _ID),
        "rich_text": ({"elements": _each(_RICH)}, _ID),
    }
)
