"""A feed for each channel, and in it what the network makes of a text."""

from __future__ import annotations

from typing import Any

import pytest

from local.console.feeds import as_shown, named
from mesh.rulebook import Channel

CHANNELS = [
    Channel("bluesky-main", "bluesky", "did:plc:one", ""),
    Channel("bluesky-second", "bluesky", "did:plc:two", ""),
    Channel("x-main", "x", "17", ""),
]


def post(network: str = "x", text: str = "", **more: Any) -> dict[str, Any]:
    return {"network": network, "account": "moewe", "account_id": "", "id": "1", "text": text, "channel": "c", **more}


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        (post("bluesky", account_id="did:plc:two"), "bluesky-second"),
        (post("bluesky", account_id="did:plc:other"), "moewe"),
        (post("x", account_id="unknown"), "x-main"),
        (post("mastodon", account_id="17"), "moewe"),
    ],
)
def test_a_post_stands_on_the_channel_of_its_account(told: dict[str, Any], channel: str) -> None:
    assert [one["channel"] for one in named([told], CHANNELS)] == [channel]


def pieces(shown: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["text"], one.get("href", "mark" if one.get("mark") else "")) for one in shown["pieces"]]


def test_x_shortens_a_long_address_and_marks_hashtags_and_names() -> None:
    shown = as_shown(post("x", "See https://moewe.berlin/a/very/long/way/to/the/cake now #cake @ines"))
    assert pieces(shown) == [
        ("See ", ""),
        ("moewe.berlin/a/very/long/…", "https://moewe.berlin/a/very/long/way/to/the/cake"),
        (" now ", ""),
        ("#cake", "mark"),
        (" ", ""),
        ("@ines", "mark"),
    ]


def test_on_bluesky_only_the_records_facets_can_be_tapped() -> None:
    facet = {"index": {"byteStart": 9, "byteEnd": 14}, "features": []}
    assert pieces(as_shown(post("bluesky", "Süßes: #cake #pie", facets=[facet]))) == [
        ("Süßes: ", ""),
        ("#cake", "mark"),
        (" #pie", ""),
    ]
    assert pieces(as_shown(post("bluesky", "#cake", facets=[]))) == [("#cake", "")]


def test_on_instagram_an_address_is_dead_letters() -> None:
    assert pieces(as_shown(post("instagram", "At https://cafe.example today"))) == [
        ("At https://cafe.example today", "")
    ]


@pytest.mark.parametrize("network", ["instagram", "linkedin", "facebook"])
def test_a_long_text_is_folded_where_the_network_folds_it(network: str) -> None:
    text = "Wort " * 200
    shown = as_shown(post(network, text))
    before = "".join(one["text"] for one in shown["pieces"][: shown["fold"]])
    assert 0 < len(before) < len(text)
    assert "".join(one["text"] for one in shown["pieces"]) == text


def test_a_fold_right_before_a_tag_comes_before_it() -> None:
    text = "a" * 120 + " " + "b" * 3 + " #cake and more of it to be read"
    shown = as_shown(post("instagram", text))
    assert "".join(one["text"] for one in shown["pieces"]) == text
    assert shown["fold"] is not None
    assert shown["pieces"][shown["fold"]] == {"text": "#cake", "mark": True}


def test_a_network_that_nobody_knows_shows_its_text() -> None:
    shown = as_shown(post("myspace", "Hello"))
    assert (pieces(shown), shown["fold"]) == ([("Hello", "")], None)
