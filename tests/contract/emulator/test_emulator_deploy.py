"""Deploying: the template goes up as it is, and the emulator makes of it what AWS would."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from local_aws import MESH, LocalAws

from local.deploy import DeployError, build, deploy, packaged, read_template


def test_nothing_but_the_code_addresses_is_replaced() -> None:
    parsed = read_template(MESH)
    artefacts = build(parsed, MESH.parent)
    result = packaged(parsed, artefacts, "bucket")
    replaced = {artefact.path: f"s3://bucket/{artefact.key}" for artefact in artefacts}
    assert {path[1:] for path in replaced} == {
        ("SharedLayer", "Properties", "ContentUri"),
        ("VendorLayer", "Properties", "ContentUri"),
        ("Worker", "Properties", "CodeUri"),
        ("Page", "Properties", "CodeUri"),
        ("Machine", "Properties", "DefinitionUri"),
    }
    untouched = read_template(MESH)
    for path, address in replaced.items():
        place, original = result, untouched
        for step in path[:-1]:
            place, original = place[step], original[step]
        assert place.pop(path[-1]) == address
        original.pop(path[-1], None)
    assert result == untouched


def test_an_artefact_is_exactly_the_functions_folder_and_the_same_bytes_each_time() -> None:
    first, second = (build(read_template(MESH), MESH.parent) for _ in range(2))
    assert [artefact.key for artefact in first] == [artefact.key for artefact in second]
    (worker,) = (artefact for artefact in first if artefact.logical_id == "Worker")
    assert zipfile.ZipFile(io.BytesIO(worker.content)).namelist() == ["worker/__init__.py", "worker/handler.py"]


def test_an_unchanged_stack_is_left_alone_and_a_changed_one_updated(aws: LocalAws) -> None:
    said = aws.deploy()
    assert "uploaded 0" in said[0]
    assert "unchanged" in said[1]
    address = aws.outputs["function_url:Page"]
    said = aws.deploy(Note="second")
    assert "updated" in said[1]
    configuration = aws.client("lambda").get_function_configuration(FunctionName="ss-worker")
    assert configuration["Environment"]["Variables"]["NOTE"] == "second"
    assert aws.outputs["function_url:Page"] == address


def test_a_failure_names_the_resource_and_the_reason(aws: LocalAws, tmp_path: Path) -> None:
    role = "arn:aws:iam::000000000000:role/any"
    target = {"Arn": "arn:aws:sqs:ap-southeast-1:000000000000:q", "RoleArn": role}
    properties = {"ScheduleExpression": "rate(0 days)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    resources = {"Broken": {"Type": "AWS::Scheduler::Schedule", "Properties": properties}}
    template = tmp_path / "template.yaml"
    template.write_text(json.dumps({"Resources": resources}))
    for _ in range(2):  # the second time over the remains of the first
        with pytest.raises(DeployError, match=r"Broken \(AWS::Scheduler::Schedule\).*rate\(0 days\)"):
            deploy(template, aws.endpoint, "broken", {}, tmp_path / "build", lambda _: None)
    properties["ScheduleExpression"] = "rate(1 day)"
    template.write_text(json.dumps({"Resources": resources}))
    deploy(template, aws.endpoint, "broken", {}, tmp_path / "build", lambda _: None)


def test_the_emulator_makes_what_the_template_says(aws: LocalAws) -> None:
    table = aws.client("dynamodb").describe_table(TableName="ss-status")["Table"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["open"]
    versioning = aws.client("s3").get_bucket_versioning(Bucket=aws.outputs["Bucket"])
    assert versioning["Status"] == "Enabled"
    secret = json.loads(
        aws.client("secretsmanager").get_secret_value(SecretId="ss/approval/signing-secret")["SecretString"]
    )
    assert secret["n"] == 1
    assert len(secret["key"]) == 64
    assert aws.client("ssm").get_parameter(Name="/ss/config/timezone")["Parameter"]["Value"] == "Europe/Berlin"
    scheduled = aws.client("scheduler").get_schedule(Name="ss-daily-tick")["Target"]
    assert scheduled["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 900}
    assert ":role/" in scheduled["RoleArn"]
    invoke = aws.client("lambda").get_function_event_invoke_config(FunctionName="ss-worker", Qualifier="$LATEST")
    assert invoke["MaximumRetryAttempts"] == 1
    assert invoke["DestinationConfig"]["OnFailure"]["Destination"].endswith(":ss-dead-letters")
