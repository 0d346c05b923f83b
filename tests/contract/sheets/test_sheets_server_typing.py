"""What a sheet makes of typed text, how it shows it, and how ranges and masks read."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.clock import now
from local.sheets import a1, cells, masks, patterns, serials
from local.sheets.kept_workbook import WorkbookText, workbook_from_json
from local.sheets.wire import GoogleError
from local.sheets.workbook import Workbook


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("TRUE", True, "TRUE"),
        ("false", False, "FALSE"),
        ("7", 7, "7"),
        ("-1.50", -1.5, "-1.5"),
        ("1,234.50", 1234.5, "1,234.50"),
        ("12.5%", 0.125, "12.5%"),
        ("$1,200", 1200, "$1,200"),
        ("2020-01-01", 43831, "2020-01-01"),
        ("1/2/2020", 43832, "1/2/2020"),
        ("25 Dec 2026", 46381, "12/25/2026"),
        ("2026-11-21 18:05", 46347 + 1085 / 1440, "2026-11-21 18:05"),
        ("9:00", 0.375, "9:00"),
        ("09:00", 0.375, "09:00"),
        ("12:15 am", 15 / 1440, "12:15 AM"),
        ("= 1 / 1024", 1 / 1024, "0.0009765625"),
        ('=HYPERLINK("https://a.example/","here")', "here", "here"),
        ("=SUM(A1:A3)", "#NAME?", "#NAME?"),
        ("=1/0", "#DIV/0!", "#DIV/0!"),
        ("'=1+1", "=1+1", "=1+1"),
    ],
)
def test_typed_text_becomes(typed, value, shown):
    cell = cells.user_entered(cells.EMPTY, typed, "en_US")
    assert cell.value == pytest.approx(value) if isinstance(value, float) else cell.value == value
    assert cells.formatted(cell, "en_US") == shown


@pytest.mark.parametrize(
    "text",
    ["13/25/2026", "2026-02-30", "9:60", "13:00 pm", "+49 30 1234", "1,2,3", "=", "@home", "- list", "v1.2"],
)
def test_what_looks_like_but_is_no_number_date_or_formula_stays_text(text):
    assert cells.user_entered(cells.EMPTY, text, "en_US").value == text


@pytest.mark.parametrize(("locale", "value"), [("en_US", 46057), ("en_GB", 46084), ("de_DE", 46084)])
def test_day_and_month_follow_the_locale(locale, value):
    assert cells.user_entered(cells.EMPTY, "3/5/2026" if locale == "en_GB" else "3.5.2026", locale).value != ""
    assert cells.user_entered(cells.EMPTY, "2/4/2026" if locale == "en_US" else "3/3/2026", locale).value == value


MARCH_27 = 46473


@pytest.mark.parametrize(
    ("locale", "text", "value"),
    [
        *[("en_US", text, MARCH_27) for text in ("3/27/2027", "03/27/27", "Mar 27, 2027", "27 March 2027")],
        *[("en_GB", text, MARCH_27) for text in ("27/3/2027", "27 Mar 2027", "27-03-27")],
        *[("de_DE", text, MARCH_27) for text in ("27.3.2027", "27.03.27", "27. März 2027", "27. Mrz. 2027")],
        *[("ja_JP", text, MARCH_27) for text in ("2027/3/27", "2027年3月27日", "27/3/27", "2027-03-27")],
        *[("pt_BR", text, MARCH_27) for text in ("27/3/2027", "27 de março de 2027", "27 de mar. de 2027")],
        ("fr_FR", "27 févr. 2027", MARCH_27 - 28),
        ("sv_SE", "2027-03-27", MARCH_27),
        *[(locale, "9:00", 0.375) for locale in ("en_US", "de_DE", "ja_JP", "pt_BR")],
        ("en_US", "9 PM", 0.875),
        ("ja_JP", "21時30分", 21.5 / 24),
        ("ja_JP", "午後9:30", 21.5 / 24),
        ("en_US", "25:00", 25 / 24),
        ("en_US", "36:00:00", 1.5),
        ("de_DE", "27.3.2027 9:30", MARCH_27 + 9.5 / 24),
        ("en_US", "3/27/2027 9:30 PM", MARCH_27 + 21.5 / 24),
        *[(locale, "1.234,5", 1234.5) for locale in ("de_DE", "pt_BR")],
        *[(locale, "1,234.5", 1234.5) for locale in ("en_US", "ja_JP", "es_MX")],
        ("de_DE", "9,50", 9.5),
        ("de_DE", "9,50 €", 9.5),
        ("pt_BR", "R$ 1.234,50", 1234.5),
        ("ja_JP", "¥1,200", 1200),
        ("en_US", "9.00", 9),
    ],
)
def test_each_locale_reads_its_own_dates_times_and_numbers(locale, text, value):
    assert cells.user_entered(cells.EMPTY, text, locale).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        *[("en_US", text) for text in ("27/3/2027", "27.3.2027 Uhr", "1.234,5", "R$ 5")],
        *[("de_DE", text) for text in ("9.00", "3/27/2027", "1,234.5", "9:00 Uhr")],
        *[("pt_BR", text) for text in ("3/27/2027", "9.00", "27 of março 2027")],
        *[("ja_JP", text) for text in ("2027年13月1日", "27/13/27", "25時61分", "午後13:00")],
    ],
)
def test_what_is_foreign_to_a_locale_stays_text(locale, text):
    assert cells.user_entered(cells.EMPTY, text, locale).value == text


@pytest.mark.parametrize(
    ("locale", "text"),
    [("en_US", "3/27"), ("de_DE", "27.3."), ("de_DE", "27.3"), ("pt_BR", "27/3"), ("ja_JP", "3月27日")],
)
def test_a_date_without_a_year_is_this_years(locale, text):
    day = date(now().year, 3, 27)
    assert cells.user_entered(cells.EMPTY, text, locale).value == serials.from_date(day)


@pytest.mark.parametrize(
    ("locale", "text", "shown"),
    [
        ("de_DE", "1.234,50", "1.234,50"),
        ("de_DE", "0,5", "0,5"),
        ("pt_BR", "12,5%", "12,5%"),
        ("ja_JP", "27/3/27", "2027/03/27"),
        ("ja_JP", "2027年3月27日", "2027年3月27日"),
        ("de_DE", "27.3.", "27.03"),
        ("en_US", "25:00", "25:00"),
    ],
)
def test_each_locale_shows_what_it_read_its_own_way(locale, text, shown):
    assert cells.formatted(cells.user_entered(cells.EMPTY, text, locale), locale) == shown


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)), st.sampled_from(["en_US", "de_DE", "ja_JP", "pt_BR", "nl_NL"]))
def test_a_date_typed_as_the_locale_shows_it_reads_back_as_itself(day, locale):
    shown = cells.formatted(cells.Cell(serials.from_date(day), format={"numberFormat": {"type": "DATE"}}), locale)
    assert cells.user_entered(cells.EMPTY, shown, locale).value == serials.from_date(day)


def test_a_cell_formatted_as_text_takes_everything_as_text():
    as_text = cells.Cell(format={"numberFormat": {"type": "TEXT"}})
    assert cells.user_entered(as_text, "2026-11-21", "en_US").value == "2026-11-21"


def test_more_than_fifty_thousand_characters_are_refused():
    with pytest.raises(GoogleError, match="50000"):
        cells.raw(cells.EMPTY, "x" * 50_001)


@given(st.dates())
def test_every_iso_date_typed_reads_back_as_itself(day):
    if day.year < 1900:
        return
    cell = cells.user_entered(cells.EMPTY, day.isoformat(), "en_US")
    assert cells.formatted(cell, "en_US") == day.isoformat()
    assert serials.to_datetime(float(cell.value)).date() == day


@given(st.integers(0, 23), st.integers(0, 59))
def test_every_minute_of_the_day_reads_back_as_itself(hour, minute):
    text = f"{hour:02d}:{minute:02d}"
    assert cells.formatted(cells.user_entered(cells.EMPTY, text, "en_US"), "en_US") == text


@given(st.text(max_size=40))
def test_typing_never_fails_and_raw_never_changes_a_text(text):
    cells.formatted(cells.user_entered(cells.EMPTY, text, "en_US"), "en_US")
    assert (cells.raw(cells.EMPTY, text).value or "") == text


@pytest.mark.parametrize(
    ("pattern", "kind", "shown"),
    [
        ("ddd d mmm yyyy", "DATE", "Sat 21 Nov 2026"),
        ("mm/dd/yy hh:mm:ss", "DATE_TIME", "11/21/26 18:05:00"),
        ("h:mm AM/PM", "TIME", "6:05 PM"),
        ("0.00", "NUMBER", "46347.75"),
    ],
)
def test_a_pattern_shows(pattern, kind, shown):
    serial = 46347 + 1085 / 1440
    assert patterns.shown(serial, {"type": kind, "pattern": pattern}, "en_US") == shown


@given(st.integers(0, 20_000))
def test_column_letters_and_indexes_are_each_others_opposite(column):
    assert a1.column_index(a1.column_letters(column)) == column


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("A1", a1.Box(0, 1, 0, 1)),
        ("B2:C", a1.Box(1, None, 1, 3)),
        ("A:C", a1.Box(0, None, 0, 3)),
        ("2:3", a1.Box(1, 3, 0, None)),
        ("C3:A1", a1.Box(0, 3, 0, 3)),
        ("$A$1:B2", a1.Box(0, 2, 0, 2)),
    ],
)
def test_a_range_reads(text, box):
    assert a1.parse_cells(text) == box


@pytest.mark.parametrize("text", ["", "A", "A0", "1A", "A1:", "Posts", "A1:B2:C3"])
def test_what_is_no_range_is_none(text):
    assert a1.parse_cells(text) is None


def test_a_quoted_tab_name_keeps_its_quotes_inside():
    assert a1.split_title("'Bob''s tab'!A1") == ("Bob's tab", "A1")
    assert a1.quoted_title("Bob's tab") == "'Bob''s tab'"


def test_masks_take_dots_slashes_parentheses_and_snake_case():
    value = {"sheets": [{"properties": {"title": "T", "sheetId": 0}, "data": [1]}], "spreadsheetId": "x"}
    for text in ("sheets.properties.title", "sheets/properties/title", "sheets(properties(title))"):
        assert masks.project(value, masks.parse(text)) == {"sheets": [{"properties": {"title": "T"}}]}
    assert masks.project(value, masks.parse("spreadsheet_id")) == {"spreadsheetId": "x"}
    assert masks.project(value, masks.parse("*")) == value


@pytest.mark.parametrize("text", ["a(", "a)", ",a", "a..b", "a(b", "a b", "a,"])
def test_a_broken_mask_is_refused(text):
    with pytest.raises(GoogleError):
        masks.parse(text)


def test_a_workbook_survives_being_kept():
    workbook = Workbook("id", [])
    sheet = workbook.new_sheet("Posts", 5, 5)
    workbook.sheets.append(sheet)
    look = {"numberFormat": {"type": "DATE", "pattern": "yyyy-mm-dd"}}
    sheet.put(0, 0, cells.Cell("text", note="why"))
    sheet.put(1, 1, cells.Cell(46347, format=look))
    sheet.put(2, 1, cells.Cell(46348, format=look))
    sheet.put(3, 4, cells.Cell(2, formula="=1+1"))
    sheet.row_properties[2] = {"hiddenByUser": True}
    text = WorkbookText()
    assert workbook_from_json(json.loads(text.written(workbook))) == workbook

    changed = workbook.copied()
    changed.sheets[0].put(1, 1, cells.Cell("other", format={"numberFormat": {"type": "TEXT"}}))
    del changed.sheets[0].rows[2]
    assert workbook_from_json(json.loads(text.written(changed))) == changed
    assert workbook_from_json(json.loads(text.written(workbook))) == workbook


def test_a_workbook_kept_in_the_first_format_is_read():
    look = {"format": {"numberFormat": {"type": "DATE"}}}
    tab = {"sheet_id": 0, "title": "Posts", "column_count": 3, "row_count": 3, "cells": [[0, 0, "a"], [2, 1, 5, 0]]}
    tab |= {"row_properties": {"1": {"hiddenByUser": True}}, "column_properties": {}}
    workbook = workbook_from_json({"format": 1, "spreadsheet_id": "x", "looks": [look], "sheets": [tab]})
    assert workbook.sheets[0].rows == [{0: cells.Cell("a")}, {}, {1: cells.Cell(5, **look)}]
    assert workbook.sheets[0].row_properties == {1: {"hiddenByUser": True}}


def test_a_copy_and_its_original_do_not_see_each_others_changes():
    workbook = Workbook("id", [])
    workbook.sheets.append(workbook.new_sheet("Posts", 3, 3))
    workbook.sheets[0].put(0, 0, cells.Cell("first"))
    twin = workbook.copied()
    twin.sheets[0].put(0, 0, cells.Cell("twin's"))
    workbook.sheets[0].put(0, 0, cells.Cell("own"))
    workbook.sheets[0].put(1, 0, cells.Cell("own"))
    assert [row.get(0) for row in twin.sheets[0].rows] == [cells.Cell("twin's"), None, None]
    assert [row.get(0) for row in workbook.sheets[0].rows] == [cells.Cell("own"), cells.Cell("own"), None]
