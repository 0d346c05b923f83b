"""Walks a subject's chain of audit rows and says what is wrong with it. Pure.

A row is found out that was changed, taken out, put in, or put into another place, and a chain that was cut or that the item knows
nothing of. What cannot be found here: rows and the item's own end of the chain written anew together, from one row to the last, with
every hash computed again; and a subject whose item and rows were all deleted. Against that helps only a copy elsewhere, such as the
table's backups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from mesh.ledger.audit import row_hash

# A row bears the moment its run began, and runs last two minutes at most: rows a little out of order are everyday.
SKEW = timedelta(minutes=5)
_UNTOLD = {"open"}  # a finished post leaves the open index without a row: the sheet shows it, nothing was decided


class Kind(StrEnum):
    CHANGED = "changed"  # a row's hash is not that of what it says
    LINK = "link"  # a row was written after another row than the one that is there
    MISSING = "missing"  # rows in the middle
    TAIL = "tail"  # the last rows
    FORK = "fork"  # several rows with one number
    TIME = "time"  # a row from long before the row before it
    END = "end"  # the last row is not the one that the item knows
    BEYOND = "beyond"  # rows after the last that the item knows
    COUNT = "count"  # the item changed more or less often than its chain counts
    ROWLESS = "rowless"
    ITEMLESS = "itemless"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Finding:
    """``number`` is the row's in its chain, 0 where it is of the whole chain."""

    subject: str
    number: int
    kind: Kind
    sentence: str


@dataclass(frozen=True)
class End:
    """What an item says of its own chain: how many rows there are, the last one's hash, and how often the item was written."""

    seq: int
    hash: str
    version: int

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> End:
        """Of an item as it lies in its table; -1 for what cannot be read."""
        audit, version = item.get("audit"), item.get("version", 0)
        seq = audit.get("seq", 0) if isinstance(audit, Mapping) else -1 if audit else 0
        last = str(audit.get("hash", "")) if isinstance(audit, Mapping) else ""
        return cls(seq if isinstance(seq, int) else -1, last, version if isinstance(version, int) else -1)


def walk(subject: str, rows: Iterable[Mapping[str, Any]], end: End | None) -> tuple[Finding, ...]:
    """Everything that is wrong with one subject's rows, in the chain's order. ``end`` is its item's, None where there is no item."""
    return tuple(_Walk(subject).over(list(rows), end))


def number_of(row: Mapping[str, Any]) -> int:
    """A row's number in its chain; 0 for one that has none."""
    number = str(row.get("seq", "")).rpartition("#")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


class _Walk:
    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._found: list[Finding] = []

    def over(self, rows: list[Mapping[str, Any]], end: End | None) -> list[Finding]:
        chain = sorted((row for row in rows if number_of(row) > 0), key=number_of)
        for row in rows:
            if number_of(row) == 0:
                self._tell(0, Kind.UNREADABLE, f"has a row without a number ({_named(row)})")
        before: list[Mapping[str, Any]] = []
        latest = ""
        expected = 1
        for number, together in groupby(chain, key=number_of):
            several = list(together)
            if number > expected:
                self._tell(expected, Kind.MISSING, f"{_rows(expected, number - 1)} missing")
            if len(several) > 1:
                self._tell(
                    number,
                    Kind.FORK,
                    f"row {number} is there {len(several)} times: the chain forks, or rows were put in",
                )
            for row in several:
                self._row(number, row, before if number == expected else None, chain)
            said = max(str(row.get("ts", "")) for row in several)
            if latest and _long_before(said, latest):
                self._tell(
                    number, Kind.TIME, f"row {number} is of {_minute(said)}, the row before it of {_minute(latest)}"
                )
            latest, before, expected = max(said, latest), several, number + 1
        self._end(expected - 1, before, end)
        return self._found

    def _row(
        self,
        number: int,
        row: Mapping[str, Any],
        before: Sequence[Mapping[str, Any]] | None,
        chain: Sequence[Mapping[str, Any]],
    ) -> None:
        """``before`` are the rows of the number before, None where they are missing."""
        if not _as_written(row):
            fields = ", ".join(_disagreeing(row, chain))
            what = f"; what does not agree with the rest: {fields}" if fields else ""
            self._tell(number, Kind.CHANGED, f"row {number} ({_named(row)}) is not as it was written{what}")
        if before is None:
            return
        known = {str(one.get("hash")) for one in before} or {""}
        if str(row.get("previous")) not in known:
            what = f"row {number} was written after another row {number - 1} than the one that is there"
            self._tell(number, Kind.LINK, what if number > 1 else "row 1 was written after a row that is not there")

    def _end(self, last: int, rows: Sequence[Mapping[str, Any]], end: End | None) -> None:
        if end is None:
            if last:
                self._tell(
                    0, Kind.ITEMLESS, f"has {last} rows and no item: the item was deleted, or the rows were made up"
                )
            return
        if -1 in {end.seq, end.version}:
            self._tell(0, Kind.UNREADABLE, "has an item that does not say how long its chain is")
            return
        if end.version != end.seq:
            what = f"was written {end.version} times, and its chain counts {end.seq} rows: something was changed without a row"
            self._tell(0, Kind.COUNT, what)
        if end.seq and not last:
            self._tell(0, Kind.ROWLESS, f"has an item that was changed {end.seq} times and not one row")
        elif end.seq > last:
            self._tell(last + 1, Kind.TAIL, f"{_rows(last + 1, end.seq)} missing at the end")
        elif end.seq < last:
            self._tell(
                end.seq + 1, Kind.BEYOND, f"{_rows(end.seq + 1, last, 'is', 'are')} there and unknown to the item"
            )
        elif last and end.hash not in {str(row.get("hash")) for row in rows}:
            self._tell(last, Kind.END, f"row {last} is not the last row that the item knows")

    def _tell(self, number: int, kind: Kind, what: str) -> None:
        self._found.append(Finding(self._subject, number, kind, f"{self._subject}: {what}."))


def _as_written(row: Mapping[str, Any]) -> bool:
    try:
        return row_hash(row) == row.get("hash")
    except TypeError:  # bytes or a set: no row of ours has any
        return False


def _rows(first: int, last: int, one: str = "is", many: str = "are") -> str:
    return f"row {first} {one}" if first == last else f"rows {first} to {last} {many}"


def _named(row: Mapping[str, Any]) -> str:
    return f"“{str(row.get('action', ''))[:60]}”, {_minute(str(row.get('ts', '')))}"


def _minute(ts: str) -> str:
    return f"{ts[:16].replace('T', ' ')} UTC" if ts else "without a time"


def _long_before(ts: str, latest: str) -> bool:
    try:
        return datetime.fromisoformat(ts) + SKEW < datetime.fromisoformat(latest)
    except (ValueError, TypeError):  # no time at all, or one without a zone: its hash tells of it
        return False


def _disagreeing(row: Mapping[str, Any], chain: Sequence[Mapping[str, Any]]) -> list[str]:
    """Which fields of a changed row its neighbours contradict: what the row before left, what the row after found."""
    found = [name for name in ("ts", "month") if not _fits_its_key(row, name)]
    place = number_of(row)
    for name in sorted({*_side(row, "before"), *_side(row, "after")} - _UNTOLD):
        touching = [one for one in chain if name in {*_side(one, "before"), *_side(one, "after")}]
        earlier = [one for one in touching if number_of(one) < place][-1:]
        later = [one for one in touching if number_of(one) > place][:1]
        left = [_side(one, "after").get(name) for one in earlier] or [None]
        took = [_side(one, "before").get(name) for one in later] or [_side(row, "after").get(name)]
        if _side(row, "before").get(name) not in left or _side(row, "after").get(name) not in took:
            found.append(name)
    return found


def _fits_its_key(row: Mapping[str, Any], name: str) -> bool:
    said = str(row.get("seq", "")).rpartition("#")[0]
    return str(row.get(name, "")) == (said if name == "ts" else said[:7])


def _side(row: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    value = row.get(side)
    return value if isinstance(value, Mapping) else {}
