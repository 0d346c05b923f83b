"""What became of a text word by word: what stayed, what went, what came. Pure, and bounded in time whatever the texts are.

Words are Unicode's (UAX 29), never less than a grapheme: scripts without blanks between words are compared nearly sign by sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from networks.text import graphemes

if TYPE_CHECKING:
    import regex

_AROUND_CHARACTERS = 40  # of unchanged text that is kept on each side of a change
_WORTH_SKIPPING_CHARACTERS = 40
_MOST_PIECES = 120  # cut up further than that, two texts are easier read one after the other


@cache
def _break() -> regex.Pattern[str]:
    """Compiled when first used: most messages show no change."""
    import regex

    return regex.compile(r"\b", regex.WORD | regex.VERSION1)


class Word(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"
    SKIPPED = "skipped"  # unchanged text left out beside a change; its piece has no text


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: whole words and the blanks among them."""

    kind: Word
    text: str


def words(text: str) -> list[str]:
    """Words, blanks and marks, each of its own; together they are the text."""
    breaks = {match.start() for match in _break().finditer(text)}
    found: list[str] = []
    start = position = 0
    for grapheme in graphemes(text):
        if position in breaks and position > start:
            found.append(text[start:position])
            start = position
        position += len(grapheme)
    return [*found, text[start:]] if text else []


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """What went stands before what came in its place. All but what was SKIPPED of either text can be read from it; equal texts give nothing."""
    if before == after:
        return ()
    found = _skipped(_without_crumbs(_joined(_aligned(words(before), words(after)))))
    if len(found) > _MOST_PIECES:
        return (Piece(Word.GONE, before), Piece(Word.NEW, after))
    return tuple(found)


def _aligned(before: Sequence[str], after: Sequence[str]) -> list[Piece]:
    """By a longest common subsequence, from bit rows: n steps over integers of m bits (Crochemore, Iliopoulos, Pinzon, Reid, 2001).

    That takes milliseconds for texts of thousands of words that share nothing, where a search from match to match takes minutes.
    """
    start, most = 0, min(len(before), len(after))
    while start < most and before[start] == after[start]:
        start += 1
    end = 0
    while end < most - start and before[-1 - end] == after[-1 - end]:
        end += 1
    middle = _common(before[start : len(before) - end], after[start : len(after) - end])
    tail = before[len(before) - end :] if end else []
    return [Piece(Word.SAME, word) for word in before[:start]] + middle + [Piece(Word.SAME, word) for word in tail]


def _common(before: Sequence[str], after: Sequence[str]) -> list[Piece]:
    where: dict[str, int] = {}
    for position, word in enumerate(before):
        where[word] = where.get(word, 0) | 1 << position
    full = (1 << len(before)) - 1
    rows = [full]
    for word in after:
        row = rows[-1]
        hits = row & where.get(word, 0)
        rows.append((row + hits | row - hits) & full)
    # Bit p of row n is 0 where before[: p + 1] shares one word more with after[:n] than before[:p] does.
    pieces: list[Piece] = []
    at, row_number = len(before), len(after)
    while at and row_number:
        if rows[row_number] >> (at - 1) & 1:
            at -= 1
            pieces.append(Piece(Word.GONE, before[at]))
        elif not rows[row_number - 1] >> (at - 1) & 1:
            row_number -= 1
            pieces.append(Piece(Word.NEW, after[row_number]))
        else:
            at, row_number = at - 1, row_number - 1
            pieces.append(Piece(Word.SAME, before[at]))
    pieces += [Piece(Word.NEW, word) for word in reversed(after[:row_number])]
    pieces += [Piece(Word.GONE, word) for word in reversed(before[:at])]
    return pieces[::-1]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind as one; between two unchanged stretches first what went, then what came."""
    found: list[Piece] = []
    for same, run in groupby(pieces, lambda piece: piece.kind is Word.SAME):
        stretch = list(run)
        for kind in (Word.SAME,) if same else (Word.GONE, Word.NEW):
            text = "".join(piece.text for piece in stretch if piece.kind is kind)
            if text:
                found.append(Piece(kind, text))
    return found


def _without_crumbs(pieces: list[Piece]) -> list[Piece]:
    """A few letters that two other sentences happen to share are no unchanged text: read in pieces, neither can be understood.

    Unchanged text that is no longer than the change on either side of it counts as changed with them, and so does a lone blank.
    """
    found: list[list[Piece]] = []  # changes and unchanged stretches by turns
    for _, run in groupby(pieces, lambda piece: piece.kind is Word.SAME):
        found.append(list(run))
        while len(found) >= 3 and found[-2][0].kind is Word.SAME:
            crumb, before, after = found[-2][0].text, _size(found[-3]), _size(found[-1])
            if crumb.strip() and len(crumb) > min(before, after):
                break
            both = [Piece(Word.GONE, crumb), Piece(Word.NEW, crumb)]
            found[-3:] = [_joined([*found[-3], *both, *found[-1]])]
    return [piece for stretch in found for piece in stretch]


def _size(change: Sequence[Piece]) -> int:
    return max(len(piece.text) for piece in change)


def _skipped(pieces: Sequence[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for number, piece in enumerate(pieces):
        if piece.kind is not Word.SAME:
            found.append(piece)
            continue
        parts = words(piece.text)
        head = _kept(parts) if number else 0
        tail = len(parts) - _kept(parts[::-1]) if number < len(pieces) - 1 else len(parts)
        if len("".join(parts[head:tail])) < _WORTH_SKIPPING_CHARACTERS:
            found.append(piece)
            continue
        kept = (
            Piece(Word.SAME, "".join(parts[:head])),
            Piece(Word.SKIPPED, ""),
            Piece(Word.SAME, "".join(parts[tail:])),
        )
        found += [one for one in kept if one.text or one.kind is Word.SKIPPED]
    return found


def _kept(parts: Sequence[str]) -> int:
    """How many of them make up the text kept beside a change."""
    length = 0
    for number, part in enumerate(parts):
        length += len(part)
        if length >= _AROUND_CHARACTERS:
            return number + 1
    return len(parts)
