"""``python -m local export``: every row and column of the sheet as a .csv or .xlsx file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import httpx

from local import ROOT
from local.calendars.model import CalendarError
from local.calendars.writing import Table, table_of, write_table
from local.owner_sheet.connection import Json, SheetError, Spreadsheet, read_key, sheet_id
from local.owner_sheet.found import TAB

_RUNS = ROOT / ".local"


def main(argv: list[str]) -> int:
    """0 when the file is written; 1 with a sentence on stderr otherwise."""
    parser = argparse.ArgumentParser(prog="python -m local export", description=__doc__)
    parser.add_argument("file", type=Path, help="what to write, named .csv or .xlsx")
    parser.add_argument(
        "sheet", nargs="?", help="the sheet's address or id; without it, the sheet of the make run that is up"
    )
    parser.add_argument("--key", type=Path, help="the service account's JSON key, with a sheet")
    parser.add_argument("--state", type=Path, help="the folder of that make run, where several are up")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    options = parser.parse_args(argv)
    try:
        document, spreadsheet_id = chosen(options.sheet, options.key, options.state)
        table = _table(Spreadsheet(document, spreadsheet_id))
        write_table(table, options.file, force=options.force)
    except (SheetError, CalendarError) as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    print(f"{options.file}: {len(table.rows)} rows, {len(table.header)} columns")
    return 0


def _table(sheet: Spreadsheet) -> Table:
    try:
        table = table_of(sheet.values(TAB))
    finally:
        sheet.close()
    if not table.header:
        raise SheetError(f"the tab {TAB} is empty; there is nothing to write")
    return table


def chosen(sheet: str | None, key: Path | None, state: Path | None) -> tuple[Json, str]:
    """The key's document and the sheet's id: as told, or of the local stack that is running."""
    if sheet is not None:
        if key is None:
            raise SheetError("a sheet at Google needs the service account's key: --key service-account.json")
        return read_key(key), sheet_id(sheet)
    return running_sheet(state)


def running_sheet(state: Path | None) -> tuple[Json, str]:
    """The local sheet of ``make run``. SheetError when none is up, or several and none is named."""
    folders = [state] if state is not None else sorted(_RUNS.glob("*")) if _RUNS.is_dir() else []
    up = {folder: found for folder in folders if (found := _local_sheet(folder)) is not None}
    if not up:
        where = f" over {state}" if state is not None else ""
        raise SheetError(f"no make run is up{where}; start it, or name a sheet at Google and its --key")
    if len(up) > 1:
        raise SheetError(f"several are up; say which with --state: {', '.join(str(folder) for folder in up)}")
    return next(iter(up.values()))


def _local_sheet(folder: Path) -> tuple[Json, str] | None:
    try:
        port = int(json.loads((folder / "ports.json").read_text())["sheets"])
        document = json.loads((folder / "sheets" / "service-account.json").read_text())
        url = f"http://127.0.0.1:{port}"
        answer = httpx.get(f"{url}/owner", timeout=5, trust_env=False).raise_for_status().json()
        return {**document, "api_endpoint": url}, str(answer["spreadsheet_id"])
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError):
        return None
