"""What MiniStack's CloudFormation lacks or gets wrong for our templates.

* ``AWS::Budgets::Budget`` is unknown, so that no stack with one deploys: accepted here, watching nothing.
* ``AWS::CloudWatch::Alarm`` over several metrics is refused: kept here as one over the first, since nothing looks at any (docs/watch.md).
* ``AWS::SecretsManager::Secret`` cannot be imported, and one that is made anew overwrites what an earlier stack left: AWS
  refuses that, and for ``AWS::DynamoDB::Table`` too.
* ``DescribeStackResources`` does not find the stack that has a physical id.
* ``AWS::Scheduler::Schedule`` drops the time zone, the dates and ActionAfterCompletion, and swallows a refusal.
* ``AWS::Lambda::Url`` answers an ``on.aws`` address nobody can reach, with a new id at every deployment.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from ministack.services import cloudformation, dynamodb, lambda_svc, scheduler, secretsmanager
from ministack.services.cloudformation import handlers as calls
from ministack.services.cloudformation import provisioners

Made = tuple[str, dict[str, str]]

_SCHEDULE_PROPERTIES = (
    "ActionAfterCompletion",
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
)


def install(endpoint: str) -> None:
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::Budgets::Budget"] = {"create": _make_budget, "update": _change_budget, "delete": _drop_budget}
    alarms = handlers["AWS::CloudWatch::Alarm"]
    handlers["AWS::CloudWatch::Alarm"] = {**alarms, **_alarms_of_one_metric(alarms["create"], alarms["update"])}
    secrets, tables = handlers["AWS::SecretsManager::Secret"], handlers["AWS::DynamoDB::Table"]
    handlers["AWS::SecretsManager::Secret"] = {
        **secrets,
        "create": _unless_there("Name", secretsmanager._secrets, secrets["create"]),
        "import": _adopt_secret,
    }
    handlers["AWS::DynamoDB::Table"] = {
        **tables,
        "create": _unless_there("TableName", dynamodb._tables, tables["create"]),
    }
    handlers["AWS::Scheduler::Schedule"] = {
        "create": _make_schedule,
        "update": _change_schedule,
        "delete": provisioners._scheduler_schedule_delete,
    }
    calls._ACTION_HANDLERS["DescribeStackResources"] = _of_the_owner(calls._ACTION_HANDLERS["DescribeStackResources"])
    create_url = lambda_svc._create_function_url_config

    def create_stable_url(name: str, data: dict[str, Any], qualifier: str | None) -> Any:
        answer = create_url(name, data, qualifier)
        config = lambda_svc._function_urls.get(lambda_svc._url_config_key(name, qualifier))
        if answer[0] < 400 and config:
            # Links in mails sent before a redeployment must still open after it.
            identity = hashlib.sha256(config["FunctionArn"].encode()).hexdigest()[:32]
            host = config["FunctionUrl"].split(".", 1)[1]
            config["FunctionUrl"] = f"https://{identity}.{host}"
            answer = (
                answer[0],
                answer[1],
                json.dumps({**json.loads(answer[2]), "FunctionUrl": config["FunctionUrl"]}).encode(),
            )
        return answer

    def reachable(config: dict[str, str]) -> dict[str, str]:
        identity = lambda_svc._function_url_id(config["FunctionUrl"])
        return {"FunctionArn": config["FunctionArn"], "FunctionUrl": f"{endpoint}/_aws/lambda-url/{identity}/"}

    lambda_svc._create_function_url_config = create_stable_url
    provisioners._lambda_url_attributes = reachable


def _alarms_of_one_metric(create: Callable[..., Made], update: Callable[..., Made]) -> dict[str, Callable[..., Made]]:
    def make(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
        return create(logical_id, _of_one_metric(properties), stack_name)

    def change(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, **named: Any) -> Made:
        return update(physical_id, _of_one_metric(old), _of_one_metric(new), stack_name, **named)

    return {"create": make, "update": change}


def _of_one_metric(properties: dict[str, Any]) -> dict[str, Any]:
    stats = [one["MetricStat"] for one in properties.get("Metrics", ()) if "MetricStat" in one]
    if not stats:
        return properties
    others = {name: value for name, value in properties.items() if name != "Metrics"}
    return {**others, **stats[0]["Metric"], "Statistic": stats[0]["Stat"], "Period": stats[0]["Period"]}


def _unless_there(named: str, there: Any, create: Callable[..., Made]) -> Callable[..., Made]:
    def make(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
        if (name := properties.get(named)) and name in there:
            raise ValueError(f"Resource of type {logical_id} with identifier {name} already exists.")
        return create(logical_id, properties, stack_name)

    return make


def _adopt_secret(identifier: dict[str, str]) -> Made:
    """By its ARN, as AWS wants it."""
    for name, secret in secretsmanager._secrets.items():
        if secret["ARN"] == identifier["Id"]:
            return str(name), {"Id": secret["ARN"], "Arn": secret["ARN"]}
    raise ValueError(
        f"Resource of type 'AWS::SecretsManager::Secret' with identifier '{identifier['Id']}' was not found."
    )


def _of_the_owner(describe: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    def described(params: dict[str, Any]) -> Any:
        if wanted := params.get("PhysicalResourceId"):
            for name, stack in cloudformation._stacks.items():
                ids = (resource.get("PhysicalResourceId") for resource in stack.get("_resources", {}).values())
                if stack.get("StackStatus") != "DELETE_COMPLETE" and wanted[0] in ids:
                    return describe({**params, "StackName": [name]})
        return describe(params)

    return described


def _make_budget(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
    return str((properties.get("Budget") or {}).get("BudgetName") or f"{stack_name}-{logical_id}"), {}


def _change_budget(physical_id: str, _old: dict[str, Any], _new: dict[str, Any], _stack_name: str) -> Made:
    return physical_id, {}


def _drop_budget(_physical_id: str, _properties: dict[str, Any]) -> None:
    return None


def _make_schedule(logical_id: str, properties: dict[str, Any], stack_name: str) -> Made:
    name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=64)
    return _schedule_made(name, scheduler._create_schedule(name, _schedule_body(properties)))


def _change_schedule(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Made:
    group, former = new.get("GroupName") or "default", old.get("GroupName") or "default"
    name = new.get("Name") or physical_id
    if (group, name) != (former, physical_id) or f"{group}/{name}" not in scheduler._schedules:
        made = _make_schedule(physical_id, {**new, "Name": name}, stack_name)
        provisioners._scheduler_schedule_delete(physical_id, old)
        return made
    return _schedule_made(name, scheduler._update_schedule(name, _schedule_body(new)))


def _schedule_body(properties: dict[str, Any]) -> dict[str, Any]:
    body = {name: properties[name] for name in _SCHEDULE_PROPERTIES if properties.get(name) is not None}
    window = body.get("FlexibleTimeWindow") or {}
    if "MaximumWindowInMinutes" in window:
        body["FlexibleTimeWindow"] = {**window, "MaximumWindowInMinutes": int(window["MaximumWindowInMinutes"])}
    return body


def _schedule_made(name: str, answer: tuple[int, dict[str, str], bytes]) -> Made:
    if answer[0] >= 400:
        raise ValueError(f"AWS::Scheduler::Schedule {name}: {json.loads(answer[2])['Message']}")
    return name, {"Arn": json.loads(answer[2])["ScheduleArn"]}
