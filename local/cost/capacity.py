"""What a DynamoDB request consumes on demand, from the sizes of its items. Pure.

Read and write request units as the Developer Guide counts them ("DynamoDB item sizes and formats", "DynamoDB read and write operations",
"Using Global Secondary Indexes in DynamoDB", "DynamoDB transactions"; read 2026-11-22): a write is 1 unit for each KB begun of the larger
of the item before and after, also where its condition fails; a consistent read 1 unit for each 4 KB begun, another one half of that; in a
transaction both twice. An index is written as often as its own entry changes, never twice for a transaction, since it follows afterwards.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
"""Attributes as the wire has them: ``{"pk": {"S": "x"}}``."""

_WRITE_STEP_BYTES = 1024
_READ_STEP_BYTES = 4096
_STORED_BESIDES_BYTES = 100  # of each item, for DynamoDB's own indexing


@dataclass(frozen=True)
class Index:
    """A global index that projects everything. ``sort_key`` is "" where it has none."""

    name: str
    hash_key: str
    sort_key: str = ""

    def entry(self, item: Item | None) -> Item | None:
        """None where an item lacks one of the keys: a sparse index does not hold it."""
        if item is None or self.hash_key not in item or (self.sort_key and self.sort_key not in item):
            return None
        return item

    def key_of(self, item: Item) -> tuple[Any, ...]:
        return tuple(str(item[name]) for name in (self.hash_key, self.sort_key) if name)


def item_bytes(item: Item) -> int:
    """Names and values in UTF-8, as they are billed."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def stored_bytes(item: Item) -> int:
    return item_bytes(item) + _STORED_BESIDES_BYTES


def get_units(item: Item | None, *, consistent: bool, transaction: bool = False) -> float:
    """One item asked for by its key; what is not there costs as the smallest."""
    return _read_units(item_bytes(item) if item else 0, consistent=consistent, transaction=transaction)


def query_units(evaluated: Iterable[Item], *, consistent: bool) -> float:
    """A page of a query or scan: its items together, before any filter."""
    return _read_units(sum(item_bytes(item) for item in evaluated), consistent=consistent, transaction=False)


def write_units(before: Item | None, after: Item | None, *, transaction: bool = False) -> float:
    """The table's own share of one write, delete, condition check or failed condition."""
    larger = max(item_bytes(item) if item else 0 for item in (before, after))
    return _steps(larger, _WRITE_STEP_BYTES) * (2.0 if transaction else 1.0)


def index_units(index: Index, before: Item | None, after: Item | None) -> float:
    """Nought where the entry stays as it is; a changed key is a delete and a put."""
    old, new = index.entry(before), index.entry(after)
    if old == new:
        return 0.0
    if old is not None and new is not None and index.key_of(old) != index.key_of(new):
        return float(_steps(item_bytes(old), _WRITE_STEP_BYTES) + _steps(item_bytes(new), _WRITE_STEP_BYTES))
    return write_units(old, new)


def _read_units(size_bytes: int, *, consistent: bool, transaction: bool) -> float:
    return _steps(size_bytes, _READ_STEP_BYTES) * (2.0 if transaction else 1.0 if consistent else 0.5)


def _steps(size_bytes: int, step_bytes: int) -> int:
    return max(1, -(-size_bytes // step_bytes))


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(str(content).encode())
        case "N":
            return _number_bytes(str(content))
        case "B":
            return _binary_bytes(content)
        case "SS":
            return sum(len(str(one).encode()) for one in content)
        case "NS":
            return sum(_number_bytes(str(one)) for one in content)
        case "BS":
            return sum(_binary_bytes(one) for one in content)
        case "L":
            return 3 + sum(1 + _value_bytes(one) for one in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(one) for name, one in content.items())
    return 1  # BOOL and NULL


def _number_bytes(text: str) -> int:
    """About a byte for two significant digits, and one more; a minus takes another."""
    digits = text.lower().partition("e")[0].lstrip("+-").replace(".", "").strip("0")
    return -(-len(digits) // 2) + 1 + text.startswith("-")


def _binary_bytes(content: Any) -> int:
    return len(content) if isinstance(content, bytes) else len(base64.b64decode(content))
