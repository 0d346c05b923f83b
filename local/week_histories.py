"""Sends on one deployed stack, each with a function killed at some moment of it and with deliveries of its event that come twice or late.

Each history is one approved post, due on both channels. Histories are six minutes apart, so that the end of one (leases, settle times,
sweeps) runs into the beginning of the next. At the end every post is on each channel once, or its owner was asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from threading import Thread
from typing import Any

from local.stack import PREFIX
from local.story_mail import Link
from local.story_world import World
from local.week_owner import channel_of
from local.week_plan import number_in, numbered, wall
from local.week_stack import WeekStack
from local.week_trouble import Troubles
from mesh.approvals import Action

HISTORIES = 50
CHANNELS = {"bluesky": "bluesky-main", "mastodon": "mastodon-main"}
FIRST = timedelta(minutes=40)
APART = timedelta(minutes=6)
_AFTERWARDS = 6  # steps of five minutes
_LONGEST_RUN = timedelta(minutes=2)  # what runs while the clock is moved would have ended by then on AWS
_PATIENCE_SECONDS = 120.0


class Moment(StrEnum):
    """When the kill comes."""

    BEFORE = "before it asks the network"
    NOT_YET = "while the network holds the request, before its effect"
    DONE = "while the network holds the answer, after the effect"
    RECORD = "while it writes down what became of it"
    AFTER = "some time later"


@dataclass(frozen=True)
class Plot:
    """What is to happen to one post. ``late_minutes``: how long the network keeps a held request to itself."""

    number: int
    function: str
    moment: Moment
    network: str
    real_seconds: float
    duplicates: int
    late_duplicates: int
    late_minutes: int
    waits: bool  # for what the kill set off, before the clock moves beyond the lease

    def __str__(self) -> str:
        held = f", held for {self.late_minutes} min at {self.network}" if self.moment in _HELD else ""
        return (
            f"{self.function} killed {self.moment}{held}, {self.duplicates} + {self.late_duplicates} further deliveries"
        )


@dataclass
class History:
    """How it ended; ``wrong`` is "" where it ended well."""

    plot: Plot
    killed: int = 0
    wrong: str = ""
    asked: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


_HELD = {Moment.NOT_YET, Moment.DONE, Moment.RECORD}


def plots(seed: int, count: int) -> list[Plot]:
    """Half of the kills hit the sender, most of them while the network has its request."""
    random = Random(seed)
    found = []
    for number in range(1, count + 1):
        others = ("scheduler", "drive-sync", "notifier", "approve-handler")
        function = "sender" if random.random() < 0.6 else random.choice(others)
        moment = random.choice(list(Moment)) if function == "sender" else Moment.AFTER
        found.append(
            Plot(
                number,
                function,
                moment,
                random.choice(["bluesky", "mastodon"]),
                real_seconds=random.random() * (0.05 if moment in {Moment.BEFORE, Moment.RECORD} else 0.3),
                duplicates=random.randint(0, 3),
                late_duplicates=random.randint(0, 2),
                late_minutes=random.choice([0, 1, 4, 4]),
                waits=random.random() < 0.5,
            )
        )
    return found


def rows_for(count: int, start: datetime, zone: Any, sample: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """One row a history: text alone, on both channels."""
    texts = [row["text"] for row in sample if len(row["text"]) < 200]
    return [
        {
            **wall(_due(start, number), zone),
            "text": numbered(number, texts[number % len(texts)]),
            "channels": ", ".join(CHANNELS.values()),
        }
        for number in range(1, count + 1)
    ]


def _due(start: datetime, number: int) -> datetime:
    return start + FIRST + APART * number


class Telling:
    """``start`` is what the rows' times were counted from."""

    def __init__(self, world: World, stack: WeekStack, start: datetime, tell: Callable[[str], None]) -> None:
        self._world = world
        self._stack = stack
        self._start = start
        self._tell = tell
        self._troubles = Troubles(stack)
        self._bus = stack.client("events")
        self._ids: dict[int, str] = {}
        self._links: dict[int, Link] = {}

    def tell(self, seed: int, count: int) -> list[History]:
        histories = [History(plot) for plot in plots(seed, count)]
        self._approve_all_but({one.plot.number for one in histories if one.plot.function == "approve-handler"})
        for history in histories:
            self._one(history)
            number, plot = history.plot.number, history.plot
            self._tell(
                f"{self._world.wall_clock()}  {number:>3}  {plot}: {history.killed} process{'es' * (history.killed != 1)}"
            )
        for _ in range(_AFTERWARDS):
            self._to(self._stack.now() + timedelta(minutes=5))
        self._world.sync()
        self._judge(histories)
        return histories

    # the beginning

    def _approve_all_but(self, left: set[int]) -> None:
        world = self._world
        world.sync()
        self._to(self._stack.now() + timedelta(minutes=11))
        self._ids = {number_in(str(row["text"])): str(row["post_id"]) for row in world.rows()}
        cards = world.new_cards()
        numbers = {post_id: number for number, post_id in self._ids.items()}
        for card in cards:
            for link in card.links_of(Action.REVIEW):
                if len(link.token.posts) == 1:
                    self._links[numbers[link.token.posts[0][0]]] = link
        world.approve(cards, but={self._ids[number] for number in left})
        world.settle()

    # one history

    def _one(self, history: History) -> None:
        plot = history.plot
        due = _due(self._start, plot.number)
        if plot.function == "approve-handler":
            self._to(due - timedelta(minutes=2, seconds=30))
            self._approve_under_fire(history)
        self._to(due - timedelta(seconds=20))
        if plot.moment in _HELD:
            self._killed_while_held(history, due)
        else:
            self._world.move_clock(due)
            if plot.function in {"scheduler", "drive-sync"}:
                self._stack.fire(f"{PREFIX}-sweep")
                self._stack.fire(f"{PREFIX}-drive-sync")
            self._deliver_again(plot, plot.duplicates)
            if plot.function != "approve-handler":
                history.killed += self._troubles.kill_soon(plot.function, plot.real_seconds, patience_seconds=1.0)
        if plot.waits:
            self._stack.idle(_PATIENCE_SECONDS)
        self._deliver_again(plot, plot.late_duplicates)
        self._to(due + _LONGEST_RUN)
        self._to(due + timedelta(minutes=5))

    def _approve_under_fire(self, history: History) -> None:
        """The press is killed on its way; the owner presses again until the page says that it is approved."""
        link, box = self._links[history.plot.number], self._world.mailbox

        def press() -> None:
            page = box.open(link)
            if page.forms:
                box.press(page.forms[0])

        pressing = Thread(target=press)
        pressing.start()
        history.killed += self._troubles.kill_soon("approve-handler", history.plot.real_seconds / 3, 1.0)
        pressing.join()
        for _ in range(5):
            page = box.open(link)
            own = [form for form in page.forms if form.address == page.address]
            if page.status == 200 and not own:
                break
            if own:
                box.press(own[0])
        self._stack.idle(_PATIENCE_SECONDS)

    def _killed_while_held(self, history: History, due: datetime) -> None:
        plot = history.plot
        self._troubles.hold_create(plot.network, "hold-before" if plot.moment is Moment.NOT_YET else "hold-after")
        self._world.move_clock(due)
        if not self._troubles.wait_for_held(plot.network, 8):
            history.story.append("nothing came to the network")
            self._troubles.take_back(plot.network)
            return
        self._deliver_again(plot, plot.duplicates)
        if plot.moment is Moment.RECORD:
            self._troubles.release(plot.network)
            history.killed += self._troubles.kill_soon("sender", plot.real_seconds, patience_seconds=0.3)
            return
        history.killed += self._troubles.kill("sender")
        if plot.late_minutes:
            self._to(self._stack.now() + timedelta(minutes=plot.late_minutes))
        self._troubles.release(plot.network)

    def _deliver_again(self, plot: Plot, count: int) -> None:
        """The very event that the booking emitted, on both channels."""
        entries = [
            {
                "Source": PREFIX,
                "DetailType": "ss.send",
                "Detail": json.dumps(
                    {
                        "schema_version": 1,
                        "trace_id": "t_again",
                        "post_id": self._ids[plot.number],
                        "channel": head["post_channel"].split("#")[1],
                        "revision": head["revision"],
                        "attempt": 1,
                    }
                ),
            }
            for head in self._heads_of(plot.number)
        ]
        if entries:
            for _ in range(count):
                self._bus.put_events(Entries=entries)

    def _heads_of(self, number: int) -> list[dict[str, Any]]:
        return [head for head in self._world.heads() if head["post_channel"].startswith(f"{self._ids[number]}#")]

    def _to(self, moment: datetime) -> None:
        if moment > self._stack.now() + timedelta(seconds=1):
            self._world.move_clock(moment)
        self._stack.idle(_PATIENCE_SECONDS)

    # the end

    def _judge(self, histories: Sequence[History]) -> None:
        feed = [(number_in(entry["text"]), channel_of(entry), entry["text"]) for entry in self._world.feed()]
        rows = {number_in(str(row["text"])): row for row in self._world.rows()}
        broken = self._world.broken_chains()
        mails = self._world.mailbox.fresh()
        for history in histories:
            number = history.plot.number
            post_id, row = self._ids[number], rows[number]
            for channel in CHANNELS.values():
                out = [text for found, where, text in feed if (found, where) == (number, channel)]
                asked = any(
                    mail.subject == f"Did this go out on {channel}?" and post_id in mail.posts for mail in mails
                )
                if asked:
                    history.asked.append(channel)
                if len(out) > 1 or (not out and not asked):
                    history.wrong += f"{len(out)} times on {channel}; "
                elif out and out[0] != row["text"]:
                    history.wrong += f"other words on {channel}; "
            if not history.asked and not str(row["status"]).startswith("Posted: "):
                history.wrong += f"the row says {row['status']!r}; "
            chains = [finding.sentence for finding in broken if finding.subject.split("#")[0] == post_id]
            history.wrong += f"audit: {' '.join(chains)}; " if chains else ""
            if history.wrong:
                told = self._world.audit_of(post_id)
                history.story += [f"{one['seq']} {one['subject']} {one['action']} {one.get('after')}" for one in told]
                history.story += self._world.invocations_about(post_id)


def print_histories(histories: Sequence[History], tell: Callable[[str], None]) -> int:
    """How many ended wrongly; each of those with its story."""
    wrong = [history for history in histories if history.wrong]
    for history in wrong:
        tell(f"✗ history {history.plot.number} ({history.plot}): {history.wrong}")
        for line in history.story:
            tell(f"    {line[:300]}")
    killed, asked = sum(history.killed for history in histories), sum(len(history.asked) for history in histories)
    missed = sum(not history.killed for history in histories)
    tell(
        f"{len(histories)} histories, {killed} processes killed ({missed} histories met nobody running),"
        f" {asked} questions to the owner, {len(wrong)} ended wrongly"
    )
    return len(wrong)
