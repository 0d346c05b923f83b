"""What a function's process itself knows of its cost: its CPU time and memory, whom it asked over the network and for how long, what it
logged and answered."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from ministack.core import lambda_runtime

from local.aws.clock import StackClock
from local.aws.invoking import _direct_trigger, trigger
from local.aws.tally import Tally

KEPT_WARM = timedelta(minutes=7)
"""Assumed: how long Lambda keeps a process that nothing asks for. AWS does not say; reports are of five minutes and more."""

_WATCH = '''
def _ms_watch():
    """Counts from here on; called with True it begins anew, else it tells what was since."""
    import sys, time
    calls, sent, waits, began = {}, {}, [], [0.0]
    watched = set()

    def asked(host, port, size, ask):
        name, at = f"{host}:{port}", time.time()
        calls[name] = calls.get(name, 0) + 1
        sent[name] = sent.get(name, 0) + size
        try:
            return ask()
        finally:
            waits.append((at, time.time() - at))

    def watch():
        pools = sys.modules.get("urllib3.connectionpool")
        if pools and "urllib3" not in watched:
            watched.add("urllib3")
            urlopen = pools.HTTPConnectionPool.urlopen
            def counted(self, method, url, body=None, *rest, **more):
                size = len(body) if isinstance(body, (bytes, str, bytearray)) else 0
                return asked(self.host, self.port, size, lambda: urlopen(self, method, url, body, *rest, **more))
            pools.HTTPConnectionPool.urlopen = counted
        client = sys.modules.get("httpx")
        if client and "httpx" not in watched:
            watched.add("httpx")
            handle = client.HTTPTransport.handle_request
            def handled(self, request):
                size = int(request.headers.get("content-length") or 0)
                return asked(request.url.host, request.url.port, size, lambda: handle(self, request))
            client.HTTPTransport.handle_request = handled

    def spent(anew=False):
        if anew:
            watch()
            calls.clear()
            sent.clear()
            waits.clear()
            began[0] = time.process_time()
            return None
        init, began_at = (time_to_init.pop() if time_to_init else 0.0), began[0]
        cpu = time.process_time() - began_at
        return {"cpu": cpu, "init": init, "held": held_mb(), "calls": dict(calls), "sent": dict(sent), "waits": list(waits)}

    def held_mb():
        """The most that this process has held so far, as local.peak has it, which a function cannot import; 0 where nobody says."""
        try:
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM:"))
        except OSError:
            return 0

    import urllib3.connectionpool
    time_to_init = [time.process_time()]
    return spent

'''
_READY = '        _real_stdout.write(json.dumps({"status": "ready"'
_TAKEN = "        _ms_msg = json.loads(line)"
_INTO_THE_SCRIPT = (
    ("def run():\n", _WATCH + "def run():\n"),
    (_READY, "        _ms_spent = _ms_watch()\n" + _READY),
    (_TAKEN, "        _ms_spent(True)\n" + _TAKEN),
    ('{"status": "ok", "result": result}', '{"status": "ok", "result": result, "spent": _ms_spent()}'),
    ('{"status": "ok", "raised": {', '{"status": "ok", "spent": _ms_spent(), "raised": {'),
)


def install(tally: Tally, endpoint_port: int, clock: StackClock) -> None:
    """After ``workers``, whose changes to the same script these go on top of. RuntimeError where it reads in another way by now."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    for before, after in _INTO_THE_SCRIPT:
        if script.count(before) != 1:
            raise RuntimeError(f"MiniStack's worker has no place for a count: {before.strip()}")
        script = script.replace(before, after)
    lambda_runtime._PYTHON_WORKER_SCRIPT = script

    inner_invoke = lambda_runtime.Worker.invoke
    ours = f"127.0.0.1:{endpoint_port}"
    last: dict[str, datetime] = {}

    def invoke(self: Any, event: Any, *rest: Any, **named: Any) -> dict[str, Any]:
        now = clock.now()
        idle = now - last.get(self.func_name, now - timedelta(days=1))
        last[self.func_name] = now
        answer: dict[str, Any] = inner_invoke(self, event, *rest, **named)
        spent = answer.pop("spent", None) or {"cpu": 0.0, "init": 0.0, "held": 0, "calls": {}, "sent": {}, "waits": []}
        _note(
            tally, self.func_name, event, answer, spent, ours, burst=idle > KEPT_WARM, hour=int(now.timestamp() // 3600)
        )
        return answer

    lambda_runtime.Worker.invoke = invoke


def _note(
    tally: Tally,
    function: str,
    event: Any,
    answer: dict[str, Any],
    spent: dict[str, Any],
    ours: str,
    *,
    burst: bool,
    hour: int,
) -> None:
    lines = str(answer.get("log") or "").splitlines()
    elsewhere = {host: count for host, count in spent["calls"].items() if host != ours}
    by_url = isinstance(event, dict) and isinstance((event.get("requestContext") or {}).get("http"), dict)
    tally.invoked(
        function,
        "url" if by_url else trigger.get() or _direct_trigger(event),
        cpu_seconds=spent["cpu"],
        init_cpu_seconds=spent["init"],
        cold=int(bool(spent["init"])),
        bursts=int(burst),
        errors=int(answer.get("status") != "ok"),
        calls=spent["calls"].get(ours, 0),
        log_lines=len(lines),
        log_bytes=sum(len(line.encode()) for line in lines),
        sent_bytes=sum(size for host, size in spent["sent"].items() if host != ours),
        answered_bytes=len(json.dumps(answer.get("result"))) if by_url else 0,
    )
    tally.waited(function, spent["waits"])
    tally.held(function, spent["held"])
    for host, requests in elsewhere.items():
        tally.remote(function, host, requests)
    if lines:
        tally.hour(hour, "logged", function)
    if answer.get("status") != "ok":
        tally.hour(hour, "failed", function)
    for line in lines:
        if '"_aws"' in line:
            _note_metrics(tally, line, hour)


def _note_metrics(tally: Tally, line: str, hour: int) -> None:
    """One line in CloudWatch's embedded metric format: each name with each set of dimensions is a metric of its own."""
    try:
        told = json.loads(line)
        groups = told["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    for group in groups:
        for dimensions in group.get("Dimensions") or [[]]:
            values = json.dumps({name: told.get(name) for name in sorted(dimensions)})
            for metric in group["Metrics"]:
                tally.hour(hour, "metric", group["Namespace"], metric["Name"], values)
