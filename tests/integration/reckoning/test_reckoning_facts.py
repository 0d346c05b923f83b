"""What an owner would count, in the hard cases, each made by hand; docs/figures.md says the same in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from business import OK, Business

from mesh.approvals import Action
from mesh.span import month_before

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 10, 14, 12, 0, tzinfo=UTC)
OCTOBER = month_before(datetime(2026, 11, 2, 8, 0, tzinfo=UTC), BERLIN)


@pytest.fixture
def shop() -> Business:
    return Business(BERLIN, NOON)


def test_a_post_on_its_minute(shop: Business) -> None:
    post = shop.row(("main",))
    shop.ask(post, "new")
    shop.now += timedelta(minutes=30)
    shop.press(post, Action.REVIEW)
    shop.book(post, "main", shop.now)
    shop.attempt(post, "main", OK)

    told = shop.figures(OCTOBER)

    assert (told.posted, told.posts, told.on_time, told.on_time_percent) == (1, 1, 1, 100)
    assert (told.approvals, told.approval_seconds, told.incomplete) == (1, 1800, ())
    assert told.by_day[datetime(2026, 10, 14).date()] == 1  # noqa: DTZ001 - a day
