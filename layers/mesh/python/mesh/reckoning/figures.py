"""The figures over what happened: docs/figures.md says what each of them counts. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from mesh.ledger.spending import Day
from mesh.reckoning.model import ChannelFigures, Figures, Happened

_SECOND = timedelta(seconds=1)


def figures(happened: Happened) -> Figures:
    out = happened.publications
    failed = [one for one in happened.failures if one.stands]
    punctual = sum(one.on_time for one in out)
    days = Counter(happened.span.day_of(one.at) for one in out)
    return Figures(
        span=happened.span,
        channels=_by_channel(happened),
        posts=len({one.post_id for one in out}),
        posted=len(out),
        on_time=punctual,
        on_time_percent=_percent(punctual, len(out)),
        approvals=len(happened.approvals),
        approval_seconds=_median([one.took for one in happened.approvals if one.took is not None]),
        held=len(happened.held),
        held_everything=happened.held_everything,
        failed=len(failed),
        retried=len(happened.retried),
        unknown=len(happened.unknown),
        drafts_made=happened.drafts_made,
        drafts_accepted=happened.drafts_accepted,
        drafting=sum(happened.drafting.values(), Day()),
        by_day={day: days[day] for day in happened.span.days},
        incomplete=happened.incomplete,
    )


def _by_channel(happened: Happened) -> dict[str, ChannelFigures]:
    """In the order of their names; a channel that the rules doc has no more counts like any other."""
    posted = Counter(one.channel for one in happened.publications)
    punctual = Counter(one.channel for one in happened.publications if one.on_time)
    failed = Counter(one.channel for one in happened.failures if one.stands)
    retried = Counter(channel for _, channel in happened.retried)
    return {
        name: ChannelFigures(posted[name], punctual[name], failed[name], retried[name])
        for name in sorted({*posted, *failed, *retried})
    }


def _percent(part: int, whole: int) -> int | None:
    """Rounded half up, but 100 only for all of them, and 0 only for none: one late post in three hundred is not "100% on time"."""
    if part in {0, whole}:
        return 100 * part // whole if whole else None
    return min(99, max(1, (200 * part + whole) // (2 * whole)))


def _median(spans: Sequence[timedelta]) -> int | None:
    """In seconds, rounded half up; of an even number the middle between the two middle ones."""
    if not spans:
        return None
    ordered, half = sorted(spans), len(spans) // 2
    twice = ordered[half] + ordered[half - 1 if len(ordered) % 2 == 0 else half]
    return (twice + _SECOND) // (2 * _SECOND)
