"""The watch comes up on the local AWS side beside the mesh that it watches, and names what its runbooks name."""

from __future__ import annotations

from pathlib import Path

from local_aws import LocalAws

from local import ROOT
from local.deploy import deploy, read_template

WATCH = ROOT / "stacks" / "watch.yaml"


def test_the_watch_is_deployed_as_it_is_and_looks_at_the_meshs_log_groups(aws: LocalAws, tmp_path: Path) -> None:
    groups = [one for one in read_template(WATCH)["Resources"].values() if one["Type"] == "AWS::Logs::MetricFilter"]
    logs = aws.client("logs")
    for name in {one["Properties"]["LogGroupName"]["Fn::Sub"].replace("${Prefix}", "cafe") for one in groups}:
        logs.create_log_group(logGroupName=name)  # as the mesh's own stack makes them
    outputs, _ = brought_up(aws, tmp_path)
    assert outputs["AlarmsTopic"].endswith(":cafe-alarms")
    assert outputs["CostTopic"].endswith(":cafe-cost-alarm")
    alarms = aws.client("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]
    runbooks = {page.stem for page in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert {one["AlarmName"].removeprefix("cafe-") for one in alarms} == runbooks - {"cost-alarm"}
    assert all(one["AlarmActions"] == [outputs["AlarmsTopic"]] for one in alarms)
    filters = logs.describe_metric_filters()["metricFilters"]
    assert {one["logGroupName"] for one in filters} == {
        one["Properties"]["LogGroupName"]["Fn::Sub"].replace("${Prefix}", "cafe") for one in groups
    }
    _, again = brought_up(aws, tmp_path)
    assert "unchanged" in again


def brought_up(aws: LocalAws, build: Path) -> tuple[dict[str, str], str]:
    said: list[str] = []
    parameters = {"Prefix": "cafe", "OperatorMail": "ops@example.test"}
    return deploy(WATCH, aws.endpoint, "watch", parameters, build, said.append), " ".join(said)
