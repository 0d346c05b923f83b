"""The same world with AWS's side by moto: real clients, request shapes and expressions. Sheet and networks stay in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from memory.clients import MemoryBus, MemoryMail, MemorySchedules
from memory.tables import Schema
from moto import mock_aws

from mesh.ledger.tables import Tables
from mesh.ledger.values import pack, unpack
from mesh_world.wiring import GROUP, POSTS, RULES
from mesh_world.world import MeshWorld, schemas
from tests.quick_moto import quickened

REGION = "ap-southeast-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}


@contextmanager
def moto() -> Iterator[dict[str, Any]]:
    """The clients, with the tables, buckets and the schedule group made; ``empty`` clears them between two histories."""
    with patch.dict("os.environ", CREDENTIALS), quickened(), mock_aws():
        clients = {
            name: boto3.client(name, region_name=REGION)
            for name in ("dynamodb", "s3", "events", "scheduler", "secretsmanager", "sesv2")
        }
        for name, schema in schemas().items():
            create_table(clients["dynamodb"], name, schema)
        for bucket in (POSTS, RULES):
            clients["s3"].create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        clients["scheduler"].create_schedule_group(Name=GROUP)
        clients["sesv2"].create_email_identity(EmailIdentity="posts@example.test")
        yield clients


def create_table(client: Any, name: str, schema: Schema) -> None:
    """As the template has it."""

    def keys(attributes: tuple[str, ...]) -> list[dict[str, str]]:
        return [
            {"AttributeName": one, "KeyType": kind} for one, kind in zip(attributes, ("HASH", "RANGE"), strict=False)
        ]

    named = {*schema.key, *(one for attributes in schema.indexes.values() for one in attributes)}
    types = [{"AttributeName": one, "AttributeType": "N" if one == "attempt" else "S"} for one in sorted(named)]
    indexes = [
        {"IndexName": index, "KeySchema": keys(attributes), "Projection": {"ProjectionType": "ALL"}}
        for index, attributes in schema.indexes.items()
    ]
    more = {"GlobalSecondaryIndexes": indexes} if indexes else {}
    client.create_table(
        TableName=name, KeySchema=keys(schema.key), AttributeDefinitions=types, BillingMode="PAY_PER_REQUEST", **more
    )


class MotoTables(Tables):
    """With the two things the referee asks: all items, and a copy to look at."""

    def items(self, table: str) -> list[dict[str, Any]]:
        pages = self._client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [unpack(item) for page in pages for item in page["Items"]]


class MotoSchedules(MemorySchedules):
    """Each call goes to moto as well, which has to agree that the schedule is there; what is due is told from here."""

    client: Any

    def create_schedule(self, **request: Any) -> dict[str, Any]:
        answer = super().create_schedule(**request)
        self.client.create_schedule(**request)
        return answer

    def update_schedule(self, **request: Any) -> dict[str, Any]:
        answer = super().update_schedule(**request)
        self.client.update_schedule(**request)
        return answer

    def delete_schedule(self, **request: Any) -> dict[str, Any]:
        answer = super().delete_schedule(**request)
        self.client.delete_schedule(**request)
        return answer

    def due(self) -> list[dict[str, Any]]:
        found = super().due()
        for one in found:
            self.client.delete_schedule(Name=one["Name"], GroupName=one["GroupName"])
        return found


class MotoBus(MemoryBus):
    client: Any

    def put_events(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.put_events(**request)
        super().put_events(**request)
        return answer


class MotoMail(MemoryMail):
    client: Any

    def send_email(self, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.send_email(**request)
        super().send_email(**request)
        return answer


def moved(world: MeshWorld, clients: dict[str, Any]) -> MeshWorld:
    """``world`` with everything of AWS's in moto instead; what was there from another history is cleared."""
    _clear(clients)
    tables = MotoTables(clients["dynamodb"])
    for name in schemas():
        with_items = world.bare_tables.items(name)
        for start in range(0, len(with_items), 25):
            puts = [{"PutRequest": {"Item": pack(item)}} for item in with_items[start : start + 25]]
            clients["dynamodb"].batch_write_item(RequestItems={name: puts})
    for bucket, objects in world.bare_s3._buckets.items():
        for key, (data, _, described) in objects.items():
            clients["s3"].put_object(Bucket=bucket, Key=key, Body=data, **described)
    for name, values in world.bare_secrets._values.items():
        clients["secretsmanager"].create_secret(Name=name, SecretString=values[-1])
    schedules = MotoSchedules([GROUP], lambda: world.now)
    for request in world.bare_schedules._schedules.values():
        clients["scheduler"].create_schedule(**request)
    schedules._schedules = dict(world.bare_schedules._schedules)
    bus, mail = MotoBus(), MotoMail()
    bus.entries, mail.sent = list(world.bare_bus.entries), list(world.bare_mail.sent)
    schedules.client, bus.client, mail.client = clients["scheduler"], clients["events"], clients["sesv2"]
    world.bare_tables, world.bare_schedules = tables, schedules  # type: ignore[assignment]
    world.bare_bus, world.bare_mail = bus, mail
    world.bare_s3, world.bare_secrets = clients["s3"], clients["secretsmanager"]
    world._switch()
    return world


def _clear(clients: dict[str, Any]) -> None:
    dynamodb, s3 = clients["dynamodb"], clients["s3"]
    for name, schema in schemas().items():
        items = MotoTables(dynamodb).items(name)
        for start in range(0, len(items), 25):
            keys = [pack({key: item[key] for key in schema.key}) for item in items[start : start + 25]]
            dynamodb.batch_write_item(RequestItems={name: [{"DeleteRequest": {"Key": key}} for key in keys]})
    for bucket in (POSTS, RULES):
        for one in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=one["Key"])
    for secret in clients["secretsmanager"].list_secrets()["SecretList"]:
        clients["secretsmanager"].delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)
    for schedule in clients["scheduler"].list_schedules(GroupName=GROUP)["Schedules"]:
        clients["scheduler"].delete_schedule(Name=schedule["Name"], GroupName=GROUP)
