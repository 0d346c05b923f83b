"""Edits of the page land in the rows they mean, all or none, and an undo touches only what it left."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.browser.fake_stack import HEADER, FakeStack, cafe
from tests.unit.local.test_console_app import ORIGIN, run


def own(stack: FakeStack, row: int) -> dict[str, Any]:
    """All that a row without an id shows of the owner's."""
    shown = dict(zip(HEADER, stack.rows[row], strict=True))
    return {name: value for name, value in shown.items() if name not in ("post_id", "approved for", "status")}


def edit(stack: FakeStack, row: int, column: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"row": row, "post_id": stack.value(row, "post_id"), "column": column, "value": value, **more}


def post(stack: FakeStack, path: str, body: dict[str, Any], method: str = "POST") -> httpx.Response:
    answer: httpx.Response = run(stack, lambda client: client.request(method, path, json=body))
    return answer


def test_many_cells_are_one_change_of_the_sheet() -> None:
    stack = cafe()
    before = [stack.value(row, "time") for row in range(5)]
    answer = post(stack, "/api/cells", {"edits": [edit(stack, row, "time", "08:00") for row in range(5)]}).json()
    assert [stack.value(row, "time") for row in range(5)] == ["08:00"] * 5
    assert (answer["rows"], answer["shown"], answer["kept"]) == ([0, 1, 2, 3, 4], ["08:00"] * 5, [])
    assert answer["before"] == before
    assert [path for _, path, _ in stack.calls if path.startswith("/owner/")] == ["/owner/cells"]


def test_what_is_written_between_the_look_and_the_edit_moves_no_edit_to_another_row() -> None:
    stack = cafe()
    wanted, other = stack.value(3, "post_id"), stack.value(2, "time")

    def inserted() -> None:
        stack.rows.insert(0, ["" for _ in HEADER])
        stack.version += 1

    stack.between = [inserted, inserted]
    answer = post(stack, "/api/cells", {"edits": [edit(stack, 3, "time", "08:15")]}).json()
    assert (answer["rows"], answer["shown"]) == ([5], ["08:15"])
    assert (stack.value(5, "post_id"), stack.value(5, "time"), stack.value(4, "time")) == (wanted, "08:15", other)
    stack.between = [inserted]
    row = {"row": 5, "post_id": wanted}
    assert post(stack, "/api/rows", {"rows": [row]}, "DELETE").status_code == 200
    assert wanted not in {stack.value(row, "post_id") for row in range(len(stack.rows))}
    assert (len(stack.rows), stack.value(5, "time")) == (len(cafe().rows) + 2, other)


def test_where_somebody_writes_all_the_time_nothing_is_changed_and_that_is_said() -> None:
    stack = cafe()

    def wrote() -> None:
        stack.version += 1

    stack.between = [wrote] * 50
    answer = post(stack, "/api/cells", {"edits": [edit(stack, 0, "time", "08:15")]})
    assert (answer.status_code, answer.json()["error"]) == (
        503,
        "Somebody else is writing in the sheet all the time. Try it again.",
    )
    assert not stack.calls


def test_one_row_that_is_gone_refuses_all_edits() -> None:
    stack = cafe()
    gone = {**edit(stack, 1, "time", "08:00"), "post_id": "gone"}
    answer = post(stack, "/api/cells", {"edits": [edit(stack, 0, "time", "08:00"), gone]})
    assert answer.status_code == 409
    assert not stack.calls


def test_an_undo_leaves_a_cell_alone_that_shows_something_else_by_now() -> None:
    stack = cafe()
    edits = [
        edit(stack, 0, "time", "08:00", was={"time": stack.value(0, "time")}),
        edit(stack, 1, "time", "08:00", was={"time": "not what it shows"}),
        {**edit(stack, 2, "time", "08:00", was={"time": stack.value(2, "time")}), "post_id": "gone"},
        edit(stack, 3, "time", "08:00"),
    ]
    answer = post(stack, "/api/cells", {"edits": edits, "strict": True}).json()
    assert answer["kept"] == [1, 2, 3]
    assert [stack.value(row, "time") == "08:00" for row in range(4)] == [True, False, False, False]


def test_an_undo_of_nothing_that_is_left_writes_nothing() -> None:
    stack = cafe()
    answer = post(stack, "/api/cells", {"edits": [edit(stack, 0, "time", "1", was={"time": "2"})], "strict": True})
    assert answer.json()["kept"] == [0]
    assert not stack.calls


def test_a_row_without_an_id_is_found_where_it_went_if_no_other_looks_like_it() -> None:
    stack = cafe()
    stack.set(3, "post_id", "")
    was = own(stack, 3)
    stack.rows.insert(0, stack.rows.pop(3))
    wanted = {"row": 3, "post_id": "", "was": was, "column": "text", "value": "Mine"}
    assert post(stack, "/api/cells", {"edits": [wanted]}).json()["rows"] == [0]
    assert stack.value(0, "text") == "Mine"


def test_of_two_rows_that_look_alike_the_one_at_its_number_is_meant_or_none() -> None:
    stack = cafe()
    stack.set(3, "post_id", "")
    was = own(stack, 3)
    stack.rows.insert(10, list(stack.rows[3]))
    wanted = {"row": 10, "post_id": "", "was": was, "column": "text", "value": "Mine"}
    assert post(stack, "/api/cells", {"edits": [wanted]}).json()["rows"] == [10]
    stack = cafe()
    stack.set(3, "post_id", "")
    stack.rows.insert(10, list(stack.rows[3]))
    assert post(stack, "/api/cells", {"edits": [{**wanted, "row": 20}]}).status_code == 409


def test_a_row_that_got_its_id_meanwhile_is_found_by_what_it_shows() -> None:
    stack = cafe()
    wanted = {"row": 3, "post_id": "", "was": own(stack, 3), "column": "text", "value": "Mine"}
    assert post(stack, "/api/cells", {"edits": [wanted]}).json()["rows"] == [3]


@pytest.mark.parametrize("edits", [[], "x", [1], [{"row": 0}], [{"row": 0, "column": 3, "value": ""}], {}])
def test_what_is_no_list_of_edits_is_refused_in_words(edits: Any) -> None:
    answer = post(cafe(), "/api/cells", {"edits": edits})
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_rows_are_deleted_together_and_none_if_one_is_gone() -> None:
    stack = cafe()
    left = [row for place, row in enumerate(stack.rows) if place not in (1, 4)]
    places = [{"row": place, "post_id": stack.value(place, "post_id")} for place in (4, 1)]
    assert post(stack, "/api/rows", {"rows": [*places, {"row": 0, "post_id": "gone"}]}, "DELETE").status_code == 409
    assert len(stack.rows) == 40
    assert post(stack, "/api/rows", {"rows": places}, "DELETE").json()["kept"] == []
    assert stack.rows == left


def test_an_undo_takes_away_only_a_row_that_says_what_it_said() -> None:
    stack = cafe()
    row = {"row": 5, "post_id": stack.value(5, "post_id"), "was": own(stack, 5)}
    stack.set(5, "note", "Somebody's note")
    assert post(stack, "/api/rows", {"rows": [row], "strict": True}, "DELETE").json()["kept"] == [0]
    assert len(stack.rows) == 40


def test_added_rows_are_answered_as_the_sheet_shows_them() -> None:
    answer = post(cafe(), "/api/rows", {"at": 2, "rows": [{"text": "'=1"}, {"text": "Two"}]}).json()
    assert (answer["row"], [row["text"] for row in answer["shown"]]) == (2, ["=1", "Two"])


def test_the_sheet_is_sorted_by_its_server() -> None:
    stack = cafe()
    assert post(stack, "/api/sort", {"column": "text", "descending": True}).status_code == 200
    assert ("POST", "/owner/sort", {"column": "text", "descending": True}) in stack.calls
    assert post(stack, "/api/sort", {"column": "date", "then": "time", "descending": False}).status_code == 200
    days = [(row[HEADER.index("date")], row[HEADER.index("time")]) for row in stack.rows]
    assert days == sorted(days)


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/cells"), ("DELETE", "/api/rows"), ("POST", "/api/sort")])
def test_another_sites_page_cannot_edit(method: str, path: str) -> None:
    stack = cafe()
    headers = {"Origin": "https://evil.example"}
    answer = run(stack, lambda client: client.request(method, path, json={"edits": [], "rows": []}, headers=headers))
    assert answer.status_code == 403
    same = run(stack, lambda client: client.request(method, path, json={}, headers={"Origin": ORIGIN}))
    assert same.status_code == 400


def test_the_choices_of_a_cell_are_the_channels_of_the_rules() -> None:
    grid = run(cafe(), lambda client: client.get("/api/state")).json()["grid"]
    assert grid["choices"] == {"channels": ["bluesky-main", "mastodon-main"]}
