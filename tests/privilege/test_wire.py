"""A call over HTTP asks for what the SDK's call asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.privileges.asked import asked
from local.privileges.wire import told

ROLE = "arn:aws:iam::000000000000:role/ss-BookingRole-1AB2C3"


@pytest.mark.parametrize(
    ("service", "action", "method", "path", "query", "body", "wanted"),
    [
        ("dynamodb", "Query", "POST", "/", {}, {"TableName": "ss-status", "IndexName": "open"},
         ["dynamodb:Query table/ss-status/index/open"]),
        ("s3", "GetObject", "GET", "/b/images/a%20b", {}, {}, ["s3:GetObject b/images/a b"]),
        ("s3", "GetObject", "GET", "/b/posts.csv", {"versionId": ["v"]}, {}, ["s3:GetObjectVersion b/posts.csv"]),
        ("s3", "GetObject", "GET", "/b", {"list-type": ["2"]}, {}, ["s3:ListBucket b"]),
        ("s3", "HeadObject", "HEAD", "/b/k", {}, {}, ["s3:GetObject b/k"]),
        ("scheduler", "CreateSchedule", "POST", "/schedules/n", {}, {"GroupName": "g", "Target": {"RoleArn": ROLE}},
         ["scheduler:CreateSchedule schedule/g/n", "iam:PassRole role/BookingRole"]),
        ("scheduler", "DeleteSchedule", "DELETE", "/schedules/n", {"groupName": ["g"]}, {}, ["scheduler:DeleteSchedule schedule/g/n"]),
        ("scheduler", "ListSchedules", "GET", "/schedules", {"ScheduleGroup": ["g"]}, {}, ["scheduler:ListSchedules schedule/*/*"]),
        ("ses", "SendEmail", "POST", "/v2/email/outbound-emails", {}, {"FromEmailAddress": "Café <a@b.test>", "Content": {"Simple": {}}},
         ["ses:SendEmail identity/a@b.test"]),
        ("secretsmanager", "GetSecretValue", "POST", "/", {}, {"SecretId": "arn:aws:secretsmanager:x:1:secret:ss/drive/sa-Qw12Er"},
         ["secretsmanager:GetSecretValue secret:ss/drive/sa-AbCdEf"]),
        ("bedrock", "Converse", "POST", "/model/anthropic.m/converse", {}, {}, ["bedrock:InvokeModel foundation-model/anthropic.m"]),
    ],
)  # fmt: skip
def test_what_is_asked_for(
    service: str, action: str, method: str, path: str, query: dict[str, list[str]], body: Any, wanted: list[str]
) -> None:
    name, operation, call = told(service, action, method, path, query, {}, json.dumps(body).encode() if body else b"")
    found = asked(name, operation, call)
    assert [f"{one.action} {one.resource.split(':', 5)[5]}" for one in found] == wanted


def test_each_item_of_a_transaction_is_asked_for_by_its_own_action() -> None:
    items = [
        {"Put": {"TableName": "a"}},
        {"Update": {"TableName": "b"}},
        {"ConditionCheck": {"TableName": "c"}},
        {"Delete": {"TableName": "d"}},
    ]
    found = asked("dynamodb", "TransactWriteItems", {"TransactItems": items})
    assert [one.action.removeprefix("dynamodb:") for one in found] == [
        "PutItem",
        "UpdateItem",
        "ConditionCheckItem",
        "DeleteItem",
    ]


def test_an_object_that_is_not_there_asks_for_the_buckets_list_too() -> None:
    found = asked("s3", "GetObject", {"Bucket": "b", "Key": "k"}, missed=True)
    assert [(one.action, one.resource) for one in found] == [
        ("s3:GetObject", "arn:aws:s3:::b/k"),
        ("s3:ListBucket", "arn:aws:s3:::b"),
    ]


def test_a_copy_reads_its_source() -> None:
    headers = {"x-amz-copy-source": "b/uploads/u%201?versionId=v"}
    found = asked(*told("s3", "PutObject", "PUT", "/b/images/m", {}, headers, b""))
    assert [f"{one.action} {one.resource}" for one in found] == [
        "s3:GetObjectVersion arn:aws:s3:::b/uploads/u 1",
        "s3:PutObject arn:aws:s3:::b/images/m",
    ]
