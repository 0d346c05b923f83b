"""When the story's last step moves on to."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from local.story_recap import first_monday_after

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "monday"),
    [
        ("2027-04-05T06:59", "2027-04-05T09:00"),  # 8:59 in Berlin
        ("2027-04-05T07:00", "2027-05-03T09:00"),
        ("2026-05-31T12:00", "2026-06-01T09:00"),
        ("2026-12-31T12:00", "2027-01-04T09:00"),
    ],
)
def test_the_next_first_monday_at_nine_is_still_to_come(now: str, monday: str) -> None:
    found = first_monday_after(datetime.fromisoformat(now).replace(tzinfo=UTC), BERLIN)
    assert found.strftime("%Y-%m-%dT%H:%M") == monday
