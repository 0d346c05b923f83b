"""Sends on one deployed stack, a dozen by day and fifty at night: each has a function killed in it, and deliveries twice or late."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.week import tell_histories
from local.week_histories import HISTORIES, print_histories

SEED = 20_270_315


@pytest.mark.parametrize(
    "count", [pytest.param(12, marks=pytest.mark.slow), pytest.param(HISTORIES, marks=pytest.mark.night)]
)
def test_whatever_is_killed_a_post_is_on_each_channel_once_or_its_owner_is_asked(tmp_path: Path, count: int) -> None:
    said: list[str] = [f"seed {SEED}"]
    histories = tell_histories(tmp_path, SEED, count, said.append)
    wrong = print_histories(histories, said.append)
    print("\n".join(said))
    assert len(histories) == count
    assert sum(bool(history.killed) for history in histories) >= count * 3 // 4, "the kills met hardly anybody"
    assert wrong == 0
