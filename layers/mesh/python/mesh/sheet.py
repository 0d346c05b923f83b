"""The tab ``Posts`` as a table: read by header, in any column order, extra columns kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mesh.cells import Cell
from mesh.errors import MeshError
from mesh.posts import OVERRIDE_PREFIX, Row, read_row

HEADER_WITHIN = 20  # filled rows: nobody has a longer title
REQUIRED = ("post_id", "date", "time", "text", "channels", "approved", "approved for", "status")


class SheetBroken(MeshError):
    """The tab cannot be read as a plan of posts; the message is a sentence for the owner."""


class AmbiguousRow(MeshError, ValueError):
    """Several rows carry one post_id: nothing may be decided from any of them."""

    def __init__(self, post_id: str, numbers: Sequence[int]) -> None:
        super().__init__(f"rows {', '.join(map(str, numbers))} all carry the id {post_id}")
        self.post_id = post_id
        self.numbers = tuple(numbers)


@dataclass(frozen=True)
class SheetRow:
    """``number`` is the row's number in the sheet, from 1; ``cells`` holds every named column, None where empty."""

    number: int
    cells: Mapping[str, Cell]
    row: Row


@dataclass(frozen=True)
class Table:
    """``header`` has one name per column of the sheet, in order: lower-case, "" where there is none; it stands in row ``header_number``."""

    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    header_number: int = 1

    @property
    def doubled(self) -> tuple[str, ...]:
        """Names that stand twice: the first column of each counts, and nobody sees which that is."""
        return tuple(dict.fromkeys(name for name in self.header if name and self.header.count(name) > 1))

    def column(self, name: str) -> int:
        """The column's index from 0; the first counts where a name stands twice. ValueError for a name that is not there."""
        return self.header.index(name)


def read_table(values: Sequence[Sequence[Cell]]) -> Table:
    """``values.get`` of the whole tab, from A1. Rows without any content are left out; so are titles above the header.

    SheetBroken when there is no header or it lacks a required column, naming them.
    """
    start = _header_at(values)
    header = column_names(values[start])
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise SheetBroken(_what_is_missing(start + 1, missing))
    rows = tuple(
        _sheet_row(number, header, line) for number, line in enumerate(values[start + 1 :], start + 2) if _filled(line)
    )
    return Table(header, rows, start + 1)


def column_names(line: Sequence[Cell]) -> tuple[str, ...]:
    """A header's names as they are compared: lower-case, single spaces."""
    return tuple("" if cell is None else " ".join(str(cell).lower().split()) for cell in line)


def _header_at(values: Sequence[Sequence[Cell]]) -> int:
    """The first of the upper rows with every required name, else the one with most of them."""
    filled = [index for index, line in enumerate(values) if _filled(line)][:HEADER_WITHIN]
    if not filled:
        raise SheetBroken("The tab is empty: its first row must name the columns " + ", ".join(REQUIRED) + ".")
    known = {index: len(set(REQUIRED) & set(column_names(values[index]))) for index in filled}
    best = max(filled, key=lambda index: (known[index], -index))
    if not known[best]:
        raise SheetBroken(
            f"There is no header: one of the first rows must name the columns {', '.join(REQUIRED)}. "
            "If the header row was deleted, undo that."
        )
    return best


def _what_is_missing(number: int, missing: Sequence[str]) -> str:
    noun, them = ("column", "it") if len(missing) == 1 else ("columns", "them")
    names = ", ".join(f"“{name}”" for name in missing)
    ids = " The rows get their ids back by themselves." if "post_id" in missing else ""
    return f"The header in row {number} lacks the {noun} {names}. Undo the change, or write {them} into the header again.{ids}"


def find(table: Table, post_id: str) -> SheetRow | None:
    """The row that carries this id. AmbiguousRow when several do."""
    found = [row for row in table.rows if row.row.post_id == post_id]
    if len(found) > 1:
        raise AmbiguousRow(post_id, [row.number for row in found])
    return found[0] if found else None


def renamed(before: Sequence[str], header: Sequence[str]) -> list[tuple[str, str]]:
    """Columns of posts' content that are gone while a name never seen before stands in their place: (was, is now).

    A column that is only gone was taken out on purpose; one that carries another name would lose every row's content unseen.
    """
    return [
        (was, now)
        for was, now in zip(before, header, strict=False)
        if _is_content(was) and was not in header and now and now not in before
    ]


def _is_content(name: str) -> bool:
    return name in {"image", "alt text", "link"} or name.startswith(OVERRIDE_PREFIX)


def column_letter(index: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _sheet_row(number: int, header: tuple[str, ...], line: Sequence[Cell]) -> SheetRow:
    cells: dict[str, Cell] = {}
    for index, name in enumerate(header):
        if name and name not in cells:
            value = line[index] if index < len(line) else None
            cells[name] = None if value == "" else value
    return SheetRow(number, cells, read_row(cells))


def _filled(line: Sequence[Cell]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in line)
