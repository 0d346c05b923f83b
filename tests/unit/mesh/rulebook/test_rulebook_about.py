"""What the rules doc says for drafts: who the business is, and how an ad is marked."""

from __future__ import annotations

import pytest

from mesh.rulebook import Ads, Rulebook, parse_rules
from mesh.rulebook.settings import LONGEST_ABOUT_CHARACTERS
from mesh.rulebook.telling import changes


def book_of(text: str) -> Rulebook:
    book, problems = parse_rules(text, default_zone="UTC")
    assert problems == ()
    return book


def only_message(text: str) -> str:
    (problem,) = parse_rules(text, default_zone="UTC")[1]
    return problem.message


@pytest.mark.parametrize(
    "text",
    [
        "About us: Café Möwe, #1 at the canal.\nNine tables: one oven.",
        "About us\n\nCafé Möwe, #1 at the canal.\n  Nine tables: one oven.\n\nMinimum gap: none",
        "ABOUT US:\n- Café Möwe, #1 at the canal.\n- Nine tables: one oven. # not for posts\nLimits",
        "About us: Café Möwe, #1 at the canal.\n\nLate rule: 2 hours\nAbout us: Nine tables: one oven.",
        "Über uns: Café Möwe, #1 at the canal.\n(ask Ada)\nNine tables: one oven.\nAds: none",
    ],
)
def test_the_profile_is_the_owners_own_words_over_several_lines(text: str) -> None:
    assert book_of(text).about == "Café Möwe, #1 at the canal.\nNine tables: one oven."


def test_a_misspelt_rule_below_the_profile_is_told_and_not_taken_into_it() -> None:
    text = "About us: Café Möwe.\nPosting windw: 7-21"
    assert "did you mean “posting window”?" in only_message(text)
    assert parse_rules(text, default_zone="UTC")[0].about == "Café Möwe."


def test_a_channel_below_the_profile_is_a_channel() -> None:
    book = book_of("Channels\nAbout us: Café Möwe.\n- sky: bluesky, account cafe.example")
    assert (book.about, list(book.channels)) == ("Café Möwe.", ["sky"])


def test_behind_an_empty_line_what_is_no_rule_is_told() -> None:
    assert "no rule I know" in only_message("About us: Café Möwe.\n\nWe bake.")


def test_a_profile_that_is_too_long_is_told_with_the_numbers_and_not_cut() -> None:
    message = only_message(f"About us: {'x' * LONGEST_ABOUT_CHARACTERS}y")
    assert "2,001 characters" in message
    assert "take 1 away" in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Ads: #ad, Werbung", ("#ad", "Werbung")),
        ("- ads: “#ad”; 'paid partnership', #ad  # for Instagram too", ("#ad", "paid partnership")),
        ("Werbung = Anzeige", ("Anzeige",)),
        ("Ad disclosure: none", ()),
    ],
)
def test_the_words_that_mark_an_ad_are_read_hash_and_all(line: str, words: tuple[str, ...]) -> None:
    assert book_of(line).ads == Ads(words)


@pytest.mark.parametrize("line", ["Ads: ---", "Ads: #ad, !", f"Ads: {', '.join(f'w{n}' for n in range(21))}"])
def test_what_is_no_word_for_an_ad_is_told(line: str) -> None:
    assert "ad" in only_message(line)


def test_the_log_hears_that_the_profile_changed_and_no_word_of_it() -> None:
    before, after = book_of("About us: SECRET\nAds: #ad"), book_of("About us: SECRET 2")
    assert changes(before, after) == ("ads #ad is now none", "about us changed")
