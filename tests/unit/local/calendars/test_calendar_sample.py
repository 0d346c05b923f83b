"""The sample business: forty posts around the next clock change, whenever today is."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from local.calendars.model import CalendarError
from local.calendars.sample import load_sample
from local.calendars.weeks import blackout_days, first_monday, next_clock_change
from local.samples.draw import draw_all
from networks import NAMES

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 21)


def test_the_second_sunday_is_the_next_clock_change() -> None:
    assert load_sample("cafe", TODAY, BERLIN).start == datetime(2027, 3, 15, 7, 0, tzinfo=UTC)
    assert load_sample("cafe", date(2027, 3, 15), BERLIN).start == datetime(2027, 10, 18, 6, 0, tzinfo=UTC)
    assert next_clock_change(TODAY, BERLIN) == date(2027, 3, 28)
    assert next_clock_change(date(2027, 3, 14), BERLIN) == date(2027, 3, 28)


@settings(max_examples=30, deadline=None)
@given(
    st.dates(date(2026, 1, 1), date(2036, 1, 1)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Gaza", "Asia/Tokyo"]),
)
def test_the_sample_always_lies_ahead_and_the_change_in_its_second_week(today: date, key: str) -> None:
    monday = first_monday(today, ZoneInfo(key))
    change = next_clock_change(today, ZoneInfo(key))
    assert monday > today
    assert monday.weekday() == 0
    if change is not None:
        assert 7 <= (change - monday).days < 14
    assert all(day > monday for day in blackout_days(monday))


def test_there_are_forty_posts_over_three_weeks_and_every_network_has_one() -> None:
    calendar = load_sample("cafe", TODAY, BERLIN)
    assert len(calendar.rows) == 40
    assert {name for row in calendar.rows for name in row["channels"].split(", ")} == {
        *(f"{network}-main" for network in NAMES),
        "bluesky-second",
    }
    dates = sorted(date.fromisoformat(row["date"]) for row in calendar.rows)
    assert (dates[0], dates[-1]) == (date(2027, 3, 15), date(2027, 3, 15) + timedelta(days=20))


def test_one_post_is_planned_in_the_hour_the_change_takes() -> None:
    rows = load_sample("cafe", TODAY, BERLIN).rows
    assert [row["time"] for row in rows if row["date"] == "2027-03-28"] == ["02:30", "10:00"]


def test_every_post_fits_every_network() -> None:
    for row in load_sample("cafe", TODAY, BERLIN).rows:
        assert len(regex.findall(r"\X", row["text"])) <= 300, row["text"]
        assert len(row["text"].encode()) <= 3000
        assert bool(row.get("image")) == bool(row.get("alt text"))


def test_the_sample_has_the_texts_that_are_hard() -> None:
    texts = [row["text"] for row in load_sample("cafe", TODAY, BERLIN).rows]
    assert any("\u200d" in text for text in texts)
    assert any("\n" in text for text in texts)
    assert any(len(regex.findall(r"\X", text)) > 290 for text in texts)


def test_every_picture_is_there_and_small() -> None:
    calendar = load_sample("cafe", TODAY, BERLIN)
    assert len(calendar.images) == 9
    for path in calendar.images.values():
        assert path.stat().st_size < 120_000
        with Image.open(path) as picture:
            assert all(600 <= side_px <= 1200 for side_px in picture.size)


def test_the_rules_leave_only_the_accounts_to_fill_in_and_the_words_of_what_comes_again() -> None:
    rules = load_sample("cafe", TODAY, BERLIN).rules or ""
    assert "Time zone: Europe/Berlin\n" in rules
    assert "Blackout days: 2027-04-02, 2027-12-24\n" in rules
    assert set(regex.findall(r"\{\w+\}", rules)) == {
        "{weekday}",
        "{bluesky_second_account}",
        *(f"{{{network}_main_account}}" for network in NAMES),
        *(f"{{{network}_host}}" for network in NAMES),
    }


def test_the_recurring_posts_may_be_left_out() -> None:
    whole, without = (
        load_sample("cafe", TODAY, BERLIN, recurring=recurring).rules or "" for recurring in (True, False)
    )
    assert whole.startswith(without)
    assert whole.removeprefix(without).startswith("Recurring posts\n- Weekend cake: every Friday")
    assert without.endswith("{linkedin_host}\n\n")


def test_an_unknown_sample_is_named_with_those_there_are() -> None:
    with pytest.raises(CalendarError, match="no sample named bakery; there are bookshop and cafe"):
        load_sample("bakery", TODAY, BERLIN)


@pytest.mark.slow  # it draws them all
def test_the_pictures_in_the_tree_are_the_ones_the_script_draws(tmp_path: Path) -> None:
    images = load_sample("cafe", TODAY, BERLIN).images
    for drawn in draw_all(tmp_path):
        with Image.open(drawn) as fresh, Image.open(images[drawn.name]) as kept:
            assert fresh.size == kept.size
            assert drawn.read_bytes() == images[drawn.name].read_bytes()
