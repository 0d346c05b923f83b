"""The one way anything gets into the owner's sheet: gspread, one request per call, nothing tried again here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drive_sync.rows import RowInsert, RowWrite
from mesh.cells import Cell
from mesh.errors import Misconfigured, Throttled, Unreachable
from mesh.google import DRIVE_READ, SHEETS, GoogleRefused, NotShared, Tab, seconds_to_wait
from mesh.sheet import Table, column_letter, column_names

SCOPES = (SHEETS, DRIVE_READ)
_TIMEOUTS_SECONDS = (3, 10)
_FORMATS = {"date": {"type": "DATE", "pattern": "yyyy-mm-dd"}, "time": {"type": "TIME", "pattern": "hh:mm"}}
_CHECKBOX = {"condition": {"type": "BOOLEAN"}, "strict": True}


@dataclass(frozen=True)
class Written:
    """The header's names and each row's cells as they stood right after the write, in the writes' order."""

    header: tuple[str, ...]
    rows: list[list[Cell]]


class SheetWriter:
    """Throttled, Unreachable, Misconfigured, NotShared and GoogleRefused as ``mesh.google`` raises them.

    gspread's client is made on the first write: importing it costs more than a whole idle run.
    """

    def __init__(self, document: Mapping[str, Any], spreadsheet_id: str, tab: str) -> None:
        self._document = dict(document)
        self._spreadsheet_id = spreadsheet_id
        self._tab = tab
        self._client: Any = None

    def write(self, table: Table, writes: Sequence[RowWrite]) -> Written:
        """Put whole rows, null for untouched cells, RAW, in one call."""
        cells = [[write.cells.get(name) for name in table.header] for write in writes]
        return self._put(table, [write.number for write in writes], cells)

    def put_back(self, table: Table, cells: Mapping[int, Mapping[int, Cell]]) -> None:
        """Cells by row number and column index, whatever the columns are called; RAW."""
        width = max(place for row in cells.values() for place in row) + 1
        self._put(table, list(cells), [[row.get(place) for place in range(width)] for row in cells.values()])

    def _put(self, table: Table, numbers: Sequence[int], lines: Sequence[Sequence[Cell]]) -> Written:
        """The header is written along, all nulls, to see it as it stands at that moment."""
        wide = len(table.header)
        head = {"range": self._range(table.header_number, wide), "values": [[None] * wide]}
        data = [
            {"range": self._range(number, wide), "values": [list(line)]}
            for number, line in zip(numbers, lines, strict=True)
        ]
        body = {
            "valueInputOption": "RAW",
            "includeValuesInResponse": True,
            "responseValueRenderOption": "UNFORMATTED_VALUE",
            "responseDateTimeRenderOption": "SERIAL_NUMBER",
            "data": [head, *data],
        }
        answer = self._call("values_batch_update", body)
        header, *rows = ((part.get("updatedData", {}).get("values") or [[]])[0] for part in answer["responses"])
        return Written(column_names(header), rows)

    def insert(self, tab: Tab, table: Table, rows: Sequence[RowInsert]) -> None:
        """New rows below the last one with anything in it, all or none: a row of the owner's is never written over.

        Texts go in as texts: none of them can become a formula.
        """
        at = max([table.header_number, *(row.number for row in table.rows)])
        room = {"sheetId": tab.id, "dimension": "ROWS"}
        # Inserting needs a row that is there to stand before; at the grid's end rows are appended.
        grown: dict[str, Any] = {"appendDimension": {**room, "length": len(rows)}}
        if at < tab.row_count:
            span = {**room, "startIndex": at, "endIndex": at + len(rows)}
            grown = {"insertDimension": {"range": span, "inheritFromBefore": at > table.header_number}}
        start = {"sheetId": tab.id, "rowIndex": at, "columnIndex": 0}
        lines = [{"values": [_entered(row.cells.get(name)) for name in table.header]} for row in rows]
        requests = [grown, {"updateCells": {"rows": lines, "fields": "userEnteredValue", "start": start}}]
        requests += [
            {
                "repeatCell": {
                    "range": _column_range(tab, table.column(name), at, len(rows)),
                    "cell": {"userEnteredFormat": {"numberFormat": form}},
                    "fields": "userEnteredFormat.numberFormat",
                }
            }
            for name, form in _FORMATS.items()
        ]
        box = _column_range(tab, table.column("approved"), at, len(rows))
        requests.append({"setDataValidation": {"range": box, "rule": _CHECKBOX}})
        self._call("batch_update", {"requests": requests})

    def add_columns(self, tab: Tab, table: Table, names: Sequence[str]) -> None:
        """New columns of these names before ``channels``, all or none: whatever else stands in the sheet moves along with its column."""
        at = table.column("channels")
        span = {"sheetId": tab.id, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + len(names)}
        start = {"sheetId": tab.id, "rowIndex": table.header_number - 1, "columnIndex": at}
        header = [{"values": [_entered(name) for name in names]}]
        requests = [
            {"insertDimension": {"range": span, "inheritFromBefore": at > 0}},
            {"updateCells": {"rows": header, "fields": "userEnteredValue", "start": start}},
        ]
        self._call("batch_update", {"requests": requests})

    def _range(self, number: int, width: int) -> str:
        return f"{quoted(self._tab)}!A{number}:{column_letter(width - 1)}{number}"

    def _call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        from google.auth.exceptions import GoogleAuthError, RefreshError
        from gspread.exceptions import GSpreadException
        from requests.exceptions import RequestException

        try:
            answer: dict[str, Any] = getattr(self._http(), method)(self._spreadsheet_id, body)
        except GSpreadException as error:
            raise _translated(error) from error
        except RefreshError as error:
            raise Misconfigured("Google does not accept the service account's key any more") from error
        except (RequestException, GoogleAuthError, ValueError) as error:  # no answer, or one that is no JSON
            raise Unreachable(f"the sheet: {type(error).__name__}") from error
        return answer

    def _http(self) -> Any:
        if self._client is None:
            from drive_sync.gsheets import client

            self._client = client(self._document, SCOPES, _TIMEOUTS_SECONDS)
        return self._client.http_client


def quoted(tab: str) -> str:
    """A tab's name as A1 notation wants it."""
    doubled = tab.replace("'", "''")
    return f"'{doubled}'"


def _translated(error: Exception) -> Exception:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if response is None or status is None:
        return Unreachable(f"the sheet: {type(error).__name__}")
    if status == 429:
        return Throttled("the sheet: too many requests", seconds_to_wait(response.headers.get("retry-after", "")))
    if status in {403, 404}:
        return NotShared(
            "the sheet cannot be written: share it with the scheduler's service account as Editor.", status
        )
    if 400 <= status < 500 and status not in {401, 408}:
        return GoogleRefused(f"the sheet: Google refused ({status})", status)
    return Unreachable(f"the sheet: {status}")


def _column_range(tab: Tab, column: int, at: int, count: int) -> dict[str, int]:
    return {
        "sheetId": tab.id,
        "startRowIndex": at,
        "endRowIndex": at + count,
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }


def _entered(value: Cell) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"userEnteredValue": {"boolValue": value}}
    if isinstance(value, (int, float)):
        return {"userEnteredValue": {"numberValue": value}}
    return {"userEnteredValue": {"stringValue": value}}
