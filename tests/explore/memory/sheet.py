"""The owner's sheet and folder in memory: what drive-sync and the gate read and write of them, and the owner's own hands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from drive_sync.writer import Written
from mesh.cells import Cell
from mesh.google import Changes, File, GoogleRefused, NotShared, Tab, by_name
from mesh.sheet import column_names

SHEET_ID, FOLDER_ID = "sheet-1", "folder-1"
_SHEET_MIME = "application/vnd.google-apps.spreadsheet"
_DOC_MIME = "application/vnd.google-apps.document"


class MemorySheet:
    """One tab with a header in row 1; docs and images in one folder. Each change of anything is a change in Drive."""

    def __init__(self, header: Sequence[str]) -> None:
        self._rows: tuple[tuple[Cell, ...], ...] = (tuple(header),)
        self._files: dict[str, File] = {SHEET_ID: File(SHEET_ID, "Posts", _SHEET_MIME, 1, parents=(FOLDER_ID,))}
        self._texts: dict[str, str] = {}
        self._bytes: dict[str, bytes] = {}
        self._log: tuple[str, ...] = ()

    def fingerprint(self) -> int:
        return hash((self._rows, tuple(sorted((one.id, one.version) for one in self._files.values())), len(self._log)))

    def copy(self) -> MemorySheet:
        twin = MemorySheet(())
        twin._rows = self._rows
        twin._files = dict(self._files)
        twin._texts = dict(self._texts)
        twin._bytes = dict(self._bytes)
        twin._log = self._log
        return twin

    # as mesh.google.Google

    def values(self, spreadsheet_id: str, a1_range: str) -> list[list[Cell]]:
        """Empty cells at the end of a row are left out, and empty rows at the end."""
        if spreadsheet_id != SHEET_ID:
            raise NotShared("the sheet cannot be read: it is not there.", 404)
        rows = [_trimmed(row) for row in self._rows]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def start_page_token(self) -> str:
        return str(len(self._log) + 1)

    def changes(self, token: str) -> Changes:
        if not token.isdigit() or not 0 < int(token) <= len(self._log) + 1:
            raise GoogleRefused("Drive's changes: Google refused (400)", 400, "invalid")
        changed = dict.fromkeys(reversed(self._log[int(token) - 1 :]))
        files = tuple(self._files.get(one) or File(id=one, removed=True) for one in reversed(changed))
        return Changes(files, str(len(self._log) + 1))

    def files(self, folder_id: str) -> list[File]:
        return [file for file in self._files.values() if folder_id in file.parents and not file.trashed]

    def named(self, folder_id: str, names: Iterable[str]) -> dict[str, File]:
        found = by_name(self.files(folder_id))
        return {name: found[name] for name in dict.fromkeys(names) if name in found}

    def export_text(self, file_id: str) -> str:
        if file_id not in self._texts:
            raise NotShared("the doc cannot be read: it is not there.", 404)
        return self._texts[file_id]

    def download(self, file_id: str, into: BinaryIO, limit_bytes: int) -> None:
        into.write(self._bytes[file_id])

    # as drive_sync.edges.SheetWriter

    def write(self, table: Any, writes: Sequence[Any]) -> Written:
        """By row number and place: whatever stands there now is hit."""
        places = {name: place for place, name in reversed(list(enumerate(table.header)))}
        return self._put(
            table,
            {write.number: {places[name]: value for name, value in write.cells.items()} for write in writes},
            [write.number for write in writes],
        )

    def put_back(self, table: Any, cells: Mapping[int, Mapping[int, Cell]]) -> None:
        self._put(table, cells, list(cells))

    def _put(self, table: Any, cells: Mapping[int, Mapping[int, Cell]], numbers: Sequence[int]) -> Written:
        rows = [list(row) for row in self._rows]
        for number, values in cells.items():
            while len(rows) < number:
                rows.append([])
            row = rows[number - 1]
            row += [None] * (max(len(table.header), *(place + 1 for place in values)) - len(row))
            for place, value in values.items():
                row[place] = _kept(value)
        self._rows = tuple(map(tuple, rows))
        self._touch(SHEET_ID)
        width = len(table.header)
        return Written(
            column_names(_trimmed(self._rows[table.header_number - 1][:width])),
            [_trimmed(self._rows[number - 1][:width]) for number in numbers],
        )

    def tabs(self, spreadsheet_id: str) -> list[Tab]:
        return [Tab(0, "Posts", 1000)]

    def insert(self, tab: Tab, table: Any, rows: Sequence[Any]) -> None:
        """Below the last row that the table shows; whatever stands there now moves down."""
        at = max([table.header_number, *(row.number for row in table.rows)])
        new = tuple(tuple(_kept(row.cells.get(name)) for name in table.header) for row in rows)
        filled = (*self._rows, *(() for _ in range(at - len(self._rows))))
        self._rows = (*filled[:at], *new, *filled[at:])
        self._touch(SHEET_ID)

    def add_columns(self, tab: Tab, table: Any, names: Sequence[str]) -> None:
        """Before ``channels``; what stands to its right moves along."""
        at = table.column("channels")
        rows = [(*row[:at], *(None for _ in names), *row[at:]) if len(row) > at else row for row in self._rows]
        head = rows[table.header_number - 1]
        rows[table.header_number - 1] = (*head[:at], *names, *head[at + len(names) :])
        self._rows = tuple(rows)
        self._touch(SHEET_ID)

    # the owner's hands

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """All cells, the header first."""
        return self._rows

    def rewrite(self, rows: Iterable[Sequence[Cell]]) -> None:
        """The whole tab as it is to be from now on."""
        self._rows = tuple(map(tuple, rows))
        self._touch(SHEET_ID)

    def add_row(self, cells: Mapping[str, Cell]) -> None:
        header = self._rows[0]
        self._rows = (*self._rows, tuple(_kept(cells.get(str(name))) for name in header))
        self._touch(SHEET_ID)

    def edit(self, post_id: str, column: str, value: Cell) -> None:
        number = self._number(post_id)
        place = self._rows[0].index(column)
        row = list(self._rows[number])
        row[place] = _kept(value)
        self._rows = (*self._rows[:number], tuple(row), *self._rows[number + 1 :])
        self._touch(SHEET_ID)

    def delete(self, post_id: str) -> None:
        number = self._number(post_id)
        self._rows = (*self._rows[:number], *self._rows[number + 1 :])
        self._touch(SHEET_ID)

    def turn_round(self) -> None:
        """Sorted the other way: the last row first."""
        self._rows = (self._rows[0], *reversed(self._rows[1:]))
        self._touch(SHEET_ID)

    def cells(self, post_id: str) -> dict[str, Cell] | None:
        """The row of that id; None where none or several are there."""
        place = self._rows[0].index("post_id")
        found = [row for row in self._rows[1:] if place < len(row) and row[place] == post_id]
        return dict(zip(map(str, self._rows[0]), found[0], strict=False)) if len(found) == 1 else None

    def post_ids(self) -> list[str]:
        place = self._rows[0].index("post_id")
        return [str(row[place]) for row in self._rows[1:] if place < len(row) and row[place]]

    def write_doc(self, name: str, text: str) -> None:
        file_id = f"doc-{name}"
        version = self._files[file_id].version + 1 if file_id in self._files else 1
        self._files[file_id] = File(file_id, name, _DOC_MIME, version, parents=(FOLDER_ID,))
        self._texts[file_id] = text
        self._log = (*self._log, file_id)

    def put_image(self, name: str, content: bytes) -> None:
        file_id = f"image-{name}"
        version = self._files[file_id].version + 1 if file_id in self._files else 1
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self._files[file_id] = File(
            file_id, name, "image/png", version, md5, len(content), parents=(FOLDER_ID,), modified_at=f"{version:06d}"
        )
        self._bytes[file_id] = content
        self._log = (*self._log, file_id)

    def _number(self, post_id: str) -> int:
        place = self._rows[0].index("post_id")
        return next(number for number, row in enumerate(self._rows) if number and row[place] == post_id)

    def _touch(self, file_id: str) -> None:
        file = self._files[file_id]
        self._files[file_id] = File(file.id, file.name, file.mime, file.version + 1, parents=file.parents)
        self._log = (*self._log, file_id)


def _kept(value: Any) -> Cell:
    """An empty text empties the cell."""
    return None if value == "" else value


def _trimmed(row: Sequence[Cell]) -> list[Cell]:
    cells = ["" if cell is None else cell for cell in row]
    while cells and cells[-1] == "":
        cells.pop()
    return cells
