"""A backup put back into a stack's own tables and buckets, while no function runs, and with everything on hold when they run again.

It can be cut off at any moment: the hold is set first, and the same command goes on where it stopped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from local.backup.doubting import Doubted, Made, doubted
from local.backup.kept import BUCKETS, TABLES, BackupError, Item, Manifest, digest, opened, rows
from local.backup.making import make_missing
from local.backup.stopping import let_run, noted, stopped
from local.backup.taking import Progress, packages
from local.operator.asking import asking
from local.operator.cut_off import STOPPED, UNDER_WAY
from local.operator.holding import change, who
from local.operator.which import Reached
from mesh.approvals import How
from mesh.events import new_trace_id
from mesh.ledger import Act
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.ledger.values import pack

_KEYS = {"sends": ("post_channel", "attempt"), "status": ("post_id",), "runtime": ("pk",), "audit": ("subject", "seq")}
_AT_ONCE = 25


@dataclass(frozen=True)
class Restored:
    """``asked``: the channels of posts that are looked for and asked about; ``files``: how many were missing and are back."""

    items: int
    files: int
    asked: tuple[str, ...]
    taken_at: datetime


def restore(
    stack: Reached,
    folder: Path,
    tell: Progress,
    *,
    replace: bool = False,
    sure: Callable[[str], bool],
    pause: Callable[[float], None] = time.sleep,
) -> Restored:
    """``replace``: what the tables hold now is thrown away. BackupError before anything was changed, but for the hold; BooksError."""
    manifest = opened(folder)
    if manifest.prefix != stack.prefix:
        said = f"{folder} is of {manifest.prefix}, and this stack is {stack.prefix}: another business's posts are not put back here"
        raise BackupError(said, f"name a backup of {stack.prefix} with FROM=…, or the other stack")
    with asking("whose account this is", "sts:GetCallerIdentity"):
        account = str(stack.client("sts").get_caller_identity()["Account"])
    if manifest.account != account:
        said = f"{folder} is of account {manifest.account}, and this is {account}: its files are named by the account"
        raise BackupError(said, f"sign in to {manifest.account}")
    return _Restoring(stack, folder, manifest, account, tell, pause).run(replace=replace, sure=sure)


class _Restoring:
    def __init__(
        self,
        stack: Reached,
        folder: Path,
        manifest: Manifest,
        account: str,
        tell: Progress,
        pause: Callable[[float], None],
    ) -> None:
        self._stack, self._folder, self._manifest, self._tell = stack, folder, manifest, tell
        self._account, self._pause = account, pause
        self._cut_off = False  # a restore, of whichever backup
        self._half = False  # is put back
        self._dynamodb = stack.client("dynamodb")
        self._seal = digest(folder / "manifest.json")

    def run(self, *, replace: bool, sure: Callable[[str], bool]) -> Restored:
        by = who(self._stack)
        for name in make_missing(self._dynamodb, self._stack.prefix):
            self._tell(f"{name} was gone, and is made anew (empty)")
        found = self._found()
        if found and not replace:
            held = ", ".join(f"{count} in {table}" for table, count in found.items())
            fix = "take a backup of what is there (make backup), then the same command with REPLACE=1, which throws it away"
            raise BackupError(f"the tables of {self._stack.prefix} are not empty: {held}", fix)
        at = f"{self._manifest.taken_at:%Y-%m-%d %H:%M} UTC"
        question = f"{self._stack.name} gets what it held at {at}, with everything on hold" + (
            "; what its tables hold now is thrown away" if found else ""
        )
        if not sure(question):
            if not self._cut_off and (before := noted(self._stack)):
                let_run(self._stack, before)
                raise BackupError("nothing was changed, and the functions run again as before", "")
            raise BackupError("nothing was changed", "")
        with stopped(self._stack, self._tell, lambda: self._half) as seconds:
            change(self._stack, by, f"restored from the backup of {at}", on=True)
            self._tell("everything is on hold")
            if seconds:
                self._tell(f"what began before ends within {seconds} seconds …")
                self._pause(seconds)
            return self._put(by, at)

    def _put(self, by: str, at: str) -> Restored:
        tables = {name: rows(self._folder, kept) for name, kept in self._manifest.tables.items()}
        reason = f"everything as it was at {at}; what may have gone out since is looked for and asked about"
        act = Act("restored", by, self._stack.now(), new_trace_id(), How.COMMAND.value, code="by hand", reason=reason)
        result = doubted(tables, self._made(), self._manifest.taken_at, act)
        self._half = True
        self._write("runtime", [{"pk": UNDER_WAY, "backup": self._seal, "folder": str(self._folder.resolve())}])
        self._clear()
        for name in ("audit", "runtime", "sends", "status"):
            self._write(name, result.tables[name])
            self._tell(f"{self._stack.prefix}-{name}: {len(result.tables[name])} items")
        files = self._files()
        self._delete("runtime", [{"pk": UNDER_WAY}])
        self._half = False
        return self._outcome(result, files)

    def _outcome(self, result: Doubted, files: int) -> Restored:
        items = sum(len(result.tables[name]) for name in TABLES)
        return Restored(items, files, result.asked, self._manifest.taken_at)

    def _found(self) -> dict[str, int]:
        """How many items of a business are there already; none where this very backup was being put back, and was cut off.

        Nothing of what is there then is anybody's: no function has run since.
        """
        with asking("the tables", "dynamodb:GetItem, dynamodb:Scan"):
            marked = self._dynamodb.get_item(
                TableName=self._name("runtime"), Key=pack({"pk": UNDER_WAY}), ConsistentRead=True
            )
            self._cut_off = self._half = "Item" in marked
            if marked.get("Item", {}).get("backup", {}).get("S") == self._seal:
                self._tell("a restore of this backup was cut off here; it goes on")
                return {}
            counts = {name: sum(1 for _ in self._keys(name)) for name in ("status", "sends")}
            counts["audit"] = sum(1 for key in self._keys("audit") if key["subject"]["S"] != "everything")
        return {self._name(name): count for name, count in counts.items() if count}

    def _made(self) -> Iterator[Made]:
        """The packages that are in the bucket and that the backup does not know."""
        known, client = frozenset(self._manifest.packages), self._stack.client("s3")
        bucket = f"{self._stack.prefix}-{BUCKETS[0]}-{self._account}"
        for key, at in packages(client, bucket).items():
            if key not in known:
                with asking(f"the bucket {bucket}", "s3:GetObject"):
                    told = json.loads(client.get_object(Bucket=bucket, Key=key)["Body"].read())
                _, post_id, revision, _ = key.split("/")
                yield Made(post_id, revision, tuple(told["channels"]), at)

    # the tables

    def _name(self, table: str) -> str:
        return f"{self._stack.prefix}-{table}"

    def _keys(self, table: str) -> Iterator[Item]:
        names = {f"#{number}": name for number, name in enumerate(_KEYS[table])}
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._name(table),
            ConsistentRead=True,
            ProjectionExpression=", ".join(names),
            ExpressionAttributeNames=names,
        )
        for page in pages:
            yield from page["Items"]

    def _clear(self) -> None:
        """All but the hold, which stands from first to last."""
        spared = [pack({"pk": key}) for key in (HOLD_EVERYTHING, UNDER_WAY, STOPPED)]
        for name in TABLES:
            with asking(f"the table {self._name(name)}", "dynamodb:Scan"):
                doomed = [key for key in self._keys(name) if key not in spared]
            self._batches(name, [{"DeleteRequest": {"Key": key}} for key in doomed])

    def _write(self, name: str, items: Sequence[Item]) -> None:
        self._batches(name, [{"PutRequest": {"Item": pack(item)}} for item in items])

    def _delete(self, name: str, keys: Sequence[Item]) -> None:
        self._batches(name, [{"DeleteRequest": {"Key": pack(key)}} for key in keys])

    def _batches(self, name: str, requests: Sequence[Mapping[str, Any]]) -> None:
        with asking(f"the table {self._name(name)}", "dynamodb:BatchWriteItem"):
            for start in range(0, len(requests), _AT_ONCE):
                left: Any = {self._name(name): list(requests[start : start + _AT_ONCE])}
                while left:
                    left = self._dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems")

    # the buckets

    def _files(self) -> int:
        """Only what is missing: what is there is newer, or the same."""
        client, put = self._stack.client("s3"), 0
        for name, files in self._manifest.buckets.items():
            bucket = f"{self._stack.prefix}-{name}-{self._account}"
            with asking(f"the bucket {bucket}", "s3:ListBucket, s3:PutObject"):
                pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
                there = {one["Key"] for page in pages for one in page.get("Contents", ())}
                for one in files:
                    if one.key not in there:
                        body = (self._folder / one.file).read_bytes()
                        kind = {"ContentType": one.content_type} if one.content_type else {}
                        client.put_object(Bucket=bucket, Key=one.key, Body=body, **kind)
                        put += 1
        return put
