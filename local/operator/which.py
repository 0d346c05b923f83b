"""Which stack a command speaks to: a business of samconfig.toml, or one on AWS by prefix, region and profile; else the make run that is
up, else what the last one left.

What the last run left is read without waking it: a copy of what it kept is served, with neither functions nor schedules, as of its end.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import boto3
import httpx
from botocore.exceptions import BotoCoreError, ClientError

from local import ROOT
from local.operator.books import Books, BooksError
from local.ship.environments import SamconfigError, read
from local.stack import PREFIX, REGION
from mesh.rulebook import parse_rules

_RUNS = ROOT / ".local"
_TABLES = "dynamodb.json"
_ALSO = ("ssm.json", "sqs.json", "cloudwatch_logs.json", "secretsmanager.json")
_START_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Chosen:
    """``name`` says which it is, in words; ``zone`` is the business's. ``up``: not only what a run has left. Else as ``Reached``."""

    books: Books
    name: str
    zone: ZoneInfo
    prefix: str
    client: Callable[[str], Any]
    now: Callable[[], datetime]
    up: bool = True
    local: bool = False


@dataclass(frozen=True)
class Reached:
    """A stack that is up, for who changes something: ``client`` makes a client of one of its services, ``now`` tells its time."""

    prefix: str
    name: str
    client: Callable[[str], Any]
    now: Callable[[], datetime]
    local: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", type=Path, help="the folder of a make run; else the one that is up, or was last")
    parser.add_argument("--env", help="a business of samconfig.toml, which has its prefix, region and profile")
    parser.add_argument("--prefix", help=f"a stack on AWS by its prefix (usually {PREFIX})")
    parser.add_argument("--region", help="its region")
    parser.add_argument("--profile", help="the AWS profile to read it with")
    parser.add_argument("--zone", help="the zone to say times in; else the business's own")


@contextmanager
def chosen(options: argparse.Namespace) -> Iterator[Chosen]:
    """BooksError, with what to do, where there is none."""
    zone = _named_zone(options.zone) if options.zone else None
    if _is_on_aws(options):
        yield _on_aws(options, zone)
        return
    folder = _folder(options.state)
    port = _port(folder)
    if port is not None:
        yield _local(port, f"the make run that is up ({folder.name})", zone, _following(port), up=True)
        return
    ended = _ended(folder)
    with _served(folder) as port:
        yield _local(port, f"what the last make run left ({folder.name})", zone, lambda: ended, up=False)


def reached(options: argparse.Namespace) -> Reached:
    """BooksError where none is up: nothing is written into what a run has left."""
    if _is_on_aws(options):
        prefix, session = options.prefix or PREFIX, _aws_session(options)
        return Reached(prefix, f"{prefix} in {session.region_name}", session.client, lambda: datetime.now(UTC))
    folder = _folder(options.state)
    port = _port(folder)
    if port is None:
        raise BooksError(f"the make run in {folder} is not up; start it with make run, and come back in another window")
    return Reached(PREFIX, f"the make run that is up ({folder.name})", _clients(port), _following(port), local=True)


def _is_on_aws(options: argparse.Namespace) -> bool:
    """And what samconfig.toml says of the business is filled in. A business that it does not have is never taken for the make run."""
    if options.env:
        try:
            found = read((ROOT / "samconfig.toml").read_text("utf-8"), options.env)
        except (OSError, SamconfigError) as error:
            raise BooksError(str(error)) from error
        if options.state or options.prefix not in (None, found.prefix):
            raise BooksError(f"{options.env} is {found.prefix} in {found.region}, and another stack is named beside it")
        options.prefix, options.region = found.prefix, options.region or found.region
        options.profile = options.profile or found.profile or None
    return bool(options.prefix or options.region or options.profile)


def _clients(port: int) -> Callable[[str], Any]:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    return lambda service: session.client(service, endpoint_url=f"http://127.0.0.1:{port}")


def _following(port: int) -> Callable[[], datetime]:
    """The stack's time, as far from this computer's as it is now."""
    told = httpx.get(f"http://127.0.0.1:{port}/_local/clock", timeout=5, trust_env=False).raise_for_status().json()
    ahead = datetime.fromisoformat(told["now"]) - datetime.now(UTC)
    return lambda: datetime.now(UTC) + ahead


def _ended(folder: Path) -> datetime:
    """The stack's time when the last run wrote its tables for the last time."""
    try:
        offset_seconds = float(json.loads((folder / "aws" / "clock.json").read_text())["offset_seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        offset_seconds = 0.0
    return datetime.fromtimestamp(_last_used(folder) + offset_seconds, UTC)


def _on_aws(options: argparse.Namespace, zone: ZoneInfo | None) -> Chosen:
    prefix, session = options.prefix or PREFIX, _aws_session(options)
    try:
        books = Books(session.client("dynamodb"), prefix)
        zone = zone or _zone_of(session.client, prefix)
        name = f"{prefix} in {session.region_name}"
        return Chosen(books, name, zone, prefix, session.client, lambda: datetime.now(UTC))
    except BotoCoreError as error:
        raise BooksError(f"AWS cannot be asked: {error}") from error


def _aws_session(options: argparse.Namespace) -> Any:
    try:
        session = boto3.Session(profile_name=options.profile, region_name=options.region)
    except BotoCoreError as error:
        raise BooksError(f"AWS cannot be asked: {error}") from error
    if session.region_name is None:
        raise BooksError("which region? Name it with --region")
    return session


def _local(port: int, name: str, zone: ZoneInfo | None, now: Callable[[], datetime], *, up: bool) -> Chosen:
    client = _clients(port)
    books = Books(client("dynamodb"), PREFIX)
    return Chosen(books, name, zone or _zone_of(client, PREFIX), PREFIX, client, now, up=up, local=True)


def _zone_of(client: Callable[[str], Any], prefix: str) -> ZoneInfo:
    """The rules doc's, else the stack's parameter; UTC where neither can be read."""
    try:
        parameter = client("ssm").get_parameter(Name=f"/{prefix}/config/timezone")["Parameter"]
        default = ZoneInfo(parameter["Value"]).key
    except (BotoCoreError, ClientError, ZoneInfoNotFoundError, ValueError):
        default = "UTC"
    try:
        account = client("sts").get_caller_identity()["Account"]
        found = client("s3").get_object(Bucket=f"{prefix}-rules-source-{account}", Key="rules.txt")
        return parse_rules(found["Body"].read().decode("utf-8", "replace"), default_zone=default)[0].zone
    except (BotoCoreError, ClientError):
        return ZoneInfo(default)


def _named_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BooksError(f"there is no time zone {name}; write one like Europe/Berlin") from error


# the local stack


def _folder(state: Path | None) -> Path:
    if state is not None:
        if not (state / "aws").is_dir():
            raise BooksError(f"{state} is no folder of a make run")
        return state.resolve()
    there = sorted(_RUNS.glob("*/aws")) if _RUNS.is_dir() else []
    folders = [one.parent for one in there]
    if not folders:
        raise BooksError("there has been no make run yet; start one, or name a stack on AWS with --prefix and --region")
    up = [one for one in folders if _port(one) is not None]
    if len(up) > 1:
        raise BooksError(f"several are up; say which with --state: {', '.join(str(one) for one in up)}")
    return up[0] if up else max(folders, key=_last_used)


def _last_used(folder: Path) -> float:
    tables = folder / "aws" / "services" / _TABLES
    return tables.stat().st_mtime if tables.exists() else 0.0


def _port(folder: Path) -> int | None:
    """Where its AWS side answers, or None."""
    try:
        port = int(json.loads((folder / "ports.json").read_text())["aws"])
        httpx.get(f"http://127.0.0.1:{port}/_local/clock", timeout=5, trust_env=False).raise_for_status()
    except (OSError, ValueError, KeyError, TypeError, httpx.HTTPError):
        return None
    return port


@contextmanager
def _served(folder: Path) -> Iterator[int]:
    """A copy of the folder's tables, parameters, dead letters, logs and secrets, on a free port."""
    kept = folder / "aws" / "services"
    if not (kept / _TABLES).exists():
        raise BooksError(f"the make run in {folder} left no tables")
    with tempfile.TemporaryDirectory(prefix="social-scheduler-books-") as copy:
        services = Path(copy) / "services"
        services.mkdir()
        for name in (_TABLES, *_ALSO):
            if (kept / name).exists():
                shutil.copy(kept / name, services / name)
        command = [sys.executable, "-m", "local", "aws", "--port", "0", "--state", copy]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise BooksError(f"what the make run in {folder} left cannot be read")
            yield int(json.loads(line)["port"])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_START_TIMEOUT_SECONDS)
            if process.stdout is not None:
                process.stdout.close()
