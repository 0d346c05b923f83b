"""The status cell: what the owner reads of a post whose package leaves a channel out, or has something to be remarked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from drive_sync.sentences import good_until, sentence
from mesh.ledger.items import Approval, ChannelProblem, Flag, FlagState, Head, HeadState, PackageRef, State, Status
from mesh.schedule_time import say

NOW = datetime(2027, 3, 20, 8, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
TOO_LONG = ChannelProblem(channel="x-main", code="too-long", message="3 characters too long for X: 283 of 280.")
COSTS = ChannelProblem(channel="x-main", code="costs", message="X charges $0.015 for this post.")
ALIKE = ChannelProblem(
    code="near-duplicate", message="Nearly the same as the post of Tuesday 2 March, 09:00, on x-main."
)


def status(**changes: Any) -> Status:
    base = Status(
        post_id="p_1",
        due_at="2027-03-26T08:00:00+00:00",
        channels=("bluesky-main", "x-main"),
        source_revision="s",
        package=PackageRef(source_revision="s", revision="r", problems=(TOO_LONG,)),
    )
    return base.model_copy(update=changes)


def said(one: Status, *heads: Head) -> str:
    return sentence(one, heads, ZONE, NOW, timedelta(days=14))


def head(state: HeadState, channel: str = "bluesky-main") -> Head:
    return Head(post_channel=f"p_1#{channel}", state=state, revision="r", posted_url="https://bsky.example/1")


def test_a_package_without_any_channel_says_what_to_mend_each_once() -> None:
    nothing = PackageRef(source_revision="s", problems=(TOO_LONG, TOO_LONG.model_copy(update={"channel": "x-two"})))
    assert said(status(package=nothing)) == "Please mend: 3 characters too long for X: 283 of 280."


def test_a_channel_that_is_left_out_is_named_beside_what_the_others_wait_for() -> None:
    assert said(status()) == (
        "Ready. The mail asking for your approval comes in a few minutes\n"
        "Not on x-main: 3 characters too long for X: 283 of 280."
    )


def test_once_the_others_are_out_it_is_posted_and_says_where_not() -> None:
    approval = Approval(revision="r", by="ada", how="mail", at="2027-03-20T07:00:00+00:00")
    package = PackageRef(source_revision="s", revision="r", problems=(TOO_LONG,))
    assert said(status(approval=approval, package=package), head(HeadState.SENT)) == (
        "Posted: https://bsky.example/1\nNot on x-main: 3 characters too long for X: 283 of 280."
    )


def test_remarks_are_told_before_the_approval_and_costs_stand_on_the_card_only() -> None:
    package = PackageRef(source_revision="s", revision="r", remarks=(COSTS, ALIKE))
    assert said(status(package=package)).endswith(
        "in a few minutes\nNote: Nearly the same as the post of Tuesday 2 March, 09:00, on x-main."
    )
    approval = Approval(revision="r", by="ada", how="mail", at="2027-03-20T07:00:00+00:00")
    assert "Note" not in said(status(package=package, approval=approval))


def test_a_package_of_an_older_source_leaves_nothing_out_any_more() -> None:
    assert "Not on" not in said(status(source_revision="newer"))
    assert status(source_revision="newer").going == ("bluesky-main", "x-main")
    assert status().going == ("bluesky-main",)


def test_the_rows_own_fault_comes_first() -> None:
    fault = ChannelProblem(code="date-unreadable", message="date: “someday” is no date; write it like 2026-12-25")
    broken = status(row_problems=(fault,), source_revision=None, state=State.DRAFT)
    assert said(broken).startswith("Please mend: date: “someday”")


def test_a_post_to_which_the_rules_leave_no_minute_says_so_also_where_it_is_approved() -> None:
    fault = ChannelProblem(code="never", message="date and time: there is no minute at which it may go out")
    approval = Approval(revision="r", by="ada", how="mail", at="2027-03-20T07:00:00+00:00")
    flag = Flag(state=FlagState.WRITTEN, at="2027-03-20T07:00:00+00:00")
    package = PackageRef(source_revision="s", revision="r")
    shut = status(row_problems=(fault,), package=package, approval=approval, flag=flag)
    assert shut.approved
    assert said(shut) == "Please mend: date and time: there is no minute at which it may go out"


def test_a_post_whose_card_goes_out_with_the_others_says_when_and_no_longer_than_that() -> None:
    asks_at = NOW + timedelta(hours=3)
    waits = status(package=PackageRef(source_revision="s", revision="r"), asks_at=asks_at.isoformat())
    when = say(asks_at, ZONE)
    assert said(waits).startswith(f"Ready. A card about it goes out on {when}")
    assert good_until(waits, NOW, timedelta(days=14)) == asks_at
    passed = sentence(waits, (), ZONE, asks_at, timedelta(days=14))
    assert passed.startswith("Ready. The mail asking for your approval comes in a few minutes")
    was_approved = Approval(revision="older", by="ada", how="mail", at="2027-03-20T07:00:00+00:00")
    changed = said(waits.model_copy(update={"approval": was_approved}))
    assert changed == (
        f"Changed since it was approved: it will not go out until it is approved again. A card about it goes out on {when}"
    )
