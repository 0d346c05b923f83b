"""When an alarm rings, by CloudWatch's rules (docs.aws.amazon.com: alarm-evaluation, alarms-and-missing-data).

An alarm looks at its last ``EvaluationPeriods`` data points, each over one ``Period`` that ends now, and rings when ``DatapointsToAlarm``
of them breach. CloudWatch retrieves some more than that, the *evaluation range*: where some are missing, older ones that are there take
their place, and only what is lacking even then is filled in by ``TreatMissingData``. How many more it retrieves is not promised; in the
documentation's tables it is two, and so it is here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.watch.maths import reckon
from local.watch.model import Alarm, Missing, State
from local.watch.points import Points

RETRIEVED_BEYOND = 2
_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Ring:
    """An alarm that came on. ``ended`` is None where it was still on in the end."""

    alarm: str
    at: datetime
    ended: datetime | None = None


def judged(breaches: Sequence[bool | None], periods: int, to_alarm: int, missing: Missing) -> State:
    """Of an evaluation range, the newest data point first, None where it is missing."""
    there = [one for one in breaches if one is not None][:periods]
    filled = periods - len(there)
    bad = sum(there) + (filled if missing is Missing.BREACHING else 0)
    return State.ALARM if bad >= to_alarm else State.OK


def state(alarm: Alarm, points: Points, now: datetime) -> State:
    breaches = []
    for back in range(alarm.evaluation_periods + RETRIEVED_BEYOND):
        until = now.timestamp() - back * alarm.period_seconds
        values = {
            one.id: points.figure(one.metric, one.statistic, until - one.period_seconds, until) for one in alarm.queries
        }
        value = reckon(alarm.expression, values)
        breaches.append(None if value is None else _BREACHES[alarm.operator](value, alarm.threshold))
    return judged(breaches, alarm.evaluation_periods, alarm.datapoints_to_alarm, alarm.missing)


def rings(
    alarms: Iterable[Alarm], points: Points, begin: datetime, end: datetime, every: timedelta = timedelta(minutes=5)
) -> list[Ring]:
    """Every time that one of them came on, looked at so often. Data of before ``begin`` count."""
    found = []
    for alarm in alarms:
        now, since = begin, None
        while now <= end:
            rang = state(alarm, points, now) is State.ALARM
            if rang and since is None:
                since = now
            elif not rang and since is not None:
                found.append(Ring(alarm.name.partition("-")[2], since, now))
                since = None
            now += every
        if since is not None:
            found.append(Ring(alarm.name.partition("-")[2], since))
    return sorted(found, key=lambda ring: (ring.at, ring.alarm))
