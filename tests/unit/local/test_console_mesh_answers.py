"""What the mesh's view is told: what runs, and what is behind an event or a function. The stack is a fake in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from local.console.addresses import StackAddresses
from local.console.mesh import Mesh
from local.console.mesh_asking import Asking
from local.console.runs import Runs
from local.console.stack import Stack
from tests.browser.fake_stack import FakeStack, cafe

RULE = {"RuleName": "ss-wanted", "Pattern": {"detail-type": ["ss.package.wanted"]}}
TEMPLATE = {
    "Parameters": {"Prefix": {"Default": "ss"}},
    "Resources": {
        "Renderer": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "FunctionName": {"Fn::Sub": "${Prefix}-renderer"},
                "Handler": "renderer.handler.handler",
                "Events": {"Wanted": {"Type": "EventBridgeRule", "Properties": RULE}},
            },
        }
    },
}


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asking, "template", lambda _: (TEMPLATE, {"Prefix": "ss"}))


def run(stack: FakeStack, use: Callable[[Mesh, httpx.AsyncClient], Awaitable[Any]]) -> Any:
    """In a thread of its own: where browser tests ran before it in the same process, this one's loop is taken by Playwright."""

    async def inside() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(stack.app())) as servers:
            asked = Stack(StackAddresses("http://stack", "http://stack", "http://stack", ""), servers)
            mesh = Mesh(asked, Runs(asked))
            app = Starlette(routes=mesh.routes())
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as client:
                return await use(mesh, client)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(inside())).result()


def test_what_runs_is_told_and_nothing_changes_by_itself() -> None:
    stack = cafe()
    stack.run("renderer", "event ss.package.wanted", {"message": "emits", "move": "ss.package.ready"})
    stack.busy = ["running ss-renderer x2", "waiting for ss-sender (event ss.send)"]

    async def use(mesh: Mesh, _: httpx.AsyncClient) -> None:
        first = await mesh.shown()
        assert first["running"] == ["ss-renderer"]
        assert first["runs"]["ss-renderer"]["puts"] == {"ss.package.ready": 1}
        assert await mesh.shown() == first
        stack.run("renderer", "event ss.package.wanted", outcome="error")
        assert (await mesh.shown())["runs"]["ss-renderer"]["errors"] == 1

    run(stack, use)


def test_an_event_has_its_cause_its_rules_and_what_they_woke() -> None:
    stack = cafe()
    stack.happen("ss.calendar.changed", post_ids=["p_a"])
    put = {"message": "emits", "move": "ss.package.wanted", "post_id": "p_a"}
    stack.run("scheduler", "event ss.calendar.changed", put)
    stack.happen("ss.package.wanted", post_ids=["p_a"])
    ready = {"message": "emits", "move": "ss.package.ready", "post_id": "p_a"}
    stack.run("renderer", "event ss.package.wanted", ready)
    stack.happen("ss.package.ready", post_ids=["p_a"])

    async def use(_: Mesh, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/mesh/event/2")).json()
        assert (told["cause"]["function"], told["cause"]["event"]) == ("ss-scheduler", 1)
        assert [(one["woken"], one["rule"], len(one["runs"])) for one in told["effects"]] == [
            ("function/renderer", "wanted", 1)
        ]
        assert [(one["seq"], one["detail_type"], one["by"]) for one in told["then"]] == [
            (3, "ss.package.ready", "ss-renderer")
        ]
        assert (await client.get("/api/mesh/event/99")).status_code == 404

    run(stack, use)


def test_a_function_tells_its_last_twenty_runs_newest_first() -> None:
    stack = cafe()
    for _ in range(25):
        stack.run("sender", "event ss.send")
    stack.run("scheduler", "schedule ss-sweep")

    async def use(_: Mesh, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/mesh/function/sender")).json()
        assert [one["seq"] for one in told["runs"]] == list(range(25, 5, -1))
        assert (told["kept"], told["schedules"]) == (25, [])  # an AWS side that tells of no schedules is done without

    run(stack, use)


def test_there_is_no_way_to_ask_for_anything_else() -> None:
    async def use(_: Mesh, client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/mesh/thread/x")).status_code == 404
        assert (await client.get("/api/mesh/template/x")).status_code == 404

    run(cafe(), use)
