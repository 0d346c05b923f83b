"""How X counts a text: weights by script, every link as 23, every emoji as 2, after Unicode's composed form.

Rules: twitter-text configuration v3 (github.com/twitter/twitter-text). A link needs no ``https://`` there: ``cafe.example.com`` alone is
one, and costs as one. ``make test-real`` compares this module with X's own JavaScript, text by text.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

import regex

from networks.text import Span, graphemes

LINK_LENGTH = 23
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # code points that weigh one; all others weigh two
_LONGEST_LINK = 4096
_LONGEST_SLUG = 40
_LONGEST_ENDING = 24
_LONGEST_LABEL = 63
_FAMILY = 4  # no emoji joins more figures; a longer chain is shown, and counted, as several

_PICTURE = regex.compile(
    r"\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3"
    r"|\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?[\U000e0020-\U000e007f]*"
    r"(?:\u200d\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)*"
)
_FIGURE = regex.compile(r"\p{Extended_Pictographic}")

_SPACES = r"\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_DIRECTIONS = r"\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_NEVER = r"\ufffe\ufeff\uffff"
_LATIN = (
    r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    r"\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_PUNCTUATION = r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
_NAME = rf"[^{_PUNCTUATION}{_SPACES}{_NEVER}{_DIRECTIONS}]"
_PATH_LETTERS = rf"a-z0-9\u0400-\u04ff{_LATIN}"
_PATH = rf"[{_PATH_LETTERS}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"

# A scheme or none, then everything that could stand in a domain. Quantifiers that give nothing back: no text takes long.
_START = regex.compile(
    rf"(?<![a-z0-9@＠$#＃{_NEVER}])(?P<scheme>https?://)(?P<run>(?:{_NAME}|[-_.])++)|(?P<run>(?:{_NAME}|[-_.])++)",
    regex.IGNORECASE,
)
_SCHEME_AT_END = regex.compile(r"(?<![a-z0-9])https?://\Z", regex.IGNORECASE)
_FOREIGN = regex.compile(rf"(?![a-z0-9]){_NAME}", regex.IGNORECASE)  # behind such a letter a domain can begin
_LABEL = regex.compile(rf"{_NAME}(?:(?:{_NAME}|[-_])*{_NAME})?", regex.IGNORECASE)
_LATIN_DOMAIN = regex.compile(rf"(?P<labels>(?:[-a-z0-9{_LATIN}]++\.)++)(?:{_NAME}|-)++", regex.IGNORECASE)
_PORT = regex.compile(r":[0-9]++")
_PATH_RUN = regex.compile(rf"{_PATH}++", regex.IGNORECASE)
_PATH_END = regex.compile(rf"[{_PATH_LETTERS}+\-=_#/]", regex.IGNORECASE)
_IN_BRACKETS = regex.compile(rf"\((?:{_PATH}++(?:\({_PATH}++\){_PATH}*+)?|\({_PATH}++\){_PATH}*+)\)", regex.IGNORECASE)
_QUERY = regex.compile(r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]++", regex.IGNORECASE)
_QUERY_END = regex.compile(r"[a-z0-9\-_&=#/]", regex.IGNORECASE)
_SHORTENED = regex.compile(r"https?://t\.co/(?P<slug>[a-z0-9]++)", regex.IGNORECASE)
_NOT_BEFORE = frozenset("-_./@＠$#＃\ufffe\ufeff\uffff")


@cache
def _endings() -> frozenset[str]:
    words = files("networks").joinpath("x_domains.txt").read_text("utf-8").splitlines()
    return frozenset(ending for line in words if not line.startswith("#") for ending in line.split())


def find_x_links(text: str) -> list[Span]:
    """What X makes a link of, in code points of ``text`` as it is. Takes time in proportion to the text, whatever it holds."""
    found: list[Span] = []
    position = 0
    while "." in text and (match := _START.search(text, position)) is not None:
        position = match.end("run")
        start = match.start("run")
        bare = match["scheme"] is None
        if bare and (scheme := _SCHEME_AT_END.search(text, start, position + 3)) is not None:
            position = scheme.start()
            if position == start:
                position += len(scheme.group())
                continue
        if bare and start and text[start - 1] in _NOT_BEFORE:
            foreign = _FOREIGN.search(text, start, position)
            if foreign is None:
                continue
            start = foreign.end()
        run = text[start:position]
        end = _domain_end(run, text[position : position + 1])
        if end is None or not _can_be_looked_up(run[:end]):
            continue
        whole_end = _query_end(text, _path_end(text, _port_end(text, start + end)))
        if whole_end - start > _LONGEST_LINK:
            continue
        position = max(whole_end, start + end)
        found += _bare(text, start, start + end, whole_end) if bare else _with_scheme(text, match.start(), whole_end)
    return found


def _domain_end(run: str, following: str) -> int | None:
    """Where the longest domain at the beginning of the run ends: behind the last label that begins with a known ending."""
    best: int | None = None
    position, before = 0, ""
    labels = run.split(".")
    for number, label in enumerate(labels, start=1):
        after = "." if number < len(labels) else following
        ending = _ending_length(label, after) if before and "_" not in before else 0
        if ending:
            best = position + ending
        if not _LABEL.fullmatch(label):
            break
        position, before = position + len(label) + 1, label
    return best


def _ending_length(label: str, following: str) -> int:
    """How much of a label is a top-level domain: "com" of "com" and of "com" with Chinese behind it, nothing of "comma"."""
    low = label.lower()
    if low.startswith("xn--"):
        return len(low) - len(low.lstrip("-0123456789abcdefghijklmnopqrstuvwxyz"))
    for length in range(min(len(low), _LONGEST_ENDING), 1, -1):
        if low[:length] in _endings() and not _joins(low[length : length + 1] or following):
            return length
    return 0


def _joins(character: str) -> bool:
    return character.isascii() and (character.isalnum() or (character != "" and character in "-@+"))


def _port_end(text: str, end: int) -> int:
    match = _PORT.match(text, end)
    return match.end() if match else end


def _path_end(text: str, end: int) -> int:
    if text[end : end + 1] != "/":
        return end
    last, position = end + 1, end
    while position < len(text):
        if match := _PATH_RUN.match(text, position):
            position = match.end()
            ends = [place for place in range(match.end(), match.start(), -1) if _PATH_END.match(text, place - 1)][:1]
            last = max([last, *ends])
        elif match := _IN_BRACKETS.match(text, position):
            last = position = match.end()
        else:
            break
    return last


def _query_end(text: str, end: int) -> int:
    match = _QUERY.match(text, end)
    if match is None:
        return end
    last = match.end()
    while last > end and not _QUERY_END.match(text, last - 1):
        last -= 1
    return last


def _bare(text: str, start: int, domain_end: int, end: int) -> list[Span]:
    """Without a scheme only what is plain Latin: each domain of its own, the last one with its path."""
    inside: list[Span] = []
    position = start
    while (match := _LATIN_DOMAIN.search(text, position, domain_end)) is not None:
        length = _domain_end(match.group(), text[match.end() : match.end() + 1])
        position = match.start() + length if length is not None else match.end("labels")
        if length is not None:
            inside.append(Span(match.start(), position, text[match.start() : position]))
    if inside and text[domain_end : domain_end + 1] == "/" and end > domain_end:
        inside[-1] = Span(inside[-1].start, end, text[inside[-1].start : end])
    return inside


def _with_scheme(text: str, start: int, end: int) -> list[Span]:
    short = _SHORTENED.match(text, start)
    if short is not None and len(short["slug"]) > _LONGEST_SLUG:
        return []
    if short is not None:
        end = min(end, _query_end(text, short.end()))
    return [Span(start, end, text[start:end])]


def weighted_length(text: str, link_length: int = LINK_LENGTH) -> int:
    """Characters as X counts them. Never raises."""
    plain = unicodedata.normalize("NFC", text)
    length, position = 0, 0
    for link in find_x_links(plain):
        length += _weight(plain[position : link.start]) + link_length
        position = link.end
    return length + _weight(plain[position:])


def _weight(text: str) -> int:
    return sum(_grapheme_weight(grapheme) for grapheme in graphemes(text))


def _grapheme_weight(grapheme: str) -> int:
    if len(grapheme) == 1:
        return 2 if _PICTURE.match(grapheme) else _code_point_weight(ord(grapheme))
    picture = _PICTURE.match(grapheme)
    shown = picture.end() if picture is not None and len(_FIGURE.findall(picture.group())) <= _FAMILY else 0
    return (2 if shown else 0) + sum(_code_point_weight(ord(character)) for character in grapheme[shown:])


def _code_point_weight(code_point: int) -> int:
    return 1 if any(first <= code_point <= last for first, last in _LIGHT) else 2


def _can_be_looked_up(domain: str) -> bool:
    """By the length of its labels alone: X takes emoji and much else in a name."""
    if domain.startswith("xn--") and not domain.isascii():
        return False
    return all(0 < _label_length(label) <= _LONGEST_LABEL for label in domain.split("."))


def _label_length(label: str) -> int:
    return len(label) if label.isascii() else len("xn--") + len(label.encode("punycode", "replace"))
