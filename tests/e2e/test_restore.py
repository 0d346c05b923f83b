"""A backup in the midst of a day, the tables lost after a send, the backup put back: on the deployed template nothing goes out twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from unhurried import unhurried

from local.backup.restoring import restore
from local.backup.taking import take
from local.calendars.model import Calendar
from local.operator.holding import change
from local.operator.which import Reached
from local.story_world import World
from local.week_stack import WeekStack
from mesh.ledger.runtime import HOLD_EVERYTHING

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 3, 15, 8, tzinfo=BERLIN)
HEADER = ("date", "time", "text", "channels", "image", "alt text", "link")
RULES = """Time zone: Europe/Berlin
Posting window: always
Late rule: 12 hours

Channels
- bluesky-main: bluesky, account {bluesky_main_account}, {bluesky_host}
- mastodon-main: mastodon, account {mastodon_main_account}, {mastodon_host}
"""
ROWS = {"first": "09:00", "second": "09:30", "third": "16:00"}


def at(hour: int, minute: int) -> datetime:
    return datetime(2027, 3, 15, hour, minute, 20, tzinfo=BERLIN)


def public(world: World) -> Counter[str]:
    said = [str(post["text"]) for post in world.feed()]
    return Counter(name for name in ROWS for text in said if text.startswith(f"The {name} one"))


def states(world: World) -> Counter[str]:
    return Counter(str(head["state"]) for head in world.heads())


@pytest.mark.slow
def test_a_backup_put_back_on_a_living_stack_posts_nothing_twice(tmp_path: Path) -> None:
    cells = [
        ("2027-03-15", when, f"The {name} one.", "bluesky-main, mastodon-main", "", "", "")
        for name, when in ROWS.items()
    ]
    rows = tuple(dict(zip(HEADER, one, strict=True)) for one in cells)
    calendar = Calendar(rows, header=HEADER, rules=RULES, start=START.astimezone(UTC))
    with unhurried(tmp_path / "stack", calendar) as stack:
        _through_a_loss(stack, tmp_path / "backups")


def _through_a_loss(stack: WeekStack, into: Path) -> None:
    world, operator = World(stack), Reached("ss", "the stack", stack.client, stack.now, local=True)
    world.sync()
    world.forward(timedelta(minutes=11))
    world.approve(world.new_cards())
    world.settle()
    world.sync()
    world.to(at(9, 0))
    folder, _ = take(operator, into, print)
    assert states(world) == {"sent": 2, "ready": 4}

    world.to(at(9, 30))  # the second goes out, and the backup does not know it
    assert public(world) == {"first": 2, "second": 2}
    dynamodb = stack.client("dynamodb")
    for table in ("status", "sends", "audit", "runtime"):
        dynamodb.update_table(TableName=f"ss-{table}", DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=f"ss-{table}")
    done = restore(operator, folder, print, sure=lambda _: True)
    assert len(done.asked) == 4

    assert HOLD_EVERYTHING in {item["pk"] for item in world._items("runtime") if item.get("since")}
    world.sync()
    change(operator, "ada", "", on=False)
    for _ in range(3):
        world.sync()
        world.forward(timedelta(minutes=12))
    world.to(at(16, 5))
    world.sync()
    assert public(world) == {"first": 2, "second": 2}, "the third is asked about, and waits"
    assert states(world)["ready"] == 0
    assert states(world)["sent"] >= 2
    asked = [mail for mail in world.mailbox.every() if mail.subject.startswith("Did this go out on ")]
    assert asked, [mail.subject for mail in world.mailbox.every()]
    assert world.broken_chains() == ()
