"""The sheet's figures: 10,000 rows and 500 images through drive-sync, run after run, each with the time that Lambda gives it.

``python -m local.bench.sheet AWS SHEETS-READY-LINE`` does the runs and prints what they cost: a process of its own, so that nothing else is
in its memory. It works on tables and buckets of its own beside the stack's.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx

from local import ROOT
from local.bench.figure import Figure
from local.peak import peak_mb

if TYPE_CHECKING:
    from local.bench.rows import Bench

ROWS, IMAGES = 10_000, 500
_IMAGE_BYTES = 200_000
_RUN_SECONDS = 60
_PREFIX = "bench"
_PATHS = [str(ROOT / part) for part in ("functions", "layers/mesh/python", "layers/networks/python")]
_RULES = "Channels\n- bluesky-main: bluesky, account did:plc:abc, https://bsky.social\n"


def figures(bench: Bench) -> Iterator[Figure]:
    aws = bench.stack.aws
    with _sheets() as ready:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(_PATHS)}
        command = [sys.executable, "-m", "local.bench.sheet", aws, json.dumps(ready)]
        told = subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True, text=True).stdout
    runs: dict[str, list[dict[str, float]]] = json.loads(told.splitlines()[-1])  # above it are drive-sync's own lines
    first = runs["first"]
    what = f"{ROWS:,} rows, {IMAGES} images"
    seconds = ", ".join(f"{run['seconds']:.0f}" for run in first)
    peak = max(run["peak_mb"] for many in runs.values() for run in many)
    yield Figure(f"{what}: peak memory", peak, "MB", aim=200, noise=0.05)
    detail = f"{seconds} s; {_RUN_SECONDS} s each at most"
    yield Figure(f"{what}: runs until all is there", len(first), "runs", detail=detail)
    for name, calls, puts in (("unchanged", 1, 0), ("one row edited", 2, 2)):
        (run,) = runs[name]
        detail = f"{run['seconds']:.2f} s"
        yield Figure(f"{what}, {name}: calls to Google", run["google"], "calls", aim=calls, detail=detail)
        yield Figure(f"{what}, {name}: S3 puts", run["puts"], "puts", aim=puts)


@contextmanager
def _sheets() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="sheet-") as folder:
        command = [sys.executable, "-m", "local", "sheets", "--port", "0", "--state", folder]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                yield json.loads(server.stdout.readline())
            finally:
                server.terminate()


# in the process of its own


def _fill(owner: httpx.Client) -> None:
    dice = random.Random(7)
    owner.put("/owner/rules", content=_RULES.encode()).raise_for_status()
    for number in range(IMAGES):
        content = b"\x89PNG\r\n\x1a\n" + dice.randbytes(_IMAGE_BYTES)
        owner.put(
            f"/owner/files/{number}.png", content=content, headers={"content-type": "image/png"}
        ).raise_for_status()
    owner.post("/owner/reset", json={"rows": [_row(number) for number in range(ROWS)]}).raise_for_status()


def _row(number: int, post_id: str = "", status: str = "") -> list[Any]:
    day = f"2027-{1 + number % 12:02d}-{1 + number % 28:02d}"
    text = f"Post {number}: " + "what a small business has to say on a day like this. " * 3
    image = f"{number}.png" if number < IMAGES else ""
    return [post_id, day, "09:00", text, "bluesky-main", image, "", "https://cafe.example", False, "", status, ""]


def _runs(aws: str, ready: Mapping[str, Any]) -> dict[str, list[dict[str, float]]]:
    with httpx.Client(base_url=ready["url"], trust_env=False, timeout=120) as owner:
        _fill(owner)
        run = _Run(aws, ready, owner)
        first = [run.once()]
        while run.unfinished:
            first.append(run.once())
        # What the rest of the mesh would have had written by then: every row says something.
        grid = owner.get("/owner/grid").json()
        rows = [_row(number, cells[0], "Planned.") for number, cells in enumerate(grid["rows"])]
        owner.post("/owner/reset", json={"rows": rows}).raise_for_status()
        run.once()
        unchanged = run.once()
        owner.post("/owner/cell", json={"row": 5_000, "column": "text", "value": "Another word"}).raise_for_status()
        return {"first": first, "unchanged": [unchanged], "one row edited": [run.once()]}


class _Run:
    """drive-sync's own parts, over tables and buckets made for this."""

    def __init__(self, aws: str, ready: Mapping[str, Any], owner: httpx.Client) -> None:
        from drive_sync.edges import MirrorStore
        from drive_sync.parts import Parts
        from drive_sync.writer import SCOPES, SheetWriter
        from mesh import clock
        from mesh.bus import Bus
        from mesh.google import Google
        from mesh.ledger import Ledger, Runtime, TableNames, Tables

        options: dict[str, Any] = {
            "endpoint_url": aws, "region_name": "ap-southeast-1", "aws_access_key_id": "test", "aws_secret_access_key": "test",
        }  # fmt: skip
        names = TableNames(*_tables(boto3.client("dynamodb", **options)))
        s3 = boto3.client("s3", **options)
        for bucket in (f"{_PREFIX}-posts", f"{_PREFIX}-rules"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
        s3.meta.events.register("before-call.s3.PutObject", self._put)
        tables = Tables(boto3.client("dynamodb", **options))
        document = json.loads(Path(ready["service_account_file"]).read_text()) | {"api_endpoint": ready["url"]}
        self._owner = owner
        self._runtime = Runtime(tables, names)
        self._parts = Parts(
            google=Google(document, SCOPES, httpx.Client(trust_env=False)),
            writer=SheetWriter(document, ready["spreadsheet_id"], "Posts"),
            store=MirrorStore(s3, f"{_PREFIX}-posts", f"{_PREFIX}-rules"),
            ledger=Ledger(tables, names),
            runtime=self._runtime,
            bus=Bus(boto3.client("events", **options), _PREFIX),
            sheet_id=ready["spreadsheet_id"],
            folder_id=ready["folder_id"],
            tab="Posts",
            tz_name="Europe/Berlin",
            horizon=timedelta(days=14),
            clock=clock.now,
        )
        self._puts = 0
        self._count = 0

    def _put(self, **_: Any) -> None:
        self._puts += 1

    @property
    def unfinished(self) -> bool:
        from drive_sync.state import STATE_KEY, State

        return State.of(self._runtime.get(STATE_KEY, self._parts.clock())).unfinished

    def once(self) -> dict[str, float]:
        from drive_sync.handler import sync

        before, self._puts, self._count = self._google_calls(), 0, self._count + 1
        began = time.monotonic()
        sync(self._parts, "t_bench", f"run-{self._count}", lambda: _RUN_SECONDS - (time.monotonic() - began))
        return {
            "seconds": time.monotonic() - began,
            "google": self._google_calls() - before,
            "puts": self._puts,
            "peak_mb": peak_mb(),
        }

    def _google_calls(self) -> int:
        calls = self._owner.get("/owner/calls").json()["calls"]
        return int(max((call["n"] for call in calls if call["path"] != "/token"), default=0))


def _tables(dynamodb: Any) -> Sequence[str]:
    """Like the stack's, empty."""
    names = []
    for name in ("status", "sends", "audit", "runtime"):
        like = dynamodb.describe_table(TableName=f"ss-{name}")["Table"]
        indexes = [
            {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
            for index in like.get("GlobalSecondaryIndexes", ())
        ]
        dynamodb.create_table(
            TableName=f"{_PREFIX}-{name}",
            KeySchema=like["KeySchema"],
            AttributeDefinitions=like["AttributeDefinitions"],
            BillingMode="PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )
        names.append(f"{_PREFIX}-{name}")
    return names


if __name__ == "__main__":
    print(json.dumps(_runs(sys.argv[1], json.loads(sys.argv[2]))))
