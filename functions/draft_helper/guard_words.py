"""Finds words of the owner's lists in a text: whole words, whatever their ending, case or spelling of letters. Pure.

"indulge" is found in "Indulging" and "ｉｎｄｕｌｇｅ", "billig" in "billigsten"; "ass" neither in "class" nor in "assist". Accents
count: schon is not schön. Where a script puts no spaces between words, they are found anywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

_LEAST_STEM = 4  # shorter words are found as they are: "new" is not "news"
# What words of the languages that a list is likely to be in end in; longer endings make other words ("free", "freedom").
_ENDING = (
    "s es ed d ing ings er ers est ly y ies ied ier iest en e n em r st t te ten tet ste sten ster stes ere eren erer eres erem "
    "ne nen ende enden ender endes a as o os i is ées ée é és mente ment x"
)
_ENDINGS = frozenset(_ENDING.split())
_GIVES_WAY = frozenset("eéyo")  # at the end of a stem: indulge, indulging; yummy, yummier
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?")
_TOGETHER = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_ARABIC_MARKS = regex.compile("[\u0640\u064b-\u065f\u0670]")
_ARABIC_ARTICLES = ("وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل", "ف", "ك")


@dataclass(frozen=True)
class Word:
    """``text[start:end]`` is how it stands there; ``folded`` how it is compared."""

    folded: str
    start: int
    end: int


def find(phrase: str, text: str) -> str:
    """The first place where the phrase stands in the text, as it stands there; "" where it does not."""
    wanted = [word.folded for word in words_in(phrase)]
    if not wanted:
        return phrase if phrase.strip() and fold(phrase) in fold(text) else ""
    if _TOGETHER.search(phrase):
        return phrase if "".join(wanted) in "".join(word.folded for word in words_in(text)) else ""
    there = words_in(text)
    hashed = phrase.strip().startswith("#")
    for at in range(len(there) - len(wanted) + 1):
        stretch = there[at : at + len(wanted)]
        if hashed and text[max(0, stretch[0].start - 1) : stretch[0].start] not in ("#", "＃"):
            continue
        if all(_same(want, word.folded) for want, word in zip(wanted, stretch, strict=True)):
            return text[stretch[0].start : stretch[-1].end]
    return ""


def exactly(phrase: str, text: str) -> bool:
    """Whether its very words stand there in a row, with no other endings."""
    wanted, there = [[word.folded for word in words_in(one)] for one in (phrase, text)]
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))


def first_of(phrases: Iterable[str], text: str) -> str:
    """The first of the phrases that stands in the text, "" where none does."""
    return next((phrase for phrase in phrases if find(phrase, text)), "")


def found_in(phrases: Sequence[str], text: str) -> Iterator[tuple[str, str]]:
    """Each phrase that stands in the text, and how it stands there."""
    for phrase in phrases:
        if quote := find(phrase, text):
            yield phrase, quote


@lru_cache(maxsize=200)
def words_in(text: str) -> tuple[Word, ...]:
    return tuple(Word(fold(found.group()), found.start(), found.end()) for found in _WORD.finditer(text))


def fold(text: str) -> str:
    """One spelling for all of Unicode's of the same letters; Arabic without vowel signs and stretched strokes."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _ARABIC_MARKS.sub("", plain).replace("’", "'")


def _same(wanted: str, word: str) -> bool:
    if wanted == word or f"{wanted}'s" == word:
        return True
    if len(wanted) < _LEAST_STEM:
        return _behind_article(word) == wanted
    if _behind_article(word) == wanted:
        return True
    stem = wanted[:-1] if wanted[-1] in _GIVES_WAY and len(wanted) > _LEAST_STEM else wanted
    if not word.startswith(stem):
        return False
    rest = word[len(stem) :].partition("'")[0]
    return rest in _ENDINGS or (rest[:1] == stem[-1] and rest[1:] in _ENDINGS)


def _behind_article(word: str) -> str:
    """Arabic writes the article, and some words of one letter, in front of a word without a space."""
    return next((word[len(article) :] for article in _ARABIC_ARTICLES if word.startswith(article)), "")
