"""Where each flow goes at the vendors themselves: the page in the browser, and every request that carries a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local.connect import portal
from local.connect.flows import FLOWS
from local.connect.model import Allowed, App, ConnectError, Scope, Session
from networks import NAMES, composer
from networks.model import Account

NOW = datetime(2027, 3, 25, 17, 4, tzinfo=UTC)
TOKENS = {"access_token": "t-1", "refresh_token": "t-2", "scope": "", "expires_in": 60}
ANSWERS: dict[str, Any] = {
    "/2/oauth2/token": TOKENS,
    "/2/users/me": {"data": {"id": "55", "username": "cafe"}},
    "/oauth/access_token": TOKENS,
    "/access_token": TOKENS,
    "/debug_token": {"data": {}},
    "/me/accounts": {
        "data": [
            {"id": "7", "name": "Café", "access_token": "p", "instagram_business_account": {"id": "8", "username": "c"}}
        ]
    },
    "/me": {"id": "880", "username": "cafe"},
    "/oauth/v2/accessToken": TOKENS,
    "/v2/userinfo": {"sub": "a", "name": "Möwe"},
    "/rest/organizationAcls": {
        "elements": [{"organization": "urn:li:organization:31"}, {"organization": "urn:li:person:1"}, 5]
    },
    "/api/v1/apps": {"client_id": "a-1", "client_secret": "a-2"},
    "/oauth/token": TOKENS,
    "/api/v1/accounts/verify_credentials": {"id": "12", "acct": "cafe"},
}


class Witness:
    """Browser, person and network in one; ``asked`` are the addresses without their queries, in order."""

    redirect_uri = "http://127.0.0.1:8407/connected"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fields: dict[str, str] = {}
        self.pkce = False
        self.http = httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url.copy_with(query=None)))
        return httpx.Response(200, json=ANSWERS.get(request.url.path, {}))

    def allowed(self, label: str, page: str, asked: Mapping[str, str], *, pkce: bool) -> Allowed:
        self.asked.append(page)
        self.fields, self.pkce = dict(asked), pkce
        return Allowed("code", self.redirect_uri, "verifier")

    def say(self, line: str) -> None: ...

    def ask(self, question: str) -> str:
        return "cafe.bsky.social"

    def app(self, label: str, *, may_be_public: bool = False) -> App:
        return App("id", "secret")

    def password(self, question: str) -> str:
        return "abcd-abcd-abcd-abcd"


def session(witness: Witness, network: str, host: str = "", scopes: tuple[Scope, ...] = ()) -> Session:
    host = host or composer(network).declared.host
    return Session(host, witness.http, witness, witness, lambda: NOW, scopes or FLOWS[network].scopes)


@pytest.mark.parametrize(
    ("network", "wanted"),
    [
        (
            "x",
            ["https://x.com/i/oauth2/authorize", "https://api.x.com/2/oauth2/token", "https://api.x.com/2/users/me"],
        ),
        (
            "facebook",
            [
                "https://www.facebook.com/dialog/oauth",
                "https://graph.facebook.com/oauth/access_token",
                "https://graph.facebook.com/oauth/access_token",
                "https://graph.facebook.com/debug_token",
                "https://graph.facebook.com/me/accounts",
                "https://graph.facebook.com/debug_token",
            ],
        ),
        (
            "threads",
            [
                "https://threads.net/oauth/authorize",
                "https://graph.threads.net/oauth/access_token",
                "https://graph.threads.net/access_token",
                "https://graph.threads.net/me",
            ],
        ),
        (
            "linkedin",
            [
                "https://www.linkedin.com/oauth/v2/authorization",
                "https://www.linkedin.com/oauth/v2/accessToken",
                "https://api.linkedin.com/v2/userinfo",
            ],
        ),
    ],
)
def test_at_the_vendors_each_request_goes_to_the_vendors_own_host(network: str, wanted: list[str]) -> None:
    witness = Witness()
    FLOWS[network].sign_in(session(witness, network))
    assert witness.asked == wanted


@pytest.mark.parametrize("network", [name for name in NAMES if name != "bluesky"])
def test_on_this_computer_everything_is_asked_of_the_channels_host(network: str) -> None:
    witness = Witness()
    FLOWS[network].sign_in(session(witness, network, "http://127.0.0.1:4711"))
    assert witness.asked
    assert {address.partition("4711")[0] for address in witness.asked} == {"http://127.0.0.1:"}


@pytest.mark.parametrize(
    ("network", "pkce"), [("x", True), ("mastodon", True), ("threads", False), ("linkedin", False)]
)
def test_pkce_is_sent_where_the_network_has_it(network: str, pkce: bool) -> None:
    witness = Witness()
    FLOWS[network].sign_in(session(witness, network, "http://127.0.0.1:4711"))
    assert witness.pkce is pkce


@pytest.mark.parametrize(("network", "between"), [("x", " "), ("linkedin", " "), ("facebook", ","), ("threads", ",")])
def test_scopes_are_joined_as_the_network_wants_them(network: str, between: str) -> None:
    witness = Witness()
    FLOWS[network].sign_in(session(witness, network))
    assert witness.fields["scope"].split(between) == [scope.name for scope in FLOWS[network].scopes]


def test_only_organisations_come_from_linkedins_list() -> None:
    witness = Witness()
    asked = session(witness, "linkedin", scopes=(Scope("rw_organization_admin", ""),))
    assert [one.account_id for one in FLOWS["linkedin"].sign_in(asked)] == ["urn:li:organization:31"]


def test_a_version_of_linkedins_api_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKEDIN_VERSION", "2027\r\nx: y")
    with pytest.raises(ConnectError, match="a year and a month"):
        FLOWS["linkedin"].sign_in(session(Witness(), "linkedin", scopes=(Scope("rw_organization_admin", ""),)))


@pytest.mark.parametrize("network", ["x", "facebook", "linkedin"])
def test_revoking_goes_to_the_vendors_own_host(network: str) -> None:
    witness = Witness()
    account = Account(network, "1", composer(network).declared.host, {"access_token": "t-1"})
    FLOWS[network].revoke(session(witness, network), account, {})
    assert (
        witness.asked[-1]
        == {
            "x": "https://api.x.com/2/oauth2/revoke",
            "facebook": "https://graph.facebook.com/me/permissions",
            "linkedin": "https://www.linkedin.com/oauth/v2/revoke",
        }[network]
    )


@pytest.mark.parametrize(
    ("document", "host"),
    [
        ({"service": [{"id": "#atproto_pds", "serviceEndpoint": "https://pds.example"}]}, "https://pds.example"),
        (
            {"service": [{"id": "did:plc:a#atproto_pds", "serviceEndpoint": "https://pds.example/"}]},
            "https://pds.example",
        ),
        ({"service": [{"id": "#other", "serviceEndpoint": "https://pds.example"}]}, "https://bsky.social"),
        ({"service": [{"id": "#atproto_pds", "serviceEndpoint": "http://pds.example"}]}, "https://bsky.social"),
        ({"service": "none"}, "https://bsky.social"),
        (None, "https://bsky.social"),
    ],
)
def test_blueskys_host_is_the_one_in_the_did_document(
    monkeypatch: pytest.MonkeyPatch, document: object, host: str
) -> None:
    told = {"did": "did:plc:a", "handle": "cafe.bsky.social", "accessJwt": "a", "refreshJwt": "b", "didDoc": document}
    monkeypatch.setitem(ANSWERS, "/xrpc/com.atproto.server.createSession", told)
    (one,) = FLOWS["bluesky"].sign_in(session(Witness(), "bluesky"))
    assert (one.account_id, one.host) == ("did:plc:a", host)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:80", "https://localhost"])
def test_a_stranger_cannot_say_that_the_account_is_on_this_computer(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    document = {"service": [{"id": "#atproto_pds", "serviceEndpoint": endpoint}]}
    told = {"did": "did:plc:a", "accessJwt": "a", "refreshJwt": "b", "didDoc": document}
    monkeypatch.setitem(ANSWERS, "/xrpc/com.atproto.server.createSession", told)
    with pytest.raises(ConnectError, match="which cannot be"):
        FLOWS["bluesky"].sign_in(session(Witness(), "bluesky"))


def test_every_network_has_a_flow_and_says_what_it_needs_beforehand() -> None:
    assert set(FLOWS) == set(portal.BEFORE) == set(NAMES)
    assert all(flow.scopes and portal.BEFORE[name] for name, flow in FLOWS.items())
