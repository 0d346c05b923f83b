"""What an old backup cannot know: which of its posts went out after it was taken. Pure.

Its heads may say ``ready`` for posts that are out. So every channel of a post that is not surely out becomes ``unknown``: it is looked for
and asked about, and never sent by itself (docs/backup.md). Posts that are younger than the backup are known by their packages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from local.backup.kept import Item
from mesh.batches import is_batch
from mesh.ledger import Act, Attempt, Head, HeadState, State, Status, derive_state, head_key
from mesh.ledger.audit import audit_row
from mesh.ledger.book import audit_head
from mesh.ledger.items import read_head, read_status
from mesh.ledger.runtime import HOLD_EVERYTHING, subject_of
from mesh.ledger.verify import End, number_of

OLD = timedelta(days=30)
"""What had failed so long before the backup, and was done with, stays so: nobody is asked about last year."""


@dataclass(frozen=True)
class Made:
    """A package that the backup does not know: what an approval after it may have been of. ``at``: when it was made."""

    post_id: str
    revision: str
    channels: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Doubted:
    """``tables``: everything to put, by table. ``asked``: the post and channel of each head that is unknown from now on."""

    tables: Mapping[str, Sequence[Item]]
    asked: tuple[str, ...]


def doubted(tables: Mapping[str, Sequence[Item]], made: Iterable[Made], taken_at: datetime, act: Act) -> Doubted:
    """The backup's items as they are put back, with everything on hold; ``act`` says who does it, and when."""
    return _Doubting(tables, made, taken_at, act).result()


class _Doubting:
    def __init__(
        self, tables: Mapping[str, Sequence[Item]], made: Iterable[Made], taken_at: datetime, act: Act
    ) -> None:
        self._act, self._taken_at = act, taken_at
        self._sends = {(item["post_channel"], int(item["attempt"])): item for item in tables["sends"]}
        self._status = {item["post_id"]: item for item in tables["status"]}
        self._runtime = {item["pk"]: item for item in tables["runtime"] if not _over(item, act.at)}
        self._made = _by_post(made)
        self._latest: dict[str, int] = {}
        for key, attempt in self._sends:
            self._latest[key] = max(attempt, self._latest.get(key, 0))
        self._rows = [*_known(tables["audit"], self._ends())]
        self._asked: list[str] = []

    def result(self) -> Doubted:
        self._hold()
        for post_id in sorted({*self._status, *self._made}):
            if not is_batch(post_id):
                self._post(post_id)
        tables: dict[str, Sequence[Item]] = {
            "sends": list(self._sends.values()),
            "status": list(self._status.values()),
            "runtime": list(self._runtime.values()),
            "audit": self._rows,
        }
        return Doubted(tables, tuple(self._asked))

    def _ends(self) -> dict[str, End]:
        heads = {key: item for (key, attempt), item in self._sends.items() if attempt == 0}
        kept = {subject_of(key): item for key, item in self._runtime.items() if "audit" in item}
        return {subject: End.of(item) for subject, item in {**self._status, **heads, **kept}.items()}

    def _hold(self) -> None:
        item = self._runtime.get(HOLD_EVERYTHING, {"pk": HOLD_EVERYTHING})
        if item.get("since"):
            return
        values = {"by": self._act.by, "how": self._act.how, "at": self._act.at.isoformat()}
        row, chain = audit_row("everything", audit_head(dict(item)), self._held, {}, values)
        self._rows.append(row)
        self._runtime[HOLD_EVERYTHING] = {
            "pk": HOLD_EVERYTHING,
            "version": int(item.get("version", 0)) + 1,
            "audit": chain.model_dump(),
            "standing": values,
            "since": self._act.at.isoformat(),
        }

    @property
    def _held(self) -> Act:
        act = self._act
        return Act("everything held", act.by, act.at, act.trace_id, act.how, code=act.code, reason=act.reason)

    def _post(self, post_id: str) -> None:
        found = self._status.get(post_id)
        status = read_status(found) if found else None
        if status is not None and status.broken:
            return
        made = self._made.get(post_id)
        channels = dict.fromkeys((*(status.channels if status else ()), *(made.channels if made else ())))
        before = len(self._asked)
        for channel in channels:
            self._channel(status, post_id, channel, made)
        if status is not None and len(self._asked) > before:
            self._open(status)

    def _channel(self, status: Status | None, post_id: str, channel: str, made: Made | None) -> None:
        key = head_key(post_id, channel)
        found = self._sends.get((key, 0))
        head = read_head(found) if found else None
        if head is not None and head.state in {HeadState.SENT, HeadState.BROKEN}:
            return
        newer = made is not None and channel in made.channels
        if not newer and (status is None or self._done_with(status, head)):
            return
        revision = self._revision(status, channel, head, made if newer else None)
        if revision is None:
            return
        number = max(self._latest.get(key, 0), head.attempts if head else 0) + 1
        self._doubt(status, key, head, revision, number)

    def _done_with(self, status: Status, head: Head | None) -> bool:
        if head is None:
            return status.gone_at is not None
        due = datetime.fromisoformat(status.due_at) if status.due_at else self._taken_at
        return head.state is HeadState.FAILED and status.open is None and due + OLD < self._taken_at

    def _revision(self, status: Status | None, channel: str, head: Head | None, made: Made | None) -> str | None:
        if made is not None:
            return made.revision
        if head is not None:
            return head.revision
        return status.package.revision if status is not None and status.package and channel in status.going else None

    def _doubt(self, status: Status | None, key: str, head: Head | None, revision: str, number: int) -> None:
        at, taken = self._act.at.isoformat(), self._taken_at.isoformat()
        detail = f"the records were restored as of {taken[:16].replace('T', ' ')} UTC: whether it went out since then they do not know"
        before = head or Head(post_channel=key, state=HeadState.READY, revision=revision)
        after = before.model_copy(
            update={
                "state": HeadState.UNKNOWN,
                "revision": revision,
                "attempts": number,
                "lease_until": None,
                "booking": None,
                "next_at": at,
                "due": (head.due if head else None) or (status.due_at if status else None),
                "since": taken,
                "detail": detail,
                "asked_at": None,
                "trace_id": self._act.trace_id,
            }
        )
        attempt = Attempt(
            post_channel=key,
            attempt=number,
            revision=revision,
            result="unknown",
            started_at=taken,
            key_at=taken,
            error=detail,
            counted=False,
            restored=True,
        )
        old = head.model_dump(mode="json") if head else {}
        row, chain = audit_row(key, before.audit, self._act, old, after.model_dump(mode="json"))
        after = after.model_copy(update={"version": before.version + 1, "audit": chain})
        self._rows.append(row)
        self._sends[key, 0] = after.model_dump(mode="json", exclude_none=True)
        self._sends[key, number] = attempt.model_dump(mode="json", exclude_none=True)
        self._asked.append(key)

    def _open(self, status: Status) -> None:
        """The sweep is to see it, and the sheet is to say it."""
        heads = tuple(
            read_head(item)
            for channel in status.channels
            if (item := self._sends.get((head_key(status.post_id, channel), 0))) is not None
        )
        state = State.DRAFT if status.open is None and not heads else derive_state(status, heads)
        after = status.model_copy(update={"open": "1", "state": state, "queued_for": None, "queued": ()})
        old, new = status.model_dump(mode="json"), after.model_dump(mode="json")
        row, chain = audit_row(status.post_id, status.audit, self._act, old, new)
        after = after.model_copy(update={"version": status.version + 1, "audit": chain})
        self._rows.append(row)
        self._status[status.post_id] = after.model_dump(mode="json", exclude_none=True)


def _by_post(made: Iterable[Made]) -> dict[str, Made]:
    """Of each post the newest, with every channel that any of them has."""
    found: dict[str, list[Made]] = defaultdict(list)
    for one in sorted(made, key=lambda one: one.at):
        found[one.post_id].append(one)
    return {
        post_id: replace(several[-1], channels=tuple(sorted({name for one in several for name in one.channels})))
        for post_id, several in found.items()
    }


def _known(rows: Iterable[Item], ends: Mapping[str, End]) -> Iterator[Item]:
    """Those that the backup's items know: items and rows were not read at one moment, and a chain ends where its item says."""
    for row in rows:
        end = ends.get(str(row["subject"]))
        if end is not None and number_of(row) <= end.seq:
            yield row


def _over(item: Mapping[str, Any], now: datetime) -> bool:
    return "ttl" in item and int(item["ttl"]) <= int(now.timestamp())
