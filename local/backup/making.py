"""A table that is gone, made anew as template.yaml has it: CloudFormation does not see that somebody deleted one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local import ROOT
from local.deploy import read_template
from local.operator.asking import asking


def make_missing(client: Any, prefix: str) -> Iterator[str]:
    """The names of those that were made."""
    with asking("the tables", "dynamodb:ListTables"):
        there = {name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]}
    for resource in read_template(ROOT / "template.yaml")["Resources"].values():
        if resource["Type"] != "AWS::DynamoDB::Table":
            continue
        properties = dict(resource["Properties"])
        name = str(properties.pop("TableName")["Fn::Sub"]).replace("${Prefix}", prefix)
        if name not in there:
            with asking(
                f"the table {name}", "dynamodb:CreateTable, dynamodb:UpdateContinuousBackups, dynamodb:UpdateTimeToLive"
            ):
                _make(client, name, properties)
            yield name


def _make(client: Any, name: str, properties: dict[str, Any]) -> None:
    recovery = properties.pop("PointInTimeRecoverySpecification", None)
    expiry = properties.pop("TimeToLiveSpecification", None)
    client.create_table(TableName=name, **properties)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})
    if recovery:
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    if expiry:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
