"""Each kind of trouble that can be ordered, as a client meets it on the wire."""

from __future__ import annotations

import contextlib
import time
from email.utils import parsedate_to_datetime

import httpx
import pytest


@pytest.fixture
def order(owner):
    def order(match="/values/", **fault):
        owner.post("/owner/faults", json={"match": match, **fault}).raise_for_status()

    return order


@pytest.fixture
def write(api):
    def write(value="x", timeout=5):
        url, query = f"/v4/spreadsheets/{api.sheet_id}/values/Posts!A2", {"valueInputOption": "RAW"}
        return api.http.put(url, params=query, json={"values": [[value]]}, timeout=timeout)

    return write


def has_happened(api):
    return api.values("Posts!A2") == [["x"]]


def test_too_many_requests_names_no_time_to_come_back_unless_told(write, order):
    order(status=429)
    response = write()
    assert (response.status_code, response.headers.get("retry-after")) == (429, None)
    info = response.json()["error"]["details"][0]
    assert (info["reason"], info["metadata"]["quota_limit_value"]) == ("RATE_LIMIT_EXCEEDED", "60")


def test_the_time_to_come_back_is_seconds_or_a_date(write, order):
    order(status=429, retry_after_seconds=30)
    assert write().headers["retry-after"] == "30"
    order(status=503, retry_after_seconds=30, retry_after_as="date")
    moment = parsedate_to_datetime(write().headers["retry-after"])
    assert 25 <= moment.timestamp() - time.time() <= 31


@pytest.mark.parametrize(
    ("status", "reason", "domain"),
    [
        (403, "rateLimitExceeded", "usageLimits"),
        (403, "userRateLimitExceeded", "usageLimits"),
        (403, "insufficientFilePermissions", "global"),
        (403, "accessNotConfigured", "usageLimits"),
        (404, "notFound", "global"),
    ],
)
def test_drive_says_its_reason_in_a_word(api, order, status, reason, domain):
    order("/drive/v3/files", status=status, reason=reason)
    response = api.http.get(f"/drive/v3/files/{api.sheet_id}")
    (error,) = response.json()["error"]["errors"]
    assert (response.status_code, error["reason"], error["domain"]) == (status, reason, domain)


def test_a_switched_off_api_says_where_to_switch_it_on(api, order):
    order(status=403, reason="accessNotConfigured")
    error = api.http.get(f"/v4/spreadsheets/{api.sheet_id}/values/A1").json()["error"]
    assert error["status"] == "PERMISSION_DENIED"
    assert error["details"][0]["reason"] == "SERVICE_DISABLED"
    assert "sheets.googleapis.com" in error["message"]


def test_the_front_end_answers_in_html(write, order, api):
    order(how="html")
    response = write()
    assert (response.status_code, response.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert response.text.startswith("<!DOCTYPE html>")
    assert not has_happened(api)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_closes_before_any_byte(write, order, api, when):
    order(how="close", when=when)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        write()
    assert has_happened(api) is (when == "after")


def test_an_answer_is_cut_off_after_its_effect(write, order, api):
    order(how="cut")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        write()
    assert has_happened(api)


def collect(response, got):
    for part in response.iter_bytes():
        got += part


def test_the_cut_answer_has_status_and_half_of_its_body(api, server, order):
    order(how="cut")
    url = f"{server.url}/v4/spreadsheets/{api.sheet_id}/values/Posts!A1:L1"
    headers = {"Authorization": api.http.headers["authorization"]}
    with httpx.stream("GET", url, headers=headers) as response:
        length = int(response.headers["content-length"])
        got = bytearray()
        with pytest.raises(httpx.RemoteProtocolError):
            collect(response, got)
    assert response.status_code == 200
    assert len(got) == length // 2


def test_an_error_can_be_cut_off_without_an_effect(write, order, api):
    order(how="cut", status=500, when="before")
    with pytest.raises(httpx.RemoteProtocolError):
        write()
    assert not has_happened(api)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_call_hangs_until_the_client_leaves(write, order, api, owner, when):
    order(how="hang", when=when)
    with pytest.raises(httpx.ReadTimeout):
        write(timeout=0.2)
    assert has_happened(api) is (when == "after")


def test_a_dripping_body_comes_whole_but_late(api, order):
    order(how="drip", drip_seconds=0.4)
    began = time.monotonic()
    assert api.values("Posts!A1:B1") == [["post_id", "date"]]
    assert time.monotonic() - began >= 0.3


def test_the_next_call_is_well_again(write, order, api):
    for how in ("close", "cut", "html"):
        order(how=how)
        with contextlib.suppress(httpx.RemoteProtocolError):
            write("other")
        assert write().status_code == 200
    assert has_happened(api)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"how": "explode"}, "`how` is one of answer, html, hang, close, cut, drip"),
        ({"how": "cut", "when": "before"}, "cut before the effect needs the `status`"),
        ({"status": 200}, "`status` is 400 to 599"),
        ({"status": 403, "reason": "mood"}, "`reason` is one of rateLimitExceeded"),
        ({"retry_after_as": "weeks"}, "seconds or date"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_words(owner, fault, words):
    response = owner.post("/owner/faults", json={"match": ".", **fault})
    assert response.status_code == 400
    assert words in response.json()["error"]["message"]
    assert owner.get("/owner/faults").json() == {"faults": []}
