"""What is written out and read in again is the same, and no spreadsheet runs it on the way."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from calendar_desk import BERLIN, NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.calendars.escaping import escaped, unescaped
from local.calendars.model import CalendarError
from local.calendars.reading import read_calendar
from local.calendars.writing import Table, csv_bytes, table_of, write_table, xlsx_bytes
from mesh.posts import COLUMNS

HEADER = (*COLUMNS, "text: x", "Campaign")
texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=30)
lined = st.builds("\n".join, st.lists(texts, max_size=3)) | st.sampled_from(
    [
        "=1+1",
        "+49 30",
        "-x",
        "@here",
        "'=quoted",
        "''-",
        "'plain'",
        "007",
        "1/2",
        "TRUE",
        "_x000D_",
        "46477",
        '"',
        "a,b;c\td",
    ]
)


@st.composite
def rows(draw: st.DrawFn) -> list[object]:
    made: dict[str, object] = {name: draw(lined) for name in ("text", "alt text", "note", "text: x", "Campaign")}
    made["text"] = f"{made['text']}"
    made["date"] = draw(st.integers(46_400, 50_000))
    made["time"] = draw(st.integers(0, 1439)) / 1440
    made["channels"] = draw(st.sampled_from(["bluesky-main", "bluesky-main, mastodon-main"]))
    made["approved"] = draw(st.booleans())
    return [made.get(name, "") for name in HEADER]


@given(st.text())
def test_an_apostrophe_comes_off_again_as_it_went_on(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows(), min_size=1, max_size=5), st.sampled_from([".csv", ".xlsx"]))
def test_out_and_in_again_are_the_same_rows(tmp_path: Path, written: list[list[object]], kind: str) -> None:
    table = Table(HEADER, tuple(written))  # type: ignore[arg-type]
    path = tmp_path / f"plan{kind}"
    write_table(table, path, force=True)
    calendar = read_calendar(path, zone=BERLIN, now=NOW, channels=None)
    assert not [problem for problem in calendar.problems if problem.column not in ("text", "date")]
    assert len(calendar.rows) == len(written)
    for before, after in zip(written, calendar.rows, strict=True):
        told = dict(zip(HEADER, before, strict=True))
        for name in ("text", "alt text", "note", "text: x", "Campaign", "channels"):
            assert after.get(name, "") == str(told[name]).strip(), name
        minutes = round(float(str(told["time"])) * 1440)
        assert after["time"] == f"{minutes // 60:02}:{minutes % 60:02}"


def test_a_csv_file_is_as_rfc_4180_says_and_shows_its_language_to_excel() -> None:
    content = csv_bytes(Table(("date", "text", "approved"), ((46477, 'a "b",\nc', True), (46478, "=1+1", False))))
    assert content == (
        '\ufeffdate,text,approved\r\n2027-03-31,"a ""b"",\nc",TRUE\r\n2027-04-01,\'=1+1,FALSE\r\n'.encode()
    )
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))[2][1] == "'=1+1"


def test_a_workbook_has_types_and_no_formula() -> None:
    from openpyxl import load_workbook

    table = Table(
        ("date", "time", "text", "approved", "Budget"), ((46477, 0.375, "=1+1", True, 12.5), ("soon", "", "x", "", ""))
    )
    sheet = load_workbook(io.BytesIO(xlsx_bytes(table)))["Posts"]
    first, second = list(sheet.iter_rows(min_row=2))
    assert [cell.data_type for cell in first] == ["d", "d", "s", "b", "n"]
    assert [f"{first[0].value:%Y-%m-%d}", f"{first[1].value:%H:%M}", first[2].value] == ["2027-03-31", "09:00", "=1+1"]
    assert [cell.value for cell in second] == ["soon", None, "x", False, None]


def test_a_text_that_excel_would_cut_is_refused() -> None:
    with pytest.raises(CalendarError, match="row 2, text: 40,000 characters are more than a cell of Excel takes"):
        xlsx_bytes(Table(("text",), (("x" * 40_000,),)))


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.csv"
    table = Table(("text",), (("One",),))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("local.calendars.writing.os.fsync", full)
    with pytest.raises(CalendarError, match="cannot be written"):
        write_table(table, path)
    assert list(tmp_path.iterdir()) == []
    path.write_text("mine")
    with pytest.raises(CalendarError, match="cannot be written"):
        write_table(table, path, force=True)
    assert path.read_text() == "mine"


def test_a_name_that_says_no_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="says no kind of file"):
        write_table(Table((), ()), tmp_path / "plan")


def test_rows_with_nothing_but_an_unticked_box_are_left_out() -> None:
    table = table_of([["date", "text"], ["", "", False], [46477, "One"], ["", "", True]])
    assert table.header == ("date", "text", "")
    assert len(table.rows) == 2
