"""``make bench``: the figures, as counts and ratios; one table, and ``build/bench.json``.

Nothing here is a timed test: the seconds of ``make run`` are shown beside the cost of starting the very same servers with nothing
deployed, measured in the same run.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from botocore.client import BaseClient

from local import ROOT, bench_pictures, bench_sheet
from local.console.serve import listening
from local.run import SAMPLE_ZONE, choose_calendar, say
from local.stack import PREFIX, REGION, Stack
from local.story_world import World
from mesh.events import Send


def main(argv: list[str]) -> int:
    if argv:
        print("usage: python -m local bench", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, closing(listening(0)) as placeholder:
        stack = Stack(Path(folder), SAMPLE_ZONE, placeholder.getsockname()[1], {"QuietMinutes": "0"})
        try:
            figures = [*_start(stack), *_calls(stack), *_sheet(stack), *_pictures(stack), _measuring()]
        finally:
            stack.stop()
    _print(figures)
    out = ROOT / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(figures, indent=1))
    say(f"written to {out.relative_to(ROOT)}")
    return 0


def _figure(
    name: str, value: float, unit: str, aim: float | None, floor: float | None = None, detail: str = ""
) -> dict[str, Any]:
    ratio = round(value / floor, 1) if floor else None
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": ratio, "aim": aim, "detail": detail}


def _start(stack: Stack) -> list[dict[str, Any]]:
    began = time.monotonic()
    stack.start(lambda line: None)
    floor = time.monotonic() - began
    stack.deploy(lambda line: None)
    stack.load(choose_calendar(None, ZoneInfo(SAMPLE_ZONE)), lambda line: None)
    stack.fire(f"{PREFIX}-drive-sync")
    usable = time.monotonic() - began
    stack.idle()
    return [
        _figure(
            "make run: to a usable page", round(usable, 1), "s", 20, round(floor, 1), "floor: the three servers alone"
        )
    ]


def _calls(stack: Stack) -> list[dict[str, Any]]:
    """The deployed functions' own code, environment and tables, invoked warm in this process, where each call can be named."""
    world = World(stack)
    for _ in range(3):
        world.sync()
    figures = [_unchanged_sync(stack)]
    cards = world.new_cards()
    single = [
        link
        for card in cards
        for link in card.links
        if link.token.action.value == "review" and len(link.token.posts) == 1
    ]
    with recording() as calls:
        approve = function(stack, "approve-handler", "approve_handler")
        approve(_page(single[0].url, "GET", stack))
        calls.clear()
        approve(_page(single[1].url, "GET", stack))
        figures.append(
            _figure("sequential remote calls of a page view", len(calls), "calls", 2, detail=", ".join(calls))
        )
        calls.clear()
        approve(_page(single[1].url, "POST", stack))
        figures.append(_figure("sequential remote calls of a click", len(calls), "calls", 3, detail=", ".join(calls)))
    world.approve(cards)
    world.settle()
    world.sync()
    texts = [
        head
        for head in world.heads()
        if head["state"] == "ready" and not world.row(head["post_channel"].split("#")[0])["image"]
    ]
    bluesky = [head for head in texts if head["post_channel"].endswith("#bluesky-main")]
    with recording() as calls:
        send = function(stack, "sender", "sender")
        send(_due(bluesky[0]))
        calls.clear()
        send(_due(bluesky[1]))
        figures.append(
            _figure("sequential remote calls of a text's send", len(calls), "calls", 8, detail=", ".join(calls))
        )
    return figures


def _sheet(stack: Stack) -> list[dict[str, Any]]:
    """A large calendar through drive-sync."""
    return [_figure(**figure) for figure in bench_sheet.figures(stack.aws)]


def _pictures(stack: Stack) -> list[dict[str, Any]]:
    """What the renderer makes of photos, in its own terms: ratios to the bare work, and memory."""
    bucket = f"{PREFIX}-render-cache-000000000000"
    return [_figure(**figure) for figure in bench_pictures.figures(stack.client("s3"), bucket)]


def _measuring() -> dict[str, Any]:
    """Texts measured for all seven networks, beside encoding the same texts as UTF-8."""
    import networks

    rows = choose_calendar(None, ZoneInfo(SAMPLE_ZONE)).rows
    texts = [str(row["text"]) for row in rows for _ in range(10)]
    composers = [networks.composer(name) for name in networks.NAMES]

    def measured() -> None:
        for text in texts:
            for composer in composers:
                composer.measure(text)

    def encoded() -> None:
        for text in texts:
            for _ in composers:
                text.encode()

    measured()
    pairs = [(timed(measured), timed(encoded)) for _ in range(5)]
    ours, floor = (statistics.median(column) for column in zip(*pairs, strict=True))
    per_second = round(len(texts) * len(composers) / ours)
    detail = f"{len(texts)} texts x {len(composers)} networks; encoding them alone takes {floor / ours:.4f} of the time"
    return _figure("texts measured in a second", per_second, "texts", None, detail=detail)


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


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
    return lambda event: handler(event, _Context())


class _Context:
    aws_request_id = "bench"
    function_name = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@contextmanager
def recording() -> Iterator[list[str]]:
    """Every AWS call and every HTTP request made meanwhile, by name, in order."""
    calls: list[str] = []
    aws, http = BaseClient._make_api_call, httpx.Client.send

    def named_aws(client: Any, operation: str, request: Any) -> Any:
        calls.append(f"{client.meta.service_model.service_name}:{operation}")
        return aws(client, operation, request)

    def named_http(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        calls.append(f"{request.method} {request.url.path.split('/values/')[0].rsplit('/', 1)[-1]}")
        return http(client, request, **options)

    BaseClient._make_api_call = named_aws
    httpx.Client.send = named_http  # type: ignore[method-assign,assignment]
    try:
        yield calls
    finally:
        BaseClient._make_api_call = aws
        httpx.Client.send = http  # type: ignore[method-assign]


def _page(url: str, method: str, stack: Stack) -> dict[str, Any]:
    headers = {
        "origin": stack.console,
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
    }
    return {
        "version": "2.0",
        "rawPath": "/" + url.rsplit("/", 1)[-1],
        "headers": headers,
        "requestContext": {"http": {"method": method}, "domainName": "example.on.aws"},
        "body": "go=1",
        "isBase64Encoded": False,
    }


def _due(head: dict[str, Any]) -> dict[str, Any]:
    post_id, channel = head["post_channel"].split("#")
    detail = Send(post_id=post_id, channel=channel, revision=head["revision"], attempt=head["attempts"] + 1)
    return {"detail-type": detail.detail_type, "source": PREFIX, "detail": detail.model_dump(mode="json")}


def _google_calls(stack: Stack) -> list[dict[str, Any]]:
    answer = stack.get(f"{stack.sheets}/owner/calls?after=0")
    calls: list[dict[str, Any]] = answer["calls"] if isinstance(answer, dict) else answer
    return [call for call in calls if call["path"] != "/token"]


def _unchanged_sync(stack: Stack) -> dict[str, Any]:
    before = len(_google_calls(stack))
    stack.fire(f"{PREFIX}-drive-sync")
    stack.idle()
    made = _google_calls(stack)[before:]
    return _figure(
        "calls to Google of an unchanged sync",
        len(made),
        "calls",
        1,
        detail=", ".join(f"{c['method']} {c['path']}" for c in made),
    )


def _print(figures: list[dict[str, Any]]) -> None:
    for figure in figures:
        floor = f" (floor {figure['floor']}, {figure['ratio']}x)" if figure["floor"] else ""
        aim = f"aim {figure['aim']}" if figure["aim"] is not None else ""
        say(f"  {figure['name']:<42}{figure['value']:>6} {figure['unit']:<6}{aim:<8}{floor} {figure['detail']}")
