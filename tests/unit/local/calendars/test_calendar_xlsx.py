"""A workbook is read as a person sees it: typed cells, formulas' results, whichever tab and row the table begins in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from calendar_desk import HEADER, read, said, with_part, workbook

ROW = [date(2027, 3, 31), time(9, 0), "One", "bluesky-main"]
SHEET = "xl/worksheets/sheet1.xml"


def test_typed_cells_become_the_sheets_words(tmp_path: Path) -> None:
    rows = [
        [datetime.fromisoformat("2027-03-31"), time(21, 30), "=not run", "bluesky-main"],
        [46477, 0.375, 49, "bluesky-main"],
        ["1.4.2027", "9 Uhr", True, "bluesky-main"],
        [datetime.fromisoformat("2027-04-02T10:15"), None, "Moment", "bluesky-main"],
        [date(2027, 4, 3), timedelta(hours=7, minutes=5), "Hours", "bluesky-main"],
    ]

    def as_text(book: Any) -> None:
        book.active["C2"].data_type = "s"

    calendar = read(tmp_path / "plan.xlsx", workbook(HEADER, *rows, change=as_text))
    assert said(calendar) == []
    assert [(row["date"], row["time"], row["text"]) for row in calendar.rows] == [
        ("2027-03-31", "21:30", "=not run"),
        ("2027-03-31", "09:00", "49"),
        ("2027-04-01", "09:00", "TRUE"),
        ("2027-04-02", "10:15", "Moment"),
        ("2027-04-03", "07:05", "Hours"),
    ]


def test_a_workbook_that_counts_from_1904_means_the_same_days(tmp_path: Path) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    def mac(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active.append([45015, 0.5, "Two", "bluesky-main"])

    calendar = read(tmp_path / "mac.xlsx", workbook(HEADER, change=mac))
    assert [row["date"] for row in calendar.rows] == ["2027-03-31"]

    def mac_date(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active.append(ROW)

    assert read(tmp_path / "mac.xlsx", workbook(HEADER, change=mac_date)).rows[0]["date"] == "2027-03-31"


def test_a_formula_is_its_last_result_and_named_where_the_file_has_none(tmp_path: Path) -> None:
    plain = workbook(HEADER, ROW, [*ROW[:2], "=A2", "bluesky-main"])
    calendar = read(tmp_path / "plan.xlsx", plain)
    assert said(calendar) == [
        "row 3, text: is a formula whose result is not in the file; open the file, let it calculate, save it again",
        "row 3, text: is empty; write what the post says",
    ]
    calculated = with_part(
        plain,
        SHEET,
        lambda part: part.replace(b'<c r="C3"><f>A2</f><v /></c>', b'<c r="C3" t="str"><f>A2</f><v>Sum</v></c>'),
    )
    assert calculated != plain
    calendar = read(tmp_path / "plan.xlsx", calculated)
    assert (said(calendar), calendar.rows[1]["text"]) == ([], "Sum")


def test_error_cells_are_named(tmp_path: Path) -> None:
    def broken(book: Any) -> None:
        book.active["A2"].value, book.active["A2"].data_type = "#REF!", "e"

    calendar = read(tmp_path / "plan.xlsx", workbook(HEADER, ROW, change=broken))
    assert said(calendar) == ["row 2, date: is an error of the spreadsheet (#REF!); write what shall stand there"]


def test_a_date_that_excel_made_of_a_text_is_named(tmp_path: Path) -> None:
    calendar = read(
        tmp_path / "plan.xlsx", workbook(HEADER, [*ROW[:2], datetime.fromisoformat("2027-02-01"), "bluesky-main"])
    )
    assert "row 2, text: is a date or time of the spreadsheet's, 2027-02-01; if that is not what" in said(calendar)[0]


def test_a_title_above_two_headers_and_hidden_rows_are_no_trouble(tmp_path: Path) -> None:
    def hide(book: Any) -> None:
        book.active.row_dimensions[5].hidden = True
        book.active.merge_cells("A1:D1")

    content = workbook(["Our plan for 2027"], [], HEADER, ["Datum", "Uhrzeit", "Text", "Kanal"], ROW, change=hide)
    calendar = read(tmp_path / "plan.xlsx", content)
    assert [row["text"] for row in calendar.rows] == ["One"]
    assert calendar.notes[:2] == (
        "the header is row 3; left out above it: row 1",
        "row 4 is a second header and was left out",
    )


def test_rows_are_numbered_as_the_spreadsheet_numbers_them(tmp_path: Path) -> None:
    content = workbook(["Plan"], HEADER, [], ["never", time(9), "One", "bluesky-main"])
    assert said(read(tmp_path / "plan.xlsx", content)) == [
        "row 4, date: never is no date; write it like 2026-12-25 (year-month-day)"
    ]


def test_the_tab_posts_is_read_else_the_first_with_a_header(tmp_path: Path) -> None:
    def more(book: Any) -> None:
        other = book.create_sheet("posts ")
        other.append(HEADER)
        other.append([*ROW[:2], "From Posts", "bluesky-main"])

    first = read(tmp_path / "plan.xlsx", workbook(HEADER, ROW, title="Ideas", change=more))
    assert [row["text"] for row in first.rows] == ["From Posts"]
    assert "the tab posts  was read, not Ideas" in first.notes

    def behind(book: Any) -> None:
        book.create_sheet("Notes", 0).append(["scribble"])

    assert read(tmp_path / "plan.xlsx", workbook(HEADER, ROW, title="Plan", change=behind)).rows[0]["text"] == "One"


def test_rich_text_is_its_text(tmp_path: Path) -> None:
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    rich = CellRichText("Crème ", TextBlock(InlineFont(b=True), "brûlée"), " 👩🏽‍🍳")
    assert (
        read(tmp_path / "plan.xlsx", workbook(HEADER, [*ROW[:2], rich, ROW[3]])).rows[0]["text"]
        == "Crème brûlée 👩🏽‍🍳"
    )


def test_the_longest_cell_of_excel_is_read_whole_and_a_longer_one_than_the_sheets_is_named(tmp_path: Path) -> None:
    assert (
        len(read(tmp_path / "plan.xlsx", workbook(HEADER, [*ROW[:2], "x" * 32_767, ROW[3]])).rows[0]["text"]) == 32_767
    )
    calendar = read(
        tmp_path / "plan.csv", 'date,time,text\n2027-03-31,09:00,"' + "x" * 1_000_000 + '"\n2027-04-01,09:00,fine\n'
    )
    assert said(calendar)[0] == (
        "row 2, text: has 1,000,000 characters, and a cell of the sheet takes 50,000; shorten it; the cell was left out"
    )
    assert calendar.rows[1]["text"] == "fine"


def test_numbers_and_ticks_of_the_owners_own_columns_keep_their_kind(tmp_path: Path) -> None:
    content = workbook([*HEADER, "Budget", "Paid", "Since"], [*ROW, 12.5, True, date(2027, 1, 1)])
    calendar = read(tmp_path / "plan.xlsx", content)
    assert calendar.typed == ({"Budget": 12.5, "Paid": True},)
    assert calendar.rows[0]["Since"] == "2027-01-01"
    assert said(calendar) == []


@pytest.mark.parametrize(("written", "expected"), [("a_x000D_\nb", "a\nb"), ("_x005F_x000D_", "_x000D_")])
def test_characters_that_excel_writes_as_words_are_themselves_again(
    tmp_path: Path, written: str, expected: str
) -> None:
    assert read(tmp_path / "plan.xlsx", workbook(HEADER, [*ROW[:2], written, ROW[3]])).rows[0]["text"] == expected
