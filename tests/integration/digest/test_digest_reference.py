"""The digest's lists over random weeks, against what a plain diary of the same weeks says: two ways that share nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from digest_desk import DAY, HOUR, RULES, SUNDAY, Week
from memory.clients import MemoryObjects
from memory.tables import MemoryTables
from mesh_world.wiring import NAMES, POSTS
from mesh_world.wiring import RULES as RULES_BUCKET
from mesh_world.world import schemas

from digest.decide import Lists, lists
from digest.edges import Ports, gather
from mesh.ledger import Ledger, Runtime
from mesh.ledger.items import HeadState
from mesh.ledger.proposals import DraftState
from mesh.packages import Packages
from mesh.side_by_side import one_by_one

BEGINS, ENDS = SUNDAY - 7 * DAY, SUNDAY + 7 * DAY - HOUR  # the clocks go forward in the night before the next digest
CHANNELS = ("bluesky-main", "mastodon-main")


@dataclass
class Diary:
    """What somebody who watched would have written down, by list."""

    posted: set[tuple[str, str]] = field(default_factory=set)
    failed: set[tuple[str, str]] = field(default_factory=set)
    coming: list[tuple[datetime, str]] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    questions: set[tuple[str, str]] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    drafts: set[str] = field(default_factory=set)
    older: int = 0


def minutes(dice: random.Random, first: datetime, last: datetime) -> datetime:
    return first + timedelta(minutes=dice.randrange(int((last - first) / timedelta(minutes=1))))


def past(dice: random.Random, week: Week, diary: Diary, post_id: str) -> None:
    """A post whose time was in the two weeks before the digest."""
    due = minutes(dice, BEGINS - 7 * DAY, SUNDAY)
    channels = CHANNELS[: dice.choice((1, 1, 2))]
    week.post(post_id, due, channels=channels)
    this_week = due >= BEGINS
    if dice.random() < 0.25:  # nobody clicked
        if this_week:
            diary.late.add(post_id)
        else:
            diary.older += 1
        return
    week.approve(post_id, due - HOUR)
    trying = False
    for channel in channels:
        at = due + timedelta(minutes=dice.randrange(3))
        fate = dice.choice(("out", "out", "out", "failed", "failed, then out", "asked", "answered", "waits"))
        if fate.startswith("failed"):
            week.fail(post_id, at, "too long", channel)
        if fate == "failed" and at >= BEGINS and at < SUNDAY:
            diary.failed.add((post_id, channel))
        if fate.endswith("out"):
            at += timedelta(minutes=30) if fate != "out" else timedelta()
            week.out(post_id, at, channel)
            if BEGINS <= at < SUNDAY:
                diary.posted.add((post_id, channel))
        if fate == "waits":
            week.head(post_id, HeadState.RETRY, at, channel)
            trying = this_week
        if fate in {"asked", "answered"}:
            week.unknown(post_id, at, channel, answered=fate == "answered")
            if fate == "asked":
                diary.questions.add((post_id, channel))
    if trying:
        diary.coming.append((due, post_id))


def ahead(dice: random.Random, week: Week, diary: Diary, post_id: str) -> None:
    """A post whose time is in the two weeks after it."""
    due = minutes(dice, SUNDAY, ENDS + 7 * DAY)
    kind = dice.choice(("waits", "approved", "held", "mend", "gone"))
    if kind == "mend":
        week.problem(post_id, due, "no such channel")
        diary.problems.add(post_id)
    else:
        week.post(post_id, due, channels=CHANNELS[: dice.choice((1, 2))])
    if kind == "waits":
        diary.waiting.add(post_id)
    if kind == "approved":
        week.approve(post_id)
    if kind == "held":
        week.hold(post_id)
        if due < ENDS:
            diary.held.add(post_id)
    if kind == "gone":
        week.change(post_id, "gone", gone_at=SUNDAY.isoformat())
    elif due < ENDS:
        diary.coming.append((due, post_id))


def draft(dice: random.Random, week: Week, diary: Diary, post_id: str) -> None:
    state = dice.choice((DraftState.READY, DraftState.FAILED, DraftState.REQUESTED))
    day = dice.choice(("", "2027-03-24", "2027-04-05"))
    week.draft(post_id, date=day, state=state)
    if state is not DraftState.REQUESTED:
        diary.drafts.add(post_id)
        if day == "2027-03-24":
            diary.coming.append((datetime.fromisoformat("2027-03-24T11:00:00+00:00"), post_id))


def told(seed: int) -> tuple[Lists, Diary]:
    dice, diary = random.Random(seed), Diary()
    tables, s3 = MemoryTables(schemas()), MemoryObjects((POSTS, RULES_BUCKET))
    s3.put_object(Bucket=RULES_BUCKET, Key="rules.txt", Body=RULES.encode())
    ledger, runtime = Ledger(tables, NAMES), Runtime(tables, NAMES)  # type: ignore[arg-type]
    packages = Packages(s3, POSTS)
    week = Week(ledger, runtime, packages)
    for number in range(dice.randrange(25)):
        dice.choice((past, past, ahead, ahead, draft))(dice, week, diary, f"p_{number:02}")
    now = SUNDAY + timedelta(seconds=dice.randrange(60))
    ports = Ports(ledger, runtime, packages, s3, RULES_BUCKET, "Europe/Berlin", (), one_by_one)
    return lists(gather(ports, now)), diary


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_the_lists_are_those_of_a_diary_kept_beside_the_tables(first: int) -> None:
    for seed in range(first, first + 30):
        found, diary = told(seed)
        said = {
            "posted": {(one.post_id, channel) for one in found.posted for channel, _ in one.out},
            "failed": {(one.post_id, channel) for one in found.failed for channel, _ in one.why},
            "coming": [(one.at, one.status.post_id) for one in found.coming],
            "waiting": {status.post_id for status in found.waiting},
            "late": {status.post_id for status in found.late},
            "questions": {(one.status.post_id, one.head.channel) for one in found.questions},
            "problems": {status.post_id for status in found.problems},
            "held": {status.post_id for status in found.held},
            "drafts": {status.post_id for status in found.drafts},
            "older": found.older,
        }
        expected = {name: getattr(diary, name) for name in said} | {"coming": sorted(diary.coming)}
        assert said == expected, f"seed {seed}"


def test_a_week_has_something_of_every_kind() -> None:
    """Else the comparison above would look at nothing."""
    diaries = [told(seed)[1] for seed in range(40)]
    for name in ("posted", "failed", "coming", "waiting", "late", "questions", "problems", "held", "drafts", "older"):
        assert sum(bool(getattr(diary, name)) for diary in diaries) > 10, name
