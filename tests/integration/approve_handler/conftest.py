"""A post that waits for its approval."""

from __future__ import annotations

import pytest
from door_desk import package
from moto_mesh import MotoMesh


@pytest.fixture
def revision(mesh: MotoMesh) -> str:
    """``p_1`` with a package."""
    return package(mesh, "s1", "Hallo <script>alert(1)</script> & „Möwe“")
