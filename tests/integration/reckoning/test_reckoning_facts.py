"""What an owner would count, in the hard cases, each made by hand; docs/figures.md says the same in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from business import BEN, LATER, LOST, OK, PAUSED, Business

from mesh.approvals import Action, How
from mesh.span import digest_week, month_before
from networks.model import Outcome, Result

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 10, 14, 12, 0, tzinfo=UTC)
OCTOBER = month_before(datetime(2026, 11, 2, 8, 0, tzinfo=UTC), BERLIN)
SENTENCE = "The text is too long for X."
NO = Outcome(Result.REJECTED, detail=SENTENCE)


@pytest.fixture
def shop() -> Business:
    return Business(BERLIN, NOON)


def approved(shop: Business, channel: str = "main") -> str:
    """A post that was asked about at noon, and approved half an hour later."""
    post = shop.row((channel,))
    shop.ask(post, "new")
    shop.now += timedelta(minutes=30)
    shop.press(post, Action.REVIEW)
    return post


def test_a_post_on_its_minute(shop: Business) -> None:
    post = approved(shop)
    shop.book(post, "main", shop.now)
    shop.attempt(post, "main", OK)

    told = shop.figures(OCTOBER)

    assert (told.posted, told.posts, told.on_time, told.on_time_percent) == (1, 1, 1, 100)
    assert (told.approvals, told.approval_seconds, told.incomplete) == (1, 1800, ())
    assert told.by_day[date(2026, 10, 14)] == 1


def test_a_month_of_nothing_has_every_day_and_no_rate(shop: Business) -> None:
    told = shop.figures(OCTOBER)
    assert (told.posted, told.on_time_percent, told.approval_seconds, dict(told.channels)) == (0, None, None, {})
    assert (len(told.by_day), sum(told.by_day.values()), told.incomplete) == (31, 0, ())


@pytest.mark.parametrize(("seconds", "on_time"), [(300, True), (301, False)])
def test_five_minutes_after_its_minute_is_on_time_and_a_second_more_is_not(
    shop: Business, seconds: int, on_time: bool
) -> None:
    post = approved(shop)
    shop.book(post, "main", shop.now)
    shop.now += timedelta(seconds=seconds)
    shop.attempt(post, "main", OK)
    assert shop.figures(OCTOBER).on_time == on_time


@pytest.mark.parametrize(
    "found",
    [
        lambda shop, post: shop.look(post, "main", there=True),
        lambda shop, post: shop.answer(post, "main", Action.FOUND),
    ],
)
def test_what_was_found_the_day_after_went_out_on_time(shop: Business, found: Callable[[Business, str], None]) -> None:
    post = approved(shop)
    shop.book(post, "main", shop.now)
    shop.attempt(post, "main", LOST)
    shop.now += timedelta(days=1)
    found(shop, post)

    told = shop.figures(OCTOBER)
    assert (told.posted, told.on_time, told.unknown, told.failed, told.retried) == (1, 1, 1, 0, 0)
    assert told.by_day[date(2026, 10, 15)] == 1


def test_not_there_is_a_failure_and_the_look_before_is_no_try(shop: Business) -> None:
    post = approved(shop)
    shop.book(post, "main", shop.now)
    shop.attempt(post, "main", LOST)
    shop.look(post, "main", there=False)
    shop.answer(post, "main", Action.NOT_THERE)

    told = shop.figures(OCTOBER)
    assert (told.posted, told.unknown, told.failed, told.retried) == (0, 1, 1, 0)


def test_a_failure_that_was_mended_stands_no_longer_and_is_told_all_the_same(shop: Business) -> None:
    post = approved(shop)
    shop.book(post, "main", shop.now)
    shop.attempt(post, "main", NO)
    (before,) = shop.happened(OCTOBER).failures
    assert (before.stands, before.reason) == (True, SENTENCE)

    shop.edit(post)
    shop.ask(post, "changed")
    shop.press(post, Action.REVIEW)
    shop.book(post, "main", shop.now)
    shop.attempt(post, "main", OK)

    told = shop.figures(OCTOBER)
    (after,) = shop.happened(OCTOBER).failures
    assert (after.stands, after.reason) == (False, SENTENCE)
    assert (told.posted, told.failed, told.retried, told.approvals) == (1, 0, 0, 2)


def test_tries_after_the_first_of_a_version_are_retries_also_where_its_channel_was_paused(shop: Business) -> None:
    post = approved(shop)
    shop.book(post, "main", shop.now)
    for outcome in (LATER, PAUSED, OK):
        shop.attempt(post, "main", outcome)

    told = shop.figures(OCTOBER)
    assert (told.posted, told.retried, told.channels["main"].retried) == (1, 2, 2)
    assert shop.happened(OCTOBER).publications[0].tries == 3


def test_an_approval_is_as_long_as_the_wait_since_the_first_card_whatever_reminded(shop: Business) -> None:
    post = shop.row(("main",))
    shop.now = OCTOBER.begins - timedelta(days=3)
    shop.ask(post, "new")
    shop.now = OCTOBER.begins + timedelta(hours=1)
    shop.ask(post, "reminder")
    shop.now += timedelta(hours=1)
    shop.press(post, Action.REVIEW, BEN, How.SLACK)

    (one,) = shop.happened(OCTOBER).approvals
    assert (one.took, one.by, one.how) == (timedelta(days=3, hours=2), BEN, "slack")


def test_send_now_of_what_is_approved_is_no_second_approval_and_an_answer_to_a_late_card_is(shop: Business) -> None:
    post = approved(shop)
    shop.press(post, Action.SEND_NOW)
    assert shop.figures(OCTOBER).approvals == 1
    shop.now += timedelta(hours=5)
    shop.ask(post, "late")
    shop.now += timedelta(minutes=10)
    shop.press(post, Action.REVIEW)

    assert [one.took for one in shop.happened(OCTOBER).approvals] == [timedelta(minutes=30), timedelta(minutes=10)]


def test_a_hold_counts_once_a_post_and_also_where_it_was_let_go(shop: Business) -> None:
    post, other = approved(shop), approved(shop)
    for action in (Action.HOLD, Action.RELEASE, Action.HOLD, Action.RELEASE):
        shop.press(post, action)
    shop.written(other)
    shop.untick(other)
    shop.everything(holds=True)
    shop.everything(holds=False)
    shop.pause("main")

    told, happened = shop.figures(OCTOBER), shop.happened(OCTOBER)
    assert (told.held, told.held_everything, told.approvals) == (2, 1, 2)
    assert (happened.held, happened.pauses) == ((post, other), ("main",))


def test_more_wordings_are_no_second_draft_and_one_that_failed_is_none(shop: Business) -> None:
    post = shop.draft()
    shop.redraft(post)
    shop.accept(post)
    shop.draft(works=False)

    told = shop.figures(OCTOBER)
    assert (told.drafts_made, told.drafts_accepted) == (1, 1)
    assert (told.drafting.drafts, told.drafting.micro_usd) == (3, 4500)


@pytest.mark.parametrize(("microseconds", "inside"), [(-1, True), (0, False)])
def test_the_last_microsecond_belongs_to_the_month_and_the_next_to_the_one_after(
    shop: Business, microseconds: int, inside: bool
) -> None:
    post = approved(shop)
    shop.book(post, "main", shop.now)
    shop.now = OCTOBER.ends + timedelta(microseconds=microseconds) - timedelta(seconds=2)
    shop.attempt(post, "main", OK, took=timedelta(seconds=2))

    november = month_before(datetime(2026, 12, 1, 12, 0, tzinfo=UTC), BERLIN)
    assert [shop.figures(month).posted for month in (OCTOBER, november)] == [inside, not inside]


def test_a_day_is_the_businesss_and_has_25_hours_where_the_clocks_go_back(shop: Business) -> None:
    """The last Sunday of October, in Berlin: from 22:00 the evening before to 23:00, in UTC."""
    for hour in range(22, 48):
        shop.now = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(hours=hour)
        post = shop.row(("main",))
        shop.book(post, "main", shop.now)
        shop.attempt(post, "main", OK)

    told = shop.figures(OCTOBER)
    assert [told.by_day[date(2026, 10, day)] for day in (24, 25, 26)] == [0, 25, 1]
    week = shop.figures(digest_week(datetime(2026, 10, 25, 17, 0, tzinfo=UTC), BERLIN))
    assert (sum(week.by_day.values()), len(week.by_day)) == (19, 8)


# what cannot be read


def audit_rows(shop: Business, subject: str) -> list[dict[str, object]]:
    return [row for row in shop.tables.items("ss-audit") if row["subject"] == subject]


def test_a_row_that_was_taken_out_is_told_and_stops_nothing(shop: Business) -> None:
    post, other = approved(shop), approved(shop)
    shop.press(post, Action.HOLD)
    (row,) = [one for one in audit_rows(shop, post) if one["action"] == "approved"]
    shop.tables.delete("ss-audit", {"subject": post, "seq": row["seq"]})

    told = shop.figures(OCTOBER)
    assert (told.approvals, told.held) == (1, 1)
    assert told.incomplete == ("1 entry is missing from the history; make verify-audit says where.",)
    assert other


def test_rows_written_a_little_out_of_order_at_the_border_are_not_missed(shop: Business) -> None:
    """A row bears the moment its run began: the one after it may be of a moment before."""
    post = shop.row(("main",))
    for moment in (1, -1, 2):
        shop.now = OCTOBER.begins + timedelta(seconds=moment)
        shop.edit(post)
    assert shop.figures(OCTOBER).incomplete == ()


@pytest.mark.parametrize(
    ("update", "approvals"),
    [({"revision": None}, 0), ({"before": "?", "after": ["?"]}, 1), ({"by_user": None}, 1)],
)
def test_a_row_of_another_shape_is_told_or_does_without(
    shop: Business, update: dict[str, object], approvals: int
) -> None:
    post = approved(shop)
    (row,) = [one for one in audit_rows(shop, post) if one["action"] == "approved"]
    shop.tables.put("ss-audit", {**row, **update})

    told = shop.figures(OCTOBER)
    assert told.approvals == approvals
    unreadable = ("1 entry of the history could not be read; make verify-audit says which.",)
    assert told.incomplete == (() if approvals else unreadable)


def test_damaged_tries_and_heads_are_told_and_the_others_count(shop: Business) -> None:
    posts = [approved(shop) for _ in range(3)]
    for post in posts:
        shop.book(post, "main", shop.now)
        shop.attempt(post, "main", OK)
    tries = {row["post_channel"]: row for row in shop.tables.items("ss-sends") if row["attempt"] == 1}
    shop.tables.put("ss-sends", {**tries[f"{posts[0]}#main"], "started_at": "some day"})
    head = shop.head(posts[1], "main")
    assert head is not None
    shop.tables.put("ss-sends", {**head.model_dump(mode="json"), "state": "gone astray"})
    shop.tables.put("ss-runtime", {"pk": "drafts#2026-10-14", "drafts": "many"})

    told = shop.figures(OCTOBER)
    assert (told.posted, told.on_time, told.drafting.drafts) == (2, 2, 0)
    assert [said.partition(" could")[0] for said in told.incomplete] == [
        "1 publication",
        "1 post's record",
        "What drafting cost is kept for 40 days, and",
    ]


def test_a_reckoning_long_after_says_that_the_cost_of_drafting_is_over(shop: Business) -> None:
    shop.draft()
    shop.now = OCTOBER.begins + timedelta(days=42)
    assert shop.figures(OCTOBER).incomplete == (
        "What drafting cost is kept for 40 days, and could not be read for 2 of these days.",
    )
