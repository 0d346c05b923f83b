"""spreadsheets.values as drive-sync and the sender use it."""

from __future__ import annotations

import httpx
import pytest

HEADER = [
    "post_id",
    "date",
    "time",
    "text",
    "channels",
    "image",
    "alt text",
    "link",
    "approved",
    "approved for",
    "status",
    "note",
]


def test_an_empty_range_has_no_values_key(api):
    assert api.get("{sheet}/values/Posts!A2:L10") == {"range": "Posts!A2:L10", "majorDimension": "ROWS"}


def test_a_tab_reads_as_its_header_and_rows_without_trailing_blanks(api):
    api.put("Posts!A2:D2", [["p1", 46347, 0.375, "Hello"]])
    assert api.unformatted("Posts") == [HEADER, ["p1", 46347, 0.375, "Hello"]]


def test_unformatted_gives_types_and_formatted_gives_texts(api, owner):
    api.put("Posts!A2:I2", [["p1", "2026-11-21", "09:30", "1", "", "", "", "", True]], "USER_ENTERED")
    assert api.unformatted("Posts!A2:I2") == [["p1", 46347, 9.5 / 24, 1, "", "", "", "", True]]
    assert api.values("Posts!A2:I2") == [["p1", "2026-11-21", "09:30", "1", "", "", "", "", "TRUE"]]


def test_raw_stores_what_it_is_given(api):
    api.put("Posts!D2:D4", [["=1+1"], ["2026-11-21"], ["TRUE"]])
    assert api.unformatted("Posts!D2:D4") == [["=1+1"], ["2026-11-21"], ["TRUE"]]


def test_null_leaves_a_cell_and_an_empty_string_empties_it(api):
    api.put("Posts!A2:C2", [["a", "b", "c"]])
    api.put("Posts!A2:C2", [[None, "", "C"]])
    assert api.unformatted("Posts!A2:C2") == [["a", "", "C"]]


def test_a_write_can_be_read_back_in_its_answer(api):
    api.put("Posts!A2:D2", [["p1", 46347, 0.375, "Hello"]])
    answer = api.put(
        "Posts!A2:L2",
        [[None] * 8 + [True, "p1:abc", None, None]],
        includeValuesInResponse="True",
        responseValueRenderOption="UNFORMATTED_VALUE",
    )
    assert answer["updatedCells"] == 2
    assert answer["updatedData"] == {
        "range": "Posts!A2:L2",
        "majorDimension": "ROWS",
        "values": [["p1", 46347, 0.375, "Hello", "", "", "", "", True, "p1:abc"]],
    }


def test_a_write_beyond_its_range_is_refused_and_changes_nothing(api):
    with pytest.raises(httpx.HTTPStatusError) as refused:
        api.put("Posts!A2:B2", [["a", "b", "c"]])
    assert refused.value.response.json()["error"] == {
        "code": 400,
        "message": "Requested writing within range [Posts!A2:B2], but tried writing to column [C]",
        "status": "INVALID_ARGUMENT",
    }
    assert api.values("Posts!A2:C2") == []


def test_a_range_outside_the_grid_is_refused(api):
    with pytest.raises(httpx.HTTPStatusError) as refused:
        api.values("Posts!A5000")
    assert "exceeds grid limits. Max rows: 1000, max columns: 26" in refused.value.response.json()["error"]["message"]


def test_an_unknown_tab_is_named_in_the_refusal(api):
    with pytest.raises(httpx.HTTPStatusError) as refused:
        api.values("Poste!A1")
    assert refused.value.response.json()["error"]["message"] == "Unable to parse range: Poste!A1"


def test_the_same_values_by_columns(api):
    api.put("Posts!D2:E3", [[1, 2], [3, 4]])
    assert api.values("Posts!D2:E3", majorDimension="COLUMNS") == [["1", "3"], ["2", "4"]]


def test_several_ranges_are_written_together_or_not_at_all(api):
    body = {
        "valueInputOption": "RAW",
        "data": [
            {"range": "Posts!K2", "values": [["Booked"]]},
            {"range": "Posts!K3:K4", "values": [["Posted"], ["Held"]]},
        ],
    }
    answer = api.post("{sheet}/values:batchUpdate", body)
    assert (answer["totalUpdatedCells"], answer["totalUpdatedSheets"]) == (3, 1)
    body["data"] = [{"range": "Posts!K2", "values": [["X"]]}, {"range": "Nowhere!K2", "values": [["X"]]}]
    with pytest.raises(httpx.HTTPStatusError):
        api.post("{sheet}/values:batchUpdate", body)
    assert api.get("{sheet}/values:batchGet", ranges=["Posts!K2", "Posts!K3:K4"])["valueRanges"] == [
        {"range": "Posts!K2", "majorDimension": "ROWS", "values": [["Booked"]]},
        {"range": "Posts!K3:K4", "majorDimension": "ROWS", "values": [["Posted"], ["Held"]]},
    ]


def test_append_finds_the_end_of_the_table(api):
    api.put("Posts!A2", [["p1"]])
    answer = api.post("{sheet}/values/Posts!A1:append", {"values": [["p2"], ["p3"]]}, valueInputOption="RAW")
    assert answer["tableRange"] == "Posts!A1:L2"
    assert answer["updates"]["updatedRange"] == "Posts!A3:A4"
    assert api.values("Posts!A2:A") == [["p1"], ["p2"], ["p3"]]


def test_clear_takes_values_and_leaves_formats(api):
    api.put("Posts!B2", [["2026-11-21"]], "USER_ENTERED")
    assert api.post("{sheet}/values/Posts!A2:L:clear")["clearedRange"] == "Posts!A2:L1000"
    api.put("Posts!B2", [[46348]])
    assert api.values("Posts!B2") == [["2026-11-22"]]


def test_an_unknown_field_in_a_body_is_refused(api):
    url = f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A2"
    response = api.http.put(url, params={"valueInputOption": "RAW"}, json={"valuez": [["x"]]})
    assert response.status_code == 400
    assert 'Unknown name "valuez"' in response.json()["error"]["message"]


def test_a_missing_input_option_is_refused(api):
    response = api.http.put(f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A2", json={"values": [["x"]]})
    assert response.status_code == 400


def test_properties_alone_cost_no_cells(api):
    assert api.get("{sheet}", fields="properties(locale,timeZone)") == {
        "properties": {"locale": "en_US", "timeZone": "Etc/GMT"}
    }
    assert api.get("{sheet}", fields="sheets/properties/title") == {"sheets": [{"properties": {"title": "Posts"}}]}


def test_the_grid_form_carries_types_and_formats(api):
    api.put("Posts!B2", [["2026-11-21"]], "USER_ENTERED")
    got = api.get("{sheet}", ranges="Posts!B2", includeGridData="True")
    cell = got["sheets"][0]["data"][0]["rowData"][0]["values"][0]
    assert cell["effectiveValue"] == {"numberValue": 46347}
    assert cell["formattedValue"] == "2026-11-21"
    assert cell["userEnteredFormat"]["numberFormat"] == {"type": "DATE", "pattern": "yyyy-mm-dd"}


def test_no_grid_without_asking(api):
    assert "data" not in api.get("{sheet}", includeGridData="false")["sheets"][0]
