"""How the share of posts that were on time is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mesh.reckoning.figures import figures
from mesh.reckoning.model import Happened, Publication
from mesh.span import month_before

MONTH = month_before(datetime(2026, 11, 2, 8, 0, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
DUE = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("on_time", "late", "said"),
    [(0, 0, None), (300, 0, 100), (299, 1, 99), (1, 299, 1), (0, 3, 0), (1, 1, 50), (2, 1, 67), (1, 7, 13)],
)
def test_one_that_was_late_is_never_rounded_away(on_time: int, late: int, said: int | None) -> None:
    moments = [DUE] * on_time + [DUE + timedelta(hours=1)] * late
    out = tuple(Publication(f"p_{number}", "main", at, due=DUE) for number, at in enumerate(moments))
    assert figures(Happened(MONTH, publications=out)).on_time_percent == said
