"""spreadsheets.batchUpdate: all or nothing, and structure that moves what names it."""

from __future__ import annotations

import httpx
import pytest


def rows(start: int, end: int) -> dict[str, object]:
    return {"sheetId": 0, "dimension": "ROWS", "startIndex": start, "endIndex": end}


def text_row(*texts: str) -> dict[str, object]:
    return {"values": [{"userEnteredValue": {"stringValue": text}} for text in texts]}


def test_a_row_is_inserted_and_filled_in_one_call(api):
    api.put("Posts!A2", [["p1"]])
    api.batch(
        {"insertDimension": {"range": rows(1, 2), "inheritFromBefore": False}},
        {
            "updateCells": {
                "start": {"sheetId": 0, "rowIndex": 1, "columnIndex": 0},
                "rows": [text_row("p0", "=1+1")],
                "fields": "userEnteredValue",
            }
        },
    )
    assert api.unformatted("Posts!A2:B3") == [["p0", "=1+1"], ["p1"]]


def test_an_inserted_row_has_the_look_of_its_neighbour(api):
    api.batch({"insertDimension": {"range": rows(1, 2), "inheritFromBefore": False}})
    api.put("Posts!B2", [[46347]])
    assert api.values("Posts!B2") == [["2026-11-21"]]
    got = api.get("{sheet}", ranges="Posts!I2", fields="sheets.data.rowData.values.dataValidation")
    assert got["sheets"][0]["data"][0]["rowData"][0]["values"][0]["dataValidation"]["condition"] == {"type": "BOOLEAN"}


def test_a_batch_that_fails_leaves_nothing_behind(api):
    with pytest.raises(httpx.HTTPStatusError) as refused:
        api.batch(
            {"deleteDimension": {"range": rows(0, 1)}},
            {"deleteDimension": {"range": {**rows(0, 1), "sheetId": 77}}},
        )
    assert refused.value.response.json()["error"]["message"] == (
        "Invalid requests[1].deleteDimension: No grid with id: 77"
    )
    assert api.values("Posts!A1") == [["post_id"]]


def test_an_unknown_request_is_refused_by_name(api):
    response = api.http.post(f"/v4/spreadsheets/{api.sheet_id}:batchUpdate", json={"requests": [{"frobnicate": {}}]})
    assert "frobnicate" in response.json()["error"]["message"]


def test_sorting_moves_whole_rows_and_keeps_blanks_last(api):
    api.put("Posts!A2:D5", [["p1", 3, "", "c"], ["p2", "", "", "none"], ["p3", 1, "", "a"], ["p4", 2, "", "b"]])
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 5}
    spec = {"dimensionIndex": 1, "sortOrder": "DESCENDING"}
    api.batch({"sortRange": {"range": area, "sortSpecs": [spec]}})
    assert api.unformatted("Posts!A2:A5") == [["p1"], ["p4"], ["p3"], ["p2"]]


def test_find_and_replace_counts_what_it_changed(api):
    api.put("Posts!J2:J4", [["p1:aaa"], ["p2:bbb"], ["p1:aaa"]])
    scope = {"sheetId": 0, "find": "p1:aaa", "replacement": "", "matchEntireCell": True, "matchCase": True}
    reply = api.batch({"findReplace": scope})["replies"][0]["findReplace"]
    assert reply == {"valuesChanged": 2, "rowsChanged": 2, "sheetsChanged": 1, "occurrencesChanged": 2}
    assert api.batch({"findReplace": scope})["replies"][0] == {"findReplace": {}}


def test_protected_and_named_ranges_move_with_inserted_rows(api):
    area = {"sheetId": 0, "startRowIndex": 4, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 1}
    added = api.batch(
        {"addProtectedRange": {"protectedRange": {"range": area, "warningOnly": True}}},
        {"addNamedRange": {"namedRange": {"name": "ids", "range": area}}},
    )["replies"]
    try:
        api.batch({"insertDimension": {"range": rows(1, 3), "inheritFromBefore": False}})
        got = api.get("{sheet}")
        assert got["sheets"][0]["protectedRanges"][0]["range"]["startRowIndex"] == 6
        assert got["namedRanges"][0]["range"]["endRowIndex"] == 8
        api.batch({"deleteDimension": {"range": rows(5, 9)}})
        assert "protectedRanges" not in api.get("{sheet}")["sheets"][0]
    finally:
        if "namedRanges" in api.get("{sheet}"):
            api.batch({"deleteNamedRange": {"namedRangeId": added[1]["addNamedRange"]["namedRange"]["namedRangeId"]}})


def test_the_setup_of_a_sheet_is_accepted(api):
    column = {"sheetId": 0, "startRowIndex": 1, "startColumnIndex": 4, "endColumnIndex": 5}
    rule = {
        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "bluesky-main"}]},
        "showCustomUi": True,
        "strict": False,
    }
    conditional = {
        "ranges": [column],
        "booleanRule": {"condition": {"type": "NOT_BLANK"}, "format": {"backgroundColor": {"red": 1}}},
    }
    frozen = {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}
    api.batch(
        {"setDataValidation": {"range": column, "rule": rule}},
        {
            "repeatCell": {
                "range": column,
                "cell": {"userEnteredFormat": {"wrapStrategy": "WRAP"}},
                "fields": "userEnteredFormat.wrapStrategy",
            }
        },
        {"updateSheetProperties": {"properties": frozen, "fields": "gridProperties.frozenRowCount"}},
        {"addConditionalFormatRule": {"rule": conditional, "index": 0}},
        {"autoResizeDimensions": {"dimensions": {"sheetId": 0, "dimension": "COLUMNS"}}},
        {"updateSpreadsheetProperties": {"properties": {"timeZone": "Europe/Berlin"}, "fields": "timeZone"}},
    )
    got = api.get("{sheet}", includeGridData="true")
    assert got["properties"]["timeZone"] == "Europe/Berlin"
    assert got["sheets"][0]["conditionalFormats"][0]["ranges"][0]["startColumnIndex"] == 4
    api.batch({"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}})


def test_tabs_come_and_go(api):
    added = api.batch(
        {"addSheet": {"properties": {"title": "Ideas", "gridProperties": {"rowCount": 3, "columnCount": 2}}}}
    )
    properties = added["replies"][0]["addSheet"]["properties"]
    assert (properties["title"], properties["index"]) == ("Ideas", 1)
    response = api.http.post(
        f"/v4/spreadsheets/{api.sheet_id}:batchUpdate",
        json={"requests": [{"addSheet": {"properties": {"title": "ideas"}}}]},
    )
    assert response.status_code == 400
    api.batch({"deleteSheet": {"sheetId": properties["sheetId"]}})
    assert len(api.get("{sheet}")["sheets"]) == 1
