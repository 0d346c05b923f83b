"""The ledger: reads of posts, heads and attempts, and every change together with its audit row in one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from mesh.errors import BrokenItem, Conflict
from mesh.ledger.audit import Act, audit_row
from mesh.ledger.item import Item
from mesh.ledger.items import (
    Attempt,
    AuditHead,
    Head,
    HeadState,
    Shown,
    State,
    Status,
    derive_state,
    head_key,
    read_head,
    read_status,
)
from mesh.ledger.proposals import DRAFTING
from mesh.ledger.records import Records
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.ledger.tables import TableNames, Tables, Write

_TRIES = 6  # a conflict means that somebody else got through: six in a row is a hot item
_OPEN_INDEX = "open"
_MONTH_INDEX = "month"


class Ledger:
    def __init__(self, tables: Tables, names: TableNames) -> None:
        self._tables = tables
        self.names = names
        self.records = Records(tables, names)

    # reading

    def status(self, post_id: str) -> Status | None:
        item = self._tables.get(self.names.status, {"post_id": post_id})
        return read_status(item) if item else None

    def statuses(self, post_ids: Iterable[str]) -> dict[str, Status]:
        items = self._tables.batch(self.names.status, ({"post_id": post_id} for post_id in dict.fromkeys(post_ids)))
        return {item["post_id"]: read_status(item) for item in items}

    def deciding(
        self, post_ids: Iterable[str], kept: Iterable[str]
    ) -> tuple[dict[str, Status], dict[str, dict[str, Any]]]:
        """Posts by id, and items of the working memory by key as they lie there, in one call (100 in all); no snapshot.

        Of the working memory an item past its ``ttl`` may still be among them.
        """
        keys = {
            self.names.status: [{"post_id": post_id} for post_id in dict.fromkeys(post_ids)],
            self.names.runtime: [{"pk": key} for key in dict.fromkeys(kept)],
        }
        found = self._tables.gather({table: wanted for table, wanted in keys.items() if wanted})
        statuses = {item["post_id"]: read_status(item) for item in found.get(self.names.status, [])}
        return statuses, {item["pk"]: item for item in found.get(self.names.runtime, [])}

    def drafts(self) -> list[Status]:
        """Every draft that nobody accepted or discarded yet, oldest first. The index lags by moments."""
        items = self._tables.query(self.names.status, "#open = :open", {":open": DRAFTING}, index=_OPEN_INDEX)
        return [read_status(item) for item in items]

    def open_statuses(self) -> list[Status]:
        """Every post with something still to happen or to be said, by due time. The index may lag by moments."""
        items = self._tables.query(self.names.status, "#open = :one", {":one": "1"}, index=_OPEN_INDEX)
        return [read_status(item) for item in items]

    def head(self, post_id: str, channel: str) -> Head | None:
        item = self._tables.get(self.names.sends, {"post_channel": head_key(post_id, channel), "attempt": 0})
        return read_head(item) if item else None

    def heads(self, statuses: Iterable[Status]) -> dict[str, tuple[Head, ...]]:
        """The heads there are of each post's channels, by post id."""
        wanted = list(statuses)
        keys = [
            {"post_channel": head_key(status.post_id, channel), "attempt": 0}
            for status in wanted
            for channel in status.channels
        ]
        found: dict[str, list[Head]] = {status.post_id: [] for status in wanted}
        for item in self._tables.batch(self.names.sends, keys):
            head = read_head(item)
            found[head.post_id].append(head)
        return {post_id: tuple(sorted(heads, key=lambda head: head.channel)) for post_id, heads in found.items()}

    def attempt(self, post_id: str, channel: str, number: int) -> Attempt | None:
        item = self._tables.get(self.names.sends, {"post_channel": head_key(post_id, channel), "attempt": number})
        return Attempt.model_validate(item) if item else None

    def attempts(self, post_id: str, channel: str) -> list[Attempt]:
        """All tries, first to last."""
        items = self._tables.query(
            self.names.sends,
            "#post_channel = :key AND #attempt > :zero",
            {":key": head_key(post_id, channel), ":zero": 0},
        )
        return [Attempt.model_validate(item) for item in items]

    def sent_since(self, since: datetime, now: datetime) -> list[Attempt]:
        """The tries that got through from then on, on every channel, oldest first: a query a month. The index may lag by moments."""
        found: list[Attempt] = []
        for month in _months(since, now):
            values = {":month": month, ":since": since.isoformat()}
            condition = "#month = :month AND #sent_at >= :since"
            for item in self._tables.query(self.names.sends, condition, values, index=_MONTH_INDEX):
                with suppress(ValidationError):  # one that no code writes keeps nobody else from going
                    found.append(Attempt.model_validate(item))
        return found

    def sending(self, post_id: str, channel: str) -> tuple[Status | None, Head | None, dict[str, dict[str, Any]]]:
        """What a sender needs to know, in one call: the post, its head on the channel, and the holds and pauses that stand over both."""
        names = self.names
        found = self._tables.gather(
            {
                names.status: [{"post_id": post_id}],
                names.sends: [{"post_channel": head_key(post_id, channel), "attempt": 0}],
                names.runtime: [{"pk": HOLD_EVERYTHING}, {"pk": pause_key(channel)}],
            }
        )
        status = next((read_status(item) for item in found[names.status]), None)
        head = next((read_head(item) for item in found[names.sends]), None)
        return status, head, {item["pk"]: item["standing"] for item in found[names.runtime] if item.get("since")}

    # a post

    def change_status(
        self,
        post_id: str,
        act: Act,
        change: Callable[[Status | None], Status | None],
        extra: Sequence[Write] = (),
        read: Mapping[str, Status] | None = None,
    ) -> Status | None:
        """Read, let ``change`` decide, write with its audit row; read and decide again when somebody else was first.

        ``change`` gets the item as it is (None where there is none) and returns it as it shall be, or None for no change; it may be called
        several times. ``extra`` goes into the same transaction. ``read`` is what was read a moment ago, by post id (none under an id:
        there is none): the first try begins with it instead of reading. Returns what stands after, or None when nothing was to change.
        Conflict when an ``extra`` condition does not hold or the item stays hot; BrokenItem for one that no code writes.
        """
        for attempt in range(_TRIES):
            before = self.status(post_id) if read is None or attempt else read.get(post_id)
            if before is not None and before.broken:
                raise BrokenItem(f"the item of {post_id} has a shape that no code writes")
            after = change(before)
            if after is None or after == before:
                return None
            try:
                return self._write_status(before, after, act, extra)
            except Conflict:
                if attempt == _TRIES - 1:
                    raise
                pause_with_jitter(attempt)
        raise AssertionError("unreachable")

    def _write_status(self, before: Status | None, after: Status, act: Act, extra: Sequence[Write]) -> Status:
        old = before.model_dump(mode="json") if before else {}
        head = before.audit if before else after.audit
        row, chain = audit_row(after.post_id, head, act, old, after.model_dump(mode="json"))
        version = before.version if before else 0
        after = after.model_copy(update={"version": version + 1, "audit": chain})
        guard = _guard("post_id", version, existed=before is not None)
        put = Write("Put", self.names.status, _plain(after), **guard)
        self._tables.transact([put, self._audit(row), *extra])
        return after

    def show(self, status: Status, text: str, *, close: bool, until: datetime | None = None) -> None:
        """Note which sentence stands in the sheet for which version; ``close`` takes a finished post off the open index."""
        shown = Shown(version=status.version, text=text, until=until.isoformat() if until else None)
        expression = "SET #shown = :shown" + (" REMOVE #open" if close else "")
        self._tables.update(
            self.names.status,
            {"post_id": status.post_id},
            expression,
            {":shown": _plain(shown), ":version": status.version},
            condition="#version = :version",
        )

    def derive(self, post_id: str, act: Act, read: Mapping[str, Status] | None = None) -> Status | None:
        """Bring a post's derived state in line with its heads; anyone may repeat it. Always raises the version: the sheet is to follow.

        The item is read before the heads, or was (``read``, as of ``change_status``): so whoever reads fewer of them writes in vain.
        """

        def change(before: Status | None) -> Status | None:
            if before is None:
                return None
            state = derive_state(before, self.heads([before])[post_id])
            queued_for = before.queued_for if state in {State.QUEUED, State.SENDING} else None
            update = {"queued_for": queued_for, "queued": before.queued if queued_for else ()}
            return before.model_copy(update={"state": state, "open": "1", **update, "version": -1})

        return self.change_status(post_id, act, change, read=read)

    # a channel of a post

    def change_head(
        self,
        before: Head | None,
        after: Head,
        act: Act,
        *,
        attempt: Attempt | None = None,
        attempt_is_new: bool = False,
        checks: Sequence[Write] = (),
    ) -> Head:
        """One transaction over this channel: head, attempt, audit. ``checks`` are condition checks elsewhere. Conflict is the caller's."""
        if HeadState.BROKEN in {before.state if before else None, after.state}:
            raise BrokenItem(f"the head of {after.post_channel} has a shape that no code writes")
        old = before.model_dump(mode="json") if before else {}
        chain_before = before.audit if before else after.audit
        row, chain = audit_row(after.post_channel, chain_before, act, old, after.model_dump(mode="json"))
        version = before.version if before else 0
        after = after.model_copy(update={"version": version + 1, "audit": chain})
        guard = _guard("post_channel", version, existed=before is not None)
        writes = [Write("Put", self.names.sends, _plain(after), **guard), self._audit(row)]
        if attempt is not None:
            condition = "attribute_not_exists(#post_channel)" if attempt_is_new else ""
            writes.append(Write("Put", self.names.sends, _plain(attempt), condition=condition))
        self._tables.transact([*writes, *checks])
        return after

    def claim_checks(self, status: Status, channel: str) -> list[Write]:
        """What must still be true at the very moment of the claim: approved as read, held by nobody, no pause, no hold on everything."""
        approval = status.approval
        assert approval is not None
        source = status.source_revision
        return [
            Write(
                "ConditionCheck",
                self.names.status,
                {"post_id": status.post_id},
                condition=(
                    "attribute_not_exists(#held) AND attribute_not_exists(#gone_at) AND #approval.#revision = :revision"
                    " AND #package.#revision = :revision"
                    " AND #source_revision = :source AND #package.#source_revision = :source"
                ),
                values={":revision": approval.revision, ":source": source},
            ),
            *(
                Write("ConditionCheck", self.names.runtime, {"pk": key}, condition="attribute_not_exists(#since)")
                for key in (HOLD_EVERYTHING, pause_key(channel))
            ),
        ]

    # everything

    def set_standing(
        self,
        subject: str,
        key: str,
        values: dict[str, Any] | None,
        act: Act,
        extra: Sequence[Write] = (),
        read: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> bool:
        """Set (``values`` with ``since``) or lift (None) a hold on everything or a channel's pause. False when it stood so already.

        ``extra`` goes into the same transaction. ``read`` has the item, by key, where it was read a moment ago.
        """
        found = self._tables.get(self.names.runtime, {"pk": key}) if read is None else read.get(key)
        item = dict(found or {"pk": key})
        old = item.get("standing") or {}
        if bool(old) == bool(values):
            return False
        chain = audit_head(item)
        row, new_chain = audit_row(subject, chain, act, old, values or {})
        version = int(item.get("version", 0))
        after = {"pk": key, "version": version + 1, "audit": new_chain.model_dump()}
        if values:
            after |= {"standing": values, "since": act.at.isoformat()}
        guard = _guard("pk", version, existed="version" in item)
        self._tables.transact([Write("Put", self.names.runtime, after, **guard), self._audit(row), *extra])
        return True

    def change_kept(
        self,
        key: str,
        values: Mapping[str, Any],
        act: Act,
        before: Mapping[str, Any] | None,
        extra: Sequence[Write] = (),
    ) -> None:
        """Give an item of the working memory that stays (no ``ttl``) other values, with its audit row under ``key`` as subject.

        ``before`` is the item as it was read, None where there is none; Conflict when it is another by now. ``extra`` as above.
        """
        item = dict(before or {})
        row, chain = audit_row(key, audit_head(item), act, item.get("kept") or {}, values)
        version = int(item.get("version", 0))
        after = {"pk": key, "version": version + 1, "kept": dict(values), "audit": chain.model_dump()}
        guard = _guard("pk", version, existed=before is not None)
        self._tables.transact([Write("Put", self.names.runtime, after, **guard), self._audit(row), *extra])

    def count(self, writes: Sequence[Write]) -> None:
        """Writes of the working memory alone, all or none of them; Conflict when a condition does not hold."""
        self._tables.transact(writes)

    def standing(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Which of these holds and pauses are set, read consistently."""
        items = self._tables.batch(self.names.runtime, [{"pk": key} for key in keys])
        return {item["pk"]: item["standing"] for item in items if item.get("since")}

    def nonce(self, nonce: str, expires_at: int) -> Write:
        """Burn a nonce within the transaction that spends it."""
        item = {"pk": f"nonce#{nonce}", "ttl": expires_at}
        return Write("Put", self.names.runtime, item, condition="attribute_not_exists(#pk)")

    def _audit(self, row: dict[str, Any]) -> Write:
        return Write("Put", self.names.audit, row, condition="attribute_not_exists(#subject)")


def _months(since: datetime, until: datetime) -> list[str]:
    """ "2027-03" and those after it, as far as the other moment's."""
    first, last = (moment.year * 12 + moment.month - 1 for moment in (since, until))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


def audit_head(item: dict[str, Any]) -> AuditHead:
    return AuditHead.model_validate(item.get("audit") or {})


def pause_with_jitter(attempt: int) -> None:
    """Conflicts are retried in place: some milliseconds, doubling, spread."""
    time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # spreads callers, guards nothing


def _guard(key: str, version: int, *, existed: bool) -> dict[str, Any]:
    if existed:
        return {"condition": "#version = :version", "values": {":version": version}}
    return {"condition": f"attribute_not_exists(#{key})"}


def _plain(item: Item) -> dict[str, Any]:
    return item.model_dump(mode="json", exclude_none=True)
