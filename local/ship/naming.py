"""The names that the templates make of a prefix: how long they get, and which of them outlive their stack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.deploy import read_template
from local.ship.environments import CHANNELS, TEMPLATES, Environment

# The property with the name, and the longest one that the service takes, in characters.
_NAMED = {
    "AWS::Serverless::Function": ("FunctionName", 64),
    "AWS::Serverless::StateMachine": ("Name", 80),
    "AWS::DynamoDB::Table": ("TableName", 255),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::SecretsManager::Secret": ("Name", 512),
    "AWS::SQS::Queue": ("QueueName", 80),
    "AWS::Events::Rule": ("Name", 64),
    "AWS::Scheduler::ScheduleGroup": ("Name", 64),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::SES::ConfigurationSet": ("Name", 64),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::CloudWatch::Alarm": ("AlarmName", 255),
    "AWS::CloudWatch::Dashboard": ("DashboardName", 255),
}
_WAKING = {
    "ScheduleV2": ("AWS::Scheduler::Schedule", "Name", 64),
    "EventBridgeRule": ("AWS::Events::Rule", "RuleName", 64),
}
_OPEN = re.compile(r"\$\{[^}]*\}")

TABLE, BUCKET, SECRET = "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"
LOGS, FUNCTION = "AWS::Logs::LogGroup", "AWS::Serverless::Function"
PRECIOUS = {TABLE: "table", BUCKET: "bucket", SECRET: "secret"}
"""What holds the business's data: nothing here replaces or removes one unasked."""


@dataclass(frozen=True)
class Named:
    """A resource with a name of its own; ``properties`` as they stand in the template, ``stays`` when its stack is deleted."""

    logical_id: str
    kind: str
    name: str
    longest: int
    stays: bool
    properties: Mapping[str, Any]


@cache
def template(root: Path, which: str) -> Mapping[str, Any]:
    """One of the three, as it stands in the clone."""
    return read_template(root / TEMPLATES[which])


def names_made(root: Path, environment: Environment, account: str, which: str) -> tuple[Named, ...]:
    """Of one of the three templates; names that hang on more than prefix and account are left out."""
    if which == CHANNELS:
        return tuple(_secrets_of_channels(environment))
    resources = template(root, which)["Resources"]
    found = (one for key, resource in resources.items() for one in _made_by(key, resource))
    values = {"${Prefix}": environment.prefix, "${AWS::AccountId}": account}
    return tuple(
        Named(one.logical_id, one.kind, name, one.longest, one.stays, one.properties)
        for one in found
        if not _OPEN.search(name := _filled(one.name, values))
    )


def _made_by(key: str, resource: Mapping[str, Any]) -> Iterator[Named]:
    properties = resource.get("Properties") or {}
    if resource["Type"] in _NAMED:
        named, longest = _NAMED[resource["Type"]]
        if text := _text(properties.get(named)):
            yield Named(key, resource["Type"], text, longest, resource.get("DeletionPolicy") == "Retain", properties)
    for event, described in (properties.get("Events") or {}).items():
        kind, named, longest = _WAKING.get(described["Type"], ("", "", 0))
        if kind and (text := _text(described["Properties"].get(named))):
            yield Named(f"{key}{event}", kind, text, longest, False, {})


def _secrets_of_channels(environment: Environment) -> Iterator[Named]:
    """As Fn::ForEach makes them: ``&{Channel}`` is the channel's name without what no logical id may have."""
    for channel in environment.channels:
        name = f"{environment.prefix}/channels/{channel}"
        described = "Network, account id, allowed host and credentials of one channel"
        properties = {"Name": {"Fn::Sub": f"${{Prefix}}/channels/{channel}"}, "Description": described}
        yield Named("Channel" + re.sub(r"[^A-Za-z0-9]", "", channel), SECRET, name, 512, True, properties)


def _text(value: Any) -> str:
    return str(value["Fn::Sub"]) if isinstance(value, Mapping) and isinstance(value.get("Fn::Sub"), str) else ""


def _filled(text: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        text = text.replace(place, value)
    return text
