"""What comes is what the scheduler has booked; below it what is planned, each with why it is not booked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from local.console.coming import bookings_of, planned_of
from local.console.glance import chips
from local.console.planned import state_of
from local.console.reading import AsRead, as_read
from mesh.ledger import Approval, Booked, ChannelProblem, Head, HeadState, Hold, PackageRef, Status
from tests.browser.fake_stack import FakeStack
from tests.unit.local.test_console_app import run

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 3, 15, 7, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOLD = Hold(by="ada", how="mail", at=NOW.isoformat())


def post(post_id: str, hours: float = 2, *channels: str, approved: bool = True, **more: Any) -> Status:
    approval = Approval(revision="r", by="ada", how="mail", at=NOW.isoformat())
    package = PackageRef(source_revision="s", revision="r")
    usual = {"source_revision": "s", "package": package, "due_at": (NOW + hours * HOUR).isoformat()}
    made = {**usual, "approval": approval if approved else None, **more}
    return Status(post_id=post_id, channels=channels or ("x-main",), **made)


def head(post_id: str, state: HeadState, hours: float = 2, channel: str = "x-main") -> Head:
    booking = Booked(name="b", at=(NOW + hours * HOUR).isoformat(), attempt=1)
    return Head(post_channel=f"{post_id}#{channel}", state=state, revision="r", booking=booking)


def stack_of(*statuses: Status, **more: Any) -> FakeStack:
    return FakeStack(statuses=list(statuses), now=NOW, **more)


def read(stack: FakeStack) -> AsRead:
    return as_read(stack.items("status"), stack.items("sends"), stack.holds(), NOW)


def entries(stack: FakeStack) -> list[dict[str, Any]]:
    return bookings_of(stack.schedules, read(stack).open, BERLIN)


def ahead(stack: FakeStack, booked: set[str], goes: dict[str, str | None] | None = None) -> list[dict[str, Any]]:
    found = read(stack)
    return planned_of(found.open, found.further, booked, BERLIN, goes)


def test_one_post_on_three_channels_at_one_moment_is_one_entry() -> None:
    stack = stack_of(post("p1", 2, "a", "b", "c"))
    for channel in ("c", "a", "b"):
        stack.book("p1", channel, NOW + 2 * HOUR)
    stack.book("p1", "d", NOW + HOUR)
    first, second = entries(stack)
    assert [one["name"] for one in first["channels"]] == ["d"]
    assert [one["name"] for one in second["channels"]] == ["a", "b", "c"]
    assert (second["at"], second["stop"]) == ((NOW + 2 * HOUR).isoformat(), "")


def test_a_further_try_is_named_and_a_look_is_called_one() -> None:
    stack = stack_of(post("p1", 2, "a", "b", "c"))
    for channel, attempt in (("a", 3), ("b", 2), ("c", 12)):
        stack.book("p1", channel, NOW + HOUR, attempt)
    stack.heads = {"p1": (head("p1", HeadState.UNKNOWN, channel="b"),)}
    [entry] = entries(stack)
    assert [one["note"] for one in entry["channels"]] == ["third try", "looks whether it is out", "try 12"]


def test_what_will_not_go_says_so() -> None:
    edited = post("changed", approval=Approval(revision="old", by="ada", how="mail", at=NOW.isoformat()))
    stack = stack_of(post("held", held=HOLD), edited, post("fine", 2, "x-main", "y-main"))
    for post_id, channel in (("held", "x-main"), ("changed", "x-main"), ("fine", "x-main"), ("fine", "y-main")):
        stack.book(post_id, channel, NOW + HOUR)
    stack.paused = {"y-main": NOW}
    changed, fine, held = entries(stack)
    assert changed["stop"] == "Changed since it was approved: it will not go."
    assert held["stop"] == "Held by ada since Monday 15 March, 08:00: it will not go."
    assert (fine["stop"], [one["stop"] for one in fine["channels"]]) == (
        "",
        ["", "y-main is paused: it will not go there."],
    )
    stack.held = ("ada", NOW)
    assert {one["stop"] for one in entries(stack)} == {"Everything is on hold: this will not go."}


def test_what_is_planned_and_not_booked_says_why_in_order_of_time() -> None:
    problem = (ChannelProblem(code="long", message="3 characters too long for X"),)
    stack = stack_of(
        post("booked", 1),
        post("held", 7, held=HOLD),
        post("waits", 6, approved=False),
        post("mend", 5, approved=False, package=None, row_problems=problem),
        post("far", 4, approved=False, package=None),
        post("about", 3),
        post("edited", 2, approval=Approval(revision="old", by="ada", how="mail", at=NOW.isoformat())),
        post("over", -1, approved=False),
        post("gone", 8, gone_at=NOW.isoformat()),
        post("never", due_at="9999-12-31T00:00:00+00:00"),
        post("further", 24 * 20, open=None, approved=False),
        post("also booked", 24 * 20, open=None),
        post("further and gone", 24 * 20, open=None, gone_at=NOW.isoformat()),
        post("sent long ago", 24 * 20, open=None, state="sent"),
    )
    assert [(one["post_id"], one["why"]) for one in ahead(stack, {"booked", "also booked"})] == [
        ("edited", "changed since it was approved, waits for approval"),
        ("about", "approved, about to be booked"),
        ("far", "its preview is not made yet"),
        ("mend", "to mend: 3 characters too long for X"),
        ("waits", "waits for approval"),
        ("held", "held by ada since Monday 15 March, 08:00"),
        ("further", "its preview is made when its time is nearer"),
    ]


def test_what_the_rules_move_is_planned_for_when_it_goes_as_the_calendar_has_it() -> None:
    stack = stack_of(
        post("moved", -1, approved=False), post("fine", 2, approved=False), post("past", -2, approved=False)
    )
    goes = {"moved": (NOW + 3 * HOUR).isoformat(), "past": None}
    assert [(one["post_id"], one["at"]) for one in ahead(stack, set(), goes)] == [
        ("fine", (NOW + 2 * HOUR).isoformat()),
        ("moved", (NOW + 3 * HOUR).isoformat()),
    ]


def test_a_row_that_can_never_go_is_to_mend_everywhere_also_once_it_was_approved() -> None:
    never = (ChannelProblem(code="never", message="no minute is left to it"),)
    stack = stack_of(post("asked", approved=False, row_problems=never), post("approved", row_problems=never))
    assert said(stack) == [("mend", "2 to mend", ["asked", "approved"])]
    assert {one["why"] for one in ahead(stack, set())} == {"to mend: no minute is left to it"}
    assert {state_of(status, ()) for status in read(stack).posts} == {"mend"}


def test_the_next_ten_are_told_and_how_many_more_and_nothing_again_while_it_stays_so() -> None:
    stack = stack_of(*(post(f"p{n:02d}", n + 1, approved=False) for n in range(13)))
    stack.book("p00", "x-main", NOW + HOUR)
    stack.schedules.append({**stack.schedules[0], "name": "daily", "group": "default", "input": None})

    async def use(client: httpx.AsyncClient) -> None:
        first = (await client.get("/api/state")).json()
        assert [one["post_id"] for one in first["coming"]["bookings"]] == ["p00"]
        assert (len(first["coming"]["planned"]), first["coming"]["more"]) == (10, 2)
        assert [chip["text"] for chip in first["glance"]] == ["13 wait for approval"]
        stack.now += timedelta(seconds=30)
        same = (await client.get("/api/state", params={"after": first["after"]})).json()
        assert (same["coming"], same["glance"]) == (None, None)

    run(stack, use)


def test_what_it_cannot_read_is_told_and_left_out_of_everything_else() -> None:
    stack = stack_of(post("p1", approved=False))
    stack.tables["status"] = [{"post_id": "p2", "open": "1", "due_at": NOW.isoformat(), "channels": 7}]
    assert said(stack) == [("broken", "1 damaged", ["p2"]), ("waiting", "1 waits for approval", ["p1"])]
    assert [one["post_id"] for one in ahead(stack, set())] == ["p1"]


def said(stack: FakeStack) -> list[tuple[str, str, list[str]]]:
    return [(one["kind"], one["text"], one["ids"]) for one in chips(read(stack).open, BERLIN)]


def test_all_is_well_where_there_is_nothing_to_say() -> None:
    stack = stack_of(post("p1"))
    stack.heads = {"p1": (head("p1", HeadState.READY),)}
    assert said(stack) == []


def test_a_glance_says_what_holds_back_and_what_waits_for_somebody() -> None:
    problem = (ChannelProblem(code="long", message="too long"),)
    stack = stack_of(
        post("late", -1),
        post("unknown", -2, "x-main", "y-main"),
        post("mend", 5, approved=False, package=None, row_problems=problem),
        post("refused", -3),
        post("refused long ago", -24 * 9),
        post("held", 5, held=HOLD),
        post("waits", 6, approved=False),
        post("missed", -30, approved=False),
        post("long ago", -24 * 9, approved=False),
    )
    stack.heads = {
        "late": (head("late", HeadState.READY, -1),),
        "refused": (head("refused", HeadState.FAILED, -3),),
        "refused long ago": (head("refused long ago", HeadState.FAILED, -24 * 9),),
        "unknown": tuple(head("unknown", HeadState.UNKNOWN, -2, channel) for channel in ("x-main", "y-main")),
    }
    assert said(stack) == [
        ("unknown", "2 outcomes unknown", ["unknown"]),
        ("late", "1 late", ["late"]),
        ("mend", "1 to mend", ["mend"]),
        ("failed", "1 not posted", ["refused"]),
        ("held", "1 held", ["held"]),
        ("waiting", "2 wait for approval", ["missed", "waits"]),
    ]


def test_a_hold_on_everything_and_pauses_are_named_with_who_and_since_when() -> None:
    stack = stack_of(post("late", -1), post("p1", 2, "x-main", "y-main"), post("p2", 2, "z-main"))
    stack.heads = {"late": (head("late", HeadState.READY, -1),), "p1": (head("p1", HeadState.READY),)}
    stack.held, stack.paused = ("ada@cafe.example", NOW), {"x-main": NOW, "y-main": None}
    assert said(stack) == [
        ("everything", "All on hold, by ada@cafe.example since 08:00", ["p1"]),
        ("paused", "x-main and y-main paused", ["late", "p1"]),
    ]
    stack.paused["z-main"] = NOW
    assert said(stack)[1] == ("paused", "3 channels paused", ["late", "p1", "p2"])
