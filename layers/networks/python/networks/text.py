"""Counting and finding in post texts, as far as networks agree on it. Pure; whatever a text holds, nothing raises."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import regex


_NOT_AT_THE_END = frozenset(".,;:!?'*_~|&-")
_BRACKETS = {")": "(", "]": "["}


@dataclass(frozen=True)
class Span:
    """A stretch of a text, in code points: ``text[start:end]``; ``value`` is an address, or a tag without its sign."""

    start: int
    end: int
    value: str


@cache
def _grapheme() -> regex.Pattern[str]:
    """As the other patterns compiled when first used: most functions never take a text apart."""
    import regex

    return regex.compile(r"\X")


@cache
def _link() -> regex.Pattern[str]:
    """A link as networks find one in running text: a scheme, a name with a top-level domain, and a path of plain, Latin or
    Cyrillic letters. A path ends at the first CJK or Thai character, since those scripts put no space between an address
    and the next word.
    """
    import regex

    return regex.compile(
        r"""(?<![\w@$\#])
    https?://
    (?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+
    (?:xn--[a-z0-9-]{2,59}|[a-z]{2,63}|[\p{L}--[a-zA-Z]]{2,63})(?![a-z0-9_@-])
    (?::\d{1,5}(?!\d))?
    (?:[/?\#][a-z0-9\-._~:/?\#\[\]@!$&'()*+,;=%|\u00c0-\u024f\u0400-\u04ff]*)?
    """,
        regex.VERBOSE | regex.IGNORECASE | regex.VERSION1,
    )


@cache
def _emoji() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3")


@cache
def _hash() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"[#＃][\p{L}\p{N}_]")


@cache
def _mention() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"(?<![\w@.%+/-])@([a-z0-9_][a-z0-9_.-]*)", regex.IGNORECASE)


@cache
def _tag() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"(?<![^\s(])[#＃]([\p{L}\p{M}\p{N}_]+)")


def grapheme_count(text: str) -> int:
    """Characters as people see them: extended grapheme clusters. A family emoji is one, an accented letter is one."""
    return sum(1 for _ in _grapheme().finditer(text))


def graphemes(text: str) -> list[str]:
    """The extended grapheme clusters in their order; together they are the text."""
    return [match.group() for match in _grapheme().finditer(text)]


def is_emoji(grapheme: str) -> bool:
    """Whether one cluster is shown as a picture: a pictograph, a flag, a keycap."""
    return _emoji().match(grapheme) is not None


def utf16_units(text: str) -> int:
    """Length as JavaScript and Java count: an emoji is two or more."""
    return len(text) + sum(character > "\uffff" for character in text)


def count_hashes(text: str) -> int:
    """Every # with a letter or figure behind it, wherever it stands: for a limit, what could be a hashtag is one."""
    return len(_hash().findall(text))


def utf8_bytes(text: str) -> int:
    """Length in UTF-8. A lone surrogate, which has no UTF-8, counts as three bytes."""
    return len(text.encode("utf-8", "surrogatepass"))


def find_links(text: str) -> list[Span]:
    """The http and https addresses in a text, without the punctuation that ends a sentence."""
    return [_without_punctuation(match.start(), match.group()) for match in _link().finditer(text)]


def find_tags(text: str) -> list[Span]:
    """Hashtags; ``value`` without the sign. A number alone (``#1``) is no tag, and nothing inside an address is."""
    return [span for span in _outside_links(_tag(), text) if not span.value.isdigit()]


def find_mentions(text: str) -> list[Span]:
    """Names after an @; ``value`` without the sign. Neither mail addresses nor anything inside an address."""
    return [
        Span(span.start, span.end - (len(span.value) - len(name)), name)
        for span in _outside_links(_mention(), text)
        if (name := span.value.rstrip(".-"))
    ]


def tappable_in(text: str) -> tuple[Span, ...]:
    """What most networks make of a text: links, hashtags and mentions."""
    return apart([*find_links(text), *find_tags(text), *find_mentions(text)])


def apart(found: Iterable[Span]) -> tuple[Span, ...]:
    """In their order, none within another."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)


def _outside_links(pattern: regex.Pattern[str], text: str) -> list[Span]:
    links = find_links(text)
    return [
        Span(match.start(), match.end(), match.group(1))
        for match in pattern.finditer(text)
        if not any(link.start <= match.start() < link.end for link in links)
    ]


def holds_link(text: str, link: str) -> bool:
    """Whether the text already shows this very address, as an address of its own."""
    return any(span.value == link for span in find_links(text)) or link in text.split()


def is_link(link: str) -> bool:
    """Whether this can be opened: http or https, a host, no space in it."""
    if unsendable(link) is not None or any(character.isspace() for character in link):
        return False
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host)


def is_local(link: str) -> bool:
    """Whether only this computer, or its own network, can open it: ``localhost``, ``printer.local``, 192.168.0.1, a name without a dot."""
    try:
        host = (urlsplit(link).hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal", ".lan", ".home.arpa"))


def invisible(text: str) -> bool:
    """Whether nobody would see anything: blanks, marks without a letter, directions."""
    return all(unicodedata.category(character)[0] in "ZCM" for character in text)


def tidy(text: str) -> str:
    """The text with one kind of newline and no space around it: networks do that anyway, so the card shows it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def same_words(one: str, other: str) -> bool:
    """Equal but for spacing and Unicode's composed or decomposed spelling: what a server's own rendering may change."""
    return _words(one) == _words(other)


def unsendable(text: str) -> int | None:
    """Position of the first character no network can be sent: half an emoji, a control character. None if clean."""
    for position, character in enumerate(text):
        if (
            "\ud800" <= character <= "\udfff"
            or (ord(character) < 32 and character not in "\n\t")
            or character == "\x7f"
        ):
            return position
    return None


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


def _without_punctuation(start: int, address: str) -> Span:
    """Cut what belongs to the sentence; a closing bracket stays where the address opened one."""
    end = len(address)
    while end:
        last = address[end - 1]
        opening = _BRACKETS.get(last)
        unopened = opening is not None and address.count(last, 0, end) > address.count(opening, 0, end)
        if last not in _NOT_AT_THE_END and not unopened:
            break
        end -= 1
    return Span(start, start + end, address[:end])
