"""Which rows of recurring posts are wanted: each once, some days ahead, whatever is changed, delivered twice or skipped by the clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.ledger import Status
from mesh.ledger.items import Wanted
from mesh.ledger.proposals import DRAFTING, DraftState, Source
from mesh.posts import is_post_id
from mesh.rulebook import Rulebook, Template
from mesh.rulebook.schedule_words import crons_of
from template_sync.decide import (
    MOST_A_RUN,
    MOST_AHEAD,
    comes_too_often,
    days_ahead,
    lead_ends,
    post_id_of,
    status_of,
    wanted_now,
)

BERLIN = ZoneInfo("Europe/Berlin")
LEAD = timedelta(days=7)
NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)  # Monday, 9:00 in Berlin


def template(words: str, name: str = "Friday cake", **more: str) -> Template:
    return Template(name, crons_of(words), words, 12, **{"text": "Cake", **more})  # type: ignore[arg-type]


class Café:
    """The items there are; ``run`` wants what is missing, and tells it."""

    def __init__(self, *templates: Template, zone: str = "Europe/Berlin") -> None:
        self.book = Rulebook(zone, templates=templates)
        self.items: dict[str, Status] = {}

    def run(self, now: datetime = NOW) -> list[tuple[str, str]]:
        """Day and time of each, in order."""
        found = wanted_now(days_ahead(self.book, now, LEAD), self.items, self.book.zone)
        for one in found:
            assert one.post_id not in self.items
            self.items[one.post_id] = status_of(one, now, "t_1")
        return [(one.day.isoformat(), f"{one.clock:%H:%M}") for one in found]

    def rules(self, *templates: Template) -> None:
        self.book = replace(self.book, templates=templates)


def test_a_post_that_comes_within_seven_days_is_wanted_once() -> None:
    café = Café(template("every Friday 9:00"))
    assert café.run() == [("2027-03-19", "09:00")]
    assert café.run() == []
    (item,) = café.items.values()
    assert item.wanted == Wanted(
        by="template-sync", date="2027-03-19", time="09:00", text="Cake", note="Friday cake (every Friday 9:00)"
    )
    assert (item.due_at, item.open, item.proposal) == ("2027-03-19T08:00:00+00:00", "1", None)
    assert is_post_id(item.post_id)


def test_the_next_one_comes_when_its_own_time_is_seven_days_away() -> None:
    café = Café(template("every Friday 9:00"))
    café.run()
    nine = datetime(2027, 3, 19, 9, tzinfo=BERLIN)
    assert café.run(nine - timedelta(minutes=1)) == []
    assert café.run(nine) == [("2027-03-26", "09:00")]


def test_it_comes_at_its_own_time_of_day_also_over_a_clock_change() -> None:
    """The clocks go forward on 28 March 2027, and back on 31 October."""
    café = Café(template("every Friday 9:00"))
    for day in (date(2027, 3, 26), date(2027, 10, 29)):
        nine = datetime.combine(day, time(9), BERLIN)
        café.run(nine - timedelta(minutes=1))
        assert café.run(nine) == [((day + LEAD).isoformat(), "09:00")]


@pytest.mark.parametrize(("day", "month"), [(28, 3), (31, 10)])
def test_a_time_that_the_clocks_skip_or_show_twice_is_one_row_as_its_owner_wrote_it(day: int, month: int) -> None:
    café = Café(template("every day 2:30"))
    there = date(2027, month, day)
    found: list[tuple[str, str]] = []
    moment = datetime.combine(there - timedelta(days=9), time(0), BERLIN)
    while moment.astimezone(UTC) < datetime.combine(there + timedelta(days=2), time(0), BERLIN):
        found += café.run(moment)
        moment = (moment.astimezone(UTC) + timedelta(minutes=30)).astimezone(BERLIN)
    assert found.count((there.isoformat(), "02:30")) == 1
    assert len(found) == len(set(found)) == 18
    assert {clock for _, clock in found} == {"02:30"}


def test_what_an_outage_of_days_kept_from_being_wanted_is_not_made_up_for() -> None:
    café = Café(template("every day 9:00"))
    assert len(café.run()) == 7
    found = café.run(NOW + timedelta(days=30, hours=1))
    assert [day for day, _ in found] == [f"2027-04-{day}" for day in range(15, 22)]


def test_a_row_that_its_owner_deleted_or_edited_is_not_wanted_again() -> None:
    café = Café(template("every Friday 9:00"))
    café.run()
    (post_id,) = café.items
    café.items[post_id] = café.items[post_id].model_copy(update={"gone_at": NOW.isoformat(), "open": None})
    assert café.run() == []


def test_a_draft_that_was_discarded_is_not_wanted_again() -> None:
    café = Café(template("every Friday 9:00", text=""))
    café.run()
    ((post_id, item),) = café.items.items()
    assert item.proposal is not None
    gone = item.proposal.model_copy(update={"state": DraftState.DISCARDED})
    café.items[post_id] = item.model_copy(update={"proposal": gone, "open": None})
    assert café.run() == []


def test_an_item_that_nobody_can_read_is_left_alone() -> None:
    café = Café(template("every Friday 9:00"))
    post_id = post_id_of("Friday cake", date(2027, 3, 19), 0)
    café.items[post_id] = Status(post_id=post_id, broken=True)
    assert café.run() == []


# the schedule is changed


@pytest.mark.parametrize(
    ("before", "after", "more"),
    [
        ("every Friday 9:00", "every Friday 10:00", []),
        ("every Friday 9:00", "every Friday 9:00 and 17:00", ["17:00"]),
        ("every Friday 17:00", "every Friday 9:00 and 17:00", ["09:00"]),
        ("every Friday 8:00", "every Friday 9:00 and 17:00", ["17:00"]),
        ("every Friday 9:00 and 17:00", "every Friday 17:00", []),
        ("every Friday 9:00 and 17:00", "every Friday 8:00, 9:00 and 17:00", ["08:00"]),
        ("every Friday 9:00 and 17:00", "every Friday 9:30 and 17:30", []),
        ("every Friday 9:00", "every Friday and Saturday 9:00", ["09:00"]),
        ("every Friday 9:00", "cron(0 9 ? * FRI *)", []),
    ],
)
def test_a_day_gets_as_many_rows_as_its_schedule_has_times_and_those_there_count(
    before: str, after: str, more: list[str]
) -> None:
    café = Café(template(before))
    café.run()
    café.rules(template(after))
    assert [clock for _, clock in café.run()] == more
    assert café.run() == []


def test_what_is_not_wanted_yet_comes_by_the_new_time() -> None:
    café = Café(template("every Friday 9:00"))
    café.run()
    café.rules(template("every Friday 10:00"))
    assert café.run(NOW + timedelta(days=5)) == [("2027-03-26", "10:00")]


def test_times_of_today_that_are_over_take_no_row_from_those_to_come() -> None:
    café = Café(template("every day at 8:00 and 17:00"))
    found = café.run()
    assert found[0] == ("2027-03-15", "17:00")
    assert len(found) == 14  # 8:00 of the seventh day on is near enough already
    assert café.run() == []


def test_another_time_zone_asks_for_no_row_again() -> None:
    café = Café(template("every day 9:00"))
    café.run()
    café.book = replace(café.book, time_zone="America/New_York")
    assert café.run() == [("2027-03-15", "09:00")]  # there it is four in the morning


def test_capitals_and_spaces_make_no_other_post_and_another_name_does() -> None:
    café = Café(template("every Friday 9:00", name="Friday cake"))
    café.run()
    café.rules(template("every Friday 9:00", name="FRIDAY  Cake"))
    assert café.run() == []
    café.rules(template("every Friday 9:00", name="Friday cakes"))
    assert café.run() == [("2027-03-19", "09:00")]


def test_posts_that_come_at_one_moment_have_an_id_each() -> None:
    café = Café(template("every Friday 9:00"), template("every Friday 9:00", name="Soup"))
    assert café.run() == [("2027-03-19", "09:00")] * 2
    assert len(café.items) == 2


# never a burst


def test_one_post_has_no_more_than_thirty_rows_ahead_and_each_that_goes_by_makes_room() -> None:
    often = template("cron(0 * * * ? *)")
    café = Café(often)
    assert comes_too_often(often, NOW, LEAD, BERLIN)
    assert not comes_too_often(template("every day at 8:00, 12:00 and 17:00"), NOW, LEAD, BERLIN)
    assert len(café.run()) == MOST_AHEAD
    assert café.run() == []
    assert len(café.run(NOW + timedelta(hours=2))) == 2


def test_a_run_wants_the_soonest_and_leaves_the_others_to_the_next() -> None:
    café = Café(*(template("every day at 8:00 and 17:00", name=f"Post {number}") for number in range(20)))
    runs = []
    while found := café.run():
        runs.append(found)
    assert [len(found) for found in runs] == [MOST_A_RUN] * 4 + [40]
    together = [one for found in runs for one in found]
    assert together == sorted(together)


# what is wanted


def test_words_in_braces_are_those_of_the_rows_day() -> None:
    café = Café(
        template(
            "every Friday 9:00",
            text="{weekday}, {date}: {rotate: plum, rye}",
            image="{rotate: plum.jpg, rye.jpg}",
            alt="A {rotate: plum, rye} cake",
            link="https://cafe.example/{date: iso}",
        )
    )
    said = []
    for week in range(3):
        café.run(NOW + week * LEAD)
    for item in café.items.values():
        assert item.wanted is not None
        said.append((item.wanted.text, item.wanted.image, item.wanted.alt, item.wanted.link[-10:]))
    first, second, third = said
    assert first[0].startswith("Friday, 19 March 2027: ")
    assert {first[0][-4:].strip(), second[0][-4:].strip()} == {"plum", "rye"}
    assert first[1:3] == third[1:3] != second[1:3]
    assert [one[3] for one in said] == ["2027-03-19", "2027-03-26", "2027-04-02"]


def test_without_a_text_a_draft_is_wanted_and_no_row() -> None:
    one = template(
        "every Friday 9:00", text="", image="{rotate: a.jpg, b.jpg}", alt="Cake", link="https://cafe.example"
    )
    café = Café(replace(one, channels=("x-main", "bluesky-main")))
    café.run()
    (item,) = café.items.values()
    assert (item.open, item.wanted, item.due_at) == (DRAFTING, None, NOW.isoformat())
    assert item.proposal is not None
    assert (item.proposal.state, item.proposal.wants) == (DraftState.REQUESTED, 1)
    note = item.proposal.note
    assert (note.text, note.source, note.by) == ("Friday cake (every Friday 9:00)", Source.TEMPLATE, "template-sync")
    assert (note.date, note.time, note.channels) == ("2027-03-19", "09:00", ("x-main", "bluesky-main"))
    assert note.image in {"a.jpg", "b.jpg"}
    assert (note.alt, note.link) == ("Cake", "https://cafe.example")


def test_channels_are_the_rows_as_the_owner_would_write_them() -> None:
    café = Café(replace(template("every Friday 9:00"), channels=("x-main", "bluesky-main")))
    café.run()
    (item,) = café.items.values()
    assert item.wanted is not None
    assert item.wanted.channels == "x-main, bluesky-main"


def test_an_id_is_the_same_on_every_machine() -> None:
    assert post_id_of("Friday cake", date(2027, 3, 19), 0) == "p_3qfe3s3kpens6p7n"
    assert len({post_id_of("a", date(2027, 3, day), number) for day in range(1, 32) for number in range(24)}) == 744


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]),
    st.sampled_from(["every day at 2:30 and 9:00", "every Friday 0:00", "last Friday of the month 23:59"]),
    st.integers(0, 700 * 24 * 60),
    st.lists(st.integers(1, 3 * 24 * 60), max_size=12),
)
def test_whenever_it_runs_no_post_is_wanted_twice_and_none_in_the_past(
    zone: str, words: str, start: int, waits: list[int]
) -> None:
    café = Café(template(words), zone=zone)
    moment, seen = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=start), []
    for wait in [0, *waits]:
        moment += timedelta(minutes=wait)
        for day, clock in café.run(moment):
            at = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone))
            assert at.astimezone(UTC) > moment - timedelta(hours=24)  # a skipped day, as Samoa had, goes out a day on
            seen.append((day, clock))
    assert len(seen) == len(set(seen))


def test_the_lead_ends_at_the_same_time_of_day() -> None:
    assert lead_ends(datetime(2027, 3, 26, 8, tzinfo=UTC), LEAD, BERLIN) == datetime(2027, 4, 2, 7, tzinfo=UTC)


def test_known_items_of_other_posts_do_not_matter() -> None:
    other: Mapping[str, Status] = {"p_1": Status(post_id="p_1")}
    assert (
        len(wanted_now(days_ahead(Rulebook("UTC", templates=(template("every day 9:00"),)), NOW, LEAD), other, BERLIN))
        == 7
    )
