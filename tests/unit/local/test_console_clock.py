"""The clock is turned to any moment ahead, and goes faster as long as somebody looks on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from local.console.speed import Speed
from local.console.stack import Stack
from tests.browser.fake_stack import FakeStack
from tests.unit.local.test_console_app import ADDRESSES, run

NOW = datetime(2027, 3, 26, 7, 0, tzinfo=UTC)  # a Friday, 08:00 in Berlin; the clocks go forward on Sunday
MINUTE = timedelta(minutes=1)


def turned(body: dict[str, Any]) -> httpx.Response:
    answer: httpx.Response = run(FakeStack(now=NOW), lambda client: client.post("/api/clock", json=body))
    return answer


@pytest.mark.parametrize(
    ("body", "moment"),
    [
        ({"weekday": 4, "time": "09:00"}, "2027-03-26T08:00:00+00:00"),
        ({"weekday": 4, "time": "07:59"}, "2027-04-02T05:59:00+00:00"),
        ({"weekday": 0, "time": "09:00"}, "2027-03-29T07:00:00+00:00"),
        ({"date": "2027-03-28", "time": "02:30"}, "2027-03-28T01:30:00+00:00"),
        ({"date": "2027-10-31", "time": "02:30"}, "2027-10-31T00:30:00+00:00"),
    ],
    ids=["today, ahead", "in a week, as it has passed", "over the clock change", "in the gap", "of the fold the first"],
)
def test_the_clock_goes_to_a_day_and_time_of_the_owner(body: dict[str, Any], moment: str) -> None:
    assert turned(body).json()["now"] == moment


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"date": "2027-03-26", "time": "08:00"}, "Friday 26 March, 08:00 lies behind. The clock only goes forward."),
        ({"date": "2026-12-24", "time": "18:00"}, "Thursday 24 December 2026, 18:00 lies behind. The clock only goes forward."),
        ({"date": "2270-03-26", "time": "08:00"}, "That is more than a year ahead. Go there in shorter ways."),
        ({"date": "2027-02-30", "time": "08:00"}, "Write a day and a time, like 28 March 2027 and 09:00."),
        ({"date": "2027-03-30", "time": ""}, "Write a day and a time, like 28 March 2027 and 09:00."),
        ({"weekday": 7, "time": "09:00"}, "Write a day and a time, like 28 March 2027 and 09:00."),
        ({"weekday": None, "time": "09:00"}, "Write a day and a time, like 28 March 2027 and 09:00."),
    ],
)  # fmt: skip
def test_what_lies_behind_or_is_no_moment_is_refused_in_a_sentence(body: dict[str, Any], sentence: str) -> None:
    answer = turned(body)
    assert (answer.status_code, answer.json()["error"]) in [(400, sentence), (409, sentence)]


class Time:
    """Time that passes only where it is waited for. ``meanwhile`` is done in each wait; then all waits end for good where it says so."""

    def __init__(self, meanwhile: Callable[[int], Awaitable[bool]]) -> None:
        self.seconds, self.waits = 100.0, 0
        self._meanwhile = meanwhile

    def now(self) -> float:
        return self.seconds

    async def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.waits += 1
        if not await self._meanwhile(self.waits):
            await asyncio.Event().wait()


async def posted(speed: Speed, factor: Any) -> None:
    sent = [{"type": "http.request", "body": b'{"factor": %d}' % factor, "more_body": False}]
    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}

    async def receive() -> Any:
        return sent.pop()

    await speed.choose(Request(scope, receive))


def fast(
    stack: FakeStack,
    factor: int,
    meanwhile: Callable[[int, Speed], Awaitable[bool]],
    times: list[Time] | None = None,
) -> None:
    """Runs it until ``meanwhile`` says no, or until it has ended. ``times`` is given the time it runs by."""

    async def inside() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(stack.app())) as client:
            done = asyncio.Event()

            async def go_on(waits: int) -> bool:
                more = await meanwhile(waits, speed)
                if not more:
                    done.set()
                return more

            time = Time(go_on)
            if times is not None:
                times.append(time)
            speed = Speed(Stack(ADDRESSES, client), clock=time.now, wait=time.wait)
            await posted(speed, factor)
            assert speed._task is not None
            await asyncio.wait([speed._task, asyncio.ensure_future(done.wait())], return_when=asyncio.FIRST_COMPLETED)
            done.set()
            stack.calls.append(("", "shown", await speed.shown()))
            await speed.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(inside())).result()


def turns(stack: FakeStack) -> list[float]:
    return [body["advance_seconds"] for _, path, body in stack.calls if path == "/_local/clock"]


def shown(stack: FakeStack) -> dict[str, Any]:
    return dict(stack.calls[-1][2])


async def for_four(waits: int, speed: Speed) -> bool:
    await speed.shown()
    return waits < 4


@pytest.mark.parametrize(("factor", "seconds"), [(60, 29.5), (600, 299.5), (3600, 1799.5)])
def test_a_second_takes_as_many_as_the_factor_says_as_the_clock_runs_by_itself_too(factor: int, seconds: float) -> None:
    stack = FakeStack(now=NOW)
    fast(stack, factor, for_four)
    assert turns(stack) == [seconds] * 4
    assert shown(stack) == {"factor": factor, "ended": ""}


def test_it_stops_in_the_minute_of_every_booking_and_waits_for_what_that_sets_off() -> None:
    stack = FakeStack(now=NOW)
    stack.book("p1", "x-main", NOW + 2 * MINUTE)
    stack.book("p2", "x-main", NOW + 7 * MINUTE)
    stack.schedules.append({**stack.schedules[0], "name": "daily", "at": (NOW + MINUTE).isoformat(), "once": False})
    fast(stack, 600, for_four)
    assert turns(stack) == [120.0, 299.5, 0.5, 299.5]
    asked = [path for _, path, _ in stack.calls if path in {"/_local/idle", "/_local/clock"}]
    assert asked == ["/_local/idle", "/_local/clock"] * 4


def test_where_much_runs_the_steps_are_longer_but_never_more_than_half_an_hour() -> None:
    stack = FakeStack(now=NOW)
    times: list[Time] = []

    async def busy(waits: int, speed: Speed) -> bool:
        times[0].seconds += {1: 1.5, 2: 60.0}.get(waits, 0.0)
        return await for_four(waits, speed)

    fast(stack, 600, busy, times)
    assert turns(stack) == [299.5, 1198.0, 1800.0, 299.5]


def test_it_ends_when_nobody_looks_on_for_ten_seconds() -> None:
    async def nobody(waits: int, _: Speed) -> bool:
        return waits < 100

    stack = FakeStack(now=NOW)
    fast(stack, 60, nobody)
    assert len(turns(stack)) == 21
    assert shown(stack) == {"factor": 1, "ended": "Nobody looked on, so the clock goes at its own pace again."}


def test_it_ends_when_the_server_is_gone() -> None:
    async def gone(waits: int, speed: Speed) -> bool:
        await speed.shown()
        stack.broken.add("clock")
        return waits < 100

    stack = FakeStack(now=NOW)
    fast(stack, 60, gone)
    assert len(turns(stack)) == 1
    assert shown(stack)["ended"] == "The clock goes at its own pace again: the AWS side answered 503."


def test_who_turns_the_clock_by_hand_ends_it_and_no_step_comes_between() -> None:
    async def by_hand(waits: int, speed: Speed) -> bool:
        async with speed.by_hand():
            pass
        return waits < 100

    stack = FakeStack(now=NOW)
    fast(stack, 60, by_hand)
    assert len(turns(stack)) == 1
    assert shown(stack) == {"factor": 1, "ended": ""}


def test_another_factor_is_taken_up_by_what_runs_and_one_ends_it() -> None:
    async def changed(waits: int, speed: Speed) -> bool:
        await posted(speed, {1: 600, 2: 1}[waits])
        return True

    stack = FakeStack(now=NOW)
    fast(stack, 60, changed)
    assert turns(stack) == [29.5, 299.5]


def test_every_page_sees_how_fast_it_is_and_a_turn_by_hand_says_one() -> None:
    async def use(client: httpx.AsyncClient) -> None:
        assert (await client.post("/api/speed", json={"factor": 600})).json() == {"factor": 600, "ended": ""}
        state = (await client.get("/api/state")).json()
        assert state["speed"] == {"factor": 600, "ended": ""}
        await client.post("/api/clock", json={"advance_seconds": 900})
        state = (await client.get("/api/state", params={"after": state["after"]})).json()
        assert state["speed"] == {"factor": 1, "ended": ""}

    run(FakeStack(now=NOW), use)


@pytest.mark.parametrize("factor", [0, 2, -60, "60", True, None, [60]])
def test_no_other_factor_is_taken(factor: Any) -> None:
    answer = run(FakeStack(now=NOW), lambda client: client.post("/api/speed", json={"factor": factor}))
    assert (answer.status_code, answer.json()["error"]) == (400, "The clock goes 1, 60, 600 or 3600 times as fast.")
