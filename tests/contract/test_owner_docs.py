"""What the guides tell an owner to write is what the mesh reads: examples and tables are parsed out of the pages themselves."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mesh.rulebook import parse_rules
from mesh.rulebook.schedule_words import crons_of
from mesh.rulebook.settings import LONGEST_ABOUT_CHARACTERS
from mesh.schedule_time import APART, effective_time
from mesh.voice import LONGEST_CHARACTERS, read_voice
from scheduler.rounds import LEADS, NIGHT, TO_CLICK

DOCS = Path(__file__).resolve().parents[2] / "docs"
RULES = (DOCS / "rules.md").read_text(encoding="utf-8")
HOUR = timedelta(hours=1)
VOICE = (DOCS / "voice.md").read_text(encoding="utf-8")


def example(page: str) -> str:
    (found,) = re.findall(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return str(found)


def phrases() -> list[tuple[str, tuple[str, ...]]]:
    rows = re.findall(r"^\| (.+?) \| ((?:`cron\([^`]*\)` ?)+)\|$", RULES, re.MULTILINE)
    return [(phrase, tuple(re.findall(r"`([^`]*)`", crons))) for phrase, crons in rows]


def written_for(line: str) -> list[str]:
    (found,) = re.findall(rf"^\| {line} \| .*? \| (.*) \|$", RULES, re.MULTILINE)
    return re.findall(r"`([^`]+)`", found)


def test_the_example_of_the_rules_doc_has_no_problem_and_uses_every_section() -> None:
    book, problems = parse_rules(example(RULES), default_zone="UTC")
    assert problems == ()
    assert len(book.channels) == 3
    assert len(book.blackout_days) == 11
    assert [(template.name, template.drafted) for template in book.templates] == [
        ("Friday cake", False),
        ("Lunch of the month", True),
    ]
    assert book.templates[0].text == "The weekend cake is out of the oven.\nFirst come, first served. #cake"
    assert book.limits
    assert book.holidays is not None
    assert (book.holidays.country, book.holidays.part) == ("DE", "BY")
    assert book.window is not None
    assert book.about.startswith("A café")
    assert book.about.endswith("hello@cafe.example")
    assert book.ads is not None
    assert book.ads.words == ("#ad", "Werbung")


@pytest.mark.parametrize(("phrase", "crons"), phrases())
def test_every_phrase_of_the_table_gives_the_cron_beside_it(phrase: str, crons: tuple[str, ...]) -> None:
    assert crons_of(phrase) == crons


def test_the_table_is_found() -> None:
    assert len(phrases()) >= 20


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Posting window", "Posting window"),
        ("Minimum gap", "Minimum gap"),
        ("Late rule", "Late rule"),
        ("Time zone", "Time zone"),
        ("Approval mails", "Approval mails"),
        ("Public holidays", "Public holidays"),
        ("About us", "About us"),
        ("Ads", "Ads"),
    ],
)
def test_every_way_of_writing_a_rule_is_read(line: str, rule: str) -> None:
    assert written_for(line)
    for written in written_for(line):
        assert parse_rules(f"{rule}: {written}", default_zone="UTC")[1] == ()


def test_what_the_page_says_of_reminders_and_common_mails_is_what_the_scheduler_does() -> None:
    assert f"about {LEADS[0] // HOUR} hours and about {LEADS[1] // HOUR} hours before it goes out" in " ".join(
        RULES.split()
    )
    assert f"never between {NIGHT[0]:%H:%M} and {NIGHT[1].hour}:00" in " ".join(RULES.split())
    assert TO_CLICK == 4 * HOUR


def test_what_the_page_says_of_late_posts_is_what_is_done() -> None:
    words = " ".join(RULES.split())
    assert timedelta(minutes=3) == APART
    assert "three minutes apart on each channel" in words
    book = parse_rules(example(RULES), default_zone="UTC")[0]
    planned = datetime(2028, 12, 25, 9, tzinfo=book.zone)
    assert effective_time(planned, book, now=planned).reason == (
        "moved to Wednesday, 07:00: Monday 25 December is Christmas Day"
    )
    assert "25 December is Christmas Day" in words
    assert "less than four hours after that time" in " ".join(RULES.split())


def test_every_way_of_writing_a_day_is_the_same_day() -> None:
    ways = [written for written in written_for("Blackout days") if any(letter.isdigit() for letter in written)]
    days = {next(iter(parse_rules(f"Blackout days: {way}", default_zone="UTC")[0].blackout_days)) for way in ways}
    assert len(days) == 1
    assert len(ways) == 5


def test_the_german_words_are_read() -> None:
    (said,) = re.findall(r"German words do as well: ([^.]+)\.", RULES)
    zone, window, days, holidays, gap, mails, about, ads, channels, recurring = said.split(", ")
    text = (
        f"{zone}: Europe/Berlin\n{window}: 7 bis 21 Uhr\n{days}: 24.12.2026\n{holidays}: Bayern\n{gap}: 5 Minuten\n{mails}: täglich 8 Uhr\n"
        f"{about}: Ein Café\n{ads}: Anzeige\n{channels}\n{recurring}\nA: täglich 9 Uhr"
    )
    book, problems = parse_rules(text, default_zone="UTC")
    assert problems == ()
    assert book.time_zone == "Europe/Berlin"
    assert book.grouping is not None
    assert book.holidays is not None
    assert (book.about, book.ads and book.ads.words) == ("Ein Café", ("Anzeige",))
    assert [template.name for template in book.templates] == ["A"]


def test_the_page_names_the_most_that_a_profile_may_have() -> None:
    assert f"up to {LONGEST_ABOUT_CHARACTERS:,} characters" in RULES


def test_the_example_of_the_voice_doc_has_no_problem_and_the_page_names_the_limit() -> None:
    voice, problems = read_voice(example(VOICE))
    assert problems == ()
    assert voice.prose
    assert voice.never_say
    assert voice.always_say
    assert f"{LONGEST_CHARACTERS:,} characters" in VOICE
