"""From a click to what the owner sees of it, on the local stack: the flag in the sheet, the post in public.

The floor is the sum of the remote calls that the functions on the way make until then, each as long as it took in that very turn. So the
ratio is what is ours on top: events, the emulated Lambda's turns, the functions' own work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from local.bench.figure import Figure
from local.bench.measuring import Beside
from local.bench.rows import new_stack
from local.calendars.model import Calendar
from local.run import SAMPLE_ZONE
from local.stack import PREFIX, Stack
from local.story_forms import Form
from local.story_mail import Link
from local.story_world import World

_TURNS = 5
_WARMING = 2  # posts whose clicks are not measured: the functions' processes start, and sign in where they have to
_CHANNEL = "mastodon-main"
_PATIENCE_SECONDS = 30.0
_LOOK_SECONDS = 0.02
_AIM = 2


def figures(_: object) -> Iterator[Figure]:
    with new_stack(counting=True) as stack:
        stack.start(lambda line: None)
        stack.deploy(lambda line: None)
        stack.load(_calendar(stack.now()), lambda line: None)
        world = World(stack)
        for _ in range(2):
            world.sync()
        clicks = _Clicks(stack, world)
        posts = sorted(clicks.links("review"))
        flagged = [clicks.approved(post_id) for post_id in posts]
        world.settle()
        published = [clicks.sent_now(post_id) for post_id in posts]
    yield _figure("approve to the flag in the sheet", flagged[_WARMING:])
    yield _figure("send now to published", published[_WARMING:])


class _Clicks:
    """Each deed gives its seconds, and the sum of those of the remote calls on its way."""

    def __init__(self, stack: Stack, world: World) -> None:
        self._stack = stack
        self._world = world
        self._cards = world.new_cards()

    def links(self, action: str) -> dict[str, Link]:
        """By post, of the cards' buttons about one post."""
        return {
            link.token.posts[0][0]: link
            for card in self._cards
            for link in card.links
            if link.token.action.value == action and len(link.token.posts) == 1
        }

    def approved(self, post_id: str) -> tuple[float, float]:
        form = self._form(self.links("review")[post_id])
        return self._timed(form, lambda: post_id in self._world.flagged(), "approve-handler", "drive-sync")

    def sent_now(self, post_id: str) -> tuple[float, float]:
        form, text = self._form(self.links("now")[post_id]), self._world.text(post_id)
        feed = f"{self._stack.networks['mastodon']}/_local/feed"

        def is_out() -> bool:
            return any(text in post["text"] for post in self._stack.get(feed))

        return self._timed(form, is_out, "approve-handler", "scheduler", "sender")

    def _form(self, link: Link) -> Form:
        page = self._world.mailbox.open(link)
        return next(form for form in page.forms if form.address == page.address)

    def _timed(self, form: Form, done: Callable[[], bool], *functions: str) -> tuple[float, float]:
        self._world.settle()
        began = time.time()
        self._world.mailbox.press(form)
        while not done():
            if time.time() > began + _PATIENCE_SECONDS:
                raise RuntimeError("the click has come to nothing")
            time.sleep(_LOOK_SECONDS)
        ended = time.time()
        self._world.settle()  # only an invocation that is over tells of its calls
        named = {f"{PREFIX}-{name}" for name in functions}
        waits = self._stack.get(f"{self._stack.aws}/_local/waits")["waits"]
        return ended - began, sum(seconds for name, at, seconds in waits if name in named and began <= at < ended)


def _figure(what: str, turns: list[tuple[float, float]]) -> Figure:
    found = Beside.of(turns)
    detail = f"median of {len(turns)}, seconds each: " + ", ".join(f"{seconds:.2f}" for seconds, _ in turns)
    return Figure(what, found.ours, "s", floor=found.floor, aim=_AIM, detail=detail, noise=found.noise)


def _calendar(now: datetime) -> Calendar:
    """A post for each turn, far enough ahead that nothing but a click sends it."""
    day = f"{now.astimezone(ZoneInfo(SAMPLE_ZONE)) + timedelta(days=3):%Y-%m-%d}"
    rows = [
        {"date": day, "time": f"{9 + number:02}:00", "channels": _CHANNEL, "text": f"Roll {number} of the day is warm."}
        for number in range(_TURNS + _WARMING)
    ]
    return Calendar(rows=tuple(rows))
