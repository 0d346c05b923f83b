"""Quotas, and a share that the owner takes away and gives back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sheets_server import Api

from local.sheets.quotas import Limits, Quotas

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
VALUES = "/v4/spreadsheets/x/values/A1"


def refused(quotas, method="GET", path=VALUES, user="", at=NOON):
    return quotas.refusal(method, path, user, at) is not None


def test_the_sixty_first_read_of_a_minute_is_refused_and_the_next_minute_begins_anew():
    quotas = Quotas(Limits())
    assert [refused(quotas) for _ in range(61)] == [False] * 60 + [True]
    assert not refused(quotas, at=NOON + timedelta(minutes=1))


def test_reads_and_writes_are_counted_apart():
    quotas = Quotas(Limits(per_user=1))
    assert not refused(quotas)
    assert not refused(quotas, "POST", "/v4/spreadsheets/x:batchUpdate")
    assert refused(quotas, "PUT")


def test_five_users_use_up_a_project():
    quotas = Quotas(Limits())
    assert not any(refused(quotas, user=f"user-{number}") for number in range(5) for _ in range(60))
    refusal = quotas.refusal("GET", VALUES, "user-6", NOON)
    assert refusal.details[0]["metadata"]["quota_limit"] == "ReadRequestsPerMinutePerProject"


def test_drive_and_signing_in_are_not_counted():
    quotas = Quotas(Limits(per_user=1))
    assert not any(refused(quotas, path=path) for path in ("/drive/v3/changes", "/token") for _ in range(5))


def test_quotas_are_off_until_switched_on_and_answer_as_google_does(owner, api):
    assert owner.get("/owner/quotas").json() == {"on": False, "used": {}}
    owner.post("/owner/quotas", json={"per_user": 2}).raise_for_status()
    url = f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A1"
    answers = [api.http.get(url) for _ in range(3)]
    while answers[-1].status_code == 200:  # the minute turned in the middle
        answers.append(api.http.get(url))
    error = answers[-1].json()["error"]
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "'Read requests per minute per user'" in error["message"]
    assert "retry-after" not in answers[-1].headers


@pytest.mark.parametrize("body", [{"per_user": 0}, {"per_user": "many"}, {"on": "yes"}, {"limit": 3}])
def test_quotas_that_make_no_sense_are_refused(owner, body):
    assert owner.post("/owner/quotas", json=body).status_code == 400


def test_a_viewer_reads_and_does_not_write(owner, api, server, witness):
    wide = Api(server, witness, "spreadsheets", "drive")
    owner.put("/owner/files/cup.png", content=b"one").raise_for_status()
    owner.post("/owner/share", json={"role": "reader"}).raise_for_status()
    assert api.values("Posts!A1") == [["post_id"]]
    told = api.get(f"/drive/v3/files/{api.sheet_id}", fields="capabilities(canEdit)")
    assert told["capabilities"]["canEdit"] is False
    url = f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A2"
    refused_write = api.http.put(url, params={"valueInputOption": "RAW"}, json={"values": [["x"]]})
    assert (refused_write.status_code, refused_write.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    (image,) = api.get("/drive/v3/files", q="name = 'cup.png'")["files"]
    renamed = wide.http.patch(f"/drive/v3/files/{image['id']}", json={"name": "mine.png"})
    assert renamed.json()["error"]["errors"][0]["reason"] == "insufficientFilePermissions"
    wide.http.close()


def test_what_is_not_shared_any_more_is_forbidden_to_sheets_and_nowhere_to_drive(owner, api):
    token = api.get("/drive/v3/changes/startPageToken")["startPageToken"]
    owner.post("/owner/share", json={"role": None}).raise_for_status()
    sheet = api.http.get(f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A1")
    assert (sheet.status_code, sheet.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    file = api.http.get(f"/drive/v3/files/{api.sheet_id}")
    assert (file.status_code, file.json()["error"]["errors"][0]["reason"]) == (404, "notFound")
    assert api.get("/drive/v3/files", q=f"'{api.folder_id}' in parents")["files"] == []
    changes = api.get("/drive/v3/changes", pageToken=token)["changes"]
    assert {change["removed"] for change in changes} == {True}
    assert api.sheet_id in {change["fileId"] for change in changes}


def test_a_share_given_back_shows_everything_again(owner, api):
    owner.post("/owner/rows", json={"rows": [{"text": "kept"}]}).raise_for_status()
    owner.post("/owner/share", json={"role": None}).raise_for_status()
    owner.put("/owner/files/new.png", content=b"uploaded meanwhile").raise_for_status()
    token = api.get("/drive/v3/changes/startPageToken")["startPageToken"]
    assert owner.post("/owner/share", json={"role": "writer"}).json()["role"] == "writer"
    assert api.values("Posts!D2") == [["kept"]]
    back = api.get("/drive/v3/changes", pageToken=token)["changes"]
    assert {change["removed"] for change in back} == {False}
    assert {"Posts", "new.png"} <= {change["file"]["name"] for change in back}


@pytest.mark.parametrize("body", [{}, {"role": "boss"}, {"role": "reader", "to": "x"}])
def test_a_share_that_makes_no_sense_is_refused_in_words(owner, body):
    response = owner.post("/owner/share", json=body)
    assert response.status_code == 400
    assert "null to take the access away" in response.json()["error"]["message"]
