"""What was, read by the month: the tries that got through, and the trail of everything that was changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mesh.clock import aware
from mesh.ledger.tables import TableNames, Tables

if TYPE_CHECKING:  # a span knows the business's clock and all of its rules: a function that only writes does without
    from mesh.span import Span

_INDEX = "month"
_NONE: Mapping[str, Any] = {}


class Records:
    """Rows come as they lie in the tables, since some may have a shape that no code writes. An index lags by moments."""

    def __init__(self, tables: Tables, names: TableNames) -> None:
        self._tables = tables
        self._names = names

    def tries_sent(self, span: Span) -> Iterator[dict[str, Any]]:
        """The tries that got through in the span, on every channel, first to last."""
        read = ("post_channel", "attempt", "revision", "started_at", "sent_at", "posted_url")
        return self._of_months(self._names.sends, "sent_at", span, read)

    def trail(
        self, span: Span, read: Sequence[str], where: str = "", values: Mapping[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """The audit rows of the span, first to last; of each what ``read`` names. ``where``: only those that meet it."""
        return self._of_months(self._names.audit, "ts", span, read, where, values or {})

    def chain(self, subject: str, read: Sequence[str]) -> list[dict[str, Any]]:
        """All audit rows of one subject, first to last."""
        values = {":subject": subject}
        pages = self._tables.pages(self._names.audit, "#subject = :subject", values, read=read)
        return [row for page in pages for row in page]

    def heads(self, places: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Of the heads that are there, by ``post#channel``: state, due and detail; a call for each hundred."""
        keys = [{"post_channel": place, "attempt": 0} for place in dict.fromkeys(places)]
        items = self._tables.batch(self._names.sends, keys, read=("post_channel", "state", "due", "detail"))
        return {item["post_channel"]: item for item in items}

    def tries(self, numbered: Iterable[tuple[str, int]]) -> dict[tuple[str, int], dict[str, Any]]:
        """Of the tries that are there, by ``post#channel`` and number: when they began, and the first of their version did."""
        keys = [{"post_channel": place, "attempt": number} for place, number in dict.fromkeys(numbered)]
        read = ("post_channel", "attempt", "started_at", "key_at")
        return {
            (item["post_channel"], item["attempt"]): item
            for item in self._tables.batch(self._names.sends, keys, read=read)
        }

    def _of_months(
        self, table: str, at: str, span: Span, read: Sequence[str], where: str = "", values: Mapping[str, Any] = _NONE
    ) -> Iterator[dict[str, Any]]:
        """By the index's own order, up to the last microsecond before the span ends."""
        first, last = aware(span.begins).isoformat(), (aware(span.ends) - timedelta(microseconds=1)).isoformat()
        for month in span.index_months:
            given = {":month": month, ":first": first, ":last": last, **values}
            condition = f"#month = :month AND #{at} BETWEEN :first AND :last"
            for page in self._tables.pages(table, condition, given, index=_INDEX, where=where, read=read):
                yield from page
