"""The batch machine of template.yaml on the local AWS side, with a scripted function in draft-helper's place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local_aws import LocalAws

from local import ROOT
from local.deploy import deploy, read_template

ASL = ROOT / "statemachines" / "draft_batch.asl.yaml"
DEFINITION: dict[str, Any] = read_template(ASL)
TABLE = "scripts"
_OURS = Path(__file__).parent / "batch"
_TAKEN = (
    "DraftBatch",
    "DraftBatchRole",
    "DraftBatchRequested",
    "DraftBatchStartRole",
    "DeadLetters",
    "DeadLettersPolicy",
)  # as they stand in template.yaml
Script = Mapping[str, Sequence[Mapping[str, Any]]]


def states(machine: Mapping[str, Any] = DEFINITION) -> dict[str, dict[str, Any]]:
    """Every state by its name, those inside a Map too."""
    found: dict[str, dict[str, Any]] = {}
    for name, state in machine["States"].items():
        found[name] = state
        if "ItemProcessor" in state:
            found |= states(state["ItemProcessor"])
    return found


def template(folder: Path) -> Path:
    """The machine's own block, its rule and its dead letters, around the scripted function."""
    real = read_template(ROOT / "template.yaml")
    taken = {name: real["Resources"][name] for name in _TAKEN}
    taken["DraftBatch"]["Properties"]["DefinitionUri"] = str(ASL)
    scripted = {
        "FunctionName": {"Fn::Sub": "${Prefix}-draft-helper"},
        "Handler": "scripted.handler.handler",
        "Runtime": "python3.14",
        "Timeout": 30,
        "CodeUri": str(_OURS / "functions"),
        "Environment": {"Variables": {"TABLE": TABLE}},
    }
    scripts = {
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    }
    made = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {
            "Prefix": {"Type": "String", "Default": "ss"},
            "RoleBoundary": {"Type": "String", "Default": ""},
        },
        "Conditions": {"HasRoleBoundary": real["Conditions"]["HasRoleBoundary"]},
        "Resources": {
            **taken,
            "DraftHelper": {"Type": "AWS::Serverless::Function", "Properties": scripted},
            "Scripts": {"Type": "AWS::DynamoDB::Table", "Properties": scripts},
        },
        "Outputs": {"Machine": {"Value": {"Ref": "DraftBatch"}}},
    }
    file = folder / "template.yaml"
    file.write_text(json.dumps(made))
    return file


class BatchMachine:
    """``write`` gives a batch its script; ``start`` runs it by its event; then ``ended`` and ``asked`` tell what became of it."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws = aws
        self.arn = deploy(template(folder), aws.endpoint, "batch", {}, folder / "build", lambda _: None)["Machine"]
        self._tables = aws.client("dynamodb")
        self._machines = aws.client("stepfunctions")

    def write(self, batch_id: str, script: Script) -> None:
        item = {"pk": {"S": batch_id}, "script": {"S": json.dumps(dict(script))}}
        self._tables.put_item(TableName=TABLE, Item=item)

    def start(self, *batch_ids: str) -> None:
        """By ``ss.batch.requested``, as in the mesh."""
        entries = [
            {
                "Source": "ss",
                "DetailType": "ss.batch.requested",
                "Detail": json.dumps({"schema_version": 1, "trace_id": f"t_{batch_id}", "batch_id": batch_id}),
            }
            for batch_id in batch_ids
        ]
        events = self.aws.client("events")
        for start in range(0, len(entries), 10):
            assert events.put_events(Entries=entries[start : start + 10])["FailedEntryCount"] == 0

    def executions(self) -> dict[str, dict[str, Any]]:
        """The newest execution of each batch."""
        pages = self._machines.get_paginator("list_executions").paginate(stateMachineArn=self.arn)
        found: dict[str, dict[str, Any]] = {}
        for page in pages:
            for listed in page["executions"]:
                told = self._machines.describe_execution(executionArn=listed["executionArn"])
                found.setdefault(json.loads(told["input"])["batch_id"], told)
        return found

    def entered(self, execution: Mapping[str, Any]) -> list[str]:
        """The machine's own states in their order; those inside the Map are told by what was ``asked``."""
        history = self._machines.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in history["events"]
            if "stateEnteredEventDetails" in event
        ]

    def asked(self, batch_id: str) -> dict[str, tuple[int, dict[str, Any]]]:
        """How often each step was asked for, and with what at last, by ``step`` or ``step#post_id``."""
        items = self._tables.scan(TableName=TABLE, ConsistentRead=True)["Items"]
        mine = [item for item in items if item["pk"]["S"].startswith(f"{batch_id}/")]
        return {
            item["pk"]["S"].partition("/")[2]: (int(item["times"]["N"]), json.loads(item["asked"]["S"]))
            for item in mine
        }
