"""A week as it goes by: from moment to moment, what the plan says in between, and a look by the referee whenever all has settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from local.week_owner import Owner
from local.week_plan import Deed, Happening, Trouble, Week
from local.week_record import May, Post
from local.week_referee import Referee
from local.week_rules import Doc, rules_in
from local.week_stack import WeekStack
from local.week_trouble import FUNCTIONS, Troubles
from local.week_world import WeekWorld
from mesh.clock import aware

STEP = timedelta(minutes=5)  # the polls' own pace, as long as anything is going on
LEAP = timedelta(hours=6)  # otherwise; polls in between are one
RESTLESS = timedelta(minutes=16)  # after everything that happens: the quiet time and a poll
AFTERWARDS = timedelta(hours=3)
_PATIENCE_SECONDS = 240.0
_AT_DUE = {Trouble.KILL, Trouble.HELD_KILL}


class Run:
    """``tell`` takes one line for each thing that happens. For ``after_a_press`` the clock keeps the polls' pace."""

    after_a_press = RESTLESS

    def __init__(self, world: WeekWorld, stack: WeekStack, week: Week, tell: Callable[[str], None]) -> None:
        self.world = world
        self.week = week
        self._stack = stack
        self._tell = tell
        self.posts = {
            number: Post(number, dict(row), week.intents[number], world.zone.key)
            for number, row in enumerate(week.rows, 1)
        }
        doc = stack.requests.get(f"{stack.sheets}/owner/rules").raise_for_status().text
        self.doc = Doc(rules_in(doc, world.zone, stack.now()))
        self.troubles = Troubles(stack)
        self.owner = Owner(world, stack, week, self.posts, self.doc, self._owner_did)
        self.owner.order = list(self.posts)
        self.referee = Referee(world, self.owner, self.troubles)
        self.moves = 0
        self._restless_until = self.now + RESTLESS

    @property
    def now(self) -> datetime:
        return self._stack.now()

    def go(self) -> None:
        """The whole week, then without faults to its end and three hours more."""
        self.world.sync()
        self.look()
        for one in self.week.happenings:
            self._run_until(one.at - timedelta(seconds=20) if one.what in _AT_DUE else one.at)
            self._happen(one)
            self.look()
        self._run_until(self.week.end)
        self.troubles.clear()
        self._line("all faults end")
        self._let_go_on()
        self._run_until(max([self.week.end, *self._dues()]) + AFTERWARDS)
        self.world.sync()
        self.look()

    def _let_go_on(self) -> None:
        if self.owner.presses.everything_held_since is not None:
            self.owner.do(Happening(self.now, Deed.RELEASE_ALL))

    def _dues(self) -> list[datetime]:
        return [post.due(self.doc.now) for post in self.posts.values() if post.may() is not May.NO]

    # time

    def _run_until(self, moment: datetime) -> None:
        while self.now < moment:
            self._move_to(self._goal(moment))
            self.moves += 1
            self.look()

    def _move_to(self, moment: datetime) -> None:
        """The clock goes on by itself meanwhile, and is never moved back."""
        self.world.move_clock(max(moment, self.now + timedelta(seconds=1)))

    def settle(self) -> None:
        self._stack.idle(_PATIENCE_SECONDS)

    def look(self) -> None:
        """Wait for everything set off, let the owner read the mails, and the referee look."""
        before, kills = set(self.referee.out), len(self.troubles.kills)
        with self.troubles.ambush():
            self.settle()
            self.troubles.look()
            self.referee.observe()
            if self.owner.read_mails():
                self._restless_until = max(self._restless_until, self.now + self.after_a_press)
                self.settle()
                self.referee.observe()
        for _, function in self.troubles.kills[kills:]:
            self._line(f"kill: {function}, met at its work")
        for url, one in self.referee.out.items():
            if url not in before:
                self._line(f"out: No. {one.number} on {one.channel}, {one.late_seconds:.0f} s after its time")

    def _goal(self, limit: datetime) -> datetime:
        now = self.now
        heads = self.world.live_heads()
        told = [head[name] for head in heads for name in ("next_at", "lease_until") if head.get(name)]
        ahead = [moment for text in told if (moment := aware(datetime.fromisoformat(text))) > now]
        ahead += [moment for moment in self.world.booked() if moment > now]
        if self.owner.next_mail_at is not None:
            ahead.append(self.owner.next_mail_at)
        ahead += [due for due in self._dues() if due > now]
        restless = now < self._restless_until or any(self._is_awaited(post, now) for post in self.posts.values())
        restless = restless or any(head["state"] == "open" or _is_tried_soon(head, now) for head in heads)
        restless = restless or any(head["state"] == "unknown" and not head.get("asked_at") for head in heads)
        return min([limit, now + (STEP if restless else LEAP), *ahead])

    def _is_awaited(self, post: Post, now: datetime) -> bool:
        """Due, and neither out nor asked about."""
        if post.may() is not May.YES or self.owner.presses.everything_held_since is not None:
            return False
        due = post.due(self.doc.now)
        return due <= now < due + AFTERWARDS and any(
            not self.referee.is_out(post.number, channel) and post.told.get(channel) not in {"late", "failed"}
            for channel in post.channels
        )

    # what happens

    def _happen(self, one: Happening) -> None:
        self._restless_until = self.now + RESTLESS
        match one.what:
            case Trouble.AWS:
                self._line(f"trouble: {self.troubles.aws(one.chance)}")
            case Trouble.GOOGLE:
                self._line(f"trouble: {self.troubles.google(one.chance)}")
            case Trouble.NETWORK:
                self._line(f"trouble: {self.troubles.network(one.chance)}")
            case Trouble.KILL:
                others = FUNCTIONS[1:]
                sends = one.chance[0] < 0.4 and self._booked_for(one)
                self._kill(one, "sender" if sends else others[int(one.chance[1] * len(others))])
            case Trouble.HELD_KILL:
                self._kill_while_held(one)
            case _:
                self.owner.do(one)

    def _kill(self, one: Happening, function: str) -> None:
        """At a random moment of its running: as the time of a post comes, or where it is met next."""
        if function in {"approve-handler", "renderer", "notifier"}:
            self.troubles.lie_in_wait(function, 0.003 + one.chance[2] * 0.05)
            self._line(f"trouble: {function} is to be killed where it runs next")
            return
        self._move_to(one.at)
        if function != "sender":
            self._stack.fire("ss-drive-sync")
            self._stack.fire("ss-sweep")
        killed = self.troubles.kill_soon(function, one.chance[2] * 0.1, patience_seconds=1.0)
        self._line(f"kill: {function} at the time of No. {one.number}, {killed} processes")

    def _kill_while_held(self, one: Happening) -> None:
        """The network has the request, or has carried it out, and the sender is gone before the answer; it may land much later."""
        booked = self._booked_for(one)
        if not booked or self.owner.presses.everything_held_since is not None:
            self._kill(one, "drive-sync" if one.chance[0] < 0.5 else "scheduler")
            return
        channel = booked[int(one.chance[0] * len(booked))]
        network = "mastodon" if channel.startswith("mastodon") else "bluesky"
        late = one.chance[1] < 0.5
        self.troubles.hold_create(network, "hold-before" if late else "hold-after")
        self._move_to(one.at)
        held = self.troubles.wait_for_held(network, 6)
        if late and held:
            self.referee.in_flight.add((one.number, channel))
        killed = self.troubles.kill("sender") if held else 0
        minutes = int(one.chance[2] * 12) if one.chance[3] < 0.6 else 0
        for _ in range(0, minutes, 4):
            self.settle()
            self._move_to(self.now + timedelta(minutes=4))
        self.settle()
        if held:
            self.troubles.release(network)
        else:
            self.troubles.take_back(network)
        how = "before" if late else "after"
        self._line(
            f"kill: sender while {network} held No. {one.number} {how} its effect for {minutes} min, {killed} processes"
            if held
            else f"kill: nothing of No. {one.number} came to {network}"
        )

    def _booked_for(self, one: Happening) -> list[str]:
        """The channels on which the post is about to be sent."""
        post = self.posts[one.number]
        return [
            head["post_channel"].split("#")[1]
            for head in self.world.heads()
            if post.post_id
            and head["post_channel"].startswith(f"{post.post_id}#")
            and head["state"] == "ready"
            and head.get("booking")
            and abs(aware(datetime.fromisoformat(head["booking"]["at"])) - one.at) < timedelta(seconds=30)
        ]

    # saying it

    def _line(self, what: str) -> None:
        self._tell(f"{self.world.wall_clock()}  {what}")

    def _owner_did(self, what: str, numbers: list[int]) -> None:
        at = self.world.wall_clock()
        for number in numbers:
            if number in self.posts:
                self.posts[number].story.append(f"{at}  the owner {what}")
        if not what.startswith("gets a mail"):
            about = ", ".join(f"No. {number}" for number in numbers[:4]) + (" …" if len(numbers) > 4 else "")
            self._tell(f"{at}  owner: {what}{f': {about}' if about else ''}")


def _is_tried_soon(head: Mapping[str, Any], now: datetime) -> bool:
    """To be tried again within moments; one whose time is long past waits for its owner's answer."""
    next_at = head.get("next_at")
    if head["state"] != "retry" or not next_at:
        return bool(head["state"] == "retry")
    return now - aware(datetime.fromisoformat(next_at)) < AFTERWARDS
