"""What a warm invocation costs in CPU, its remote side answered from memory, beside what nobody gets around.

That is a bare handler as Powertools' own guide has it (the event parsed by a pydantic model, one log line), and the very same requests
made by boto3 and httpx alone, their answers read.
"""

from __future__ import annotations

import io
import logging
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.parser import event_parser
from pydantic import BaseModel, ConfigDict, Field

from local.bench.figure import Figure
from local.bench.measuring import Beside, cpu_ms
from local.bench.replaying import Kept, replaying
from mesh.events import Send


class _Nowhere(io.TextIOBase):
    """Never closed: a function's logger keeps what it found as its output when it was made."""

    def write(self, text: str) -> int:
        return len(text)


_NOWHERE = _Nowhere()

TURNS, EACH = 9, 10
AIM = 3.0


class _Model(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class _Http(_Model):
    method: str


class _Context(_Model):
    http: _Http
    domain_name: str = Field(alias="domainName")


class Click(_Model):
    """A request to a Function URL, as far as the approval page needs it."""

    version: str
    path: str = Field(alias="rawPath")
    headers: dict[str, str]
    context: _Context = Field(alias="requestContext")
    body: str
    encoded: bool = Field(alias="isBase64Encoded")


class Sending(_Model):
    source: str
    detail_type: str = Field(alias="detail-type")
    detail: Send


class Tick(_Model):
    tick: str


class BareContext:
    """What Powertools takes from Lambda's context."""

    function_name = "bare"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:ap-southeast-1:000000000000:function:bare"
    aws_request_id = "bench"


def bare_handler(model: type[BaseModel], nowhere: Any) -> Callable[[dict[str, Any]], None]:
    """``nowhere`` takes its log lines."""
    logger = Logger(service="bare", level="INFO", stream=nowhere)

    @logger.inject_lambda_context
    @event_parser(model=model)
    def handler(event: Any, context: Any) -> None:
        logger.info("done", extra={"outcome": type(event).__name__})

    context: Any = BareContext()
    return lambda event: handler(event, context)


def figures(
    what: str, service: str, invoke: Callable[[], object], kept: Kept, event: dict[str, Any], model: type[BaseModel]
) -> Iterator[Figure]:
    """``invoke`` handles the event; ``kept`` has what it asked then. ``service`` is the name that its log lines bear."""
    with redirect_stdout(_NOWHERE), _telling(service):
        bare = bare_handler(model, _NOWHERE)
        with replaying(kept):
            works = [_times(invoke), _times(lambda: bare(event)), _times(kept.bare)]
            for work in works:
                work()
            turns = [[cpu_ms(work) / EACH for work in works] for _ in range(TURNS)]
    whole = Beside.of([(ours, parsing + calling) for ours, parsing, calling in turns])
    _, parsing, calling = (statistics.median(column) for column in zip(*turns, strict=True))
    calls = f"{calling:.2g} ms of the floor are the same {kept.count} requests by boto3 and httpx alone"
    yield Figure(f"CPU of a warm {what}, its clients' too", whole.ours, "ms", whole.floor, AIM, calls, whole.noise)
    own = max(whole.ours - calling, 0.0)
    without = "without what its requests take by boto3 and httpx alone; floor: Powertools and pydantic"
    yield Figure(f"own CPU of a warm {what}", own, "ms", parsing, AIM, without, whole.noise)


def _times(work: Callable[[], object]) -> Callable[[], None]:
    def many() -> None:
        for _ in range(EACH):
            work()

    return many


@contextmanager
def _telling(service: str) -> Iterator[None]:
    """It writes its log lines, as on AWS."""
    logger = logging.getLogger(service)
    before = logger.level
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
