"""What an owner does to the layout: several cells at once, columns, the tab, merges, rows dragged about, dropdowns."""

from __future__ import annotations

import pytest

from local.sheets.furnishing import HEADER


@pytest.fixture
def rows(act):
    """Rows with these texts, their ids the same."""

    def rows(*names):
        act("rows", rows=[{"post_id": name, "text": name} for name in names])

    return rows


def header(owner):
    return owner.get("/owner/grid").json()["header"]


def test_several_cells_are_one_change(act, rows, texts, owner):
    rows("a", "b")
    version = owner.get("/owner/grid").json()["version"]
    edits = [{"row": 0, "column": "text", "value": "one"}, {"row": 1, "column": "text", "value": "=1+1"}]
    assert act("cells", edits=edits)["version"] == version + 1
    assert texts() == ["one", "2"]


def test_one_place_that_is_not_there_stops_all_of_a_paste(owner, rows, texts):
    rows("a")
    edits = [{"row": 0, "column": "text", "value": "x"}, {"row": 0, "column": "txet", "value": "x"}]
    assert owner.post("/owner/cells", json={"edits": edits}).status_code == 400
    assert texts() == ["a"]


def test_several_rows_are_deleted_wherever_they_are(act, rows, texts):
    rows("a", "b", "c", "d")
    act("rows/delete", rows=[3, 0, 1])
    assert texts() == ["c"]


@pytest.mark.parametrize(("source", "target", "order"), [(0, 2, "bcad"), (3, 0, "dabc"), (1, 1, "abcd")])
def test_a_row_is_dragged(act, rows, texts, source, target, order):
    rows(*"abcd")
    act("move-row", row=source, to=target)
    assert "".join(texts()) == order


def test_a_column_is_renamed_and_its_cells_stay(act, rows, owner, api):
    rows("a")
    act("rename-column", column="text", to="words")
    assert header(owner)[3] == "words"
    assert api.values("Posts!D1:D2") == [["words"], ["a"]]


def test_a_column_is_put_in_before_another(act, rows, owner, api):
    rows("a")
    act("insert-column", at="text", name="mood")
    assert header(owner)[3:5] == ["mood", "text"]
    assert api.values("Posts!E2") == [["a"]]


def test_a_column_goes_with_all_in_it(owner, rows, api):
    rows("a")
    owner.delete("/owner/columns/post_id").raise_for_status()
    assert header(owner) == list(HEADER[1:])
    assert api.values("Posts!C2") == [["a"]]


def test_a_column_is_dragged(act, rows, owner, api):
    rows("a")
    act("move-column", column="text", to=0)
    assert header(owner)[:2] == ["text", "post_id"]
    act("move-column", column="text", to="time")
    assert header(owner)[:4] == ["post_id", "date", "time", "text"]
    assert api.values("Posts!D2") == [["a"]]


def test_a_renamed_tab_is_not_found_by_its_old_name(act, rows, api, owner, texts):
    rows("a")
    act("rename-tab", to="Plan 2027")
    missing = api.http.get(f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A1")
    assert "Unable to parse range" in missing.json()["error"]["message"]
    assert api.values("'Plan 2027'!D2") == [["a"]]
    assert texts() == ["a"]
    owner.post("/owner/reset", json={}).raise_for_status()
    assert api.values("Posts!A1") == [["post_id"]]


def test_merging_keeps_the_first_value_and_drops_what_is_written_below_it(act, rows, api, texts):
    rows("a", "b", "c")
    act("merge", row=0, column="text", rows=2, columns=1)
    assert texts() == ["a", "", "c"]
    assert api.put("Posts!D2:D4", [["one"], ["two"], ["three"]])["updatedCells"] == 3
    act("cell", row=1, column="text", value="typed")
    assert texts() == ["one", "", "three"]


def test_a_batch_drops_values_below_a_merged_cell_too(act, rows, api, texts):
    rows("a", "b")
    act("merge", row=0, column="text", rows=2, columns=1)
    line = {"values": [{"userEnteredValue": {"stringValue": "theirs"}, "note": "why"}]}
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 3}
    api.batch({"updateCells": {"start": start, "rows": [line, line], "fields": "userEnteredValue,note"}})
    assert texts() == ["theirs", ""]


def test_rows_inserted_by_an_append_move_what_lies_below(act, rows, api):
    rows("a")
    act("merge", row=5, column="note", rows=1, columns=3)
    query = {"valueInputOption": "RAW", "insertDataOption": "INSERT_ROWS"}
    api.post("{sheet}/values/Posts!A1:append", {"values": [["b"], ["c"]]}, **query)
    (merge,) = api.get("{sheet}", fields="sheets.merges")["sheets"][0]["merges"]
    assert merge["startRowIndex"] == 8


def test_rows_that_share_a_merged_cell_cannot_be_sorted(act, rows, owner):
    rows("b", "a")
    act("merge", row=0, column="note", rows=2, columns=1)
    response = owner.post("/owner/sort", json={"column": "text"})
    assert response.status_code == 400
    assert "rows 2 to 3 share a merged cell" in response.json()["error"]["message"]


def test_a_sheet_without_header_or_with_two_is_two_calls_away(act, rows, owner, api):
    rows("a")
    act("rows", at=0, rows=[{name: name for name in ("post_id", "text")}])
    assert api.values("Posts!A1:D2") == [["post_id", "date", "time", "text"], ["post_id", "", "", "text"]]
    act("rows/delete", rows=["header", 0])
    assert api.values("Posts!A1:D1") == [["a", "", "", "a"]]


def test_a_sort_puts_numbers_before_texts_and_blanks_last_in_both_directions(act, owner, texts):
    typed = ["b", "10", "", "A", "9", "c"]
    act("rows", rows=[{"post_id": f"p{place}", "note": value} for place, value in enumerate(typed)])
    act("sort", column="note")
    assert texts("note") == ["9", "10", "A", "b", "c", ""]
    act("sort", column="note", descending=True)
    assert texts("note") == ["c", "b", "A", "10", "9", ""]


def test_the_grid_tells_the_choices_of_a_dropdown(owner, api):
    options = [{"userEnteredValue": name} for name in ("bluesky-main", "x-main")]
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 50, "startColumnIndex": 4, "endColumnIndex": 5}
    rule = {"condition": {"type": "ONE_OF_LIST", "values": options}, "strict": False, "showCustomUi": True}
    assert owner.get("/owner/grid").json()["choices"] == {}
    api.batch({"setDataValidation": {"range": area, "rule": rule}})
    assert owner.get("/owner/grid").json()["choices"] == {"channels": ["bluesky-main", "x-main"]}


def test_an_edit_of_another_version_than_the_one_of_now_changes_nothing(owner):
    before = owner.get("/owner/grid").json()
    for path, body in (
        ("cells", {"edits": [{"row": 0, "column": "text", "value": "x"}]}),
        ("rows/delete", {"rows": [0]}),
    ):
        refused = owner.post(f"/owner/{path}", json={**body, "version": before["version"] - 1})
        assert refused.status_code == 409
        assert "somebody wrote meanwhile" in refused.json()["error"]["message"]
        assert owner.get("/owner/grid").json() == before
        assert owner.post(f"/owner/{path}", json={**body, "version": before["version"]}).status_code == 200
        before = owner.get("/owner/grid").json()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("cells", {"edits": []}, "edits must be a list"),
        ("rows/delete", {"rows": [0, 9999]}, "there is no row 9999"),
        ("move-row", {"row": 0, "to": -1}, "there is no row -1"),
        ("rename-column", {"column": "mood", "to": "x"}, "there is no column 'mood'"),
        ("insert-column", {"at": 99, "name": "x"}, "there is no column 99"),
        ("move-column", {"column": "text", "to": "mood"}, "there is no column 'mood'"),
        ("rename-tab", {"to": " "}, "the tab's new name"),
        ("merge", {"row": 0, "column": "text", "rows": 0, "columns": 1}, "rows must be a whole number from 1"),
        ("undo", {}, "there is nothing to undo"),
    ],
)
def test_a_mistake_changes_nothing_and_is_told(owner, path, body, words):
    before = owner.get("/owner/grid").json()
    response = owner.post(f"/owner/{path}", json=body)
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]
    assert owner.get("/owner/grid").json() == before
