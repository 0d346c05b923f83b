"""Asynchronous invokes: a queue that loses nothing.

MiniStack runs a function for an event once, in a thread of its own: a throttled event vanishes, a failed one is not
tried again and reaches no failure destination. Here everything asynchronous (rule targets, schedules, ``Invoke`` with
type Event) waits in one queue, runs at most ``concurrency`` at a time, is retried as the function's EventInvokeConfig
says, and then goes to OnFailure. A throttle costs no attempt, as on AWS. Waiting events survive a restart.

AWS waits one and two minutes between tries; here it is seconds, in real time, since nobody wants to sit through it.
"""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge, lambda_svc

from local.aws.activity import Activity
from local.aws.clock import StackClock
from local.aws.journal import Journal

logger = logging.getLogger(__name__)

THROTTLE_PAUSE_SECONDS = 0.05
LOG_TAIL_BYTES = 4096
_DEFAULT_RETRIES = 2
_DEFAULT_MAXIMUM_AGE_SECONDS = 21_600

trigger: ContextVar[str] = ContextVar("trigger", default="")
"""What caused the work at hand, in words for the invocation journal: ``event ss.send``, ``schedule ss-drive-sync``."""


@dataclass
class _Waiting:
    function_arn: str
    event: Any
    trigger: str
    attempts: int = 0
    accepted_at: float = field(default_factory=time.time)

    def age_seconds(self) -> float:
        return time.time() - self.accepted_at


class AsynchronousInvokes:
    """``install`` puts it in MiniStack's place; ``start`` and ``stop`` its threads. ``changed``: see Schedules."""

    def __init__(
        self,
        activity: Activity,
        concurrency: int,
        retry_seconds: float,
        changed: Callable[[str], None],
    ) -> None:
        self._changed = changed
        self._activity = activity
        self._retry_seconds = retry_seconds
        self.retrying = (
            True  # off: what fails goes to its failure destination at once, as if its retries had failed as well
        )
        self._concurrency = concurrency
        self._ready = threading.Condition()
        self._queue: list[tuple[float, int, _Waiting]] = []
        self._running: list[_Waiting] = []
        self._order = itertools.count()
        self._stopping = False
        self._threads: list[threading.Thread] = []

    def install(self) -> None:
        lambda_svc.invoke_async_with_retry = self._in_place_of_ministack

    def start(self) -> None:
        for number in range(self._concurrency):
            thread = threading.Thread(target=self._work, name=f"async-invoke-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout_seconds: float) -> None:
        """No new work; what runs gets this long. What is left stays in ``snapshot`` and runs after the next start."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def submit(self, function_arn: str, event: Any, cause: str) -> None:
        self._put(_Waiting(function_arn, event, cause))

    def snapshot(self) -> list[dict[str, Any]]:
        with self._ready:
            return [vars(item).copy() for item in [*self._running, *(entry[2] for entry in sorted(self._queue))]]

    def restore(self, items: list[dict[str, Any]]) -> None:
        for item in items:
            self._put(_Waiting(**item))

    def _in_place_of_ministack(self, function: dict[str, Any], event: Any) -> None:
        config = function.get("config") or function
        self.submit(config["FunctionArn"], event, trigger.get() or "asynchronous invoke")

    def _put(self, item: _Waiting, delay_seconds: float = 0.0) -> None:
        self._activity.begin(_label(item))
        with self._ready:
            heapq.heappush(self._queue, (time.monotonic() + delay_seconds, next(self._order), item))
            self._ready.notify()

    def _take(self) -> _Waiting | None:
        with self._ready:
            while not self._stopping:
                pause = self._queue[0][0] - time.monotonic() if self._queue else 1.0
                if pause <= 0:
                    item = heapq.heappop(self._queue)[2]
                    self._running.append(item)
                    return item
                self._ready.wait(pause)
        return None

    def _work(self) -> None:
        while (item := self._take()) is not None:
            try:
                again_in_seconds = copy_context().run(self._attempt, item)
            except Exception:
                logger.exception("an asynchronous invoke of %s was lost to a fault of the emulator", item.function_arn)
                again_in_seconds = None
            with self._ready:
                self._running.remove(item)
            # The next wait begins before this one ends, so that the count never touches nought in between.
            if again_in_seconds is not None:
                self._put(item, again_in_seconds)
            self._activity.end(_label(item))

    def _attempt(self, item: _Waiting) -> float | None:
        """Seconds until the next try; None when the event is done with, one way or the other."""
        spec = parse_arn(item.function_arn)
        set_request_account_id(spec.account_id)
        set_request_region(spec.region)
        trigger.set(item.trigger)
        function, config, name = lambda_svc._get_func_record_for_ref(item.function_arn)
        if not function or not config:
            return None  # deleted while the event waited; AWS drops it too
        record = lambda_svc._execution_record_for_config(function, config)
        # The API stores the settings of the unqualified function under no name, CloudFormation under $LATEST.
        settings = lambda_svc._event_invoke_config(function, None) or lambda_svc._event_invoke_config(
            function, "$LATEST"
        )
        settings = settings or {}
        result = lambda_svc._execute_function_with_config_scope(record, item.event)
        if not result.get("error"):
            return None
        if not result.get("throttle"):
            item.attempts += 1
        retries = settings.get("MaximumRetryAttempts")
        retries = _DEFAULT_RETRIES if retries is None else int(retries)
        again_in_seconds = (
            THROTTLE_PAUSE_SECONDS if result.get("throttle") else self._retry_seconds * 2 ** (item.attempts - 1)
        )
        maximum_age_seconds = int(settings.get("MaximumEventAgeInSeconds") or _DEFAULT_MAXIMUM_AGE_SECONDS)
        if item.age_seconds() + again_in_seconds > maximum_age_seconds:
            condition = "EventAgeExceeded"
        elif item.attempts > retries or (item.attempts and not self.retrying):
            condition = "RetriesExhausted"
        else:
            return again_in_seconds
        destination = ((settings.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
        destination = destination or (config.get("DeadLetterConfig") or {}).get("TargetArn")
        if destination:
            fail_to(destination, item, name, condition, result)
            self._changed("sqs")
        return None


def install_invocation_journal(activity: Activity, journal: Journal, clock: StackClock) -> None:
    """Counts and records every invocation, whatever asked for it."""
    inner = lambda_svc._execute_function_dispatch

    def dispatch(function: Any, config: dict[str, Any], event: Any, request_id: str, started: float) -> dict[str, Any]:
        name = config.get("FunctionName", "unknown")
        at = clock.now()
        began = time.monotonic()
        with activity.during(f"running {name}"):
            result: dict[str, Any] = inner(function, config, event, request_id, started)
            journal.append(
                function=name,
                at=at.isoformat(),
                duration_ms=round((time.monotonic() - began) * 1000),
                outcome=_outcome(result),
                trigger=trigger.get() or _direct_trigger(event),
                log=str(result.get("log") or "").encode()[-LOG_TAIL_BYTES:].decode(errors="replace"),
            )
        return result

    lambda_svc._execute_function_dispatch = dispatch


def _label(item: _Waiting) -> str:
    return f"waiting for {item.function_arn.rsplit(':', 1)[-1]} ({item.trigger})"


def _outcome(result: dict[str, Any]) -> str:
    if not result.get("error"):
        return "ok"
    body = result.get("body")
    message = str(body.get("errorMessage", "")) if isinstance(body, dict) else ""
    if message.startswith("Task timed out"):
        return "timeout"
    # MiniStack's words for a worker whose pipe closed: the process ended under the handler or before it, or before the event was written.
    died = message.startswith(("Worker process died", "Worker process exited", "Worker returned no response"))
    return "killed" if died or "Broken pipe" in message else "error"


def _direct_trigger(event: Any) -> str:
    http = (event.get("requestContext") or {}).get("http") if isinstance(event, dict) else None
    return f"url {http.get('method')} {http.get('path')}" if isinstance(http, dict) else "invoke"


def fail_to(destination: str, item: _Waiting, name: str, condition: str, result: dict[str, Any]) -> None:
    """The record that AWS sends to an OnFailure destination; MiniStack's own always says three tries."""
    body = result.get("body")
    envelope = {
        "version": "1.0",
        "requestContext": {
            "functionArn": item.function_arn,
            "condition": condition,
            "approximateInvokeCount": item.attempts,
        },
        "requestPayload": item.event,
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "responsePayload": body if isinstance(body, dict) else {},
    }
    try:
        spec = parse_arn(destination)
    except ArnParseError:
        return
    if spec.service == "sqs":
        eventbridge._dispatch_to_sqs(spec, json.dumps(envelope))
    else:
        lambda_svc._route_async_failure(destination, name, item.event, result)
