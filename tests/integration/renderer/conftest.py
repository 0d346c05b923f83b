"""``desk``: a furnished stack with rules, at ``NOW``."""

from __future__ import annotations

import pytest
from moto_mesh import MotoMesh
from renderer_desk import NOW, RULES, Desk


@pytest.fixture
def desk(mesh: MotoMesh) -> Desk:
    mesh.put_rules(RULES)
    mesh.turn_clock(NOW)
    return Desk(mesh)
