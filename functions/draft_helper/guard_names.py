"""Names in a text: words with a capital where the language would not give them one, and accounts behind an @. Pure.

At the beginning of a sentence nobody can tell a name; in German, where every noun has a capital, only two such words in a row are one,
or one behind Herr, Frau and the like. Scripts without capitals show no names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import regex

from draft_helper.guard_words import fold, words_in
from networks.text import Span, find_mentions, find_tags

_WORD = r"\p{Lu}[\p{L}\p{M}]*\p{Ll}[\p{L}\p{M}'’]*(?:-\p{Lu}?[\p{L}\p{M}]+)*\b"
_CAPITALS = regex.compile(rf"\b{_WORD}(?:\s(?:(?:de|di|van|von|der|del|la|le|al|bin)\s)?{_WORD})*")
_BEGINS = regex.compile(r"(?:^|[.!?…:;\n\u2028•·–—\"“„«»‘(\[]|\p{Extended_Pictographic}\ufe0f?|\u20e3|[-*]\s)\s*$")
_TITLES = ("herr", "herrn", "frau", "mr", "mrs", "ms", "dr", "prof", "chef", "señor", "señora", "madame", "monsieur")
_TITLED = regex.compile(rf"\b(?i:{'|'.join(_TITLES)})\.?\s(?P<name>{_WORD})")
_GERMAN_WORDS = (
    "der die das den dem und ist sind nicht mit für ein eine einen bei wir ihr uns euch auf im zum zur gibt auch"
)
_ENGLISH_WORDS = "the and is are with for we you our your of at to it this"
_PLAIN_WORDS = (
    "i i'm i'll i've i'd ok january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays"
)
_GERMAN, _ENGLISH, _PLAIN = (frozenset(words.split()) for words in (_GERMAN_WORDS, _ENGLISH_WORDS, _PLAIN_WORDS))
_HEADLINE = 4  # words; of so many, or more, nearly all with a capital are a headline


@dataclass(frozen=True)
class Name:
    """``quote`` is how it stands there. ``core`` is what has to be known of it: the first word of a sentence may be any word."""

    quote: str
    core: str


def names_in(text: str) -> Iterator[Name]:
    for span in find_mentions(text):
        yield Name(text[span.start : span.end], text[span.start : span.end])
    plain = _without(text, [*find_mentions(text), *find_tags(text)])
    german = is_german(plain)
    for line in plain.split("\n"):
        if _is_headline(line):
            continue
        for found in _CAPITALS.finditer(line):
            if (name := _name(found, line, german=german)) is not None:
                yield name
        if german:
            yield from (Name(found["name"], found["name"]) for found in _TITLED.finditer(line))


def is_german(text: str) -> bool:
    words = [word.folded for word in words_in(text)]
    german, other = sum(word in _GERMAN for word in words), sum(word in _ENGLISH for word in words)
    return german > other or (german == other == 0 and bool(regex.search(r"[äöüß]", text.casefold())))


def _name(found: regex.Match[str], line: str, *, german: bool) -> Name | None:
    words = found.group().split()
    begins = _BEGINS.search(line[: found.start()]) is not None
    while words and _is_plain(words[0]):
        words, begins = words[1:], False
    while words and _is_plain(words[-1]):
        words = words[:-1]
    if begins and german:
        words, begins = words[1:], False
    core = words[1:] if begins else words
    if not core or (german and len(words) < 2):
        return None
    return Name(" ".join(words), " ".join(core))


def _is_plain(word: str) -> bool:
    return fold(word) in _PLAIN


def _is_headline(line: str) -> bool:
    words = regex.findall(r"\p{L}[\p{L}\p{M}'’]{2,}", line)
    return (
        len(words) >= _HEADLINE and sum(word[0].isupper() for word in words) >= 0.8 * len(words) and not is_german(line)
    )


def _without(text: str, spans: Iterable[Span]) -> str:
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text
