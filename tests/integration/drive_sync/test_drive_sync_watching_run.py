"""drive-sync tells the age of the scheduler's last sweep and tick, in the calls that it makes anyway."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from drive_sync_desk import Desk

from mesh import clock
from mesh.events import Trouble
from mesh.ledger.runtime import SCHEDULER_STATE


def swept(desk: Desk) -> None:
    now = clock.now().isoformat()
    desk.mesh.runtime.put(SCHEDULER_STATE, {"swept_at": now, "daily_at": now, "version": "v", "channels": []})


def test_a_sweep_that_stopped_is_told_once_and_measured_and_so_is_its_end(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    swept(desk)
    desk.settle()
    desk.mesh.entries.clear()
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=21))
    capsys.readouterr()

    desk.sync()
    desk.sync()
    assert desk.mesh.events_of(Trouble) == [], "the sweep may be just under way"
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=5))
    desk.sync()

    (trouble,) = desk.mesh.events_of(Trouble)
    assert "nobody has looked whether your posts go out as planned" in trouble.message
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "SweepAgeSeconds" in line]
    assert [int(line["SweepAgeSeconds"][0]) // 60 for line in lines] == [21, 21, 26]
    swept(desk)
    desk.sync()
    desk.sync()
    (_, over) = desk.mesh.events_of(Trouble)
    assert (over.cause, over.ended) == (trouble.cause, True)


def test_a_run_with_nothing_to_do_makes_no_call_for_it(desk: Desk) -> None:
    swept(desk)
    desk.settle()
    desk.mesh.calls.clear()
    desk.sync()
    assert desk.mesh.calls == ["PutItem", "BatchGetItem", "Query", "DeleteItem"]


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
