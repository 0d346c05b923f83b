"""What a living stack shows of itself: schedules, alarms, dead letters, who hears of them, the door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import httpx
from botocore.exceptions import ClientError

from local import ROOT
from local.checks.looking import Subject, looking
from local.checks.model import Finding, State
from local.checks.stack import described
from local.checks.values import listed
from local.deploy import read_template
from local.operator.logs import FUNCTIONS
from local.ship.environments import WATCH

_DOOR_SECONDS = 10.0
_WOKEN_OFTEN = {"drive-sync": 15, "scheduler": 15, "notifier": 15, "draft-helper": 15, "template-sync": 30}
"""Minutes within which a schedule wakes each of these; the others wait for events, Sundays and Mondays."""


@cache
def schedules_of_template() -> dict[str, str]:
    """The expression of each schedule by its name without the prefix."""
    found = {}
    for resource in read_template(ROOT / "template.yaml")["Resources"].values():
        for event in ((resource.get("Properties") or {}).get("Events") or {}).values():
            if event["Type"] == "ScheduleV2":
                name = str(event["Properties"]["Name"]["Fn::Sub"]).removeprefix("${Prefix}-")
                found[name] = str(event["Properties"]["ScheduleExpression"])
    return found


def schedules(subject: Subject) -> list[Finding]:
    """Each schedule of the template: there, enabled, in the business's zone, as often as it should be."""
    found: list[Finding] = []
    with looking("schedules", "scheduler:GetSchedule", found):
        client, wrong = subject.client("scheduler"), list[Finding]()
        for name, expression in schedules_of_template().items():
            try:
                told = client.get_schedule(Name=f"{subject.prefix}-{name}")
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                told = None
            wrong += schedule_judged(name, expression, told, subject)
        good = Finding(
            "schedules", State.GOOD, f"all {len(schedules_of_template())} are enabled, in the business's zone"
        )
        found += wrong or [good]
    return found


def schedule_judged(name: str, expression: str, told: Mapping[str, Any] | None, subject: Subject) -> list[Finding]:
    zone, what = subject.parameters.get("TimeZone", ""), f"schedule {name}"
    if told is None:
        return [Finding(what, State.BAD, "is not there", subject.deploy)]
    if told.get("State", "ENABLED") != "ENABLED":
        fix = f"the AWS console, EventBridge, Schedules, {subject.prefix}-{name}, Enable"
        return [Finding(what, State.BAD, "is disabled: what it wakes sleeps", fix)]
    if told.get("ScheduleExpression") != expression:
        said = f"runs {told.get('ScheduleExpression')}, and not {expression}"
        return [Finding(what, State.BAD, said, subject.deploy)]
    if zone and told.get("ScheduleExpressionTimezone", "UTC") != zone:
        said = f"runs in {told.get('ScheduleExpressionTimezone', 'UTC')}, the business lives in {zone}"
        return [Finding(what, State.BAD, said, subject.deploy)]
    return []


def functions(subject: Subject) -> list[Finding]:
    """When each last wrote into its log; those that a schedule wakes every few minutes must have lately."""
    found: list[Finding] = []
    now_ms = subject.now().timestamp() * 1000
    lately: list[str] = []
    for function in FUNCTIONS:
        name = f"function {function}"
        group = f"/aws/lambda/{subject.prefix}-{function}"
        with looking(name, "logs:DescribeLogStreams", found, "make deploy makes its log anew"):
            told = subject.client("logs").describe_log_streams(
                logGroupName=group, orderBy="LastEventTime", descending=True, limit=5
            )
            stamps = [
                int(one.get("lastEventTimestamp") or one.get("lastIngestionTime") or 0) for one in told["logStreams"]
            ]
            last = max(stamps, default=0)
            minutes = round((now_ms - last) / 60_000) if last else None
            most = _WOKEN_OFTEN.get(function)
            if most is not None and not subject.local and (minutes is None or minutes > most):
                said = "has never run" if minutes is None else f"last ran {minutes} minutes ago"
                found.append(Finding(name, State.BAD, said, f"see its schedule above; make redrive{subject.beside}"))
            else:
                lately.append(function if minutes is None or subject.local else f"{function} {_ago(max(0, minutes))}")
    if lately:
        found.append(Finding("functions", State.GOOD, "last lines: " + ", ".join(lately)))
    return found


def _ago(minutes: int) -> str:
    span = timedelta(minutes=minutes)
    return f"{span.days} d ago" if span.days else f"{minutes // 60} h ago" if minutes >= 60 else f"{minutes} min ago"


def subscriptions(subject: Subject) -> list[Finding]:
    """Whether whoever operates it has confirmed AWS's mail: without that no alarm reaches anybody."""
    found: list[Finding] = []
    name = "alarms' mail"
    with looking(name, "sns:ListSubscriptionsByTopic", found):
        there = described(subject.client("cloudformation"), subject.stack_name(WATCH))
        if there is None:
            return []  # the check of the stacks says it
        for output in there.get("Outputs", ()):
            if output["OutputKey"] in ("AlarmsTopic", "CostTopic"):
                told = subject.client("sns").list_subscriptions_by_topic(TopicArn=output["OutputValue"])
                found += subscription_judged(str(output["OutputKey"]), told["Subscriptions"])
    return found


def subscription_judged(topic: str, told: list[Mapping[str, Any]]) -> list[Finding]:
    what = "alarms' mail" if topic == "AlarmsTopic" else "cost's mail"
    waiting = [str(one["Endpoint"]) for one in told if str(one.get("SubscriptionArn")) == "PendingConfirmation"]
    if waiting:
        fix = "click Confirm subscription in AWS's mail to it; gone or older than three days: AWS console, SNS, Request confirmation"
        return [Finding(what, State.BAD, f"{listed(waiting)} has not confirmed it", fix)]
    there = [str(one["Endpoint"]) for one in told if str(one.get("SubscriptionArn", "")).startswith("arn:")]
    if not there:
        return [Finding(what, State.BAD, "nobody is subscribed", "write OperatorMail into samconfig.toml, and deploy")]
    return [Finding(what, State.GOOD, f"goes to {listed(there)}")]


def door(subject: Subject, address: str) -> list[Finding]:
    """The public page answers a stranger as it answers every stranger, and shows nothing."""
    name = "approval page"
    if not address:
        return []
    try:
        answer = httpx.get(address.rstrip("/") + "/a/no-token", timeout=_DOOR_SECONDS, follow_redirects=False)
    except httpx.HTTPError as error:
        said = f"does not answer ({type(error).__name__})"
        return [Finding(name, State.BAD, said, "is ApproveUrl's domain right? docs/runbooks/failing-functions.md")]
    return [door_judged(answer.status_code, answer.headers)]


def door_judged(status: int, headers: Mapping[str, str]) -> Finding:
    name = "approval page"
    if status == 404 and "content-security-policy" in headers:
        return Finding(name, State.GOOD, "answers, and shows a stranger nothing")
    if status in (403, 429, 502, 503, 504):
        fix = "docs/runbooks/refused-calls.md" if status == 429 else "docs/runbooks/failing-functions.md"
        return Finding(name, State.BAD, f"answers {status}: links in mails do not work", fix)
    return Finding(
        name, State.BAD, f"answers {status}: another page stands at that address", "correct ApproveUrl, and deploy"
    )
