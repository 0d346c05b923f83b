from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_samples import BLUESKY, MASTODON

from networks.mastodon_text import counted_length, html_words
from networks.model import Measure
from networks.text import find_links, find_tags, grapheme_count, holds_link, is_link, same_words, unsendable, utf8_bytes

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("", 0),
        ("café", 4),
        ("cafe\u0301", 4),
        ("👨‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("🇸🇬🇩🇪", 2),
        ("ก็", 1),
        ("\r\n", 1),
        ("한국", 2),
    ],
)
def test_people_see_one_character_where_one_is_counted(text: str, characters: int) -> None:
    assert grapheme_count(text) == characters


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://cafe.example/menu.", ["https://cafe.example/menu"]),
        ("(https://cafe.example/a_(b))", ["https://cafe.example/a_(b)"]),
        ("https://cafe.example/?a=1&b=2#c!", ["https://cafe.example/?a=1&b=2#c"]),
        (
            "https://münchen.example und http://a.b.example:8080/x",
            ["https://münchen.example", "http://a.b.example:8080/x"],
        ),
        ("https://cafe.example/メニュー", ["https://cafe.example/"]),
        ("https://cafe.exampleです", ["https://cafe.example"]),
        ("https://localhost/x http://127.0.0.1/x cafe.example https://cafe", []),
        ("xhttps://cafe.example", []),
        ("HTTPS://CAFE.EXAMPLE", ["HTTPS://CAFE.EXAMPLE"]),
        ("https://user@cafe.example", []),
        ("https://a.example,https://b.example", ["https://a.example", "https://b.example"]),
    ],
)
def test_links_end_where_the_sentence_goes_on(text: str, links: list[str]) -> None:
    assert [link.value for link in find_links(text)] == links


def test_hashtags_are_words_after_a_sign_and_never_part_of_an_address() -> None:
    text = "#Cake, (#café) #1 a#no https://cafe.example/#part #2go"
    assert [tag.value for tag in find_tags(text)] == ["Cake", "café", "2go"]


def test_a_longer_address_does_not_count_as_the_link_itself() -> None:
    assert not holds_link("https://cafe.example/menu", "https://cafe.example/m")
    assert holds_link("see https://cafe.example/m!", "https://cafe.example/m")


@pytest.mark.parametrize(
    "link", ["cafe.example", "ftp://cafe.example", "https://", "https://a b", "https://[x", "javascript:x"]
)
def test_what_cannot_be_opened_is_no_link(link: str) -> None:
    assert not is_link(link)


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("https://a.example", 23),
        ("https://cafe.example/" + "x" * 200, 23),
        ("Hi @anna@social.example!", len("Hi @anna!")),
        ("Hi @anna and me@mail.example", len("Hi @anna and me@mail.example")),
        ("https://a.example/@anna@social.example", 23),
        ("👨‍👩‍👧‍👦 https://a.example.", 1 + 1 + 23 + 1),
    ],
)
def test_mastodon_counts_addresses_as_23_and_mentions_without_host(text: str, characters: int) -> None:
    assert counted_length(text, 23) == characters


@given(ANY_TEXT, ANY_TEXT, st.integers(0, 4))
def test_measuring_never_raises(text: str, link: str, image_count: int) -> None:
    for adapter in (BLUESKY, MASTODON):
        assert adapter.measure(text, link, image_count=image_count).length >= 0


@given(ANY_TEXT)
def test_links_and_tags_are_spans_of_the_text(text: str) -> None:
    for link in find_links(text):
        assert text[link.start : link.end] == link.value
    for tag in find_tags(text):
        assert text[tag.start : tag.end].endswith(tag.value)


@given(ANY_TEXT)
def test_what_is_called_sendable_has_utf8(text: str) -> None:
    if unsendable(text) is None:
        assert len(text.encode()) == utf8_bytes(text)


def test_bluesky_tells_the_bytes_only_when_they_alone_are_over() -> None:
    family = "👨‍👩‍👧‍👦"  # 25 bytes
    assert BLUESKY.measure(family * 121) == Measure(3_025, 3_000, "bytes")
    assert BLUESKY.measure("x" * 301).unit == "characters"
    assert BLUESKY.measure("x" * 301).over == 1


def test_a_link_costs_bluesky_characters_only_beside_images() -> None:
    assert BLUESKY.measure("Menu", "https://cafe.example").length == 4
    assert BLUESKY.measure("Menu", "https://cafe.example", image_count=1).length == 4 + 2 + 20


def test_rendered_content_reads_as_it_was_written() -> None:
    content = (
        '<p>Cake &amp; coffee<br />today <a href="https://cafe.example/menu"><span class="invisible">https://</span>'
        '<span class="ellipsis">cafe.example</span><span class="invisible">/menu</span></a></p>'
        "<p>#<span>cake</span></p>"
    )
    assert same_words(html_words(content), "Cake & coffee\ntoday https://cafe.example/menu\n\n#cake")
