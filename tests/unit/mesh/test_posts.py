"""A row of the sheet: what it means, what its source revision covers, and that the mirror loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.cells import Cell
from mesh.posts import COLUMNS, Plan, Row, plan_row, read_row, stamp
from mesh.posts_csv import read_csv, write_csv
from mesh.rulebook import Channel, Rulebook, parse_rules

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example
- mastodon-main: mastodon, account 42, https://mastodon.example
"""
BOOK = parse_rules(RULES, default_zone="UTC")[0]
ROW = Row(
    post_id="p_1",
    date="2027-03-26",
    time="09:00",
    text="Zimtschnecken! 🥐",
    channels="bluesky-main, mastodon-main",
    image="bun.jpg",
    alt="A bun",
    link="https://cafe.example",
    overrides={"mastodon-main": "Für Mastodon"},
    images={"bun.jpg": "5d41402abc4b2a76b9719d911017c592"},
)

words = st.text(max_size=40)
cells: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    words,
    st.sampled_from(["\r\r\n", "=1+1", '"', "a,b\r\nc\rd", "\ud800"]),
)
names = st.one_of(
    st.sampled_from(COLUMNS),
    st.sampled_from(["Text ", " DATE", "text: Bluesky-Main", "TEXT:", "text: ", "own column"]),
    words,
)
sheet_rows = st.dictionaries(names, cells)


def plan(row: Row = ROW, book: Rulebook = BOOK) -> Plan:
    made = plan_row(row, book)
    assert isinstance(made, Plan), made
    return made


def problems(**cells: Any) -> list[tuple[str, str]]:
    made = plan_row(replace(ROW, **cells), BOOK)
    assert not isinstance(made, Plan)
    return [(problem.code, problem.message) for problem in made]


def with_channel(**changes: str) -> Rulebook:
    channels: dict[str, Channel] = dict(BOOK.channels)
    channels["bluesky-main"] = replace(channels["bluesky-main"], **changes)
    return replace(BOOK, channels=channels)


# reading cells


@given(sheet_rows)
def test_no_row_of_a_sheet_raises(row: dict[str, Cell]) -> None:
    plan_row(read_row(row), BOOK)


@given(st.lists(st.tuples(sheet_rows, st.dictionaries(words, words, max_size=3)), max_size=5))
def test_the_mirror_gives_back_every_row_but_its_status(rows: list[tuple[dict[str, Cell], dict[str, str]]]) -> None:
    read = [replace(read_row(row), images=images) for row, images in rows]
    assert list(read_csv(write_csv(read))) == [replace(row, status="") for row in read]


@given(st.lists(sheet_rows, max_size=5))
def test_the_same_rows_are_mirrored_in_the_same_bytes(rows: list[dict[str, Cell]]) -> None:
    read = [read_row(row) for row in rows]
    assert write_csv(read) == write_csv(list(read_csv(write_csv(read))))


def test_a_text_that_looks_like_a_formula_or_has_lines_survives_the_mirror() -> None:
    row = replace(ROW, text='=HYPERLINK("x")\n\n"Quoted", and – dashed\n+49 30')
    assert next(read_csv(write_csv([row]))) == row


@pytest.mark.parametrize(
    "written",
    [46107, 46107.0, 46107.375, "2026-03-26", " 2026-03-26 ", "26.03.2026", "26.3.2026", "26 March 2026", "26 Mar 2026",
     "March 26, 2026", "Mar 26, 2026"],
)  # fmt: skip
def test_a_date_is_read_as_serial_and_as_text(written: Cell) -> None:
    assert read_row({"date": written}).date == "2026-03-26"


@pytest.mark.parametrize(
    "written", [0.375, 46107.375, "09:00", "9:00", "9.00", "09:00:00", "9 AM", "9:00 am", "9am", "9:00AM", " 09:00 "]
)
def test_a_time_is_read_as_serial_and_as_text(written: Cell) -> None:
    assert read_row({"time": written}).time == "09:00"


def test_midnight_is_a_time() -> None:
    assert plan(replace(ROW, time=read_row({"time": 0}).time)).planned_at == datetime(2027, 3, 25, 23, 0, tzinfo=UTC)


def test_half_past_nine_typed_with_a_point_is_half_past_nine_or_nothing() -> None:
    assert read_row({"time": 9.45}).time == "09:45"
    assert problems(time=read_row({"time": 9.3}).time) == [
        ("time-unreadable", "time: “9.3” is no time; write it like 09:00")
    ]


@pytest.mark.parametrize("written", [9, 9.0, 18, 9.3, 9.5, "9:5", "24:00", "25:00", "noon", True, -1e300])
def test_what_is_no_time_is_named_and_never_midnight(written: Cell) -> None:
    (problem,) = problems(time=read_row({"time": written}).time)
    assert problem[0] == "time-unreadable"


def test_a_month_that_does_not_exist_is_named_as_it_was_written() -> None:
    assert problems(date=read_row({"date": "13/25/2026"}).date) == [
        ("date-unreadable", "date: “13/25/2026” is no date; write it like 2026-12-25")
    ]


@pytest.mark.parametrize(
    "written", ["29.02.2027", "2027-02-30", "tomorrow", "3/4/2027", True, float("inf"), 1e300, -1e9]
)
def test_what_is_no_date_or_two_dates_is_named(written: Cell) -> None:
    (problem,) = problems(date=read_row({"date": written}).date)
    assert problem[0] == "date-unreadable"


@pytest.mark.parametrize(
    ("written", "expected"),
    [(True, True), ("TRUE", True), ("true", True), (False, False), ("yes", False), (1, False), (None, False)],
)
def test_only_a_tick_is_a_tick(written: Cell, expected: bool) -> None:
    assert read_row({"approved": written}).approved is expected


def test_headers_are_read_whatever_their_case_and_order_and_other_columns_are_left() -> None:
    row = read_row({"NOTE": "n", " Text ": "t", "Text: Bluesky-Main": "b", "Author": "Ada"})
    assert (row.note, row.text, dict(row.overrides)) == ("n", "t", {"bluesky-main": "b"})


def test_a_row_with_only_an_unticked_box_is_blank() -> None:
    assert read_row({"approved": False, "status": "x", "post_id": "p"}).blank
    assert not read_row({"text: bluesky-main": "x"}).blank


# planning


def test_a_whole_row_is_planned_in_the_businesss_zone() -> None:
    assert plan().planned_at == datetime(2027, 3, 26, 8, 0, tzinfo=UTC)
    assert [channel.name for channel in plan().channels] == ["bluesky-main", "mastodon-main"]


def test_every_problem_of_a_row_is_told_at_once_and_names_its_column() -> None:
    found = problems(date="someday", time="", channels="blusky-main", image="bun.jpg, gone.jpg")
    assert [message.partition(":")[0] for _, message in found] == ["date", "time", "channels", "image"]
    assert "blusky-main" in found[2][1]
    assert "bluesky-main, mastodon-main" in found[2][1]
    assert "gone.jpg" in found[3][1]


def test_a_row_of_only_an_image_or_only_a_link_is_a_post_and_one_of_nothing_is_not() -> None:
    bare = replace(ROW, text="", overrides={})
    plan(replace(bare, image="bun.jpg", images={"bun.jpg": "m"}))
    plan(replace(bare, link="https://cafe.example/menu"))
    assert [code for code, _ in problems(text="", overrides={}, image="", link="")] == ["text-missing"]


def test_a_channel_named_twice_is_one() -> None:
    assert len(plan(replace(ROW, channels="bluesky-main, Bluesky-Main\nbluesky-main")).channels) == 1


def test_a_row_without_channels_says_so() -> None:
    assert problems(channels=" , ")[0][0] == "channels-missing"


# the source revision


@pytest.mark.parametrize(
    "change",
    [
        {"post_id": "p_2"},
        {"date": "2027-03-27"},
        {"time": "09:01"},
        {"text": "Zimtschnecken!"},
        {"channels": "bluesky-main"},
        {"image": ""},
        {"alt": "A cinnamon bun"},
        {"link": ""},
        {"overrides": {}},
        {"overrides": {"bluesky-main": "Für Mastodon"}},
        {"images": {"bun.jpg": "7d793037a0760186574b0282f2f435e7"}},
    ],
    ids=str,
)
def test_an_edit_is_another_source(change: dict[str, Any]) -> None:
    assert plan(replace(ROW, **change)).source_revision != plan().source_revision


@pytest.mark.parametrize(
    "book",
    [
        with_channel(account="did:plc:other"),
        with_channel(host="https://other.example"),
        with_channel(network="mastodon"),
        replace(BOOK, time_zone="Europe/Lisbon"),
        replace(BOOK, time_zone="Europe/Paris"),  # the same moment today, another one after a change of law
    ],
    ids=["account", "host", "network", "zone", "zone of the same hour"],
)
def test_another_account_host_or_zone_is_another_source(book: Rulebook) -> None:
    assert plan(book=book).source_revision != plan().source_revision


@pytest.mark.parametrize(
    "change",
    [
        {"note": "ask Ben"},
        {"status": "Posted"},
        {"approved": True},
        {"stamp": "p_1:9f"},
        {"images": {**ROW.images, "unnamed.jpg": "7d793037a0760186574b0282f2f435e7"}},
    ],
    ids=str,
)
def test_note_status_flag_and_stamp_are_not_of_the_source(change: dict[str, Any]) -> None:
    assert plan(replace(ROW, **change)).source_revision == plan().source_revision


def test_a_channel_the_post_does_not_name_is_not_of_its_source() -> None:
    row = replace(ROW, channels="mastodon-main")
    assert plan(row, with_channel(account="did:plc:other")).source_revision == plan(row).source_revision


def test_the_same_row_read_as_serials_and_as_text_is_one_source() -> None:
    serial = read_row({"date": 46107, "time": 0.375})
    typed = read_row({"date": "26.03.2026", "time": "9:00"})
    assert date.fromisoformat(serial.date) == date(2026, 3, 26)
    one, other = (plan(replace(ROW, date=row.date, time=row.time)) for row in (serial, typed))
    assert one.source_revision == other.source_revision


@given(sheet_rows)
def test_the_mirror_keeps_the_source(row: dict[str, Cell]) -> None:
    filled = replace(read_row(row), date="2027-03-26", time="09:00", text="x", channels="bluesky-main", image="")
    (mirrored,) = read_csv(write_csv([filled]))
    assert plan(mirrored).source_revision == plan(filled).source_revision


@pytest.mark.parametrize("cells", [{"note": "new"}, {"text": "new"}, {"link": "new"}, {"overrides": {}}], ids=str)
def test_a_copys_content_differs_once_anything_of_the_owners_does(cells: dict[str, Any]) -> None:
    assert replace(ROW, **cells).content != ROW.content
    assert replace(ROW, post_id="p_2", approved=True, stamp="x", status="y").content == ROW.content


def test_a_stamp_names_post_and_revision() -> None:
    assert stamp("p_1", "9f") == "p_1:9f"
