"""Signing in at the Mastodon-shaped server: apps, the page, tokens and their scopes; and the end of a session at the Bluesky-shaped one."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from local.networks.serve import Networks
from local.networks.sign_in import challenge

REDIRECT = "http://127.0.0.1:4711/connected"
SCOPES = "read:accounts write:statuses"
VERIFIER = "v" * 43


class App:
    """An app that has registered itself at the account's server."""

    def __init__(self, channel: Any, scopes: str = SCOPES, redirect: str = REDIRECT) -> None:
        self.http, self.host, self.account_id = channel.http, channel.host, channel.account.account_id
        told = {"client_name": "Café & Co", "redirect_uris": redirect, "scopes": scopes}
        self.made = self.http.post(f"{self.host}/api/v1/apps", data=told).raise_for_status().json()
        self.asked = {
            "response_type": "code",
            "client_id": self.made["client_id"],
            "redirect_uri": REDIRECT,
            "scope": scopes,
            "state": "s",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
        }

    def page(self, **other: str) -> httpx.Response:
        answer: httpx.Response = self.http.get(f"{self.host}/oauth/authorize", params=self.asked | other)
        return answer

    def code(self) -> str:
        page = self.page().text
        hidden = {name: unescape(value) for name, value in re.findall(r'hidden" name="([^"]+)" value="([^"]*)"', page)}
        form = {**hidden, "account": self.account_id, "decision": "allow"}
        answer = self.http.post(f"{self.host}/oauth/authorize", data=form)
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    def redeem(self, code: str, **other: str) -> httpx.Response:
        told = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.made["client_id"],
            "client_secret": self.made["client_secret"],
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        }
        answer: httpx.Response = self.http.post(f"{self.host}/oauth/token", data=told | other)
        return answer

    def token(self) -> str:
        return str(self.redeem(self.code()).raise_for_status().json()["access_token"])

    def revoke(self, token: str, **other: str) -> httpx.Response:
        own = {name: self.made[name] for name in ("client_id", "client_secret")}
        answer: httpx.Response = self.http.post(f"{self.host}/oauth/revoke", data={**own, "token": token, **other})
        return answer

    def call(self, method: str, path: str, token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return int(
            self.http.request(method, f"{self.host}{path}", headers=headers, json={"status": "Soup"}).status_code
        )


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"client_name": ""}, "name can't be blank"),
        ({"redirect_uris": "somewhere"}, "must be an absolute URI"),
        ({"redirect_uris": ""}, "must be an absolute URI"),
        ({"scopes": "read everything"}, "Scopes doesn't match"),
    ],
)
def test_a_bad_app_is_unprocessable(mastodon: Any, told: dict[str, str], words: str) -> None:
    good = {"client_name": "Café", "redirect_uris": REDIRECT, "scopes": SCOPES}
    answer = mastodon.http.post(f"{mastodon.host}/api/v1/apps", json={**good, **told})
    assert answer.status_code == 422
    assert words in answer.json()["error"]


def test_two_apps_are_two(mastodon: Any) -> None:
    one, other = App(mastodon), App(mastodon)
    assert one.made["client_id"] != other.made["client_id"]
    answer = one.redeem(one.code(), client_id=other.made["client_id"], client_secret=other.made["client_secret"])
    assert answer.json()["error"] == "invalid_grant"


def test_the_page_names_the_app_and_what_it_wants(mastodon: Any) -> None:
    page = App(mastodon).page()
    assert page.status_code == 200
    assert "Café &amp; Co" in page.text
    assert "<li>write:statuses</li>" in page.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_id", "local"),
        ("redirect_uri", "http://127.0.0.1:4712/connected"),
        ("redirect_uri", f"{REDIRECT}/"),
        ("scope", "read:accounts write:media"),
        ("code_challenge_method", "plain"),
    ],
)
def test_what_the_app_did_not_register_is_refused_on_the_page(mastodon: Any, name: str, value: str) -> None:
    answer = App(mastodon).page(**{name: value})
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("told", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"code": "guessed"}, 400, "invalid_grant"),
        ({"code_verifier": "w" * 43}, 400, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:4712/connected"}, 400, "invalid_grant"),
    ],
)
def test_a_bad_exchange_gets_oauths_own_error(mastodon: Any, told: dict[str, str], status: int, error: str) -> None:
    app = App(mastodon)
    answer = app.redeem(told.pop("code", "") or app.code(), **told)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_code_is_good_once(mastodon: Any) -> None:
    app = App(mastodon)
    code = app.code()
    assert app.redeem(code).json()["scope"] == SCOPES
    assert app.redeem(code).json()["error"] == "invalid_grant"


def test_a_token_may_do_what_was_allowed_and_nothing_else(mastodon: Any) -> None:
    app = App(mastodon)
    token = app.token()
    assert app.call("GET", "/api/v1/accounts/verify_credentials", token) == 200
    assert app.call("POST", "/api/v1/statuses", token) == 200
    assert app.call("GET", f"/api/v1/accounts/{app.account_id}/statuses", token) == 403
    assert app.call("POST", "/api/v2/media", token) == 403
    whole = App(mastodon, scopes="write")
    assert whole.call("POST", "/api/v1/statuses", whole.token()) == 200


def test_the_accounts_own_token_works_beside_those_by_sign_in(mastodon: Any) -> None:
    app = App(mastodon)
    app.revoke(app.token())
    assert app.call("POST", "/api/v1/statuses", mastodon.account.credentials["access_token"]) == 200


def test_a_revoked_token_is_dead_and_only_its_own_app_may_revoke_it(mastodon: Any) -> None:
    app, other = App(mastodon), App(mastodon)
    token = app.token()
    assert other.revoke(token).status_code == 403
    assert app.revoke(token, client_secret="guessed").status_code == 403
    assert app.call("POST", "/api/v1/statuses", token) == 200
    assert app.revoke(token).status_code == 200
    assert app.call("POST", "/api/v1/statuses", token) == 401
    assert app.revoke(token).status_code == 200


def test_apps_and_tokens_outlive_a_restart_and_no_token_is_kept_as_it_is(tmp_path: Path, http: httpx.Client) -> None:
    class Told:
        def __init__(self, servers: Networks, account: Any) -> None:
            self.http, self.host, self.account = http, servers["mastodon"], account

    class Owner:
        account_id = ""

    before = Networks(tmp_path)
    before.start()
    Owner.account_id = before.accounts.add({"network": "mastodon", "handle": "cafe"})["account_id"]
    app = App(Told(before, Owner))
    token = app.token()
    before.stop()
    assert token not in (tmp_path / "networks.json").read_text()
    after = Networks(tmp_path)
    after.start()
    app.host = after["mastodon"]
    assert app.call("POST", "/api/v1/statuses", token) == 200
    assert app.revoke(token).status_code == 200
    after.stop()


def test_a_bluesky_session_that_was_ended_cannot_be_refreshed(bluesky: Any) -> None:
    xrpc = f"{bluesky.host}/xrpc/com.atproto.server"
    body = {"identifier": bluesky.handle, "password": bluesky.account.credentials["app_password"]}
    session = bluesky.http.post(f"{xrpc}.createSession", json=body).json()
    assert session["didDoc"]["service"][0]["serviceEndpoint"] == bluesky.host
    refreshing = {"authorization": f"Bearer {session['refreshJwt']}"}
    assert bluesky.http.post(f"{xrpc}.deleteSession", headers=refreshing).status_code == 200
    assert bluesky.http.post(f"{xrpc}.refreshSession", headers=refreshing).json()["error"] == "ExpiredToken"
    access = {"authorization": f"Bearer {session['accessJwt']}"}
    assert bluesky.http.post(f"{xrpc}.deleteSession", headers=access).status_code == 400
