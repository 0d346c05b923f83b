"""Forged, mangled and replayed requests: none accepted, none uncaught, one answer to everything forged, in bounded time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attacks import _KINDS
from mesh_world.world import in_memory
from siege import besieged


@pytest.fixture(autouse=True, scope="module")
def memory() -> Iterator[None]:
    with in_memory():
        yield


@pytest.mark.parametrize("start", range(0, 5_000, 1_250))
def test_nothing_that_a_stranger_sends_is_taken_for_a_press(start: int) -> None:
    tally = besieged(range(start, start + 1_250))
    assert tally.wrong == []
    assert tally.requests == 1_250
    assert set(tally.kinds) == set(_KINDS)


def test_a_stranger_rings_no_alarm_however_much_is_sent_and_who_has_a_link_of_ours_and_mangles_it_does() -> None:
    assert besieged(range(1_250), stranger=True).wrong == []
    assert besieged(range(1_250)).ringing > 5
