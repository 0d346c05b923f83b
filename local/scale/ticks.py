"""What looks every five minutes whether anything is due or not, of all the stacks in one account, those of one second as one."""

from __future__ import annotations

import re
from functools import cache

from local.scale.house import FIRING_SECONDS, Account, House
from local.scale.measured import Measured
from local.scale.queue import Queue
from local.scale.town import BEGINS_UTC, ENDS_UTC
from local.translated import made

_OLDEST_EVENT, _LONGEST_WAIT = 900.0, 300.0
_FROM, _UNTIL = 0, int((ENDS_UTC - BEGINS_UTC) * 3600) + 900


@cache
def rates() -> tuple[tuple[str, int], ...]:
    """Each schedule of the template that comes again by the minute: the function it wakes, and every how many seconds."""
    resources = made()
    found = []
    for one in resources.values():
        if one["Type"] == "AWS::Scheduler::Schedule":
            rate = re.fullmatch(r"rate\((\d+) minutes?\)", one["Properties"]["ScheduleExpression"])
            target = one["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0]
            if rate:
                name = resources[target]["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${Prefix}-")
                found.append((name, int(rate[1]) * 60))
    return tuple(sorted(found))


def places(months: Measured, posts_a_month: int) -> float:
    """How many places the ticks of one stack are in, on average."""
    seconds = months.months[posts_a_month].tick_seconds
    return sum(seconds[name] / every for name, every in rates())


class Ticks:
    """``begin`` puts them all ahead."""

    def __init__(self, queue: Queue, account: Account, house: House, takes: Measured) -> None:
        self._queue, self._account = queue, account
        self._stacks = min(house.businesses, house.an_account or house.businesses)
        self._together = house.together
        self._seconds = takes.months[house.posts_a_month].tick_seconds

    def begin(self) -> None:
        for name, every in rates():
            for second in range(_FROM, _UNTIL):
                if count := self._due(second, every):
                    self._queue.at(float(second), self._fire, count, self._seconds[name])

    def _due(self, second: int, every: int) -> int:
        """Stacks made one after the other look one after the other; those that were made together look in the same ten seconds."""
        within = int(FIRING_SECONDS) if self._together else every
        place = second % every
        return 0 if place >= within else self._stacks * (place + 1) // within - self._stacks * place // within

    def _fire(self, count: int, seconds: float) -> None:
        arrives = self._account.firings.turn(self._queue.now, count)
        self._queue.at(arrives, self._run, count, seconds, arrives, 0)

    def _run(self, count: int, seconds: float, born: float, turned_away: int) -> None:
        granted = self._account.places.take(self._queue.now, count)
        if granted:
            self._queue.after(seconds, self._account.places.give, granted)
        wait = min(_LONGEST_WAIT, 2.0**turned_away)
        if granted < count and self._queue.now + wait - born <= _OLDEST_EVENT:
            self._queue.after(wait, self._run, count - granted, seconds, born, turned_away + 1)
