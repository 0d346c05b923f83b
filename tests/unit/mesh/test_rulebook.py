"""The rules doc as people write it: read forgivingly, and what cannot be read is named with its line."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from local.calendars.sample import fill
from mesh.rulebook import Channel, Rulebook, RuleProblem, parse_rules, usable_rules
from networks import NAMES
from networks import NAMES as NETWORKS
from networks.model import Of

CAFE = """# Café Möwe, rules
Time zone: Europe/Berlin
Posting window: 07:00-21:00
Blackout days: 2027-04-02, 2027-12-24
Minimum gap: 5 minutes
Late rule: 3 hours

Channels
- bluesky-main: bluesky, account did:plc:abc, https://bsky.social
- mastodon-main: mastodon, account 109, mastodon.social
"""
CAFE_BOOK = Rulebook(
    time_zone="Europe/Berlin",
    channels={
        "bluesky-main": Channel("bluesky-main", "bluesky", "did:plc:abc", "https://bsky.social"),
        "mastodon-main": Channel("mastodon-main", "mastodon", "109", "https://mastodon.social"),
    },
    window=(time(7), time(21)),
    blackout_days=frozenset({date(2027, 4, 2), date(2027, 12, 24)}),
    minimum_gap=timedelta(minutes=5),
    late=timedelta(hours=3),
)


def book_of(text: str) -> Rulebook:
    book, problems = parse_rules(text, default_zone="UTC")
    assert problems == ()
    return book


def only_problem(text: str) -> RuleProblem:
    problems = parse_rules(text, default_zone="UTC")[1]
    assert len(problems) == 1, problems
    return problems[0]


def host_of(host: str, network: str = "mastodon") -> str:
    return book_of(f"Channels\n- a: {network}, account 1, {host}").channels["a"].host


def test_a_plain_doc_is_read_whole() -> None:
    assert parse_rules(CAFE, default_zone="UTC") == (CAFE_BOOK, ())


def test_an_empty_doc_is_no_mistake_and_leaves_the_defaults() -> None:
    book, problems = parse_rules("\ufeff \n# nothing yet\n", default_zone="Asia/Kathmandu")
    assert (book, problems) == (Rulebook("Asia/Kathmandu"), ())
    assert (book.zone, book.window, book.late) == (ZoneInfo("Asia/Kathmandu"), None, timedelta(hours=2))


def test_a_default_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        parse_rules(CAFE, default_zone="Mars/Olympus")


def test_the_sample_cafes_rules_are_read_without_a_problem() -> None:
    sample = Path(__file__).parents[3] / "local/samples/cafe/rules.txt"
    names = {
        "time_zone": "Europe/Berlin",
        "blackout_days": "2027-04-02",
        "bluesky_second_account": "did:plc:b",
        **{f"{network}_main_account": f"10{number}" for number, network in enumerate(NAMES)},
        **{f"{network}_host": f"http://127.0.0.1:410{number}" for number, network in enumerate(NAMES)},
    }
    text = fill(sample.read_text(encoding="utf-8"), names)
    assert sorted(book_of(text).channels) == sorted(["bluesky-second", *(f"{network}-main" for network in NAMES)])


@pytest.mark.parametrize(
    "dressed",
    [
        pytest.param("\ufeff" + CAFE.replace("\n", "\r\n"), id="byte order mark and CRLF"),
        pytest.param(CAFE.replace("\n", "\r"), id="old line ends"),
        pytest.param(CAFE.replace("\n", "\v"), id="soft line breaks"),
        pytest.param(CAFE.replace(" ", "\u00a0"), id="non-breaking spaces"),
        pytest.param(CAFE.replace("- ", "• "), id="round bullets"),
        pytest.param(CAFE.replace("- ", "  * "), id="star bullets"),
        pytest.param("\n".join(f"●\t{line}" for line in CAFE.splitlines()), id="everything in a list"),
        pytest.param(CAFE.replace("07:00-21:00", "07:00 – 21:00"), id="a dash between times"),
        pytest.param(CAFE.replace("07:00-21:00", "7:00 to 21.00"), id="to between times"),
        pytest.param(CAFE.replace("Time zone", "TIME ZONE").replace("bluesky,", "Bluesky,"), id="capitals"),
        pytest.param(CAFE.replace("Europe/Berlin", "europe/berlin"), id="a small zone"),
        pytest.param(CAFE.replace("Europe/Berlin", "“Europe/Berlin”"), id="smart quotes"),
        pytest.param(CAFE.replace("Time zone", "“Time zone”"), id="quotes around a rule's name"),
        pytest.param(CAFE.replace("did:plc:abc", "“did:plc:abc”"), id="quotes around an account"),
        pytest.param(CAFE.replace("Late", "\u200eLa\u00adte"), id="marks that nobody sees"),
        pytest.param("\u200f" + CAFE.replace("gap", "\u200cg\u200dap\u2067"), id="joiners and marks of direction"),
        pytest.param(CAFE.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789:"}), id="full-width"),
        pytest.param(CAFE.replace(" ", "\u2009"), id="thin spaces"),
        pytest.param("\n".join(f"{n}. {line}" for n, line in enumerate(CAFE.splitlines())), id="numbered"),
        pytest.param(CAFE.replace("Time zone:", "Time Zone -"), id="a dash for a colon"),
        pytest.param(CAFE.replace("Time zone: ", "Time zone\t"), id="a tab for a colon"),
        pytest.param(CAFE.replace("Time zone: Europe/Berlin", "| Time zone | Europe/Berlin |"), id="a table's row"),
        pytest.param(CAFE.replace("gap: ", "gap:\n\n"), id="a value below its name"),
        pytest.param(CAFE.replace("5 minutes", "5 minutes.").replace("3 hours", "3 Stunden."), id="full stops"),
        pytest.param(CAFE.replace("# Café Möwe, rules", "Rules for Café Möwe"), id="a title"),
        pytest.param(CAFE.replace("Channels", "(a line each)\n// name: network\nChannels"), id="instructions"),
        pytest.param(
            CAFE.replace("Time zone", "Zeitzone")
            .replace("Posting window", "Postingzeiten")
            .replace("Blackout days", "Sperrtage")
            .replace("Minimum gap", "Mindestabstand")
            .replace("Late rule", "Spätregel")
            .replace("Channels", "Kanäle")
            .replace("account 109", "Konto 109"),
            id="German",
        ),
        pytest.param(
            CAFE.replace("main: bluesky, ", "main | bluesky | ").replace("abc, https", "abc | https"),
            id="cells of a table",
        ),
        pytest.param(CAFE.replace("3 hours", "180 min  # until the till closes"), id="a comment behind a value"),
        pytest.param(CAFE.replace("Channels", "CHANNELS:"), id="a heading with a colon"),
        pytest.param(CAFE.replace("Channels", "Channels (a line each):"), id="a heading with a comment"),
        pytest.param(CAFE.replace("3 hours", "3 hours (then ask me)"), id="a comment in brackets"),
        pytest.param(CAFE.replace("account ", "Account: "), id="a colon after account"),
        pytest.param(CAFE.replace("did:plc:abc, https://bsky.social", "did:plc:abc"), id="bluesky's own host left out"),
        pytest.param(CAFE.replace("mastodon.social", "https://Mastodon.Social:443/"), id="a host in full"),
        pytest.param(CAFE.replace(": 2027-04-02, 2027-12-24", ":\n- 2027-04-02\n\n- 2027-12-24"), id="days in a list"),
        pytest.param(CAFE.replace("02, 2027", "02 and 2027"), id="and between days"),
    ],
)
def test_dress_does_not_matter(dressed: str) -> None:
    assert parse_rules(dressed, default_zone="UTC") == (CAFE_BOOK, ())


def test_settings_may_follow_the_channels() -> None:
    assert book_of("Channels\n- a: bluesky, account 1\nMinimum gap: 1 hour").minimum_gap == timedelta(hours=1)


@pytest.mark.parametrize(
    ("written", "window"),
    [
        ("00:00-24:00", None),
        ("always", None),
        ("21:00-02:00", (time(21), time(2))),
        ("18:00-24:00", (time(18), time(0))),
    ],
)
def test_a_window_may_be_all_day_or_go_over_midnight(written: str, window: tuple[time, time] | None) -> None:
    assert book_of(f"Posting window: {written}").window == window


@pytest.mark.parametrize("line", ["Blackout days: none", "Minimum gap: none", "Minimum gap: 0", "Posting window: None"])
def test_none_says_that_there_is_no_such_rule(line: str) -> None:
    assert book_of(line) == Rulebook("UTC")


def test_limits_are_read_by_network_and_name() -> None:
    book = book_of(CAFE + "\nLimits:\n• Instagram hashtags: 5\n• mastodon text: 5,000\nlate rule: 1 hour\n")
    assert book.limits == {"instagram": {Of.HASHTAGS: 5}, "mastodon": {Of.TEXT: 5_000}}
    assert book.late == timedelta(hours=1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("instagram hashtgs: 5", "did you mean “hashtags”?"),
        ("instagram cashtags: 5", "has no limit"),
        ("instagram widest image: 2", "has no limit"),
        ("instagrm hashtags: 5", "write it like “instagram hashtags: 5”"),
        ("instagram hashtags: five", "write a whole number, like “instagram hashtags: 30”"),
        ("instagram hashtags: 0", "write a whole number"),
        ("instagram hashtags:", "write a whole number"),
        ("mastodon text: 99999999999", "write a whole number"),
    ],
)
def test_a_limit_that_cannot_be_read_is_named_and_the_usual_stands(line: str, told: str) -> None:
    problem = only_problem(f"{CAFE}\nLimits\n{line}\n")
    assert told in problem.message
    assert parse_rules(f"{CAFE}\nLimits\n{line}\n", default_zone="UTC")[0].limits == {}


def test_an_account_may_hold_a_hash_sign() -> None:
    assert book_of("Channels\n- a: bluesky, account cafe#1 # ours").channels["a"].account == "cafe#1"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Time zone: Berlin", "Europe/Berlin"),
        ("Time zone: Europe/Brelin", "Europe/Berlin"),
        ("Time zone: ../../etc/passwd", "no time zone"),
        ("Time zone: Europe", "no time zone"),
        ("Posting windw: 07:00-21:00", "did you mean “posting window”?"),
        ("Posting window: morning", "07:00-21:00"),
        ("Posting window: 07:00-25:00", "25:00 is no time of day"),
        ("Posting window: 09:00-09:00", "00:00-24:00"),
        ("Posting window:", "says nothing"),
        ("Posting window", "says nothing"),
        ("Blackout days: 24 Dec", "of which year? Write it in full, like 2026-12-24"),
        ("Blackout days: 03/04/2027", "may be 3 April or 4 March; write 2027-04-03 or 2027-03-04"),
        ("Blackout days: 2026-02-30", "“2026-02-30” is no date"),
        ("Blackout days: 2026-W53-4", "is no date"),
        ("Minimum gap: 5", "5 minutes"),
        ("Minimum gap: -5 minutes", "is no length of time"),
        ("Late rule: 9999 days", "31 days"),
        ("Chanels", "did you mean “channels”?"),
        ("Be nice: always", "known are: time zone, posting window"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_and_changes_nothing(line: str, told: str) -> None:
    book, problems = parse_rules(f"# rules\r\n\r\n{line}\r\nLate rule: 1 hour", default_zone="UTC")
    assert [problem.line for problem in problems] == [3]
    assert told in problems[0].message
    assert book == Rulebook("UTC", late=timedelta(hours=1))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a: blusky, account 1", "did you mean “bluesky”?"),
        ("a: myspace, account 1", "known are: x, instagram"),
        ("a", "say where it posts"),
        ("a:", "say where it posts"),
        ("a: bluesky", "say which account"),
        ("a: bluesky, account 1, account 2", "say which account, once"),
        ("a: mastodon, account 1", "say which server"),
        ("a: mastodon, account 1, mastodon", "no server's address"),
        ("a: mastodon, account 1, https://mastodon.social/@cafe", "no server's address"),
        ("a: mastodon, account 1, https://me@mastodon.social", "no server's address"),
        ("a: mastodon, account 1, https://mastodon.social:70000", "no server's address"),
        ("a: mastodon, account 1, ftp://mastodon.social", "no server's address"),
        ("a: mastodon, account 1, http://mastodon.social", "write https://mastodon.social"),
        ("a: bluesky, account 1, https://bsky.social, at noon", "more than I can use"),
        ("our main one: bluesky, account 1", "no name for a channel"),
        ("Minimm gap: 5 minutes", "did you mean “minimum gap”?"),
        ("good: bluesky, account 2", "already"),
    ],
)
def test_a_channel_that_cannot_be_read_is_named_and_the_others_stand(line: str, told: str) -> None:
    text = f"Channels\n- good: bluesky, account 1\n- {line}\n- last: bluesky, account 3"
    book, problems = parse_rules(text, default_zone="UTC")
    assert [problem.line for problem in problems] == [3]
    assert told in problems[0].message
    assert sorted(book.channels) == ["good", "last"]
    assert book.channels["good"].account == "1"


def test_one_mistyped_blackout_day_does_not_open_the_others() -> None:
    book, problems = parse_rules("Blackout days: 2026-12-24, 2026-13-25, 2026-12-26", default_zone="UTC")
    assert book.blackout_days == {date(2026, 12, 24), date(2026, 12, 26)}
    assert [problem.line for problem in problems] == [1]
    assert "2026-13-25" in problems[0].message


@pytest.mark.parametrize("day", ["2 April", "2027-04-02 to Easter", "2027-04-05 - 2027-04-02", "Easter 2027", "2.4.27"])
def test_a_day_in_a_list_that_cannot_be_read_is_told_as_a_day(day: str) -> None:
    book, problems = parse_rules(f"Blackout days:\n- 2027-12-24\n- {day}\nLate rule: 1 hour", default_zone="UTC")
    assert [problem.line for problem in problems] == [3]
    assert f"“{day}”" in problems[0].message
    assert book == Rulebook("UTC", blackout_days=frozenset({date(2027, 12, 24)}), late=timedelta(hours=1))


def test_a_misspelt_heading_after_a_list_of_days_is_still_told_as_a_heading() -> None:
    assert "did you mean “channels”?" in only_problem("Blackout days:\n- 2027-12-24\nChanels").message


def test_a_list_of_days_may_say_none() -> None:
    assert book_of("Blackout days:\n- none") == Rulebook("UTC")


def test_every_mistake_is_told_not_only_the_first() -> None:
    problems = parse_rules("Late rule: soon\n\nMinimum gap: some\nChannels\n- a: x", default_zone="UTC")[1]
    assert [problem.line for problem in problems] == [1, 3, 5]


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("https://mastodon.social/", "https://mastodon.social"),
        ("HTTPS://Mastodon.Social", "https://mastodon.social"),
        ("server mastodon.social", "https://mastodon.social"),
        ("Host: mastodon.social:8443", "https://mastodon.social:8443"),
        ("http://127.0.0.1:4000/", "http://127.0.0.1:4000"),
        ("http://localhost:4000", "http://localhost:4000"),
        ("http://[::1]:4000", "http://[::1]:4000"),
    ],
)
def test_a_host_is_one_origin_however_it_is_written(written: str, host: str) -> None:
    assert host_of(written) == host


@pytest.mark.parametrize("network", sorted(set(NETWORKS) - {"mastodon"}))
def test_a_network_with_one_home_needs_no_host(network: str) -> None:
    assert book_of(f"Channels\n- a: {network}, account 1").channels["a"].host.startswith("https://")


def test_a_channels_name_is_small_letters_but_its_account_is_kept_as_written() -> None:
    assert book_of("Channels\n- Main: bluesky, account AbC").channels == {
        "main": Channel("main", "bluesky", "AbC", "https://bsky.social")
    }


def test_a_long_mistake_is_quoted_in_part() -> None:
    assert len(only_problem("Minimum gap: " + "x" * 5_000).message) < 200


def test_a_slip_in_the_first_line_is_no_title() -> None:
    assert "did you mean “channels”?" in only_problem("Chanels\n\nLate rule: 1 hour").message


def test_the_same_doc_is_read_once_and_another_one_anew() -> None:
    """A warm function meets it with every event."""
    book = usable_rules(CAFE, default_zone="Europe/Berlin")
    assert usable_rules(CAFE, default_zone="Europe/Berlin") is book
    assert usable_rules(CAFE.replace("3 hours", "4 hours"), default_zone="Europe/Berlin").late == timedelta(hours=4)
    assert usable_rules(CAFE.partition("\n\n")[2], default_zone="Asia/Tokyo").time_zone == "Asia/Tokyo"


def test_a_name_without_a_value_is_told_where_it_stands() -> None:
    assert only_problem("Time zone\n\nLate rule: 1 hour\nChannels\n- a: bluesky, account 1").line == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a: bluesky, account 1", "put it below a heading “Channels”"),
        ("Friday cake: every Friday 9:00", "put it below a heading “Recurring posts”"),
    ],
)
def test_what_stands_without_its_heading_is_told_where_it_belongs(line: str, told: str) -> None:
    assert told in only_problem(f"Late rule: 1 hour\n{line}").message


def test_a_channel_may_have_the_name_of_a_rule() -> None:
    book = book_of("Channels\n- gap: bluesky, account 1\n- late: mastodon, account 2, mastodon.social")
    assert sorted(book.channels) == ["gap", "late"]
    assert book.minimum_gap == timedelta()
