"""An owner inserts, deletes, sorts, copies, pastes, edits, renames, ticks and unticks between any two calls of drive-sync's.

No wrong row is ticked or overwritten, no edit is lost or undone, ids are unique, holds are honoured (``owner_world.trial``).
"""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from owner_world.trial import Step, drawn, shortened, wrong

import drive_sync.handler

_CHUNK = 50


@pytest.fixture(autouse=True)
def no_log() -> Iterator[None]:
    with patch.object(drive_sync.handler.log, "line", lambda *_, **__: None):
        yield


def none_goes_wrong(seeds: range) -> None:
    for seed in seeds:
        said = wrong(drawn(seed))
        if said:
            steps = "\n".join(map(str, shortened(drawn(seed))))
            pytest.fail(f"seed {seed}: {said}\nthe shortest run that goes wrong:\n{steps}")


@pytest.mark.parametrize(
    "start", [0, *(pytest.param(start, marks=pytest.mark.slow) for start in range(_CHUNK, 500, _CHUNK))]
)
def test_the_owner_and_drive_sync_never_hurt_each_other(start: int) -> None:
    none_goes_wrong(range(start, start + _CHUNK))


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(start, marks=pytest.mark.slow if start < 2_000 else pytest.mark.night)
        for start in range(500, 5_000, 10 * _CHUNK)
    ],
)
def test_nor_in_five_thousand_runs(start: int) -> None:
    none_goes_wrong(range(start, start + 10 * _CHUNK))


def test_a_run_is_the_same_whenever_it_is_drawn_and_many_of_them_tick_hold_and_lose_answers() -> None:
    steps = [step for seed in range(100) for step in drawn(seed)]
    assert drawn(7) == drawn(7)
    assert sum(step.lost is not None for step in steps) > 10
    assert {"approve", "hold", "want"} <= {step.what for step in steps}
    acts = {act.what for step in steps for _, act in step.inside}
    assert {"insert", "delete", "sort", "copy", "edit", "paste_over", "paste_text", "rename", "tick", "untick"} <= acts


# Of the longer runs, those that a rule stands for which the first fifty do not meet.


def test_a_column_that_moves_while_a_run_writes_is_noticed() -> None:
    moved = Step("move_column", ("text", 26))
    steps = [_typed(13, "Cake 3", "2027-03-25"), Step("sync"), Step("follow"), Step("sync", inside=((2, moved),))]
    assert wrong(steps) == ""


def test_an_id_that_a_copy_took_along_while_an_insertion_was_lost_is_not_the_copys_own() -> None:
    between = ((1, Step("copy", (28, 71))), (2, _typed(6, "Coffee & cake 3", "24.03.2027")))
    typed = [_typed(91, "Cake 3", "2027-03-25"), _typed(81, "Tea 3", "2027-03-25")]
    steps = [*typed, Step("want", (93,)), Step("sync"), Step("sync", inside=between, lost=(0, True))]
    assert wrong(steps) == ""


def _typed(at: int, text: str, day: str) -> Step:
    return Step("insert", (at, {"text": text, "date": day, "time": 0.375, "channels": "bluesky-main"}))
