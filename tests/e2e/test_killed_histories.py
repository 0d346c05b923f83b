"""Fifty sends on one deployed stack, each with a function killed at some moment of it and deliveries that come twice or late."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.week import tell_histories
from local.week_histories import HISTORIES, print_histories

SEED = 20_270_315


@pytest.mark.slow
def test_whatever_is_killed_a_post_is_on_each_channel_once_or_its_owner_is_asked(tmp_path: Path) -> None:
    said: list[str] = [f"seed {SEED}"]
    histories = tell_histories(tmp_path, SEED, HISTORIES, said.append)
    wrong = print_histories(histories, said.append)
    print("\n".join(said))
    assert len(histories) == HISTORIES
    assert sum(bool(history.killed) for history in histories) >= HISTORIES * 3 // 4, "the kills met hardly anybody"
    assert wrong == 0
