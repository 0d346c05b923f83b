"""Reads how many posts somebody asks for, how many with pictures, and over how long. English and German. Pure.

Only what stands there plainly is read; for the rest there are defaults, and the plan is shown before anything is made of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mesh.number_words import NUMBER_WORDS

MOST_POSTS = 14
MOST_DAYS = 60
_POSTS, _DAYS = 3, 14
_MORE_WORDS = {
    0: "no zero null keine keinen",
    1: "one a an single ein eine einen einer einem",
    2: "both beide beiden couple paar",
    14: "fortnight",
}
_WORDS = NUMBER_WORDS | {word: number for number, words in _MORE_WORDS.items() for word in words.split()}
_DIGITS_OR_WORDS = rf"\d{{1,6}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))}"
_NUMBER = rf"(?P<number>{_DIGITS_OR_WORDS})"
_POST = r"(?:posts?|postings?|beitr(?:ag|äge)n?|entw(?:urf|ürfe)n?|drafts?|ideas?|ideen?)"
_COUNT = re.compile(rf"\b{_NUMBER}\b(?:\s(?!weeks?\b|days?\b|wochen?\b|tagen?\b)[^\W\d_]+){{0,2}}\s{_POST}\b")
_UNIT = r"(?P<unit>days?|tagen?|tage|tages?|weeks?|wochen?|months?|monate?n?|fortnights?)"
_SPAN = re.compile(rf"\b(?:{_NUMBER}\s)?{_UNIT}\b")
_A_DAY = re.compile(
    r"(?<!for )(?<!over )(?<!within )\b(?:(?:a|per|each|every|pro|je|am|jeden)\s(?:day|tag)|daily|täglich)\b"
)
_A_WEEK = re.compile(
    r"(?<!for )(?<!over )(?<!within )\b(?:(?:a|per|each|every|pro|je|in der|die|jede)\s(?:week|woche)|weekly|wöchentlich)\b"
)
_PICTURE = r"(?:photos?|pictures?|pics?|images?|fotos?|bild(?:er)?n?)"
_OF = r"(?:\s(?:of|davon|them|von|ihnen|posts?|beiträge)){0,3}"
_PICTURES = re.compile(
    rf"\b(?P<number>all|each|alle|jede[rs]?|{_DIGITS_OR_WORDS}){_OF}\s(?:with|mit)\s(?:\w+\s){{0,2}}{_PICTURE}\b"
)
_DAYS_IN = {"d": 1, "t": 1, "w": 7, "m": 30, "f": 14}


@dataclass(frozen=True)
class Asked:
    """``count`` posts, ``pictures`` of them with one, over ``days`` from tomorrow on. ``told``: where less is done than was asked for."""

    count: int = _POSTS
    pictures: int = 0
    days: int = _DAYS
    told: tuple[str, ...] = ()


def asked(note_text: str) -> Asked:
    """What the note asks for, within ``MOST_POSTS`` and ``MOST_DAYS``; no text raises."""
    text = " ".join(note_text[:5_000].casefold().split())
    told: list[str] = []
    days = _days(text, told)
    count = _count(text, days, told)
    return Asked(count, min(count, _pictures(text, count)), days, tuple(told))


def _count(text: str, days: int, told: list[str]) -> int:
    found = _COUNT.search(text)
    wanted = _value(found["number"]) if found else None
    if wanted is not None:
        if _A_DAY.search(text):
            wanted *= days
        elif _A_WEEK.search(text):
            wanted *= max(1, days // 7)
    elif _A_DAY.search(text):
        wanted = days
    if wanted is None:
        return _POSTS
    if wanted == 0:
        told.append(f"You asked for no posts at all: {_POSTS} are planned, take out what you do not want.")
        return _POSTS
    if wanted > MOST_POSTS:
        told.append(f"You asked for {wanted:,} posts, and a plan has {MOST_POSTS} at most: {MOST_POSTS} are planned.")
    return min(wanted, MOST_POSTS)


def _days(text: str, told: list[str]) -> int:
    longest = 0
    for found in _SPAN.finditer(_A_WEEK.sub(" ", _A_DAY.sub(" ", text))):
        number = _value(found["number"]) if found["number"] else 1
        longest = max(longest, (number or 1) * _DAYS_IN[found["unit"][0]])
    if longest > MOST_DAYS:
        told.append(
            f"You asked for {longest:,} days, and a plan goes over {MOST_DAYS} at most: it goes over {MOST_DAYS}."
        )
    return min(longest, MOST_DAYS) or _DAYS


def _pictures(text: str, count: int) -> int:
    found = _PICTURES.search(text)
    if found is None:
        return 0
    value = _value(found["number"])
    return count if value is None else value


def _value(word: str) -> int | None:
    return int(word) if word.isdecimal() else _WORDS.get(word)
