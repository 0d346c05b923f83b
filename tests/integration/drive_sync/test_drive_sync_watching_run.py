"""drive-sync tells the age of the scheduler's last sweep and tick, in the calls that it makes anyway."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from drive_sync_desk import Desk
from rounds import Rounds

from mesh import clock
from mesh.errors import Unreachable
from mesh.events import Trouble
from mesh.ledger.runtime import SCHEDULER_STATE, SYNC_STATE


def swept(desk: Desk) -> None:
    now = clock.now().isoformat()
    desk.mesh.runtime.put(SCHEDULER_STATE, {"swept_at": now, "daily_at": now, "version": "v", "channels": []})


def test_a_sweep_that_stopped_is_told_once_and_so_is_its_end(desk: Desk) -> None:
    swept(desk)
    desk.settle()
    desk.mesh.entries.clear()
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=21))

    desk.sync()
    desk.sync()
    assert desk.mesh.events_of(Trouble) == [], "the sweep may be just under way"
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=5))
    desk.sync()

    (trouble,) = desk.mesh.events_of(Trouble)
    assert "nobody has looked whether your posts go out as planned" in trouble.message
    swept(desk)
    desk.sync()
    desk.sync()
    (_, over) = desk.mesh.events_of(Trouble)
    assert (over.cause, over.ended) == (trouble.cause, True)


def test_a_run_with_nothing_to_do_makes_no_call_for_it(desk: Desk) -> None:
    swept(desk)
    desk.settle()
    runner = Rounds(desk.mesh.calls)
    desk.parts = replace(desk.parts, together=runner)
    desk.sync()
    assert runner.close() == ["PutItem", "BatchGetItem+Query", "DeleteItem"]


def test_a_sheet_that_cannot_be_read_does_not_keep_the_silence_from_being_told(desk: Desk) -> None:
    swept(desk)
    desk.settle()
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=21))
    desk.google.owner.post("/owner/share", json={"role": ""})
    desk.mesh.entries.clear()
    desk.sync()
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=5))
    desk.sync()
    assert "sweep-silent" in {trouble.cause.partition("#")[0] for trouble in desk.mesh.events_of(Trouble)}


def test_when_a_run_got_through_stands_in_the_table_for_the_scheduler_to_tell(desk: Desk) -> None:
    def noted() -> str:
        return str((desk.mesh.runtime.get(SYNC_STATE, clock.now()) or {})["synced_at"])

    swept(desk)
    desk.settle()
    before = noted()
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=11))
    desk.fault("GET /drive/v3/changes", 500, count=3)
    with pytest.raises(Unreachable):
        desk.sync()
    assert noted() == before, "that one did not"
    desk.sync()
    assert noted() > before
