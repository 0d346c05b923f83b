"""One server process per test worker, freshly loaded before each test; every call seen is held to Google's schema."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from google_discovery import Discovery
from sheets_server import Api, Server, Witness


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("sheets"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def witness() -> Witness:
    return Witness(Discovery.if_present())


@pytest.fixture
def owner(server: Server) -> Iterator[httpx.Client]:
    """The owner's side, on a blank sheet with the standard header and an empty folder."""
    with httpx.Client(base_url=server.url) as client:
        client.request("DELETE", "/owner/faults")
        for path, calm in (("quotas", {"on": False}), ("feed", {"coalesce_seconds": 0}), ("share", {"role": "writer"})):
            client.post(f"/owner/{path}", json=calm).raise_for_status()
        for file in client.get("/owner/files").json()["files"]:
            if file["md5"]:
                client.delete(f"/owner/files/{file['name']}")
        client.post("/owner/reset", json={"locale": "en_US", "time_zone": "Etc/GMT"}).raise_for_status()
        yield client


@pytest.fixture(scope="session")
def _api(server: Server, witness: Witness) -> Iterator[Api]:
    api = Api(server, witness, "spreadsheets", "drive.readonly")
    yield api
    api.http.close()


@pytest.fixture
def api(_api: Api, owner: httpx.Client) -> Api:
    """A client with the scopes of drive-sync: the sheet to write, the folder to read."""
    return _api


@pytest.fixture
def act(owner):
    """One of the owner's acts, and what it answers."""

    def act(path, **body):
        return owner.post(f"/owner/{path}", json=body).raise_for_status().json()

    return act


@pytest.fixture
def texts(owner):
    """Of a column, from top to bottom."""

    def texts(column="text"):
        got = owner.get("/owner/grid").json()
        place = got["header"].index(column)
        return [row[place] for row in got["rows"]]

    return texts
