"""When the approval mails go out: at once, or together at moments of the week. Pure."""

from __future__ import annotations

from datetime import time

from mesh.rulebook.model import Grouping, Wrong, quote

_AT_ONCE = {
    "at once",
    "immediately",
    "right away",
    "straight away",
    "instantly",
    "one by one",
    "as soon as ready",
    "sofort",
    "gleich",
    "umgehend",
    "einzeln",
}
_NOBODY = {"none", "no", "never", "off", "-", "keine", "nie", "aus"}
_MOST_A_WEEK = 28
_LIKE = "write “daily 8:00”, “weekly on Monday 8:00” or “at once”"


def grouping_of(value: str) -> Grouping | None:
    """None for at once; else the moments of the week, in the words and forms that a recurring post's schedule takes too."""
    text = value.lower().rstrip(".")
    if text in _AT_ONCE:
        return None
    if text in _NOBODY:
        raise Wrong(f"{quote(value)} would mean that nobody is asked, and nothing goes out unasked; {_LIKE}")
    from mesh.cron import MONTHS, YEARS, read_cron  # only a doc with this rule needs them
    from mesh.rulebook.schedule_words import crons_of

    found: set[tuple[int, time]] = set()
    for expression in crons_of(value):
        cron = read_cron(expression)
        whole_year = len(cron.months) == len(MONTHS) and len(cron.years) == len(YEARS)
        if cron.month_day or cron.nth is not None or len(cron.days) < 31 or not whole_year:
            raise Wrong(f"{quote(value)} does not come every week, and posts would wait too long; {_LIKE}")
        # Sunday is 1 in a cron; Monday is 0 here.
        found |= {((weekday + 5) % 7, clock) for weekday in cron.weekdays for clock in cron.times}
    if len(found) > _MOST_A_WEEK:
        raise Wrong(f"{quote(value)} is {len(found)} times a week and {_MOST_A_WEEK} are the most; {_LIKE}")
    return Grouping(value, tuple(sorted(found)))
