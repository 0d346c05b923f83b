"""The function processes: killing one in the middle, and keeping what they leave behind in bounds."""

from __future__ import annotations

import os
import queue
import subprocess
import time
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import cloudwatch_logs, lambda_svc

from local.aws.callers import CALLER
from local.aws.environment import FOR_FUNCTIONS

STREAMS_KEPT = 200
"""Log streams kept per group: MiniStack makes one for every invocation and never drops any."""


def kill_running(function_name: str) -> int:
    """SIGKILL to every process that is running this function now; how many there were. Idle warm ones are left."""
    killed = 0
    with lambda_runtime._lock:
        for key, workers in lambda_runtime._workers.items():
            if key.split(":")[2] != function_name:
                continue
            for worker in workers:
                process = worker._proc
                if worker.in_use and process is not None and process.poll() is None:
                    process.kill()
                    killed += 1
    return killed


def install_clean_environment() -> None:
    """A function sees its own variables, ``FOR_FUNCTIONS`` and its name for the SDK; MiniStack would hand on everything it has itself."""
    ours = frozenset(os.environ) - frozenset(FOR_FUNCTIONS)

    def start(command: list[str], *, env: dict[str, str], **options: Any) -> subprocess.Popen[str]:
        # A variable that the function sets for itself differs from ours, or is the same and harmless.
        kept = {name: value for name, value in env.items() if name not in ours or value != os.environ[name]}
        kept.setdefault("AWS_ACCESS_KEY_ID", env["AWS_ACCESS_KEY_ID"])
        kept.setdefault("AWS_SECRET_ACCESS_KEY", env["AWS_SECRET_ACCESS_KEY"])
        kept[CALLER] = env.get("AWS_LAMBDA_FUNCTION_NAME", "")
        return subprocess.Popen(command, env=kept, **options)

    lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": start})


_RAISED = """{"status": "error", "error": str(e), "trace": traceback.format_exc()}"""
_AND_LIVES_ON = (
    """{"status": "ok", "raised": {"error": str(e), "kind": type(e).__name__, "trace": traceback.format_exc()}}"""
)


class _Said(str):
    """What a handler's error says, with the name of its class, which MiniStack has no place for."""

    kind = ""


def install_processes_outlive_errors() -> None:
    """A handler that raises has failed, and its process serves the next event, as on AWS, with everything it holds.

    MiniStack ends the process, so that nothing kept over an error would ever be met here, and each failure costs a cold start. RuntimeError
    where its worker is another one than this was written for.
    """
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(_RAISED) != 1:
        raise RuntimeError("MiniStack's worker says in another way that a handler raised")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_RAISED, _AND_LIVES_ON)
    invoke = lambda_runtime.Worker.invoke

    def invoke_and_tell(self: Any, *event: Any, **named: Any) -> dict[str, Any]:
        answer: dict[str, Any] = invoke(self, *event, **named)
        raised = answer.pop("raised", None)
        if not raised:
            return answer
        said = _Said(raised["error"])
        said.kind = raised["kind"]
        return {**answer, "status": "error", "error": said, "trace": raised["trace"]}

    lambda_runtime.Worker.invoke = invoke_and_tell


_ANSWERED = """        _real_stdout.flush()\n\nrun()\n"""
_NO_MORE_LINES = "\x1e"
_LINES_SECONDS = 1.0  # for a process that answered, to be read until the end of its lines


def install_lines_have_an_end() -> None:
    """A process says when it has written all lines of an event, so that nobody need wait whether there is one more to come.

    MiniStack waits 50 ms for a first line, which is most of a click's way where the function had nothing to say, and whatever comes later
    belongs to the next event. RuntimeError where its worker is another one than this was written for.
    """
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(_ANSWERED) != 1:
        raise RuntimeError("MiniStack's worker answers in another way")
    end = f"        print({_NO_MORE_LINES!r}, file=sys.stderr, flush=True)\n"
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_ANSWERED, end + _ANSWERED)
    lines_of_the_dead = lambda_runtime.Worker._drain_stderr_bounded

    def lines_until_the_end(self: Any, *given: Any, **named: Any) -> str:
        if self._proc is None:
            said: str = lines_of_the_dead(self, *given, **named)
            return said
        lines: list[str] = []
        deadline = time.monotonic() + _LINES_SECONDS
        try:
            while True:
                line = self._stderr_queue.get(timeout=max(deadline - time.monotonic(), 0))
                if line.endswith(_NO_MORE_LINES):  # after what was begun and not ended, perhaps
                    return "\n".join([*lines, *filter(None, [line.removesuffix(_NO_MORE_LINES)])])
                lines.append(line)
        except queue.Empty:
            return "\n".join(lines)

    lambda_runtime.Worker._drain_stderr_bounded = lines_until_the_end


def install_errors_have_names() -> None:
    """An error's type is the name of its class, as on AWS, where a state machine's Retry and Catch go by it; MiniStack gives all one."""
    inner = lambda_svc._execute_function_dispatch

    def dispatch(*given: Any, **named: Any) -> dict[str, Any]:
        result: dict[str, Any] = inner(*given, **named)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and isinstance(said := body.get("errorMessage"), _Said):
            result["body"] = {**body, "errorMessage": str(said), "errorType": said.kind}
        return result

    lambda_svc._execute_function_dispatch = dispatch


def install_log_bound() -> None:
    emit = lambda_svc._emit_lambda_logs

    def emit_and_trim(function: dict[str, Any], *rest: Any, **named: Any) -> None:
        emit(function, *rest, **named)
        config = function.get("config") or function
        name = config.get("FunctionName", "unknown")
        group = cloudwatch_logs._log_groups.get(
            (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        )
        streams = (group or {}).get("streams", {})
        for stream in list(streams)[:-STREAMS_KEPT]:
            streams.pop(stream, None)

    lambda_svc._emit_lambda_logs = emit_and_trim
