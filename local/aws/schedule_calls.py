"""The Scheduler's API calls, as strict as AWS: stock MiniStack takes any name, expression, zone, past ``at()`` and
repeated token.

CreateSchedule honours ClientToken; ListSchedules and ListScheduleGroups page. Sources: EventBridge Scheduler API
reference and user guide.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from ministack.services import scheduler

from local.aws.clock import StackClock
from local.aws.expressions import InvalidExpressionError, Once, parse

Answer = tuple[int, dict[str, str], bytes]

_NAME = re.compile(r"[0-9a-zA-Z\-_.]{1,64}")
_ROLE = re.compile(r"arn:aws[a-zA-Z-]*:iam::\d{12}:role/.+")
_PAGE = 100
_TOKENS_KEPT = 20_000


class ScheduleCalls:
    """The tokens are kept with the state: a repeated CreateSchedule after a restart is still the same one."""

    def __init__(self, clock: StackClock) -> None:
        self._clock = clock
        self.tokens: dict[str, str] = {}

    def install(self) -> None:
        create = scheduler._create_schedule
        update = scheduler._update_schedule
        list_schedules = scheduler._list_schedules
        list_groups = scheduler._list_schedule_groups

        def checked_create(name: str, body: dict[str, Any]) -> Answer:
            body = {**body, "GroupName": body.get("GroupName") or "default"}
            arn = scheduler._schedule_arn(body["GroupName"], name)
            token = body.get("ClientToken")
            if token and self.tokens.get(arn) == token and f"{body['GroupName']}/{name}" in scheduler._schedules:
                return 200, {"Content-Type": "application/json"}, json.dumps({"ScheduleArn": arn}).encode()
            refusal = _refusal(name, body, self._clock.now())
            if refusal:
                return _refused(refusal)
            answer: Answer = create(name, body)
            if answer[0] == 200 and token:
                self.tokens[arn] = token
                if len(self.tokens) > _TOKENS_KEPT:
                    self.tokens.pop(next(iter(self.tokens)))
            return answer

        def checked_update(name: str, body: dict[str, Any]) -> Answer:
            body = {**body, "GroupName": body.get("GroupName") or "default"}
            refusal = _refusal(name, body, self._clock.now())
            return _refused(refusal) if refusal else update(name, body)

        scheduler._create_schedule = checked_create
        scheduler._update_schedule = checked_update
        scheduler._list_schedules = lambda query: _page(list_schedules, query, "Schedules")
        scheduler._list_schedule_groups = lambda query: _page(list_groups, query, "ScheduleGroups")


def _refusal(name: str, body: dict[str, Any], now: datetime) -> str | None:
    """Why AWS would not take this schedule, or None."""
    if not _NAME.fullmatch(name):
        return f"Value '{name}' at 'name' failed to satisfy constraint: [0-9a-zA-Z-_.]+, at most 64"
    window = body.get("FlexibleTimeWindow") or {}
    if window.get("Mode") not in ("OFF", "FLEXIBLE"):
        return "FlexibleTimeWindow needs a Mode of OFF or FLEXIBLE."
    minutes = window.get("MaximumWindowInMinutes")
    if (window["Mode"] == "FLEXIBLE") != (isinstance(minutes, int) and 1 <= minutes <= 1440):
        return "MaximumWindowInMinutes (1 to 1440) goes with Mode FLEXIBLE and only with it."
    return _expression_refusal(body, now) or _target_refusal(body.get("Target") or {})


def _expression_refusal(body: dict[str, Any], now: datetime) -> str | None:
    try:
        expression = parse(body.get("ScheduleExpression") or "", body.get("ScheduleExpressionTimezone") or "UTC")
    except InvalidExpressionError as error:
        return str(error)
    if isinstance(expression, Once) and expression.moment <= now:
        return f"Invalid Schedule Expression {body['ScheduleExpression']}. The time has passed."
    return None


def _target_refusal(target: dict[str, Any]) -> str | None:
    arn = str(target.get("Arn") or "")
    if not arn.startswith("arn:"):
        return "Target Arn is required."
    if not _ROLE.fullmatch(str(target.get("RoleArn") or "")):
        return "Target RoleArn must be the ARN of an IAM role."
    if ":event-bus/" in arn:
        parameters = target.get("EventBridgeParameters") or {}
        if not parameters.get("DetailType") or not parameters.get("Source"):
            return "EventBridgeParameters with DetailType and Source are required for an event bus."
        try:
            detail = json.loads(target.get("Input") or "")
        except json.JSONDecodeError:
            detail = None
        if not isinstance(detail, dict):
            return "Input must be a JSON object for an event bus."
    return None


def _refused(message: str) -> Answer:
    answer: Answer = scheduler._error(400, "ValidationException", message)
    return answer


def _page(everything: Any, query: dict[str, str], member: str) -> Answer:
    """One page in order of name; the token is the last name seen, so that a deletion in between skips nothing."""
    size = int(query.get("MaxResults") or _PAGE)
    if not 1 <= size <= _PAGE:
        return _refused(f"MaxResults must be within 1 and {_PAGE}.")
    scheduler._ensure_default_group()
    status, headers, body = everything({**query, "MaxResults": str(10**9)})
    found = sorted(json.loads(body)[member], key=lambda item: (item.get("GroupName", ""), item["Name"]))
    after = query.get("NextToken")
    if after:
        group, _, name = after.partition("/")
        found = [item for item in found if (item.get("GroupName", ""), item["Name"]) > (group, name)]
    page: dict[str, Any] = {member: found[:size]}
    if len(found) > size:
        page["NextToken"] = f"{found[size - 1].get('GroupName', '')}/{found[size - 1]['Name']}"
    return status, headers, json.dumps(page).encode()
