"""What was, read by the month: the tries that got through, and the trail of everything that was changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mesh.clock import aware
from mesh.ledger.items import Head, head_key, read_head
from mesh.ledger.tables import TableNames, Tables

if TYPE_CHECKING:  # a span knows the business's clock and all of its rules: a function that only writes does without
    from mesh.span import Span

_INDEX = "month"


class Records:
    """Rows come as they lie in the tables, since some may have a shape that no code writes. An index lags by moments."""

    def __init__(self, tables: Tables, names: TableNames) -> None:
        self._tables = tables
        self._names = names

    def tries_sent(self, span: Span) -> Iterator[dict[str, Any]]:
        """The tries that got through in the span, on every channel, first to last."""
        return self._of_months(self._names.sends, "sent_at", span)

    def trail(self, span: Span, read: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every audit row of the span, first to last; of each what ``read`` names, ``ts`` among it."""
        return self._of_months(self._names.audit, "ts", span, read)

    def chain(self, subject: str, read: Sequence[str]) -> list[dict[str, Any]]:
        """All audit rows of one subject, first to last."""
        values = {":subject": subject}
        pages = self._tables.pages(self._names.audit, "#subject = :subject", values, read=read)
        return [row for page in pages for row in page]

    def heads(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Head]:
        """Heads by post and channel, those that are there: a call for each hundred."""
        keys = [{"post_channel": head_key(*place), "attempt": 0} for place in dict.fromkeys(places)]
        heads = [read_head(item) for item in self._tables.batch(self._names.sends, keys)]
        return {(head.post_id, head.channel): head for head in heads}

    def tries(self, numbered: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str, int], dict[str, Any]]:
        """Tries by post, channel and number, those that are there: a call for each hundred."""
        wanted = {
            (head_key(post_id, channel), number): (post_id, channel, number) for post_id, channel, number in numbered
        }
        keys = [{"post_channel": place, "attempt": number} for place, number in wanted]
        items = self._tables.batch(self._names.sends, keys)
        return {wanted[item["post_channel"], item["attempt"]]: item for item in items}

    def _of_months(self, table: str, at: str, span: Span, read: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
        """An index is in the order of its moments: what lies behind the span is not read on."""
        begins, ends = aware(span.begins).isoformat(), aware(span.ends).isoformat()
        for month in span.index_months:
            values = {":month": month, ":begins": begins}
            condition = f"#month = :month AND #{at} >= :begins"
            for page in self._tables.pages(table, condition, values, index=_INDEX, read=read):
                yield from (item for item in page if item[at] < ends)
                if page and page[-1][at] >= ends:
                    break
