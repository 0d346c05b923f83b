"""Undo takes back the owner's last act and nothing that others wrote since."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.sheets import batch_structure
from local.sheets.cells import Cell
from local.sheets.undo import Act, take_back
from local.sheets.workbook import Workbook


@pytest.fixture
def abc(act):
    act("rows", rows=[{"post_id": name, "text": name} for name in "abc"])


ACTS = [
    ("cell", {"row": 1, "column": "text", "value": "typed"}),
    ("cells", {"edits": [{"row": row, "column": "note", "value": "x"} for row in (0, 2)]}),
    ("rows", {"rows": [{"text": "more"}]}),
    ("rows", {"at": 1, "rows": [{"text": "more"}, {"text": "and more"}]}),
    ("rows/delete", {"rows": [0, 2]}),
    ("rows/delete", {"rows": ["header"]}),
    ("sort", {"column": "text", "descending": True}),
    ("copy-row", {"row": 0, "to": 2}),
    ("move-row", {"row": 0, "to": 2}),
    ("rename-column", {"column": "text", "to": "words"}),
    ("insert-column", {"at": "text", "name": "mood"}),
    ("move-column", {"column": "text", "to": 0}),
    ("rename-tab", {"to": "Plan"}),
    ("merge", {"row": 0, "column": "text", "rows": 3, "columns": 2}),
]


@pytest.mark.usefixtures("abc")
@pytest.mark.parametrize(("path", "body"), ACTS)
def test_every_act_is_taken_back_whole(owner, api, act, path, body):
    def all_of_it():
        whole = api.get("{sheet}", includeGridData=True, ranges="A1:M8")
        return whole["sheets"], owner.get("/owner/grid").json()["rows"]

    before = all_of_it()
    act(path, **body)
    assert all_of_it() != before
    act("undo")
    assert all_of_it() == before


@pytest.mark.usefixtures("abc")
def test_a_deleted_column_comes_back_with_its_cells(owner, act, texts):
    before = owner.get("/owner/grid").json()
    owner.delete("/owner/columns/post_id").raise_for_status()
    act("undo")
    after = owner.get("/owner/grid").json()
    assert (after["header"], after["rows"]) == (before["header"], before["rows"])


@pytest.mark.usefixtures("abc")
def test_what_others_wrote_since_stays(act, api, texts):
    act("cells", edits=[{"row": row, "column": "text", "value": "typed"} for row in (0, 1)])
    api.put("Posts!D2", [["theirs"]])
    api.put("Posts!K3", [["Booked"]])
    act("undo")
    assert texts() == ["theirs", "b", "c"]
    assert texts("status") == ["", "Booked", ""]


@pytest.mark.usefixtures("abc")
def test_rows_put_in_by_others_move_the_place(act, api, texts):
    act("cell", row=1, column="text", value="typed")
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    api.batch({"insertDimension": {"range": span, "inheritFromBefore": False}})
    act("undo")
    assert texts() == ["", "", "a", "b", "c"]


@pytest.mark.usefixtures("abc")
def test_a_deleted_row_comes_back_between_its_neighbours(act, api, texts):
    act("rows/delete", rows=[1])
    span = {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
    api.batch({"insertDimension": {"range": span, "inheritFromBefore": False}})
    api.put("Posts!D2", [["theirs"]])
    act("undo")
    assert texts() == ["theirs", "a", "b", "c"]


@pytest.mark.usefixtures("abc")
def test_a_status_written_after_a_sort_goes_back_with_its_row(act, api, texts):
    act("sort", column="text", descending=True)
    api.put("Posts!K2", [["status of c"]])
    act("undo")
    assert texts() == ["a", "b", "c"]
    assert texts("status") == ["", "", "status of c"]


@pytest.mark.usefixtures("abc")
def test_acts_are_taken_back_one_after_the_other(act, texts, owner):
    act("cell", row=2, column="text", value="typed")
    act("rows/delete", rows=[2])
    act("rows", at=0, rows=[{"text": "first"}])
    assert [act("undo")["left"] for _ in range(2)] == [3, 2]
    assert texts() == ["a", "b", "typed"]
    act("undo")
    act("undo")
    assert texts() == []
    assert owner.post("/owner/undo").status_code == 400


@pytest.mark.usefixtures("abc")
def test_loading_afresh_leaves_nothing_to_undo(owner):
    owner.post("/owner/reset", json={}).raise_for_status()
    assert owner.post("/owner/undo").status_code == 400


# Any act, and anything of others in between, over a small tab whose cells say where they were.


def tab():
    workbook = Workbook("id", [])
    sheet = workbook.new_sheet("Posts", 6, 4)
    workbook.sheets.append(sheet)
    for row, column in sheet.each(sheet.everything()):
        sheet.put(row, column, Cell(f"{row}/{column}"))
    return workbook


def spans(size):
    return st.tuples(st.integers(0, size - 1), st.integers(1, 2), st.booleans(), st.booleans())


def shift(workbook, start, count, of_rows, puts_in):
    sheet = workbook.sheets[0]
    size = sheet.row_count if of_rows else sheet.column_count
    start, end = min(start, size - 1), min(start, size - 1) + count
    span = {"sheetId": 0, "dimension": "ROWS" if of_rows else "COLUMNS", "startIndex": start, "endIndex": end}
    if puts_in:
        batch_structure.insert_dimension(workbook, {"range": span})
        return [*range(start), *[None] * count, *range(start, size)]
    if min(end, size) - start < size:
        batch_structure.delete_dimension(workbook, {"range": span})
        return [index for index in range(size) if not start <= index < end]
    return list(range(size))


@settings(max_examples=150)
@given(spans(4), st.lists(spans(4), max_size=3))
def test_a_shift_taken_back_leaves_exactly_what_others_did(own, others):
    """A row that others took out stays out, one that they put in stays in, and the owner's are as before."""
    before = tab()
    after = before.copied()
    origin = shift(after, *own)
    rows, columns = (origin, None) if own[2] else (None, origin)
    act = Act(before.sheets[0], after.sheets[0], rows, columns)

    alone = after.copied()
    take_back(alone.sheets[0], act)
    assert replace(alone.sheets[0], shifts=[]) == replace(before.sheets[0], shifts=[])

    now = after.copied()
    for other in others:
        shift(now, *other)
    here = {cell.value for row in now.sheets[0].rows for cell in row.values()}
    taken_by_act = {cell.value for row in before.sheets[0].rows for cell in row.values()} - {
        cell.value for row in after.sheets[0].rows for cell in row.values()
    }
    take_back(now.sheets[0], act)
    back = [cell.value for row in now.sheets[0].rows for cell in row.values()]
    assert len(back) == len(set(back))
    assert here <= set(back) <= here | taken_by_act
