"""What all sign-ins at the local servers have alike: the page, the code, the exchange."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from local.networks.sign_in import BadGrantError, Granted, SignIn, challenge
from local.networks.web import Answer, Request

ACCOUNTS = {"12": "@cafe", "13": "@back<stube>"}
REDIRECT = "http://127.0.0.1:4711/connected"
# RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@dataclass
class Clock:
    """The stack's clock, to be turned."""

    file: Path

    def turn(self, ahead: timedelta) -> None:
        self.file.write_text(json.dumps({"offset_seconds": ahead.total_seconds()}))


@dataclass
class Vendor:
    """One sign-in and the app that uses it."""

    sign_in: SignIn
    asked: dict[str, str] = field(
        default_factory=lambda: {
            "client_id": "local",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": "read write",
            "state": "s-1",
        }
    )

    def page(self, **other: str) -> Answer:
        return self.sign_in.page(request(query=self.asked | other), ACCOUNTS)

    def press(self, decision: str = "allow", account: str = "12", **other: str) -> Answer:
        form = {**self.asked, **other, "decision": decision, "account": account}
        return self.sign_in.decided(request(form={name: value for name, value in form.items() if value}), ACCOUNTS)

    def code(self, **other: str) -> str:
        return fields_back(self.press(**other))["code"]

    def redeem(self, code: str, **other: str) -> Granted:
        told = {"code": code, "client_id": "local", "redirect_uri": REDIRECT, **other}
        return self.sign_in.redeem(told, client_secret=self.sign_in.secret)


def request(query: dict[str, str] | None = None, form: dict[str, str] | None = None) -> Request:
    shown = {name: [value] for name, value in (query or {}).items()}
    method = "POST" if form else "GET"
    return Request(method, "/oauth/authorize", shown, {}, urlencode(form or {}).encode(), "http://127.0.0.1:1")


def fields_back(answer: Answer) -> dict[str, str]:
    assert answer.status == 302
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(tmp_path / "clock.json")
    monkeypatch.setenv("MESH_CLOCK_FILE", str(made.file))
    return made


@pytest.fixture
def vendor() -> Vendor:
    return Vendor(SignIn("Cafénet", {}, timedelta(seconds=30)))


def test_the_challenge_is_that_of_the_rfc() -> None:
    assert challenge(VERIFIER) == CHALLENGE


def test_the_page_names_the_scopes_and_the_accounts_as_text(vendor: Vendor) -> None:
    page = vendor.page().body.decode()
    assert "<li>read</li><li>write</li>" in page
    assert "@back&lt;stube&gt;" in page
    assert 'value="allow"' in page
    assert 'value="deny"' in page
    assert "<script" not in page


def test_what_stands_between_scopes_is_the_networks_own() -> None:
    sign_in = SignIn("Meta", {}, timedelta(seconds=30))
    asked = {"client_id": "local", "redirect_uri": REDIRECT, "scope": "pages_show_list,pages_manage_posts"}
    assert b"<li>pages_manage_posts</li>" in sign_in.page(request(query=asked), ACCOUNTS, between=",").body


def test_a_state_cannot_become_markup(vendor: Vendor) -> None:
    assert b'"><script>' not in vendor.page(state='"><script>alert(1)</script>').body


def test_allowing_leads_back_with_a_code_and_the_state(vendor: Vendor) -> None:
    answer = vendor.press()
    assert answer.headers["location"].startswith(REDIRECT + "?")
    assert fields_back(answer)["state"] == "s-1"
    assert vendor.redeem(fields_back(answer)["code"]) == Granted("12", ("read", "write"))


def test_a_redirect_address_with_a_query_keeps_it(vendor: Vendor) -> None:
    answer = vendor.press(redirect_uri=REDIRECT + "?for=x-main")
    assert parse_qs(urlsplit(answer.headers["location"]).query)["for"] == ["x-main"]


def test_denying_leads_back_without_a_code(vendor: Vendor) -> None:
    assert fields_back(vendor.press("deny")) == {
        "error": "access_denied",
        "error_description": "The user denied the request",
        "state": "s-1",
    }


@pytest.mark.parametrize(("decision", "account"), [("perhaps", "12"), ("allow", "99"), ("", "12"), ("allow", "")])
def test_only_allow_for_one_of_the_accounts_is_a_yes(vendor: Vendor, decision: str, account: str) -> None:
    assert fields_back(vendor.press(decision, account))["error"] == "access_denied"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_id", "somebody"),
        ("redirect_uri", "https://evil.example/connected"),
        ("redirect_uri", "http://127.0.0.1.evil.example/connected"),
        ("redirect_uri", "http://127.0.0.1:4711/connected#code="),
        ("response_type", "token"),
    ],
)
def test_what_must_not_be_sent_back_is_refused_on_the_page_itself(vendor: Vendor, name: str, value: str) -> None:
    for answer in (vendor.page(**{name: value}), vendor.press(**{name: value})):
        assert answer.status == 400
        assert "location" not in answer.headers


def test_a_code_is_good_once(vendor: Vendor) -> None:
    code = vendor.code()
    vendor.redeem(code)
    with pytest.raises(BadGrantError, match="unknown, used or expired") as refused:
        vendor.redeem(code)
    assert refused.value.error == "invalid_grant"


def test_a_code_runs_out_by_the_stacks_clock(vendor: Vendor, clock: Clock) -> None:
    early, late = vendor.code(), vendor.code()
    clock.turn(timedelta(seconds=25))
    vendor.redeem(early)
    clock.turn(timedelta(seconds=31))
    with pytest.raises(BadGrantError, match="expired"):
        vendor.redeem(late)


def test_a_code_of_another_redirect_address_is_refused_and_gone(vendor: Vendor) -> None:
    code = vendor.code()
    with pytest.raises(BadGrantError, match="redirect address"):
        vendor.redeem(code, redirect_uri="http://127.0.0.1:4712/connected")
    with pytest.raises(BadGrantError, match="unknown"):
        vendor.redeem(code)


def test_the_verifier_must_be_the_challenges(vendor: Vendor) -> None:
    with pytest.raises(BadGrantError, match="verifier"):
        vendor.redeem(vendor.code(**PKCE), code_verifier=VERIFIER[::-1])
    with pytest.raises(BadGrantError, match="verifier"):
        vendor.redeem(vendor.code(**PKCE))
    assert vendor.redeem(vendor.code(**PKCE), code_verifier=VERIFIER).account_id == "12"


@pytest.mark.parametrize("told", [{}, {"code_challenge": CHALLENGE}, {**PKCE, "code_challenge_method": "plain"}])
def test_where_pkce_is_needed_only_s256_will_do(told: dict[str, str]) -> None:
    vendor = Vendor(SignIn("X", {}, timedelta(seconds=30), needs_pkce=True))
    assert vendor.page(**told).status == 400
    assert vendor.press(**told).status == 400
    assert vendor.page(**PKCE).status == 200


def test_the_apps_secret_and_id_must_be_right(vendor: Vendor) -> None:
    told = {"code": vendor.code(), "redirect_uri": REDIRECT}
    with pytest.raises(BadGrantError) as wrong_secret:
        vendor.sign_in.redeem(told, client_secret="guessed")
    with pytest.raises(BadGrantError) as wrong_id:
        vendor.sign_in.redeem({**told, "client_id": "other"}, client_secret=vendor.sign_in.secret)
    assert {wrong_secret.value.error, wrong_id.value.error} == {"invalid_client"}
    assert vendor.sign_in.redeem(told).account_id == "12"  # a public app shows none


def test_codes_and_secret_outlive_a_restart_and_no_code_is_kept_as_it_is() -> None:
    kept: dict[str, Any] = {}
    before = Vendor(SignIn("Cafénet", kept, timedelta(seconds=30)))
    code = before.code()
    assert code not in json.dumps(kept)
    after = Vendor(SignIn("Cafénet", json.loads(json.dumps(kept)), timedelta(seconds=30)))
    assert after.sign_in.secret == before.sign_in.secret
    assert after.redeem(code).account_id == "12"


def test_an_app_of_its_own_id_shows_its_name() -> None:
    vendor = Vendor(SignIn("Mastodon", {}, timedelta(seconds=30), client_id="a-1", app="Social & Scheduler"))
    vendor.asked["client_id"] = "a-1"
    assert b"Social &amp; Scheduler" in vendor.page().body
    assert vendor.page(client_id="local").status == 400
    assert vendor.redeem(vendor.code(), client_id="a-1").account_id == "12"
