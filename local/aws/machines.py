"""State machines count as work going on. MiniStack runs an execution in a thread that nothing else knows of."""

from __future__ import annotations

import json
import threading
from typing import Any

from ministack.services import stepfunctions

from local.aws.activity import Activity

_BEGUN_WITHIN_SECONDS = 5.0


def install(activity: Activity) -> None:
    start = stepfunctions._start_execution
    run = stepfunctions._run_execution
    begun: dict[str, threading.Event] = {}
    lock = threading.Lock()

    def event_for(arn: str) -> threading.Event:
        with lock:
            return begun.setdefault(arn, threading.Event())

    def counted_run(arn: str) -> Any:
        with activity.during(f"state machine {arn.rsplit(':', 2)[-2]}"):
            event_for(arn).set()
            return run(arn)

    def start_and_see_it_begin(data: dict[str, Any]) -> Any:
        answer = start(data)
        if answer[0] == 200:
            # Without this, whoever started it could end before the execution counts.
            arn = json.loads(answer[2])["executionArn"]
            event_for(arn).wait(_BEGUN_WITHIN_SECONDS)
            with lock:
                begun.pop(arn, None)
        return answer

    stepfunctions._start_execution = start_and_see_it_begin
    stepfunctions._run_execution = counted_run
