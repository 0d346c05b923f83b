"""What an eye does not see in a text: signs without a shape, and letters in an address that look like others. Pure.

Whoever approves sees what the public will see, and neither sees these: so they are named beside the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from networks.text import find_links

_OVERRIDES = frozenset("\u202d\u202e")
"""Turn letters round. The other signs for a direction come along with numbers and names copied out of an address book."""
_SHAPELESS = frozenset(
    "\u180e\u2061\u2062\u2063\u2064\u206a\u206b\u206c\u206d\u206e\u206f\u115f\u1160\u3164\uffa0\ufff9\ufffa\ufffb"
)
_BLANKS = frozenset("\u200b\u2060\ufeff")
"""Without a width. Word processors leave one here and there; in a row they hide something."""
_TAGS = range(0xE0000, 0xE0080)
_FLAG, _FLAG_ENDS = "\U0001f3f4", "\U000e007f"
_FLAGS = re.compile(rf"{_FLAG}[\U000e0030-\U000e007a]{{1,6}}{_FLAG_ENDS}")
"""England's, Scotland's and Wales's are written with tags."""
_HOST = re.compile(r"^[a-z]+://([^/?#:]*).*$", re.IGNORECASE | re.DOTALL)
_LOOKS_LATIN = frozenset("асеорхуіјѕԁһԛԝӏгкмтвнονα")
"""Of Cyrillic and Greek, in small letters."""


def unseen_signs(text: str) -> Iterator[str]:
    """Each that stands there, as often as it does; none of what emoji, Arabic, Hebrew, Indic scripts and copied numbers need. Control
    characters never come this far (``mesh.cells``)."""
    if text.isascii():
        return
    plain = _FLAGS.sub("", text)
    hiding = sum(sign in _BLANKS for sign in plain) >= 4
    for sign in plain:
        if sign in _OVERRIDES or sign in _SHAPELESS or ord(sign) in _TAGS or (hiding and sign in _BLANKS):
            yield sign


def look_alikes(text: str) -> Iterator[str]:
    """Hosts of its links with a part that mixes Latin with Cyrillic or Greek letters, or only looks Latin."""
    if text.isascii():
        return
    for link in find_links(text):
        host = _HOST.sub(r"\1", link.value)
        if any(_misleads(part) for part in host.casefold().split(".")):
            yield host


def _misleads(part: str) -> bool:
    foreign = {sign for sign in part if "\u0370" <= sign <= "\u052f"}
    return bool(foreign) and (any("a" <= sign <= "z" for sign in part) or foreign <= _LOOKS_LATIN)


def in_ascii(host: str) -> str:
    """As it goes on the wire: xn--…; as it is where it cannot."""
    try:
        return host.casefold().encode("idna").decode()
    except UnicodeError:
        return host
