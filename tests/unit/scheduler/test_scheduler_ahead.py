"""When the sender is asked whether a post would go out, and what is said once more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mesh.events import Failed, Trouble, Upcoming
from mesh.ledger import Answer, Approval, Booked, Flag, FlagState, Head, HeadState, Hold, PackageRef, Says, Status
from scheduler import ahead
from scheduler.ahead import AT_MOST, comes_up, tried_already
from scheduler.echoes import ECHO_AFTER, ECHO_UNTIL, echoes

DUE = datetime(2027, 3, 26, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def post(post_id: str = "p_1", **update: Any) -> Status:
    at = (DUE - 3 * DAY).isoformat()
    plain = Status(
        post_id=post_id,
        due_at=DUE.isoformat(),
        channels=("main", "second"),
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision="r1"),
        approval=Approval(revision="r1", by="ada", how="mail", at=at),
        flag=Flag(state=FlagState.WRITTEN, at=at),
    )
    return plain.model_copy(update=update)


def head(channel: str = "main", post_id: str = "p_1", at: datetime = DUE, **update: Any) -> Head:
    booking = Booked(name=f"{post_id}-{channel}", at=at.isoformat(), attempt=1)
    plain = Head(post_channel=f"{post_id}#{channel}", state=HeadState.READY, revision="r1", booking=booking)
    return plain.model_copy(update=update)


def test_a_booked_post_comes_up_within_a_day_of_its_first_channel() -> None:
    heads = [head("second", at=DUE + HOUR), head()]
    found = comes_up(post(), heads, DUE - DAY)
    assert found == (DUE, Upcoming(post_id="p_1", revision="r1", channels=["main", "second"]))
    assert comes_up(post(), heads, DUE - DAY - timedelta(seconds=1)) is None
    assert comes_up(post(), heads, DUE - ahead.SOON) is None


@pytest.mark.parametrize(
    "update",
    [
        {"held": Hold(by="ada", how="mail", at=DUE.isoformat())},
        {"approval": None},
        {"source_revision": "s2"},
        {"flag": Flag(state=FlagState.PENDING, at=DUE.isoformat())},
        {"gone_at": DUE.isoformat()},
        {"broken": True},
        {"channels": ("other",)},
    ],
)
def test_what_would_not_go_out_anyhow_does_not_come_up(update: dict[str, Any]) -> None:
    assert comes_up(post(**update), [head()], DUE - HOUR) is None


@pytest.mark.parametrize(
    "update", [{"booking": None}, {"state": HeadState.OPEN}, {"state": HeadState.RETRY}, {"revision": "r0"}]
)
def test_a_channel_that_is_not_booked_to_be_sent_first_does_not_come_up(update: dict[str, Any]) -> None:
    assert comes_up(post(), [head(**update)], DUE - HOUR) is None


@pytest.mark.parametrize(
    ("tried_at", "now", "expected"),
    [
        (None, DUE - DAY, False),
        (DUE - DAY, DUE - DAY + HOUR, True),
        (DUE - DAY, DUE - 2 * HOUR - timedelta(minutes=1), True),
        (DUE - DAY, DUE - 2 * HOUR, False),
        (DUE - 2.4 * HOUR, DUE - 2 * HOUR, True),  # booked late: tried a moment ago
        (DUE - 2 * HOUR, DUE - HOUR, True),
    ],
)
def test_each_post_is_tried_a_day_and_two_hours_before(
    tried_at: datetime | None, now: datetime, expected: bool
) -> None:
    tried = {"revision": "r1", "at": tried_at.isoformat()} if tried_at else None
    assert tried_already(DUE, "r1", tried, now) is expected


def test_another_revision_and_a_doubt_are_tried_again() -> None:
    now = DUE - DAY + HOUR
    assert not tried_already(DUE, "r2", {"revision": "r1", "at": now.isoformat()}, now)
    assert not tried_already(DUE, "r1", {"revision": "r1", "doubt": "…", "doubt_at": now.isoformat()}, now)


class Noted:
    """The working memory, as far as it is asked here."""

    def __init__(self, items: dict[str, dict[str, Any]]) -> None:
        self.items = items
        self.reads = 0

    def several(self, keys: Iterable[str], now: datetime) -> dict[str, dict[str, Any]]:
        wanted = list(keys)
        self.reads += bool(wanted)
        return {key: self.items[key] for key in wanted if key in self.items}


def test_whatever_the_number_of_sweeps_a_post_is_tried_twice_when_every_trial_is_noted() -> None:
    noted, asked = Noted({}), []
    for minute in range(0, 30 * 60, 5):
        now = DUE - timedelta(hours=28) + timedelta(minutes=minute)
        said = ahead.probe(noted, {"p_1": post()}, {"p_1": (head(),)}, now, "t_1")  # type: ignore[arg-type]
        for one in said.posts:
            asked.append(DUE - now)
            noted.items[f"tried#{one.post_id}"] = {"revision": one.revision, "at": now.isoformat()}
    assert asked == [DAY, 2 * HOUR]


def test_a_trial_that_was_never_noted_is_asked_for_again_at_the_next_sweep() -> None:
    noted = Noted({})
    for now in (DUE - DAY, DUE - DAY + timedelta(minutes=5)):
        assert ahead.probe(noted, {"p_1": post()}, {"p_1": (head(),)}, now, "t_1").is_news  # type: ignore[arg-type]


def test_nothing_that_comes_up_is_no_news_and_costs_no_call() -> None:
    noted = Noted({})
    said = ahead.probe(noted, {"p_1": post()}, {"p_1": (head(),)}, DUE - 2 * DAY, "t_1")  # type: ignore[arg-type]
    assert (said.is_news, noted.reads) == (False, 0)


def test_of_three_hundred_posts_the_soonest_are_tried_first() -> None:
    ids = [f"p_{number:03d}" for number in range(300)]
    statuses = {post_id: post(post_id) for post_id in ids}
    heads = {post_id: (head(post_id=post_id, at=DUE - timedelta(minutes=n)),) for n, post_id in enumerate(ids)}
    said = ahead.probe(Noted({}), statuses, heads, DUE - 20 * HOUR, "t_1")  # type: ignore[arg-type]
    assert [one.post_id for one in said.posts] == ids[::-1][:AT_MOST]
    assert len(said.model_dump_json()) < 200_000


# echoes


def said(found: Head, now: datetime, status: Status | None = None) -> list[Any]:
    return list(echoes({"p_1": status or post()}, {"p_1": (found,)}, now))


def test_a_failure_is_said_once_more_within_a_quarter_of_an_hour_and_then_no_more() -> None:
    failed = head(state=HeadState.FAILED, booking=None, attempts=2, since=DUE.isoformat(), trace_id="t_9")
    (told,) = said(failed, DUE + ECHO_AFTER)
    assert told == Failed(post_id="p_1", channel="main", attempt=2, trace_id="t_9")
    assert said(failed, DUE + ECHO_AFTER - timedelta(seconds=1)) == said(failed, DUE + ECHO_UNTIL) == []


def test_a_question_is_asked_once_more_unless_it_is_answered() -> None:
    asked = head(state=HeadState.UNKNOWN, booking=None, attempts=1, asked_at=DUE.isoformat())
    (told,) = said(asked, DUE + ECHO_AFTER)
    assert isinstance(told, Trouble)
    assert (told.cause, told.channel, told.attempt) == ("unknown#p_1#main#1", "main", 1)
    at = DUE.isoformat()
    answer = Answer(channel="main", revision="r1", attempt=1, says=Says.FOUND, by="ada", how="mail", at=at)
    assert said(asked, DUE + ECHO_AFTER, post(answers=(answer,))) == []


@pytest.mark.parametrize("state", [HeadState.READY, HeadState.OPEN, HeadState.SENT, HeadState.RETRY, HeadState.UNKNOWN])
def test_what_is_under_way_or_out_has_no_echo(state: HeadState) -> None:
    assert said(head(state=state, since=DUE.isoformat()), DUE + ECHO_AFTER) == []
