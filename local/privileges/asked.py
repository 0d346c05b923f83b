"""What AWS asks a role's policies for one call: IAM's own actions, the ARNs and the condition keys that matter here. Pure.

Account and region are always those of the local stack, and a secret's six characters always the same, so that what was asked in any
test or stack can be told by the same words. The service authorization reference names the actions; what it leaves open is said beside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote

from local.privileges.asked_reads import READS

ACCOUNT = "000000000000"
REGION = "ap-southeast-1"
SECRET_END = "-AbCdEf"

Call = Mapping[str, Any]
_PASSED_TO = (("iam:PassedToService", "scheduler.amazonaws.com"),)
_PROFILE = re.compile(r"^(global|us|eu|apac|au|jp|ca|us-gov)\.")
_ROLE = re.compile(r"(\w+Role)(?:-\w+)?$")
_SECRET = re.compile(r":secret:(.*?)(?:-\w{6})?$")


class UnknownCallError(Exception):
    """Nobody has said yet what AWS asks for this call."""


@dataclass(frozen=True)
class Asked:
    """``conditions`` are pairs of a key and its value, sorted."""

    action: str
    resource: str
    conditions: tuple[tuple[str, str], ...] = ()


def asked(service: str, operation: str, call: Call, *, missed: bool = False) -> list[Asked]:
    """Each once. ``missed``: an object was not there, which S3 tells only to who may list the bucket (API reference of GetObject).

    UnknownCallError for a call that is not in the table below.
    """
    make = _CALLS.get((service, operation))
    if make is None:
        raise UnknownCallError(f"{service} {operation}")
    found = list(make(call))
    if missed and service == "s3":
        found.append(Asked("s3:ListBucket", f"arn:aws:s3:::{call['Bucket']}"))
    return list(dict.fromkeys(found))


def known(service: str, operation: str) -> bool:
    return (service, operation) in _CALLS


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


# DynamoDB


def table_arn(name: str, index: str = "") -> str:
    return arn("dynamodb", f"table/{name.rpartition('/')[2]}" + (f"/index/{index}" if index else ""))


def _item(action: str) -> Callable[[Call], Iterator[Asked]]:
    def make(call: Call) -> Iterator[Asked]:
        yield Asked(f"dynamodb:{action}", table_arn(call["TableName"], call.get("IndexName", "")))

    return make


def _batch(action: str) -> Callable[[Call], Iterator[Asked]]:
    def make(call: Call) -> Iterator[Asked]:
        for table in call["RequestItems"]:
            yield Asked(f"dynamodb:{action}", table_arn(table))

    return make


_IN_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def _transaction(call: Call) -> Iterator[Asked]:
    """There is no action of its own for a transaction: each of its items is asked for by itself."""
    for item in call["TransactItems"]:
        ((kind, wanted),) = item.items()
        yield Asked(f"dynamodb:{_IN_TRANSACTION[kind]}", table_arn(wanted["TableName"]))


# S3


def _object(action: str) -> Callable[[Call], Iterator[Asked]]:
    def make(call: Call) -> Iterator[Asked]:
        version = "Version" if call.get("VersionId") and action == "GetObject" else ""
        where = f"arn:aws:s3:::{call['Bucket']}/{call['Key']}"
        yield Asked(f"s3:{action}{version}", where)
        if call.get("IfMatch") and action == "PutObject":
            yield Asked("s3:GetObject", where)

    return make


def _copy(call: Call) -> Iterator[Asked]:
    """The source is told as SDK and wire do, ``bucket/key`` with perhaps a version, quoted; or as it was given to the SDK."""
    source = call["CopySource"]
    if isinstance(source, str):
        where, _, version = source.partition("?versionId=")
        bucket, _, key = unquote(where).lstrip("/").partition("/")
        source = {"Bucket": bucket, "Key": key, "VersionId": version}
    yield from _object("GetObject")(source)
    yield Asked("s3:PutObject", f"arn:aws:s3:::{call['Bucket']}/{call['Key']}")


def _bucket(action: str) -> Callable[[Call], Iterator[Asked]]:
    def make(call: Call) -> Iterator[Asked]:
        yield Asked(f"s3:{action}", f"arn:aws:s3:::{call['Bucket']}")

    return make


# Secrets, events, schedules


def secret_arn(name_or_arn: str) -> str:
    found = _SECRET.search(name_or_arn)
    name = found[1] if found and name_or_arn.startswith("arn:") else name_or_arn
    return arn("secretsmanager", f"secret:{name}{SECRET_END}")


def _secret(action: str, named_by: str = "SecretId") -> Callable[[Call], Iterator[Asked]]:
    def make(call: Call) -> Iterator[Asked]:
        yield Asked(f"secretsmanager:{action}", secret_arn(call[named_by]))

    return make


def _events(call: Call) -> Iterator[Asked]:
    for entry in call["Entries"]:
        bus = entry.get("EventBusName", "default").rpartition("/")[2]
        yield Asked(
            "events:PutEvents", arn("events", f"event-bus/{bus}"), events_put(entry["Source"], entry["DetailType"])
        )


def events_put(source: str, detail_type: str) -> tuple[tuple[str, str], ...]:
    """The conditions that an event is put under."""
    return (("events:detail-type", detail_type), ("events:source", source))


def role_arn(name_or_arn: str) -> str:
    """By the role's logical id: CloudFormation sets the stack's name before it and some characters behind."""
    name = name_or_arn.rpartition("/")[2]
    found = _ROLE.search(name)
    return f"arn:aws:iam::{ACCOUNT}:role/{found[1] if found else name}"


def _schedule(action: str) -> Callable[[Call], Iterator[Asked]]:
    def make(call: Call) -> Iterator[Asked]:
        yield Asked(
            f"scheduler:{action}", arn("scheduler", f"schedule/{call.get('GroupName', 'default')}/{call['Name']}")
        )
        if "Target" in call:
            yield Asked("iam:PassRole", role_arn(call["Target"]["RoleArn"]), _PASSED_TO)

    return make


def _schedules(_call: Call) -> Iterator[Asked]:
    """Whatever group is asked for, the service looks for a grant on all of them (aws/aws-cdk issue 38201)."""
    yield Asked("scheduler:ListSchedules", arn("scheduler", "schedule/*/*"))


# Mail, drafting


def _mail(call: Call) -> Iterator[Asked]:
    """The reference names ses:SendEmail for this call; with raw content the service has been seen to ask for ses:SendRawEmail. So both."""
    address = parseaddr(call["FromEmailAddress"])[1]
    names = [f"identity/{address}"]
    if call.get("ConfigurationSetName"):
        names.append(f"configuration-set/{call['ConfigurationSetName']}")
    actions = ("ses:SendEmail", "ses:SendRawEmail") if "Raw" in call["Content"] else ("ses:SendEmail",)
    for action in actions:
        for name in names:
            yield Asked(action, arn("ses", name), (("ses:FromAddress", address),))


def _converse(call: Call) -> Iterator[Asked]:
    """An inference profile is asked for with the model behind it, where it may run: here, and for a global one without a region."""
    model = str(call["modelId"])
    profile = _PROFILE.match(model)
    regions = [REGION]
    if profile:
        yield Asked("bedrock:InvokeModel", arn("bedrock", f"inference-profile/{model}"))
        regions += [""] if profile[1] == "global" else []
    for region in regions:
        yield Asked("bedrock:InvokeModel", f"arn:aws:bedrock:{region}::foundation-model/{_PROFILE.sub('', model)}")
    if guardrail := call.get("guardrailConfig"):
        yield Asked("bedrock:ApplyGuardrail", arn("bedrock", f"guardrail/{guardrail['guardrailIdentifier']}"))


def _look(service: str, operation: str) -> Callable[[Call], Iterator[Asked]]:
    name = service.replace("sesv2", "ses")

    def make(call: Call) -> Iterator[Asked]:
        for action, on in READS[service, operation](call):
            yield Asked(f"{name}:{action}", on if on == "*" else arn(name, on))

    return make


_CALLS: dict[tuple[str, str], Callable[[Call], Iterator[Asked]]] = {
    **{("dynamodb", name): _item(name) for name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")},
    ("dynamodb", "BatchGetItem"): _batch("BatchGetItem"),
    ("dynamodb", "BatchWriteItem"): _batch("BatchWriteItem"),
    ("dynamodb", "TransactWriteItems"): _transaction,
    ("s3", "GetObject"): _object("GetObject"),
    ("s3", "HeadObject"): _object("GetObject"),
    ("s3", "PutObject"): _object("PutObject"),
    ("s3", "CopyObject"): _copy,
    ("s3", "DeleteObject"): _object("DeleteObject"),
    ("s3", "ListObjectsV2"): _bucket("ListBucket"),
    ("s3", "HeadBucket"): _bucket("ListBucket"),
    ("s3", "ListObjectVersions"): _bucket("ListBucketVersions"),
    ("secretsmanager", "GetSecretValue"): _secret("GetSecretValue"),
    ("secretsmanager", "PutSecretValue"): _secret("PutSecretValue"),
    ("secretsmanager", "DescribeSecret"): _secret("DescribeSecret"),
    ("secretsmanager", "CreateSecret"): _secret("CreateSecret", "Name"),
    ("events", "PutEvents"): _events,
    **{
        ("scheduler", name): _schedule(name)
        for name in ("CreateSchedule", "UpdateSchedule", "DeleteSchedule", "GetSchedule")
    },
    ("scheduler", "ListSchedules"): _schedules,
    ("sesv2", "SendEmail"): _mail,
    ("bedrock-runtime", "Converse"): _converse,
    **{one: _look(*one) for one in READS},
}
