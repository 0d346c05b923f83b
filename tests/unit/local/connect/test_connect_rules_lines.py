"""A channel's line in the rules doc: found as the mesh finds it, also before it names an account; and the one to write."""

from __future__ import annotations

import pytest

from local.connect.stack import Registered, registered, rules_line
from mesh.rulebook import parse_rules
from networks import NAMES, composer

RULES = """Time zone: Europe/Berlin

Channels
- bluesky-main: bluesky, account did:plc:abc
• X-Main: X, account 55
1. linkedin-main: LinkedIn, https://api.linkedin.com
mastodon-main\tmastodon\taccount 12\thttps://mastodon.social
- mastodon-second: mastodon
- threads-main: thread, account 5
"""


@pytest.mark.parametrize(
    ("channel", "found"),
    [
        ("bluesky-main", Registered("bluesky", "did:plc:abc", "https://bsky.social", 4)),
        ("x-main", Registered("x", "55", "https://api.x.com", 5)),
        ("linkedin-main", Registered("linkedin", "", "https://api.linkedin.com", 6)),
        ("mastodon-main", Registered("mastodon", "12", "https://mastodon.social", 7)),
        ("mastodon-second", None),  # no server: nothing can be said of it
        ("threads-main", None),
        ("bluesky", None),
    ],
)
def test_a_line_is_found_by_the_channels_name(channel: str, found: Registered | None) -> None:
    assert registered(RULES, channel) == found


@pytest.mark.parametrize("network", NAMES)
@pytest.mark.parametrize("host", ["", "http://127.0.0.1:4711"])
def test_the_line_to_write_is_read_as_it_was_meant(network: str, host: str) -> None:
    host = host or composer(network).declared.host or "https://mastodon.social"
    account = "urn:li:organization:31" if network == "linkedin" else "did:plc:abc"
    book, problems = parse_rules(f"Channels\n{rules_line('a-main', network, account, host)}", default_zone="UTC")
    assert problems == ()
    channel = book.channels["a-main"]
    assert (channel.network, channel.account, channel.host) == (network, account, host)
