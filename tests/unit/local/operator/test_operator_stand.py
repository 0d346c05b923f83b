"""What needs a human, and what does not: each with what to do, on one screen."""

from __future__ import annotations

import dataclasses
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.operator.posts import with_posts
from local.operator.progress import Progress
from local.operator.stand import Dead, Place, Stand, findings, screen
from local.operator.status import _ends_at
from mesh.ledger import Approval, Booked, Head, HeadState, Hold, PackageRef, Status

NOW = datetime(2027, 3, 25, 17, 4, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL = Stand("ss", NOW, synced_at=NOW - 4 * MINUTE, swept_at=NOW - MINUTE, ticked_at=NOW - 10 * HOUR, dead=Dead(0))
PLACE = Place("p_1", "x-main", NOW)


def test_commands_for_a_stack_on_aws_are_said_with_what_names_it() -> None:
    on_aws = dataclasses.replace(WELL, beside="STACK=ss REGION=ap-southeast-1", unknown=[PLACE])
    assert (
        screen(on_aws, BERLIN)[-1] == "One thing needs a human. Give each command STACK=ss REGION=ap-southeast-1 too."
    )


def test_no_name_on_the_screen_moves_the_cursor() -> None:
    nasty = dataclasses.replace(WELL, held=("ada\x1b[2J\x9b0m", NOW), paused={"x\u202emain": None}, bounced=["a\rb"])
    assert not [line for line in screen(nasty, BERLIN) if not line.isprintable()]


def test_a_stack_that_is_well_needs_nobody() -> None:
    held = dataclasses.replace(WELL, held=("ada", NOW), held_posts=[PLACE], coming=[PLACE], alarms=[])
    assert findings(WELL) == findings(held) == []
    assert screen(held, BERLIN)[-1] == "Nothing needs a human."
    assert "on hold       EVERYTHING, by ada since Thursday 25 March, 18:04; make release lets it go on" in screen(
        held, BERLIN
    )


@pytest.mark.parametrize(
    ("wrong", "said", "do"),
    [
        ({"synced_at": NOW - 26 * MINUTE}, "The sheet was looked at last 26 minutes ago", "drive-sync"),
        ({"swept_at": NOW - 3 * HOUR}, "The sweep ran last 3 hours ago", "scheduler"),
        ({"ticked_at": NOW - 27 * HOUR}, "The daily tick ran last 27 hours ago", "scheduler"),
        ({"sync_failing_since": NOW - HOUR}, "The sheet cannot be read or written since 60 minutes", "shared"),
        ({"unknown": [PLACE]}, "Nobody can tell whether it is out: p_1 on x-main", "look at the channel"),
        ({"late": [PLACE] * 7}, "and 2 more", "make trace"),
        ({"stuck": [PLACE]}, "Begun and never ended: p_1 on x-main", "sweep"),
        ({"broken": ["p_1"]}, "not to be read: p_1", "make verify-audit"),
        ({"bounced": ["ada@example.test"]}, "Mail to ada@example.test came back", "Recipients"),
        ({"paused": {"x-main": NOW}}, "x-main is paused", "make connect CHANNEL=x-main"),
        ({"sign_ins": [Place("", "x-main", NOW - MINUTE)]}, "of x-main has ended", "make connect CHANNEL=x-main"),
        ({"sign_ins": [Place("", "x-main", NOW + 50 * HOUR)]}, "of x-main ends in 2 days", "make connect"),
        (
            {"dead": Dead(3, NOW - HOUR, {"sender": 2, "notifier": 1})},
            "3 dead letters (1 of notifier, 2 of sender), the oldest since 60 minutes",
            "make redrive",
        ),
        (
            {"dead": Dead(5_000, NOW - HOUR, {"sender": 200})},
            "5000 dead letters (200 of sender, 4800 not looked at)",
            "make redrive",
        ),
        ({"alarms": ["tick"]}, "The alarm tick rings", "docs/runbooks/tick.md"),
        ({"unread": ["the alarms: …"]}, "Not seen: the alarms: …", "look again"),
    ],
)
def test_each_thing_that_is_wrong_is_said_with_what_to_do(wrong: dict[str, Any], said: str, do: str) -> None:
    (found,) = findings(dataclasses.replace(WELL, **wrong))
    assert said in found.what
    assert do in found.do
    assert screen(dataclasses.replace(WELL, **wrong), BERLIN)[-1] == "One thing needs a human."


def test_what_a_run_has_left_is_not_late() -> None:
    assert findings(dataclasses.replace(WELL, up=False, synced_at=NOW - 9 * HOUR, swept_at=NOW - 9 * HOUR)) == []


def head(state: HeadState, minutes: float, **more: Any) -> Head:
    at = (NOW + minutes * MINUTE).isoformat()
    return Head(
        post_channel="p_1#x-main", state=state, revision="r", booking=Booked(name="b", at=at, attempt=1), **more
    )


def seen(one: Head, stand: Stand = WELL, **more: Any) -> Stand:
    approval = Approval(revision="r", by="ada", how="mail", at=NOW.isoformat())
    package = PackageRef(source_revision="s", revision="r")
    status = Status(
        post_id="p_1", channels=("x-main",), source_revision="s", package=package, approval=approval, **more
    )
    return with_posts(stand, [status], {"p_1": (one,)})


def test_what_is_approved_due_and_not_out_is_late_unless_a_hold_or_a_pause_explains_it() -> None:
    due = head(HeadState.READY, -11)
    hold = Hold(by="ada", how="mail", at=NOW.isoformat())
    assert [one.post_id for one in seen(due).late] == ["p_1"]
    assert seen(head(HeadState.READY, -9)).late == []
    assert [one.post_id for one in seen(head(HeadState.READY, 5)).coming] == ["p_1"]
    assert seen(due, held=hold).late == []
    assert seen(due, dataclasses.replace(WELL, held=("ada", NOW))).late == []
    assert seen(due, dataclasses.replace(WELL, paused={"x-main": NOW})).late == []


def test_an_unknown_head_and_a_lease_that_ended_long_ago_are_seen() -> None:
    assert [one.channel for one in seen(head(HeadState.UNKNOWN, -5)).unknown] == ["x-main"]
    old, young = (NOW - 11 * MINUTE).isoformat(), (NOW - MINUTE).isoformat()
    assert [one.post_id for one in seen(head(HeadState.OPEN, -15, lease_until=old)).stuck] == ["p_1"]
    assert seen(head(HeadState.OPEN, -2, lease_until=young)).stuck == []


def test_a_sign_in_that_renews_itself_ends_never() -> None:
    ends = f'"expires_at": "{NOW.isoformat()}"'
    assert _ends_at(f'{{"credentials": {{{ends}}}}}') == NOW
    assert _ends_at(f'{{"credentials": {{{ends}, "refresh_token": "r"}}}}') is None
    assert _ends_at("no JSON") is None


def test_progress_is_shown_on_a_terminal_and_nowhere_else() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    file, terminal = io.StringIO(), Terminal()
    for stream in (file, terminal):
        shown = Progress(stream)
        shown("12 rows")
        shown.clear()
    assert file.getvalue() == ""
    assert terminal.getvalue().startswith("\r12 rows")
