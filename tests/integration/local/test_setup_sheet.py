"""setup-sheet makes an empty sheet ours, mends a living one, and never touches what stands in the owner's rows."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from owner_sheet_desk import Desk

from local.owner_sheet.connection import SheetError
from local.owner_sheet.setup import Report, set_up
from mesh.posts import COLUMNS, read_row
from mesh.sheet import read_table

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def run(desk: Desk) -> Report:
    return set_up(desk.sheet, ZoneInfo("Europe/Berlin"), NOW)


def test_an_empty_sheet_becomes_ours_in_one_write(desk: Desk) -> None:
    report = run(desk)
    header, example = desk.values()
    assert tuple(header) == COLUMNS
    row = read_row(dict(zip(header, example, strict=False)))
    assert (row.date, row.time, row.channels, row.approved) == ("2026-11-28", "09:00", "bluesky-main", False)
    assert "example" in row.text
    assert [tab["properties"]["title"] for tab in desk.tabs()] == ["Posts"]
    assert desk.tabs()[0]["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert len(desk.sheet.sent) == 1
    assert len(desk.sheet.calls) == 6
    assert "channels to choose from: bluesky-main, mastodon-main" in report.done


def test_a_second_run_asks_for_nothing(desk: Desk) -> None:
    run(desk)
    before = desk.tabs(), desk.cells()
    report = run(desk)
    assert report.done == ()
    assert len(desk.sheet.sent) == 1
    assert (desk.tabs(), desk.cells()) == before


def test_the_address_for_notes_stands_at_the_header_of_note_and_follows_the_stack(desk: Desk) -> None:
    def header_note() -> str:
        return str(desk.cells()[0][COLUMNS.index("note")].get("note", ""))

    def run_with(compose: str) -> Report:
        return set_up(desk.sheet, ZoneInfo("Europe/Berlin"), NOW, compose=compose)

    assert "the address where notes are written, at the header of note" in run_with("https://notes.test/").done
    assert header_note() == "Write a note, and a post is drafted from it: https://notes.test/"
    assert run_with("https://notes.test/").done == ()
    run(desk)
    assert header_note().endswith("https://notes.test/")  # it stays where nobody says another
    run_with("https://other.test/")
    assert header_note().endswith("https://other.test/")


def test_an_owners_own_note_at_the_header_stays_and_the_address_is_told(desk: Desk) -> None:
    run(desk)
    start = {"sheetId": _only(desk), "rowIndex": 0, "columnIndex": COLUMNS.index("note")}
    desk.sheet.update([{"updateCells": {"start": start, "rows": [{"values": [{"note": "mine"}]}], "fields": "note"}}])

    report = set_up(desk.sheet, ZoneInfo("Europe/Berlin"), NOW, compose="https://notes.test/")

    assert desk.cells()[0][COLUMNS.index("note")]["note"] == "mine"
    assert [said for said in report.look_at if "https://notes.test/" in said]


def test_every_row_of_the_grid_has_boxes_lists_and_formats(desk: Desk) -> None:
    run(desk)
    for row in desk.cells()[1:100]:
        cells = dict(zip(COLUMNS, row, strict=False))
        assert cells["approved"]["dataValidation"]["condition"]["type"] == "BOOLEAN"
        assert cells["channels"]["dataValidation"]["strict"] is False
        assert cells["date"]["userEnteredFormat"]["numberFormat"]["type"] == "DATE"
        assert cells["time"]["userEnteredFormat"]["numberFormat"]["type"] == "TIME"
        for name in ("post_id", "text", "alt text", "link"):
            assert cells[name]["userEnteredFormat"]["numberFormat"]["type"] == "TEXT"
        assert cells["text"]["userEnteredFormat"]["wrapStrategy"] == "WRAP"


def test_what_looks_like_a_formula_stays_text_when_it_is_typed(desk: Desk) -> None:
    run(desk)
    for number, typed in enumerate(("=1+1", "+49 30 1234", "1/2", "007")):
        body = {"row": number, "column": "text", "value": typed}
        desk.owner.post("/owner/cell", json=body).raise_for_status()
    assert [row[COLUMNS.index("text")] for row in desk.values()[1:]] == ["=1+1", "+49 30 1234", "1/2", "007"]


def test_guarded_columns_warn_and_stop_nobody(desk: Desk) -> None:
    run(desk)
    guards = desk.tabs()[0]["protectedRanges"]
    assert [COLUMNS[guard["range"]["startColumnIndex"]] for guard in guards] == ["post_id", "approved for", "status"]
    assert all(guard["warningOnly"] for guard in guards)
    assert all("endRowIndex" not in guard["range"] for guard in guards)


def test_an_older_layout_gets_what_is_missing_and_loses_nothing(desk: Desk) -> None:
    header = ["Campaign", "date", "text", "time", "channels", "status", "text: x"]
    row = ["Advent", "2026-12-01", "=not a formula", 0.375, "bluesky-main", "Posted: https://x.example", "short"]
    desk.write("Sheet1", header, row)
    desk.write("Sheet1", ["kept"], at=40)
    _rename(desk, "Posts")
    run(desk)
    values = desk.values()
    assert values[0] == [*header, "post_id", "image", "alt text", "link", "approved", "approved for", "note"]
    assert values[1][: len(row)] == row
    assert values[2] == ["kept"]
    assert len(read_table(values).rows) == 2
    sent = len(desk.sheet.sent)
    assert run(desk).done == ()
    assert len(desk.sheet.sent) == sent


def test_a_note_beside_the_table_keeps_its_place_behind_the_new_columns(desk: Desk) -> None:
    desk.write("Sheet1", ["date", "time", "text"], ["2026-12-01", "09:00", "One", "", "", "scribble"])
    _rename(desk, "Posts")
    run(desk)
    header, row = desk.values()
    assert row[5] == "scribble"
    assert header[:3] == ["date", "time", "text"]
    assert set(COLUMNS) <= set(header)
    assert not header[5]


def test_a_title_above_the_header_stays_there(desk: Desk) -> None:
    desk.write("Sheet1", ["Our year"], [], list(COLUMNS), ["", "2026-12-01", "09:00", "One"])
    _rename(desk, "Posts")
    run(desk)
    assert desk.values()[0] == ["Our year"]
    assert desk.values()[1][: len(COLUMNS)] == list(COLUMNS)
    assert [row.row.text for row in read_table(desk.values()).rows] == ["One"]


def test_an_owners_own_choices_stay(desk: Desk) -> None:
    run(desk)
    number = _only(desk)
    column = COLUMNS.index("date")
    pattern = {"userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"}}}
    area = {
        "sheetId": number,
        "startRowIndex": 1,
        "endRowIndex": 100,
        "startColumnIndex": column,
        "endColumnIndex": column + 1,
    }
    span = {"sheetId": number, "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}
    desk.sheet.update(
        [
            {"repeatCell": {"range": area, "cell": pattern, "fields": "userEnteredFormat.numberFormat"}},
            {"updateDimensionProperties": {"range": span, "properties": {"pixelSize": 700}, "fields": "pixelSize"}},
        ]
    )
    assert run(desk).done == ()


def test_rows_that_came_without_boxes_get_them_and_only_they(desk: Desk) -> None:
    run(desk)
    area = {"sheetId": _only(desk), "startRowIndex": 20, "endRowIndex": 22, "startColumnIndex": 8, "endColumnIndex": 9}
    desk.sheet.update([{"setDataValidation": {"range": area}}])
    assert run(desk).done == ("boxes to tick in approved",)
    (request,) = desk.sheet.sent[-1]
    assert request["setDataValidation"]["range"] == area


def test_a_new_channel_comes_into_the_list(desk: Desk) -> None:
    run(desk)
    rules = "Time zone: Europe/Berlin\nChannels\n- x-main: x, account 1\n"
    desk.owner.put("/owner/rules", content=rules.encode()).raise_for_status()
    assert run(desk).done == ("channels to choose from: x-main",)


def test_other_tabs_are_left_alone(desk: Desk) -> None:
    desk.write("Sheet1", ["Ideas"], ["cake"])
    report = run(desk)
    assert [tab["properties"]["title"] for tab in desk.tabs()] == ["Sheet1", "Posts"]
    assert desk.values("Sheet1") == [["Ideas"], ["cake"]]
    assert tuple(desk.values()[0]) == COLUMNS
    assert "a tab Posts beside the others" in report.done


def test_a_renamed_tab_is_named_and_not_made_twice(desk: Desk) -> None:
    desk.write("Sheet1", list(COLUMNS))
    with pytest.raises(SheetError, match="there is no tab Posts, and Sheet1 looks like it; rename it to Posts"):
        run(desk)
    desk.add_tab("Copy")
    desk.write("Copy", list(COLUMNS))
    with pytest.raises(SheetError, match="the tabs Sheet1 and Copy both look like the plan"):
        run(desk)


def test_a_tab_posts_of_something_else_is_not_written_into(desk: Desk) -> None:
    desk.write("Sheet1", ["Name", "Phone"], ["Ann", "123"])
    _rename(desk, "Posts")
    with pytest.raises(SheetError, match=r"row 1 of the tab Posts names no columns \(name, phone\)"):
        run(desk)
    assert desk.values() == [["Name", "Phone"], ["Ann", "123"]]


def test_zone_and_country_are_said_for_a_person_to_check(desk: Desk) -> None:
    said = "\n".join(run(desk).look_at)
    assert "the sheet is set to the time zone America/New_York, the business lives in Europe/Berlin" in said
    assert "03/04/2027 typed into this sheet means 4 March" in said


def test_without_a_rules_doc_the_rest_is_made_and_the_doc_asked_for(desk: Desk) -> None:
    desk.owner.put("/owner/rules", content=b"").raise_for_status()
    report = run(desk)
    assert "the rules doc names no channel yet; name one, and run this again for the list of channels" in report.look_at
    assert read_row(dict(zip(*desk.values(), strict=False))).channels == ""


def _only(desk: Desk) -> int:
    return int(desk.tabs()[0]["properties"]["sheetId"])


def _rename(desk: Desk, title: str) -> None:
    properties = {"sheetId": _only(desk), "title": title}
    desk.sheet.update([{"updateSheetProperties": {"properties": properties, "fields": "title"}}])
