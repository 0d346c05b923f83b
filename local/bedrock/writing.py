"""What the stand-in writes: the note's own sentences, put in order and cut to each channel's room. The same request, the same words. Pure.

It reads a brief as a model would (functions/draft_helper/prompts): blocks ``<name-mark>``, and a line ``- channel (Network): at most N``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from local.bedrock.converse import Asked
from local.bedrock.orders import without_orders

_BLOCK = re.compile(
    r"<(?P<name>[a-z]+(?:-[a-z]+)*(?:-\d+)?)-(?P<mark>[0-9a-f]{6,64})>\n(?P<words>.*?)\n</(?P=name)-(?P=mark)>",
    re.DOTALL,
)
_CHANNEL = re.compile(r"^- (?P<name>\S+) \([^)]*\): at most (?P<room>[\d,]+)", re.MULTILINE)
_AD_WORDS = re.compile(r"one of these words as it stands here: (?P<words>.+?)\.?$", re.MULTILINE)
_PICTURE = re.compile(r"^picture \d+: (?P<name>.+)$", re.MULTILINE)
_PHRASE = re.compile(r'"([a-z_0-9]+)": "')  # of a month's figures, a line of JSON for each matter
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n+")
_GERMAN = re.compile(r"\b(der|die|das|und|für|mit|ein|eine|im|am|zum|zur|wir|ist)\b", re.IGNORECASE)
_WORDLESS = "Have a look."
_ANGLES = {
    "en": (
        "what it is",
        "a look behind the scenes",
        "what people ask us about it",
        "how it came about",
        "who is behind it",
        "what we like best about it",
        "a reminder",
    ),
    "de": (
        "worum es geht",
        "ein Blick hinter die Kulissen",
        "was wir dazu gefragt werden",
        "wie es dazu kam",
        "wer dahintersteckt",
        "was uns daran am besten gefällt",
        "eine Erinnerung",
    ),
}


def note_of(asked: Asked) -> str:
    """The note as it stands in the brief, orders and all; all words of the first turn where there is no such block."""
    return _blocks(asked.words).get("note", asked.texts[0] if asked.texts else "")


def written(asked: Asked) -> dict[str, Any]:
    """The tool's input: a plan, a draft, or a month's paragraph."""
    fields = asked.schema.get("properties", {})
    if "paragraph" in fields:
        return recap(asked)
    return _plan(asked, fields) if "posts" in fields else _draft(asked, fields)


def recap(asked: Asked, *, lying: bool = False) -> dict[str, Any]:
    """A paragraph of those phrases that are listed. One that lies says figures of its own."""
    if lying:
        return {
            "paragraph": "In {month}, {posts} went out, twice as many as before. All 99 of them were liked 1,200 times."
        }
    listed = set(_PHRASE.findall(asked.last))
    parts = [
        " and ".join(f"{{{name}}}" for name in names if name in listed)
        for names in (("approvals", "approval_time"), ("failed", "retried", "unknown", "held"), ("drafts",))
    ]
    first = ", ".join(f"{{{name}}}" for name in ("appearances", "on_time") if name in listed)
    return {"paragraph": f"In {{month}}, {{posts}} went out: {first}. There came {'; '.join(filter(None, parts))}."}


def far_too_long(asked: Asked) -> dict[str, Any]:
    """A draft that fits nowhere; of a month, a paragraph that nobody reads to its end."""
    if "paragraph" in asked.schema.get("properties", {}):
        return {"paragraph": " ".join([recap(asked)["paragraph"]] * 20)}
    given = _draft(asked, asked.schema.get("properties", {}))
    longest = max([*_rooms(asked).values(), 3_000])
    return {**given, "text": " ".join([given["text"]] * (longest // len(given["text"]) + 2)), "texts": {}}


def _draft(asked: Asked, fields: Mapping[str, Any]) -> dict[str, Any]:
    blocks = _blocks(asked.words)
    earlier = [words for name, words in blocks.items() if re.fullmatch(r"draft-\d+", name)]
    text = _worded(asked, len(earlier))
    rooms = _rooms(asked)
    given: dict[str, Any] = {"text": text}
    texts = {
        name: _cut(text, rooms[name] * 9 // 10)
        for name in fields.get("texts", {}).get("properties", {})
        if name in rooms and _length(text) > rooms[name] * 9 // 10
    }
    if texts:
        given["texts"] = texts
    if "alts" in fields:
        names = _PICTURE.findall(blocks.get("files", ""))
        shown = [*names, *(f"number {number}" for number in range(len(names) + 1, asked.images + 1))]
        given["alts"] = [f"A picture: {name}" for name in shown[: asked.images]]
    return given


def _worded(asked: Asked, earlier: int) -> str:
    """The note's sentences; for another one turned round, or fewer of them. Words that are always or never said are minded."""
    known = _blocks(f"{asked.system}\n{asked.words}")
    never = [line.casefold() for line in known.get("never-say", "").splitlines() if line]
    note = known.get("note", asked.texts[0] if asked.texts else "")
    note = "" if note == "(no words)" else without_orders(note)
    sentences = [_finished(one) for one in _SENTENCE.split(note) if one.strip()]
    sentences = [one for one in sentences if not any(word in one.casefold() for word in never)] or [_WORDLESS]
    turned = [
        sentences,
        [*sentences[1:], sentences[0]],
        [f"{sentences[0][:-1]}!", *sentences[2:]],
        [*reversed(sentences), _WORDLESS],
    ]
    text = " ".join(turned[earlier % len(turned)])
    added = [
        one for one in known.get("always-mention", "").splitlines() if one and one.casefold() not in text.casefold()
    ]
    marked = _AD_WORDS.search(asked.system)
    if marked is not None:
        added.append(marked["words"].split(",")[0].strip())
    return " ".join([text, *added])


def _finished(sentence: str) -> str:
    sentence = " ".join(sentence.split())
    sentence = sentence[:1].upper() + sentence[1:]
    return sentence if sentence[-1:] in ".!?…。！？" else f"{sentence}."


def _plan(asked: Asked, fields: Mapping[str, Any]) -> dict[str, Any]:
    """As many posts as may be, each from another side; the pictures go with the first ones."""
    note = without_orders(note_of(asked))
    subject = " ".join(note.split())[:200].rstrip(" .!?") or _WORDLESS
    angles = _ANGLES["de" if len(_GERMAN.findall(note)) > 1 else "en"]
    shape = fields["posts"]
    count = int(shape.get("maxItems", 3))
    posts: list[dict[str, Any]] = [{"topic": f"{_angle(angles, number)}: {subject}."} for number in range(count)]
    for number, post in enumerate(posts[: asked.images], start=1):
        if "picture" in shape.get("items", {}).get("properties", {}):
            post["picture"] = number
    return {"posts": posts}


def _angle(angles: Sequence[str], number: int) -> str:
    """It stands first, so that no two posts begin alike."""
    angle = angles[number % len(angles)]
    return f"{angle[:1].upper()}{angle[1:]}" + ("" if number < len(angles) else f" ({number + 1})")


def _rooms(asked: Asked) -> dict[str, int]:
    return {found["name"]: int(found["room"].replace(",", "")) for found in _CHANNEL.finditer(asked.system)}


def _blocks(text: str) -> dict[str, str]:
    """By name, the first of each."""
    found: dict[str, str] = {}
    for one in _BLOCK.finditer(text):
        found.setdefault(one["name"], one["words"])
    return found


def _length(text: str) -> int:
    """No network counts more for it."""
    return sum(1 if ord(one) < 0x1100 else 2 for one in text)


def _cut(text: str, room: int) -> str:
    """Whole sentences as long as they fit, else whole words."""
    for pieces in (_SENTENCE.split(text), text.split(" ")):
        kept = _as_many(pieces, room)
        if kept:
            return kept
    return text[: room // 2]


def _as_many(pieces: Sequence[str], room: int) -> str:
    kept = ""
    for piece in pieces:
        longer = f"{kept} {piece}".strip()
        if _length(longer) > room:
            break
        kept = longer
    return kept
