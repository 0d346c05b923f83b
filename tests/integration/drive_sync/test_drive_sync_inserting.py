"""Rows that accepted drafts want in the sheet: put in whole, with every text that somebody accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drive_sync_desk import Desk

from mesh import clock
from mesh.ledger import Act, Status
from mesh.ledger.items import Wanted

DAY = (clock.now() + timedelta(days=3)).date().isoformat()


def want(desk: Desk, post_id: str, **cells: Any) -> None:
    """As the approve-handler leaves it when somebody accepts a draft."""
    channels = "bluesky-main"
    wanted = Wanted(**{"by": "ada@example.test", "date": DAY, "time": "09:00", "channels": channels, **cells})
    status = Status(post_id=post_id, due_at=f"{DAY}T08:00:00+00:00", wanted=wanted)
    desk.mesh.ledger.change_status(post_id, Act("draft accepted", "ada@example.test", clock.now()), lambda _: status)


def test_a_text_of_a_channel_without_a_column_gets_its_column_and_is_not_lost(desk: Desk) -> None:
    desk.add({"text": "Mine", "date": DAY})
    desk.settle()
    before = list(desk.grid[0])
    want(desk, "p_own", text="For all", texts={"bluesky-main": "Short"})
    desk.sync()
    after = list(desk.grid[0])
    assert [name for name in after if name not in before] == ["text: bluesky-main"]
    assert after.index("text: bluesky-main") == after.index("channels") - 1
    row = desk.row_of("For all")
    assert (row["post_id"], row["text: bluesky-main"], row["channels"]) == ("p_own", "Short", "bluesky-main")
    assert row["approved"] is False
    mine = desk.row_of("Mine")
    assert (mine["channels"], mine["text: bluesky-main"]) == ("bluesky-main", "")
    assert desk.status("p_own").wanted.inserted_at  # type: ignore[union-attr]


def test_a_second_row_uses_the_column_that_is_there(desk: Desk) -> None:
    desk.add({"text": "Mine", "date": DAY})
    desk.settle()
    want(desk, "p_1st", text="One", texts={"bluesky-main": "Short one"})
    desk.sync()
    columns = list(desk.grid[0])
    want(desk, "p_2nd", text="Two", texts={"bluesky-main": "Short two"})
    want(desk, "p_3rd", text="Three")
    desk.sync()
    assert list(desk.grid[0]) == columns
    assert [desk.row_of(text)["text: bluesky-main"] for text in ("Two", "Three")] == ["Short two", ""]


def test_an_answer_that_is_lost_makes_the_column_and_the_row_only_once(desk: Desk) -> None:
    desk.add({"text": "Mine", "date": DAY})
    desk.settle()
    want(desk, "p_own", text="For all", texts={"bluesky-main": "Short"})
    desk.fault(":batchUpdate", 503, when="after")
    desk.sync()
    desk.settle()
    assert [name for name in desk.grid[0] if name.startswith("text: ")] == ["text: bluesky-main"]
    assert [row["post_id"] for row in desk.grid].count("p_own") == 1
