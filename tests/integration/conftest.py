"""``mesh``: the AWS side by moto, furnished, with the functions' environment set. No network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto_mesh import MotoMesh, standing


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[MotoMesh]:
    """A furnished, empty stack of this test's own."""
    with standing(tmp_path) as stack:
        yield stack
