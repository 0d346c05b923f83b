"""Rows of a file go into the sheet once and as they were meant, and come out again whole."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from owner_sheet_desk import Desk

from local.calendars.model import Calendar
from local.owner_sheet import exporting, importing, setup
from local.owner_sheet.connection import SheetError
from local.owner_sheet.rows import add_rows
from mesh.posts import COLUMNS
from mesh.sheet import Table, read_table

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CSV = (
    "post_id,date,time,text,channels,approved,approved for,status,Campaign\n"
    'p1,2030-12-01,09:00,"=IMPORTXML(""http://x"",""//a"")",bluesky-main,TRUE,p1:abc,Posted,Advent\n'
    'p2,1.12.2030,9:30 pm,"Two\nlines","mastodon-main, bluesky-main",TRUE,,,\n'
)


@pytest.fixture
def key(desk: Desk, tmp_path: Path) -> Path:
    path = tmp_path / "service-account.json"
    path.write_text(json.dumps(desk.document))
    setup.set_up(desk.sheet, ZoneInfo("Europe/Berlin"), NOW)
    return path


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.csv"
    path.write_text(CSV)
    return path


def table(desk: Desk) -> Table:
    return read_table(desk.values())


def texts(desk: Desk) -> list[str]:
    return [row.row.text for row in table(desk).rows][1:]


def add(desk: Desk, key: Path, file: Path, *more: str) -> int:
    return importing.main([str(file), desk.id, "--key", str(key), *more])


def test_rows_are_added_below_the_last_with_types_and_without_formulas(desk: Desk, key: Path, plan: Path) -> None:
    assert add(desk, key, plan) == 0
    first, second = table(desk).rows[1:]
    assert first.cells["text"] == '=IMPORTXML("http://x","//a")'
    assert first.cells["date"] == 47818
    assert (second.row.date, second.row.time, second.row.text) == ("2030-12-01", "21:30", "Two\nlines")
    formulas = [cell for row in desk.cells() for cell in row if "formulaValue" in (cell.get("userEnteredValue") or {})]
    assert not formulas


def test_what_the_mesh_writes_is_never_taken_over(desk: Desk, key: Path, plan: Path) -> None:
    add(desk, key, plan)
    for row in table(desk).rows[1:]:
        assert (row.row.post_id, row.row.approved, row.row.stamp, row.row.status) == ("", False, "", "")
    boxes = [row[COLUMNS.index("approved")] for row in desk.cells()[2:4]]
    assert all(box["dataValidation"]["condition"]["type"] == "BOOLEAN" for box in boxes)


def test_a_column_that_the_sheet_lacks_comes_at_its_end(desk: Desk, key: Path, plan: Path) -> None:
    add(desk, key, plan)
    header = desk.values()[0]
    assert header == [*COLUMNS, "Campaign"]
    assert table(desk).rows[1].cells["campaign"] == "Advent"


def test_the_same_file_twice_adds_nothing_the_second_time(
    desk: Desk, key: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(desk, key, plan)
    before = desk.values()
    capsys.readouterr()
    assert add(desk, key, plan) == 0
    assert "0 rows were added to the sheet; 2 were there already and left out." in capsys.readouterr().out
    assert desk.values() == before


def test_a_row_that_stands_twice_in_the_file_stands_twice_in_the_sheet(desk: Desk, key: Path, tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    row = "2030-12-01,09:00,Same,bluesky-main\n"
    file.write_text("date,time,text,channels\n" + row * 2)
    for _ in range(2):
        add(desk, key, file)
    assert texts(desk) == ["Same", "Same"]
    file.write_text("date,time,text,channels\n" + row * 3)
    add(desk, key, file)
    assert texts(desk) == ["Same"] * 3


def test_a_file_with_problems_adds_nothing_unless_told_to(
    desk: Desk, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("date,time,text,channels\n31.2.2030,09:00,One,bluesky-main\n")
    assert add(desk, key, file) == 1
    said = capsys.readouterr().out
    assert "row 2, date: 31.2.2030 is no date" in said
    assert "Nothing was added." in said
    assert texts(desk) == []
    assert add(desk, key, file, "--anyway") == 1
    assert texts(desk) == ["One"]
    assert table(desk).rows[1].cells["date"] == "31.2.2030"


def test_channels_are_held_to_the_rules_doc(
    desk: Desk, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("date,time,text,channels\n2030-12-01,09:00,One,myspace\n")
    assert add(desk, key, file) == 1
    assert "myspace is no channel here; write one of bluesky-main, mastodon-main" in capsys.readouterr().out


def test_a_full_grid_grows(desk: Desk, key: Path, tmp_path: Path) -> None:
    desk.write("Posts", *[["", "", "", f"row {n}"] for n in range(2, 102)], at=1)
    file = tmp_path / "more.csv"
    file.write_text("date,time,text,channels\n2030-12-01,09:00,One more,bluesky-main\n")
    assert add(desk, key, file) == 0
    assert texts(desk)[-1] == "One more"
    assert texts(desk)[0] == "row 3"


def test_rows_typed_in_the_same_second_move_aside(
    desk: Desk, key: Path, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = desk.sheet.update

    def owner_first(requests: list[dict[str, object]]) -> dict[str, object]:
        desk.write("Posts", ["", "", "", "typed just now"], at=2)
        return send(requests)

    monkeypatch.setattr(desk.sheet, "update", owner_first)
    row = {"date": "2030-12-01", "time": "09:00", "text": "One", "channels": "bluesky-main"}
    add_rows(desk.sheet, Calendar((row,)))
    assert sorted(texts(desk)) == ["One", "typed just now"]


def test_a_column_moved_in_the_same_second_is_noticed(desk: Desk, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send = desk.sheet.update
    number = desk.tabs()[0]["properties"]["sheetId"]
    source = {"sheetId": number, "dimension": "COLUMNS", "startIndex": 3, "endIndex": 4}

    def owner_first(requests: list[dict[str, object]]) -> dict[str, object]:
        send([{"moveDimension": {"source": source, "destinationIndex": 1}}])
        return send(requests)

    monkeypatch.setattr(desk.sheet, "update", owner_first)
    row = {"date": "2030-12-01", "time": "09:00", "text": "One", "channels": "bluesky-main"}
    with pytest.raises(SheetError, match="the sheet was changed at the same moment: 1 of 1"):
        add_rows(desk.sheet, Calendar((row,)))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_is_all_there_when_it_is_read_again(
    desk: Desk, key: Path, plan: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add(desk, key, plan)
    out = tmp_path / f"out.{kind}"
    assert exporting.main([str(out), desk.id, "--key", str(key)]) == 0
    assert "3 rows, 13 columns" in capsys.readouterr().out
    assert add(desk, key, out) == 0
    assert "0 rows were added to the sheet; 3 were there already" in capsys.readouterr().out


def test_an_export_does_not_write_over_a_file_unasked(
    desk: Desk, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("mine")
    assert exporting.main([str(out), desk.id, "--key", str(key)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert exporting.main([str(out), desk.id, "--key", str(key), "--force"]) == 0
    assert out.read_text("utf-8-sig").startswith("post_id,date,time")
    assert [path.name for path in tmp_path.glob(".out*")] == []


def test_without_a_sheet_the_running_stack_is_exported(
    desk: Desk, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "run"
    (state / "sheets").mkdir(parents=True)
    (state / "sheets" / "service-account.json").write_text(json.dumps(desk.document))
    (state / "ports.json").write_text(json.dumps({"sheets": desk.server.ready["port"]}))
    out = tmp_path / "out.csv"
    assert exporting.main([str(out), "--state", str(state)]) == 0
    assert "This row is an example" in out.read_text("utf-8-sig")
    assert exporting.main([str(out), "--state", str(tmp_path / "none")]) == 1
    assert "no make run is up" in capsys.readouterr().err
