"""Which rows of the mirror a run takes up, from their raw cells."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from mesh.posts import Row
from mesh.posts_csv import Layout, lines, records, write_csv
from mesh.rulebook import Channel, Rulebook
from scheduler.picking import NEVER, Days, Record, concerns, other_rows, pick, prints, sift

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
HORIZON = timedelta(days=14)
BOOK = Rulebook(
    "Europe/Berlin",
    channels={name: Channel(name, "bluesky", "did:plc:abc", "https://bsky.social") for name in ("main", "second")},
)


def of(*rows: Row) -> tuple[Layout, list[Record]]:
    layout, found = records(lines(io.BytesIO(write_csv(rows))))
    return layout, list(found)


def row(post_id: str, day: str = "2027-12-24", text: str = "Hallo") -> Row:
    return Row(post_id=post_id, date=day, time="09:00", text=text, channels="main")


@pytest.mark.parametrize(
    ("cell", "near"),
    [
        ("2027-03-11", False), ("2027-03-12", True), ("2027-03-15", True), ("2027-03-30", True), ("2027-03-31", False),
        ("2026-03-15", False), ("2127-03-15", False), ("0999-03-15", False),
        ("", True), ("next Friday", True), ("03/04/2027", True), ("2027-13-01", True), ("2027-02-29", True), ("20270401", True),
    ],
)  # fmt: skip
def test_a_day_is_near_from_three_days_ago_to_a_day_beyond_the_horizon_and_what_is_no_day_is_too(
    cell: str, near: bool
) -> None:
    assert Days(NOW, HORIZON)[cell] is near


@pytest.mark.parametrize("zone_hours", [-12, 0, 14])
def test_no_row_due_within_the_horizon_is_far_in_any_zone(zone_hours: int) -> None:
    """The day in the sheet is the owner's; the horizon is counted in moments."""
    days = Days(NOW, HORIZON)
    for hours in range(0, 14 * 24 + 1):
        owners = NOW + timedelta(hours=hours + zone_hours)
        assert days[owners.date().isoformat()], owners


@pytest.mark.parametrize(
    ("met", "first"),
    [
        (["2027-05-01", "2027-04-20", "2026-01-01"], "2027-04-20"),
        (["2027-03-20", "2027-05-01"], "2027-03-20"),
        (["2026-01-01"], NEVER),
        ([], NEVER),
        (["2027-05-01", "soon"], ""),
    ],
)
def test_the_first_day_to_come_is_known_unless_a_row_has_none(met: Sequence[str], first: str) -> None:
    days = Days(NOW, HORIZON)
    for cell in met:
        days[cell]
    assert days.first_met == first


def test_wanted_rows_are_picked_and_with_the_days_those_that_are_near() -> None:
    layout, found = of(row("p_far"), row("p_near", "2027-03-20"), row("p_asked"), row("", "2027-03-20"))
    assert set(pick(layout, found, {"p_asked", "p_gone"}, None)) == {"p_asked"}
    assert set(pick(layout, found, {"p_asked"}, Days(NOW, HORIZON))) == {"p_asked", "p_near"}


def sifted(
    before: Sequence[Row], after: Sequence[Row], wanted: Sequence[str] = (), *, daily: bool = False
) -> tuple[set[str], set[str], set[str]]:
    """Far ones that are others, picked ones, gone ones."""
    (was, old), (layout, new) = of(*before), of(*after)
    print_of = prints(was, layout)
    known = {record[0]: print_of(record) for record in old}
    picked: dict[str, Record] = {}
    is_other = other_rows(layout, known, prints(layout, was), lambda _: False)
    far = {one[0] for one in sift(layout, new, wanted, Days(NOW, HORIZON), is_other, picked, every_near=daily)}
    return far, set(picked), set(known)


def test_another_version_tells_what_was_edited_added_and_deleted() -> None:
    before = [row("p_same"), row("p_edited"), row("p_gone"), row("p_near", "2027-03-20")]
    after = [row("p_near", "2027-03-20"), row("p_same"), row("p_edited", text="Anders"), row("p_new")]
    assert sifted(before, after) == ({"p_edited", "p_new"}, set(), {"p_gone"})
    assert sifted(before, after, daily=True) == ({"p_edited", "p_new"}, {"p_near"}, {"p_gone"})


def test_an_edited_row_that_is_near_or_wanted_is_picked_at_once() -> None:
    before = [row("p_near", "2027-03-20"), row("p_open")]
    after = [row("p_near", "2027-03-20", text="Anders"), row("p_open")]
    assert sifted(before, after, ["p_open"]) == (set(), {"p_near", "p_open"}, set())


def test_a_row_moved_out_of_reach_is_another_row() -> None:
    assert sifted([row("p_1", "2027-03-20")], [row("p_1")]) == ({"p_1"}, set(), set())


def test_a_new_column_makes_other_rows_only_where_it_is_filled() -> None:
    before = [row("p_1"), row("p_2")]
    after = [row("p_1"), replace(row("p_2"), overrides={"second": "Anders"})]
    assert sifted(before, after) == ({"p_2"}, set(), set())
    assert sifted(after, before) == ({"p_2"}, set(), set())


def other(**changes: object) -> Rulebook:
    return replace(BOOK, **changes)  # type: ignore[arg-type]


SECOND_MOVED = BOOK.channels | {"second": replace(BOOK.channels["second"], account="did:plc:new")}


@pytest.mark.parametrize(
    ("after", "concerned"),
    [
        (other(late=timedelta(hours=1), window=(time(7), time(21)), blackout_days=frozenset({date(2027, 12, 24)})), set()),
        (other(channels=SECOND_MOVED), {"second", "main, Second"}),
        (other(channels={"main": BOOK.channels["main"]}), {"second", "main, Second"}),
        (other(channels=BOOK.channels | {"third": BOOK.channels["main"]}), {"third"}),
        (other(time_zone="Asia/Tokyo"), {"main", "second", "main, Second", "third"}),
    ],
)  # fmt: skip
def test_other_rules_concern_the_rows_whose_plan_they_change(after: Rulebook, concerned: set[str]) -> None:
    concerns_it = concerns(BOOK, after)
    assert {cell for cell in ("main", "second", "main, Second", "third") if concerns_it(cell)} == concerned


def test_rules_that_nobody_knows_any_more_concern_every_row() -> None:
    assert concerns(None, BOOK)("main")
