"""Faults of the switchboard on the deployed template: whatever was switched on, an approved post stands once on each channel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from local.console import create_app
from local.console.serve import listening
from local.run import SAMPLE_ZONE, choose_calendar
from local.stack import Stack
from local.story_world import World
from networks import NAMES
from tests.browser.serving import served

pytestmark = pytest.mark.slow
EVERY_NETWORK, TWO_CHANNELS, ONE_CHANNEL = (0, "09:30"), (0, "12:15"), (0, "16:00")


class Patient(Stack):
    """On a computer that has much else to do."""

    def idle(self, timeout_seconds: float = 240) -> None:
        super().idle(timeout_seconds)


class Board:
    """The console of a stack, as its page asks it."""

    def __init__(self, world: World, page: httpx.Client) -> None:
        self.world = world
        self._page = page

    def turn_on(self, switch: str, count: int = 1, choice: str = "") -> None:
        change = {"on": True, "switch": switch, "count": count, "choice": choice}
        self._page.post("/api/faults", json=change).raise_for_status()

    def all_off(self) -> None:
        self._page.post("/api/faults", json={"on": False}).raise_for_status()

    def switch(self, name: str) -> dict[str, Any]:
        return dict(self._page.get("/api/faults").json()["switches"][name])

    @property
    def since(self) -> dict[str, Any]:
        found = dict(self._page.get("/api/faults").json()["since"])
        return {name: found[name] for name in ("planned", "out", "doubled", "missing", "waiting", "asked", "refused")}

    @property
    def asked(self) -> list[str]:
        stories = self._page.get("/api/faults").json()["since"]["stories"]
        return [story["channel"] for story in stories if story["state"] == "asked"]

    def go_past(self, post_id: str) -> None:
        """To its minute, and on until whatever was in doubt has been looked after."""
        self.world.to(self.world.planned(post_id) + timedelta(minutes=1))
        for _ in range(5):
            self.world.forward(timedelta(minutes=5))


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """The sample business's first day, with everything approved."""
    sample = choose_calendar(None, ZoneInfo(SAMPLE_ZONE))
    folder = tmp_path_factory.mktemp("switched")
    with closing(listening(0)) as placeholder:
        stack = Patient(Path(folder), SAMPLE_ZONE, placeholder.getsockname()[1], {"Receipts": "each"})
        try:
            stack.start(lambda line: None)
            stack.deploy(lambda line: None)
            stack.load(replace(sample, rows=sample.rows[:3]), lambda line: None)
            world = World(stack)
            world.sync()
            world.forward(timedelta(minutes=11))
            world.approve(world.new_cards())
            world.settle()
            world.sync()
            with served(create_app(stack.addresses)) as origin, httpx.Client(base_url=origin, timeout=60) as page:
                yield Board(world, page)
        finally:
            stack.stop()


def all_out(posts: int) -> dict[str, int]:
    return {"planned": posts, "out": posts, "doubled": 0, "missing": 0, "waiting": 0, "asked": 0, "refused": 0}


def test_answers_that_are_lost_and_senders_that_are_killed_leave_each_post_standing_once(board: Board) -> None:
    world = board.world
    # Every network takes the first post and never says so.
    first = world.row_at(*EVERY_NETWORK)
    for network in NAMES:
        board.turn_on(f"{network}-lost-answer")
    board.go_past(first)
    assert world.is_out_once(first)
    assert [board.switch(f"{network}-lost-answer")["taken"] for network in NAMES] == [1] * len(NAMES)
    assert board.since == all_out(len(NAMES))
    # Of a member LinkedIn shows nothing to programs: its owner is asked, and the post is not sent again.
    assert board.asked == ["linkedin-main"]
    # The next sender dies with its post out, and so does the one that looks after it.
    second = world.row_at(*TWO_CHANNELS)
    board.turn_on("mesh-kill-sender", count=3)
    board.go_past(second)
    assert board.switch("mesh-kill-sender")["taken"] == 3
    assert world.is_out_once(second)
    assert board.since == all_out(2)
    # An event is lost, the one after it comes twice, and the tables shrug a few calls off.
    third = world.row_at(*ONE_CHANNEL)
    for switch, choice in (("mesh-lose-event", "*"), ("mesh-double-event", "*"), ("aws-written-unsaid", "")):
        board.turn_on(switch, count=3, choice=choice)
    board.go_past(third)
    assert world.is_out_once(third)
    assert board.switch("aws-written-unsaid")["taken"] == 3
    board.all_off()
    assert board.since["doubled"] == board.since["missing"] == 0
