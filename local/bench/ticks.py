"""The scheduler's figures: a daily tick over 1,000, 10,000 and 100,000 rows of which 200 come within reach.

``python -m local.bench.ticks look FILE`` measures the reading and filtering of a mirror beside ``csv.reader`` over the same bytes;
``python -m local.bench.ticks tick AWS FILE`` runs a tick over it, on tables and buckets of its own beside the stack's. Each in a process
of its own, so that nothing else is in its memory.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from local import ROOT
from local.bench.figure import Figure
from local.bench.measuring import beside, cpu_ms
from local.peak import peak_mb
from local.stack import REGION

if TYPE_CHECKING:
    from local.bench.rows import Bench

ROWS, DUE = (1_000, 10_000, 100_000), 200
NOW = datetime(2027, 3, 15, 6, 0, tzinfo=UTC)
_PATHS = [str(ROOT / part) for part in ("functions", "layers/mesh/python", "layers/networks/python")]
_RULES = "Time zone: Europe/Berlin\nChannels\n- bluesky-main: bluesky, account did:plc:abc, https://bsky.social\n"
_TIMES = 15
_AIM_MB, _AIM_RATIO = 150, 1.5


def figures(bench: Bench) -> Iterator[Figure]:
    aws = bench.stack.aws
    made: dict[int, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="tick-") as folder:
        for rows in ROWS:
            file = Path(folder) / f"{rows}.csv"
            _told("write", str(file), str(rows))
            made[rows] = {**_told("look", str(file)), **_told("tick", aws, str(file))}
    for rows, found in made.items():
        detail = f"the tick in all {found['cpu_ms']:.0f} ms, nearly all of it following {DUE} rows"
        name = f"{rows:,} rows, {DUE} due"
        look, floor, noise = found["look_ms"], found["floor_ms"], found["noise"]
        yield Figure(f"{name}: reading, by csv.reader's", look, "ms", floor, _AIM_RATIO, detail, noise)
        yield Figure(f"{name}: peak memory of a tick", found["peak_mb"], "MB", aim=_AIM_MB, noise=0.05)
    calls = [json.dumps(found["calls"], sort_keys=True) for found in made.values()]
    said = ", ".join(f"{count} {name}" for name, count in sorted(made[ROWS[0]]["calls"].items()))
    same = "the same for each number of rows" if len(set(calls)) == 1 else f"NOT the same: {'; '.join(calls)}"
    most = max(sum(found["calls"].values()) for found in made.values())
    yield Figure(f"remote calls of a tick, {DUE} due", most, "calls", detail=f"{same}: {said}")
    for kind in ("sweep", "tick"):
        idle = max(sum(found[f"idle {kind}"].values()) for found in made.values())
        yield Figure(f"remote calls of a {kind}, none due", idle, "calls", aim=3)
    yield from (Figure.of(document) for document in made[ROWS[0]]["warm"])


def _told(*command: str) -> dict[str, Any]:
    """What a process of its own says in its last line; above it are the scheduler's own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(_PATHS), "POWERTOOLS_LOG_LEVEL": "ERROR"}
    whole = [sys.executable, "-m", "local.bench.ticks", *command]
    told = subprocess.run(whole, check=True, env=environment, cwd=ROOT, capture_output=True, text=True).stdout
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


# each in a process of its own


def _write(file: Path, rows: int) -> dict[str, Any]:
    from mesh.posts import Row
    from mesh.posts_csv import write_csv

    def row(number: int) -> Row:
        day = NOW + timedelta(days=1 + number % 13 if number < DUE else 40 + number % 700)
        text = f"Post {number}: " + "what a small business has to say on a day like this. " * 3
        return Row(f"p_{number:010}", f"{day:%Y-%m-%d}", "09:00", text, "bluesky-main", link="https://cafe.example")

    return {"bytes": file.write_bytes(write_csv(row((number * 7919) % rows) for number in range(rows)))}


def _look(file: Path) -> dict[str, Any]:
    """Medians of CPU time, taken in turn."""
    from mesh.posts_csv import lines, records
    from scheduler.picking import Days, pick

    data = file.read_bytes()

    def ours() -> None:
        layout, found = records(lines(io.BufferedReader(io.BytesIO(data))))
        if len(pick(layout, found, frozenset(), Days(NOW, timedelta(days=14)))) != DUE:
            raise RuntimeError(f"not {DUE} rows were picked")

    def floor() -> None:
        for _ in csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")):
            pass

    csv.field_size_limit(10_000_000)
    found = beside(ours, floor, _TIMES)
    return {"look_ms": found.ours, "floor_ms": found.floor, "noise": found.noise}


def _tick(aws: str, file: Path) -> dict[str, Any]:
    bench = _Bench(aws, f"tick{file.stem}", file)
    bench.remember(NOW - timedelta(days=1))
    took_ms = cpu_ms(lambda: bench.run("daily", NOW))
    found = {"cpu_ms": took_ms, "calls": dict(bench.calls)}
    held_mb = peak_mb()
    bench.empty()  # nothing is open, and nothing near: the day after
    years_ago = NOW - timedelta(days=3_650)
    bench.run("daily", years_ago)
    for kind in ("daily", "sweep"):
        bench.run(kind, years_ago + timedelta(minutes=5))
        found["idle tick" if kind == "daily" else "idle sweep"] = dict(bench.calls)
    return {**found, "peak_mb": held_mb, "warm": _warm(bench, years_ago + timedelta(minutes=5))}


def _warm(bench: _Bench, now: datetime) -> list[dict[str, Any]]:
    """An idle sweep: which of its calls wait for one another, and its CPU."""
    from local.bench import own_cpu
    from local.bench.recording import recording, rounds
    from local.bench.replaying import keeping

    event = {"tick": "sweep"}
    with keeping() as kept, recording() as calls:
        bench.handle(event, now)
    counted = rounds("an idle sweep", calls, 3)
    costs = own_cpu.figures("tick", "scheduler", lambda: bench.handle(event, now), kept, event, own_cpu.Tick)
    return [figure.document() for figure in (counted, *costs)]


class _Bench:
    """The scheduler over tables and buckets of its own; ``calls`` are those of the last run, by name."""

    def __init__(self, aws: str, prefix: str, file: Path) -> None:
        from mesh.booking import Bookings, BookingSettings
        from mesh.bus import Bus
        from mesh.ledger import Ledger, Runtime, TableNames, Tables
        from scheduler.edges import Calendar
        from scheduler.handler import Wiring
        from scheduler.settings import SchedulerSettings

        self.calls: dict[str, int] = {}
        account = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        options: dict[str, Any] = {"endpoint_url": aws, "region_name": REGION, **account}
        clients = {name: boto3.client(name, **options) for name in ("dynamodb", "s3", "events", "scheduler")}
        self._dynamodb, s3 = clients["dynamodb"], clients["s3"]
        self.names = names = TableNames(*(f"{prefix}-{name}" for name in ("status", "sends", "audit", "runtime")))
        for name in ("status", "sends", "audit", "runtime"):
            _create_like(self._dynamodb, f"ss-{name}", f"{prefix}-{name}")
        self.versions = {}
        for name, body in (("posts", file.read_bytes()), ("rules", _RULES.encode())):
            bucket, key = f"{prefix}-{name}", {"posts": "posts.csv", "rules": "rules.txt"}[name]
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
            self.versions[name] = s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
        tables = Tables(self._dynamodb)
        settings = {"status_table": names.status, "sends_table": names.sends, "audit_table": names.audit}
        settings |= {
            "runtime_table": names.runtime,
            "posts_bucket": f"{prefix}-posts",
            "rules_bucket": f"{prefix}-rules",
        }
        unused = {"booking_group": "none", "booking_role_arn": "none", "bus_arn": "none", "dead_letters_arn": "none"}
        self._wiring = Wiring(
            SchedulerSettings(prefix=prefix, tz_name="Europe/Berlin", **settings, **unused),
            Ledger(tables, names),
            Runtime(tables, names),
            Calendar(s3, f"{prefix}-posts", f"{prefix}-rules"),
            Bookings(clients["scheduler"], BookingSettings("none", "none", "none", "none", prefix)),
            Bus(clients["events"], prefix),
        )
        for client in clients.values():
            client.meta.events.register("before-call.*.*", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self.calls[model.name] = self.calls.get(model.name, 0) + 1

    def remember(self, daily_at: datetime) -> None:
        from mesh.ledger.runtime import MIRRORED, SCHEDULER_STATE
        from scheduler.memory import Remembered

        self._wiring.runtime.put(MIRRORED, self.versions)
        self._wiring.runtime.put(SCHEDULER_STATE, Remembered(self.versions, daily_at.isoformat()).item())

    def run(self, kind: str, now: datetime) -> None:
        from scheduler.handler import run
        from scheduler.looking import Waking

        self.calls = {}
        run(self._wiring, Waking(kind, None, "t_bench"), now)

    def handle(self, event: dict[str, str], now: datetime) -> None:
        from scheduler.handler import run, waking

        run(self._wiring, waking(event, self._wiring.settings.prefix), now)

    def empty(self) -> None:
        for status in self._wiring.ledger.open_statuses():
            key = {"post_id": {"S": status.post_id}}
            self._dynamodb.delete_item(TableName=self.names.status, Key=key)


def _create_like(dynamodb: Any, model: str, name: str) -> None:
    like = dynamodb.describe_table(TableName=model)["Table"]
    wanted = ("IndexName", "KeySchema", "Projection")
    indexes = [{key: index[key] for key in wanted} for index in like.get("GlobalSecondaryIndexes", ())]
    dynamodb.create_table(
        TableName=name,
        KeySchema=like["KeySchema"],
        AttributeDefinitions=like["AttributeDefinitions"],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "write":
        print(json.dumps(_write(Path(rest[0]), int(rest[1]))))
    elif what == "look":
        print(json.dumps(_look(Path(rest[0]))))
    else:
        print(json.dumps(_tick(rest[0], Path(rest[1]))))
