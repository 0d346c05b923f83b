"""Names in a text: words with a capital where the language would not give them one, and accounts behind an @. Pure.

At the beginning of a sentence nobody can tell a name; in German, where every noun has a capital, only two such words in a row are one,
or one behind Herr, Frau and the like. Scripts without capitals show no names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

from draft_helper.guard_words import fold, words_in
from networks.text import Span, find_mentions, find_tags

_WORD = r"\p{Lu}[\p{L}\p{M}]*\p{Ll}[\p{L}\p{M}'’]*(?:-\p{Lu}?[\p{L}\p{M}]+)*"
_CAPITALS = regex.compile(rf"\b{_WORD}(?:\s(?:(?:de|di|van|von|der|del|la|le|al|bin)\s)?{_WORD})*")
_BEGINS = regex.compile(r"(?:^|[.!?…:;\n\u2028•·–—\"“„«»‘(\[]|\p{Extended_Pictographic}\ufe0f?|[-*]\s)\s*$")
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


def names_in(text: str) -> Iterator[str]:
    """Each name as it stands there."""
    for span in find_mentions(text):
        yield text[span.start : span.end]
    plain = _without(text, [*find_mentions(text), *find_tags(text)])
    german = is_german(plain)
    for line in plain.split("\n"):
        if _is_headline(line):
            continue
        for found in _CAPITALS.finditer(line):
            if name := _name(found, line, german=german):
                yield name
        if german:
            yield from (found["name"] for found in _TITLED.finditer(line))


def is_german(text: str) -> bool:
    words = [word.folded for word in words_in(text)]
    german, other = sum(word in _GERMAN for word in words), sum(word in _ENGLISH for word in words)
    return german > other or (german == other == 0 and bool(regex.search(r"[äöüß]", text.casefold())))


def _name(found: regex.Match[str], line: str, *, german: bool) -> str:
    words = found.group().split()
    begins = _BEGINS.search(line[: found.start()]) is not None
    if begins and (len(words) == 1 or german):
        words = words[1:]  # the first word of a sentence has its capital from there
    while words and _is_plain(words[0]):
        words = words[1:]
    while words and _is_plain(words[-1]):
        words = words[:-1]
    if german and len(words) < 2:
        return ""
    return " ".join(words)


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
