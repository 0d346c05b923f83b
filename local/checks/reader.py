"""The optional second key, which the sender reads sheet and folder with and which cannot write (docs/setup-sheet.md)."""

from __future__ import annotations

from typing import Any

from local.checks import secrets
from local.checks.google import refused
from local.checks.looking import Subject
from local.checks.model import Finding, State
from local.owner_sheet.connection import SheetError, Spreadsheet

NAME = "second Google key"


def reader(subject: Subject) -> list[Finding]:
    """Nothing where ``DriveReaderSecret`` names none. Google is asked with GET alone, also for whether the key may write."""
    name = subject.parameters.get("DriveReaderSecret", "")
    if not name:
        return []
    fix = f"aws secretsmanager put-secret-value --secret-id {name} --secret-string file://reader.json{subject.aside}"
    make = f"aws secretsmanager create-secret --name {name} --secret-string file://reader.json{subject.aside}"
    found, document = secrets.service_account(subject, NAME, name, absent=make, other=fix)
    if document is not None:
        found += _at_google(document, subject.parameters["SheetId"], subject.parameters.get("DriveFolderId", ""), fix)
    return found


def _at_google(document: dict[str, Any], sheet_id: str, folder_id: str, fix: str) -> list[Finding]:
    try:
        sheet = Spreadsheet(document, sheet_id)
    except SheetError as error:
        return [Finding(NAME, State.BAD, str(error).partition("; ")[0], fix)]
    share = f"open the sheet's folder in Drive, press Share, and add {sheet.email} as Viewer"
    try:
        place = sheet.place()
        if folder := folder_id or place.folder_id:
            sheet.folder_title(folder)
    except SheetError as error:
        if "not shared" in str(error):
            return [Finding(NAME, State.BAD, "opens not all of sheet and folder: the sender posts nothing", share)]
        return [refused(NAME, error)]
    finally:
        sheet.close()
    if not folder:
        return [Finding(NAME, State.BAD, "opens the sheet, but not the folder it lies in", share)]
    if place.may_edit:
        less = f"open the sheet's folder in Drive, press Share, and make {sheet.email} a Viewer"
        return [Finding(NAME, State.DOUBTFUL, "may change the sheet, which it is there to rule out", less)]
    return [Finding(NAME, State.GOOD, "reads sheet and folder, and cannot write")]
