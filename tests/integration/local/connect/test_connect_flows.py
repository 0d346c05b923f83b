"""Whole sign-ins without a person: what each network's flow stores, has probed, prints, and never prints."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from connect_desk import ConnectDesk, Hands
from scripted_vendors import Meta, Vendor

from local.connect.bluesky import reached_at
from local.networks.serve import Networks
from mesh.events import Probe
from mesh.rulebook import parse_rules
from networks.model import Outcome, Pause, Result

SCRIPTED = ["x", "facebook", "instagram", "threads", "linkedin"]
ACCOUNT = {"x": "55", "facebook": "701", "instagram": "17841", "threads": "880", "linkedin": "urn:li:person:aBc-1"}
KEPT = {
    "x": {"access_token", "refresh_token", "client_id", "client_secret", "expires_at"},
    "facebook": {"access_token"},
    "instagram": {"access_token"},
    "threads": {"access_token", "expires_at"},
    "linkedin": {"access_token", "expires_at"},
}
GOOD_FOR = {"x": timedelta(hours=2), "threads": timedelta(days=60), "linkedin": timedelta(days=60)}


def connected(desk: ConnectDesk, vendor: Vendor, network: str, *options: str, account: str = "") -> int:
    account = account or ACCOUNT[network]
    desk.rules(f"- {network}-main: {network}, account {account}, {vendor.origin}")
    desk.app("local", vendor.sign_in.secret)
    return desk.run(f"{network}-main", *options)


def nothing_secret(desk: ConnectDesk, *secrets: str) -> None:
    shown = desk.seen + "".join(desk.hands.shown)
    assert [secret for secret in secrets if secret and secret in shown] == []


both = pytest.mark.parametrize(("vendor", "network"), [(name, name) for name in SCRIPTED], indirect=["vendor"])


@both
def test_a_sign_in_ends_in_the_secret_and_with_a_probe(desk: ConnectDesk, vendor: Vendor, network: str) -> None:
    before = desk.now()
    assert connected(desk, vendor, network) == 0, desk.seen
    secret = desk.secret(f"{network}-main") or {}
    assert {name: secret[name] for name in ("network", "account_id", "host")} == {
        "network": network,
        "account_id": ACCOUNT[network],
        "host": vendor.origin,
    }
    assert set(secret["credentials"]) == KEPT[network]
    assert vendor.whose(secret["credentials"]["access_token"]) in {ACCOUNT[network], "701", "aBc-1"}
    if network in GOOD_FOR:
        ends_at = datetime.fromisoformat(secret["credentials"]["expires_at"])
        assert timedelta() <= ends_at + timedelta(seconds=1) - before - GOOD_FOR[network] < timedelta(seconds=30)
    assert [event.channels for event in desk.mesh.events_of(Probe)] == [[f"{network}-main"]]
    assert [account.account_id for account in desk.adapter.probed] == [ACCOUNT[network]]
    assert "the sign-in works" in desk.seen
    assert "arrived" in desk.hands.shown[0]


@both
def test_nothing_secret_is_printed_or_shown(desk: ConnectDesk, vendor: Vendor, network: str) -> None:
    assert connected(desk, vendor, network) == 0
    assert len(vendor.given) > 2
    nothing_secret(desk, *vendor.given)


@both
def test_the_permissions_stand_in_words_before_the_browser_opens(
    desk: ConnectDesk, vendor: Vendor, network: str
) -> None:
    connected(desk, vendor, network)
    before, _, after = desk.seen.partition("in the browser")
    assert "is asked to allow:" in before
    assert "post" in before.partition("is asked to allow:")[2]
    assert "What it needs beforehand:" in before
    assert "Register this redirect address there, exactly: http://127.0.0.1:" in before
    assert after


@both
def test_whoever_denies_changes_nothing(desk: ConnectDesk, vendor: Vendor, network: str) -> None:
    desk.hands = Hands(decision="deny")
    assert connected(desk, vendor, network) == 1
    assert "was not allowed" in desk.seen
    assert "was not allowed" in desk.hands.shown[0]
    assert desk.secret(f"{network}-main") is None
    assert desk.mesh.events_of(Probe) == []


@pytest.mark.parametrize(
    ("vendor", "network"),
    [(name, name) for name in SCRIPTED if name != "threads"],  # which does not say what was allowed
    indirect=["vendor"],
)
def test_less_than_is_needed_is_not_stored(desk: ConnectDesk, vendor: Vendor, network: str) -> None:
    vendor.scopes_given = lambda scopes: scopes[1:]
    assert connected(desk, vendor, network) == 1
    assert "did not allow all that is needed" in desk.seen
    assert desk.secret(f"{network}-main") is None


@both
def test_the_apps_wrong_secret_is_told_and_not_repeated(desk: ConnectDesk, vendor: Vendor, network: str) -> None:
    desk.rules(f"- {network}-main: {network}, account {ACCOUNT[network]}, {vendor.origin}")
    desk.app("local", "guessed-secret-0123456789")
    assert desk.run(f"{network}-main") == 1
    assert "refused the sign-in" in desk.seen
    nothing_secret(desk, "guessed-secret-0123456789", *vendor.given)
    assert desk.secret(f"{network}-main") is None


@both
def test_connecting_again_renews_and_keeps_what_else_the_secret_holds(
    desk: ConnectDesk, vendor: Vendor, network: str
) -> None:
    connected(desk, vendor, network)
    first = desk.secret(f"{network}-main") or {}
    desk.mesh.put_secret(f"ss/channels/{network}-main", {**first, "note": "of the bakery"})
    assert connected(desk, vendor, network) == 0
    again = desk.secret(f"{network}-main") or {}
    assert again["note"] == "of the bakery"
    assert again["credentials"]["access_token"] != first["credentials"]["access_token"]


def test_renewing_x_asks_for_no_app(desk: ConnectDesk, vendor: Vendor) -> None:
    connected(desk, vendor, "x")
    desk.patch.delenv("CONNECT_CLIENT_ID")
    desk.patch.delenv("CONNECT_SECRET")
    assert desk.run("x-main") == 0, desk.seen
    assert "The app of the last sign-in is used (client id local)" in desk.seen


def test_a_public_app_of_x_has_no_secret(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.rules(f"- x-main: x, account 55, {vendor.origin}")
    desk.app("local", "")
    assert desk.run("x-main") == 0, desk.seen
    assert (desk.secret("x-main") or {})["credentials"]["client_secret"] == ""


def test_the_app_is_asked_for_where_nobody_told_it(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.rules(f"- x-main: x, account 55, {vendor.origin}")
    desk.answers = ["local", vendor.sign_in.secret]
    assert desk.run("x-main") == 0, desk.seen
    assert "client id" in desk.asked[0]
    assert "does not show" in desk.asked[1]


def test_without_a_terminal_it_says_where_the_secret_can_come_from(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.rules(f"- x-main: x, account 55, {vendor.origin}")
    assert desk.run("x-main", "--client-id", "local") == 1
    assert "CONNECT_SECRET" in desk.seen


def test_the_secret_can_come_from_a_file(desk: ConnectDesk, vendor: Vendor, tmp_path: Any) -> None:
    desk.rules(f"- x-main: x, account 55, {vendor.origin}")
    (tmp_path / "secret").write_text(vendor.sign_in.secret + "\n")
    assert desk.run("x-main", "--client-id", "local", "--secret-file", str(tmp_path / "secret")) == 0, desk.seen


# which account


@pytest.mark.parametrize(
    ("vendor", "network"), [("facebook", "facebook"), ("instagram", "instagram")], indirect=["vendor"]
)
def test_of_several_the_owner_picks_one_from_the_list(desk: ConnectDesk, vendor: Meta, network: str) -> None:
    desk.app("local", vendor.sign_in.secret)
    desk.answers = ["2"]
    assert desk.run(f"{network}-main", "--host", vendor.origin) == 0, desk.seen
    wanted = {"facebook": "702", "instagram": "17843"}[network]
    secret = desk.secret(f"{network}-main") or {}
    assert secret["account_id"] == wanted
    assert vendor.whose(secret["credentials"]["access_token"]) == {"facebook": "702", "instagram": "703"}[network]
    assert "Café Möwe" in desk.seen


@pytest.mark.parametrize("vendor", ["facebook"], indirect=True)
def test_the_account_can_be_named_beforehand_and_another_is_refused(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.app("local", vendor.sign_in.secret)
    assert desk.run("facebook-main", "--host", vendor.origin, "--account", "999") == 1
    assert "not among" in desk.seen
    assert desk.run("facebook-main", "--host", vendor.origin) == 1
    assert "--account" in desk.seen
    assert desk.secret("facebook-main") is None
    assert desk.run("facebook-main", "--host", vendor.origin, "--account", "703") == 0
    assert (desk.secret("facebook-main") or {})["account_id"] == "703"


@pytest.mark.parametrize("vendor", ["facebook"], indirect=True)
def test_a_number_that_is_none_of_the_list_stores_nothing(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.app("local", vendor.sign_in.secret)
    desk.answers = ["4"]
    assert desk.run("facebook-main", "--host", vendor.origin) == 1
    assert desk.secret("facebook-main") is None


@pytest.mark.parametrize("vendor", ["instagram"], indirect=True)
def test_pages_without_an_instagram_account_are_told(desk: ConnectDesk, vendor: Meta) -> None:
    vendor.pages = ({"id": "702", "name": "Backstube"},)
    assert connected(desk, vendor, "instagram") == 1
    assert "None of your Facebook pages has an Instagram account" in desk.seen


@pytest.mark.parametrize("vendor", ["facebook"], indirect=True)
def test_the_end_of_a_pages_sign_in_is_kept_where_meta_tells_it(desk: ConnectDesk, vendor: Meta) -> None:
    vendor.page_ends_at = 1_900_000_000
    assert connected(desk, vendor, "facebook") == 0
    ends_at = (desk.secret("facebook-main") or {})["credentials"]["expires_at"]
    assert datetime.fromisoformat(ends_at).timestamp() == 1_900_000_000
    assert "It is good until" in desk.seen


@pytest.mark.parametrize("vendor", ["linkedin"], indirect=True)
def test_an_organisation_is_picked_of_those_that_the_member_administers(desk: ConnectDesk, vendor: Vendor) -> None:
    assert connected(desk, vendor, "linkedin", account="urn:li:organization:32") == 0, desk.seen
    assert (desk.secret("linkedin-main") or {})["account_id"] == "urn:li:organization:32"
    assert "w_organization_social" in desk.hands.opened[0]
    desk.mesh.put_rules("Time zone: Europe/Berlin")
    desk.answers = ["1"]
    assert desk.run("linkedin-second", "--organisation", "--host", vendor.origin) == 0, desk.seen
    assert (desk.secret("linkedin-second") or {})["account_id"] == "urn:li:organization:31"


@pytest.mark.parametrize("vendor", ["linkedin"], indirect=True)
def test_a_partners_refresh_token_is_kept_with_what_renewing_needs(desk: ConnectDesk, vendor: Any) -> None:
    vendor.refreshes = True
    assert connected(desk, vendor, "linkedin") == 0
    kept = (desk.secret("linkedin-main") or {})["credentials"]
    assert {"refresh_token", "client_id", "client_secret"} < set(kept)
    assert "renewed by itself" in desk.seen


def test_another_account_than_the_rules_docs_is_only_stored_when_told(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.hands = Hands(account="56")
    assert connected(desk, vendor, "x") == 1
    assert "names account 55" in desk.seen
    assert f"- x-main: x, account 56, {vendor.origin}" in desk.seen
    assert desk.secret("x-main") is None
    assert connected(desk, vendor, "x", "--anyway") == 0
    assert (desk.secret("x-main") or {})["account_id"] == "56"


def test_a_channel_without_a_line_is_stored_and_its_line_told(desk: ConnectDesk, vendor: Vendor) -> None:
    """No event: the sender would pause a channel that no rule names."""
    desk.rules("- bluesky-main: bluesky, account did:plc:abc")
    desk.app("local", vendor.sign_in.secret)
    assert desk.run("x-main", "--host", vendor.origin) == 0, desk.seen
    (line,) = [line.strip() for line in desk.seen.splitlines() if line.strip().startswith("- x-main")]
    book, problems = parse_rules(f"Channels\n{line}", default_zone="UTC")
    assert problems == ()
    assert (book.channels["x-main"].account, book.channels["x-main"].host) == ("55", vendor.origin)
    assert desk.mesh.events_of(Probe) == []


def test_a_line_without_an_account_says_network_and_host(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.rules(f"- morning: x, {vendor.origin}")
    desk.app("local", vendor.sign_in.secret)
    assert desk.run("morning") == 0, desk.seen
    assert "in the place of line 3" in desk.seen
    assert (desk.secret("morning") or {})["network"] == "x"


def test_a_rules_doc_that_was_never_mirrored_is_none(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.app("local", vendor.sign_in.secret)
    assert desk.run("x-main", "--host", vendor.origin) == 0, desk.seen


def test_a_probe_that_says_no_is_told(desk: ConnectDesk, vendor: Vendor) -> None:
    desk.adapter.outcome = Outcome(Result.RETRYABLE, detail="X is out of credit.", pause=Pause.BILLING)
    assert connected(desk, vendor, "x") == 1
    assert "it does not work yet: X is out of credit." in desk.seen
    assert desk.secret("x-main") is not None


# revoking


@both
def test_revoking_ends_the_sign_in_and_the_sender_finds_nothing(
    desk: ConnectDesk, vendor: Vendor, network: str
) -> None:
    connected(desk, vendor, network)
    token = (desk.secret(f"{network}-main") or {})["credentials"]["access_token"]
    assert desk.run(f"{network}-main", "--revoke") == 0, desk.seen
    secret = desk.secret(f"{network}-main") or {}
    assert (secret["credentials"], secret["account_id"]) == ({}, ACCOUNT[network])
    assert (vendor.whose(token) is None) == (network != "threads")
    with pytest.raises(Exception, match="lacks credentials"):
        desk.mesh.vault.account(f"ss/channels/{network}-main")
    assert len(desk.mesh.events_of(Probe)) == 2
    nothing_secret(desk, *vendor.given)
    assert desk.run(f"{network}-main", "--revoke") == 0
    assert "not connected" in desk.seen


def test_a_sign_in_that_cannot_be_revoked_stays_unless_told(desk: ConnectDesk, vendor: Vendor) -> None:
    connected(desk, vendor, "x")
    vendor.order("revoke", "status", status=503, count=2)
    assert desk.run("x-main", "--revoke") == 1
    assert "still connected" in desk.seen
    assert (desk.secret("x-main") or {})["credentials"]
    assert desk.run("x-main", "--revoke", "--anyway") == 0
    assert "was not told" in desk.seen
    assert (desk.secret("x-main") or {})["credentials"] == {}


@pytest.mark.parametrize("vendor", ["facebook"], indirect=True)
def test_a_page_is_disconnected_by_the_person_who_signs_in_once_more(desk: ConnectDesk, vendor: Vendor) -> None:
    connected(desk, vendor, "facebook")
    desk.hands = Hands(decision="deny")
    assert desk.run("facebook-main", "--revoke") == 1
    assert "still connected" in desk.seen
    assert (desk.secret("facebook-main") or {})["credentials"]


def test_a_sign_in_that_is_dead_already_is_forgotten(desk: ConnectDesk, vendor: Vendor) -> None:
    connected(desk, vendor, "x")
    vendor.order("revoke", "status", status=401, body={"error": "invalid_token", "error_description": "gone"})
    assert desk.run("x-main", "--revoke") == 0, desk.seen
    assert "any more" in desk.seen


# the local stack's own servers, with the adapters that post


def test_mastodon_registers_its_app_and_signs_in(desk: ConnectDesk, servers: Networks) -> None:
    desk.really()
    made = servers.accounts.add({"network": "mastodon", "handle": "cafe"})
    desk.rules(f"- mastodon-main: mastodon, account {made['account_id']}, {made['host']}")
    assert desk.run("mastodon-main") == 0, desk.seen
    secret = desk.secret("mastodon-main") or {}
    assert secret["account_id"] == made["account_id"]
    assert set(secret["credentials"]) == {"access_token"}
    nothing_secret(desk, secret["credentials"]["access_token"], secret["app"]["client_secret"])
    token = {"authorization": f"Bearer {secret['credentials']['access_token']}"}
    posted = httpx.post(f"{made['host']}/api/v1/statuses", json={"status": "Soup"}, headers=token, trust_env=False)
    assert posted.status_code == 200
    assert desk.run("mastodon-main", "--revoke") == 0, desk.seen
    again = httpx.post(f"{made['host']}/api/v1/statuses", json={"status": "Cake"}, headers=token, trust_env=False)
    assert again.status_code == 401
    assert "app" not in (desk.secret("mastodon-main") or {})


def test_mastodons_server_is_asked_for_where_the_rules_doc_does_not_say(desk: ConnectDesk, servers: Networks) -> None:
    made = servers.accounts.add({"network": "mastodon", "handle": "cafe"})
    desk.answers = [made["host"]]
    assert desk.run("mastodon-main") == 0, desk.seen
    assert desk.asked == ["The account's server (mastodon.social): "]


def test_bluesky_signs_in_with_an_app_password(desk: ConnectDesk, servers: Networks) -> None:
    desk.really()
    made = servers.accounts.add({"network": "bluesky", "handle": "cafe"})
    password = made["credentials"]["app_password"]
    desk.answers = ["@cafe.test", password]
    assert desk.run("bluesky-main", "--host", made["host"]) == 0, desk.seen
    secret = desk.secret("bluesky-main") or {}
    assert (secret["account_id"], secret["host"]) == (made["account_id"], made["host"])
    assert set(secret["credentials"]) == {"identifier", "app_password", "access_jwt", "refresh_jwt"}
    nothing_secret(desk, password, secret["credentials"]["access_jwt"], secret["credentials"]["refresh_jwt"])
    assert desk.hands.opened == []
    assert desk.run("bluesky-main", "--revoke") == 0, desk.seen
    assert "Delete its app password" in desk.seen


def test_blueskys_account_is_stored_with_the_server_it_lives_on(desk: ConnectDesk, servers: Networks) -> None:
    """The session was made elsewhere: what the rules doc says must be the account's own server."""
    home = servers.accounts.add({"network": "bluesky", "handle": "cafe"})
    entry = Networks(None)
    entry.start()
    try:
        entry.accounts.add({"network": "bluesky", "handle": "cafe", "password": home["credentials"]["app_password"]})
        session = {
            "did": home["account_id"],
            "handle": "cafe.test",
            "accessJwt": "a.b.c",
            "refreshJwt": "d.e.f",
            "didDoc": {"id": home["account_id"], "service": [{"id": "#atproto_pds", "serviceEndpoint": home["host"]}]},
        }
        order = {"match": "createSession", "do": "status", "status": 200, "body": session, "count": 2}
        httpx.post(f"{entry['bluesky']}/_local/faults", json=order, trust_env=False).raise_for_status()
        desk.rules(f"- bluesky-main: bluesky, account {home['account_id']}, {entry['bluesky']}")
        desk.patch.setenv("CONNECT_SECRET", home["credentials"]["app_password"])
        assert desk.run("bluesky-main") == 1
        assert f"lives at {home['host']}" in desk.seen
        assert desk.secret("bluesky-main") is None
        assert desk.run("bluesky-main", "--anyway") == 0, desk.seen
        assert (desk.secret("bluesky-main") or {})["host"] == home["host"]
    finally:
        entry.stop()


def test_a_wrong_app_password_stores_nothing(desk: ConnectDesk, servers: Networks) -> None:
    made = servers.accounts.add({"network": "bluesky", "handle": "cafe"})
    desk.patch.setenv("CONNECT_SECRET", "wrong-wrong-wrong-wrong")
    assert desk.run("bluesky-main", "--host", made["host"], "--handle", "cafe.test") == 1
    assert "Invalid identifier or password" in desk.seen
    nothing_secret(desk, "wrong-wrong-wrong-wrong")
    assert desk.secret("bluesky-main") is None


# every browser sign-in, with the adapters that post and the servers that they post to


@pytest.mark.parametrize("network", ["x", "facebook", "instagram", "threads", "linkedin"])
def test_what_is_stored_posts_at_the_networks_own_server(desk: ConnectDesk, servers: Networks, network: str) -> None:
    """The account signs in in the browser, and with what was stored then its adapter finds the sign-in well; taken back, it does not."""
    desk.really()
    made = servers.accounts.add({"network": network, "handle": "cafe"})
    app = httpx.get(f"{made['host']}/_local/app", trust_env=False).json()
    desk.rules(f"- {network}-main: {network}, account {made['account_id']}, {made['host']}")
    desk.app(app["client_id"], app["client_secret"])
    assert desk.run(f"{network}-main") == 0, desk.seen
    secret = desk.secret(f"{network}-main") or {}
    assert (secret["network"], secret["account_id"]) == (network, made["account_id"])
    nothing_secret(desk, app["client_secret"], *(value for value in secret["credentials"].values() if len(value) > 8))
    assert "the sign-in works" in desk.seen
    assert [event.channels for event in desk.mesh.events_of(Probe)] == [[f"{network}-main"]]


@pytest.mark.parametrize(
    ("asked", "home", "stored"),
    [
        ("https://bsky.social", "https://puffball.us-east.host.bsky.network", "https://bsky.social"),
        ("https://bsky.social", "https://own.example", "https://own.example"),
        (
            "https://bsky.social",
            "https://puffball.host.bsky.network.example",
            "https://puffball.host.bsky.network.example",
        ),
        (
            "https://own.example",
            "https://puffball.us-east.host.bsky.network",
            "https://puffball.us-east.host.bsky.network",
        ),
        ("https://own.example", "", "https://own.example"),
    ],
)
def test_an_account_on_one_of_blueskys_servers_is_reached_by_their_entry(asked: str, home: str, stored: str) -> None:
    """As most rules docs say; it stays true when Bluesky moves the account to another of its servers."""
    document = {"service": [{"id": "#atproto_pds", "serviceEndpoint": home}]}
    assert reached_at(asked, document, "did:plc:abc") == stored


def test_a_version_that_the_owner_names_is_the_one_that_the_sender_names(desk: ConnectDesk, servers: Networks) -> None:
    """LinkedIn ends each version of its API after about a year."""
    desk.really()
    made = servers.accounts.add({"network": "linkedin", "handle": "cafe"})
    app = httpx.get(f"{made['host']}/_local/app", trust_env=False).json()
    desk.rules(f"- linkedin-main: linkedin, account {made['account_id']}, {made['host']}")
    desk.app(app["client_id"], app["client_secret"])
    httpx.post(f"{made['host']}/_local/behaviour", json={"versions": ["202702"]}, trust_env=False).raise_for_status()
    assert desk.run("linkedin-main") == 1, desk.seen
    desk.patch.setenv("LINKEDIN_VERSION", "202702")
    assert desk.run("linkedin-main") == 0, desk.seen
    assert (desk.secret("linkedin-main") or {})["credentials"]["api_version"] == "202702"
