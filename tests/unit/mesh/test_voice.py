"""The voice doc: prose and two lists, cleaned and capped, and nothing cut without saying so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.voice import LONGEST_CHARACTERS, Voice, read_voice


def voice(text: str) -> Voice:
    found, problems = read_voice(text)
    assert problems == ()
    return found


def test_prose_is_cleaned_of_what_nobody_sees() -> None:
    text = "\ufeffWe are\u00a0small.  \r\n\r\n\r\n\r\n\r\nTwo\u200b \u00adlines,\t👩‍🍳 “quoted”.\v\n\n"
    assert voice(text) == Voice("We are small.\n\n\nTwo lines, 👩‍🍳 “quoted”.")


@pytest.mark.parametrize(
    "line",
    [
        "Never say: yummy, delicious; treat yourself",
        "• NEVER SAY： “yummy”, “delicious”; treat yourself.",
        "- Don’t say: yummy; delicious, treat yourself",
        "Nie sagen: yummy, „delicious“, treat yourself",
        "Never say: yummy, Yummy\n\nnever use: delicious; treat yourself, yummy",
    ],
)
def test_what_is_never_said_is_read_from_any_line(line: str) -> None:
    assert voice(f"Short sentences.\n{line}\nNo shouting.").never_say == ("yummy", "delicious", "treat yourself")


def test_lists_are_no_prose_and_several_lines_add_up() -> None:
    found = voice(
        "One.\nAlways say: Café Möwe\nTwo.\nAlways mention: the gull, opening hours\nWe never say: it is always so."
    )
    assert found == Voice("One.\nTwo.", ("it is always so",), ("Café Möwe", "the gull", "opening hours"))


def test_commas_inside_quotes_part_nothing() -> None:
    assert voice("a\nNever say: “hello, dear”, bye").never_say == ("hello, dear", "bye")


def test_a_sentence_that_only_sounds_like_a_list_is_prose() -> None:
    assert voice("We never say yummy: it is childish.").prose == "We never say yummy: it is childish."


@pytest.mark.parametrize("text", ["", "\ufeff\n \u00a0\n\u200b"])
def test_an_empty_doc_is_pointed_to_the_example(text: str) -> None:
    found, (problem,) = read_voice(text)
    assert found == Voice()
    assert "docs/voice.md" in problem.message


def test_a_list_without_words_is_told_with_its_line() -> None:
    (problem,) = read_voice("Short.\nNever say:\n")[1]
    assert (problem.line, "names nothing" in problem.message) == (2, True)


def test_at_the_limit_nothing_is_cut_and_beyond_it_the_overshoot_is_told() -> None:
    assert voice("x" * LONGEST_CHARACTERS).prose == "x" * LONGEST_CHARACTERS
    text = "\n".join(["word " * 199 + "end."] * 13)
    found, (problem,) = read_voice(text)
    assert len(found.prose) <= LONGEST_CHARACTERS
    assert text.startswith(found.prose)
    assert not text[len(found.prose)].strip()  # a word is not cut
    assert f"{len(text):,} characters and 12,000 count: take {len(text) - LONGEST_CHARACTERS:,} away" in problem.message
    assert problem.line == found.prose.count("\n") + 1


def test_a_list_beyond_two_hundred_is_told() -> None:
    found, (problem,) = read_voice("a\nNever say: " + ", ".join(f"w{n}" for n in range(203)))
    assert len(found.never_say) == 200
    assert "take 3 away" in problem.message


def test_the_sample_cafes_voice_has_no_problem() -> None:
    sample = Path(__file__).parents[3] / "local/samples/cafe/voice.txt"
    assert voice(sample.read_text(encoding="utf-8")).prose.startswith("# How Café Möwe speaks\n\nWe are a small café")


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_categories=()))
    | st.lists(st.sampled_from(["never say:", "“", ",", "\n", " ", "x"])).map("".join)
)
def test_no_text_breaks_the_reader(text: str) -> None:
    found, problems = read_voice(text)
    assert len(found.prose) <= LONGEST_CHARACTERS
    assert all(problem.line >= 1 and problem.message for problem in problems)
    assert problems or found.prose or found.never_say or found.always_say
