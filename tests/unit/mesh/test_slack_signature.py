"""Slack's signature: the published example, and everything that is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.errors import Misconfigured
from mesh.slack import SlackSettings, escaped, signature, signed_by_slack

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
BODY = b"payload=%7B%7D"


def headers(at: datetime = NOW, body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": signature(secret, stamp, body)}


def test_the_signature_is_the_one_that_slack_publishes_as_its_example() -> None:
    """docs.slack.dev/authentication/verifying-requests-from-slack"""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121"
        b".803a0bc887a14d10d2c447fce8b6703c"
    )
    assert (
        signature(SECRET, "1531420618", body) == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


@pytest.mark.parametrize(("minutes", "taken"), [(0, True), (4.9, True), (-4.9, True), (5.1, False), (-5.1, False)])
def test_five_minutes_of_clock_both_ways(minutes: float, taken: bool) -> None:
    assert signed_by_slack(SECRET, headers(NOW + timedelta(minutes=minutes)), BODY, NOW) is taken


def test_another_body_another_secret_and_another_time_are_refused() -> None:
    assert not signed_by_slack(SECRET, headers(), BODY + b" ", NOW)
    assert not signed_by_slack("other", headers(), BODY, NOW)
    assert not signed_by_slack(
        SECRET, {**headers(), "x-slack-request-timestamp": str(int(NOW.timestamp()) + 1)}, BODY, NOW
    )


@given(st.text(max_size=80), st.text(max_size=40), st.binary(max_size=40))
def test_whatever_stands_in_the_headers_is_refused_and_not_raised(given_text: str, stamp: str, body: bytes) -> None:
    assert not signed_by_slack(SECRET, {"x-slack-signature": given_text, "x-slack-request-timestamp": stamp}, body, NOW)
    assert not signed_by_slack(SECRET, {**headers(), "x-slack-signature": given_text}, BODY, NOW)


def test_a_secret_that_lacks_something_is_named_without_showing_any_of_it() -> None:
    with pytest.raises(Misconfigured) as raised:
        SlackSettings.read({"bot_token": "xoxb-secret", "channel": 5})
    assert "channel, signing_secret" in str(raised.value)
    assert "xoxb" not in str(raised.value)
    whole = SlackSettings.read({"bot_token": "xoxb-secret", "signing_secret": "hidden", "channel": "C1"})
    assert "xoxb" not in repr(whole)
    assert "hidden" not in repr(whole)


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://hooks.slack.com/actions/T/1/x", True),
        ("https://slack.com/x", True),
        ("http://hooks.slack.com/x", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://evilslack.com/x", False),
        ("https://evil.hooks.slack.com/x", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://hooks.slack.com:444/x", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_slacks_own_addresses_are_answered(url: str, taken: bool) -> None:
    settings = SlackSettings.read({"bot_token": "a", "signing_secret": "b", "channel": "C1"})
    assert settings.may_be_answered(url) is taken


def test_a_notification_cannot_call_the_channel() -> None:
    assert escaped("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"
