"""Words in braces in recurring posts: what they stand for, what is told of those that stand for nothing, what stays the owner's own."""

from __future__ import annotations

from datetime import date

import pytest

from mesh.rulebook import Template, parse_rules
from mesh.rulebook.variables import fill, fill_link, filled, turns, varies, wrongs_in

FRIDAY = date(2026, 3, 20)
HEAD = "Channels\n- main: bluesky, account 1\nRecurring posts\n- Cake: every Friday 9:00\n    channels: main\n"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{date}", "20 March 2026"),
        ("{date: short}", "20 March"),
        ("{date:iso}", "2026-03-20"),
        ("{weekday}", "Friday"),
        ("{week}", "12"),
        ("{Datum}", "20. März 2026"),
        ("{datum: KURZ}", "20. März"),
        ("{datum:iso}", "2026-03-20"),
        ("{ Wochentag }", "Freitag"),
        ("{woche}", "12"),
        ("On {weekday}, {date: short}: cake", "On Friday, 20 March: cake"),
    ],
)
def test_a_word_in_braces_stands_for_the_day(written: str, said: str) -> None:
    assert (fill(written, FRIDAY, 0), wrongs_in(written)) == (said, [])


def test_the_week_is_that_of_the_calendar_that_businesses_use() -> None:
    """Friday 1 January 2027 is in the last week of 2026."""
    assert [fill("{week}", day, 0) for day in (date(2027, 1, 1), date(2027, 1, 4))] == ["53", "1"]


def test_every_month_and_weekday_has_its_name_in_both_languages() -> None:
    months = {fill("{date: short} {datum: kurz}", date(2027, month, 1), 0) for month in range(1, 13)}
    days = {fill("{weekday} {wochentag}", date(2027, 3, day), 0) for day in range(1, 8)}
    assert (len(months), len(days)) == (12, 7)
    assert {"1 May 1. Mai", "1 December 1. Dezember"} <= months
    assert {"Monday Montag", "Sunday Sonntag"} <= days


def test_a_list_is_taken_in_turn_and_begins_again() -> None:
    written = "Today: {rotate: croissant, plum cake,rye}"
    assert [fill(written, FRIDAY, turn)[7:] for turn in range(4)] == ["croissant", "plum cake", "rye", "croissant"]
    assert fill("{wechsel: Brot, Kuchen}", FRIDAY, 1) == "Kuchen"


def test_bars_part_a_list_whose_words_have_commas() -> None:
    assert fill("{rotate: soup, small | soup, large}", FRIDAY, 1) == "soup, large"


def test_a_list_may_go_over_several_lines() -> None:
    assert fill("{rotate: croissant,\n  plum\n  cake}", FRIDAY, 1) == "plum cake"


def test_lists_of_one_post_go_in_step() -> None:
    template = Template(
        "Cake",
        ("cron(0 9 ? * FRI *)",),
        "every Friday 9:00",
        1,
        text="{rotate: plum, rye} on {weekday}",
        image="{rotate: plum.jpg, rye.jpg}",
        alt="A {rotate: plum cake, rye bread}",
        link="https://cafe.example/{rotate: plum, rye}/{date: iso}",
    )
    assert varies(template)
    assert filled(template, FRIDAY, 1) == (
        "rye on Friday",
        "rye.jpg",
        "A rye bread",
        "https://cafe.example/rye/2026-03-20",
    )


def test_a_link_has_what_an_address_can_hold() -> None:
    assert fill_link("https://cafe.example/{date}", FRIDAY, 0) == "https://cafe.example/20%20March%202026"
    assert fill_link("https://cafe.example/ü?a=1%20b", FRIDAY, 0) == "https://cafe.example/ü?a=1%20b"
    whole = "{rotate: https://a.example/x?y=1&z=2#top, https://b.example}"
    assert fill_link(whole, FRIDAY, 0) == "https://a.example/x?y=1&z=2#top"


@pytest.mark.parametrize(
    "text",
    ["no braces", "sad :-{", "{}", "{ }", "{1, 2}", "{ 'a': 1 }", "a } } {", "{\n}", "{a\nb}", "✨{…}✨", "}{", "{{}"],
)
def test_other_braces_are_the_owners_own(text: str) -> None:
    assert (fill(text, FRIDAY, 3), wrongs_in(text)) == (text, [])


def test_double_braces_are_posted_as_single_ones() -> None:
    written = "{{dish}} {{rotate: a, b}} {{date}} {date: iso}"
    assert (fill(written, FRIDAY, 0), wrongs_in(written)) == ("{dish} {rotate: a, b} {date} 2026-03-20", [])


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{dish}", "“{dish}” stands for nothing; known are {date}, {weekday}, {week} and {rotate: …}."),
        ("{dish}", "To have the braces posted, write “{{dish}}”"),
        ("{weekdy}", "did you mean {weekday}?"),
        ("{wochentg}", "did you mean {wochentag}?"),
        ("{rotat: a, b}", "did you mean {rotate: croissant, plum cake}?"),
        ("{date: long}", "known are {date}, {date: short}, {date: iso}."),
        ("{datum: short}", "known are {datum}, {datum: kurz}, {datum: iso}."),
        ("{week: 3}", "known are {week}."),
        ("{rotate}", "needs two or more to take turns"),
        ("{rotate: croissant}", "needs two or more to take turns"),
        ("{rotate: a, b", "“{rotate” has no end"),
        ("{rotate: {weekday}, b}", "braces within its braces; write it like {rotate: croissant, plum cake}"),
        ("{wechsel: a", "write it like {wechsel: Croissant, Pflaumenkuchen}"),
    ],
)  # fmt: skip
def test_what_stands_for_nothing_is_told_with_what_to_write(written: str, told: str) -> None:
    ((at, message),) = wrongs_in(f"So: {written}")
    assert at == 4
    assert told in message


def test_the_rules_doc_names_the_line_of_an_unknown_word_also_far_down_in_a_text() -> None:
    text = f"{HEAD}    text: One\n      two\n      # a note\n\n      and {{dish}}\n    alt text: of {{wekday}}\nLate rule: 1 hour"
    book, problems = parse_rules(text, default_zone="UTC")
    assert book.templates == ()
    assert [(problem.line, problem.message[:17]) for problem in problems] == [
        (10, "“Cake”: “{dish}” "),
        (11, "“Cake”: “{wekday}"),
    ]


def test_a_link_must_be_one_whichever_turn_it_is() -> None:
    good = f"{HEAD}    link: {{rotate: https://a.example, https://b.example/x}}"
    assert parse_rules(good, default_zone="UTC")[1] == ()
    (problem,) = parse_rules(good.replace("https://b.example/x", "b.example"), default_zone="UTC")[1]
    assert "“b.example” is no link; did you mean https://b.example?" in problem.message


def test_how_many_turns_a_text_has() -> None:
    assert [turns(text) for text in ("x", "{date}", "{rotate: a, b, c} {rotate: d, e}")] == [1, 1, 3]


def test_a_list_alone_on_a_line_of_a_text_is_no_note() -> None:
    book, problems = parse_rules(f"{HEAD}    text:\n      {{rotate: plum, rye}}\n      {{weekday}}", default_zone="UTC")
    assert problems == ()
    assert fill(book.templates[0].text, FRIDAY, 0) == "plum\nFriday"
