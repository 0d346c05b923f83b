"""The owner's side: what the console page and the stories do as a person would."""

from __future__ import annotations

import threading

import pytest


def grid(owner):
    return owner.get("/owner/grid").json()


def column(owner, name):
    got = grid(owner)
    place = got["header"].index(name)
    return [row[place] for row in got["rows"]]


def add(owner, *texts, at=None):
    rows = [{"post_id": text, "text": text} for text in texts]
    return owner.post("/owner/rows", json={"at": at, "rows": rows}).raise_for_status().json()


def test_a_new_sheet_has_the_header_and_no_rows(owner):
    got = grid(owner)
    assert got["header"] == [
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
    assert (got["rows"], got["row_count"]) == ([], 0)


def test_a_row_shows_dates_and_times_in_iso_form_and_ticks_as_booleans(owner, api):
    row = {"date": "12/25/2026", "time": "9:30 PM", "text": "Hello", "approved": True}
    owner.post("/owner/rows", json={"rows": [row]}).raise_for_status()
    assert grid(owner)["rows"] == [["", "2026-12-25", "21:30", "Hello", "", "", "", "", True, "", "", ""]]
    assert api.unformatted("Posts!B2:C2") == [[46381, 21.5 / 24]]


def test_what_is_no_date_stays_as_typed(owner, api):
    owner.post("/owner/rows", json={"rows": [{"date": "13/25/2026", "text": "x"}]}).raise_for_status()
    assert column(owner, "date") == ["13/25/2026"]
    assert api.unformatted("Posts!B2") == [["13/25/2026"]]


def test_a_cell_is_typed_ticked_and_emptied(owner, api):
    for value, seen in (("text", "text"), ("=2*3", 6), ("", None)):
        owner.post("/owner/cell", json={"row": 0, "column": "text", "value": value}).raise_for_status()
        assert api.unformatted("Posts!D2") == ([[seen]] if seen is not None else [])
    owner.post("/owner/cell", json={"row": 0, "column": "approved", "value": "TRUE"}).raise_for_status()
    assert api.unformatted("Posts!I2") == [[True]]


def test_rows_are_added_inserted_and_deleted(owner):
    assert add(owner, "a", "c")["row"] == 0
    assert add(owner, "b", at=1)["row"] == 1
    assert add(owner, "d")["row"] == 3
    assert column(owner, "text") == ["a", "b", "c", "d"]
    owner.delete("/owner/rows/1").raise_for_status()
    assert column(owner, "text") == ["a", "c", "d"]


def test_sorting_reorders_the_rows_and_leaves_the_header(owner, api):
    add(owner, "b", "c", "a")
    owner.post("/owner/sort", json={"column": "text", "descending": True}).raise_for_status()
    assert column(owner, "post_id") == ["c", "b", "a"]
    assert api.values("Posts!A1") == [["post_id"]]


def test_a_copied_row_carries_its_id_and_tick_along(owner):
    add(owner, "a", "b")
    owner.post("/owner/cell", json={"row": 0, "column": "approved", "value": True})
    owner.post("/owner/copy-row", json={"row": 0, "to": 2}).raise_for_status()
    assert column(owner, "post_id") == ["a", "b", "a"]
    assert column(owner, "approved") == [True, False, True]


def test_loading_takes_texts_as_they_are_and_reads_dates(owner, api):
    header = ["text", "date", "time", "approved", "own column"]
    rows = [["=SUM(A1)", "2026-11-21", "09:00", False, "7"], ["two\nlines", "someday", None, True, ""]]
    owner.post("/owner/reset", json={"header": header, "rows": rows}).raise_for_status()
    assert api.unformatted("Posts") == [
        header,
        ["=SUM(A1)", 46347, 0.375, False, "7"],
        ["two\nlines", "someday", "", True],
    ]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/owner/cell", {"row": -1, "column": "text", "value": "x"}, "there is no row -1"),
        ("/owner/cell", {"row": 0, "column": "txet", "value": "x"}, "there is no column 'txet'"),
        ("/owner/rows", {"rows": [{"txet": "x"}]}, "there is no column 'txet'"),
        ("/owner/rows", {"rows": "x"}, "rows must be a list"),
        ("/owner/reset", {"header": ["a"], "rows": ["x"]}, "rows must be a list of lists"),
        ("/owner/faults", {"match": "("}, "no fault"),
    ],
)
def test_a_mistake_is_told_in_words_and_changes_nothing(owner, path, body, words):
    before = grid(owner)
    response = owner.post(path, json=body)
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]
    assert grid(owner) == before


def test_images_are_listed_read_replaced_and_deleted(owner):
    owner.put("/owner/files/cup.png", content=b"one", headers={"Content-Type": "image/png"}).raise_for_status()
    (image,) = [file for file in owner.get("/owner/files").json()["files"] if file["md5"]]
    assert (image["name"], image["mime"], image["size"]) == ("cup.png", "image/png", 3)
    assert owner.get("/owner/files/cup.png").content == b"one"
    owner.delete("/owner/files/cup.png").raise_for_status()
    assert owner.get("/owner/files/cup.png").status_code == 404


def test_the_needed_documents_cannot_be_overwritten_as_files(owner):
    assert owner.put("/owner/files/Rules", content=b"x").status_code == 400
    assert owner.delete("/owner/files/Posts").status_code == 400


def test_the_waiting_page_hears_of_an_edit_and_what_it_was(owner, server):
    version = grid(owner)["version"]
    heard = {}

    def wait():
        heard.update(owner.get("/owner/changes", params={"after": version, "timeout_seconds": 20}, timeout=30).json())

    waiting = threading.Thread(target=wait)
    waiting.start()
    owner.put("/owner/voice", content=b"Warm and short.").raise_for_status()
    waiting.join(timeout=10)
    assert heard == {"version": version + 1, "changed": ["voice"]}


def test_waiting_for_nothing_ends_at_the_timeout(owner):
    version = grid(owner)["version"]
    answer = owner.get("/owner/changes", params={"after": version, "timeout_seconds": 0.05}).json()
    assert answer == {"version": version, "changed": []}


def test_an_edit_between_a_read_and_a_write_is_kept(owner, api):
    add(owner, "a", "b")
    api.unformatted("Posts")
    owner.post("/owner/cell", json={"row": 0, "column": "text", "value": "edited"})
    answer = api.put("Posts!A2:L2", [["a", *[None] * 9, "Booked", None]], includeValuesInResponse=True)
    assert answer["updatedData"]["values"][0][3] == "edited"
    assert column(owner, "text") == ["edited", "b"]
