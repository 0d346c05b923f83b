"""``desk``: a bare sheet on the local Sheets and Drive server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from owner_sheet_desk import Desk
from sheets_server import OwnedServer


@pytest.fixture(scope="session")
def sheet_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnedServer]:
    running = OwnedServer(tmp_path_factory.mktemp("owner-sheet"))
    yield running
    running.stop()


@pytest.fixture
def desk(sheet_server: OwnedServer) -> Iterator[Desk]:
    made = Desk(sheet_server)
    made.blank()
    yield made
    made.sheet.close()
