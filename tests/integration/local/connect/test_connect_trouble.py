"""What the network, the stack or the command line does wrong: one plain sentence, exit code 1, nothing leaked, nothing written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from connect_desk import BEFORE, ConnectDesk, Hands, refused, unchanged
from scripted_vendors import VENDORS, Vendor

from local.connect import command, stack
from local.connect import vendor as asking
from local.operator.books import BooksError
from mesh.ledger.runtime import REFRESHING, refresh_key


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"do": "html", "status": 200}, "something that is not data"),
        ({"do": "html", "status": 403}, "something that is not data"),
        ({"do": "status", "status": 302, "headers": {"location": "https://evil.example/"}}, "another address"),
        ({"do": "status", "status": 307, "headers": {"location": "http://127.0.0.1:1/"}}, "another address"),
        ({"do": "status", "status": 503, "body": {"title": "Down"}}, "refused the sign-in (503, Down)"),
        ({"do": "status", "status": 429, "body": {"title": "Too Many"}}, "slow down"),
        ({"do": "status", "status": 200, "body": {"token_type": "bearer"}}, "without a token"),
        (
            {"do": "status", "status": 200, "body": {"access_token": "two words", "refresh_token": "x"}},
            "without a token",
        ),
        ({"do": "status", "status": 200, "body": {"access_token": 5, "refresh_token": None}}, "without a token"),
        ({"do": "status", "status": 200, "body": "[1]"}, "something that is not data"),
        ({"do": "empty"}, "without a token"),
        ({"do": "huge"}, "did not answer in full"),
        ({"do": "cut"}, "did not answer in full"),
        ({"do": "timeout-after", "seconds": 1.5}, "did not answer in full"),
    ],
)
def test_a_bad_answer_of_the_token_endpoint_is_a_sentence(
    ready: ConnectDesk, vendor: Vendor, fault: dict[str, Any], words: str
) -> None:
    ready.patch.setattr(asking, "TIMEOUT_SECONDS", 0.5)
    vendor.order("/2/oauth2/token", **fault)
    unchanged(ready, vendor, words, code=ready.run("x-main"))


def test_what_the_vendor_says_of_our_secrets_is_not_repeated(ready: ConnectDesk, vendor: Vendor) -> None:
    body = {"error": "invalid_request", "error_description": f"bad secret {vendor.sign_in.secret}"}
    vendor.order("/2/oauth2/token", "status", status=400, body=body)
    unchanged(ready, vendor, "refused the sign-in (400, bad secret", code=ready.run("x-main"))


@pytest.mark.parametrize("fault", ["html", "status", "empty"])
def test_an_account_that_is_not_told_stores_nothing(ready: ConnectDesk, vendor: Vendor, fault: str) -> None:
    vendor.order("/2/users/me", fault, **({"status": 500} if fault == "status" else {}))
    unchanged(ready, vendor, code=ready.run("x-main"))


def test_a_network_that_is_down_is_a_sentence(ready: ConnectDesk) -> None:
    gone = VENDORS["x"]()
    ready.rules(f"- x-main: x, account 55, {gone.origin}")

    def stopped(address: str) -> Sequence[str]:
        gone.stop()
        return [address]

    ready.hands = Hands(twist=stopped)
    ready.app("local", gone.sign_in.secret)
    unchanged(ready, gone, "could not be reached", code=ready.run("x-main"))


@pytest.mark.parametrize("network", ["facebook", "instagram", "threads", "linkedin"])
def test_each_step_of_each_flow_can_fail(ready: ConnectDesk, network: str) -> None:
    """Every request after the callback, broken one by one: nothing is stored by any."""
    made = VENDORS[network]()
    try:
        seen = list(_steps(network))
        ready.rules(f"- x-main: {network}, account 1, {made.origin}")
        ready.app("local", made.sign_in.secret)
        for step, before in seen:
            for do, more in (("html", {}), ("status", {"status": 500, "body": {"error": {"message": "no"}}})):
                ready.hands = Hands()
                made.faults.clear()
                if before:
                    # An earlier request of the same path goes through: the fault is for the next one.
                    made.order(step, "hold-after", seconds=0.0)
                made.order(step, do, **more)
                unchanged(ready, made, code=ready.run("x-main"))
    finally:
        made.stop()


def _steps(network: str) -> Iterator[tuple[str, bool]]:
    steps = {
        "facebook": ["/oauth/access_token", "/me/accounts", "/debug_token"],
        "instagram": ["/oauth/access_token", "/me/accounts", "/debug_token"],
        "threads": ["POST /oauth/access_token", "GET /access_token", "/me"],
        "linkedin": ["/oauth/v2/accessToken", "/v2/userinfo"],
    }[network]
    yield from ((step, False) for step in steps)
    if network in ("facebook", "instagram"):
        yield "/oauth/access_token", True


# what is told


def test_a_host_that_is_not_the_networks_own_gets_no_secret(desk: ConnectDesk) -> None:
    desk.rules("- x-main: x, account 55, https://api.x.com.evil.example")
    desk.app("local", "a-secret-of-the-app")
    assert desk.run("x-main") == 1
    assert "X is at https://api.x.com" in desk.seen
    assert desk.hands.opened == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (("X Main",), "small letters"),
        (("main",), "On which network"),
        (("mastodon-main", "--host", "ftp://a.example"), "no server's address"),
        (("mastodon-main", "--host", "http://a.example"), "no server's address"),
        (("x-main", "--redirect", "http://elsewhere.example/x"), "must be https"),
        (("x-main", "--redirect", "https://cafe.example/x"), "no terminal to paste"),
        (("x-main", "--redirect", "http://127.0.0.1:99999/x"), "redirect address is none"),
        (("mastodon-main",), "nobody is there to answer"),
    ],
)
def test_what_is_told_wrongly_is_a_sentence(desk: ConnectDesk, told: Sequence[str], words: str) -> None:
    desk.app("local", "a-secret-of-the-app")
    assert desk.run(*told) == 1
    assert words in desk.seen


def test_a_network_that_the_rules_doc_contradicts_is_refused(ready: ConnectDesk) -> None:
    assert ready.run("x-main", "--network", "threads") == 1
    assert "on x, not on threads" in ready.seen


def test_a_port_that_is_taken_is_told(ready: ConnectDesk, vendor: Vendor) -> None:
    unchanged(ready, vendor, "is taken", code=ready.run("x-main", "--port", vendor.origin.rpartition(":")[2]))


def test_ctrl_c_changes_nothing(ready: ConnectDesk, vendor: Vendor) -> None:
    def interrupted(address: str) -> bool:
        raise KeyboardInterrupt

    ready.patch.setattr(command.webbrowser, "open", interrupted)
    unchanged(ready, vendor, "stopped. Nothing was changed.", code=ready.run("x-main"))


def test_no_stack_is_told(desk: ConnectDesk) -> None:
    def none(options: object) -> object:
        raise BooksError("there has been no make run yet")

    desk.patch.setattr(command, "reached", none)
    assert desk.run("x-main") == 1
    assert desk.seen == "connect: there has been no make run yet\n"


@pytest.mark.parametrize(
    ("operation", "error", "words"),
    [
        ("get_object", refused("AccessDenied"), "The rules doc cannot be read (this AWS profile may not do that)"),
        ("get_secret_value", refused("AccessDeniedException"), "cannot be read (this AWS profile may not do that)"),
        ("get_object", refused("NoSuchBucket"), "there is no such bucket; is the prefix right?"),
        ("get_secret_value", refused("ExpiredTokenException"), "cannot be read (the sign-in to AWS has expired)"),
        ("put_secret_value", refused("InvalidRequestException"), "it is marked for deletion; restore it first"),
        ("put_secret_value", refused("ValidationException", "its-refresh-token"), "(ValidationException)"),
        ("put_secret_value", EndpointConnectionError(endpoint_url="https://secret"), "AWS cannot be asked"),
    ],
)
def test_what_aws_refuses_is_a_sentence_without_its_own_words(
    ready: ConnectDesk, vendor: Vendor, operation: str, error: Exception, words: str
) -> None:
    ready.broken[operation] = error
    unchanged(ready, vendor, words, code=ready.run("x-main"))


def test_an_event_that_the_bus_does_not_take_loses_nothing(ready: ConnectDesk, vendor: Vendor) -> None:
    ready.broken["put_events"] = refused("ThrottlingException")
    assert ready.run("x-main") == 0
    assert "finds out by itself" in ready.seen
    assert ready.secret("x-main") != BEFORE


@pytest.mark.parametrize("text", ["no json", '"text"', '{"network": 5, "credentials": "none"}', "{}"])
def test_a_secret_that_cannot_be_read_is_written_anew(ready: ConnectDesk, vendor: Vendor, text: str) -> None:
    ready.mesh.secrets.put_secret_value(SecretId="ss/channels/x-main", SecretString=text)
    assert ready.run("x-main") == 0, ready.seen
    assert (ready.secret("x-main") or {})["account_id"] == "55"


def test_a_renewal_under_way_is_waited_for(ready: ConnectDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, naps = refresh_key("x-main"), list[float]()
    runtime, now = ready.mesh.runtime, ready.now()
    assert runtime.first(lock, now, now + REFRESHING)

    def nap(seconds: float) -> None:
        naps.append(seconds)
        assert ready.secret("x-main") == BEFORE
        if len(naps) == 3:
            runtime.forget(lock)

    monkeypatch.setattr(stack, "sleep", nap)
    assert ready.run("x-main") == 0
    assert len(naps) == 3
    assert ready.secret("x-main") != BEFORE
    assert runtime.first(lock, now, now + REFRESHING), "it is free again"


def test_a_profile_that_may_not_use_the_tables_connects_all_the_same(ready: ConnectDesk) -> None:
    ready.broken["put_item"] = refused("AccessDeniedException")
    assert ready.run("x-main") == 0
    assert ready.secret("x-main") != BEFORE
