"""``desk``: a furnished stack with rules, at ``NOW``, before the stand-in for Bedrock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from draft_desk import NOW, RULES, Desk
from moto_mesh import MotoMesh

from local.bedrock.serve import LocalBedrock


@pytest.fixture(scope="session")
def bedrock() -> Iterator[LocalBedrock]:
    server = LocalBedrock()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def desk(mesh: MotoMesh, bedrock: LocalBedrock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    bedrock.orders.clear()
    bedrock.calls = []
    monkeypatch.setenv("BEDROCK_URL", bedrock.origin)
    monkeypatch.setenv("GUARDRAIL", "abc123:4")
    monkeypatch.setattr("mesh.converse.model._WAIT_SECONDS", (0.0, 0.0))
    mesh.put_rules(RULES)
    mesh.turn_clock(NOW)
    return Desk(mesh, bedrock.origin)
