"""Our counting for X beside X's own, text by text."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest
from real_servers import x_counts

from networks.x_text import find_x_links, weighted_length
from tests.unit.networks.every_network import HOSTILE
from tests.unit.networks.x_counts import COUNTS

pytestmark = pytest.mark.real

PIECES = [
    *"aZ9é日한ñßя .,:;!?()[]{}'\"/\\@#$%&*+-_=~|<>\n\t…–“”€",
    *("😀", "🍰", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "❤️", "☺", "🏳️‍🌈", "\u0301", "\u200d", "\u202e", "\u3000"),
    *(
        "https://",
        "http://",
        "cafe",
        "cafe.com",
        "www.",
        ".de",
        ".com",
        "/menu",
        "?x=1&y=2",
        "#frag",
        "t.co/abc",
        "(a)",
        "xn--",
    ),
    *("münchen", "例え", ".みんな", "@cafe", "hello@", ".co.uk", ":8080", "_", "a.b.c.de", ".notatld"),
]


def made_texts(count: int) -> list[str]:
    random = Random(20261121)
    return ["".join(random.choice(PIECES) for _ in range(random.randint(1, 25))) for _ in range(count)]


def test_the_numbers_in_the_unit_tests_are_xs_own() -> None:
    assert [weight for weight, _ in x_counts([text for text, _ in COUNTS])] == [weight for _, weight in COUNTS]


def test_links_are_found_where_x_finds_them_in_49_of_50_texts_of_broken_pieces() -> None:
    """What is left over are names that no registry gives out: with quotation marks, emoji or a dash at an end in them."""
    texts = [unicodedata.normalize("NFC", text) for text in made_texts(3_000)]
    alike = sum(
        [span.value for span in find_x_links(text)] == links
        for text, (_, links) in zip(texts, x_counts(texts), strict=True)
    )
    assert alike >= 0.98 * len(texts)


def test_hardly_a_text_of_broken_pieces_weighs_less_than_x_says_and_no_hostile_one_does() -> None:
    """More may be: X's code of 2020 knows fewer emoji as one picture than its servers do."""
    hostile = [text for text, _ in HOSTILE.values() if not any("\ud800" <= one <= "\udfff" for one in text)]
    made = made_texts(3_000)
    assert [text for text in hostile if weighted_length(text) < x_counts([text])[0][0]] == []
    less = sum(weighted_length(text) < weight for text, (weight, _) in zip(made, x_counts(made), strict=True))
    assert less <= 0.005 * len(made)
