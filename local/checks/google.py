"""Google's side: the key, the two APIs, the sheet's share, the folder and the rules doc in it. Asks with GET alone."""

from __future__ import annotations

from typing import Any

from local.checks.model import Finding, State
from local.owner_sheet.connection import SheetError, Spreadsheet
from local.owner_sheet.found import TAB, TABS_FIELDS
from local.owner_sheet.setup import RULES, read_rules
from mesh.rulebook import Rulebook, parse_rules

KEY, SHEET, FOLDER, DOC = "Google key", "sheet", "folder", "rules doc"


def google(document: dict[str, Any], sheet_id: str, folder_id: str = "") -> tuple[list[Finding], Rulebook | None]:
    """``document`` is the service account's. The rules doc's content too, None where it cannot be read.

    ``folder_id`` "" is the sheet's own.
    """
    try:
        sheet = Spreadsheet(document, sheet_id)
    except SheetError as error:
        return [refused(KEY, error)], None
    found = [Finding(KEY, State.GOOD, f"share the sheet's folder with {sheet.email}, as Editor")]
    try:
        place = sheet.place()
        if place.may_edit:
            found.append(Finding(SHEET, State.GOOD, f"“{place.title}” is shared as Editor"))
        else:
            fix = f"open it, press Share, and make {sheet.email} an Editor"
            found.append(Finding(SHEET, State.BAD, f"“{place.title}” is shared as Viewer or Commenter only", fix))
        tabs = [str((tab.get("properties") or {}).get("title")) for tab in sheet.read(TABS_FIELDS).get("sheets") or []]
        if TAB not in tabs:
            said = f"there is no tab {TAB} yet (there: {', '.join(tabs)})"
            found.append(
                Finding("tab", State.BAD, said, "make setup-sheet SHEET=… KEY=… makes it; make setup does so too")
            )
        return _in_folder(sheet, place.folder_id, folder_id, found)
    except SheetError as error:
        return [*found, refused(SHEET, error)], None
    finally:
        sheet.close()


def _in_folder(
    sheet: Spreadsheet, own: str, folder_id: str, found: list[Finding]
) -> tuple[list[Finding], Rulebook | None]:
    share = f"open the folder in Drive, press Share, and add {sheet.email} as Editor"
    folder = folder_id or own
    try:
        title = sheet.folder_title(folder) if folder else ""
    except SheetError as error:
        said = "is not there, or not shared with the service account" if "not shared" in str(error) else str(error)
        return [*found, Finding(FOLDER, State.BAD, said, share)], None
    if not title:
        return [*found, Finding(FOLDER, State.BAD, "the sheet is shared, but not the folder it lies in", share)], None
    found.append(Finding(FOLDER, State.GOOD, f"“{title}” is shared"))
    if folder_id and own and own != folder_id:
        fix = "move the sheet there, or give that folder's address: images and the rules doc are read from one folder"
        found.append(
            Finding(FOLDER, State.DOUBTFUL, "the sheet lies in another folder than the one that was named", fix)
        )
    rules = read_rules(sheet, folder, None)
    if rules.channels is None:
        fix = (
            f"write a Google Doc called {RULES} there: a line “Time zone: …”, and one for each channel (docs/rules.md)"
        )
        return [*found, Finding(DOC, State.BAD, f"there is no doc called {RULES} in the folder", fix)], None
    text = sheet.doc_text(folder, RULES) or ""
    book, problems = parse_rules(text, default_zone="Etc/UTC")
    for problem in problems:
        found.append(Finding(DOC, State.BAD, f"line {problem.line}: {problem.message}", "mend that line of the doc"))
    if not book.channels:
        found.append(Finding(DOC, State.BAD, "names no channel yet", "a line for each, like in docs/rules.md"))
    elif not problems:
        found.append(Finding(DOC, State.GOOD, f"names {', '.join(book.channels)}"))
    return found, book


def refused(name: str, error: SheetError) -> Finding:
    """A sentence of ``local.owner_sheet``: what it is, and behind the first semicolon what to do."""
    said, _, fix = str(error).partition("; ")
    if not fix:
        said, _, fix = said.partition(": ")
    state = State.UNKNOWN if said.startswith(("Google cannot be reached", "Google is busy")) else State.BAD
    return Finding(name, state, said, fix or "try again in a minute")
