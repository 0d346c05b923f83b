"""Tokens, scopes, faults on demand and the record of calls."""

from __future__ import annotations

import time

import httpx
import pytest
from google.auth import crypt, jwt
from sheets_server import SCOPE, Api

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def assertion(server, **changes):
    now = int(time.time())
    claims = {
        "iss": server.info["client_email"],
        "aud": server.info["token_uri"],
        "scope": SCOPE + "spreadsheets",
        "iat": now,
        "exp": now + 600,
    }
    return jwt.encode(crypt.RSASigner.from_service_account_info(server.info), {**claims, **changes}).decode()


def ask(server, text, grant=GRANT):
    return httpx.post(f"{server.url}/token", data={"grant_type": grant, "assertion": text})


def test_a_signed_assertion_buys_an_hour(server):
    answer = ask(server, assertion(server)).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)


@pytest.mark.parametrize(
    "changes", [{"exp": 1, "iat": 0}, {"aud": "https://example.com/"}, {"iss": "x@example.com"}, {"scope": ""}]
)
def test_wrong_claims_are_refused(server, changes):
    response = ask(server, assertion(server, **changes))
    assert (response.status_code, "access_token" in response.json()) == (400, False)


def test_a_tampered_assertion_is_refused(server):
    head, body, signature = assertion(server).split(".")
    flipped = ("A" if signature[10] != "A" else "B").join((signature[:10], signature[11:]))
    for text in (f"{head}.{body}.{flipped}", "", "x.y.z"):
        assert ask(server, text).json()["error"] == "invalid_grant"
    assert ask(server, assertion(server), grant="password").json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer ya29.local.forged"}, {"Authorization": "Basic x"}])
@pytest.mark.parametrize("path", ["/v4/spreadsheets/x", "/drive/v3/files"])
def test_without_a_live_token_nothing_is_told(server, header, path):
    response = httpx.get(server.url + path, headers=header)
    assert response.status_code == 401
    assert response.json()["error"]["status"] == "UNAUTHENTICATED"


def test_reading_scopes_cannot_write(server, witness, owner):
    reader = Api(server, witness, "spreadsheets.readonly", "drive.readonly")
    try:
        assert reader.values("Posts!A1") == [["post_id"]]
        url = f"/v4/spreadsheets/{reader.sheet_id}/values/Posts!A2"
        refused = reader.http.put(url, params={"valueInputOption": "RAW"}, json={"values": [["x"]]})
        assert refused.status_code == 403
        assert refused.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
        assert reader.http.patch(f"/drive/v3/files/{reader.sheet_id}", json={"name": "x"}).status_code == 403
    finally:
        reader.http.close()


def test_the_sheets_scope_alone_does_not_open_drive(server, witness, owner):
    narrow = Api(server, witness, "spreadsheets")
    try:
        assert narrow.http.get("/drive/v3/files").status_code == 403
    finally:
        narrow.http.close()


def test_metadata_scope_lists_files_but_gives_no_bytes(server, witness, owner):
    uploaded = owner.put("/owner/files/cup.png", content=b"one").json()
    narrow = Api(server, witness, "drive.metadata.readonly")
    try:
        assert narrow.http.get("/drive/v3/files").status_code == 200
        assert narrow.http.get(f"/drive/v3/files/{uploaded['id']}", params={"alt": "media"}).status_code == 403
    finally:
        narrow.http.close()


def test_a_service_account_owns_no_files(server, witness, owner):
    wide = Api(server, witness, "drive")
    try:
        refused = wide.http.post("/drive/v3/files", json={"name": "x", "mimeType": "text/plain"})
        assert refused.json()["error"]["errors"][0]["reason"] == "storageQuotaExceeded"
    finally:
        wide.http.close()


def test_a_fault_before_the_call_has_no_effect_and_counts_down(api, owner):
    fault = {"match": "^PUT /v4/", "count": 2, "status": 429, "retry_after_seconds": 7}
    owner.post("/owner/faults", json=fault).raise_for_status()
    url, body = f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A2", {"values": [["x"]]}
    for _ in range(2):
        refused = api.http.put(url, params={"valueInputOption": "RAW"}, json=body)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
        assert refused.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert api.values("Posts!A2") == []
    assert owner.get("/owner/faults").json() == {"faults": []}
    assert api.put("Posts!A2", [["x"]])["updatedCells"] == 1


def test_a_fault_after_the_call_hides_what_took_effect(api, owner):
    owner.post("/owner/faults", json={"match": "PUT .*/values/", "status": 500, "when": "after"}).raise_for_status()
    url = f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A2"
    response = api.http.put(url, params={"valueInputOption": "RAW"}, json={"values": [["x"]]})
    assert response.status_code == 500
    assert api.values("Posts!A2") == [["x"]]


def test_a_slow_call_runs_into_the_clients_timeout(api, owner):
    owner.post("/owner/faults", json={"match": "/drive/v3/changes", "slow_seconds": 5}).raise_for_status()
    with pytest.raises(httpx.ReadTimeout):
        api.http.get("/drive/v3/changes", params={"pageToken": "1"}, timeout=0.1)


def test_the_owners_side_knows_no_faults(owner):
    owner.post("/owner/faults", json={"match": ".", "status": 500, "count": 9}).raise_for_status()
    assert owner.get("/owner/grid").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Host": "evil.example:80"}]
)
def test_pages_of_other_origins_do_not_reach_the_owners_side(owner, headers):
    response = owner.post("/owner/rows", json={"rows": [{"text": "x"}]}, headers=headers)
    assert response.status_code == 403
    assert owner.get("/owner/grid", headers={"Origin": "http://localhost:5000"}).json()["rows"] == []


def test_every_call_to_google_is_on_record_without_credentials(api, owner):
    last = max((call["n"] for call in owner.get("/owner/calls").json()["calls"]), default=0)
    api.get("/drive/v3/changes", pageToken="1", access_token="secret")
    api.http.get("/drive/v3/files/nowhere")
    calls = owner.get("/owner/calls", params={"after": last}).json()["calls"]
    assert [(call["method"], call["path"], call["status"]) for call in calls] == [
        ("GET", "/drive/v3/changes", 200),
        ("GET", "/drive/v3/files/nowhere", 404),
    ]
    assert calls[0]["query"] == "pageToken=1"


def test_an_unknown_address_says_that_it_is_the_local_servers_limit(api):
    response = api.http.get("/v4/spreadsheets/x/developerMetadata/1")
    assert response.status_code == 404
    assert "the local server has no such call" in response.json()["error"]["message"]
