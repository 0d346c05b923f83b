"""Rows that somebody else wants in the sheet: put in once, in the order of their times, below what is there."""

from __future__ import annotations

from datetime import timedelta

from drive_sync_desk import Desk

from mesh import clock
from mesh.ledger import Act, Status
from mesh.ledger.items import Wanted


def want(desk: Desk, post_id: str, days: int, at: str) -> None:
    day = (clock.now() + timedelta(days=days)).date().isoformat()
    wanted = Wanted(
        by="template-sync", date=day, time=at, text=f"No. {post_id[2:]}", channels="bluesky-main", note="Soup"
    )
    status = Status(post_id=post_id, due_at=f"{day}T{at}:00+00:00", wanted=wanted)
    desk.mesh.ledger.change_status(
        post_id, Act("row of a recurring post wanted", "test", clock.now()), lambda _: status
    )


def test_several_come_in_the_order_of_their_times_and_each_once(desk: Desk) -> None:
    desk.add({"text": "Mine", "date": (clock.now() + timedelta(days=9)).date().isoformat()})
    desk.settle()
    for post_id, days, at in (("p_4", 5, "17:00"), ("p_2", 3, "09:00"), ("p_3", 5, "08:00"), ("p_1", 2, "23:00")):
        want(desk, post_id, days, at)
    desk.settle()
    assert [row["text"] for row in desk.grid] == ["Mine", "No. 1", "No. 2", "No. 3", "No. 4"]
    assert {row["approved"] for row in desk.grid} == {False}
    assert desk.status("p_3").wanted is not None
    assert not desk.status("p_3").awaited


def test_one_that_its_owner_deletes_does_not_come_back(desk: Desk) -> None:
    want(desk, "p_1", 2, "09:00")
    desk.settle()
    desk.delete(0)
    for _ in range(3):
        desk.mesh.turn_clock(clock.now() + timedelta(minutes=5))
        desk.sync()
    assert [row for row in desk.grid if row["text"]] == []
    assert not desk.status("p_1").awaited
