"""EventBridge rules: a match is delivered by asynchronous invoke, and every event on the default bus is kept to be
read.

Stock MiniStack runs the function in a bare thread (see ``invoking``), keeps every event for ever and stamps it with
real time. A rule's own RetryPolicy covers delivery alone, which cannot fail here but for a function that is not there:
that goes to the target's DeadLetterConfig at once.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

from ministack.core.arn import parse_arn
from ministack.services import eventbridge, lambda_svc, stepfunctions

from local.aws.clock import StackClock
from local.aws.deliveries import Deliveries
from local.aws.invoking import AsynchronousInvokes, trigger
from local.aws.journal import Journal

EVENTS_KEPT = 5_000

target: ContextVar[dict[str, Any] | None] = ContextVar("target", default=None)
"""The rule's target that is being delivered to."""


def install(invokes: AsynchronousInvokes, journal: Journal, clock: StackClock, deliveries: Deliveries) -> None:
    dispatch_event = eventbridge._dispatch_event
    invoke_target = eventbridge._invoke_target
    dispatch_to_machine = eventbridge._dispatch_to_stepfunctions

    def record_and_dispatch(event: dict[str, Any], view: Any = None) -> None:
        if event.get("EventBusName", "default") == "default" and not event.get("_DispatchPath"):
            journal.append(
                time=clock.now().isoformat(),
                source=event["Source"],
                detail_type=event["DetailType"],
                detail=_decoded(event["Detail"]),
            )
        del eventbridge._events_log_list()[:-EVENTS_KEPT]
        deliveries.hand_on(event.get("DetailType", ""), lambda: dispatch_event(event, view))

    def invoke(told: dict[str, Any], event: dict[str, Any], rule: Any, view: Any = None) -> None:
        kept_target = target.set(told)
        kept_trigger = trigger.set(f"event {event.get('DetailType', '')}")
        try:
            invoke_target(told, event, rule, view)
        finally:
            target.reset(kept_target)
            trigger.reset(kept_trigger)

    def to_lambda(arn: str, payload: str) -> None:
        deliver_to_lambda(invokes, arn, payload, (target.get() or {}).get("DeadLetterConfig"))

    def to_machine(arn: str, payload: str) -> None:
        dead_letters = (target.get() or {}).get("DeadLetterConfig") or {}
        if stepfunctions._resolve_state_machine_arn(arn) is None and dead_letters.get("Arn"):
            eventbridge._dispatch_to_sqs(parse_arn(dead_letters["Arn"]), payload)
            return
        dispatch_to_machine(arn, payload)

    eventbridge._now_ts = lambda: clock.now().timestamp()
    eventbridge._dispatch_event = record_and_dispatch
    eventbridge._invoke_target = invoke
    eventbridge._dispatch_to_lambda = to_lambda
    eventbridge._dispatch_to_stepfunctions = to_machine


def deliver_to_lambda(
    invokes: AsynchronousInvokes, arn: str, payload: str, dead_letters: dict[str, Any] | None, cause: str = ""
) -> None:
    """Queue one invoke; what was meant for a function that does not exist goes to the dead-letter queue, if any."""
    function, config, _ = lambda_svc._get_func_record_for_ref(arn)
    if function and config:
        invokes.submit(arn, _decoded(payload), cause or trigger.get())
    elif dead_letters and dead_letters.get("Arn"):
        eventbridge._dispatch_to_sqs(parse_arn(dead_letters["Arn"]), payload)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, TypeError):
        return text
