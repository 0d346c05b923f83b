"""Each status a row can have is coloured by what it asks of its owner, in the status sentences' own words."""

from __future__ import annotations

import inspect

import pytest

from drive_sync import sentences
from local.owner_sheet.looks import COLOURS, LOOKS, look_of
from mesh.posts import COLUMNS

WORDS = {colour: name for name, colour in (("red", COLOURS[0][2]), ("green", COLOURS[-3][2]), ("blue", COLOURS[-1][2]))}


def coloured(status: str) -> tuple[float, float, float] | None:
    """As Google reads the rules: in their order, without regard to capitals."""
    for condition, text, colour in COLOURS:
        low, wanted = status.lower(), text.lower()
        if low.startswith(wanted) if condition == "TEXT_STARTS_WITH" else wanted in low:
            return colour
    return None


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("Please mend: date: write the day, like 2026-12-25", "red"),
        ("The record of this post is damaged: nothing goes out until somebody looks.", "red"),
        ("bluesky-main: posted https://x.example; x-main: not posted, the network refused it", "red"),
        ("Not sent: nobody approved it in time. The mail's button still sends it.", "red"),
        ("Posted: https://x.example", "green"),
        ("Booked for Fri 27 Nov, 09:00", "blue"),
        ("Approved by owner@cafe.example (Fri 27 Nov, 09:00)", "blue"),
    ],
)
def test_a_status_has_its_colour(status: str, word: str) -> None:
    colour = coloured(status)
    assert colour is not None
    assert WORDS[colour] == word


def test_a_channel_left_out_is_not_green() -> None:
    assert coloured("Posted: https://x.example\nNot on x-main: 3 characters too long.") not in (
        None,
        coloured("Posted: x"),
    )


@pytest.mark.parametrize("status", ["Planned. Its preview is made on Fri 27 Nov", "Being prepared", ""])
def test_what_asks_nothing_has_no_colour(status: str) -> None:
    assert coloured(status) is None


def test_the_words_are_those_that_are_written() -> None:
    source = inspect.getsource(sentences)
    assert [text for _, text, _ in COLOURS if text.strip() not in source] == []


def test_every_column_has_a_look_and_only_ours_have_one() -> None:
    assert tuple(LOOKS) == COLUMNS
    assert look_of("text: bluesky-main") is not None
    assert look_of("campaign") is None
