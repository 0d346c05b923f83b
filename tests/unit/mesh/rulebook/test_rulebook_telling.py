"""What the owner and the log are told of a rules doc."""

from __future__ import annotations

from mesh.rulebook import RuleProblem, parse_rules
from mesh.rulebook.telling import LONGEST_MESSAGE_CHARACTERS, changes, mistakes_message

BEFORE = """Time zone: Europe/Berlin
Posting window: 7-21
Blackout days: 2026-12-24
Channels
- main: bluesky, account secret-account
- old: bluesky, account 2
Recurring posts
- Cake: every Friday 9:00
  text: our secret recipe
- Soup: every day 11:00
Limits
- instagram hashtags: 5
"""
AFTER = """Time zone: Asia/Tokyo
Posting window: 18:00-24:00
Blackout days: 2027-01-01 to 2027-01-07
Minimum gap: 1 minute
Late rule: 3 hours
Channels
- main: bluesky, account other-account
- new: mastodon, account 3, mastodon.social
Recurring posts
- Cake: every Friday 10:00
  text: another recipe
- Bread: every day 8:00
Limits
- instagram hashtags: 6
- x text: 200
"""


def test_one_message_says_what_stays_in_force_and_names_every_line() -> None:
    problems = [RuleProblem(7, "“Fryday” says nothing"), RuleProblem(12, "write it like 2026-12-24.")]
    assert mistakes_message(problems, rules_of="Tuesday 24 November, 09:12") == (
        "Your rules doc has 2 mistakes. Until they are mended, the rules of Tuesday 24 November, 09:12 stay in force. "
        "Line 7: “Fryday” says nothing. Line 12: write it like 2026-12-24."
    )


def test_the_first_time_what_could_be_read_is_in_force() -> None:
    assert mistakes_message([RuleProblem(3, "wrong")]) == (
        "Your rules doc has a mistake. What could be read is in force; until it is mended, the rest is not. Line 3: wrong."
    )
    assert mistakes_message([]) == ""


def test_a_message_is_capped_and_says_how_many_it_leaves_out() -> None:
    problems = [RuleProblem(line, "x" * 200) for line in range(1, 41)]
    message = mistakes_message([*problems, RuleProblem(41, "and 37 more mistakes from here on", 37)])
    assert len(message) <= LONGEST_MESSAGE_CHARACTERS
    assert message.startswith("Your rules doc has 77 mistakes.")
    told = message.count("Line ")
    assert message.endswith(f" And {77 - told} more.")
    assert told > 5


def test_what_changed_is_said_in_words_without_accounts_or_texts() -> None:
    said = changes(parse_rules(BEFORE, default_zone="UTC")[0], parse_rules(AFTER, default_zone="UTC")[0])
    assert said == (
        "time zone Europe/Berlin is now Asia/Tokyo",
        "posting window 07:00-21:00 is now 18:00-24:00",
        "minimum gap 0 minutes is now 1 minute",
        "late rule 120 minutes is now 180 minutes",
        "blackout days added: 2027-01-01, 2027-01-02, 2027-01-03, 2027-01-04, 2027-01-05 and 2 more",
        "blackout days taken away: 2026-12-24",
        "channel main: account changed",
        "channel new added",
        "channel old taken away",
        "limits of instagram: hashtags changed",
        "limits of x added",
        "recurring post Bread added",
        "recurring post Cake: schedule, text changed",
        "recurring post Soup taken away",
    )
    assert "secret" not in " ".join(said)


def test_a_doc_that_only_moved_its_lines_changed_nothing() -> None:
    moved = BEFORE.replace("\n", "\n\n").replace("- Cake", "* Cake")
    assert changes(parse_rules(BEFORE, default_zone="UTC")[0], parse_rules(moved, default_zone="UTC")[0]) == ()
