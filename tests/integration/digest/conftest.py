"""``week``: an empty stack whose clock stands at a Sunday, 18:00 in Berlin."""

from __future__ import annotations

import pytest
from digest_desk import RULES, SUNDAY, Week
from moto_mesh import MotoMesh

from mesh import clock


@pytest.fixture
def week(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> Week:
    mesh.put_rules(RULES)
    monkeypatch.setattr(clock, "now", lambda: SUNDAY)
    return Week(mesh.ledger, mesh.runtime, mesh.packages)
