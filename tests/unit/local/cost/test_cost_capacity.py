"""What DynamoDB's Developer Guide says a request consumes, on items made by hand."""

from __future__ import annotations

import pytest

from local.cost.capacity import Index, Item, get_units, index_units, item_bytes, query_units, stored_bytes, write_units

OPEN = Index("open", "open", "due_at")
MONTH = Index("month", "month")


def _sized(size_bytes: int, **more: str) -> Item:
    item = {"pk": {"S": "x"}, **{name: {"S": value} for name, value in more.items()}}
    fill = size_bytes - item_bytes(item) - len("fill")
    return {**item, "fill": {"S": "a" * fill}}


def test_an_items_size_is_its_names_and_values_in_utf_8() -> None:
    item: Item = {
        "name": {"S": "Möwe"},  # 4 + 5
        "n": {"N": "-12.5"},  # 1 + 2 digit pairs + 1 + sign
        "yes": {"BOOL": True},  # 3 + 1
        "none": {"NULL": True},  # 4 + 1
        "list": {"L": [{"S": "ab"}, {"S": "c"}]},  # 4 + 3 + (1 + 2) + (1 + 1)
        "map": {"M": {"k": {"S": "v"}}},  # 3 + 3 + (1 + 1 + 1)
        "set": {"SS": ["ab", "c"]},  # 3 + 3
        "raw": {"B": "AAEC"},  # 3 + 3 bytes
    }
    assert item_bytes(item) == 9 + 5 + 4 + 5 + 12 + 9 + 6 + 6
    assert stored_bytes(item) == item_bytes(item) + 100


@pytest.mark.parametrize(("size_bytes", "units"), [(100, 1), (1024, 1), (1025, 2), (3 * 1024, 3), (400 * 1024, 400)])
def test_a_write_is_a_unit_for_each_kilobyte_begun_and_two_in_a_transaction(size_bytes: int, units: int) -> None:
    item = _sized(size_bytes)
    assert write_units(None, item) == units
    assert write_units(None, item, transaction=True) == 2 * units


def test_a_write_counts_the_larger_of_before_and_after_and_one_that_fails_what_is_there() -> None:
    assert write_units(_sized(5000), _sized(100)) == write_units(_sized(100), _sized(5000)) == 5
    assert write_units(_sized(5000), _sized(5000)) == 5
    assert write_units(None, None) == 1, "a condition that fails on nothing, and the delete of nothing"


@pytest.mark.parametrize(("size_bytes", "units"), [(100, 1), (4096, 1), (4097, 2), (8192, 2)])
def test_a_read_is_a_unit_for_four_kilobytes_half_where_it_need_not_be_consistent(size_bytes: int, units: int) -> None:
    item = _sized(size_bytes)
    assert get_units(item, consistent=True) == units
    assert get_units(item, consistent=False) == units / 2
    assert get_units(item, consistent=True, transaction=True) == 2 * units


def test_what_is_not_there_costs_a_read_as_well() -> None:
    assert get_units(None, consistent=True) == 1
    assert query_units([], consistent=False) == 0.5


def test_a_page_is_added_up_before_it_is_rounded_each_item_asked_for_by_key_is_rounded_alone() -> None:
    items = [_sized(1000) for _ in range(8)]
    assert query_units(items, consistent=True) == 2
    assert sum(get_units(item, consistent=True) for item in items) == 8


def test_an_index_is_written_as_often_as_its_own_entry_changes() -> None:
    plain, indexed = _sized(500), _sized(500, open="y", due_at="2027-03-01")
    moved, longer = _sized(500, open="y", due_at="2027-03-02"), _sized(1500, open="y", due_at="2027-03-01")
    assert index_units(OPEN, None, plain) == 0, "a sparse index does not hold it"
    assert index_units(OPEN, None, indexed) == 1
    assert index_units(OPEN, indexed, indexed) == 0
    assert index_units(OPEN, indexed, longer) == 2, "the larger of the two, as of a table"
    assert index_units(OPEN, indexed, moved) == 2, "the old entry is deleted, the new one put"
    assert index_units(OPEN, longer, moved) == 3
    assert index_units(OPEN, indexed, plain) == 1, "it leaves the index"
    assert index_units(OPEN, indexed, None) == 1
    assert index_units(MONTH, None, _sized(500, month="2027-03")) == 1
