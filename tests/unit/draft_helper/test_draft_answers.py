"""What is read of an answer: words, and nothing else of it."""

from __future__ import annotations

from typing import Any

import pytest
from draft_material import CHANNELS, material, upload
from hypothesis import given, settings
from hypothesis import strategies as st

from draft_helper.answers import LONGEST_CHARACTERS, Answer, Malformed, cleaned, of_wording, read, wording
from draft_helper.fitting import overshoots, stopping
from mesh.fitting import composer_of, problems_of

NOTED = material(channels=("sky", "insta"), uploads=(upload(1), upload(2)))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "texts", "alts", "sky", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_words_for_all_and_a_channels_own_are_read() -> None:
    found = read(NOTED, {"text": " Cake. ", "texts": {"sky": "Cake!"}, "alts": ["A cake", "A gull"]})
    assert found == Answer("Cake.", {"sky": "Cake!"}, ("A cake", "A gull"))
    assert (found.on("sky"), found.on("insta")) == ("Cake!", "Cake.")


def test_other_channels_and_other_fields_are_left_out() -> None:
    given = {
        "text": "Cake.",
        "texts": {"toot": "x", "everything": "y"},
        "channels": ["ex"],
        "time": "now",
        "approved": True,
    }
    assert read(NOTED, given) == Answer("Cake.", {}, ("", ""))


def test_a_channels_own_words_that_are_everybodys_are_none_of_its_own() -> None:
    assert read(NOTED, {"text": "Cake.", "texts": {"sky": "Cake. ", "insta": " "}}).texts == {}


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "Cake.",
        {},
        {"text": ""},
        {"text": "\u200b\u202e \x00"},
        {"text": 5},
        {"text": "a", "texts": []},
        {"text": "a", "texts": {"sky": 1}},
        {"text": "a", "alts": "A cake"},
        {"text": "a", "alts": [1]},
        {"text": "x" * (LONGEST_CHARACTERS + 1)},
    ],
)
def test_an_answer_of_another_shape_is_malformed_and_says_how(given: Any) -> None:
    with pytest.raises(Malformed) as caught:
        read(NOTED, given)
    assert caught.value.reason
    assert "Cake" not in caught.value.reason


@settings(max_examples=200)
@given(JSON)
def test_whatever_comes_is_an_answer_or_malformed(given: Any) -> None:
    try:
        found = read(NOTED, given)
    except Malformed:
        return
    assert found.text
    assert set(found.texts) <= {"sky", "insta"}
    assert len(found.alts) == 2


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\x00b\x07c\x9fd", "abcd"),
        ("pay \u202etxt.exe\u202c now", "pay txt.exe now"),
        ("\u2066a\u2069\ufeff\u200b\u00adb", "ab"),
        ("hidden\U000e0041\U000e0042 words", "hidden words"),
        ("half \ud83d emoji", "half \ufffd emoji"),
        ("one\r\ntwo\u2028three\n\n\n\n\n\nfour", "one\ntwo\nthree\n\n\nfour"),
        ("👩‍🍳 كعكة می‌خواهم 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
    ],
)
def test_what_no_post_may_hold_is_taken_out_and_what_scripts_need_stays(text: str, seen: str | None) -> None:
    assert cleaned(text) == (text if seen is None else seen)


def test_an_alt_text_is_on_one_line_and_holds_no_sign_that_parts_two() -> None:
    found = read(NOTED, {"text": "a", "alts": ["A cake |\n on a plate", "A gull", "too many"]})
    assert found.alts == ("A cake / on a plate", "A gull")


def test_an_alt_text_of_the_notes_stands_before_the_models() -> None:
    given = {"text": "a", "alts": ["model's 1", "model's 2"]}
    uploads = (upload(1), upload(2))
    assert read(material(uploads=uploads, alt="mine"), given).alts == ("mine", "model's 2")
    assert read(material(uploads=uploads, alt="mine | mine too"), given).alts == ("mine", "mine too")


def test_pictures_of_the_folder_come_first_and_nobody_has_described_them() -> None:
    found = read(material(image="cake.jpg (top), gull.jpg", uploads=(upload(1),)), {"text": "a", "alts": ["A plate"]})
    assert found.alts == ("", "", "A plate")
    assert wording(found, (), at="2027-03-01T09:00:00+00:00", model="m", prompt="draft-1").alt == ""


def test_what_is_stored_is_read_back_as_the_same_answer() -> None:
    found = read(NOTED, {"text": "Cake.", "texts": {"sky": "Cake!"}, "alts": ["A cake", "A gull"]})
    stored = wording(found, (), at="2027-03-01T09:00:00+00:00", model="haiku", prompt="draft-1")
    assert (stored.alt, stored.by, stored.model, stored.prompt) == ("A cake | A gull", "model", "haiku", "draft-1")
    assert of_wording(NOTED, stored) == found


def test_what_is_over_is_told_by_channel_and_number_in_the_networks_unit() -> None:
    found = material(channels=("sky", "ex"))
    (sky, ex) = overshoots(found, Answer("x" * 312))
    assert (sky.channel, sky.over, sky.unit) == ("sky", 12, "characters")
    assert sky.message == "12 characters too long for Bluesky: 312 of 300."
    assert (ex.channel, ex.over) == ("ex", 32)
    assert overshoots(found, Answer("x" * 312, {"sky": "short", "ex": "short"})) == ()
    (one,) = overshoots(material(channels=("sky",)), Answer("é" * 301))
    assert one.unit == "characters"
    (size,) = overshoots(material(channels=("sky",)), Answer("👩‍👩‍👧‍👦" * 150))
    assert size.unit == "bytes"


def test_a_link_counts_where_the_network_puts_it_into_the_text() -> None:
    link = "https://cafe.example/cake"
    assert overshoots(material(channels=("sky",), link=link), Answer("x" * 300)) == ()
    found = material(channels=("sky",), link=link, uploads=(upload(),))
    (one,) = overshoots(found, Answer("x" * 300, alts=("A cake",)))
    assert one.over == len(link) + 2


def test_hashtags_and_alt_texts_over_the_limit_are_told_too() -> None:
    found = material(channels=("insta",), uploads=(upload(),))
    given = overshoots(found, Answer("#a " * 31, alts=("x" * 1_001,)))
    assert [(one.over, one.unit) for one in given] == [(1, "hashtags"), (1, "characters")]
    assert [(mark.code, mark.stops, mark.channel) for mark in stopping(given)] == [
        ("too-many", True, "insta"),
        ("too-long", True, "insta"),
    ]


@settings(max_examples=60)
@given(st.text(max_size=700), st.sampled_from(CHANNELS))
def test_what_is_not_over_is_what_the_sender_takes(text: str, name: str) -> None:
    found = material(channels=(name,), uploads=(upload(),))
    composer = composer_of(found.rulebook.channels[name], found.rulebook)
    refused = {one.code for one in problems_of(composer, text, "", ("A cake",))}
    over = overshoots(found, Answer(text, alts=("A cake",)))
    assert bool(over) == bool({code for code in refused if code.startswith("too-")})
