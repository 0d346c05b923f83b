"""The tab is read by header, whatever its owner did to the columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.sheet import REQUIRED, AmbiguousRow, SheetBroken, column_letter, find, read_table

HEADER = list(REQUIRED)


def row(post_id: str, **cells: object) -> list[object]:
    return [cells.get(name.replace(" ", "_"), post_id if name == "post_id" else None) for name in HEADER]


def test_columns_are_found_in_any_order_case_and_spacing() -> None:
    shuffled = [f" {name.upper()} " for name in reversed(HEADER)]
    table = read_table([shuffled, list(reversed(row("p_1", text="Cake")))])

    assert table.rows[0].row.text == "Cake"
    assert table.column("post_id") == len(HEADER) - 1


def test_the_header_may_stand_below_empty_rows_and_numbers_are_the_sheets() -> None:
    table = read_table([[], ["", None], HEADER, row("p_1"), [], row("p_2")])

    assert [(line.number, line.row.post_id) for line in table.rows] == [(4, "p_1"), (6, "p_2")]


def test_of_two_columns_with_one_name_the_first_counts() -> None:
    table = read_table([[*HEADER, "text"], [*row("p_1", text="first"), "second"]])

    assert table.rows[0].row.text == "first"


def test_short_rows_have_empty_cells() -> None:
    table = read_table([HEADER, ["p_1"]])

    assert table.rows[0].cells["status"] is None


def test_extra_columns_are_kept() -> None:
    table = read_table([[*HEADER, "", "text: bluesky-main"], [*row("p_1"), "unnamed", "Short"]])

    assert table.rows[0].row.overrides == {"bluesky-main": "Short"}


@pytest.mark.parametrize("values", [[], [[]], [["", None]]])
def test_an_empty_tab_is_said_so(values: list[list[None]]) -> None:
    with pytest.raises(SheetBroken, match="empty"):
        read_table(values)


def test_missing_columns_are_named() -> None:
    with pytest.raises(SheetBroken, match=r"row 2 lacks the columns “approved”, “approved for”"):
        read_table([[], [name for name in HEADER if not name.startswith("approved")]])


def test_a_title_above_the_header_is_no_header() -> None:
    table = read_table([["Our posts", None, "spring"], ["status of the plan: fine"], HEADER, row("p_1")])
    assert [(line.number, line.row.post_id) for line in table.rows] == [(4, "p_1")]


def test_of_two_headers_the_upper_counts_and_the_other_is_a_row_that_says_so() -> None:
    table = read_table([HEADER, HEADER, row("p_1")])
    assert [line.row.repeats_header for line in table.rows] == [True, False]


def test_a_tab_without_a_header_says_what_to_write() -> None:
    with pytest.raises(SheetBroken, match="There is no header"):
        read_table([["p_1", 46107, 0.375, "Cake"]])


def test_a_lost_id_column_is_no_lost_ids() -> None:
    with pytest.raises(SheetBroken, match=r"lacks the column “post_id”.*get their ids back"):
        read_table([[name for name in HEADER if name != "post_id"]])


def test_a_name_that_stands_twice_is_told() -> None:
    assert read_table([[*HEADER, "Text", "mine", "mine", ""]]).doubled == ("text", "mine")


def test_a_row_is_found_by_its_id_alone() -> None:
    table = read_table([HEADER, row("p_1"), row("p_2")])

    found = find(table, "p_2")
    assert found is not None
    assert found.number == 3
    assert find(table, "p_3") is None


def test_two_rows_with_one_id_are_ambiguous() -> None:
    table = read_table([HEADER, row("p_1"), row("p_1")])

    with pytest.raises(AmbiguousRow) as caught:
        find(table, "p_1")
    assert caught.value.numbers == (2, 3)


@given(st.integers(min_value=0, max_value=18_277))
def test_column_letters_count_in_base_26_without_a_zero(index: int) -> None:
    value = 0
    for letter in column_letter(index):
        value = value * 26 + ord(letter) - ord("A") + 1
    assert value - 1 == index


cells = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))


@given(st.lists(st.lists(cells, max_size=12), max_size=6))
def test_no_content_breaks_the_reading(rows: list[list[object]]) -> None:
    table = read_table([HEADER, *rows])

    assert all(set(line.cells) == set(HEADER) for line in table.rows)
