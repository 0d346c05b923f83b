"""``ss-runtime``: working memory. An item past its ``ttl`` that is still there counts as gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mesh.errors import Busy, Conflict
from mesh.ledger.tables import TableNames, Tables

HOLD_EVERYTHING = "hold#everything"
SCHEDULER_STATE = "scheduler#state"  # what the scheduler remembers from one run to the next; when its ticks last ran
MIRRORED = "drive#mirror"  # which mirror drive-sync wrote last
SYNC_STATE = "drive#state"  # what drive-sync remembers from one run to the next; when one last got through
PROBE_EVERY = timedelta(minutes=58)  # an hour, met by a sweep every five minutes
REFRESHING = timedelta(minutes=1)
_PAUSE = "pause#"


def pause_key(channel: str) -> str:
    return f"{_PAUSE}{channel}"


def tried_key(post_id: str) -> str:
    """Where it is noted that all short of sending was tried: {revision, at}; {revision, doubt, doubt_at} where it is to be tried again."""
    return f"tried#{post_id}"


def refresh_key(channel: str) -> str:
    """Who has it for ``REFRESHING`` may write the channel's sign-in: a refresh, or somebody who connects the channel."""
    return f"refresh#{channel}"


def placing_key(channel: str) -> str:
    """Which run of the scheduler gives late posts their places on the channel just now: {run}."""
    return f"placing#{channel}"


def alive_key(channel: str) -> str:
    """There while a good probe of the channel is fresh."""
    return f"alive#{channel}"


def health_key(channel: str) -> str:
    """What the last good probe of the channel found: {at}, and {ends_at} where its sign-in ends soon and only its owner can renew it."""
    return f"health#{channel}"


def subject_of(key: str) -> str:
    """Under which subject the audit tells of an item here: ``everything``, ``channel#name``; of any other, its key."""
    if key == HOLD_EVERYTHING:
        return "everything"
    return f"channel#{key.removeprefix(_PAUSE)}" if key.startswith(_PAUSE) else key


def standing_key(subject: str) -> str | None:
    """The other way round; None for a subject that is no item of the working memory, but a post or a channel of one."""
    if subject == "everything":
        return HOLD_EVERYTHING
    kind, _, name = subject.partition("#")
    return {"channel": pause_key(name), "devices": subject}.get(kind)


class Runtime:
    def __init__(self, tables: Tables, names: TableNames) -> None:
        self._tables = tables
        self._table = names.runtime

    def get(self, key: str, now: datetime) -> dict[str, Any] | None:
        item = self._tables.get(self._table, {"pk": key})
        return None if item is None or _over(item, now) else item

    def several(self, keys: Iterable[str], now: datetime) -> dict[str, dict[str, Any]]:
        """Those of the items that are there, by key; a call for each hundred, none for none."""
        found = self._tables.batch(self._table, [{"pk": key} for key in dict.fromkeys(keys)])
        return {item["pk"]: item for item in found if not _over(item, now)}

    def put(self, key: str, values: dict[str, Any], *, ttl: datetime | None = None) -> None:
        self._tables.put(self._table, {"pk": key, **values, "ttl": int(ttl.timestamp()) if ttl else None})

    def first(self, key: str, now: datetime, ttl: datetime) -> bool:
        """True for exactly one caller until ``ttl``: "said once", whatever is delivered twice."""
        return self._put_where_none_is({"pk": key, "ttl": int(ttl.timestamp())}, now)

    def agree(self, key: str, values: dict[str, Any], now: datetime, ttl: datetime) -> dict[str, Any]:
        """What stands under ``key`` until its ``ttl``: these values for the first who asks, and the first's for everybody after."""
        item = {"pk": key, **values, "ttl": int(ttl.timestamp())}
        if self._put_where_none_is(item, now):
            return item
        return self.get(key, now) or item

    def _put_where_none_is(self, item: dict[str, Any], now: datetime) -> bool:
        try:
            self._tables.put(
                self._table,
                item,
                condition="attribute_not_exists(#pk) OR #ttl <= :now",
                values={":now": int(now.timestamp())},
            )
        except Conflict:
            return False
        return True

    def begin(self, key: str, owner: str, now: datetime, ttl: datetime) -> bool:
        """May ``owner`` do this now? False when it is done, or another is at it until its own ``ttl``.

        The same owner may begin again: a delivery that crashed is delivered again, and is to go on.
        """
        item = {"pk": key, "owner": owner, "ttl": int(ttl.timestamp())}
        try:
            self._tables.put(
                self._table,
                item,
                condition="attribute_not_exists(#pk) OR #ttl <= :now OR (#owner = :owner AND attribute_not_exists(#done))",
                values={":now": int(now.timestamp()), ":owner": owner},
            )
        except Conflict:
            return False
        return True

    def done(self, key: str, ttl: datetime) -> None:
        """It need not be done again before ``ttl``."""
        self.put(key, {"done": True}, ttl=ttl)

    def swap(self, key: str, values: dict[str, Any], version: int) -> None:
        """Put them under the next version of the item, where it still is ``version`` (0: not there). Conflict where it is not."""
        item = {"pk": key, **values, "version": version + 1}
        if version:
            self._tables.put(self._table, item, condition="#version = :version", values={":version": version})
        else:
            self._tables.put(self._table, item, condition="attribute_not_exists(#pk)")

    def add(self, key: str, amounts: Mapping[str, int], ttl: datetime, *, below: tuple[str, int] | None = None) -> None:
        """Add to counters, whoever else adds at the same moment. Conflict, and nothing added, unless the one that ``below`` names is
        below its number."""
        adding = ", ".join(f"#{name} :{name}" for name in amounts)
        values: dict[str, Any] = {f":{name}": amount for name, amount in amounts.items()}
        condition = ""
        if below is not None:
            condition = f"attribute_not_exists(#{below[0]}) OR #{below[0]} < :most"
            values[":most"] = below[1]
        values[":ttl"] = int(ttl.timestamp())
        self._tables.update(self._table, {"pk": key}, f"ADD {adding} SET #ttl = :ttl", values, condition=condition)

    def gather(self, key: str, name: str, ttl: datetime) -> None:
        """Add a name to those under ``key``, whoever else adds at the same moment; ``gathered`` reads them."""
        values = {":name": {name}, ":ttl": int(ttl.timestamp())}
        self._tables.update(self._table, {"pk": key}, "ADD #names :name SET #ttl = :ttl", values)

    def gathered(self, key: str, now: datetime) -> list[str]:
        """In the order of the names."""
        item = self.get(key, now)
        return sorted(item["names"]) if item else []

    def forget(self, key: str) -> None:
        self._tables.delete(self._table, {"pk": key})

    def take_lease(self, key: str, owner: str, now: datetime, length: timedelta) -> None:
        """Busy when another holds it; that one is told by ``again`` to look once more before it lets go."""
        until = (now + length).isoformat()
        try:
            self._tables.put(
                self._table,
                {"pk": key, "owner": owner, "until": until, "again": False},
                condition="attribute_not_exists(#pk) OR #until < :now",
                values={":now": now.isoformat()},
            )
        except Conflict:
            self._mark_again(key)
            raise Busy(key, until) from None

    def _mark_again(self, key: str) -> None:
        try:
            self._tables.update(
                self._table, {"pk": key}, "SET #again = :yes", {":yes": True}, condition="attribute_exists(#pk)"
            )
        except Conflict:
            return

    def release_lease(self, key: str, owner: str) -> bool:
        """True when it is let go; False when somebody asked for another look meanwhile: the lease stays, look again."""
        try:
            self._tables.delete(
                self._table,
                {"pk": key},
                condition="#owner = :owner AND #again = :no",
                values={":owner": owner, ":no": False},
            )
        except Conflict:
            return self._clear_again(key, owner)
        return True

    def _clear_again(self, key: str, owner: str) -> bool:
        try:
            self._tables.update(
                self._table,
                {"pk": key},
                "SET #again = :no",
                {":no": False, ":owner": owner},
                condition="#owner = :owner",
            )
        except Conflict:
            return True  # the lease ran out and is another's: nothing of ours to let go
        return False


def _over(item: Mapping[str, Any], now: datetime) -> bool:
    return "ttl" in item and item["ttl"] <= int(now.timestamp())
