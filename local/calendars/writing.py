"""A table of posts written as .csv or .xlsx: whole or not at all, and never over another file unasked."""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from local.calendars.escaping import escaped
from local.calendars.model import CalendarError
from mesh.cells import Cell
from mesh.posts import read_row

_MOST_IN_EXCEL = 32_767  # characters in a cell
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_WIDTHS = {"text": 60, "alt text": 40, "status": 40, "channels": 24, "link": 30, "image": 24, "note": 24}
_TICKS = ("approved",)


@dataclass(frozen=True)
class Table:
    """``header`` as its owner wrote it; ``rows`` unformatted as Google gives them, dates as day numbers."""

    header: tuple[str, ...]
    rows: tuple[Sequence[Cell], ...]


def write_table(table: Table, path: Path, *, force: bool = False) -> None:
    """CalendarError where the file may not or cannot be written; what was there before then still is."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise CalendarError(f"{path.name} says no kind of file; call it something.csv or something.xlsx")
    if path.exists() and not force:
        raise CalendarError(f"{path} is there already; give another name, or write over it with --force")
    content = csv_bytes(table) if kind == ".csv" else xlsx_bytes(table)
    try:
        _put(content, path, force=force)
    except FileExistsError:
        raise CalendarError(f"{path} is there already; give another name, or write over it with --force") from None
    except OSError as error:
        raise CalendarError(f"{path} cannot be written ({error.strerror}); choose another folder") from error


def csv_bytes(table: Table) -> bytes:
    """RFC 4180, UTF-8 with the mark that Excel wants, dates ISO; what a spreadsheet would run has an apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([escaped(title) for title in table.header])
    for row in table.rows:
        writer.writerow([_csv_text(value) for value in _values(table.header, row)])
    return out.getvalue().encode("utf-8-sig", "replace")


def xlsx_bytes(table: Table) -> bytes:
    """Typed cells: dates, times, ticks and numbers as such; text as text, also where it begins with =."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    lines = [_values(table.header, row) for row in table.rows]
    for number, values in enumerate(lines, 2):
        for title, value in zip(table.header, values, strict=False):
            if isinstance(value, str) and len(value) > _MOST_IN_EXCEL:
                raise CalendarError(
                    f"row {number}, {title}: {len(value):,} characters are more than a cell of Excel takes "
                    f"({_MOST_IN_EXCEL:,}); write a .csv file"
                )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Posts")
    sheet.freeze_panes = "A2"
    for column, title in enumerate(table.header, 1):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(title.strip().lower(), 14)

    def cell(value: object) -> Any:
        made = WriteOnlyCell(sheet, value=_fit(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"  # openpyxl would make a formula of what begins with =
        elif isinstance(value, date):
            made.number_format = "yyyy-mm-dd"
        elif isinstance(value, time):
            made.number_format = "hh:mm"
        return made

    sheet.append([cell(title) for title in table.header])
    for values in lines:
        sheet.append([cell(value) if value not in ("", None) else None for value in values])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _values(header: Sequence[str], row: Sequence[Cell]) -> list[object]:
    """A row as dates, times, ticks, numbers and text. What cannot be read as a date stays as it stands."""
    cells = list(row) + [None] * (len(header) - len(row))
    found: list[object] = []
    for title, cell in zip(header, cells, strict=False):
        name = " ".join(title.lower().split())
        if name in ("date", "time") and cell not in (None, ""):
            found.append(_moment(name, cell))
        elif name in _TICKS:
            found.append(cell is True or str(cell).strip().upper() == "TRUE")
        else:
            found.append("" if cell is None else cell)
    return found


def _moment(name: str, cell: Cell) -> object:
    read = read_row({name: cell})
    text = read.date if name == "date" else read.time
    try:
        return date.fromisoformat(text) if name == "date" else time.fromisoformat(text)
    except ValueError:
        return cell


def _csv_text(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return escaped(value) if isinstance(value, str) else str(value)


def _fit(text: str) -> str:
    """As a workbook can hold it: XML takes no control characters, and _x000D_ in a text must not become one."""
    text = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
    return _ESCAPE_LIKE.sub("_x005F_", text)


def _put(content: bytes, path: Path, *, force: bool) -> None:
    """Written beside the target, then named: a reader finds the whole file or none."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    waiting = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        waiting.chmod(0o644)
        if force:
            waiting.replace(path)
        else:
            _name_new(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)


def _name_new(waiting: Path, path: Path) -> None:
    """FileExistsError where somebody was faster. Not every file system has links; there the check before has to do."""
    try:
        path.hardlink_to(waiting)
    except FileExistsError:
        raise
    except OSError:
        waiting.replace(path)


def table_of(values: Sequence[Sequence[Cell]]) -> Table:
    """``values.get`` of a whole tab: the header is its first filled row; rows with nothing but an unticked box are left out."""
    lines = [line for line in values if any(_filled(cell) for cell in line)]
    if not lines:
        return Table((), ())
    header = tuple("" if cell is None else str(cell) for cell in lines[0])
    width = max(len(line) for line in lines)
    return Table(header + ("",) * (width - len(header)), tuple(lines[1:]))


def _filled(cell: Cell) -> bool:
    return cell is not None and cell is not False and str(cell).strip() != ""
