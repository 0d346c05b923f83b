"""What the console makes of whole tables is what ``make status`` reads of them by index and key (moto)."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from moto_mesh import MotoMesh

from local.console import StackAddresses
from local.console.reading import AsRead, as_read
from local.console.stack import Stack
from local.operator.books import Books
from local.operator.posts import open_posts
from local.operator.stand import Stand
from mesh.ledger import Act, Approval, Booked, ChannelProblem, Head, HeadState, Hold, PackageRef, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.ledger.values import pack

NOW = datetime(2027, 3, 25, 17, 0, tzinfo=UTC)
BEHIND = (NOW - timedelta(hours=1)).isoformat()
AHEAD = (NOW + timedelta(hours=1)).isoformat()
PACKAGE = {"source_revision": "s", "package": PackageRef(source_revision="s", revision="r")}
APPROVED = {**PACKAGE, "approval": Approval(revision="r", by="ada", how="mail", at=BEHIND)}
PROBLEM = (ChannelProblem(code="never", message="no minute is left to it"),)
ACT = Act("as it is", "scheduler", NOW)


def written(mesh: MotoMesh) -> None:
    def post(post_id: str, due_at: str | None = AHEAD, **more: Any) -> None:
        made = Status(post_id=post_id, due_at=due_at, channels=("bluesky-main", "x-main"), **more)
        mesh.ledger.change_status(post_id, ACT, lambda _: made)

    def head(post_id: str, state: HeadState, channel: str = "x-main", at: str = BEHIND) -> None:
        booked = Booked(name="b", at=at, attempt=1)
        made = Head(post_channel=f"{post_id}#{channel}", state=state, revision="r", booking=booked)
        mesh.ledger.change_head(None, made, ACT)

    post("p_waits", **PACKAGE)
    post("p_held", **APPROVED, held=Hold(by="ada", how="mail", at=BEHIND))
    post("p_mend", row_problems=PROBLEM)
    post("p_late", BEHIND, **APPROVED)
    head("p_late", HeadState.READY)
    head("p_late", HeadState.READY, "once-main")
    post("p_unknown", BEHIND, **APPROVED)
    head("p_unknown", HeadState.UNKNOWN)
    post("p_comes", **APPROVED)
    head("p_comes", HeadState.READY, at=AHEAD)
    post("p_far", (NOW + timedelta(days=30)).isoformat(), open=None)
    post("p_done", BEHIND, open=None, **APPROVED)
    head("p_done", HeadState.SENT)
    post("p_draft", open="draft")
    post("p_never", None)
    mesh.ledger.set_standing("everything", HOLD_EVERYTHING, {"by": "ada", "how": "mail", "at": BEHIND}, ACT)
    mesh.ledger.set_standing("channel#x-main", pause_key("x-main"), {"detail": "signed out"}, ACT)
    mesh.ledger.set_standing("channel#y-main", pause_key("y-main"), {"detail": "signed out"}, ACT)
    mesh.ledger.set_standing("channel#y-main", pause_key("y-main"), None, ACT)


def read_of(client: Any) -> AsRead:
    """By the console's own questions, answered by ``client``."""

    async def answer(request: httpx.Request) -> httpx.Response:
        told = client.scan(**json.loads(request.content))
        return httpx.Response(200, json={"Items": told["Items"]})

    async def ask() -> AsRead:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            stack = Stack(StackAddresses("http://aws", "", "", ""), http)
            return as_read(await stack.scan("status"), await stack.heads(), await stack.holds(), NOW)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(ask())).result()


def test_a_reading_of_whole_tables_stands_as_make_status_has_it(mesh: MotoMesh) -> None:
    written(mesh)
    broken = {"post_id": "p_broken", "open": "1", "due_at": AHEAD, "channels": 7}
    mesh.dynamodb.put_item(TableName="ss-status", Item=pack(broken))
    asked = open_posts(mesh.ledger, mesh.runtime, Books(mesh.dynamodb, "ss"), Stand("", NOW))
    read = read_of(mesh.dynamodb)
    of_others = {"synced_at": None, "swept_at": None, "ticked_at": None}
    assert read.open.stand == dataclasses.replace(asked.stand, **of_others)
    assert {one.post_id for one in read.open.statuses} == {one.post_id for one in asked.statuses}
    assert read.open.heads == asked.heads
    assert [one.post_id for one in read.further] == ["p_far"]
    assert {one.post_id for one in read.posts} == {one.post_id for one in asked.statuses} | {
        "p_far",
        "p_done",
        "p_never",
    }
    assert (len(read.open.stand.late), len(read.open.stand.mend), list(read.open.stand.paused)) == (0, 1, ["x-main"])
