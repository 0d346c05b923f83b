"""X: counted by weight. The numbers are what X's own JavaScript says (twitter-text 3.1); ``make test-real`` asks it again."""

from __future__ import annotations

import pytest
from every_network import FAMILY, accepted, image_for, problems
from x_counts import COUNTS

from networks.model import Draft
from networks.x import NETWORK
from networks.x_text import find_x_links, weighted_length


@pytest.mark.parametrize(("text", "weight"), COUNTS)
def test_a_text_weighs_what_x_says(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("cafe.com and www.cafe.de/menu?x=1.", ["cafe.com", "www.cafe.de/menu?x=1"]),
        ("Mail hello@cafe.com", []),
        ("See (https://cafe.com/a_(b)).", ["https://cafe.com/a_(b)"]),
        ("file.notatld", []),
        ("日本cafe.com語", ["cafe.com"]),
        ("https://münchen.de/straße", ["https://münchen.de/straße"]),
        ("http://t.co/abc's", ["http://t.co/abc"]),
        ("3.com.example", ["3.com"]),
        ("a.b", []),
        ("#cafe.com $cafe.com", []),
    ],
)
def test_x_makes_links_of_bare_domains_too(text: str, links: list[str]) -> None:
    assert [span.value for span in find_x_links(text)] == links


@pytest.mark.parametrize(
    "text",
    [
        "a." * 5_000,
        "a-" * 5_000 + ".com",
        "http://a.com/" + "(a" * 4_000,
        "@a/" * 3_000,
        "http://" * 1_500,
        "a_" * 5_000,
    ],
    ids=["dots", "dashes", "brackets", "at signs", "schemes", "lines"],
)
def test_a_text_made_to_be_slow_is_not(text: str) -> None:
    """A regular expression that tries everything would need years for these."""
    assert weighted_length(text) > 280


def test_a_link_costs_thirteen_times_as_much_and_the_owner_is_told() -> None:
    (plain,) = NETWORK.remarks(Draft("Cake"))
    (linked,) = NETWORK.remarks(Draft("Cake", "https://cafe.example.com/menu"))
    (bare,) = NETWORK.remarks(Draft("Cake at cafe.com"))
    assert plain.message == "X charges $0.015 for this post."
    assert "$0.20" in linked.message
    assert linked == bare


def test_one_cashtag_goes_and_two_do_not() -> None:
    accepted(NETWORK, Draft("$CAKE is up"))
    assert problems(NETWORK, Draft("$CAKE and $PIE are up"))["too-many-cashtags"].overshoot == 1


def test_what_is_handed_over_is_the_text_with_the_link_below() -> None:
    composed = accepted(NETWORK, Draft(f"Cake {FAMILY}", "https://cafe.com", (image_for(NETWORK.declared),)))
    assert composed.payload == {"post": {"text": f"Cake {FAMILY}\n\nhttps://cafe.com"}}
