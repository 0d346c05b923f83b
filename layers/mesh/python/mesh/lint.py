"""What is worth knowing of a row before anybody is asked, beyond what a network says of its text and images. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import pairwise
from unicodedata import name

from mesh.ledger.items import ChannelProblem
from mesh.posts import Plan, Row
from mesh.rulebook import Channel, Rulebook
from mesh.schedule_time import effective_time, say
from mesh.unseen import in_ascii, look_alikes, unseen_signs

NEAR = timedelta(days=30)
_ALIKE = 0.7  # of the word pairs of both texts together
_FEW_WORDS = 5  # of so few, every word counts
_WORD = re.compile(r"\w+")


def row_remarks(plan: Plan, others: Sequence[Plan], rulebook: Rulebook) -> tuple[ChannelProblem, ...]:
    """Blackout days and windows that move it, a clock change, a clash at the same minute, a post that says nearly the same, and what an
    eye does not see in its words.

    ``others`` are the plans of other rows within ``NEAR`` of this one, or more.
    """
    found = [*_times(plan, rulebook), *_clashes(plan, others, rulebook), *_repeats(plan, others, rulebook)]
    found += _unseen(plan)
    return tuple(dict.fromkeys(found))


def may_be_near(row: Row, plan: Plan) -> bool:
    """By its date alone, before anything else of the row is read."""
    day, zone_slack = plan.planned_at.date(), timedelta(days=1)
    return (day - NEAR - zone_slack).isoformat() <= row.date <= (day + NEAR + zone_slack).isoformat()


def _times(plan: Plan, rulebook: Rulebook) -> Iterator[ChannelProblem]:
    if plan.time_note:
        yield ChannelProblem(code="clock-change", message=_sentence(plan.time_note))
    effective = effective_time(plan.planned_at, rulebook, now=plan.planned_at)
    if effective.at is None:
        yield ChannelProblem(code="never", message=_sentence(effective.reason))
    elif effective.at != plan.planned_at:
        yield ChannelProblem(code="moved", message=_sentence(effective.reason))


def _clashes(plan: Plan, others: Sequence[Plan], rulebook: Rulebook) -> Iterator[ChannelProblem]:
    for other in others:
        shared = _shared(plan, other)
        if shared and other.planned_at == plan.planned_at:
            gap = rulebook.minimum_gap
            after = f"; the later one waits {int(gap.total_seconds() // 60)} minutes" if gap else ""
            message = f"Another post is planned for the same minute on {_names(shared)}{after}."
            yield ChannelProblem(code="clash", message=message)


def _repeats(plan: Plan, others: Sequence[Plan], rulebook: Rulebook) -> Iterator[ChannelProblem]:
    for other in sorted(others, key=lambda one: one.planned_at):
        if abs(other.planned_at - plan.planned_at) > NEAR:
            continue
        alike = [
            channel
            for channel in _shared(plan, other)
            if nearly_the_same(plan.row.text_for(channel), other.row.text_for(channel))
        ]
        if alike:
            when = say(other.planned_at, rulebook.zone)
            message = f"Nearly the same as the post of {when}, on {_names(alike)}."
            yield ChannelProblem(code="near-duplicate", message=message)
            return


def _unseen(plan: Plan) -> Iterator[ChannelProblem]:
    row = plan.row
    texts = (row.text, *row.overrides.values(), row.alt, row.link)
    if signs := sorted({sign for text in texts for sign in unseen_signs(text)}):
        names = ", ".join(f"{name(sign, 'a sign without a name').lower()} (U+{ord(sign):04X})" for sign in signs[:3])
        more = f" and {len(signs) - 3} more" if len(signs) > 3 else ""
        said = "It has signs that nobody sees, and that may turn what follows or hide words"
        yield ChannelProblem(code="unseen-signs", message=f"{said}: {names}{more}. Type it anew if they are not meant.")
    hosts = {host: None for text in texts for host in look_alikes(text)}
    for host in list(hosts)[:3]:
        message = f"The address “{host}” has letters that look like others: it is {in_ascii(host)}."
        yield ChannelProblem(code="look-alike", message=message)


def nearly_the_same(one: str, other: str) -> bool:
    """Whether readers would take one for the other: seven in ten of their word pairs are shared; short texts must be equal."""
    first, second = _words(one), _words(other)
    if min(len(first), len(second)) < _FEW_WORDS:
        return bool(first) and first == second
    a, b = _pairs(first), _pairs(second)
    return len(a & b) >= _ALIKE * len(a | b)


@lru_cache(maxsize=1_000)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


@lru_cache(maxsize=1_000)
def _pairs(words: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset(pairwise(words))


def _shared(plan: Plan, other: Plan) -> list[Channel]:
    return [channel for channel in plan.channels if channel in other.channels]


def _names(channels: Iterable[Channel]) -> str:
    return ", ".join(channel.name for channel in channels)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")
