"""A post that comes every week crosses a clock change, on the deployed template: from the rules doc to the network."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from local.calendars.model import Calendar
from local.story_world import World
from local.week_stack import WeekStack, deployed

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 3, 15, 8, tzinfo=BERLIN)  # the clocks go forward in the night to Sunday 28 March
RULES = """Time zone: Europe/Berlin
Posting window: always

Channels
- bluesky-main: bluesky, account {bluesky_main_account}, {bluesky_host}

Recurring posts
- Friday cake: every Friday 9:00
    channels: bluesky-main
    text: Cake of {date: iso}, week {week}: {rotate: plum, rye}
- Night: every Sunday 2:30
    channels: bluesky-main
    text: Night of {date: iso}
"""
FRIDAYS = ["2027-03-19", "2027-03-26", "2027-04-02"]
SUNDAYS = ["2027-03-21", "2027-03-28", "2027-04-04"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with deployed(tmp_path / "stack", Calendar((), rules=RULES, start=START.astimezone(UTC)), print) as stack:
        stack.remove(f"{stack.sheets}/owner/rows/0")  # the example that an empty sheet gets
        made = World(stack)
        made.sync()
        yield made


def rows(world: World) -> list[tuple[str, str]]:
    return [(str(row["date"]), str(row["time"])) for row in world.rows()]


def template_schedules(world: World) -> list[str]:
    listed = world.stack.client("scheduler").list_schedules(GroupName="ss-templates")["Schedules"]
    return sorted(one["Name"] for one in listed)


def woken_by_their_own_schedule(stack: Any) -> int:
    found = stack.get(f"{stack.aws}/_local/invocations")["invocations"]
    return sum(
        one["function"] == "ss-template-sync" and "ss-template-" in one["trigger"] and "sweep" not in one["trigger"]
        for one in found
    )


def approve_what_is_asked(world: World) -> None:
    world.approve(world.new_cards())
    world.settle()
    world.sync()


@pytest.mark.slow
def test_a_weekly_post_comes_a_week_ahead_and_goes_out_once_at_its_time_on_the_wall(world: World) -> None:
    stack = world.stack
    assert isinstance(stack, WeekStack)
    assert len(template_schedules(world)) == 2
    assert sorted(rows(world)) == [(FRIDAYS[0], "09:00"), (SUNDAYS[0], "02:30")]
    assert [row["approved"] for row in world.rows()] == [False, False]

    for number, friday in enumerate(FRIDAYS):
        nine = datetime.combine(datetime.fromisoformat(friday), time(9), BERLIN)
        approve_what_is_asked(world)
        world.to(nine - timedelta(seconds=70))
        approve_what_is_asked(world)
        if number < 2:
            assert (FRIDAYS[number + 1], "09:00") not in rows(world)
        before = woken_by_their_own_schedule(stack)
        world.to(nine + timedelta(seconds=30))
        assert woken_by_their_own_schedule(stack) == before + 1
        following = (nine.date() + timedelta(days=7)).isoformat()
        assert rows(world).count((following, "09:00")) == 1
        assert out(world, f"Cake of {friday}") == [f"{friday} 09:00"]

    world.to(datetime(2027, 4, 5, 12, tzinfo=BERLIN))
    # Half past two does not exist on 28 March: it goes out at half past three, as its row says.
    nights = [out(world, f"Night of {sunday}") for sunday in SUNDAYS]
    assert nights == [["2027-03-21 02:30"], ["2027-03-28 03:30"], ["2027-04-04 02:30"]]
    words = [post["text"].rpartition(": ")[2] for friday in FRIDAYS for post in world.feed() if friday in post["text"]]
    assert words in (["plum", "rye", "plum"], ["rye", "plum", "rye"])
    assert len(rows(world)) == len(set(rows(world)))


def out(world: World, begins: str) -> list[str]:
    """Day and minute on the wall of each post that the public sees with these first words."""
    found = [row for row in world.rows() if str(row["text"]).startswith(begins)]
    public = [post for post in world.feed() if post["text"].startswith(begins)]
    sent = [
        item for item in world._items("sends") for row in found if item["post_channel"].startswith(f"{row['post_id']}#")
    ]
    moments = [datetime.fromisoformat(item["sent_at"]).astimezone(BERLIN) for item in sent if item.get("sent_at")]
    assert len(public) == len(moments)
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in moments]


@pytest.mark.slow
def test_a_row_that_was_deleted_stays_deleted_and_a_schedule_that_was_deleted_comes_back(world: World) -> None:
    stack = world.stack
    assert isinstance(stack, WeekStack)
    (doomed,) = [row for row in world.rows() if row["date"] == FRIDAYS[0]]
    stack.remove(f"{stack.sheets}/owner/rows/{doomed['number']}")
    names = template_schedules(world)
    stack.client("scheduler").delete_schedule(Name=names[0], GroupName="ss-templates")
    world.sync()
    for _ in range(3):
        world.forward(timedelta(minutes=11))
    world.sync()
    assert template_schedules(world) == names
    assert [day for day, _ in rows(world)] == [SUNDAYS[0]]
