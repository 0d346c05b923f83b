"""Threads: an emoji counts as its bytes."""

from __future__ import annotations

import pytest
from every_network import FAMILY, accepted, image_for, problems

from networks.model import Draft
from networks.threads import NETWORK

LINK = "https://cafe.example/menu"


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Kuchen", 6),
        ("Käse", 4),
        ("日本", 2),
        ("🍰", 4),
        (FAMILY, 25),
        ("🇩🇪", 8),
        ("1️⃣", 7),
        ("a🍰b", 6),
        ("e\u0301", 2),
    ],
)
def test_emoji_count_as_their_bytes_and_letters_as_one(text: str, length: int) -> None:
    assert NETWORK.measure(text).length == length


def test_five_links_go_and_the_attachment_is_one_of_them() -> None:
    five = " ".join(f"https://cafe.example/{n}" for n in range(5))
    accepted(NETWORK, Draft(five))
    assert problems(NETWORK, Draft(five, LINK))["too-many-links"].overshoot == 1
    accepted(NETWORK, Draft(f"{five} https://cafe.example/0"))


def test_a_link_is_attached_to_a_text_and_stands_in_it_beside_images() -> None:
    assert accepted(NETWORK, Draft("Cake", LINK)).payload == {"post": {"text": "Cake", "link_attachment": LINK}}
    beside = accepted(NETWORK, Draft("Cake", LINK, (image_for(NETWORK.declared),)))
    assert beside.payload == {"post": {"text": f"Cake\n\n{LINK}"}}


def test_only_the_first_hashtag_is_a_topic_and_the_owner_is_told() -> None:
    (said,) = NETWORK.remarks(Draft("#cake #pie"))
    assert "#cake" in said.message
    assert NETWORK.remarks(Draft("#cake")) == ()
