"""The local AWS side refuses what a function's role does not allow, where it is told to, and says by name what it refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from local_aws import LocalAws


def refused(call: Callable[..., Any], **given: Any) -> str:
    """The error's code; "" where it went through."""
    try:
        call(**given)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def entry(source: str) -> dict[str, str]:
    return {"Source": source, "DetailType": "ss.sent", "Detail": "{}"}


@pytest.fixture
def as_sender(start: Callable[..., LocalAws]) -> Callable[..., Any]:
    """A client whose calls are the sender's, of a launcher that enforces the roles, less one grant."""
    aws = start(None, "--enforce-roles", "--without", "sender secretsmanager:PutSecretValue")
    told = Config(user_agent_appid="ss-sender", s3={"addressing_style": "path"}, retries={"max_attempts": 1})

    def client(service: str, *, anybody: bool = False) -> Any:
        return aws.client(service, None if anybody else told)

    client.told = lambda: aws.get("privileges")  # type: ignore[attr-defined]
    return client


def test_a_call_goes_through_or_is_refused_as_the_role_says(as_sender: Any) -> None:
    nobody = as_sender("dynamodb", anybody=True)
    assert (
        refused(nobody.delete_item, TableName="ss-status", Key={"post_id": {"S": "p"}}) == "ResourceNotFoundException"
    )
    assert as_sender.told() == {"used": [], "denied": [], "calls": 0}
    tables, bus, files, secrets = (as_sender(name) for name in ("dynamodb", "events", "s3", "secretsmanager"))
    key = {"post_id": {"S": "p"}}
    assert (
        refused(tables.get_item, TableName="ss-status", Key=key) == "ResourceNotFoundException"
    )  # looked for: allowed
    assert refused(tables.delete_item, TableName="ss-status", Key=key) == "AccessDeniedException"
    assert refused(bus.put_events, Entries=[entry("ss")]) == ""
    assert refused(bus.put_events, Entries=[entry("ss"), entry("ss-two")]) == "AccessDeniedException"
    bucket = "ss-posts-source-000000000000"
    as_sender("s3", anybody=True).create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"}
    )
    assert refused(files.get_object, Bucket=bucket, Key="packages/p/r/manifest.json") == "NoSuchKey"
    assert refused(files.get_object, Bucket=bucket, Key="posts.csv") == "AccessDeniedException"
    secret = "ss/channels/bluesky-main"
    as_sender("secretsmanager", anybody=True).create_secret(Name=secret, SecretString="{}")
    assert refused(secrets.get_secret_value, SecretId=secret) == ""
    assert refused(secrets.put_secret_value, SecretId=secret, SecretString="{}") == "AccessDeniedException"
    told = as_sender.told()
    assert ["sender", "s3:ListBucket", "PostsBucket", ["emulator"]] in told["used"]  # by the object that was not there
    assert [sentence.split(" on ")[0] for sentence in told["denied"]] == [
        "sender may not dynamodb:DeleteItem",
        "sender may not events:PutEvents",
        "sender may not s3:GetObject",
        "sender may not secretsmanager:PutSecretValue",
    ]
    assert told["denied"][1].endswith("events:source ss-two")
