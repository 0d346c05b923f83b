"""The server as a process: starting, stopping, and going on where it stopped."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from google_discovery import ABSENT, FOLDER
from sheets_server import ROOT, Api, Server, until


def start_and_fail(*options: str) -> str:
    command = [sys.executable, "-m", "local", "sheets", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


def test_it_says_one_ready_line_and_stops_cleanly(tmp_path):
    server = Server(tmp_path)
    assert server.ready["ready"] is True
    assert httpx.get(f"{server.url}/owner").status_code == 200
    assert server.stop() == 0


def test_a_waiting_page_does_not_delay_the_stop(tmp_path):
    server = Server(tmp_path)
    with socket.create_connection(("127.0.0.1", server.ready["port"])) as page:
        page.sendall(b"GET /owner/changes?after=999&timeout_seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert server.stop() == 0


def test_everything_is_there_again_after_a_restart(tmp_path):
    first = Server(tmp_path)
    token = first.token("spreadsheets")
    row = {"date": "2026-11-21", "text": "Café ☕", "approved": True}
    with httpx.Client(base_url=first.url) as owner:
        owner.post("/owner/rows", json={"rows": [row]}).raise_for_status()
        owner.put("/owner/files/cup.png", content=b"one").raise_for_status()
        owner.put("/owner/files/gone.png", content=b"two").raise_for_status()
        owner.delete("/owner/files/gone.png").raise_for_status()
        owner.put("/owner/rules", content=b"rules").raise_for_status()
        before = [owner.get(f"/owner{path}").json() for path in ("", "/grid", "/files")]
    first.stop()
    second = Server(tmp_path)
    try:
        with httpx.Client(base_url=second.url) as owner:
            assert [owner.get(f"/owner{path}").json() for path in ("", "/grid", "/files")] == before
            assert owner.get("/owner/files/cup.png").content == b"one"
            assert owner.get("/owner/rules").text == "rules"
            headers = {"Authorization": f"Bearer {token}"}
            sheet = f"/v4/spreadsheets/{second.ready['spreadsheet_id']}"
            assert owner.get(f"{sheet}/values/Posts!B2", headers=headers).json()["values"] == [["2026-11-21"]]
        assert second.info["private_key"] == first.info["private_key"]
    finally:
        second.stop()


def test_an_edit_is_on_disk_within_a_second_and_survives_a_kill(tmp_path):
    server = Server(tmp_path)
    httpx.post(f"{server.url}/owner/rows", json={"rows": [{"text": "kept"}]}).raise_for_status()
    sequence = httpx.get(f"{server.url}/owner/grid").json()["version"]
    until(lambda: json.loads((tmp_path / "workspace.json").read_text())["sequence"] >= sequence, seconds=1.5)
    server.process.kill()
    server.process.communicate()
    again = Server(tmp_path)
    try:
        assert httpx.get(f"{again.url}/owner/grid").json()["rows"][0][3] == "kept"
    finally:
        again.stop()


def test_every_call_is_recorded_with_its_bodies_and_without_credentials(tmp_path, witness):
    record = tmp_path / "calls.jsonl"
    server = Server(tmp_path / "state", "--record", str(record))
    api = Api(server, witness, "spreadsheets", "drive.readonly")
    try:
        api.put("Posts!D2", [["Café"]])
        api.get(f"/drive/v3/files/{api.folder_id}", access_token="secret")
        httpx.post(f"{server.url}/owner/faults", json={"match": "values", "how": "close"}).raise_for_status()
        with pytest.raises(httpx.RemoteProtocolError):
            api.values("A1")
    finally:
        api.http.close()
        server.stop()
    text = record.read_text()
    signed_in, put, got, closed = map(json.loads, text.splitlines())
    assert (signed_in["path"], "request" in signed_in, "response" in signed_in) == ("/token", False, False)
    assert (put["request"], put["response"]["updatedCells"]) == ({"values": [["Café"]]}, 1)
    assert (got["status"], got["query"], got["response"]["name"]) == (200, "", "Social posts")
    assert (closed["status"], "response" in closed) == (0, False)
    assert not [secret for secret in ("secret", "assertion", "ya29", "Bearer") if secret in text]


def test_a_record_that_cannot_be_written_is_told(tmp_path):
    assert "cannot be written" in start_and_fail("--record", str(tmp_path / "nowhere" / "calls.jsonl"))


def test_a_call_that_hangs_does_not_delay_the_stop(tmp_path):
    server = Server(tmp_path)
    httpx.post(f"{server.url}/owner/faults", json={"match": "/token", "how": "hang"}).raise_for_status()
    with socket.create_connection(("127.0.0.1", server.ready["port"])) as client:
        client.sendall(b"POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        until(lambda: httpx.get(f"{server.url}/owner/faults").json() == {"faults": []})
        assert server.stop() == 0


def test_quotas_are_there_by_option(tmp_path):
    server = Server(tmp_path, "--quotas")
    quotas = httpx.get(f"{server.url}/owner/quotas").json()
    server.stop()
    assert quotas == {"on": True, "per_user": 60, "per_project": 300, "used": {}}


def test_the_key_file_is_for_its_owner_only(tmp_path):
    server = Server(tmp_path)
    server.stop()
    assert Path(server.ready["service_account_file"]).stat().st_mode & 0o077 == 0


def test_a_port_in_use_is_told_with_the_way_out(server):
    message = start_and_fail("--port", str(server.ready["port"]))
    assert "--port 0 takes a free one" in message


def test_a_state_folder_that_is_none_is_told(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "cannot be used" in start_and_fail("--state", str(blocked))


def test_a_damaged_state_is_told_and_left_as_it_is(tmp_path):
    (tmp_path / "workspace.json").write_text('{"files": [')
    assert "cannot be read" in start_and_fail("--state", str(tmp_path))
    assert (tmp_path / "workspace.json").read_text() == '{"files": ['


def test_the_servers_clock_is_the_stacks(tmp_path):
    clock = tmp_path / "clock.json"
    clock.write_text(json.dumps({"offset_seconds": 86_400 * 365}))
    os.environ["MESH_CLOCK_FILE"] = str(clock)
    try:
        server = Server(tmp_path / "state")
    finally:
        del os.environ["MESH_CLOCK_FILE"]
    try:
        headers = {"Authorization": f"Bearer {server.token('drive.readonly')}"}
        path = f"/drive/v3/files/{server.ready['spreadsheet_id']}?fields=modifiedTime"
        later = httpx.get(server.url + path, headers=headers).json()["modifiedTime"]
        clock.write_text(json.dumps({"offset_seconds": 0}))
        row = {"rows": [{"text": "x"}]}
        httpx.post(f"{server.url}/owner/rows", json=row).raise_for_status()
        assert httpx.get(server.url + path, headers=headers).json()["modifiedTime"] < later
    finally:
        server.stop()


def test_responses_are_held_to_googles_own_documents(witness):
    if not (FOLDER / "sheets.v4.json").exists():
        pytest.skip(ABSENT)
    body = b'{"range": "A1", "valuez": []}'
    with pytest.raises(AssertionError, match="valuez"):
        witness.saw("GET", "http://127.0.0.1/v4/spreadsheets/x/values/A1", None, 200, body)
    with pytest.raises(AssertionError, match="Google has no"):
        witness.saw("GET", "http://127.0.0.1/v4/nothing", None, 200, b"{}")
