"""What is worth knowing of a row among the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mesh.lint import may_be_near, nearly_the_same, row_remarks
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import Rulebook, parse_rules

RULES = """Time zone: Europe/Berlin
Posting window: 07:00-21:00
Blackout days: 2027-03-26
Minimum gap: 5 minutes
Channels
- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example
- mastodon-main: mastodon, account 42, https://mastodon.example
"""
BOOK = parse_rules(RULES, default_zone="UTC")[0]
TEXT = "Fresh apple cake today, baked with apples from our own garden behind the house"
ROW = Row(post_id="p_1", date="2027-03-23", time="09:00", text=TEXT, channels="bluesky-main")


def plan(book: Rulebook = BOOK, **cells: Any) -> Plan:
    made = plan_row(replace(ROW, **cells), book)
    assert isinstance(made, Plan), made
    return made


def said(made: Plan, *others: Plan) -> dict[str, str]:
    return {remark.code: remark.message for remark in row_remarks(made, others, BOOK)}


def test_a_row_alone_at_an_allowed_time_has_nothing_to_be_said_of() -> None:
    assert said(plan()) == {}


def test_a_blackout_day_says_when_it_goes_instead() -> None:
    assert said(plan(date="2027-03-26")) == {"moved": "Moved to Saturday, 07:00: Friday 26 March is a blackout day."}


def test_a_time_outside_the_window_says_when_it_goes_instead() -> None:
    assert said(plan(time="22:30"))["moved"].startswith("Moved to Wednesday, 07:00: outside the posting window")


def test_a_clock_change_is_told() -> None:
    assert "clock-change" in said(plan(date="2027-03-28", time="02:30"))


def test_the_same_minute_on_a_shared_channel_is_a_clash_and_on_another_is_none() -> None:
    other = plan(post_id="p_2", text="Something else", channels="bluesky-main, mastodon-main")
    assert said(plan(), other) == {
        "clash": "Another post is planned for the same minute on bluesky-main; the later one waits 5 minutes."
    }
    assert said(plan(), plan(post_id="p_2", text="Something else", channels="mastodon-main")) == {}


def test_nearly_the_same_text_within_a_month_is_told_with_its_date() -> None:
    other = plan(post_id="p_2", date="2027-03-02", text=TEXT.replace("today", "now").upper())
    assert said(plan(), other) == {
        "near-duplicate": "Nearly the same as the post of Tuesday 2 March, 09:00, on bluesky-main."
    }
    assert said(plan(), plan(post_id="p_2", date="2027-01-02")) == {}
    assert said(plan(), plan(post_id="p_2", date="2027-03-02", overrides={"bluesky-main": "Something else"})) == {}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Apple cake!", "apple  cake", True),
        ("Apple cake", "Apple pie", False),
        ("", "", False),
        ("🍰", "🍰", False),
        (TEXT, TEXT + " #cake", True),
        (TEXT, "Today we have bread, rolls and much more from the wood oven in the yard", False),
        (TEXT, TEXT.replace("apple", "plum").replace("apples", "plums").replace("garden", "orchard"), False),
    ],
)
def test_texts_are_alike_when_readers_would_take_one_for_the_other(one: str, other: str, alike: bool) -> None:
    assert nearly_the_same(one, other) is alike


def test_rows_far_away_are_told_by_their_date_alone() -> None:
    made = plan()
    assert may_be_near(replace(ROW, date="2027-04-20"), made)
    assert not may_be_near(replace(ROW, date="2027-06-01"), made)
    assert not may_be_near(replace(ROW, date="someday"), made)


def test_what_nobody_sees_is_named_wherever_it_stands_in_the_row() -> None:
    found = said(plan(text="Cake \u202eyadot", link="https://www.аpple.com/cake", alt="a\u3164b"))
    assert found["unseen-signs"] == (
        "It has signs that nobody sees, and that may turn what follows or hide words: "
        "right-to-left override (U+202E), hangul filler (U+3164). Type it anew if they are not meant."
    )
    assert found["look-alike"] == (
        "The address “www.аpple.com” has letters that look like others: it is www.xn--pple-43d.com."
    )
