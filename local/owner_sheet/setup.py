"""``make setup-sheet``: turns an empty shared Google Sheet into the post sheet, and mends a living one; safe to run again."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from local.owner_sheet.connection import SheetError, Spreadsheet, read_key, sheet_id
from local.owner_sheet.found import CELLS_FIELDS, TABS_FIELDS, Found, ranges_of, read_found
from local.owner_sheet.plan import make_plan
from mesh.rulebook import Rulebook, parse_rules

RULES = "Rules"
_MONTH_FIRST = {"en_US", "en_PH", "es_PR", "es_PA", "en_CA", "en_BZ"}
_YEAR_FIRST = {"ja", "zh", "ko", "hu", "lt", "sv", "mn", "fa", "eu"}


@dataclass(frozen=True)
class Report:
    """What was done, and what a person should look at; both in sentences."""

    title: str
    done: tuple[str, ...]
    look_at: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """``channels`` None: there is no rules doc in the folder."""

    channels: tuple[str, ...] | None
    zone: ZoneInfo | None
    remarks: tuple[str, ...] = ()


def main(argv: list[str]) -> int:
    """0 when the sheet is as it should be; 1 with a sentence on stderr where it cannot be made so."""
    parser = argparse.ArgumentParser(prog="setup-sheet", description=__doc__)
    parser.add_argument("sheet", help="the sheet's address, or its id")
    parser.add_argument("--key", type=Path, required=True, help="the service account's JSON key")
    parser.add_argument("--zone", help="the business's time zone, where the rules doc names none (Europe/Berlin)")
    parser.add_argument("--compose", default="", help="where notes are written: the stack's output ComposeUrl")
    options = parser.parse_args(argv)
    try:
        zone = named_zone(options.zone)
        sheet = Spreadsheet(read_key(options.key), sheet_id(options.sheet))
        try:
            report = set_up(sheet, zone, datetime.now(UTC), compose=options.compose)
        finally:
            sheet.close()
    except SheetError as error:
        print(f"setup-sheet: {error}", file=sys.stderr)
        return 1
    print(f"{report.title}: " + ("nothing was missing." if not report.done else "made or mended:"))
    for sentence in report.done:
        print(f"  - {sentence}")
    if report.look_at:
        print("Please check:")
        for sentence in report.look_at:
            print(f"  - {sentence}")
    return 0


def named_zone(name: str | None) -> ZoneInfo | None:
    """SheetError for a name that is none."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SheetError(f"there is no time zone {name}; write one like Europe/Berlin") from None


def set_up(
    sheet: Spreadsheet,
    zone: ZoneInfo | None,
    now: datetime,
    new_id: Callable[[], int] = lambda: secrets.randbelow(2**31 - 1),
    *,
    compose: str = "",
) -> Report:
    """Two reads of the sheet, three of its folder, one write at most. SheetError, with nothing changed."""
    place = sheet.place()
    if not place.may_edit:
        raise SheetError(
            f"the sheet may be read but not changed: it is shared as Viewer or Commenter; open it, press Share, and make "
            f"{sheet.email} an Editor"
        )
    rules = read_rules(sheet, place.folder_id, zone)
    tabs = sheet.read(TABS_FIELDS)
    found = read_found(tabs, sheet.read(CELLS_FIELDS, ranges_of(tabs)))
    plan = make_plan(found, rules.channels, zone=rules.zone, now=now, new_id=new_id, compose=compose)
    if plan.requests:
        sheet.update(plan.requests)
    return Report(found.title, tuple(plan.done), (*plan.look_at, *rules.remarks, *_clock_remarks(found, rules.zone)))


def read_rules(sheet: Spreadsheet, folder_id: str, zone: ZoneInfo | None) -> Rules:
    """The channels and the zone of the rules doc beside the sheet; its own zone counts before ``zone``."""
    where = f"a Google Doc called {RULES} in the sheet's folder"
    if not folder_id:
        what = f"the sheet's folder is not shared, so that {where} cannot be read: share the folder with {sheet.email}"
        return Rules(None, zone, (f"{what}, and run this again for the list of channels",))
    text = sheet.doc_text(folder_id, RULES)
    if text is None:
        return Rules(
            None, zone, (f"there is no rules doc yet: write {where}, and run this again for the list of channels",)
        )
    book, problems = parse_rules(text, default_zone="Etc/UTC")
    remarks = []
    if problems:
        first = f"line {problems[0].line}: {problems[0].message}"
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        remarks.append(f"the rules doc has a mistake, {first}{more}")
    if not book.channels:
        remarks.append("the rules doc names no channel yet; name one, and run this again for the list of channels")
    return Rules(tuple(book.channels), _zone_of(text, book) or zone, tuple(remarks))


def _zone_of(text: str, book: Rulebook) -> ZoneInfo | None:
    """None where the doc names none: the zone then follows whatever default it is read with."""
    other, _ = parse_rules(text, default_zone="Asia/Kathmandu")
    return book.zone if other.time_zone == book.time_zone else None


def _clock_remarks(found: Found, zone: ZoneInfo | None) -> Sequence[str]:
    """What the sheet's settings mean for the days and times in it."""
    settings = "File, Settings"
    remarks = []
    if zone is None:
        remarks.append(
            "no time zone is known for the business: write a line “Time zone: Europe/Berlin” into the rules doc"
        )
    elif zone.key != found.time_zone:
        remarks.append(
            f"the sheet is set to the time zone {found.time_zone}, the business lives in {zone.key}: the rows mean "
            f"{zone.key}; set the sheet to it too ({settings}), so that what it shows of edits agrees"
        )
    shown = {"month": "4 March", "day": "3 April"}
    if found.locale in _MONTH_FIRST:
        meaning = f"means {shown['month']}"
    elif found.locale[:2] in _YEAR_FIRST:
        meaning = "may mean another day than you think, since years come first"
    else:
        meaning = f"means {shown['day']}"
    remarks.append(
        f"03/04/2027 typed into this sheet {meaning} (its country is {found.locale or 'not set'}; {settings} changes it); "
        "2027-04-03 is always 3 April"
    )
    return remarks
