"""The tables are read once for each change, and every part of the page is made of that reading."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from local.console import create_app
from local.console.asked_once import AskedOnce
from local.console.reading import Reading
from local.console.runs import Runs
from local.console.stack import ServerError, Stack
from tests.browser.fake_stack import FakeStack
from tests.unit.local.test_console_app import ADDRESSES, ORIGIN
from tests.unit.local.test_console_bookings import post, stack_of

HALF_A_MINUTE = timedelta(seconds=30)


class Counted(httpx.ASGITransport):
    """Counts what is asked of the tables, and of each path of the AWS side."""

    def __init__(self, stack: FakeStack, scan_seconds: float = 0.0, passes: Callable[[float], None] = lambda _: None):
        super().__init__(stack.app())
        self.asked: Counter[str] = Counter()
        self._scan_seconds, self._passes = scan_seconds, passes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        self.asked[operation or request.url.path] += 1
        if operation == "Scan":
            self._passes(self._scan_seconds)
        return await super().handle_async_request(request)


def within(use: Callable[[], Awaitable[Any]]) -> Any:
    """In a thread of its own: where browser tests ran before it in the same process, this one's loop is taken by Playwright."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(use())).result()  # type: ignore[arg-type]


class Hands:
    """A reading over a stack, with a time that passes only by ``pass_seconds``."""

    def __init__(self, stack: FakeStack, scan_seconds: float = 0.0) -> None:
        self.seconds = 0.0
        self.transport = Counted(stack, scan_seconds, self.pass_seconds)
        servers = Stack(ADDRESSES, httpx.AsyncClient(transport=self.transport))
        self.reading = Reading(servers, Runs(servers), clock=lambda: self.seconds)

    def pass_seconds(self, seconds: float) -> None:
        self.seconds += seconds

    @property
    def readings(self) -> int:
        return self.transport.asked["Scan"] // 3

    async def read(self) -> Any:
        return await self.reading.latest(patience_seconds=None)


def test_the_tables_are_read_again_when_something_ran_or_half_a_minute_passed_and_at_no_other_time() -> None:
    stack = stack_of(post("p1", approved=False))

    async def use() -> None:
        hands = Hands(stack)
        first = await hands.read()
        assert [one.post_id for one in first.open.statuses] == ["p1"]
        stack.statuses = []
        stack.happen("ss.sent")
        assert await hands.read() is first
        stack.run()
        assert (await hands.read()).posts == []
        await hands.read()
        assert hands.readings == 2
        stack.now += HALF_A_MINUTE
        await hands.read()
        await hands.read()
        assert hands.readings == 3

    within(use)


def test_where_much_happens_a_reading_that_took_long_is_followed_by_a_rest() -> None:
    stack = stack_of()

    async def use() -> list[int]:
        hands, counts = Hands(stack, scan_seconds=0.5), []
        for pause in (0.0, 2.0, 2.0, 2.0, 2.0):
            hands.pass_seconds(pause)
            stack.run()
            await hands.read()
            counts.append(hands.readings)
        return counts

    assert within(use) == [1, 1, 1, 2, 2]


def test_everybody_who_asks_at_once_has_the_same_reading_for_the_price_of_one() -> None:
    stack = stack_of(post("p1"))

    async def use() -> None:
        hands = Hands(stack)
        found = await asyncio.gather(*(hands.read() for _ in range(5)))
        assert all(one is found[0] for one in found)
        assert hands.transport.asked == {"/_local/invocations": 1, "/_local/clock": 1, "Scan": 3}

    within(use)


def test_a_look_of_the_page_costs_one_reading_and_the_next_one_none() -> None:
    stack = stack_of(post("p1", approved=False))
    transport = Counted(stack)

    async def use() -> None:
        app = create_app(ADDRESSES, transport=transport, quiet_seconds=0.0)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client,
        ):
            first = (await client.get("/api/state")).json()
            assert (len(first["glance"]), len(first["plan"]["posts"]), len(first["coming"]["planned"])) == (1, 1, 1)
            assert transport.asked["Scan"] == 3
            transport.asked.clear()
            await client.get("/api/state", params={"after": first["after"]})
            assert (transport.asked["Scan"], transport.asked["/_local/events"]) == (0, 1)

    within(use)


def test_tables_that_cannot_be_read_are_a_trouble_in_words_and_are_read_again() -> None:
    stack = stack_of()

    async def use() -> None:
        hands = Hands(stack)
        stack.broken.add("tables")
        with pytest.raises(ServerError, match="the AWS side answered 400"):
            await hands.read()
        stack.broken.clear()
        assert (await hands.read()).posts == []

    within(use)


def test_a_reading_that_fails_as_nobody_foresaw_is_told_and_not_swallowed() -> None:
    stack = stack_of()
    stack.tables["status"] = [{"text": "a text"}]

    async def use() -> None:
        with pytest.raises(ServerError, match=r"The posts cannot be read: KeyError at items\.py:") as told:
            await Hands(stack).read()
        assert "a text" not in told.value.sentence

    within(use)


def test_who_goes_away_does_not_take_the_answer_from_the_others() -> None:
    async def use() -> None:
        asked, may_answer = 0, asyncio.Event()

        async def question() -> int:
            nonlocal asked
            asked += 1
            await may_answer.wait()
            return asked

        once = AskedOnce(question)
        gone, waits = asyncio.create_task(once.answer()), asyncio.create_task(once.answer())
        await asyncio.sleep(0)
        gone.cancel()
        may_answer.set()
        assert await waits == 1
        assert await once.answer() == 2
        await once.close()

    within(use)
