"""Public holidays: which country is meant, which days are closed, and what a post that falls on one is told."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta

import pytest

from mesh.posts import Row, plan_row
from mesh.rulebook import Region, Rulebook, fatal_in, parse_rules
from mesh.rulebook.public_holidays import holiday_on, region_of
from mesh.rulebook.telling import changes
from mesh.schedule_time import effective_time

BAVARIA = Region("DE", "BY", "Germany, Bavaria")


def read(line: str) -> tuple[Rulebook, list[str]]:
    book, problems = parse_rules(f"Time zone: Europe/Berlin\n{line}\n", default_zone="UTC")
    return book, [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("line", "country", "part"),
    [
        ("Public holidays: Germany, Bavaria", "DE", "BY"),
        ("public holidays = Germany", "DE", ""),
        ("Bank holidays: England", "GB", "ENG"),
        ("Feiertage: Bayern", "DE", "BY"),
        ("Feiertage: Deutschland (Bayern)", "DE", "BY"),
        ("Feiertage: bayern, deutschland", "DE", "BY"),
        ("Gesetzliche Feiertage: Österreich", "AT", ""),
        ("Feiertage: Schweiz / Zürich", "CH", "ZH"),
        ("Feiertage: Baden Württemberg", "DE", "BW"),
        ("- Public holidays: DE-BY", "DE", "BY"),
        ("Public holidays: DEU", "DE", ""),
        ("Public holidays: USA, California", "US", "CA"),
        ("Public holidays: UK, Scotland", "GB", "SCT"),
        ("Public holidays: Singapore.", "SG", ""),
        ("Public holidays\tGermany\tBavaria", "DE", "BY"),
    ],
)
def test_a_country_is_named_as_people_name_it(line: str, country: str, part: str) -> None:
    book, problems = read(line)
    assert problems == []
    assert book.holidays is not None
    assert (book.holidays.country, book.holidays.part) == (country, part)


@pytest.mark.parametrize("line", ["Public holidays: none", "Feiertage: keine", "Feiertage: -", ""])
def test_without_the_rule_a_holiday_is_a_day_like_any_other(line: str) -> None:
    book, problems = read(line)
    assert (book.holidays, problems) == (None, [])
    assert book.closed_on(date(2026, 12, 25)) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Public holidays: Germny", "did you mean “Germany”"),
        ("Public holidays: Germany, Bavira", "“Bavira” is no part of Germany I know; did you mean “Bavaria”"),
        ("Public holidays: Bavira", "Germany, Bavaria"),
        ("Public holidays: Qwxyz", "no country whose public holidays I know; write it like “Germany, Bavaria”"),
        ("Public holidays: Germany, Qwxyz", "known are: "),
        ("Public holidays: Singapore, East", "write “Singapore” alone"),
        ("Feiertage: BY", "could be “Belarus” or “Germany, BY”"),
        ("Public holidays: Georgia", "could be “GE” or “United States, Georgia”"),
        ("Public holidays: Germany, Bavaria, Austria", "more than one country and a part of it"),
        ("Public holidays: 24.12.2026", "below “Blackout days:”"),
    ],
)
def test_what_is_no_country_or_could_be_two_is_told_with_what_to_write(line: str, said: str) -> None:
    book, (problem,) = read(line)
    assert said in problem
    assert book.holidays is None


@pytest.mark.parametrize("written", ["GE", "United States, Georgia", "Belarus", "Germany, BY"])
def test_what_the_question_offers_is_understood(written: str) -> None:
    assert region_of(written) is not None


def test_a_holiday_of_one_part_is_none_of_its_neighbours() -> None:
    epiphany = date(2027, 1, 6)
    assert holiday_on(BAVARIA, epiphany) == "Epiphany"
    assert holiday_on(Region("DE", "BE", "Berlin"), epiphany) == ""


def test_the_day_on_which_a_holiday_is_observed_instead_is_closed_also_in_the_year_before() -> None:
    states = Region("US", "", "USA")
    assert holiday_on(states, date(2027, 7, 4)) == "Independence Day"
    assert holiday_on(states, date(2027, 7, 5)) == "Independence Day (observed)"
    assert holiday_on(states, date(2027, 12, 31)) == "New Year's Day (observed)"


def test_a_half_day_is_a_day_like_any_other() -> None:
    assert holiday_on(Region("CH", "ZH", "Zürich"), date(2027, 4, 19)) == ""  # Sechseläuten


def test_names_are_english_wherever_the_computer_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "de_DE")
    assert holiday_on(Region("DE", "TH", "Thüringen"), date(2029, 9, 20)) == "World Children's Day"
    assert holiday_on(Region("AT", "", "Österreich"), date(2031, 12, 8)) == "Immaculate Conception"


def test_a_post_on_a_holiday_moves_and_the_reason_names_it() -> None:
    book = Rulebook("Europe/Berlin", window=(time(7), time(21)), holidays=BAVARIA)
    planned = datetime(2026, 12, 25, 9, tzinfo=book.zone)
    found = effective_time(planned, book, now=planned - timedelta(days=1))
    assert found.at == datetime(2026, 12, 27, 6, tzinfo=UTC)
    assert found.reason == "moved to Sunday, 07:00: Friday 25 December is Christmas Day"


def test_an_own_closed_day_is_called_by_the_owners_rule() -> None:
    book = Rulebook("Europe/Berlin", blackout_days=frozenset({date(2026, 12, 25)}), holidays=BAVARIA)
    assert book.closed_on(date(2026, 12, 25)) == "a blackout day"
    assert book.closed_on(date(2026, 12, 24)) == ""


def test_every_country_of_the_library_can_be_named_by_its_code_and_nearly_all_have_holidays_next_year() -> None:
    from holidays.registry import COUNTRIES

    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    without = set()
    for names in COUNTRIES.values():
        region = region_of(names[2])
        assert region is not None
        assert region.country == names[1]
        if not any(holiday_on(region, day) for day in days):
            without.add(names[1])
    assert len(without) < 10, without


def test_a_change_of_the_rule_is_told_in_the_owners_words() -> None:
    book = Rulebook("Europe/Berlin")
    assert changes(book, Rulebook("Europe/Berlin", holidays=BAVARIA)) == (
        "public holidays none is now Germany, Bavaria",
    )


def test_the_holidays_are_no_part_of_the_source_so_that_an_approval_outlives_them() -> None:
    rules = "Time zone: Europe/Berlin\n{}\nChannels\n- bluesky-main: bluesky, account did:plc:a, https://b.example\n"
    row = Row(post_id="p_1", date="2026-12-25", time="09:00", text="Hallo", channels="bluesky-main")
    plans = [
        plan_row(row, parse_rules(rules.format(line), default_zone="UTC")[0]) for line in ("", "Feiertage: Bayern")
    ]
    assert not any(isinstance(plan, tuple) for plan in plans)
    assert len({getattr(plan, "source_revision", None) for plan in plans}) == 1


def test_the_library_is_imported_only_where_a_rule_names_a_country() -> None:
    script = """
import sys
from mesh.rulebook import parse_rules
parse_rules("Time zone: Europe/Berlin\\nBlackout days: 2026-12-24\\nFeiertage: keine", default_zone="UTC")
assert "holidays" not in sys.modules
parse_rules("Feiertage: Bayern", default_zone="UTC", with_holidays=False)
assert "holidays" not in sys.modules
parse_rules("Feiertage: Bayern", default_zone="UTC")
assert "holidays" in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": ":".join(sys.path)}, timeout=60)


# what makes rules unusable


def test_an_unknown_zone_is_fatal_and_another_mistake_is_not() -> None:
    _, problems = parse_rules("Time zone: Europe/Berln\nMinimum gap: soon", default_zone="UTC")
    assert [problem.fatal for problem in problems] == [True, False]
    fatal = fatal_in(problems)
    assert fatal is not None
    assert fatal.line == 1
    assert fatal_in(problems[1:]) is None


def test_a_fatal_mistake_is_not_lost_among_many() -> None:
    _, problems = parse_rules("\n".join(["Minimum gap: soon"] * 60 + ["Time zone: Nowhere"]), default_zone="UTC")
    assert fatal_in(problems) is not None


def test_a_doc_that_was_not_read_at_all_is_fatal() -> None:
    for text in ("x" * 100_001, "x\n" * 2_001):
        assert fatal_in(parse_rules(text, default_zone="UTC")[1]) is not None
