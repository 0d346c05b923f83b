"""What is no calendar is told in one plain sentence, whatever its name says; and nothing outside its folder is read."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from calendar_desk import HEADER, read, said, with_part, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.calendars.model import CalendarError

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROW = ["2027-03-31", "09:00", "One", "bluesky-main"]


def zipped(**entries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in entries.items():
            packed.writestr(name.replace("__", "/"), text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"%PDF-1.7 and so on", "is a PDF, not a calendar"),
        (b"\x89PNG and so on", "is a picture"),
        (OLD + b"Workbook", "is an old Excel workbook"),
        (OLD + "EncryptedPackage".encode("utf-16-le"), "is locked with a password"),
        (workbook(HEADER, ROW)[:-40], "breaks off or is damaged"),
        (b"PK\x03\x04 and so on", "breaks off or is damaged"),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "is an OpenDocument file"),
        (zipped(Index__Document_iwa=""), "is a Numbers document"),
        (zipped(word__document_xml=""), "is a Word document"),
        (zipped(readme=""), "is a zip file without a workbook"),
        (with_part(workbook(HEADER, ROW), "xl/worksheets/sheet1.xml", lambda part: part[:300]), "it is damaged"),
        (with_part(workbook(HEADER, ROW), "xl/workbook.xml", lambda _: b"<x/>"), "it is damaged"),
        (workbook(), "is empty"),
        (workbook(["nothing", "of", "ours"], ["a", "b", "c"]), "row 1 is no header"),
        (b"<html><body><table><tr><td>date</td></tr></table>", "is a web page"),
        (b"date,time,text\n2027-03-31,09:00,o\x00ne\n", "has NUL bytes"),
        (b"x" * 20_000_001, "is 20 MB"),
        (b"\xff\xfea\x00\x00\xd8\x00", "breaks off"),
    ],
)
def test_what_is_no_calendar_is_named_with_what_to_do(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(CalendarError) as caught:
        read(tmp_path / "plan.xlsx", content)
    assert words in str(caught.value)
    assert str(caught.value).startswith("plan.xlsx")
    assert "; " in str(caught.value)


def test_words_made_of_words_made_of_words_are_not_written_out(tmp_path: Path) -> None:
    """A billion laughs: a kilobyte of XML that means gigabytes. The parser below refuses it, and it is to stay one that does."""
    deeper = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 12) for n in range(1, 10))
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">' + deeper + b"]>"

    def laughing(part: bytes) -> bytes:
        return laughs + re.sub(rb"^<\?xml[^>]*\?>", b"", part).replace(b"<sheetData>", b"<sheetData>&e9;", 1)

    with pytest.raises(CalendarError, match="it is damaged"):
        read(tmp_path / "plan.xlsx", with_part(workbook(HEADER, ROW), "xl/worksheets/sheet1.xml", laughing))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = with_part(workbook(HEADER, ROW), "xl/styles.xml", lambda part: part + b" " * 120_000_000)
    assert len(bomb) < 1_000_000
    with pytest.raises(CalendarError, match="unpacks to 120 MB, more than a calendar ever is"):
        read(tmp_path / "plan.xlsx", bomb)


def test_a_workbook_that_grows_while_it_is_parsed_is_stopped(tmp_path: Path) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)
    )
    bomb += b"]><worksheet><sheetData><row><c t='inlineStr'><is><t>&a11;</t></is></c></row></sheetData></worksheet>"
    content = with_part(workbook(HEADER, ROW), "xl/worksheets/sheet1.xml", lambda _: bomb)
    with pytest.raises(CalendarError, match="it is damaged"):
        read(tmp_path / "plan.xlsx", content)


def test_characters_that_nobody_sees_are_taken_out_and_named(tmp_path: Path) -> None:
    content = workbook(HEADER, [*ROW[:2], "a_x0000_b_xD83D_", ROW[3]])
    calendar = read(tmp_path / "plan.xlsx", content)
    assert calendar.rows[0]["text"] == "ab"
    assert said(calendar) == [
        "row 2, text: has 2 characters that nobody can see (NUL, or half an emoji); look at the text again; they were left out"
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../../x.jpg", "../../x.jpg leads out of the calendar's folder"),
        ("images/../../x.jpg", "leads out of the calendar's folder"),
        ("..\\x.jpg", "leads out of the calendar's folder"),
        ("/etc/passwd", "/etc/passwd is a path from the root of a computer"),
        ("C:\\x.jpg", "is a path from the root of a computer"),
        ("~/x.jpg", "is a path from the root of a computer"),
        ("link.jpg", "link.jpg is a link to a file outside the calendar's folder"),
        ("door/x.jpg", "door/x.jpg is a link to a file outside the calendar's folder"),
        ("cake\x00.jpg", "there is no file"),
    ],
)
def test_a_picture_outside_the_calendars_folder_is_never_taken(tmp_path: Path, name: str, words: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (tmp_path / "x.jpg").write_bytes(b"secret")
    (folder / "link.jpg").symlink_to(tmp_path / "x.jpg")
    (folder / "door").symlink_to(tmp_path)
    content = f'date,time,text,channels,image\n2027-03-31,09:00,One,bluesky-main,"{name}"\n'
    if "\x00" in name:
        content = content.replace("\x00", "")
    calendar = read(folder / "plan.csv", content)
    assert not calendar.images
    assert words in said(calendar)[0]


def test_a_link_inside_the_folder_and_several_pictures_are_taken(tmp_path: Path) -> None:
    (tmp_path / "cake.jpg").write_bytes(b"jpeg")
    (tmp_path / "same.jpg").symlink_to("cake.jpg")
    content = 'date,time,text,channels,image\n2027-03-31,09:00,One,bluesky-main,"cake.jpg (top), same.jpg"\n'
    calendar = read(tmp_path / "plan.csv", content)
    assert calendar.rows[0]["image"] == "cake.jpg (top), same.jpg"
    assert set(calendar.images) == {"cake.jpg", "same.jpg"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"date,time,text\n", b"\xff\xfe", b"sep=;\n"]))
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes, start: bytes) -> None:
    with suppress(CalendarError):
        read(tmp_path / "plan.xlsx", start + content)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4000), st.integers(1, 255))
def test_no_broken_byte_of_a_workbook_breaks_the_reader(tmp_path: Path, place: int, by: int) -> None:
    content = bytearray(workbook(HEADER, ROW))
    content[place % len(content)] ^= by
    with suppress(CalendarError):
        read(tmp_path / "plan.xlsx", bytes(content))


_MEASURED = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from calendar_desk import read
content = Path(sys.argv[1]).read_bytes()
began = time.process_time()
calendar = read(Path(sys.argv[1]), content)
print(len(calendar.rows), len(calendar.problems), time.process_time() - began)
# Not getrusage: on Linux its peak counts what the parent held before the program began.
status = Path("/proc/self/status")
peak = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.exists() else ["VmHWM: 0 kB"]
print(int(peak[0].split()[1]) / 1024)
"""


@pytest.mark.slow
def test_ten_thousand_rows_are_read_in_seconds_and_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.xlsx"
    header = ["post_id", *HEADER, "image", "alt text", "link", "approved", "approved for", "status", "note"]
    rows = [
        [
            f"id{n}",
            "2027-03-31",
            "09:00",
            f"Text {n} " * 12,
            "bluesky-main",
            "",
            "An alt text",
            "https://a.example",
            True,
            "",
            "",
            "n",
        ]
        for n in range(10_000)
    ]
    path.write_bytes(workbook(header, *rows))
    folders = [str(Path(__file__).parent), *(path for path in sys.path if path)]
    told = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path), *folders], capture_output=True, text=True, check=True
    )
    (count, problems, seconds), (peak_mb,) = (line.split() for line in told.stdout.splitlines())
    assert (int(count), int(problems)) == (10_000, 0)
    assert float(seconds) < 5
    assert float(peak_mb) < 200
