"""The map is the deployed template's: nothing of it is written by hand."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from local import ROOT
from local.console.mesh_code import made_by
from local.console.mesh_map import mesh_map
from local.deploy import read_template

GIVEN = {"Prefix": "ss", "TimeZone": "Europe/Berlin", "SlackSecret": "ss/slack"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return read_template(ROOT / "template.yaml")


@pytest.fixture(scope="module")
def made() -> dict[str, list[str]]:
    return made_by(ROOT / "functions")


def edges(drawn: dict[str, Any], kind: str) -> set[tuple[str, str]]:
    return {(edge["source"], edge["target"]) for edge in drawn["edges"] if edge["kind"] == kind}


def ids(drawn: dict[str, Any]) -> set[str]:
    return {node["id"] for node in drawn["nodes"]}


def test_every_function_of_the_template_is_a_node_with_its_own_figures(template: dict[str, Any]) -> None:
    drawn = mesh_map(template, GIVEN)
    functions = [one for one in template["Resources"].values() if one["Type"] == "AWS::Serverless::Function"]
    found = {node["name"]: node["facts"] for node in drawn["nodes"] if node["kind"] == "function"}
    assert len(found) == len(functions) >= 10
    assert found["renderer"]["memory_mb"] == 1024
    assert found["renderer"]["timeout_seconds"] == 60
    assert found["sender"]["handler"] == "sender.handler.handler"


def test_rules_schedules_doors_and_the_machine_wake_what_they_name(template: dict[str, Any]) -> None:
    wakes = edges(mesh_map(template, GIVEN), "wakes")
    assert {
        ("type/ss.package.ready", "function/scheduler"),
        ("type/ss.package.ready", "function/drive-sync"),
        ("type/ss.batch.requested", "machine/draft-batch"),
        ("type/Email Bounced", "function/notifier"),
        ("schedule/sweep", "function/scheduler"),
        ("door/approve-handler", "function/approve-handler"),
        ("group/templates", "function/template-sync"),
    } <= wakes
    assert ("machine/draft-batch", "function/draft-helper") in edges(mesh_map(template, GIVEN), "runs")


def test_a_schedule_is_told_with_its_expression_and_the_owners_zone(template: dict[str, Any]) -> None:
    found = next(node for node in mesh_map(template, GIVEN)["nodes"] if node["id"] == "schedule/daily-tick")
    assert found["facts"] == {"expression": "cron(0 7 * * ? *)", "zone": "Europe/Berlin"}


def test_what_a_function_may_read_and_write_is_its_policys(template: dict[str, Any]) -> None:
    drawn = mesh_map(template, GIVEN)
    writes, reads = edges(drawn, "writes"), edges(drawn, "reads")
    assert ("function/renderer", "bucket/render-cache") in writes
    assert ("function/digest", "table/status") in reads
    assert ("function/digest", "table/status") not in writes
    assert ("function/scheduler", "group/bookings") in edges(drawn, "books")
    assert next(node for node in drawn["nodes"] if node["id"] == "group/bookings")["facts"] == {"puts": True}


def test_what_is_outside_is_what_a_function_can_reach(template: dict[str, Any]) -> None:
    uses = edges(mesh_map(template, GIVEN), "uses")
    assert {source for source, target in uses if target == "outside/networks"} == {"function/sender"}
    assert {source for source, target in uses if target == "outside/sheet"} == {
        "function/drive-sync",
        "function/sender",
    }
    assert ("function/draft-helper", "outside/model") in uses


def test_without_slack_nothing_reaches_it(template: dict[str, Any]) -> None:
    assert "outside/slack" not in ids(mesh_map(template, {**GIVEN, "SlackSecret": ""}))


def test_the_code_says_which_events_a_function_makes_and_the_policy_whether_it_may(
    template: dict[str, Any], made: dict[str, list[str]]
) -> None:
    puts = edges(mesh_map(template, GIVEN, made), "puts")
    assert {target for source, target in puts if source == "function/drive-sync"} == {
        "type/ss.calendar.changed", "type/ss.rules.changed", "type/ss.cleared", "type/ss.held", "type/ss.trouble"
    }  # fmt: skip
    assert {("function/sender", "type/ss.sent"), ("function/scheduler", "type/ss.send")} <= puts
    assert (
        "ss.retry" in made["sender"]
    )  # it goes on by itself with one; those that wake it come from the scheduler and its bookings
    assert ("function/sender", "type/ss.retry") not in puts
    assert "ss.trouble" in made["notifier"]  # it makes one for its own mail
    assert not {target for source, target in puts if source == "function/notifier"}


def test_each_event_of_the_mesh_is_woken_for_or_put(template: dict[str, Any], made: dict[str, list[str]]) -> None:
    """What the documents say of the mesh, and what the drawing has: every kind of event in events/bus is in it."""
    drawn = mesh_map(template, GIVEN, made)
    assert {f"type/{folder.name}" for folder in (ROOT / "events" / "bus").iterdir()} <= ids(drawn)


def test_another_prefix_changes_no_name_of_the_page(template: dict[str, Any]) -> None:
    assert ids(mesh_map(template, {**GIVEN, "Prefix": "cafe"})) == ids(mesh_map(template, GIVEN))


def test_a_new_function_with_a_rule_of_its_own_appears_by_itself(template: dict[str, Any]) -> None:
    changed = copy.deepcopy(template)
    changed["Resources"]["Greeter"] = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "FunctionName": {"Fn::Sub": "${Prefix}-greeter"},
            "Handler": "greeter.handler.handler",
            "MemorySize": 128,
            "Policies": [
                {"Statement": [{"Effect": "Allow", "Action": ["dynamodb:PutItem"], "Resource": {"Fn::GetAtt": ["StatusTable", "Arn"]}},
                               {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}]}
            ],
            "Events": {"Hello": {"Type": "EventBridgeRule", "Properties": {"Pattern": {"detail-type": ["ss.sent", "ss.waved"]}}}},
        },
    }  # fmt: skip
    drawn = mesh_map(changed, GIVEN, {"greeter": ["ss.greeted"]})
    assert {"function/greeter", "type/ss.waved", "type/ss.greeted"} <= ids(drawn)
    assert {("type/ss.sent", "function/greeter"), ("type/ss.waved", "function/greeter")} <= edges(drawn, "wakes")
    assert ("function/greeter", "table/status") in edges(drawn, "writes")
    assert ("function/greeter", "type/ss.greeted") in edges(drawn, "puts")


def test_plain_cloudformation_is_drawn_too() -> None:
    body = {
        "Resources": {
            "F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "f", "Handler": "f.handler"}},
            "R": {"Type": "AWS::Events::Rule", "Properties": {"Name": "r", "EventPattern": {"detail-type": [{"prefix": "a."}]},
                  "Targets": [{"Arn": {"Fn::GetAtt": ["F", "Arn"]}, "Id": "1"}]}},
            "S": {"Type": "AWS::Scheduler::Schedule", "Properties": {"Name": "s", "ScheduleExpression": "rate(1 day)",
                  "Target": {"Arn": {"Fn::GetAtt": "F.Arn"}}}},
        }
    }  # fmt: skip
    drawn = mesh_map(body, {})
    assert edges(drawn, "wakes") == {("type/a.*", "function/f"), ("schedule/s", "function/f")}


def test_what_is_only_matched_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "handler.py").write_text(
        "from mesh.events import Approved, Sent, Failed, question as ask\n"
        "def f(e):\n    match e:\n        case Approved():\n            return (Sent if e else Failed)\n    return ask('p', 'c', 1, 't')\n"
    )
    assert made_by(tmp_path) == {"f": ["ss.sent", "ss.failed", "ss.trouble"]}
