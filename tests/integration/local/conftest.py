"""``desk``: a bare sheet on the local Sheets and Drive server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from owner_sheet_desk import Desk, Server


@pytest.fixture(scope="session")
def sheet_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("owner-sheet"))
    yield running
    running.stop()


@pytest.fixture
def desk(sheet_server: Server) -> Iterator[Desk]:
    made = Desk(sheet_server)
    made.blank()
    yield made
    made.sheet.close()
