"""LinkedIn: little text."""

from __future__ import annotations

import regex
from every_network import accepted, image_for, texts
from hypothesis import given, settings

from networks.linkedin import NETWORK, RESERVED, little_text
from networks.model import Draft, LinkCard

LINK = "https://cafe.example/our_menu"
_TEMPLATE = regex.compile(r"\{hashtag\|\\#\|((?:\\.|[^\\{}|])+)\}")


def read_back(little: str) -> str:
    """What LinkedIn shows of little text: templates as hashtags, escapes as their character, and an end at the first naked reserved one."""
    shown, position = "", 0
    while position < len(little):
        if template := _TEMPLATE.match(little, position):
            shown += "#" + regex.sub(r"\\(.)", r"\1", template[1])
            position = template.end()
        elif little[position] == "\\":
            shown += little[position + 1]
            position += 2
        elif little[position] in RESERVED:
            return shown
        else:
            shown += little[position]
            position += 1
    return shown


def test_every_reserved_character_is_escaped() -> None:
    assert little_text("a_b (c) [d] {e} <f> g*h ~i| @j \\") == (
        "a\\_b \\(c\\) \\[d\\] \\{e\\} \\<f\\> g\\*h \\~i\\| \\@j \\\\"
    )


def test_hashtags_can_be_clicked_and_numbers_are_none() -> None:
    assert little_text("Cake #Kuchen_tag, #2027") == "Cake {hashtag|\\#|Kuchen\\_tag}, \\#2027"


@settings(deadline=None)
@given(texts)
def test_nothing_of_a_text_is_cut_off_or_changed(text: str) -> None:
    assert read_back(little_text(text)) == text.replace("＃", "#") or "＃" in text


def test_escapes_are_not_charged() -> None:
    assert NETWORK.measure("(" * 3_000).over == 0


def test_the_link_card_is_what_we_bring() -> None:
    card = LinkCard(LINK, "Our menu", "Cakes")
    composed = accepted(NETWORK, Draft("Cake", LINK, card=card))
    assert composed.payload["post"]["content"] == {
        "article": {"source": LINK, "title": "Our menu", "description": "Cakes"}
    }
    assert composed.card == card


def test_without_a_readable_page_the_card_has_the_name_of_the_site() -> None:
    composed = accepted(NETWORK, Draft("Cake", "https://www.cafe.example/menu"))
    assert composed.payload["post"]["content"]["article"]["title"] == "cafe.example"


def test_beside_images_the_link_stands_escaped_in_the_text() -> None:
    composed = accepted(NETWORK, Draft("Cake", LINK, (image_for(NETWORK.declared),)))
    assert composed.payload == {"post": {"commentary": "Cake\n\nhttps://cafe.example/our\\_menu"}}
    assert composed.text == f"Cake\n\n{LINK}"
