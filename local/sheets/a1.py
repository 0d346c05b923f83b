"""A1 notation: parsing it to zero-based, half-open boxes and writing it as Google does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.sheets.wire import Json, invalid

_CORNER = re.compile(r"\$?([A-Za-z]{1,3})?\$?([1-9][0-9]*)?\Z")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Box:
    """Rows and columns, zero-based, the end excluded; None means "to the edge of the grid"."""

    start_row: int = 0
    end_row: int | None = None
    start_column: int = 0
    end_column: int | None = None

    @property
    def is_one_cell(self) -> bool:
        return self.end_row == self.start_row + 1 and self.end_column == self.start_column + 1

    def within(self, row_count: int, column_count: int) -> Closed:
        """This box cut to a grid of that size; empty where it lies outside."""
        end_row = row_count if self.end_row is None else min(self.end_row, row_count)
        end_column = column_count if self.end_column is None else min(self.end_column, column_count)
        return Closed(self.start_row, end_row, self.start_column, end_column)


@dataclass(frozen=True, slots=True)
class Closed:
    """A box with all its edges known."""

    start_row: int
    end_row: int
    start_column: int
    end_column: int

    def contains(self, row: int, column: int) -> bool:
        return self.start_row <= row < self.end_row and self.start_column <= column < self.end_column


def column_letters(column: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A -> 0, AA -> 26."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def quoted_title(title: str) -> str:
    """The tab's name as it stands before the `!`."""
    return title if _PLAIN_TITLE.match(title) else "'" + title.replace("'", "''") + "'"


def split_title(text: str) -> tuple[str | None, str]:
    """`'My tab'!A1:B2` -> ("My tab", "A1:B2"); no tab named -> (None, text); a quoted name alone -> (name, "")."""
    if text.startswith("'"):
        end = _closing_quote(text)
        rest = text[end + 1 :]
        if rest and not rest.startswith("!"):
            raise invalid(f"Unable to parse range: {text}")
        return text[1:end].replace("''", "'"), rest[1:]
    title, mark, cells = text.rpartition("!")
    return (title, cells) if mark else (None, text)


def _closing_quote(text: str) -> int:
    position = 1
    while position < len(text):
        if text[position] == "'":
            if text[position + 1 : position + 2] != "'":
                return position
            position += 1
        position += 1
    raise invalid(f"Unable to parse range: {text}")


def parse_cells(text: str) -> Box | None:
    """`A1`, `A1:B2`, `A:C`, `2:3`, `A2:C` as a box; None if it is no cell reference."""
    first, mark, second = text.partition(":")
    start = _corner(first)
    end = _corner(second) if mark else start
    if start is None or end is None or (not mark and None in start):
        return None
    rows = sorted_edge(start[0], end[0])
    columns = sorted_edge(start[1], end[1])
    return Box(rows[0], rows[1], columns[0], columns[1])


def _corner(text: str) -> tuple[int | None, int | None] | None:
    found = _CORNER.match(text)
    if not found or not text:
        return None
    letters, digits = found.groups()
    if letters is None and digits is None:
        return None
    return (int(digits) - 1 if digits else None, column_index(letters) if letters else None)


def sorted_edge(start: int | None, end: int | None) -> tuple[int, int | None]:
    """Both ends of a reference, in either order, as a half-open interval."""
    if start is None and end is None:
        return 0, None
    if start is None or end is None:
        known = start if start is not None else end
        assert known is not None
        return known, None
    low, high = sorted((start, end))
    return low, high + 1


def to_a1(title: str, box: Closed) -> str:
    """As Google writes a range: one cell without a colon."""
    first = f"{column_letters(box.start_column)}{box.start_row + 1}"
    last = f"{column_letters(box.end_column - 1)}{box.end_row}"
    return f"{quoted_title(title)}!{first}" + ("" if first == last else f":{last}")


def from_grid_range(grid_range: Json) -> Box:
    """A GridRange of the API: absent edges are open."""
    return Box(
        int(grid_range.get("startRowIndex") or 0),
        _optional(grid_range.get("endRowIndex")),
        int(grid_range.get("startColumnIndex") or 0),
        _optional(grid_range.get("endColumnIndex")),
    )


def to_grid_range(sheet_id: int, box: Box | Closed) -> Json:
    """A GridRange of the API; open edges are left out."""
    edges: Json = {
        "sheetId": sheet_id,
        "startRowIndex": box.start_row,
        "endRowIndex": box.end_row,
        "startColumnIndex": box.start_column,
        "endColumnIndex": box.end_column,
    }
    return {name: value for name, value in edges.items() if value is not None}


def _optional(value: int | None) -> int | None:
    return None if value is None else int(value)
