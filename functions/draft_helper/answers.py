"""Reads what the model answered: words, cleaned of what no post may hold, and nothing else of it. Pure.

Whatever else stands in an answer, further fields, other channels, something that looks like a command, is left where it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from draft_helper.material import Material
from draft_helper.scope import alt_cell, alts_of, channels_of, picture_count, pictures_shown
from mesh.cells import cell_text
from mesh.errors import MeshError
from mesh.fitting import alt_texts
from mesh.ledger.proposals import Mark, Wording

LONGEST_CHARACTERS = 10_000
"""Of one text: no post of a small business is as long, and what is was not asked for."""
LONGEST_ALT_CHARACTERS = 2_000
# Directions that turn what is shown around, and what nobody sees. Arabic's and Hebrew's marks, and the joiners of emoji, stay.
_HIDDEN = dict.fromkeys(
    (
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFFF9, 0xFFFC),
        *range(0xE0000, 0xE0020),
        0xAD,
        0x34F,
        0x180E,
        0x200B,
        0xFEFF,
    )
)
_BREAKS = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\u0085": "\n"})
_CONTROLS = re.compile("[\x80-\x9f]")
_FLAG_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f)|[\U000e0020-\U000e007f]")
_MANY_LINES = re.compile(r"\n{4,}")


class Malformed(MeshError):
    """The answer has not the shape that was asked for. ``reason`` tells how, and holds none of its words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """``text`` is for every channel but those in ``texts``. ``alts`` has one for each picture of the row, "" where there is none."""

    text: str
    texts: Mapping[str, str] = field(default_factory=dict)
    alts: tuple[str, ...] = ()

    def on(self, channel: str) -> str:
        return self.texts.get(channel, self.text)


def read(material: Material, given: object) -> Answer:
    """Malformed where it is no answer. Channels that the note does not have, and all other fields, are left out."""
    if not isinstance(given, Mapping):
        raise Malformed("the answer is no object")
    text = _words(given.get("text"), "text", LONGEST_CHARACTERS)
    texts = _texts(material, given.get("texts"), text)
    if not text:
        raise Malformed("the answer has no text")
    return Answer(text, texts, alts_of(material, _alts(material, given.get("alts"))))


def of_wording(material: Material, wording: Wording) -> Answer:
    """What was read and stored once, or written by a person, as an answer to be looked at again."""
    count = picture_count(material.note)
    try:
        alts = alt_texts(wording.alt, count)
    except ValueError:
        alts = ("",) * count
    return Answer(wording.text, dict(wording.texts), alts)


def wording(answer: Answer, marks: tuple[Mark, ...], *, at: str, model: str, prompt: str) -> Wording:
    """As it is kept: the model's, with what its owner is to look at."""
    return Wording(
        text=answer.text,
        texts=dict(answer.texts),
        alt=alt_cell(answer.alts),
        marks=marks,
        by="model",
        at=at,
        model=model,
        prompt=prompt,
    )


def cleaned(text: str) -> str:
    """Without control characters, hidden characters and overrides of direction; at most two empty lines in a row, none around."""
    plain = _CONTROLS.sub("", cell_text(text.translate(_BREAKS)))
    seen = _FLAG_TAGS.sub(lambda found: found[1] or "", plain)
    return _MANY_LINES.sub("\n\n\n", seen).strip()


def _words(given: object, what: str, most: int) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise Malformed(f"{what} is {type(given).__name__} and no text")
    if len(given) > most:
        raise Malformed(f"{what} has {len(given):,} characters; {most:,} are the most that is read")
    return cleaned(given)


def _texts(material: Material, given: object, text: str) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise Malformed("texts is no object")
    found = {}
    for channel in channels_of(material):
        words = _words(given.get(channel.name), "texts of a channel", LONGEST_CHARACTERS)
        if words and words != text:
            found[channel.name] = words
    return found


def _alts(material: Material, given: object) -> list[str]:
    """On one line each, and without the sign that parts one from the next."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise Malformed("alts is no list")
    words = [_words(one, "an alt text", LONGEST_ALT_CHARACTERS) for one in given[: pictures_shown(material)]]
    return [" ".join(one.replace("|", "/").split()) for one in words]
