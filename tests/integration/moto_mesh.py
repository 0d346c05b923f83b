"""The mesh's AWS side in this process, by moto: tables, buckets, secrets, parameters, and every event that was put."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import boto3
import botocore.client
import pytest
from moto import mock_aws

from mesh.bus import Bus
from mesh.events import Detail, Trouble, parse
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.packages import SIGNING, Packages
from mesh.vault import Vault
from tests.quick_moto import quickened

REGION = "ap-southeast-1"
TZ_NAME = "Europe/Berlin"
NAMES = TableNames(status="ss-status", sends="ss-sends", audit="ss-audit", runtime="ss-runtime")
POSTS_BUCKET = "ss-posts-source-000000000000"
RULES_BUCKET = "ss-rules-source-000000000000"
CACHE_BUCKET = "ss-render-cache-000000000000"  # made only where a test looks into it: the renderer works without
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_METRICS_NAMESPACE": "ss",
    "PREFIX": "ss",
    "TZ_NAME": TZ_NAME,
    "STATUS_TABLE": NAMES.status,
    "SENDS_TABLE": NAMES.sends,
    "AUDIT_TABLE": NAMES.audit,
    "RUNTIME_TABLE": NAMES.runtime,
    "POSTS_BUCKET": POSTS_BUCKET,
    "RULES_BUCKET": RULES_BUCKET,
    "RENDER_CACHE_BUCKET": CACHE_BUCKET,
    "DRIVE_SECRET": "ss/drive/sa",
    "SIGNING_SECRET": "ss/approval/signing-secret",
    "COMPOSE_SECRET": "ss/compose/signing-secret",
    "CHANNEL_SECRETS_PREFIX": "ss/channels/",
    "CONFIG_PREFIX": "/ss/config/",
    "APPROVE_URL": "https://approve.example.test",
    "MAIL_FROM": "Café Möwe <posts@example.test>",
    "RECIPIENTS": "ada@example.test,ben@example.test",
    "SHEET_ID": "sheet-1",
    "DRIVE_FOLDER_ID": "folder-1",
    "BOOKING_GROUP": "ss-bookings",
    "BOOKING_ROLE_ARN": "arn:aws:iam::000000000000:role/ss-BookingRole",
    "BUS_ARN": f"arn:aws:events:{REGION}:000000000000:event-bus/default",
    "QUIET_MINUTES": "10",
    "HORIZON_DAYS": "14",
    "RECEIPTS": "each",
}
SIGNING_KEY = "a-signing-key-of-forty-characters-0123456"
COMPOSE_KEY = "a-key-of-notes-of-forty-characters-012345"

SomeDetail = TypeVar("SomeDetail", bound=Detail)


@dataclass
class MotoMesh:
    """``entries`` are the PutEvents entries of every client in the process, in order; ``calls`` the names of all AWS calls."""

    clock_file: Path
    entries: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    names: TableNames = NAMES
    posts_bucket: str = POSTS_BUCKET
    rules_bucket: str = RULES_BUCKET

    def __post_init__(self) -> None:
        self.dynamodb = boto3.client("dynamodb", region_name=REGION)
        self.s3 = boto3.client("s3", region_name=REGION, config=SIGNING)
        self.secrets = boto3.client("secretsmanager", region_name=REGION)
        self.parameters = boto3.client("ssm", region_name=REGION)
        self.schedules = boto3.client("scheduler", region_name=REGION)
        self.mail = boto3.client("sesv2", region_name=REGION)
        self.bus = Bus(boto3.client("events", region_name=REGION), "ss")
        self.tables = Tables(self.dynamodb)
        self.ledger = Ledger(self.tables, NAMES)
        self.runtime = Runtime(self.tables, NAMES)
        self.packages = Packages(self.s3, POSTS_BUCKET)
        self.vault = Vault(self.secrets)

    @property
    def events(self) -> list[Detail]:
        """Everything put on the bus so far, parsed; troubles that went together stand one by one."""
        put = [
            parse({"detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}) for entry in self.entries
        ]
        return [one for detail in put for one in (detail.each if isinstance(detail, Trouble) else (detail,))]

    def events_of(self, model: type[SomeDetail]) -> list[SomeDetail]:
        return [event for event in self.events if type(event) is model]

    def audit(self, subject: str) -> list[dict[str, Any]]:
        """A subject's chain, first to last."""
        return self.tables.query(NAMES.audit, "#subject = :subject", {":subject": subject})

    def turn_clock(self, moment: datetime) -> None:
        """Let ``mesh.clock.now()`` tell this moment; it goes on from there with real time."""
        self.clock_file.write_text(json.dumps({"offset_seconds": (moment - datetime.now(UTC)).total_seconds()}))

    def put_secret(self, name: str, document: Mapping[str, Any]) -> None:
        text = json.dumps(document)
        try:
            self.secrets.create_secret(Name=name, SecretString=text)
        except self.secrets.exceptions.ResourceExistsException:
            self.secrets.put_secret_value(SecretId=name, SecretString=text)

    def put_rules(self, text: str) -> None:
        self.s3.put_object(Bucket=RULES_BUCKET, Key="rules.txt", Body=text.encode())

    def furnish(self) -> None:
        """Create what the stack's templates create."""
        for name, key, sort, index in _TABLES:
            _create_table(self.dynamodb, name, key, sort, index)
        for bucket in (POSTS_BUCKET, RULES_BUCKET):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.put_secret("ss/approval/signing-secret", {"keys": [SIGNING_KEY]})
        self.put_secret("ss/compose/signing-secret", {"keys": [COMPOSE_KEY]})
        self.schedules.create_schedule_group(Name="ss-bookings")
        self.mail.create_email_identity(EmailIdentity="posts@example.test")
        for name, value in (("timezone", TZ_NAME), ("recipients", ENVIRONMENT["RECIPIENTS"])):
            self.parameters.put_parameter(Name=f"/ss/config/{name}", Value=value, Type="String")


_Attribute = tuple[str, str]
_TABLES: tuple[tuple[str, _Attribute, _Attribute | None, tuple[str, _Attribute, _Attribute] | None], ...] = (
    (NAMES.status, ("post_id", "S"), None, ("open", ("open", "S"), ("due_at", "S"))),
    (NAMES.sends, ("post_channel", "S"), ("attempt", "N"), ("month", ("month", "S"), ("sent_at", "S"))),
    (NAMES.audit, ("subject", "S"), ("seq", "S"), ("month", ("month", "S"), ("ts", "S"))),
    (NAMES.runtime, ("pk", "S"), None, None),
)


def _create_table(
    client: Any,
    name: str,
    key: _Attribute,
    sort: _Attribute | None,
    index: tuple[str, _Attribute, _Attribute] | None,
) -> None:
    def schema(first: _Attribute, second: _Attribute | None) -> list[dict[str, str]]:
        parts = [{"AttributeName": first[0], "KeyType": "HASH"}]
        return parts + ([{"AttributeName": second[0], "KeyType": "RANGE"}] if second else [])

    attributes = dict([key, *([sort] if sort else []), *(index[1:] if index else ())])
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": schema(key, sort),
        "AttributeDefinitions": [{"AttributeName": one, "AttributeType": kind} for one, kind in attributes.items()],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if index:
        request["GlobalSecondaryIndexes"] = [
            {"IndexName": index[0], "KeySchema": schema(index[1], index[2]), "Projection": {"ProjectionType": "ALL"}}
        ]
    client.create_table(**request)


@contextmanager
def standing(folder: Path, environment: Mapping[str, str] = ENVIRONMENT) -> Iterator[MotoMesh]:
    """A furnished, empty stack; what handlers keep between invocations (``functools.cache``) is forgotten before and after.

    ``folder`` is for its clock. Calls may come from several threads: each takes effect whole before the next, as moto does not see to.
    """
    clock_file = folder / "clock.json"
    clock_file.write_text('{"offset_seconds": 0}')
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("MESH_CLOCK_FILE", str(clock_file))
        _forget_wiring()
        patch.setattr(boto3, "DEFAULT_SESSION", _kept())
        with quickened(), mock_aws(config={"core": {"reset_boto3_session": False}}):
            stack = MotoMesh(clock_file)
            stack.furnish()
            _record_calls(patch, stack)
            yield stack
        _forget_wiring()


class _KeptClients(boto3.Session):
    """Makes one client for each service, configuration and environment: they hold nothing of a test's own, and making one takes as
    long as a dozen calls. Who hangs something of its own on a client takes it from a session of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[tuple[object, ...], Any] = {}

    def client(self, service_name: str, region_name: str | None = None, **options: Any) -> Any:
        environment = sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_"))
        key = (service_name, region_name, *environment, *sorted(options.items()))
        if key not in self._kept:
            self._kept[key] = super().client(service_name, region_name, **options)
        return self._kept[key]


_kept = cache(_KeptClients)


def _record_calls(patch: pytest.MonkeyPatch, stack: MotoMesh) -> None:
    """Clients are made by the handlers themselves, so what they do is seen where every client passes."""
    original = botocore.client.BaseClient._make_api_call
    one_at_a_time = threading.RLock()

    def recording(client: Any, operation: str, request: dict[str, Any]) -> Any:
        with one_at_a_time:
            stack.calls.append(operation)
            answer = original(client, operation, request)
            if operation == "PutEvents":
                stack.entries.extend(request["Entries"])
            return answer

    patch.setattr(botocore.client.BaseClient, "_make_api_call", recording)


def _forget_wiring() -> None:
    for name, module in list(sys.modules.items()):
        if name.endswith((".handler", ".door")):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
