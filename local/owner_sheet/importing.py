"""``python -m local import``: reads a calendar, says what it read and every problem; with a sheet, adds its rows there."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from local.calendars.cells import shown
from local.calendars.dates import Order
from local.calendars.model import Calendar, CalendarError
from local.calendars.reading import read_calendar
from local.owner_sheet.connection import SheetError, Spreadsheet
from local.owner_sheet.exporting import chosen
from local.owner_sheet.rows import add_rows
from local.owner_sheet.setup import Rules, named_zone, read_rules

_SHOWN_ROWS = 5
_SHOWN_PROBLEMS = 200


def main(argv: list[str]) -> int:
    """0 when every row was read without a problem (and added); 1 otherwise, with the reasons."""
    options = _options(argv)
    try:
        zone = named_zone(options.zone)
        order = Order(options.dates) if options.dates else None
        if options.sheet is None:
            calendar = _read(options.file, Rules(None, zone), order, options.channels)
            return _say(calendar)
        sheet = Spreadsheet(*chosen(options.sheet, options.key, None))
        try:
            return _into(sheet, options.file, zone, order, options.channels, skip_problems=options.anyway)
        finally:
            sheet.close()
    except (SheetError, CalendarError) as error:
        print(f"import: {error}", file=sys.stderr)
        return 1


def _into(
    sheet: Spreadsheet, file: Path, zone: ZoneInfo | None, order: Order | None, channels: str, *, skip_problems: bool
) -> int:
    rules = read_rules(sheet, sheet.place().folder_id, zone)
    calendar = _read(file, rules, order, channels)
    wrong = _say(calendar)
    if wrong and not skip_problems:
        print(
            "Nothing was added. Mend the file, or add the rows as they are with --anyway: the sheet names what is wrong too."
        )
        return wrong
    added = add_rows(sheet, calendar)
    where = f", from row {added.first_row} on" if added.added else ""
    print(f"{added.added} rows were added to the sheet{where}; {added.left_out} were there already and left out.")
    if calendar.images and added.added:
        print(f"Put these pictures into the sheet's folder: {', '.join(sorted(calendar.images))}")
    return wrong


def _read(file: Path, rules: Rules, order: Order | None, channels: str) -> Calendar:
    zone = rules.zone or ZoneInfo("UTC")
    known = rules.channels or None
    now = datetime.now(UTC)
    return read_calendar(file, zone=zone, now=now, channels=known, order=order, default_channels=channels)


def _say(calendar: Calendar) -> int:
    rows = "1 row" if len(calendar.rows) == 1 else f"{len(calendar.rows)} rows"
    pictures = "1 picture" if len(calendar.images) == 1 else f"{len(calendar.images)} pictures"
    print(f"{rows}, {pictures}:")
    for row in calendar.rows[:_SHOWN_ROWS]:
        when = f"{row.get('date', '?')} {row.get('time', '?')}"
        print(f"  {when:<17} {shown(row.get('channels', '')):<30} {shown(row.get('text', ''))}")
    if len(calendar.rows) > _SHOWN_ROWS:
        print(f"  … and {len(calendar.rows) - _SHOWN_ROWS} more")
    for note in calendar.notes:
        print(f"Note: {note}")
    _list(calendar.problems)
    return 1 if calendar.problems else 0


def _list(problems: Sequence[object]) -> None:
    if problems:
        print(f"{len(problems)} to mend:" if len(problems) > 1 else "One thing to mend:")
    for problem in problems[:_SHOWN_PROBLEMS]:
        print(f"  {problem}")
    if len(problems) > _SHOWN_PROBLEMS:
        print(f"  … and {len(problems) - _SHOWN_PROBLEMS} more")


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local import", description=__doc__)
    parser.add_argument("file", type=Path, help="an .xlsx, .csv or .tsv file")
    parser.add_argument(
        "sheet", nargs="?", help="the sheet's address or id; without it the file is checked and nothing added"
    )
    parser.add_argument("--key", type=Path, help="the service account's JSON key, with a sheet")
    parser.add_argument("--zone", help="the business's time zone, where the rules doc names none")
    parser.add_argument("--dates", choices=[order.value for order in Order], help="what 03/04/2027 means")
    parser.add_argument("--channels", default="", help="what goes into channels in rows that name none")
    parser.add_argument("--anyway", action="store_true", help="add the rows although some have problems")
    return parser.parse_args(argv)
