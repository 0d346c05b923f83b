"""``desk``: drive-sync wired as its handler wires it, over moto and the local Sheets and Drive server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from drive_sync_desk import Desk, LocalGoogle
from moto_mesh import MotoMesh

from drive_sync import handler as drive_sync


@pytest.fixture(scope="session")
def local_google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGoogle]:
    running = LocalGoogle(tmp_path_factory.mktemp("drive-sync"))
    yield running
    running.stop()


@pytest.fixture
def desk(local_google: LocalGoogle, mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty sheet nobody has synced yet."""
    local_google.clean()
    mesh.put_secret("ss/drive/sa", local_google.document)
    monkeypatch.setenv("SHEET_ID", local_google.ready["spreadsheet_id"])
    monkeypatch.setenv("DRIVE_FOLDER_ID", local_google.ready["folder_id"])
    parts = replace(drive_sync.wire(), sleep=lambda _: None)
    yield Desk(mesh, local_google, parts)
    parts.google._http.close()
    if parts.writer._client is not None:
        parts.writer._client.http_client.session.close()
