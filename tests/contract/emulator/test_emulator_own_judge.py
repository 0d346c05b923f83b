"""What the emulator's own judge refuses wrongly is what ``known_refusals.py`` lists, each still so; and it refuses what it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from local_aws import LocalAws

from local.aws.known_refusals import KNOWN

PLACE = "ap-southeast-1:000000000000"
SCHEDULES = f"arn:aws:scheduler:{PLACE}:schedule"
BUS = f"arn:aws:events:{PLACE}:event-bus/default"
MAIL = f"arn:aws:ses:{PLACE}:identity/posts@example.test"
SECRET = "ss/approval/signing-secret"
STACK = {
    "Resources": {"Key": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": SECRET, "SecretString": "{}"}}},
    "Outputs": {"Key": {"Value": {"Ref": "Key"}}},
}


def granted(*actions: str, on: str, **conditions: Any) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**found, "Condition": {"StringEquals": conditions}} if conditions else found


@pytest.fixture
def aws(start: Callable[..., LocalAws]) -> LocalAws:
    return start(None, "--emulator-roles")


def signed_in(aws: LocalAws, *statements: dict[str, Any]) -> Callable[[str], Any]:
    """Clients of somebody with these grants."""
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam = aws.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(policy))
    session = aws.client("sts").assume_role(RoleArn="arn:aws:iam::000000000000:role/r", RoleSessionName="ss-sender")
    keys = session["Credentials"]

    def client(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=aws.endpoint,
            region_name="ap-southeast-1",
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            config=Config(retries={"max_attempts": 1}),
        )

    return client


def test_each_call_that_it_refuses_wrongly_is_known_by_name_and_is_still_refused(aws: LocalAws) -> None:
    aws.client("scheduler").create_schedule_group(Name="ss-bookings")
    aws.client("sesv2").create_email_identity(EmailIdentity="posts@example.test")
    formation = aws.client("cloudformation")
    formation.create_stack(StackName="s", TemplateBody=json.dumps(STACK))
    formation.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
    (output,) = formation.describe_stacks(StackName="s")["Stacks"][0]["Outputs"]
    client = signed_in(
        aws,
        granted("events:PutEvents", on=BUS, **{"events:source": "ss", "events:detail-type": ["ss.sent"]}),
        granted("scheduler:GetSchedule", "scheduler:DeleteSchedule", on=f"{SCHEDULES}/ss-bookings/*"),
        granted("scheduler:ListSchedules", on=f"{SCHEDULES}/*/*"),
        granted("ses:SendEmail", on=MAIL, **{"ses:FromAddress": "posts@example.test"}),
        granted("secretsmanager:GetSecretValue", on=output["OutputValue"]),
    )

    client("events").put_events(Entries=[{"Source": "ss", "DetailType": "ss.sent", "Detail": "{}"}])
    client("scheduler").list_schedules(GroupName="ss-bookings")
    with pytest.raises(client("scheduler").exceptions.ResourceNotFoundException):
        client("scheduler").get_schedule(GroupName="ss-bookings", Name="n")
    said = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
    client("sesv2").send_email(
        FromEmailAddress="posts@example.test",
        Destination={"ToAddresses": ["ada@example.test"]},
        Content={"Simple": said},
    )
    client("secretsmanager").get_secret_value(SecretId=SECRET)

    told = aws.get("emulator-roles")
    assert told["denied"] == {}
    assert {one["action"]: one["met"] for one in told["known"]} == {one.action: 1 for one in KNOWN}, (
        "take out what is 0"
    )


def test_it_refuses_what_no_statement_allows_and_says_whom(aws: LocalAws) -> None:
    client = signed_in(aws, granted("dynamodb:GetItem", on=f"arn:aws:dynamodb:{PLACE}:table/ss-status"))
    key = {"post_id": {"S": "p"}}
    for table in ("ss-status", "ss-sends"):
        with pytest.raises(ClientError) as raised:
            client("dynamodb").get_item(TableName=table, Key=key)
        wanted = "ResourceNotFoundException" if table == "ss-status" else "AccessDeniedException"
        assert raised.value.response["Error"]["Code"] == wanted
    (denied,) = aws.get("emulator-roles")["denied"]
    assert denied == f"ss-sender dynamodb:GetItem on arn:aws:dynamodb:{PLACE}:table/ss-sends: ImplicitDeny"


def test_a_bucket_that_refuses_any_line_but_tls_is_read_over_the_line_inside_this_computer(aws: LocalAws) -> None:
    s3, bucket = aws.client("s3"), "arn:aws:s3:::rules"
    s3.create_bucket(Bucket="rules", CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
    s3.put_object(Bucket="rules", Key="rules.txt", Body=b"")
    everything = {"Effect": "Deny", "Principal": "*", "Resource": [bucket, f"{bucket}/*"]}
    refused = [
        {**everything, "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": False}}},
        {**everything, "Action": "s3:DeleteObject"},
    ]
    s3.put_bucket_policy(Bucket="rules", Policy=json.dumps({"Version": "2012-10-17", "Statement": refused}))
    client = signed_in(aws, granted("s3:GetObject", "s3:DeleteObject", on=f"{bucket}/*"))

    assert client("s3").get_object(Bucket="rules", Key="rules.txt")["Body"].read() == b""
    with pytest.raises(ClientError) as raised:
        client("s3").delete_object(Bucket="rules", Key="rules.txt")
    assert raised.value.response["Error"]["Code"] == "AccessDenied"
