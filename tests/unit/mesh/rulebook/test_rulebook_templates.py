"""Recurring posts in the rules doc: however a Doc dresses them, the text stays the owner's own."""

from __future__ import annotations

import textwrap

import pytest

from mesh.rulebook import RuleProblem, Template, parse_rules

CHANNELS = "Channels\n- bluesky-main: bluesky, account 1\n- mastodon-main: mastodon, account 2, mastodon.social\n"
CAKE = Template(
    name="Friday cake",
    crons=("cron(0 9 ? * FRI *)",),
    words="every Friday 9:00",
    line=5,
    text="The weekend cake is here.\nFirst come, first served.",
    channels=("bluesky-main", "mastodon-main"),
    image="cake.jpg",
    alt="A plum cake",
    link="https://cafe.example/cakes",
)
PLAIN = """\
Friday cake: every Friday 9:00
channels: bluesky-main, mastodon-main
text: The weekend cake is here.
First come, first served.
image: cake.jpg
alt text: A plum cake
link: https://cafe.example/cakes"""


def read(section: str) -> tuple[tuple[Template, ...], tuple[RuleProblem, ...]]:
    """The section begins in line 5, behind the channels and its heading."""
    book, problems = parse_rules(f"{CHANNELS}Recurring posts\n{section}", default_zone="UTC")
    return book.templates, problems


def texts(section: str) -> list[str]:
    templates, problems = read(section)
    assert problems == ()
    return [template.text for template in templates]


def indented(text: str, by: str) -> str:
    first, rest = text.split("\n", 1)
    return f"{first}\n{textwrap.indent(rest, by)}"


@pytest.mark.parametrize(
    "dressed",
    [
        pytest.param(PLAIN, id="plain"),
        pytest.param("- " + indented(PLAIN, "    "), id="a list"),
        pytest.param("* " + indented(PLAIN, "   * "), id="nested bullets as Docs export them"),
        pytest.param("\n".join(f"●\t{line}" for line in PLAIN.split("\n")), id="a bullet on every line"),
        pytest.param("1. " + indented(PLAIN, "\t"), id="numbered"),
        pytest.param(PLAIN.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(PLAIN.replace("\n", "\v"), id="soft line breaks"),
        pytest.param(PLAIN.replace("\nimage", "\n\n\nimage").replace("\nlink", "\n\nlink"), id="blank lines"),
        pytest.param(PLAIN.replace("alt text", "ALT TEXT").replace("text:", "Text :"), id="capitals"),
        pytest.param(PLAIN.replace(": ", "：\u00a0", 2), id="full-width colons"),
        pytest.param(PLAIN.replace(", mastodon", " and mastodon"), id="and between channels"),
        pytest.param(PLAIN.replace("bluesky-main, mastodon-main", "all"), id="all channels"),
        pytest.param(PLAIN.replace("cake: every", "cake – every"), id="a dash for a colon"),
        pytest.param(PLAIN.replace("image:", "Foto:").replace("channels:", "Kanäle:"), id="German words"),
        pytest.param(PLAIN + "\n\nLate rule: 1 hour", id="a rule behind it"),
        pytest.param(PLAIN + "\nLimits\ninstagram hashtags: 5", id="a heading behind it"),
        pytest.param(PLAIN.replace("\ntext:", "\n# not before noon\ntext:"), id="a note"),
    ],
)
def test_dress_does_not_matter_for_templates(dressed: str) -> None:
    assert read(dressed) == ((CAKE,), ())


def test_a_schedule_may_stand_on_a_line_of_its_own() -> None:
    for below in ("when: every Friday 9:00", "every Friday 9:00"):
        (template,), problems = read(f"Friday cake\n{below}\ntext: Cake")
        assert (template.name, template.crons, problems) == ("Friday cake", CAKE.crons, ())


def test_channels_may_stand_a_line_each() -> None:
    (template,), problems = read("- a: every day 9:00\n  channels:\n  - mastodon-main\n  - bluesky-main\n  text: x")
    assert (template.channels, template.text, problems) == (("mastodon-main", "bluesky-main"), "x", ())


def test_without_a_text_it_is_to_be_drafted() -> None:
    (template,), problems = read("- Lunch: every weekday 10:00\n  channels: bluesky-main")
    assert template.drafted
    assert not CAKE.drafted
    assert (template.text, problems) == ("", ())


@pytest.mark.parametrize(
    "text",
    [
        "“Quoted” – it's ‘ours’…",
        "👩‍🍳 bakes:\u00a0 9 ½ cakes",
        "one\n\ntwo",
        "#cake #berlin",
        "(while stocks last)",
        "- plum\n- cherry",
        "1. mix\n2. bake",
        "Photo: Inès",
        "Open: 9 to 18",
        "We bake so: slowly",
        "Channels are all around us",
        "Late: we are too",
        "https://cafe.example is our page",
        "a = b | c",
        "１２：００",
        "\u0645\u0642\u0647\u0649: \u0642\u0647\u0648\u0629",
    ],
)
def test_a_text_stays_as_it_is_written(text: str) -> None:
    lines = f"first\n{text}".split("\n")
    assert texts("- a: every day 9:00\n  text: " + "\n    ".join(lines) + "\n  channels: bluesky-main") == [
        f"first\n{text}"
    ]
    assert texts(f"a: every day 9:00\ntext: {text.split(chr(10))[0]}\nchannels: bluesky-main") == [text.split("\n")[0]]


def test_a_note_between_the_lines_of_a_text_is_left_out() -> None:
    assert texts("- a: every day 9:00\n  text: one\n  # ask Inès\n  // soon\n  two #three") == ["one\ntwo #three"]


@pytest.mark.parametrize("mark", ["- ", "", "* "])
def test_the_next_template_ends_a_text(mark: str) -> None:
    section = (
        f"{mark}a: every day 9:00\ntext: one\ntwo\n\n{mark}b: Fri 10:00\ntext: three\n{mark}c: cron(0 9 ? * FRI *)"
    )
    assert texts(section) == ["one\ntwo", "three", ""]


def test_further_in_a_schedule_is_a_line_of_the_text() -> None:
    assert texts("- a: every day 9:00\n  text: Open\n    Breakfast: every day 9:00") == [
        "Open\nBreakfast: every day 9:00"
    ]


@pytest.mark.parametrize(
    ("section", "line", "told"),
    [
        (
            "- a: every Fryday 9:00\n  text: x",
            5,
            "“a”: “every Fryday 9:00”: “fryday” says nothing to me; did you mean “friday”?",
        ),
        ("- a: every second Friday 9:00", 5, "first and third Friday"),
        ("- a: every Friday\n  text: x", 5, "does not say at what time"),
        ("- a\n  text: x", 5, "does not say when it comes"),
        ("- a: every year on 30 February 9:00", 5, "never comes"),
        ("- a: cron(0 9 31 FEB ? *)", 5, "never comes"),
        ("- a: cron(* * * * ? *)", 5, "comes 1440 times a day; 24 is the most"),
        ("- a: every day 9:00\n  text: x\n    of {dish}", 7, "“{dish}” stands for nothing"),
        ("- every day 9:00\n  text: x", 5, "give it a name, like “Friday cake: every day 9:00”"),
        (f"- {'n' * 61}: every day 9:00", 5, "61 characters of 60"),
        (
            "- a: every day 9:00\n  channels: bluesky-man",
            6,
            "“bluesky-man” is no channel of this doc; did you mean “bluesky-main”?",
        ),
        ("- a: every day 9:00\n  chanels: bluesky-main", 6, "did you mean “channels:”?"),
        (
            "- a: every day 9:00\n  text: x\n  chanels: bluesky-main",
            7,
            "did you mean “channels:”? If it belongs to the text, indent it",
        ),
        (
            "a: every day 9:00\ntext: x\n\nSoup\nevery Monday 11:00",
            9,
            "looks like a schedule; write it behind the name",
        ),
        ("- a: every day 9:00\n  text:", 6, "leave the line out to have it drafted"),
        ("- a: every day 9:00\n  text: x\n  text: y", 7, "“text:” twice"),
        ("- a: every day 9:00\n  link: cafe.example", 6, "did you mean https://cafe.example?"),
        ("- a: every day 9:00\n  link: in bio", 6, "is no link"),
        ("- a: every day 9:00\n  nothing much", 6, "begin it with text:, channels:"),
        ("- a: every day 9:00\n  when: every day 10:00", 6, "says twice when it comes"),
    ],
)
def test_a_template_that_cannot_be_read_is_named_and_the_others_go_on(section: str, line: int, told: str) -> None:
    templates, problems = read(
        f"{section}\n\n- good: every day 8:00\n  channels: bluesky-main\n  text: good\nLate rule: 1 hour"
    )
    assert [problem.line for problem in problems] == [line]
    assert told in problems[0].message
    assert [template.name for template in templates] == ["good"]


@pytest.mark.parametrize(
    ("heading", "days"),
    [
        ("Recurring posts", None),
        ("Recurring posts:", None),
        ("Recurring posts: 14 days ahead", 14),
        ("- RECURRING: 1 day", 1),
        ("Vorlagen: 10 Tage vorher", 10),
        ("Wiederkehrende Beiträge: 60 Tage", 60),
    ],
)
def test_the_heading_may_say_how_many_days_ahead(heading: str, days: int | None) -> None:
    book, problems = parse_rules(f"{heading}\n- a: every day 9:00\n", default_zone="UTC")
    assert (book.recurring_days, [template.name for template in book.templates], problems) == (days, ["a"], ())


@pytest.mark.parametrize("days", ["0", "61", "9999"])
def test_too_many_days_ahead_are_told_and_the_posts_are_read(days: str) -> None:
    book, problems = parse_rules(f"Recurring posts: {days} days ahead\n- a: every day 9:00", default_zone="UTC")
    assert (book.recurring_days, len(book.templates)) == (None, 1)
    assert [(problem.line, "1 to 60 days ahead" in problem.message) for problem in problems] == [(1, True)]


def test_a_name_comes_once_whatever_its_capitals() -> None:
    templates, problems = read("- Cake: every day 9:00\n- cake: every day 10:00\n- Soup: every day 11:00")
    assert [template.name for template in templates] == ["Cake", "Soup"]
    assert [(problem.line, "already in line 5" in problem.message) for problem in problems] == [(6, True)]


def test_the_section_may_stand_before_the_channels_and_come_again() -> None:
    text = f"Templates\n- a: every day 9:00\n  channels: bluesky-main\n{CHANNELS}Vorlagen\n- b: täglich 10 Uhr"
    book, problems = parse_rules(text, default_zone="UTC")
    assert ([template.name for template in book.templates], problems) == (["a", "b"], ())
