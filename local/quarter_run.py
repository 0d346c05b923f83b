"""A quarter as it goes by: a week's run with outages that last, events that are lost, and a clock that jumps where nothing can happen.

Where the clock jumps, polls in between are one. That is sound as long as whatever they would have done is done by that one as well, and
nobody waits for it: so it goes in the polls' own pace while a post is due, after everything that happens, and around the ends of an outage.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from local.quarter_outages import Outages
from local.quarter_plan import DAY, EVENTS, HOUR
from local.week_plan import Deed, Happening, Intent, Trouble, Week, moment_of
from local.week_record import May
from local.week_run import STEP, Run
from local.week_stack import WeekStack
from local.week_world import WeekWorld

_AT_THE_ENDS = timedelta(minutes=10)
_IN_AN_HOUR, _IN_A_DAY = timedelta(minutes=15), timedelta(hours=3)
_TOLD_BY = timedelta(minutes=11)  # the scheduler says at the first sweep after ten minutes that a post is late
_AFTER_AN_OUTAGE = timedelta(minutes=50)
_REMINDED = (DAY, 2 * HOUR, timedelta())
_IN_THE_SHEET = frozenset(Deed) - {Deed.HOLD, Deed.RELEASE, Deed.NOW, Deed.HOLD_ALL, Deed.RELEASE_ALL}


class QuarterRun(Run):
    """See ``Run``."""

    after_a_press = timedelta(
        minutes=4
    )  # its events do the work; if one is lost, whoever waits for a post makes the polls go on

    def __init__(self, world: WeekWorld, stack: WeekStack, week: Week, tell: Callable[[str], None]) -> None:
        super().__init__(world, stack, week, tell)
        self.outages = Outages(stack, self.troubles)
        self.skipped = 0

    def _happen(self, one: Happening) -> None:
        down = self.outages.now_down
        match one.what:
            case Trouble.OUTAGE:
                kind, _, minutes = one.detail.partition(", ")
                self.outages.begin(kind, self.now + timedelta(minutes=int(minutes)))
                self._line(f"down: {kind}, for {minutes} minutes")
            case Trouble.OUTAGE_ENDS:
                self._line(f"up again: {self.outages.end()}")
                self._restless_until = self.now + _AFTER_AN_OUTAGE
            case _ if down and (
                isinstance(one.what, Trouble) or (self.outages.takes_sheet() and one.what in _IN_THE_SHEET)
            ):
                self.skipped += 1  # nobody can open the sheet; and one trouble at a time
            case Trouble.LOST | Trouble.DOUBLED:
                kind = f"ss.{EVENTS[int(one.chance[0] * len(EVENTS))]}"
                self._line(f"trouble: {self.troubles.event(kind, 0 if one.what is Trouble.LOST else 2)}")
            case _:
                super()._happen(one)

    def _let_go_on(self) -> None:
        if self.outages.now_down:
            self._line(f"up again: {self.outages.end()}")
        super()._let_go_on()

    def _goal(self, limit: datetime) -> datetime:
        now, since, until = self.now, self.outages.since, self.outages.until
        if since is None or until is None:
            return min([super()._goal(limit), *(at for at in self._reminders() if at > now)])
        at_an_end = now < since + _AT_THE_ENDS or until - _AT_THE_ENDS < now
        pace = STEP if at_an_end else _IN_A_DAY if until - since >= DAY else _IN_AN_HOUR
        ahead = [now + pace, max(until - _AT_THE_ENDS, now + STEP)]
        if not self.outages.is_mute():
            for due in self._dues():
                ahead += [due, due + _TOLD_BY]
            ahead += self.world.booked()
        return min([limit, *(at for at in ahead if at > now)])

    def _reminders(self) -> list[datetime]:
        """When somebody is to be asked, or reminded."""
        waiting = [post for post in self.posts.values() if post.intent is Intent.APPROVE and not post.gone]
        planned = [
            moment_of(post.cells, self.world.zone) for post in waiting if post.may() is May.NO and not post.stopped
        ]
        return [at - lead for at in planned for lead in _REMINDED]
