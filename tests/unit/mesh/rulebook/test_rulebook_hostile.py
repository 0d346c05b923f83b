"""Whatever stands in the doc: no text raises, every problem names a line of it, and a flood stays short and quick."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.rulebook import parse_rules
from mesh.rulebook.lines import LONGEST_CHARACTERS, MOST_LINES
from mesh.rulebook.reading import MOST_PROBLEMS
from mesh.rulebook.telling import mistakes_message

_PIECES = [
    "time zone",
    "posting window",
    "blackout days",
    "channels",
    "recurring posts",
    "limits",
    "cake: every friday 9:00",
    "every second monday",
    "on the last day of the month",
    "cron(0 9 ? * FRI *)",
    "text:",
    "channels: a",
    "alt text:",
    "link: x",
    "a: bluesky, account 1",
    "24.12.2026",
    "dec 24",
    "7-21",
    "9pm",
    " - ",
    ":",
    "\n",
    "\n  - ",
    "\t",
    "|",
    "1. ",
    "(",
    ")",
    "# ",
    "²",
    "\u200d",
    "\ud800",
    "\x00",
    "％９：",
]
_HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from(_PIECES) | st.text(max_size=4), max_size=40).map("".join),
)


@settings(deadline=None, max_examples=300)
@given(_HOSTILE)
def test_no_text_breaks_the_reader_and_every_problem_names_a_line_of_it(text: str) -> None:
    book, problems = parse_rules(text, default_zone="UTC")
    assert book.zone is not None
    lines = len(re.split(r"\r\n|[\r\n\v\f\u0085\u2028\u2029]", text))
    assert all(1 <= problem.line <= lines and problem.message for problem in problems)
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert all(len(problem.message) < 400 for problem in problems)
    assert all(template.crons and set(template.channels) <= set(book.channels) for template in book.templates)


def test_a_doc_that_is_none_is_refused_whole_with_its_size() -> None:
    (long,) = parse_rules("Late rule: 1 hour\n" + "x" * LONGEST_CHARACTERS, default_zone="UTC")[1]
    assert "100,018 characters and rules take 100,000 at most; nothing of it was read" in long.message
    book, (many,) = parse_rules("Late rule: 1 hour\n" * (MOST_LINES + 1), default_zone="UTC")
    assert (many.line, "2,002 lines" in many.message) == (MOST_LINES + 1, True)
    assert book == parse_rules("", default_zone="UTC")[0]


def test_of_many_mistakes_the_rest_is_counted() -> None:
    problems = parse_rules("Rules\n" + "mistake: here\n" * 77, default_zone="UTC")[1]
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].message == "and 37 more mistakes from here on"
    assert sum(problem.count for problem in problems) == 77
    assert "Your rules doc has 77 mistakes" in mistakes_message(problems)


def test_a_rule_longer_than_any_rule_is_told_as_that() -> None:
    (problem,) = parse_rules("Late rule: " + "1" * 5_000, default_zone="UTC")[1]
    assert "too long for a rule" in problem.message
    assert len(problem.message) < 200


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x\n" * 1_000_000, id="two megabytes"),
        pytest.param("foo bar: quux\n" * 1_990, id="unknown rules"),
        pytest.param("Channels\n" + "foo bar: quux, a\n" * 1_990, id="no channels"),
        pytest.param(
            "Recurring\na: every day 9:00\ntext: x\n" + "b: every fryday 1 2 3\n" * 1_990, id="half templates"
        ),
        pytest.param("Recurring\n" + "- b: every fryday 99\n" * 1_990, id="wrong templates"),
        pytest.param("Blackout days:\n" + "1 Foo 2027, 3.4., 5.\n" * 1_990, id="no days"),
        pytest.param("Blackout days: " + "1-" * 1_900, id="figures and dashes"),
        pytest.param("Posting window: " + "- 7 " * 900, id="a line of hours"),
        pytest.param("Recurring\na: every " + "1. " * 1_200, id="a line of numbers"),
        pytest.param("(" * 99_000, id="brackets"),
        pytest.param(" " * 99_000, id="blanks"),
        pytest.param("Recurring\na: every day 9:00\ntext: x" + "\n" * 1_900 + "b:", id="blank lines"),
    ],
)
def test_garbage_is_read_in_time(text: str) -> None:
    """About 0.3 s of processor time for the slowest; the bound leaves room for a busy computer and none for a square."""
    began = time.process_time()
    parse_rules(text, default_zone="UTC")
    assert time.process_time() - began < 2
