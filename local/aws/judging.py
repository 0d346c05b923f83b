"""Every call of a function, and every firing of a schedule, held against the role it is made with; refused too, where that is wanted.

The roles are those of template.yaml, evaluated by ``local.privileges``: what MiniStack does not look at (conditions on events, a role that
is handed on) is looked at here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ministack.services import eventbridge, lambda_svc, stepfunctions

from local.aws import invoking, rules
from local.aws.faults import Call
from local.aws.schedules import Key, Schedules, reaches
from local.privileges import wire
from local.privileges.asked import Asked, arn, events_put, role_arn
from local.privileges.policy import Statement
from local.privileges.recording import Recording
from local.privileges.roles import Role, mesh_roles

PREFIX = "ss-"
SUITE = "emulator"


class Judge:
    """``enforcing``: what is refused is answered with AccessDenied. ``without`` takes grants away, as "sender s3:GetObject"."""

    def __init__(self, *, enforcing: bool = False, without: Sequence[str] = (), mail_from: str = "") -> None:
        self.enforcing = enforcing
        roles = mesh_roles(mail_from) if mail_from else mesh_roles()
        for told in without:
            owner, _, action = told.partition(" ")
            roles = {**roles, owner: _less(roles[owner], action)}
        self.recording = Recording(roles)

    def install(self) -> None:
        """For what is not asked for at the door: what Lambda, Scheduler, the bus and the machine do with a role by themselves."""
        judge, fire, invoke = self, Schedules._fire, stepfunctions._call_lambda
        emit, fail, start = lambda_svc._emit_lambda_logs, invoking.fail_to, eventbridge._dispatch_to_stepfunctions

        def fired(self: Schedules, key: Key, record: dict[str, Any], moment: datetime) -> None:
            judge._fired(record["Target"])
            fire(self, key, record, moment)

        def invoked(reference: str, event: Any) -> Any:
            _, _, name = lambda_svc._get_func_record_for_ref(reference)
            self.recording.asked(
                "draft-batch", Asked("lambda:InvokeFunction", arn("lambda", f"function:{name}")), SUITE
            )
            return invoke(reference, event)

        def emitted(function: dict[str, Any], *rest: Any, **named: Any) -> None:
            name = str((function.get("config") or function).get("FunctionName", ""))
            for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
                judge._asked(name, Asked(action, arn("logs", f"log-group:/aws/lambda/{name}:log-stream:s")))
            emit(function, *rest, **named)

        def failed(destination: str, item: Any, name: str, *rest: Any) -> None:
            judge._asked(name, Asked("sqs:SendMessage", _local(destination)))
            fail(destination, item, name, *rest)

        Schedules._fire = fired  # type: ignore[method-assign]
        stepfunctions._call_lambda = invoked

        def started(machine: str, payload: str) -> None:
            role = (rules.target.get() or {}).get("RoleArn", "")
            judge.recording.asked(_role_name(role), Asked("states:StartExecution", _local(machine)), SUITE)
            start(machine, payload)

        eventbridge._dispatch_to_stepfunctions = started
        lambda_svc._emit_lambda_logs = emitted
        invoking.fail_to = failed  # type: ignore[assignment]

    def call(
        self,
        call: Call,
        method: str,
        path: str,
        query: Mapping[str, Sequence[str]],
        headers: Mapping[str, str],
        *,
        missed: bool = False,
    ) -> list[str]:
        """A sentence for everything in it that the caller's role does not allow."""
        owner = call.caller.removeprefix(PREFIX)
        service, operation, given = wire.told(call.service, call.action, method, path, query, headers, call.body)
        return self.recording.call(owner, service, operation, given, SUITE, missed=missed)

    def _asked(self, function: str, one: Asked) -> None:
        if function.startswith(PREFIX):
            self.recording.asked(function.removeprefix(PREFIX), one, SUITE)

    def _fired(self, target: Mapping[str, Any]) -> None:
        owner = _role_name(target.get("RoleArn", ""))
        parameters = target.get("EventBridgeParameters")
        if parameters:
            one = Asked(
                "events:PutEvents", _local(target["Arn"]), events_put(parameters["Source"], parameters["DetailType"])
            )
        else:
            one = Asked("lambda:InvokeFunction", _local(target["Arn"]))
        letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if letters and not reaches(target["Arn"]):
            one = Asked("sqs:SendMessage", _local(letters))
        self.recording.asked(owner, one, SUITE)


def _role_name(role: str) -> str:
    """The logical id that a role is known by here."""
    return role_arn(role).rpartition("/")[2]


def _local(target_arn: str) -> str:
    _, _, service, _, _, rest = target_arn.split(":", 5)
    return arn(service, rest)


def _less(role: Role, action: str) -> Role:
    """KeyError where it has no such grant: nothing would be taken away."""
    if not any(action in one.actions for one in role.statements):
        raise KeyError(f"{role.owner} has no grant for {action}")
    kept = tuple(
        Statement(one.allows, tuple(a for a in one.actions if a != action), one.resources, one.conditions)
        for one in role.statements
    )
    return replace(role, statements=kept)
