"""A tampered chain is found and what was done to it is named; what cannot be found is said in the module."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.ledger.audit import Act, audit_row, row_hash
from mesh.ledger.items import AuditHead
from mesh.ledger.verify import SKEW, End, Kind, walk

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
Row = dict[str, Any]
LENGTH = 6


def chain(length: int = LENGTH, minutes: int = 7) -> tuple[list[Row], End]:
    """A post's rows as the ledger writes them: its due time moves, and the third row is an approval."""
    rows, head, item = [], AuditHead(), {}
    for number in range(1, length + 1):
        after: Row = {**item, "due_at": f"2027-04-{number:02}"}
        if number == 3:
            after["approval"] = {"revision": "r1", "by": "ada@example.test"}
        act = Act("approved" if number == 3 else "the row changed", "ada", NOW + timedelta(minutes=minutes * number))
        row, head = audit_row("p_1", head, act, item, after)
        rows.append(row)
        item = after
    return rows, End(head.seq, head.hash, head.seq)


def rehashed(row: Row) -> Row:
    return {**row, "hash": row_hash(row)}


def kinds(rows: list[Row], end: End | None) -> list[tuple[Kind, int]]:
    return [(finding.kind, finding.number) for finding in walk("p_1", rows, end)]


def test_an_untouched_chain_is_whole_in_whatever_order_it_is_read() -> None:
    rows, end = chain()
    assert walk("p_1", rows, end) == ()
    assert walk("p_1", rows[::-1], end) == ()
    assert walk("p_2", [], End(0, "", 0)) == ()


def changed(rows: list[Row]) -> list[Row]:
    rows[2]["after"] = {**rows[2]["after"], "approval": {"revision": "r1", "by": "mallory@example.test"}}
    return rows


def changed_and_rehashed(rows: list[Row]) -> list[Row]:
    rows[2] = rehashed({**rows[2], "by_user": "mallory"})
    return rows


def deleted(rows: list[Row]) -> list[Row]:
    return [*rows[:2], *rows[4:]]


def cut(rows: list[Row]) -> list[Row]:
    return rows[:-2]


def inserted(rows: list[Row]) -> list[Row]:
    made_up = {**rows[3], "ts": (NOW + timedelta(minutes=22)).isoformat()}
    made_up["seq"] = f"{made_up['ts']}#000004"
    return [*rows, rehashed(made_up)]


def appended(rows: list[Row]) -> list[Row]:
    ts = (NOW + timedelta(hours=2)).isoformat()
    more = {**rows[-1], "ts": ts, "month": ts[:7], "seq": f"{ts}#000007", "previous": rows[-1]["hash"]}
    return [*rows, rehashed(more)]


def reordered(rows: list[Row]) -> list[Row]:
    third, fourth = rows[2]["seq"], rows[3]["seq"]
    rows[2], rows[3] = rehashed({**rows[2], "seq": fourth}), rehashed({**rows[3], "seq": third})
    return rows


def last_replaced(rows: list[Row]) -> list[Row]:
    rows[-1] = rehashed({**rows[-1], "by_user": "mallory"})
    return rows


def without_numbers(rows: list[Row]) -> list[Row]:
    rows[0]["seq"] = "first"
    return rows


def first_deleted(rows: list[Row]) -> list[Row]:
    return rows[1:]


@pytest.mark.parametrize(
    ("tampered", "found", "says"),
    [
        (changed, [(Kind.CHANGED, 3)], "row 3 (“approved”, 2027-03-15 08:21 UTC) is not as it was written"),
        (changed_and_rehashed, [(Kind.LINK, 4)], "row 4 was written after another row 3"),
        (deleted, [(Kind.MISSING, 3)], "rows 3 to 4 are missing"),
        (first_deleted, [(Kind.MISSING, 1)], "row 1 is missing"),
        (cut, [(Kind.TAIL, 5)], "rows 5 to 6 are missing at the end"),
        (inserted, [(Kind.FORK, 4)], "row 4 is there 2 times"),
        (appended, [(Kind.BEYOND, 7)], "row 7 is there and unknown to the item"),
        (
            reordered,
            [(Kind.LINK, 3), (Kind.LINK, 4), (Kind.TIME, 4), (Kind.LINK, 5)],
            "row 3 was written after another",
        ),
        (last_replaced, [(Kind.END, 6)], "row 6 is not the last row that the item knows"),
        (without_numbers, [(Kind.UNREADABLE, 0), (Kind.MISSING, 1)], "a row without a number"),
        (lambda rows: [], [(Kind.ROWLESS, 0)], "changed 6 times and not one row"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_was_done_to_the_rows_is_found_and_named(
    tampered: Callable[[list[Row]], list[Row]], found: list[tuple[Kind, int]], says: str
) -> None:
    rows, end = chain()
    rows = tampered(rows)
    assert kinds(rows, end) == found
    first = walk("p_1", rows, end)[0]
    assert first.subject == "p_1"
    assert first.sentence.startswith("p_1: ")
    assert says in first.sentence


def test_rows_without_an_item_and_an_item_changed_without_a_row() -> None:
    rows, end = chain()
    assert kinds(rows, None) == [(Kind.ITEMLESS, 0)]
    assert kinds(rows, End(end.seq, end.hash, end.version + 1)) == [(Kind.COUNT, 0)]
    assert kinds([], None) == []


def test_an_item_that_cannot_be_read_is_named() -> None:
    rows, _ = chain()
    for item in ({"version": 6, "audit": "?"}, {"version": "six", "audit": {"seq": 6, "hash": rows[-1]["hash"]}}):
        assert kinds(rows, End.of(item)) == [(Kind.UNREADABLE, 0)]


def test_the_field_that_was_changed_is_named_by_what_its_neighbours_say() -> None:
    rows, end = chain()
    rows[3]["after"] = {"due_at": "2028-01-01"}
    assert walk("p_1", rows, end)[0].sentence.endswith("what does not agree with the rest: due_at.")
    rows, end = chain()
    rows[1]["ts"] = NOW.isoformat()
    assert "what does not agree with the rest: ts" in walk("p_1", rows, end)[0].sentence


def test_a_run_that_began_before_another_may_write_after_it_but_not_long_after() -> None:
    def late_by(span: timedelta) -> list[tuple[Kind, int]]:
        first, head = audit_row("p_1", AuditHead(), Act("a", "x", NOW), {}, {"a": 1})
        second, head = audit_row("p_1", head, Act("b", "y", NOW - span), {"a": 1}, {"a": 2})
        return kinds([first, second], End(head.seq, head.hash, 2))

    assert late_by(SKEW) == []
    assert late_by(SKEW + timedelta(seconds=1)) == [(Kind.TIME, 2)]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_single_change_to_a_row_goes_unseen(data: st.DataObject) -> None:
    rows, end = chain()
    index = data.draw(st.integers(0, LENGTH - 1))
    field = data.draw(st.sampled_from(sorted(rows[index])))
    value = data.draw(
        st.text(max_size=5)
        | st.integers()
        | st.binary(max_size=3)
        | st.dictionaries(st.text(max_size=3), st.integers())
    )
    if rows[index][field] != value:
        rows[index][field] = value
        assert walk("p_1", rows, end) != ()


@settings(max_examples=100, deadline=None)
@given(gone=st.sets(st.integers(0, LENGTH - 1), min_size=1))
def test_no_row_is_missed_without_a_word(gone: set[int]) -> None:
    rows, end = chain()
    assert walk("p_1", [row for number, row in enumerate(rows) if number not in gone], end) != ()
