"""The posting window as people write it."""

from __future__ import annotations

from datetime import time

import pytest

from mesh.rulebook import Rulebook, parse_rules


@pytest.mark.parametrize(
    "written",
    [
        "7-21",
        "07:00–21:00",
        "7:00 - 21.00 Uhr",
        "7am to 9pm",
        "7 a.m. – 9 p.m.",
        "7 bis 21 Uhr",
        "von 7 Uhr bis 21 Uhr",
        "from 7:00 until 21:00",
        "between 7 and 21",
        "7h-21h",
        "07:00-21:00 daily",
        "7:00\u202f–\u202f21:00",
    ],
)
def test_one_window_however_it_is_written(written: str) -> None:
    assert parse_rules(f"Posting window: {written}", default_zone="UTC") == (
        Rulebook("UTC", window=(time(7), time(21))),
        (),
    )


@pytest.mark.parametrize(
    ("written", "window"),
    [
        ("always", None),
        ("24/7", None),
        ("immer", None),
        ("22-2", (time(22), time(2))),
        ("noon to midnight", (time(12), time(0))),
        ("12am-12pm", (time(0), time(12))),
        ("9 bis 5 Uhr", (time(9), time(5))),
    ],
)
def test_windows_at_the_ends_of_the_day(written: str, window: tuple[time, time] | None) -> None:
    assert parse_rules(f"Posting window: {written}", default_zone="UTC") == (Rulebook("UTC", window=window), ())


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("9-5", "Write 09:00-17:00, or 09:00-05:00"),
        ("7-9pm", "morning or evening?"),
        ("7am-9", "morning or evening?"),
        ("never", "write “always”"),
        ("13am-9pm", "13 am is no time of day"),
        ("7-25", "25 is no time of day"),
        ("7:60-21:00", "7:60 is no time of day"),
        ("7-9 and 17-21", "one posting window"),
        ("Mon-Fri 7-21", "is no posting window"),
        ("7", "is no posting window"),
    ],
)
def test_a_window_that_could_be_two_or_none_is_asked_about(written: str, told: str) -> None:
    book, (problem,) = parse_rules(f"Posting window: {written}", default_zone="UTC")
    assert told in problem.message
    assert book == Rulebook("UTC")
