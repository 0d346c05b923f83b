"""What a file is, told from its bytes and not from its name; what is no calendar is refused with what to do instead."""

from __future__ import annotations

import enum
import io
import zipfile

from local.calendars.csv_file import HOW_TO_SAVE
from local.calendars.model import CalendarError

LARGEST_FILE_BYTES = 20_000_000
LARGEST_UNPACKED_BYTES = 100_000_000  # 10,000 rows of 12 columns unpack to about 8 MB
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # also what a password makes of a new workbook
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_KNOWN_BINARIES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
    b"Rar!": "a compressed file",
    b"7z\xbc\xaf": "a compressed file",
}


class Kind(enum.Enum):
    """What can be read."""

    TEXT = "text"
    WORKBOOK = "workbook"


def kind_of(content: bytes, name: str) -> Kind:
    """CalendarError for everything that is neither text nor an .xlsx workbook of a bearable size."""
    if len(content) > LARGEST_FILE_BYTES:
        raise CalendarError(
            f"{name} is {len(content) / 1e6:.0f} MB, more than a calendar ever is "
            f"({LARGEST_FILE_BYTES // 1_000_000} MB); give the calendar alone"
        )
    if not content.strip():
        raise CalendarError(f"{name} is empty; write a header line (date,time,text,channels) and a row per post")
    if content.startswith(_OLD_OFFICE):
        if _ENCRYPTED in content:
            raise CalendarError(f"{name} is locked with a password; save it without one and give that file")
        raise CalendarError(f"{name} is an old Excel workbook (.xls); open it and save it as Excel workbook (.xlsx)")
    for start, kind in _KNOWN_BINARIES.items():
        if content.startswith(start):
            raise CalendarError(f"{name} is {kind}, not a calendar; {HOW_TO_SAVE}")
    if content.startswith(b"PK"):
        _check_zip(content, name)
        return Kind.WORKBOOK
    if content.lstrip()[:200].lower().startswith((b"<html", b"<!doctype html", b"<?xml", b"<table")):
        raise CalendarError(f"{name} is a web page or XML, not a calendar; {HOW_TO_SAVE}")
    return Kind.TEXT


def _check_zip(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            mime = packed.read("mimetype")[:100] if _small(packed, "mimetype") else b""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, KeyError):
        raise CalendarError(
            f"{name} breaks off or is damaged; save or download it again and give the new file"
        ) from None
    names = {entry.filename for entry in entries}
    if b"opendocument" in mime:
        raise CalendarError(f"{name} is an OpenDocument file (.ods); open it and save it as Excel workbook (.xlsx)")
    if "Index.zip" in names or any(entry.startswith("Index/") for entry in names):
        raise CalendarError(
            f"{name} is a Numbers document; in Numbers choose File, Export To, Excel, and give that file"
        )
    if "xl/workbook.bin" in names:
        raise CalendarError(f"{name} is a binary workbook (.xlsb); open it and save it as Excel workbook (.xlsx)")
    if any(entry.startswith("word/") for entry in names):
        raise CalendarError(f"{name} is a Word document; put its table into a spreadsheet and save that as .xlsx")
    if "xl/workbook.xml" not in names:
        raise CalendarError(f"{name} is a zip file without a workbook in it; {HOW_TO_SAVE}")
    # zipfile never unpacks more of an entry than it declares here, so that the sum is a bound.
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > LARGEST_UNPACKED_BYTES or len(entries) > 10_000:
        raise CalendarError(
            f"{name} unpacks to {unpacked / 1e6:,.0f} MB, more than a calendar ever is "
            f"({LARGEST_UNPACKED_BYTES // 1_000_000} MB); copy the rows into a new workbook and give that"
        )


def _small(packed: zipfile.ZipFile, name: str) -> bool:
    return name in packed.namelist() and packed.getinfo(name).file_size < 1000
