"""``make bench``: the figures, as counts and ratios; one table, and ``build/bench.json``.

Nothing here is a timed test: the seconds of ``make run`` are shown beside the cost of starting the very same servers with nothing
deployed, measured in the same run.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
from botocore.client import BaseClient

from local import ROOT, bench_drafting, bench_networks, bench_pictures, bench_sheet, bench_tick
from local.console.serve import listening
from local.run import SAMPLE_ZONE, choose_calendar, say
from local.stack import PREFIX, REGION, Stack
from local.story_world import World
from mesh.approvals import LIFETIME, Action, Forged, Purpose, Signer, Token
from mesh.events import Send
from mesh.slack import signature
from mesh.vault import Vault


def main(argv: list[str]) -> int:
    if argv:
        print("usage: python -m local bench", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, closing(listening(0)) as placeholder:
        stack = Stack(Path(folder), SAMPLE_ZONE, placeholder.getsockname()[1], {"QuietMinutes": "0"})
        try:
            figures = [
                *_start(stack),
                *_calls(stack),
                *_drafts(stack),
                *_sheet(stack),
                *_ticks(stack),
                *_pictures(stack),
                *_networks(),
                _measuring(),
            ]
            figures += _verifying(datetime.now(UTC))
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
        click = _slack_click(stack, single[2].token.posts[0][0])
        for what, event, aim in (
            ("a page view", _page(single[1].url, "GET", stack), 2),
            ("a click", _page(single[1].url, "POST", stack), 3),
            ("an answer to Slack", click, 3),
        ):
            if what == "an answer to Slack":
                approve(_slack_click(stack, ""))  # warm: nobody's button
            calls.clear()
            answer = approve(event)
            if answer["statusCode"] != 200:
                raise RuntimeError(f"{what} was answered with {answer['statusCode']}")
            figures.append(_rounds(what, calls, aim))
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
        figures.append(_rounds("a text's send", calls, 8))
    return figures


def _drafts(stack: Stack) -> list[dict[str, Any]]:
    """A note becomes a draft, the stand-in in the model's place."""
    os.environ["BEDROCK_URL"] = stack.bedrock
    draft = function(stack, "draft-helper", "draft_helper")
    notes = bench_drafting.Notes(stack, draft)
    draft(notes.event())  # warm
    figures = [_figure(**notes.own_time())]
    event = notes.event()
    with recording() as calls:
        draft(event)
        figures.append(_rounds("a text draft", calls, 12))
    return figures


def _sheet(stack: Stack) -> list[dict[str, Any]]:
    """A large calendar through drive-sync."""
    return [_figure(**figure) for figure in bench_sheet.figures(stack.aws)]


def _ticks(stack: Stack) -> list[dict[str, Any]]:
    """A large calendar through the scheduler."""
    return [_figure(**figure) for figure in bench_tick.figures(stack.aws)]


def _pictures(stack: Stack) -> list[dict[str, Any]]:
    """What the renderer makes of photos, in its own terms: ratios to the bare work, and memory."""
    bucket = f"{PREFIX}-render-cache-000000000000"
    return [_figure(**figure) for figure in bench_pictures.figures(stack.client("s3"), bucket)]


def _networks() -> list[dict[str, Any]]:
    """What a send asks of each network, and the most memory that one takes."""
    return [_figure(**{"aim": None, **figure}) for figure in bench_networks.figures()]


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


_REMOTE_SECONDS = 0.03  # each call is held for so long, or one would be over before another beside it has begun


@dataclass(frozen=True)
class Call:
    """One AWS call or HTTP request; ``began`` and ``ended`` in seconds of one clock."""

    name: str
    began: float
    ended: float


def _rounds(what: str, calls: list[Call], aim: int) -> dict[str, Any]:
    """The longest chain of calls of which each began after the one before had ended; what ran side by side is joined by "+"."""
    waves: list[list[Call]] = []
    for call in sorted(calls, key=lambda one: one.began):
        if not waves or call.began >= min(one.ended for one in waves[-1]):
            waves.append([])
        waves[-1].append(call)
    detail = ", ".join(" + ".join(call.name for call in wave) for wave in waves)
    return _figure(f"sequential remote calls of {what}", len(waves), "calls", aim, detail=detail)


@contextmanager
def recording() -> Iterator[list[Call]]:
    """Every AWS call and every HTTP request made meanwhile."""
    calls: list[Call] = []
    aws, http = BaseClient._make_api_call, httpx.Client.send

    def timed_call(name: str, call: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        time.sleep(_REMOTE_SECONDS)
        try:
            return call()
        finally:
            calls.append(Call(name, began, time.perf_counter()))

    def named_aws(client: Any, operation: str, request: Any) -> Any:
        name = f"{client.meta.service_model.service_name}:{operation}"
        return timed_call(name, lambda: aws(client, operation, request))

    def named_http(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        name = f"{request.method} {request.url.path.split('/values/')[0].rsplit('/', 1)[-1]}"
        return timed_call(name, lambda: http(client, request, **options))  # type: ignore[no-any-return]

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


def _slack_click(stack: Stack, post_id: str) -> dict[str, Any]:
    """A member's press of the post's Approve button, as Slack signs and sends it; with no post, of a button nobody made."""
    secret = Vault(stack.client("secretsmanager")).document(f"{PREFIX}/slack")
    buttons = [
        element
        for message in stack.get(f"{stack.slack}/_local/feed")["messages"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    keys = Vault(stack.client("secretsmanager")).signing_keys(f"{PREFIX}/approval/signing-secret")
    signer, now = Signer(keys, PREFIX, Purpose.SLACK), stack.now()
    approving = [one["value"] for one in buttons if one["action_id"] == "approve"]
    value = next((one for one in approving if signer.read(one, now).posts[0][0] == post_id), "none")
    click = {"type": "block_actions", "user": {"id": next(iter(secret["users"]))}, "actions": [{"value": value}]}
    body = urlencode({"payload": json.dumps(click)})
    stamp = str(int(now.timestamp()))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(secret["signing_secret"], stamp, body.encode()),
    }
    return {
        "version": "2.0",
        "rawPath": "/slack",
        "headers": headers,
        "requestContext": {"http": {"method": "POST"}, "domainName": "example.on.aws"},
        "body": body,
        "isBase64Encoded": False,
    }


def _verifying(now: datetime) -> list[dict[str, Any]]:
    """How fast a link's signature is judged, good and forged, beside one bare HMAC over the same bytes."""
    signer = Signer(["a-key-for-the-bench-of-40-characters-0123"], PREFIX)
    token = Token(
        action=Action.REVIEW,
        posts=(("p_0123456789", "0" * 64),),
        recipient="owner@example.test",
        round_id="r_0123456789abcdef",
        nonce="0123456789abcdef",
        expires_at=int((now + LIFETIME).timestamp()),
    )
    good = signer.sign(token)
    forged = good[:-6] + ("AAAAAA" if good[-6:] != "AAAAAA" else "BBBBBB")
    count = 3_000

    def bare() -> None:
        for _ in range(count):
            hmac.new(b"key", good.encode(), hashlib.sha256).digest()

    def judged(text: str) -> Callable[[], None]:
        def read() -> None:
            for _ in range(count):
                with suppress(Forged):
                    signer.read(text, now)

        return read

    floor = timed(bare)
    return [
        _figure(
            f"{what} links judged in a second",
            round(count / timed(judged(text))),
            "links",
            None,
            round(count / floor),
            "floor: one bare HMAC each",
        )
        for what, text in (("good", good), ("forged", forged))
    ]


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
