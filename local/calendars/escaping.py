"""Cells of a CSV file that a spreadsheet would run as formulas: an apostrophe before them, and off again when read.

The two are each other's inverse for every text, so that nothing is lost on the way out and back.
"""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def escaped(text: str) -> str:
    """As it goes into a CSV file."""
    return f"'{text}" if _RISKY.match(text) else text


def unescaped(text: str) -> str:
    """As it was before; also where another program put the apostrophe there."""
    return text[1:] if _ESCAPED.match(text) else text
