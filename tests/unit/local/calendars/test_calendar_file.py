"""A file of bytes becomes numbered rows, however a spreadsheet saved it."""

import pytest

from local.calendars.csv_file import decode, read_records
from local.calendars.model import CalendarError

TEXT = "date,time,text\n2027-01-02,09:00,Größe zählt\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read_with_or_without_a_mark(encoding: str) -> None:
    text, _ = decode(TEXT.encode(encoding), "mine.csv")
    assert text == TEXT


def test_a_file_that_is_not_utf8_is_read_as_windows_1252_and_says_so() -> None:
    text, notes = decode(TEXT.encode("cp1252"), "mine.csv")
    assert text == TEXT
    assert "Windows-1252" in notes[0]


def test_a_byte_windows_1252_does_not_know_does_not_lose_the_file() -> None:
    text, _ = decode(TEXT.encode("cp1252") + b"\x81", "mine.csv")
    assert text.startswith(TEXT)


@pytest.mark.parametrize(("content", "said"), [(b"date\x00time", "NUL bytes"), (b"\xff\xfea", "UTF-16")])
def test_what_is_no_text_is_refused_with_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(CalendarError) as caught:
        decode(content, "mine.csv")
    assert said in str(caught.value)
    assert str(caught.value).startswith("mine.csv")
    assert "; " in str(caught.value)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(separator: str) -> None:
    records, problems = read_records(
        separator.join(["date", "time", "text"]) + "\n" + separator.join(["a", "b", '"c,;d"'])
    )
    assert [record.cells for record in records] == [("date", "time", "text"), ("a", "b", "c,;d")]
    assert not problems


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    records, _ = read_records('date,text\r\n1,"two\r\nlines"\r\n\r\n,\r\n5,five\r\n')
    assert [(record.number, record.cells) for record in records] == [
        (1, ("date", "text")),
        (2, ("1", "two\r\nlines")),
        (5, ("5", "five")),
    ]


def test_an_unclosed_quotation_mark_costs_its_own_row_only() -> None:
    records, problems = read_records('date,text\n1,"never closed\n2,fine\n3,"good, too"\n')
    assert [record.cells for record in records[1:]] == [("1", "never closed"), ("2", "fine"), ("3", "good, too")]
    assert [(problem.row, problem.what) for problem in problems] == [(2, "its quotation marks do not pair")]


def test_a_cell_beyond_all_measure_does_not_stop_the_rows_after_it() -> None:
    records, problems = read_records("date,text\n1," + "x" * 200_000 + "\n2,fine\n")
    assert records[-1].cells == ("2", "fine")
    assert len(str(records[1].cells[1])) == 200_000
    assert not problems
