"""Signing in at the X-shaped server: the page, the code of half a minute, the pair it is worth, and taking it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from local.networks.serve import Networks
from local.networks.sign_in import challenge

BACK = "http://127.0.0.1:8765/back"
VERIFIER = "v" * 64
SCOPE = "tweet.read tweet.write users.read media.write offline.access"
ASKED = {
    "response_type": "code",
    "client_id": "local",
    "redirect_uri": BACK,
    "scope": SCOPE,
    "state": "s-1",
    "code_challenge": challenge(VERIFIER),
    "code_challenge_method": "S256",
}


def decide(x: Any, decision: str = "allow", **asked: str) -> dict[str, str]:
    """What comes back with the browser."""
    form = {**ASKED, **asked, "account": x.account.account_id, "decision": decision}
    answer = x.http.post(f"{x.host}/i/oauth2/authorize", data=form)
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def token(x: Any, path: str = "token", *, secret: str | None = None, **form: str) -> httpx.Response:
    stored = x.account.credentials
    app = (stored["client_id"], stored["client_secret"] if secret is None else secret)
    answer: httpx.Response = x.http.post(f"{x.host}/2/oauth2/{path}", data=form, auth=app if app[1] else None)
    return answer


def redeem(x: Any, code: str, **form: str) -> httpx.Response:
    told = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return token(x, **{**told, **form})


def me(x: Any, access: str) -> int:
    status: int = x.http.get(f"{x.host}/2/users/me", headers={"authorization": f"Bearer {access}"}).status_code
    return status


def test_the_page_names_the_accounts_and_what_is_asked_for(x: Any) -> None:
    page = x.http.get(f"{x.host}/i/oauth2/authorize", params=ASKED)
    assert page.status_code == 200
    assert x.handle in page.text
    assert all(scope in page.text for scope in SCOPE.split())
    assert "<script" not in page.text


def test_who_allows_it_comes_back_with_a_code_that_is_worth_a_pair_once(x: Any) -> None:
    back = decide(x)
    assert back["state"] == "s-1"
    pair = redeem(x, back["code"]).json()
    assert (pair["token_type"], pair["expires_in"], pair["scope"]) == ("bearer", 7200, SCOPE)
    assert me(x, pair["access_token"]) == 200
    assert redeem(x, back["code"]).status_code == 400


def test_who_denies_it_comes_back_without_one(x: Any) -> None:
    assert decide(x, "deny")["error"] == "access_denied"


def test_a_code_lives_half_a_minute(x: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "clock.json"
    monkeypatch.setenv("MESH_CLOCK_FILE", str(file))
    for age_seconds, status in ((25, 200), (31, 400)):
        file.write_text(json.dumps({"offset_seconds": 0}))
        code = decide(x)["code"]
        file.write_text(json.dumps({"offset_seconds": age_seconds}))
        assert redeem(x, code).status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:1/back"},
        {"code": "guessed"},
        {"grant_type": "password"},
    ],
)
def test_a_code_is_worth_nothing_to_whoever_did_not_ask_for_it(x: Any, wrong: dict[str, str]) -> None:
    answer = redeem(x, **{"code": decide(x)["code"], **wrong})
    assert answer.status_code == 400
    assert "access_token" not in answer.json()


@pytest.mark.parametrize("secret", ["guessed", ""])
def test_an_app_that_does_not_prove_itself_gets_nothing_and_the_code_stays_good(x: Any, secret: str) -> None:
    code = decide(x)["code"]
    refused = token(x, secret=secret, grant_type="authorization_code", code=code)
    assert (refused.status_code, refused.json()["error"]) == (401, "unauthorized_client")
    assert redeem(x, code).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://evil.example/back"},
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"scope": "tweet.read everything"},
        {"scope": ""},
    ],
)
def test_a_question_that_x_would_not_put_is_not_put(x: Any, wrong: dict[str, str]) -> None:
    page = x.http.get(f"{x.host}/i/oauth2/authorize", params={**ASKED, **wrong})
    assert page.status_code == 400
    assert "location" not in page.headers


def test_what_was_not_allowed_cannot_be_done(x: Any) -> None:
    pair = redeem(x, decide(x, scope="tweet.read users.read")["code"]).json()
    assert "refresh_token" not in pair
    assert me(x, pair["access_token"]) == 200
    headers = {"authorization": f"Bearer {pair['access_token']}"}
    assert x.http.post(f"{x.host}/2/tweets", json={"text": "Hi"}, headers=headers).status_code == 403
    assert x.http.post(f"{x.host}/2/media/upload", json={}, headers=headers).status_code == 403
    assert x.feed() == []


def test_a_new_pair_ends_the_access_before_it(x: Any) -> None:
    first = redeem(x, decide(x)["code"]).json()
    second = token(x, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert [me(x, pair["access_token"]) for pair in (first, second)] == [401, 200]


def test_a_token_that_is_taken_back_is_dead_and_a_refresh_token_takes_its_access_along(x: Any) -> None:
    pair = redeem(x, decide(x)["code"]).json()
    assert token(x, "revoke", secret="guessed", token=pair["access_token"]).status_code == 401
    assert token(x, "revoke", token=pair["refresh_token"]).json() == {"revoked": True}
    assert me(x, pair["access_token"]) == 401
    assert token(x, grant_type="refresh_token", refresh_token=pair["refresh_token"]).status_code == 400
    other = redeem(x, decide(x)["code"]).json()
    assert token(x, "revoke", token=other["access_token"]).status_code == 200
    assert me(x, other["access_token"]) == 401
    assert token(x, grant_type="refresh_token", refresh_token=other["refresh_token"]).status_code == 200


def test_tokens_survive_a_restart(tmp_path: Path) -> None:
    before = Networks(tmp_path)
    made = before.accounts.add({"network": "x", "handle": "cafe"})
    kept = json.loads((tmp_path / "networks.json").read_text("utf-8"))["x"]
    assert made["credentials"]["access_token"] not in json.dumps(kept["tokens"])
    after = Networks(tmp_path)
    after.start()
    try:
        headers = {"authorization": f"Bearer {made['credentials']['access_token']}"}
        assert httpx.get(f"{after['x']}/2/users/me", headers=headers, trust_env=False).status_code == 200
    finally:
        after.stop()
        for origin in before.origins.values():
            origin.server_close()
