"""Little text as LinkedIn reads it: what the public sees of a commentary, which ends without an error at the first reserved character
that is neither escaped nor part of a template.

Templates: ``{hashtag|\\#|cake}`` and ``@[Cafe Luna](urn:li:organization:1)``. After learn.microsoft.com/linkedin/marketing/
community-management/shares/little-text-format; the silent cut is what posters report.
"""

from __future__ import annotations

import re

RESERVED = frozenset("\\|{}@[]()<>#*_~")
_PLAIN = r"(?:\\[\\|{}@\[\]()<>#*_~]|[^\\|{}@\[\]()<>#*_~])+"
_HASHTAG = re.compile(r"\{hashtag\|(?:\\#|＃)\|(" + _PLAIN + r")\}", re.DOTALL)
_MENTION = re.compile(r"@\[(" + _PLAIN + r")\]\(urn:li:(?:person|organization):[A-Za-z0-9_-]+\)", re.DOTALL)


def public_text(commentary: str) -> str:
    """What readers see."""
    return _read(commentary)[0]


def kept_text(commentary: str) -> str:
    """What LinkedIn keeps of it, still as little text."""
    return commentary[: _read(commentary)[1]]


def utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _read(commentary: str) -> tuple[str, int]:
    """The text, and where reading ended."""
    shown: list[str] = []
    position = 0
    while position < len(commentary):
        character, following = commentary[position], commentary[position + 1 : position + 2]
        if character == "\\" and following in RESERVED and following:
            shown.append(following)
            position += 2
        elif character not in RESERVED:
            shown.append(character)
            position += 1
        elif template := _HASHTAG.match(commentary, position):
            shown.append("#" + _unescaped(template[1]))
            position = template.end()
        elif template := _MENTION.match(commentary, position):
            shown.append(_unescaped(template[1]))
            position = template.end()
        else:
            break
    return "".join(shown), position


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
