"""A backup taken: the four tables item by item, the two buckets' newest versions. The stack goes on meanwhile."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from local.backup.kept import BUCKETS, TABLES, BackupError, KeptFile, KeptTable, Manifest, digest, make_folder, seal
from local.operator import cut_off
from local.operator.asking import asking
from local.operator.holding import runtime_of
from local.operator.which import Reached

Progress = Callable[[str], None]


def take(
    stack: Reached, into: Path, tell: Progress, *, files: bool = True, suffix: str = "", as_of: datetime | None = None
) -> tuple[Path, Manifest]:
    """``suffix``: of tables that point-in-time recovery has restored under other names, as of ``as_of``. BackupError, BooksError."""
    taken_at = as_of or stack.now()
    with asking("the working memory", "dynamodb:BatchGetItem"):
        found = None if suffix else cut_off.said(runtime_of(stack), taken_at)
    if found is not None:
        raise BackupError(f"{found[0]}: nothing to keep", found[1])
    with asking("whose account this is", "sts:GetCallerIdentity"):
        account = str(stack.client("sts").get_caller_identity()["Account"])
    folder = make_folder(into, stack.prefix, taken_at)
    posts = f"{stack.prefix}-{BUCKETS[0]}-{account}"
    made = packages(
        stack.client("s3"), posts
    )  # before the tables: what is not in here may have been approved, and be out, later
    known = tuple(key for key, at in made.items() if as_of is None or at <= as_of)
    tables = {}
    for name in TABLES:
        tables[name] = _table(
            stack.client("dynamodb"), f"{stack.prefix}-{name}{suffix}", folder, f"tables/{name}.jsonl"
        )
        tell(f"{stack.prefix}-{name}{suffix}: {tables[name].items} items")
    buckets = {}
    for name in BUCKETS if files else ():
        buckets[name] = _bucket(stack.client("s3"), f"{stack.prefix}-{name}-{account}", folder, name)
        tell(f"{stack.prefix}-{name}-{account}: {len(buckets[name])} files")
    manifest = Manifest(
        prefix=stack.prefix, account=account, taken_at=taken_at, tables=tables, packages=known, buckets=buckets
    )
    seal(folder, manifest)
    return folder, manifest


def packages(client: Any, bucket: str) -> dict[str, datetime]:
    """The key of each package's manifest, and when it was written."""
    with asking(f"the bucket {bucket}", "s3:ListBucket"):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="packages/")
        return {
            one["Key"]: one["LastModified"]
            for page in pages
            for one in page.get("Contents", ())
            if one["Key"].endswith("/manifest.json")
        }


def _table(client: Any, table: str, folder: Path, file: str) -> KeptTable:
    count = 0
    with asking(f"the table {table}", "dynamodb:Scan"), (folder / file).open("w", encoding="utf-8") as out:
        for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                out.write(json.dumps(item, sort_keys=True, default=_bytes) + "\n")
                count += 1
    return KeptTable(file=file, items=count, sha256=digest(folder / file))


def _bytes(value: object) -> str:
    """No item of ours holds bytes; one that somebody else put there is kept as text."""
    return b64encode(bytes(value)).decode()  # type: ignore[call-overload]


def _bucket(client: Any, bucket: str, folder: Path, name: str) -> tuple[KeptFile, ...]:
    kept: list[KeptFile] = []
    (folder / "files" / name).mkdir(parents=True)
    with asking(f"the bucket {bucket}", "s3:ListBucket, s3:GetObject"):
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for one in page.get("Contents", ()):
                file = f"files/{name}/{len(kept)}"
                found = client.get_object(Bucket=bucket, Key=one["Key"])
                (folder / file).write_bytes(found["Body"].read())
                kept.append(
                    KeptFile(
                        file=file,
                        key=one["Key"],
                        content_type=found.get("ContentType", ""),
                        size_bytes=one["Size"],
                        sha256=digest(folder / file),
                    )
                )
    return tuple(kept)
