"""``desk``: drive-sync wired as its handler wires it, over moto and the local Sheets and Drive server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from drive_sync_desk import Desk, LocalGoogle
from google_discovery import Discovery
from moto_mesh import MotoMesh

from drive_sync import handler as drive_sync


@pytest.fixture(scope="session")
def local_google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGoogle]:
    running = LocalGoogle(tmp_path_factory.mktemp("drive-sync"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def discovery() -> Discovery | None:
    """Google's documents, which a public checkout does not have."""
    return Discovery.if_present()


@pytest.fixture
def desk(
    local_google: LocalGoogle, discovery: Discovery | None, mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """An empty sheet nobody has synced yet; every answer of the test is held to Google's documents, where they are."""
    local_google.clean()
    local_google.recorded()
    mesh.put_secret("ss/drive/sa", local_google.document)
    monkeypatch.setenv("SHEET_ID", local_google.ready["spreadsheet_id"])
    monkeypatch.setenv("DRIVE_FOLDER_ID", local_google.ready["folder_id"])
    parts = replace(drive_sync.wire(), sleep=lambda _: None)
    yield Desk(mesh, local_google, parts)
    parts.google._http.close()
    if parts.writer._client is not None:
        parts.writer._client.http_client.session.close()
    if discovery is not None:
        _, problems = discovery.recorded_problems(local_google.recorded())
        assert not problems, "\n".join(problems)
