"""Handlers in memory, with their lines kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from watched_mesh import logging_mesh


@pytest.fixture(autouse=True, scope="module")
def lines() -> Iterator[None]:
    with logging_mesh():
        yield
