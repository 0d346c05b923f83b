"""How often something may be done: the moments of the last times, kept in the working memory. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mesh.errors import TooOften
from mesh.ledger.tables import Write

WINDOW = timedelta(minutes=10)


@dataclass(frozen=True)
class Limit:
    """At most ``most`` times in ``WINDOW``, counted under ``key``."""

    key: str
    most: int


def counted(limits: Iterable[Limit], kept: Mapping[str, Mapping[str, Any]], now: datetime, table: str) -> list[Write]:
    """The writes that count one more time under each limit, each on condition that nobody counted since ``kept`` was read.

    TooOften, with the moment from which it may be done again, where a limit is reached.
    """
    wanted = list(limits)
    times = {limit.key: _recent(kept.get(limit.key), now) for limit in wanted}
    full = [times[limit.key][-limit.most] + WINDOW for limit in wanted if len(times[limit.key]) >= limit.most]
    if full:
        raise TooOften(wanted[0].key, max(full))
    return [_count(limit.key, kept.get(limit.key), [*times[limit.key], now], table) for limit in wanted]


def _recent(item: Mapping[str, Any] | None, now: datetime) -> list[datetime]:
    """Oldest first. One that lies ahead was counted by a faster clock: it counts."""
    times = sorted(datetime.fromisoformat(str(at)) for at in (item or {}).get("times", ()))
    return [at for at in times if at > now - WINDOW]


def _count(key: str, before: Mapping[str, Any] | None, times: list[datetime], table: str) -> Write:
    version = int((before or {}).get("version", 0))
    item = {
        "pk": key,
        "version": version + 1,
        "times": [at.isoformat() for at in times],
        "ttl": int((times[-1] + 2 * WINDOW).timestamp()),
    }
    if before is None:
        return Write("Put", table, item, condition="attribute_not_exists(#pk)")
    return Write("Put", table, item, condition="#version = :version", values={":version": version})
