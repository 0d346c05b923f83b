"""``desk``: a furnished stack in which a month has passed, before the stand-in for Bedrock, at the moment of its recap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto_mesh import MotoMesh
from recap_desk import FIRST_MONDAY, STAKEHOLDERS, Desk

from local.bedrock.serve import LocalBedrock


@pytest.fixture(scope="session")
def recap_bedrock() -> Iterator[LocalBedrock]:
    server = LocalBedrock()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(mesh: MotoMesh, recap_bedrock: LocalBedrock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    recap_bedrock.orders.clear()
    recap_bedrock.calls = []
    monkeypatch.setenv("BEDROCK_URL", recap_bedrock.origin)
    monkeypatch.setenv("STAKEHOLDERS", ",".join(STAKEHOLDERS))
    monkeypatch.setenv("GUARDRAIL", "abc123:4")
    monkeypatch.setattr("mesh.converse.model._WAIT_SECONDS", (0.0, 0.0))
    mesh.turn_clock(FIRST_MONDAY)
    return Desk(mesh, recap_bedrock)
