"""``desk``: the scheduler at Monday 15 March 2027, 08:00 UTC, over an empty calendar."""

from __future__ import annotations

import pytest
from moto_mesh import REGION, MotoMesh
from scheduler_desk import NOW, SchedulerDesk


@pytest.fixture
def desk(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> SchedulerDesk:
    monkeypatch.setenv("DEAD_LETTERS_ARN", f"arn:aws:sqs:{REGION}:000000000000:ss-dead-letters")
    mesh.turn_clock(NOW)
    return SchedulerDesk(mesh)
