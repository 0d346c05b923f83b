"""What drive-sync says of the mirror it wrote, and how one that cannot be read is written anew (moto, the local sheet)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from drive_sync_desk import Desk

from mesh import clock, posts_csv
from mesh.events import CalendarChanged, Trouble
from mesh.ledger.runtime import MIRRORED, SCHEDULER_STATE


def said(desk: Desk) -> dict[str, Any]:
    return desk.mesh.runtime.get(MIRRORED, clock.now()) or {}


def version(desk: Desk, key: str) -> str:
    bucket = desk.mesh.posts_bucket if key == "posts.csv" else desk.mesh.rules_bucket
    return str(desk.mesh.s3.head_object(Bucket=bucket, Key=key)["VersionId"])


def put(desk: Desk, key: str, body: bytes) -> str:
    bucket = desk.mesh.posts_bucket if key == "posts.csv" else desk.mesh.rules_bucket
    return str(desk.mesh.s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"])


def unreadable(desk: Desk, name: str, broken: str) -> None:
    """As the scheduler's sweep leaves it."""
    mark = {"version": broken, "since": clock.now().isoformat(), "told": True}
    desk.mesh.runtime.put(SCHEDULER_STATE, {"unreadable": {name: mark}})


def test_which_mirror_was_written_last_is_said_after_every_change(desk: Desk) -> None:
    desk.add({"text": "Apple cake", "date": "2027-03-26"})
    desk.settle()
    assert (said(desk)["posts"], said(desk)["rules"]) == (version(desk, "posts.csv"), version(desk, "rules.txt"))
    before = said(desk)

    desk.sync()
    assert said(desk) == before

    desk.type(0, "text", "Plum cake")
    desk.settle()
    assert said(desk)["posts"] == version(desk, "posts.csv") != before["posts"]
    assert said(desk)["rules"] == before["rules"]


@pytest.mark.parametrize("keep", [0.5, 0.0])
def test_a_mirror_that_the_scheduler_could_not_read_is_written_anew_with_nothing_lost(desk: Desk, keep: float) -> None:
    for text in ("Apple cake", "Plum cake", "Nut cake"):
        desk.add({"text": text, "date": "2027-03-26"})
    desk.settle()
    good, rows = desk.stored("posts.csv"), desk.mirrored()
    desk.mesh.entries.clear()
    unreadable(desk, "posts", put(desk, "posts.csv", good[: int(len(good) * keep)]))

    desk.sync()

    assert desk.stored("posts.csv") == good
    assert said(desk)["posts"] == version(desk, "posts.csv")
    assert desk.mirrored().keys() == rows.keys()
    assert [event.post_ids for event in desk.mesh.events_of(CalendarChanged)] == [], "no row is another one"
    assert desk.mesh.events_of(Trouble) == [], "the scheduler has told it"
    desk.settle()
    calls = desk.calls_made
    desk.sync()
    assert desk.calls_made == calls + 1, "written anew once"


def test_a_row_copied_while_the_mirror_was_broken_is_still_known_as_the_copy(desk: Desk) -> None:
    desk.add({"text": "Apple cake", "date": "2027-03-26"})
    desk.settle()
    post_id = desk.id_of("Apple cake")
    unreadable(desk, "posts", put(desk, "posts.csv", b"\xff\xfe"))
    desk.copy(0, 0)
    desk.type(0, "text", "Apple cake, copied and edited")

    desk.settle()

    assert desk.id_of("Apple cake") == post_id
    assert desk.id_of("Apple cake, copied and edited") != post_id


def test_rules_that_the_scheduler_could_not_read_are_written_anew(desk: Desk) -> None:
    desk.settle()
    good = desk.rules_text("rules.txt")
    unreadable(desk, "rules", put(desk, "rules.txt", b"\x00\xff"))

    desk.sync()

    assert desk.rules_text("rules.txt") == good
    assert said(desk)["rules"] == version(desk, "rules.txt")


def test_a_mirror_from_before_the_seals_is_written_anew_by_the_first_run_after_an_update(desk: Desk) -> None:
    desk.add({"text": "Apple cake", "date": "2027-03-26"})
    desk.settle()
    sealed = desk.stored("posts.csv")
    out = io.StringIO(newline="")
    lines = list(csv.reader(io.StringIO(sealed.decode(), newline="")))
    csv.writer(out).writerows([lines[0][:-1], *lines[1:-1]])
    put(desk, "posts.csv", out.getvalue().encode())
    desk.mesh.runtime.forget(MIRRORED)
    desk.mesh.entries.clear()

    desk.sync()

    assert desk.stored("posts.csv") == sealed
    assert said(desk)["posts"] == version(desk, "posts.csv")
    assert desk.mesh.events_of(CalendarChanged) == []


def test_a_sheet_that_would_make_too_long_a_mirror_is_told_and_leaves_the_last_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add({"text": "Apple cake", "date": "2027-03-26"})
    desk.settle()
    good = desk.stored("posts.csv")
    desk.mesh.entries.clear()
    with monkeypatch.context() as patch:
        patch.setattr(posts_csv, "LONGEST_BYTES", len(good) + 100)
        desk.add({"text": "Plum cake " * 30, "date": "2027-03-27"})
        desk.sync()

        assert desk.stored("posts.csv") == good
        assert desk.mesh.events_of(CalendarChanged) == []
        (trouble,) = desk.mesh.events_of(Trouble)
        assert trouble.message.startswith(
            "The sheet holds more than the scheduler can work with: 2 rows make more than"
        )
        assert "Delete posts that are long over" in trouble.message

    desk.type(1, "text", "Plum cake")
    desk.settle()
    assert len(desk.mirrored()) == 2


def test_a_mirror_of_three_hundred_megabytes_is_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.add({"text": "Apple cake", "date": "2027-03-26"})
    desk.settle()
    good = desk.stored("posts.csv")
    monkeypatch.setattr("drive_sync.edges.LONGEST_BYTES", 1_000)
    unreadable(desk, "posts", put(desk, "posts.csv", b"x" * 2_000))

    desk.sync()

    assert desk.stored("posts.csv") == good
