"""stacks/watch.yaml and what is written about it agree: every alarm has its runbook, and its figures are put by somebody."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.deploy import read_template
from local.watch.stack import read_watch, watch_of
from local.watch.table import ALARM_METRIC_USD, table
from mesh.figures import UNITS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "stacks" / "watch.yaml"
PARAMETERS = {"OperatorMail": "ops@example.test"}
WATCH = read_watch(TEMPLATE, PARAMETERS)
PARSED: dict[str, Any] = read_template(TEMPLATE)
RESOURCES: dict[str, dict[str, Any]] = PARSED["Resources"]
MESH: dict[str, dict[str, Any]] = read_template(ROOT / "template.yaml")["Resources"]
RUNBOOKS = {page.stem: page.read_text(encoding="utf-8") for page in (ROOT / "docs" / "runbooks").glob("*.md")}
BUDGETS = "cost-alarm"
DOCS = (ROOT / "docs" / "watch.md").read_text(encoding="utf-8")


def of_type(kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in RESOURCES.values() if one["Type"] == kind]


def names() -> set[str]:
    return {alarm.name.removeprefix("ss-") for alarm in WATCH.alarms}


def test_every_alarm_has_its_runbook_and_every_runbook_its_alarm() -> None:
    assert set(RUNBOOKS) == names() | {BUDGETS}
    for alarm in WATCH.alarms:
        name = alarm.name.removeprefix("ss-")
        assert alarm.description.endswith(f"Runbook: docs/runbooks/{name}.md"), name
        assert RUNBOOKS[name].startswith(f"# {name}: ")


@pytest.mark.parametrize("name", sorted(RUNBOOKS))
def test_a_runbook_says_what_it_is_whether_anything_is_lost_where_to_look_and_when_it_is_over(name: str) -> None:
    page = RUNBOOKS[name]
    heads = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert heads == ["Is anything lost or doubled?", "Look here", "Mend", "Over when"]
    others = set(re.findall(r"\*([a-z]+(?:-[a-z]+)*)\*", page)) - {"unknown", "owner"}
    assert others <= names(), "an alarm that it speaks of is one"


def test_every_alarm_is_said_and_said_to_be_over() -> None:
    for properties in of_type("AWS::CloudWatch::Alarm"):
        assert properties["AlarmActions"] == properties["OKActions"] == [{"Ref": "AlarmsTopic"}]
        assert properties["AlarmName"]["Fn::Sub"].startswith("${Prefix}-")


def test_only_the_prefix_tells_two_businesses_apart_and_it_does_so_everywhere() -> None:
    """Their names, metrics, log groups and dimensions have nothing in common."""
    watches = [watch_of(PARSED, {**PARAMETERS, "Prefix": prefix}) for prefix in ("cafe", "bikes")]
    metrics = [{query.metric for alarm in watch.alarms for query in alarm.queries} for watch in watches]
    counted = [{(one.log_group, one.metric) for one in watch.filters} for watch in watches]
    assert metrics[0].isdisjoint(metrics[1])
    assert counted[0].isdisjoint(counted[1])
    for metric in metrics[0]:
        if metric.namespace.startswith("AWS/"):
            assert any("cafe-" in value for _, value in metric.dimensions), metric
        else:
            assert metric.namespace == "cafe", metric


def test_every_figure_of_ours_that_is_looked_at_is_put_by_somebody() -> None:
    counted = {one.metric for one in WATCH.filters}
    for alarm in WATCH.alarms:
        for query in alarm.queries:
            if query.metric.namespace == "ss":
                assert query.metric in counted or query.metric.name in UNITS, alarm.name
    shown = {name for name in UNITS if name not in json.dumps(of_type("AWS::CloudWatch::Dashboard"))}
    assert not shown, "every figure is on the dashboard"


def test_the_failures_of_every_function_are_counted() -> None:
    folders = {
        f"/aws/lambda/ss-{one.parent.name.replace('_', '-')}" for one in (ROOT / "functions").glob("*/__init__.py")
    }
    assert {one.log_group for one in WATCH.filters if one.metric.name == "FailedCalls"} == folders
    groups = {
        one["Properties"]["LogGroupName"]["Fn::Sub"].replace("${Prefix}", "ss")
        for one in MESH.values()
        if one["Type"] == "AWS::Logs::LogGroup"
    }
    assert groups <= folders


def test_a_metric_that_aws_counts_is_of_something_that_the_mesh_has() -> None:
    functions = {
        one["Properties"]["FunctionName"]["Fn::Sub"].replace("${Prefix}", "ss")
        for one in MESH.values()
        if one["Type"] == "AWS::Serverless::Function"
    }
    queue, machine = MESH["DeadLetters"]["Properties"], MESH["DraftBatch"]["Properties"]
    known = {
        "FunctionName": functions,
        "QueueName": {queue["QueueName"]["Fn::Sub"].replace("${Prefix}", "ss")},
        "StateMachineArn": {
            "arn:aws:states:ap-southeast-1:000000000000:stateMachine:"
            + machine["Name"]["Fn::Sub"].replace("${Prefix}", "ss")
        },
    }
    urls = {
        one["Properties"]["FunctionName"]["Fn::Sub"].replace("${Prefix}", "ss")
        for one in MESH.values()
        if "FunctionUrlConfig" in one["Properties"]
    }
    looked_at = set()
    for alarm in WATCH.alarms:
        for query in alarm.queries:
            for name, value in query.metric.dimensions:
                assert name == "service" or value in known[name], alarm.name
                looked_at |= {value} if query.metric.name == "Throttles" else set()
    assert looked_at == urls, "where nobody tries again what was refused"


def test_an_alarm_reaches_back_no_further_than_cloudwatch_lets_it() -> None:
    """docs.aws.amazon.com: evaluation periods times the period are a day at most; ten metrics in an expression; the names are ASCII."""
    for alarm in WATCH.alarms:
        assert alarm.evaluation_periods * alarm.period_seconds <= 86_400, alarm.name
        assert 1 <= alarm.datapoints_to_alarm <= alarm.evaluation_periods, alarm.name
        assert len(alarm.queries) <= 10, alarm.name
        assert alarm.description.isascii(), alarm.name


def test_the_budget_says_80_and_100_percent_to_a_topic_that_it_may_publish_to() -> None:
    (budget,) = of_type("AWS::Budgets::Budget")
    assert PARSED["Parameters"]["MonthlyBudgetUsd"]["Default"] == 15
    assert budget["Budget"]["BudgetLimit"] == {"Amount": {"Ref": "MonthlyBudgetUsd"}, "Unit": "USD"}
    said = {
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"])
        for one in budget["NotificationsWithSubscribers"]
    }
    assert said == {("ACTUAL", 80), ("ACTUAL", 100)}
    for one in budget["NotificationsWithSubscribers"]:
        assert one["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": "CostTopic"}}]
    assert RESOURCES["CostTopic"]["Properties"]["TopicName"] == {"Fn::Sub": "${Prefix}-cost-alarm"}
    for topic, service in (("CostTopic", "budgets"), ("AlarmsTopic", "cloudwatch")):
        (granted,) = RESOURCES[f"{topic}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        assert granted["Principal"] == {"Service": f"{service}.amazonaws.com"}
        assert granted["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_the_dashboard_begins_with_whether_it_is_well_and_shows_every_alarm() -> None:
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard")
    body = dashboard["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    (alarms,) = [one for one in widgets if one["type"] == "alarm"]
    assert alarms["y"] == 0
    assert alarms["properties"]["title"] == "Is it well?"
    assert {one.rpartition("alarm:${Prefix}-")[2] for one in alarms["properties"]["alarms"]} == names()
    assert set(re.findall(r"\$\{(.*?)\}", body)) == {"Prefix", "AWS::Partition", "AWS::Region", "AWS::AccountId"}
    places = [(one["x"], one["y"], one["width"], one["height"]) for one in widgets]
    cells = [(x + across, y + down) for x, y, wide, high in places for across in range(wide) for down in range(high)]
    assert len(cells) == len(set(cells)), "none lies upon another"
    assert max(x for x, _ in cells) == 23


def test_the_page_has_the_table_of_the_alarms_as_they_are_and_their_cost() -> None:
    assert table(WATCH.alarms, "ss") in DOCS
    metrics = sum(len(alarm.queries) for alarm in WATCH.alarms)
    assert f"| {metrics} metrics that alarms look at, 0.10 each | {metrics * ALARM_METRIC_USD:.2f} |" in DOCS
    assert set(UNITS) == set(re.findall(r"^\| `(\w+)` \| [a-z]", DOCS, re.MULTILINE))


@pytest.mark.parametrize("metric", ["Errors", "Duration"])
def test_the_dashboard_has_a_line_of_every_function(metric: str) -> None:
    (dashboard,) = of_type("AWS::CloudWatch::Dashboard")
    shown = re.findall(
        rf'"{metric}", "FunctionName", "\$\{{Prefix\}}-([a-z-]+)"', dashboard["DashboardBody"]["Fn::Sub"]
    )
    folders = [one.parent.name.replace("_", "-") for one in (ROOT / "functions").glob("*/__init__.py")]
    assert sorted(shown) == sorted(folders)
