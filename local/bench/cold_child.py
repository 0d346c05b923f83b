"""One cold start, in a process of its own: ``cold_child.py ours|floor PACKAGE WIRE SERVICES`` with the function's own folders on the path.

Prints a JSON object: ``cpu_ms`` of the imports and the clients, ``peak_kb``, ``services`` (the AWS clients that were made, in their order,
and "http" for each HTTP client), ``packages`` (what is imported of others), and ``own_ms`` by module where ``PICTURE`` is set.
``WIRE`` is ``module:function``. ``SERVICES``, with commas, is what the floor makes: it is a handler that logs and reads one event.
The secrets' answers stand in the file ``SECRET``; nothing else may be asked.
"""

import time

_BEGAN = time.process_time()

import os  # noqa: E402
import sys  # noqa: E402
from importlib import import_module  # noqa: E402
from typing import Any  # noqa: E402


def main(kind: str, package: str, wire: str, services: str) -> None:
    own_ms: dict[str, float] = {}
    if "PICTURE" in os.environ:
        _watch_imports(own_ms)
    made: list[str] = []
    if kind == "ours":
        import_module(
            f"{package}.handler"
        )  # before the watches: they import what the function is to import itself, in its own order
        _watch_aws(made)
        _watch_http(made)
        module, _, name = wire.partition(":")
        getattr(import_module(module), name)()
    else:
        _floor(services.split(",") if services else [], made)
    cpu_ms = (time.process_time() - _BEGAN) * 1_000
    import json

    tops = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
    told = {"cpu_ms": cpu_ms, "peak_kb": _peak_kb(), "services": made, "packages": sorted(tops), "own_ms": own_ms}
    print(json.dumps(told))


def _floor(services: list[str], made: list[str]) -> None:
    import boto3
    from aws_lambda_powertools import Logger
    from pydantic import BaseModel

    class Event(BaseModel):
        post_id: str

    Logger(service="floor")
    Event(post_id="p_0123456789")
    _watch_aws(made)
    for service in services:
        if service == "http":
            import httpx

            httpx.Client(trust_env=False)
        else:
            boto3.client(service)


def _watch_aws(made: list[str]) -> None:
    import botocore.client
    import botocore.session

    create = botocore.session.Session.create_client

    def creating(self: Any, service_name: str, *given: Any, **named: Any) -> Any:
        made.append(service_name)
        return create(self, service_name, *given, **named)

    def answer(self: Any, operation: str, request: Any) -> Any:
        if operation != "GetSecretValue":
            raise RuntimeError(f"{operation} was called before there was anything to do")
        with open(os.environ["SECRET"]) as file:  # noqa: PTH123 - pathlib may be what is measured
            return {"SecretString": file.read()}

    botocore.session.Session.create_client = creating
    botocore.client.BaseClient._make_api_call = answer


def _watch_http(made: list[str]) -> None:
    """Only where it is imported by then."""
    httpx = sys.modules.get("httpx")
    if httpx is None:
        return
    create = httpx.Client.__init__

    def creating(self: Any, *given: Any, **named: Any) -> None:
        made.append("http")
        create(self, *given, **named)

    httpx.Client.__init__ = creating


def _watch_imports(own_ms: dict[str, float]) -> None:
    """The CPU of each module without that of the modules that it imports in turn."""
    import importlib._bootstrap_external as loaders

    inner: list[float] = []

    def watch(loader: Any) -> None:
        run = loader.exec_module

        def running(self: Any, module: Any) -> None:
            began = time.process_time()
            inner.append(0.0)
            try:
                run(self, module)
            finally:
                took = time.process_time() - began
                own_ms[module.__name__] = own_ms.get(module.__name__, 0) + (took - inner.pop()) * 1_000
                if inner:
                    inner[-1] += took

        loader.exec_module = running

    watch(loaders.SourceFileLoader)
    watch(loaders.ExtensionFileLoader)


def _peak_kb() -> int:
    """Linux's own figure; elsewhere getrusage's."""
    try:
        with open("/proc/self/status") as status:  # noqa: PTH123
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except FileNotFoundError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024


if __name__ == "__main__":
    main(*sys.argv[1:5])
