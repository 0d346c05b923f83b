"""``mesh.google`` against the local Sheets and Drive server, and against answers no server should give."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from sheets_server import OwnedServer

from mesh.errors import MeshError, Misconfigured, Throttled, Unreachable
from mesh.google import DRIVE_READ, SHEETS_READ, Google, GoogleRefused, NotShared, TooBig, by_name
from mesh.google import File as DriveFile
from mesh.google_sign_in import SignIn
from mesh.sheet import read_table

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n" + b"cake" * 8


class Local(OwnedServer):
    """The server, and both sides' clients."""

    def __init__(self, state: Path) -> None:
        super().__init__(state)
        self.http = httpx.Client(trust_env=False)
        self.google = Google(self.document, (SHEETS_READ, DRIVE_READ), self.http)

    def put(self, name: str, content: bytes) -> None:
        self.owner.put(f"/owner/files/{name}", content=content).raise_for_status()

    def stop(self) -> int:
        self.http.close()
        return super().stop()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    running = Local(tmp_path_factory.mktemp("google"))
    yield running
    running.stop()


def test_the_tab_is_read_as_a_table(local: Local) -> None:
    table = read_table(local.google.values(local.ready["spreadsheet_id"], "Posts"))

    assert table.column("post_id") == 0
    assert table.rows == ()


def test_the_folder_is_read_by_name_with_hashes(local: Local) -> None:
    local.put("cake.png", PNG)
    local.put("it's a cake.png", PNG)
    folder = local.ready["folder_id"]

    named = local.google.named(folder, ["cake.png", "it's a cake.png", "nothing.png"])

    assert sorted(named) == ["cake.png", "it's a cake.png"]
    assert len(named["cake.png"].md5) == 32
    assert named["cake.png"].size_bytes == len(PNG)
    assert {file.name for file in local.google.files(folder)} >= set(named)
    whole = BytesIO()
    local.google.download(named["cake.png"].id, whole, limit_bytes=1_000)
    assert whole.getvalue() == PNG
    with pytest.raises(TooBig):
        local.google.download(named["cake.png"].id, BytesIO(), limit_bytes=10)


def test_changes_since_a_token_are_seen_once(local: Local) -> None:
    token = local.google.start_page_token()
    local.put("pear.png", PNG)

    changes = local.google.changes(token)

    assert [file.name for file in changes.files] == ["pear.png"]
    assert local.google.changes(changes.next_token).files == ()


def test_a_file_taken_away_is_seen_as_removed_or_in_the_bin(local: Local) -> None:
    local.put("plum.png", PNG)
    token = local.google.start_page_token()
    local.owner.delete("/owner/files/plum.png").raise_for_status()

    [change] = local.google.changes(token).files

    assert change.removed or change.trashed


def test_a_doc_is_plain_text_without_mark_and_carriage_returns(local: Local) -> None:
    local.owner.put("/owner/rules", content=b"Time zone: Europe/Berlin\nChannels\n").raise_for_status()
    docs = {file.name: file for file in local.google.files(local.ready["folder_id"])}
    rules = next(file for file in docs.values() if file.mime.endswith(".document") and "ules" in file.name)

    text = local.google.export_text(rules.id)

    assert text.startswith("Time zone")
    assert "\r" not in text


def test_what_is_not_shared_is_said_so(local: Local) -> None:
    with pytest.raises(NotShared, match="no longer shared"):
        local.google.values("nothing-of-that-name", "Posts")


def test_a_tab_that_is_not_there_is_refused_for_good(local: Local) -> None:
    with pytest.raises(GoogleRefused) as caught:
        local.google.values(local.ready["spreadsheet_id"], "Nothing!A1:B2")
    assert caught.value.status == 400


def test_signing_in_starts_no_thread_and_is_done_once(local: Local) -> None:
    """google-auth would ask another Google host in the background: the private hook that stops it still does."""
    seen: list[str] = []
    http = httpx.Client(trust_env=False, event_hooks={"request": [lambda request: seen.append(request.url.path)]})
    before = threading.active_count()

    google = Google(local.document, (SHEETS_READ, DRIVE_READ), http)
    google.start_page_token()
    google.start_page_token()

    assert threading.active_count() == before
    assert seen == ["/token", "/drive/v3/changes/startPageToken", "/drive/v3/changes/startPageToken"]
    http.close()


def scripted(document: dict[str, Any], answer: Callable[[httpx.Request], httpx.Response]) -> Google:
    def both(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        return answer(request)

    return Google(document, (DRIVE_READ,), httpx.Client(transport=httpx.MockTransport(both)))


def lost(_: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer")


def reason(name: str) -> dict[str, Any]:
    return {"error": {"code": 403, "message": "m", "errors": [{"reason": name}]}}


ANSWERS: dict[str, tuple[Callable[[httpx.Request], httpx.Response], type[MeshError]]] = {
    "429": (lambda _: httpx.Response(429, json={}), Throttled),
    "403 for the rate": (lambda _: httpx.Response(403, json=reason("userRateLimitExceeded")), Throttled),
    "403": (lambda _: httpx.Response(403, json=reason("insufficientFilePermissions")), NotShared),
    "404": (lambda _: httpx.Response(404, text="<html>"), NotShared),
    "401": (lambda _: httpx.Response(401, json={}), Unreachable),
    "400": (lambda _: httpx.Response(400, json=reason("invalid")), GoogleRefused),
    "500": (lambda _: httpx.Response(500), Unreachable),
    "503": (lambda _: httpx.Response(503, text="busy"), Unreachable),
    "302": (lambda _: httpx.Response(302, headers={"location": "https://evil.example.test"}), Unreachable),
    "HTML": (lambda _: httpx.Response(200, text="<html>"), Unreachable),
    "a list": (lambda _: httpx.Response(200, json=[]), Unreachable),
    "null": (lambda _: httpx.Response(200, text="null"), Unreachable),
    "no token": (lambda _: httpx.Response(200, json={}), Unreachable),
    "deep JSON": (lambda _: httpx.Response(200, text="[" * 200_000), Unreachable),
    "a timeout": (lost, Unreachable),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_is_unmapped(local: Local, name: str) -> None:
    answer, error = ANSWERS[name]

    with pytest.raises(error):
        scripted(local.document, answer).start_page_token()


def test_after_a_401_the_next_call_signs_in_anew(local: Local) -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})
        return httpx.Response(401, json={})

    google = Google(local.document, (DRIVE_READ,), httpx.Client(transport=httpx.MockTransport(answer)))
    for _ in range(2):
        with pytest.raises(Unreachable):
            google.start_page_token()

    assert paths.count("/token") == 2


def test_a_token_that_another_thread_gives_up_meanwhile_is_still_this_calls(local: Local) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        sign_in.forget()
        return httpx.Response(200, json={"access_token": "t", "expires_in": 3600})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    sign_in = SignIn(local.document, (DRIVE_READ,), http, httpx.Timeout(1))
    assert sign_in.token() == "t"


@pytest.mark.parametrize(
    "document", [{}, {"private_key": "x", "client_email": "a", "token_uri": "https://g.test/token"}]
)
def test_a_secret_that_is_no_key_is_named(document: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="Drive secret"):
        scripted(document, lost).start_page_token()


def test_a_key_google_does_not_accept_is_named(local: Local) -> None:
    refused = httpx.MockTransport(lambda _: httpx.Response(400, json={"error": "invalid_grant"}))

    with pytest.raises(Misconfigured, match="make a new one"):
        Google(local.document, (DRIVE_READ,), httpx.Client(transport=refused)).start_page_token()


def test_a_sign_in_that_cannot_be_reached_is_a_doubt(local: Local) -> None:
    with pytest.raises(Unreachable):
        Google(local.document, (DRIVE_READ,), httpx.Client(transport=httpx.MockTransport(lost))).start_page_token()


def test_all_pages_are_read(local: Local) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("pageToken", "0"))
        body: dict[str, Any] = {"files": [{"id": f"f{page}", "name": f"n{page}"}]}
        return httpx.Response(200, json=body | ({"nextPageToken": str(page + 1)} if page < 2 else {}))

    assert [file.id for file in scripted(local.document, answer).files("folder")] == ["f0", "f1", "f2"]


def test_of_several_files_of_one_name_the_one_changed_last_counts() -> None:
    old = DriveFile("1", "cake.png", modified_at="2026-01-01T00:00:00.000Z")
    new = DriveFile("0", "cake.png", modified_at="2026-02-01T00:00:00.000Z")
    binned = DriveFile("2", "cake.png", modified_at="2026-03-01T00:00:00.000Z", trashed=True)

    assert by_name([new, old, binned]) == {"cake.png": new}
