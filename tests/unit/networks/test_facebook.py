"""Facebook Pages."""

from __future__ import annotations

from every_network import accepted, image_for

from networks.facebook import NETWORK
from networks.model import Draft, LinkCard

LINK = "https://cafe.example/menu"


def test_a_link_without_images_is_handed_over_as_a_link_and_makes_a_card() -> None:
    card = LinkCard(LINK, "Menu", "Cakes and more")
    composed = accepted(NETWORK, Draft("Cake", LINK, card=card))
    assert composed.payload == {"post": {"message": "Cake", "link": LINK}}
    assert composed.card == card


def test_beside_images_the_link_stands_in_the_text() -> None:
    composed = accepted(NETWORK, Draft("Cake", LINK, (image_for(NETWORK.declared),), LinkCard(LINK, "Menu")))
    assert composed.payload == {"post": {"message": f"Cake\n\n{LINK}"}}
    assert composed.card is None
