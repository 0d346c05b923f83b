"""The deployed functions' own code, environment and tables, invoked warm in this process, where each call can be named."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from typing import Any

from local import ROOT
from local.stack import PREFIX, REGION, Stack


def function(stack: Stack, name: str, package: str) -> Callable[[dict[str, Any]], Any]:
    """A deployed function's handler in this process, under the environment the template gives it."""
    configuration = stack.client("lambda").get_function_configuration(FunctionName=f"{PREFIX}-{name}")
    os.environ.update(configuration["Environment"]["Variables"])
    os.environ |= {
        "AWS_ENDPOINT_URL": stack.aws,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "MESH_CLOCK_FILE": str(stack.clock_file),
        "POWERTOOLS_LOG_LEVEL": "ERROR",
    }
    if str(ROOT / "functions") not in sys.path:
        sys.path.insert(0, str(ROOT / "functions"))
    handler = import_module(f"{package}.handler").handler

    def invoke(event: dict[str, Any]) -> Any:
        with redirect_stdout(StringIO()):  # where a function's metrics go, as lines of JSON
            return handler(event, _Context())

    return invoke


class _Context:
    aws_request_id = "bench"
    function_name = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000
