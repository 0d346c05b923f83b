"""The doc's lines: taken apart, and without the dress that Docs, tables and keyboards bring along. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

LONGEST_CHARACTERS = 100_000
MOST_LINES = 2_000
LONGEST_RULE_CHARACTERS = 4_000
"""Of one line. A rule is a few words; a text may be as long as it likes."""

_LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\u0085\u2028\u2029]")
_UNSEEN = dict.fromkeys(
    "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("\u2010\u2011\u2012–—―−﹘﹣－", "-"),
        **dict.fromkeys("：﹕∶", ":"),
        **dict.fromkeys("\x00\x1c\x1d\x1e\x1f", " "),
        **_UNSEEN,
    }
)
_JOINERS = re.compile(
    r"(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)  # but not those inside an emoji
_MONTH_BEHIND = r"(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])"
# "1." is a list's number, but not in "1. Januar", "24. 12. 2026" and "24.12.2026".
_NUMBERED = rf"\(?\d{{1,3}}[.)](?!\s*{_MONTH_BEHIND})(?!\s*\d{{1,2}}\.\s*\d{{4}})(?!\s*[-–]\s*\d)\s+|[a-z]\)\s+"
_BULLETS = "-*+•·‣⁃◦●○■□▪▫➢➤➔→❖✓✔☐☑◆◇⦿⦁"
_BULLET = re.compile(rf"(?:[{re.escape(_BULLETS)}–—\uf0b7\uf0a7]+\s*|{_NUMBERED})+", re.IGNORECASE)
_COMMENT = re.compile(r"(?:^|\s)#.*")
_NOTE = re.compile(r"//|[(\[{].*[)\]}]\.?$")


@dataclass(frozen=True)
class Line:
    """One line of the doc. ``number`` counts from 1; ``raw`` is what stands there, every character of it."""

    number: int
    raw: str

    @cached_property
    def plain(self) -> str:
        """The rule in it: one space between words, straight quotes and dashes, no bullet, no comment, no full stop at the end.

        "" for a line that says nothing to us: blank, or a note (``#``, ``//``, or wholly in brackets). A tab, or a table's upright
        bar, stays as a tab.
        """
        text = self._undressed[self._bullet_end :]
        if _NOTE.match(text):
            return ""
        cells = [" ".join(cell.split()) for cell in re.split(r"[\t|]", _COMMENT.sub("", text))]
        text = "\t".join(cell for cell in cells if cell)
        return text[:-1].rstrip() if text.endswith(".") and not text.endswith("..") else text

    @cached_property
    def indent(self) -> int:
        """How far its bullet, or its first word, stands from the left; a tab counts as four."""
        text = self._undressed.expandtabs(4)
        return len(text) - len(text.lstrip())

    @cached_property
    def bullet(self) -> str:
        """The mark before the first word, or ""."""
        return self._undressed[: self._bullet_end].strip()

    @property
    def is_note(self) -> bool:
        """A note to oneself, also between the lines of a text: a hashtag has no space behind its sign."""
        return self._undressed[self._bullet_end :].startswith(("# ", "//"))

    @property
    def is_blank(self) -> bool:
        return not self._undressed.strip()

    @cached_property
    def own(self) -> str:
        """The owner's own characters, without the bullet and the white space around."""
        raw = self.raw.strip().strip("\ufeff\u200e\u200f").strip()
        found = _BULLET.match(raw) if self.bullet else None
        return raw[found.end() :] if found else raw

    @cached_property
    def _bullet_end(self) -> int:
        text = self._undressed
        start = len(text) - len(text.lstrip())
        found = _BULLET.match(text, start)
        return found.end() if found else start

    @cached_property
    def _undressed(self) -> str:
        text = self.raw[: LONGEST_RULE_CHARACTERS + 1]
        if text.isascii():
            return text.replace("\x00", " ")
        text = unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN)
        return _JOINERS.sub("", text)[: LONGEST_RULE_CHARACTERS + 1]


def split_lines(text: str) -> list[Line]:
    """Numbered as one counts them in the doc; a soft line break counts as a line."""
    return [Line(number, raw) for number, raw in enumerate(_LINE_ENDS.split(text.removeprefix("\ufeff")), start=1)]
