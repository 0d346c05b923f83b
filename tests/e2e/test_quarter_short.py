"""Three virtual days on the deployed stack with something down for an hour and for a day: ``make quarter`` in short."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.quarter import SHORT, SHORT_DAYS, SHORT_POSTS, live
from local.quarter_verdict import NOUGHTS

SEED = 1


@pytest.mark.slow
def test_through_an_hour_and_a_day_of_trouble_no_post_is_doubled_missed_unapproved_silent_or_in_a_burst(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    told = live(tmp_path / "stack", SEED, SHORT_DAYS, SHORT_POSTS, SHORT, said.append, tmp_path / "quarter.json")
    print("\n".join(said))
    assert told["outages"] == {kind: 1 for kind, _ in SHORT}
    assert told["sent"] >= SHORT_POSTS // 2
    assert {kind: told[kind] for kind in NOUGHTS if told[kind]} == {}
