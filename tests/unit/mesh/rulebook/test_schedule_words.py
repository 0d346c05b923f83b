"""Schedules in words become EventBridge's crons; what a cron cannot say is refused with what it can."""

from __future__ import annotations

import pytest

from mesh.rulebook.model import Wrong
from mesh.rulebook.schedule_words import crons_of


@pytest.mark.parametrize(
    "written",
    [
        "every Friday 9:00",
        "Every Friday at 9:00",
        "Fridays 9.00",
        "each Friday, 9am",
        "every Fri at 9 a.m.",
        "every Friday at 9",
        "Friday 9 o'clock",
        "9:00 every Friday",
        "every Friday 9:00 (before the market)",
        "jeden Freitag um 9 Uhr",
        "freitags 9h00",
        "Fr 9:00 Uhr",
        "cron(0 9 ? * FRI *)",
        "CRON( 0  9 ? * fri * )",
        "0 9 ? * FRI *",
    ],
)
def test_one_schedule_however_it_is_written(written: str) -> None:
    assert crons_of(written) == ("cron(0 9 ? * FRI *)",)


@pytest.mark.parametrize(
    ("written", "cron"),
    [
        ("every day 21h30", "30 21 * * ? *"),
        ("every day at 9:30 pm", "30 21 * * ? *"),
        ("every day at 12am", "0 0 * * ? *"),
        ("täglich mittags", "0 12 * * ? *"),
        ("every day at 9 and 17", "0 9,17 * * ? *"),
        ("every day at 9:00, 9:30 and 10:00 am", None),
        ("every day 9 Uhr 30", "30 9 * * ? *"),
        ("every weekday 9:00", "0 9 ? * MON-FRI *"),
        ("Monday to Sunday 9:00", "0 9 * * ? *"),
        ("Fri-Mon 9:00", "0 9 ? * MON,FRI,SAT,SUN *"),
        ("Mo-Fr 9 Uhr", "0 9 ? * MON-FRI *"),
        ("on the 1st and 15th of every month at 9:00", "0 9 1,15 * ? *"),
        ("monthly on the 15th 9:00", "0 9 15 * ? *"),
        ("am 15. jedes Monats um 9 Uhr", "0 9 15 * ? *"),
        ("um 18:30 am 15.", "30 18 15 * ? *"),
        ("first day of the month 9:00", "0 9 1 * ? *"),
        ("every month on the 31st 9:00", "0 9 31 * ? *"),
        ("am letzten Tag des Monats 9:00", "0 9 L * ? *"),
        ("first weekday of the month 9:00", "0 9 1W * ? *"),
        ("1st Monday of the month 9:00", "0 9 ? * 2#1 *"),
        ("jeden ersten Sonntag im Monat um 9 Uhr", "0 9 ? * 1#1 *"),
        ("every second Friday of the month 9:00", "0 9 ? * 6#2 *"),
        ("fifth Saturday of the month 9:00", "0 9 ? * 7#5 *"),
        ("first Monday of May 9:00", "0 9 ? 5 2#1 *"),
        ("every year on 29 February 9:00", "0 9 29 2 ? *"),
        ("every December 24th at 9:00", "0 9 24 12 ? *"),
        ("jedes Jahr am 24.12. um 9 Uhr", "0 9 24 12 ? *"),
        ("every year on 12/24 9:00", "0 9 24 12 ? *"),
        ("on the 1st of January, April, July and October at 9:00", "0 9 1 1,4,7,10 ? *"),
        ("cron(0/30 9 1-7 JAN-MAR ? 2027-2030)", "0/30 9 1-7 JAN-MAR ? 2027-2030"),
    ],
)
def test_words_of_every_kind(written: str, cron: str | None) -> None:
    wanted = (f"cron({cron})",) if cron else ("cron(0 9,10 * * ? *)", "cron(30 9 * * ? *)")
    assert crons_of(written) == wanted


@pytest.mark.parametrize(
    ("written", "crons"),
    [
        ("every day at 9:00 and 17:30", ["0 9 * * ? *", "30 17 * * ? *"]),
        ("first and third Friday 9:00", ["0 9 ? * 6#1 *", "0 9 ? * 6#3 *"]),
        ("on the 15th and the last day of the month 9:00", ["0 9 15 * ? *", "0 9 L * ? *"]),
    ],
)
def test_what_one_cron_cannot_say_takes_two(written: str, crons: list[str]) -> None:
    assert crons_of(written) == tuple(f"cron({cron})" for cron in crons)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("every second Friday 9:00", "“first and third Friday of the month 9:00”"),
        ("every other Monday 9:00", "“first and third Monday of the month 9:00”"),
        ("every 3 weeks on Friday 9:00", "weeks cannot be counted"),
        ("jeden zweiten Freitag um 9 Uhr", "weeks cannot be counted"),
        ("alle zwei Wochen freitags 9 Uhr", "weeks cannot be counted"),
        ("fortnightly on Fridays 9:00", "weeks cannot be counted"),
        ("every three days 9:00", "name the weekdays"),
        ("every 2 months on the 1st 9:00", "January, April, July and October"),
        ("every hour", "every day at 9:00 and 17:00"),
        ("twice a week 9:00", "every Monday and Thursday 9:00"),
        ("every Friday", "write the time like 9:00"),
        ("every Friday 9", "is 9 a time?"),
        ("every Friday 25:00", "25:00 is no time of day"),
        ("every Friday at 9 in the evening", "write the time like 9:00 or 21:00"),
        ("every Friday 9:00-17:00", "from when to when?"),
        ("9:00", "on which days"),
        ("every month 9:00", "every month on the 15th"),
        ("every December 9:00", "on which day?"),
        ("every week at 9:00", "every Friday 9:00"),
        ("every Fryday 9:00", "did you mean “friday”?"),
        ("every year on 30 February 9:00", "never comes"),
        ("every year on 31 June 9:00", "never comes"),
        ("every year on 5/6 9:00", "day or month first"),
        ("24 December 2026 9:00", "put it into the sheet as a row"),
        ("Friday the 13th 9:00", "a weekday and a day of the month"),
        ("last weekday of the month 9:00", "on the last day of every month"),
        ("every month on the 32nd 9:00", "no day of a month"),
        ("cron(0 9 * * 5)", "five parts"),
        ("cron(0 9 * * FRI *)", "one of day of month and day of week is “?”"),
        ("cron(0 9 ? * FRI#1,MON#1 *)", "is no day of week"),
        ("cron(0 25 ? * FRI *)", "“25” is no hours of a cron"),
        ("cron(0 9 30 2 ? *)", "never comes"),
        ("cron(* * * * ? *)", "1440 times a day"),
        ("", "when it comes"),
    ],
)
def test_what_is_no_schedule_is_told_with_what_to_write(written: str, told: str) -> None:
    with pytest.raises(Wrong) as caught:
        crons_of(written)
    assert told in str(caught.value)
