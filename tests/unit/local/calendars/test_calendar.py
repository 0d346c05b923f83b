"""A user's calendar is loaded but for what cannot be read, and that is named by row, column and remedy."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from local.calendars.model import Calendar, CalendarError
from local.calendars.reading import read_calendar
from local.calendars.sample import fill

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
CHANNELS = ("bluesky-main", "mastodon-main")


def read(folder: Path, text: str) -> Calendar:
    path = folder / "mine.csv"
    path.write_text(text, "utf-8")
    return read_calendar(path, zone=BERLIN, now=NOW, channels=CHANNELS)


def said(calendar: Calendar) -> list[str]:
    return [str(problem) for problem in calendar.problems]


def test_a_good_calendar_is_read_in_the_sheets_words(tmp_path: Path) -> None:
    (tmp_path / "cake.jpg").write_bytes(b"jpeg")
    calendar = read(
        tmp_path,
        "Datum;Uhrzeit;Caption;Channel;Bild;Alt;URL\n25.12.2026;9 am;Frohe Weihnachten 🎄;Bluesky-main;cake.jpg;A cake;https://a.example\n",
    )
    assert calendar.rows == (
        {
            "date": "2026-12-25",
            "time": "09:00",
            "text": "Frohe Weihnachten 🎄",
            "channels": "bluesky-main",
            "image": "cake.jpg",
            "alt text": "A cake",
            "link": "https://a.example",
        },
    )
    assert calendar.images == {"cake.jpg": (tmp_path / "cake.jpg").resolve()}
    assert not calendar.problems


def test_every_wrong_cell_is_named_and_every_row_is_loaded(tmp_path: Path) -> None:
    calendar = read(
        tmp_path,
        "post_id,date,time,text,channels,image\n"
        "p1,2026-12-01,09:00,One,bluesky-main,\n"
        "p1,13/25/2026,09:00,Two,bluesky-main,\n"
        "p3,2026-12-03,quarter past,Three,bluesky-main,\n"
        "p4,2026-12-04,09:00,Four,\"bluesky-main, myspace\",\n"
        "p5,2026-12-05,09:00,Five,bluesky-main,gone.jpg\n"
        "p6,2026-11-01,09:00,Six,bluesky-main,\n"
        "p7,,,,bluesky-main,\n",
    )  # fmt: skip
    assert said(calendar) == [
        "row 3, post_id: p1 is the id of row 2 too; empty the cell; this row was loaded without it and gets its own",
        "row 3, date: 13/25/2026 is no date; write it like 2026-12-25 (year-month-day)",
        "row 4, time: quarter past is no time; write it like 09:00 or 9 am",
        "row 5, channels: myspace is no channel here; write one of bluesky-main, mastodon-main, or add it to the rules",
        f"row 6, image: there is no file gone.jpg beside the calendar; put it into {tmp_path} or correct the name",
        "row 7, date: 2026-11-01 09:00 is past (it is 2026-11-21 09:00 now); write a date to come",
        "row 8, date: is empty; write a date such as 2026-12-25",
        "row 8, time: is empty; write a time such as 09:00",
        "row 8, text: is empty; write what the post says",
    ]
    assert [row.get("text") for row in calendar.rows] == ["One", "Two", "Three", "Four", "Five", "Six", None]
    assert calendar.rows[1]["date"] == "13/25/2026"
    assert "post_id" not in calendar.rows[1]
    assert calendar.rows[3]["channels"] == "bluesky-main, myspace"
    assert calendar.rows[4]["image"] == "gone.jpg"


def test_what_is_past_is_judged_in_the_owners_zone(tmp_path: Path) -> None:
    calendar = read(tmp_path, "date,time,text\n2026-11-21,08:59,gone\n2026-11-21,09:00,just now\n")
    assert [problem.row for problem in calendar.problems] == [2]


def test_a_missing_column_is_said_once_and_the_rest_is_loaded(tmp_path: Path) -> None:
    calendar = read(tmp_path, "date,text\n2026-12-01,One\n2026-12-02,Two\n")
    assert said(calendar) == [
        "time: the column is missing; name one of the columns time (read as such: time, hour, planned time, uhrzeit, zeit, heure)"
    ]
    assert len(calendar.rows) == 2


def test_two_columns_of_one_meaning_are_named_and_the_first_is_taken(tmp_path: Path) -> None:
    calendar = read(tmp_path, "date,time,text,caption\n2026-12-01,09:00,first,second\n")
    assert calendar.rows[0]["text"] == "first"
    assert said(calendar) == [
        "row 1, caption: means text like the column text; rename or remove one; the first was taken"
    ]


def test_ticks_and_statuses_are_never_taken_from_a_file(tmp_path: Path) -> None:
    calendar = read(tmp_path, "date,time,text,Approved,approved for,status\n2026-12-01,09:00,One,TRUE,p:r,Booked\n")
    assert not {"approved", "approved for", "status"} & calendar.rows[0].keys()
    assert calendar.notes[:1] == ("not loaded, the mesh writes them: Approved, approved for, status",)


def test_columns_of_the_owners_own_are_kept(tmp_path: Path) -> None:
    calendar = read(tmp_path, "date,time,text,text: mastodon-main,Campaign\n2026-12-01,09:00,One,Longer,Advent\n")
    assert calendar.header[-2:] == ("text: mastodon-main", "Campaign")
    assert calendar.rows[0]["text: mastodon-main"] == "Longer"


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    calendar = read(tmp_path, "date,time,text\n2026-12-01,09:00,Coffee, cake\n")
    assert said(calendar)[0].startswith("row 2: has 4 cells under a header of 3; ")
    assert calendar.rows[0]["text"] == "Coffee"


def test_line_breaks_and_accents_in_a_cell_survive(tmp_path: Path) -> None:
    calendar = read(tmp_path, 'date,time,text\n2026-12-01,09:00,"Crème\n\n👩🏽‍🍳 brûlée"\n')
    assert calendar.rows[0]["text"] == "Crème\n\n👩🏽‍🍳 brûlée"


def test_an_image_in_a_subfolder_is_known_by_its_name_alone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "cake.jpg").write_bytes(b"jpeg")
    calendar = read(
        tmp_path, "date,time,text,image\n2026-12-01,09:00,One,images/cake.jpg\n2026-12-02,09:00,Two,cake.jpg\n"
    )
    assert [row["image"] for row in calendar.rows] == ["cake.jpg", "cake.jpg"]
    assert not calendar.problems


def test_two_pictures_of_one_name_are_named(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "cake.jpg").write_bytes(folder.encode())
    calendar = read(
        tmp_path, "date,time,text,image\n2026-12-01,09:00,One,a/cake.jpg\n2026-12-02,09:00,Two,b/cake.jpg\n"
    )
    assert [problem.column for problem in calendar.problems] == ["image"]


def test_a_picture_on_the_web_is_not_fetched(tmp_path: Path) -> None:
    calendar = read(tmp_path, "date,time,text,image\n2026-12-01,09:00,One,https://a.example/cake.jpg\n")
    assert "is a web address" in said(calendar)[0]
    assert not calendar.images


@pytest.mark.parametrize(
    ("text", "what"),
    [("One,Two,Three\na,b,c\n", "row 1 is no header"), ("date,time,text\n", "has a header and no rows")],
)
def test_a_file_with_nothing_to_load_is_refused(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(CalendarError, match=what):
        read(tmp_path, text)


def test_a_path_that_is_no_file_is_refused_by_name(tmp_path: Path) -> None:
    for path, what in ((tmp_path / "none.csv", "is not there"), (tmp_path, "is a folder")):
        with pytest.raises(CalendarError, match=what):
            read_calendar(path, zone=BERLIN, now=NOW, channels=CHANNELS)


def test_only_known_names_are_filled_in() -> None:
    assert fill("{a} {b} {} {a.b}", {"a": "1"}) == "1 {b} {} {a.b}"
