"""Words on a channel, judged by the code that sends them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.fitting import alt_texts, composer_of, problems_of
from mesh.rulebook import parse_rules

BOOK = parse_rules(
    """Channels
- sky: bluesky, account did:plc:cafe, https://bsky.example
- insta: instagram, account 8, https://graph.example
Limits
- instagram hashtags: 2
""",
    default_zone="UTC",
)[0]


def codes(channel: str, text: str, link: str = "", alts: tuple[str, ...] = ()) -> list[str]:
    return [problem.code for problem in problems_of(composer_of(BOOK.channels[channel], BOOK), text, link, alts)]


def test_a_text_within_its_limits_has_no_problem() -> None:
    assert codes("sky", "x" * 300) == []
    assert codes("sky", "x" * 301) == ["too-long"]


def test_a_link_costs_nothing_as_a_card_and_its_length_beside_pictures() -> None:
    link = "https://cafe.example/cake"
    assert codes("sky", "x" * 300, link) == []
    assert codes("sky", "x" * 300, link, ("A cake",)) == ["too-long"]


def test_the_limits_of_the_rules_doc_hold() -> None:
    assert codes("insta", "#a #b", alts=("A cake",)) == []
    assert codes("insta", "#a #b #c", alts=("A cake",)) == ["too-many-hashtags"]


def test_of_pictures_their_number_and_their_alt_texts_are_judged() -> None:
    assert codes("insta", "Cake") == ["image-needed"]
    assert codes("insta", "Cake", alts=("A cake", "")) == ["alt-missing"]
    assert codes("sky", "Cake", alts=("A cake",) * 5) == ["too-many-images"]


@pytest.mark.parametrize(
    ("alt", "count", "expected"),
    [
        ("", 0, ()),
        ("left over", 0, ()),
        ("One | still one\nand a line", 1, ("One | still one\nand a line",)),
        ("a\nb", 2, ("a", "b")),
        ("a | b", 2, ("a", "b")),
        ("a\n\nb\n", 2, ("a", "b")),
        ("a|b", 2, ("a|b", "")),
        ("", 2, ("", "")),
        ("a |  | c", 3, ("a", "c", "")),
    ],
)
def test_alt_texts_belong_to_images_by_line_or_bar(alt: str, count: int, expected: tuple[str, ...]) -> None:
    assert alt_texts(alt, count) == expected


@given(st.text(), st.integers(0, 6))
def test_there_is_one_alt_text_per_image_unless_there_are_more(alt: str, count: int) -> None:
    if count > 1 and len([part for line in alt.split("\n") for part in line.split(" | ") if part.strip()]) > count:
        with pytest.raises(ValueError, match="alt text: "):
            alt_texts(alt, count)
    else:
        assert len(alt_texts(alt, count)) == count
