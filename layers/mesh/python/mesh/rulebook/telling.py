"""What the owner and the log are told of a rules doc: its mistakes in one message, and what a new version changes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from typing import TypeVar

from mesh.rulebook.model import Ads, Channel, Grouping, Region, Rulebook, RuleProblem, Template
from networks.limited import Of

LONGEST_MESSAGE_CHARACTERS = 1_500
_MOST_DAYS = 5
Value = TypeVar("Value")


def mistakes_message(problems: Sequence[RuleProblem], *, rules_of: str = "") -> str:
    """One message for the owner, at most ``LONGEST_MESSAGE_CHARACTERS`` long; "" where there is no mistake.

    ``rules_of`` says from when the rules are that stay in force, like "Tuesday 24 November, 09:12"; "" where there are none yet: then
    what could be read is in force.
    """
    if not problems:
        return ""
    count = sum(problem.count for problem in problems)
    mistakes, they_are = ("a mistake", "it is") if count == 1 else (f"{count} mistakes", "they are")
    until = (
        f"Until {they_are} mended, the rules of {rules_of} stay in force."
        if rules_of
        else f"What could be read is in force; until {they_are} mended, the rest is not."
    )
    message = f"Your rules doc has {mistakes}. {until}"
    told = 0
    for problem in problems:
        if problem.count > 1:
            break
        line = f" Line {problem.line}: {problem.message.rstrip('.')}."
        if len(message) + len(line) > LONGEST_MESSAGE_CHARACTERS - len(" And 1,000,000 more."):
            break
        message += line
        told += 1
    return message if told == count else f"{message} And {count - told:,} more."


def changes(before: Rulebook, after: Rulebook) -> tuple[str, ...]:
    """What is different, in words, for the log: no account, no post's text."""
    return (
        *_changed("time zone", before.time_zone, after.time_zone, str),
        *_changed("posting window", before.window, after.window, _window),
        *_changed("minimum gap", before.minimum_gap, after.minimum_gap, _span),
        *_changed("late rule", before.late, after.late, _span),
        *_changed("approval mails", before.grouping, after.grouping, _grouping),
        *_changed("public holidays", before.holidays, after.holidays, _region),
        *_changed("recurring posts", before.recurring_days, after.recurring_days, _ahead),
        *_changed("ads", before.ads, after.ads, _ads),
        *(("about us changed",) if before.about != after.about else ()),
        *_days("blackout days added", after.blackout_days - before.blackout_days),
        *_days("blackout days taken away", before.blackout_days - after.blackout_days),
        *_each("channel", before.channels, after.channels, _channel),
        *_each("limits of", before.limits, after.limits, _limits),
        *_each("recurring post", _by_name(before), _by_name(after), _template),
    )


def _changed(what: str, before: Value, after: Value, say: Callable[[Value], str]) -> Iterator[str]:
    if before != after:
        yield f"{what} {say(before)} is now {say(after)}"


def _each(
    what: str, before: Mapping[str, Value], after: Mapping[str, Value], differ: Callable[[Value, Value], list[str]]
) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if name not in before:
            yield f"{what} {name} added"
        elif name not in after:
            yield f"{what} {name} taken away"
        elif different := differ(before[name], after[name]):
            yield f"{what} {name}: {', '.join(different)} changed"


def _channel(one: Channel, other: Channel) -> list[str]:
    pairs = {
        "network": (one.network, other.network),
        "account": (one.account, other.account),
        "server": (one.host, other.host),
    }
    return [what for what, (before, after) in pairs.items() if before != after]


def _limits(one: Mapping[Of, int], other: Mapping[Of, int]) -> list[str]:
    return [of.value for of in Of if one.get(of) != other.get(of)]


def _by_name(book: Rulebook) -> dict[str, Template]:
    return {template.name: template for template in book.templates}


def _template(one: Template, other: Template) -> list[str]:
    pairs = {
        "schedule": (one.crons, other.crons),
        "channels": (one.channels, other.channels),
        "text": (one.text, other.text),
        "image": (one.image, other.image),
        "alt text": (one.alt, other.alt),
        "link": (one.link, other.link),
    }
    return [what for what, (before, after) in pairs.items() if before != after]


def _days(what: str, days: frozenset[date]) -> Iterator[str]:
    if days:
        shown = ", ".join(day.isoformat() for day in sorted(days)[:_MOST_DAYS])
        yield f"{what}: {shown}" + (f" and {len(days) - _MOST_DAYS} more" if len(days) > _MOST_DAYS else "")


def _window(window: tuple[time, time] | None) -> str:
    if window is None:
        return "always"
    opening, closing = window
    return f"{opening:%H:%M}-{'24:00' if closing == time(0) else f'{closing:%H:%M}'}"


def _grouping(grouping: Grouping | None) -> str:
    return grouping.words if grouping is not None else "at once"


def _region(region: Region | None) -> str:
    return region.words if region is not None else "none"


def _ahead(days: int | None) -> str:
    return f"{days} days ahead" if days else "ahead as usual"


def _ads(ads: Ads | None) -> str:
    return ", ".join(ads.words) if ads is not None and ads.words else "none"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
