"""A counted month on the deployed template: the clock goes in the polls' own pace, so that every tick runs, and nothing is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local.calendars.sample import load_sample
from local.cost.business import Month, plan_month
from local.cost.capacity import stored_bytes
from local.cost.owner import CountedOwner
from local.run import SAMPLE, SAMPLE_ZONE
from local.stack import PREFIX
from local.story_world import World
from local.week_stack import WeekStack, deployed
from mesh.ledger import TableNames
from mesh.ledger.runtime import Runtime
from mesh.ledger.spending import spent_between
from mesh.ledger.tables import Tables

TICK = timedelta(minutes=5)
PAST_THE_TICK = timedelta(
    seconds=2
)  # the polls count from the moment when the clock was set, an instant after the full minute
TABLES = ("status", "sends", "audit", "runtime")
SETTING_OUT = date(
    2027, 2, 20
)  # always the same month: the one from the Monday three weeks later on, clock change and all
PACE = ("--count", "--retry-seconds", "0.1", "--save-seconds", "60")
PARAMETERS = {"Receipts": "digest", "SlackSecret": ""}
_PATIENCE_SECONDS = 240.0
RULES = """Time zone: {zone}
Posting window: 07:00-21:00
Minimum gap: 5 minutes
Late rule: 2 hours

Channels
- instagram-main: instagram, account {instagram_main_account}, {instagram_host}
- facebook-main: facebook, account {facebook_main_account}, {facebook_host}
- x-main: x, account {x_main_account}, {x_host}
"""


@dataclass(frozen=True)
class Counted:
    """``figures`` are the emulator's tally of the days alone, ``stored`` bytes at their end, ``hosts`` who is at which port; ``mails``
    how many came of each subject, digits left out.
    """

    days: int
    posts: int
    drafts: int
    published: int
    figures: dict[str, Any]
    stored: dict[str, int]
    hosts: dict[str, str]
    bedrock_micro_usd: int
    mails: dict[str, int]
    took_seconds: float


def count_month(folder: Path, days: int, posts_a_month: int, tell: Callable[[str], None]) -> Counted:
    zone = ZoneInfo(SAMPLE_ZONE)
    sample = load_sample(SAMPLE, SETTING_OUT, zone, recurring=False)
    assert sample.start is not None
    month = plan_month(sample.start, zone, sample.rows, days=days, posts_a_month=posts_a_month)
    with deployed(
        folder, replace(sample, rows=(), rules=RULES.replace("{zone}", zone.key)), tell, PACE, PARAMETERS
    ) as stack:
        world = World(stack)
        before = stack.get(f"{stack.aws}/_local/counts")
        began = time.monotonic()
        owner = CountedOwner(world)
        _live(month, stack, owner, tell)
        figures = difference(stack.get(f"{stack.aws}/_local/counts"), before)
        took_seconds = time.monotonic() - began
        check_counts(figures)
        stored = _stored(stack)
        hosts = {origin.rpartition("//")[2]: name for name, origin in origins(stack).items()}
        out, drafting = len(world.feed()), _drafting(stack)
        return Counted(
            days, month.posts, owner.accepted, out, figures, stored, hosts, drafting, dict(owner.mails), took_seconds
        )


def _live(month: Month, stack: WeekStack, owner: CountedOwner, tell: Callable[[str], None]) -> None:
    left = list(month.happenings)
    now, began, told_day = month.start, time.monotonic(), 0
    while now < month.end:
        now += TICK
        stack.post(f"{stack.aws}/_local/clock", {"to": (now + PAST_THE_TICK).isoformat()}, 600)
        stack.idle(_PATIENCE_SECONDS)
        while left and left[0].at <= now:
            owner.do(left.pop(0))
        day = (now - month.start).days
        if day > told_day:
            told_day, spent = day, time.monotonic() - began
            tell(f"day {day} of {month.days}: {spent:.0f} s, {spent / day * (month.days - day):.0f} s to go")


def origins(stack: WeekStack) -> dict[str, str]:
    return {"google": stack.sheets, "bedrock": stack.bedrock, "web": stack.web, "slack": stack.slack, **stack.networks}


def _drafting(stack: WeekStack) -> int:
    """What the model's tokens cost, in millionths of a dollar, as draft-helper counted them."""
    tables = Tables(stack.client("dynamodb"))
    runtime = Runtime(tables, TableNames(*(f"{PREFIX}-{name}" for name in TABLES)))
    today = stack.now().date()
    days = spent_between(runtime, today - timedelta(days=39), today, stack.now())
    return sum(day.micro_usd for day in days.values())


def _stored(stack: WeekStack) -> dict[str, int]:
    """Bytes by store at the end: every version of every object, every item."""
    s3, tables = stack.client("s3"), stack.client("dynamodb")
    found = {}
    for bucket in s3.list_buckets()["Buckets"]:
        if not bucket["Name"].startswith(f"{PREFIX}-"):
            continue  # what a deployment put there
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"])
        found[f"s3 {bucket['Name']}"] = sum(one["Size"] for page in pages for one in page.get("Versions", []))
    for table in TABLES:
        pages = tables.get_paginator("scan").paginate(TableName=f"{PREFIX}-{table}")
        found[f"table {PREFIX}-{table}"] = sum(stored_bytes(item) for page in pages for item in page["Items"])
    return found


class CountsDisagreeError(Exception):
    """The door and the functions' own processes have not counted the same."""


def check_counts(figures: dict[str, Any]) -> None:
    """Every request that a function's own process sent was seen at the door, and the other way round. CountsDisagreeError names both."""
    for name, own in figures["functions"].items():
        seen = sum(count for _, _, caller, count in figures["calls"] if caller == name)
        if seen != own["calls"]:
            raise CountsDisagreeError(
                f"{name} asked AWS {own['calls']} times by its own count, {seen} times at the door"
            )


def difference(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """What came after ``before``, of two tallies; of the memory that was held, the most of both."""
    told: dict[str, Any] = {}
    for name in ("calls", "units", "causes", "remote", "hours"):
        known = {tuple(row[:-1]): row[-1] for row in before[name]}
        told[name] = [[*row[:-1], row[-1] - known.get(tuple(row[:-1]), 0)] for row in after[name]]
    told["functions"] = {
        name: {one: value - before["functions"].get(name, {}).get(one, 0) for one, value in figures.items()}
        for name, figures in after["functions"].items()
    }
    told["plain"] = {name: value - before["plain"].get(name, 0) for name, value in after["plain"].items()}
    told["held"] = after["held"]
    return told
