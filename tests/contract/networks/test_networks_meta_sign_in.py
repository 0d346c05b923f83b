"""Signing in to Facebook's, Instagram's and Threads' servers, and how long what it brings is good."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.clock import now
from networks.model import AttemptKey, Draft, Pause, Result

REDIRECT = "http://127.0.0.1:8765/callback"


@pytest.fixture
def move_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def move(forward: timedelta) -> None:
        path = tmp_path / "clock.json"
        path.write_text(json.dumps({"offset_seconds": forward.total_seconds()}))
        monkeypatch.setenv("MESH_CLOCK_FILE", str(path))

    return move


def app_of(servers: Any, name: str) -> dict[str, str]:
    return dict(servers.accounts.add({"network": name, "handle": "for-the-app"})["app"])


def allowed(http: Any, address: str, account: str, decision: str = "allow") -> dict[str, list[str]]:
    """What comes back to the program after the page's form."""
    asked = {"client_id": "local", "redirect_uri": REDIRECT, "scope": "a_scope,another_scope", "state": "s-1"}
    page = http.get(address, params=asked)
    assert page.status_code == 200, page.text
    assert "another_scope" in page.text
    back = http.post(address, data={**asked, "account": account, "decision": decision})
    assert back.headers["location"].startswith(REDIRECT)
    return parse_qs(urlsplit(back.headers["location"]).query)


def person_token(http: Any, origin: str, app: dict[str, str]) -> str:
    """The long one, by way of code and short one."""
    code = allowed(http, f"{origin}/v26.0/dialog/oauth", "100000000000001")["code"][0]
    told = {**app, "redirect_uri": REDIRECT, "code": code}
    short = http.get(f"{origin}/v26.0/oauth/access_token", params=told).json()
    assert short["expires_in"] == 3_600
    assert "error" in http.get(f"{origin}/oauth/access_token", params=told).json()  # a code is good once
    told = {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": short["access_token"]}
    long = http.get(f"{origin}/oauth/access_token", params=told).json()
    assert long["expires_in"] == 5_184_000
    return str(long["access_token"])


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_a_person_leads_to_page_tokens_without_an_end_and_takes_them_back(
    servers: Any, opened: Any, name: str, key: AttemptKey, move_clock: Any
) -> None:
    channel = opened(name)
    token = person_token(channel.http, channel.host, app_of(servers, name))
    fields = "id,name,access_token,instagram_business_account{id,username}"
    headers = {"authorization": f"Bearer {token}"}
    pages = channel.http.get(f"{channel.host}/v26.0/me/accounts", params={"fields": fields}, headers=headers).json()
    linked = {
        "instagram": lambda page: page.get("instagram_business_account", {}).get("id"),
        "facebook": lambda page: page["id"],
    }
    (page,) = [page for page in pages["data"] if linked[name](page) == channel.account.account_id]
    channel.account = replace(channel.account, credentials={"access_token": page["access_token"]})
    move_clock(timedelta(days=90))
    assert channel.adapter.probe(channel.http, channel.account).result is Result.OK
    assert channel.publish(Draft("Cake"), AttemptKey(key.value, now())).result is Result.OK
    assert channel.http.get(f"{channel.host}/me", headers=headers).json()["error"]["error_subcode"] == 463
    move_clock(timedelta())
    assert channel.http.delete(f"{channel.host}/me/permissions", headers=headers).json() == {"success": True}
    assert channel.adapter.probe(channel.http, channel.account).pause is Pause.REAUTHORISE


def test_whoever_is_denied_gets_no_code_and_a_wrong_secret_no_token(servers: Any, opened: Any) -> None:
    channel, app = opened("facebook"), app_of(servers, "facebook")
    address = f"{channel.host}/dialog/oauth"
    assert allowed(channel.http, address, "100000000000001", "deny")["error"] == ["access_denied"]
    code = allowed(channel.http, address, "100000000000001")["code"][0]
    told = {**app, "client_secret": "guessed", "redirect_uri": REDIRECT, "code": code}
    answer = channel.http.get(f"{channel.host}/oauth/access_token", params=told)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 1)


def test_debug_token_tells_whose_a_token_is_and_whether_it_is_good(servers: Any, opened: Any) -> None:
    channel, app = opened("facebook"), app_of(servers, "facebook")
    asking = f"local|{app['client_secret']}"
    told = {"input_token": channel.account.credentials["access_token"], "access_token": asking}
    found = channel.http.get(f"{channel.host}/debug_token", params=told).json()["data"]
    assert (found["is_valid"], found["type"], found["expires_at"]) == (True, "PAGE", 0)
    assert found["profile_id"] == channel.account.account_id
    bad = channel.http.get(f"{channel.host}/debug_token", params={**told, "input_token": "x"}).json()["data"]
    assert (bad["is_valid"], bad["error"]["code"]) == (False, 190)


def test_threads_leads_from_a_code_to_60_days(servers: Any, opened: Any) -> None:
    channel, app = opened("threads"), app_of(servers, "threads")
    code = allowed(channel.http, f"{channel.host}/oauth/authorize", channel.account.account_id)["code"][0]
    told = {**app, "grant_type": "authorization_code", "redirect_uri": REDIRECT, "code": code}
    short = channel.http.post(f"{channel.host}/oauth/access_token", data=told).json()
    assert short["user_id"] == channel.account.account_id
    told = {
        "grant_type": "th_exchange_token",
        "client_secret": app["client_secret"],
        "access_token": short["access_token"],
    }
    long = channel.http.get(f"{channel.host}/access_token", params=told).json()
    channel.account = replace(channel.account, credentials={"access_token": long["access_token"]})
    assert long["expires_in"] == 5_184_000
    assert channel.adapter.probe(channel.http, channel.account).result is Result.OK


def test_a_threads_token_is_renewed_after_a_day_and_before_its_end(
    threads: Any, key: AttemptKey, move_clock: Any
) -> None:
    assert threads.adapter.refresh(threads.http, threads.account, now()) is None
    move_clock(timedelta(days=45))
    fresh = threads.adapter.refresh(threads.http, threads.account, now())
    assert fresh is not None
    assert fresh.credentials["access_token"] != threads.account.credentials["access_token"]
    assert fresh.ends_at is not None
    assert timedelta(days=59) < fresh.ends_at - now() <= timedelta(days=60)
    move_clock(timedelta(days=61))
    assert threads.adapter.refresh(threads.http, threads.account, now()) is None
    outcome = threads.publish(Draft("Cake"), AttemptKey(key.value, now()))
    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE)
    threads.account = fresh
    assert threads.publish(Draft("Cake"), AttemptKey(key.value, now())).result is Result.OK


def test_what_a_threads_account_holds_says_when_it_ends(threads: Any) -> None:
    ends_at = datetime.fromisoformat(threads.account.credentials["expires_at"])
    assert timedelta(days=59) < ends_at - now() <= timedelta(days=60)
    assert threads.adapter.declared.renew_ahead == timedelta(days=20)


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_a_page_s_token_is_never_renewed(opened: Any, name: str) -> None:
    channel = opened(name)
    assert channel.adapter.refresh(channel.http, channel.account, now()) is None
