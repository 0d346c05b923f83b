"""Reads what happened in a span of time from the tables. What cannot be read stops nothing: it is named in ``Happened.incomplete``.

Of the trail only what counts is handed over, and of every row its number, so that one that is missing is noticed: 5,000 posts a month
fit a small function (docs/reckoning.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from mesh.ledger import HeadState, Ledger, Runtime, head_key
from mesh.ledger.spending import KEPT_FOR, Day, kept_until, spent_between
from mesh.reckoning.approvals import Unsure, approved
from mesh.reckoning.entries import READ, VALUES, WHERE, Chains, Entry, Unreadable, What, entry, moment, number_of
from mesh.reckoning.model import Approved, Failure, Happened, Publication
from mesh.side_by_side import Together, in_threads
from mesh.span import Span

_MOST_LOOKED_INTO = 200  # chains with a gap; with more of them the whole trail is in question
_DECIDING = frozenset({What.ASKED, What.APPROVED, What.HELD})


@dataclass
class _Lost:
    """What could not be read, counted; ``noted`` in the order in which it is told."""

    entries: int = 0
    missing: int = 0
    tries: int = 0
    heads: int = 0
    days: int = 0

    def told(self) -> tuple[str, ...]:
        said = []
        if self.entries:
            what = "entry of the history" if self.entries == 1 else "entries of the history"
            said.append(f"{self.entries} {what} could not be read; make verify-audit says which.")
        if self.missing:
            what = "entry is" if self.missing == 1 else "entries are"
            said.append(f"{self.missing} {what} missing from the history; make verify-audit says where.")
        if self.tries:
            what = "publication" if self.tries == 1 else "publications"
            said.append(f"{self.tries} {what} could not be read as they were written, and may be missing here.")
        if self.heads:
            what = "1 post's record" if self.heads == 1 else f"{self.heads} posts' records"
            said.append(f"{what} could not be read: whether they were on time, or are out by now, is not known.")
        if self.days:
            what = "1 of these days" if self.days == 1 else f"{self.days} of these days"
            said.append(f"What drafting cost is kept for {KEPT_FOR.days} days, and could not be read for {what}.")
        return tuple(said)


@dataclass
class _Trail:
    """The entries that count, by what they tell, in order; ``posts`` are those about asking and deciding, by post."""

    told: dict[What, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    posts: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))


def read(ledger: Ledger, runtime: Runtime, span: Span, now: datetime, together: Together = in_threads) -> Happened:
    """Everything that happened in the span. Raises only what the tables raise as a whole: Throttled, Unreachable, MeshError."""
    lost = _Lost()
    trail = _trail(ledger, span, lost)
    lost.missing = _missing(ledger, span)
    out = _sent(ledger, span, lost)
    failed = trail.told[What.FAILED]
    heads = _heads(ledger, [*out, *failed], lost)
    drafting = _drafting(runtime, span, now, lost)
    return Happened(
        span=span,
        publications=tuple(_publications(out, heads)),
        failures=tuple(_failures(failed, heads)),
        approvals=tuple(_approvals(ledger, span, trail, lost, together)),
        held=tuple(dict.fromkeys(one.post_id for one in trail.told[What.HELD])),
        held_everything=len(trail.told[What.HELD_EVERYTHING]),
        retried=tuple(_retried(ledger, trail.told[What.TRIED_AGAIN], lost)),
        unknown=tuple((one.post_id, one.channel) for one in trail.told[What.UNKNOWN]),
        pauses=tuple(dict.fromkeys(one.channel for one in trail.told[What.PAUSED])),
        drafts_made=len({one.post_id for one in trail.told[What.DRAFTED]}),
        drafts_accepted=len({one.post_id for one in trail.told[What.ACCEPTED]}),
        drafting=drafting,
        incomplete=lost.told(),
    )


# the trail


def _trail(ledger: Ledger, span: Span, lost: _Lost) -> _Trail:
    trail = _Trail()
    for row in ledger.records.trail(span, READ, WHERE, VALUES):
        one = _entry(row, lost)
        if one is None:
            continue
        if one.what in _DECIDING:
            trail.posts[one.post_id].append(one)
        if one.what is not What.ASKED:
            trail.told[one.what].append(one)
    return trail


def _missing(ledger: Ledger, span: Span) -> int:
    """How many rows there should be between the first and the last of each chain, and are nowhere in it."""
    chains = Chains()
    for row in ledger.records.trail(span, ("subject", "seq")):
        chains.note(row)
    gaps = chains.with_gaps
    count = max(0, len(gaps) - _MOST_LOOKED_INTO)
    for subject in gaps[:_MOST_LOOKED_INTO]:
        count += chains.missing(subject, {number_of(row) for row in ledger.records.chain(subject, ("seq",))})
    return count


def _entry(row: Mapping[str, Any], lost: _Lost) -> Entry | None:
    try:
        return entry(row)
    except Unreadable:
        lost.entries += 1
        return None


def _approvals(ledger: Ledger, span: Span, trail: _Trail, lost: _Lost, together: Together) -> list[Approved]:
    """Each with the asking it answers, which may be of long before the span: then the post's whole chain is read."""
    found: list[Approved] = []
    unsure = []
    for post_id in {one.post_id: None for one in trail.told[What.APPROVED]}:
        try:
            found += approved(sorted(trail.posts[post_id], key=_number), whole=False)
        except Unsure:
            unsure.append(post_id)
    for chain in together([partial(ledger.records.chain, post_id, READ) for post_id in unsure]):
        entries = [one for row in chain if (one := _known(row)) is not None and one.what in _DECIDING]
        found += [one for one in approved(sorted(entries, key=_number), whole=True) if one.at in span]
    return sorted(found, key=lambda one: (one.at, one.post_id))


def _known(row: Mapping[str, Any]) -> Entry | None:
    """One that cannot be read is counted where its time is the span's: here it only is not there."""
    with suppress(Unreadable):
        return entry(row)
    return None


def _number(one: Entry) -> int:
    return one.number


def _retried(ledger: Ledger, again: Sequence[Entry], lost: _Lost) -> list[tuple[str, str]]:
    """A try's ``key_at`` is the moment of the first one of its version: another than its own start, and it is no first one."""
    items = ledger.records.tries((one.place, one.attempt) for one in again)
    found = []
    for one in again:
        item = items.get((one.place, one.attempt), {})
        if not item.get("key_at") or not item.get("started_at"):
            lost.tries += 1
        elif item["key_at"] != item["started_at"]:
            found.append((one.post_id, one.channel))
    return found


# what is out, and what failed


@dataclass(frozen=True)
class _Head:
    """Where a post stands on a channel by now, as far as it can be read."""

    state: HeadState = HeadState.BROKEN
    due: datetime | None = None
    detail: str = ""


def _heads(ledger: Ledger, wanted: Sequence[Publication | Entry], lost: _Lost) -> Mapping[str, _Head]:
    """By ``post#channel``; one that is not there, or cannot be read, is ``broken``."""
    places = dict.fromkeys(head_key(one.post_id, one.channel) for one in wanted)
    items = ledger.records.heads(places)
    found = {}
    for place in places:
        try:
            found[place] = _head(items.get(place, {}))
        except ValueError:
            found[place] = _Head()
            lost.heads += 1
    return found


def _head(item: Mapping[str, Any]) -> _Head:
    """ValueError for a shape that no code writes."""
    due = item.get("due")
    return _Head(
        HeadState(str(item.get("state"))), moment(due) if due is not None else None, str(item.get("detail", ""))
    )


def _sent(ledger: Ledger, span: Span, lost: _Lost) -> list[Publication]:
    """Without the minute they were due: that is in their heads."""
    found = []
    for item in ledger.records.tries_sent(span):
        try:
            post_id, _, channel = item["post_channel"].partition("#")
            began, at = moment(item.get("started_at")), moment(item["sent_at"])
            tries, url = item["attempt"], str(item.get("posted_url", ""))
            found.append(Publication(post_id, channel, at, url, None, tries, began, str(item.get("revision", ""))))
        except Unreadable:
            lost.tries += 1
    return found


def _publications(out: Iterable[Publication], heads: Mapping[str, _Head]) -> Iterable[Publication]:
    due = {place: head.due for place, head in heads.items()}
    known = (replace(one, due=due[head_key(one.post_id, one.channel)]) for one in out)
    return sorted(known, key=lambda one: (one.at, one.post_id, one.channel))


def _failures(failed: Sequence[Entry], heads: Mapping[str, _Head]) -> Iterable[Failure]:
    """Of several of one post on one channel only the last can still stand."""
    last = {one.place: one for one in failed}
    for one in failed:
        head = heads[one.place]
        stands = last[one.place] is one and head.state is HeadState.FAILED
        reason = one.detail or (head.detail if stands else "")
        yield Failure(one.post_id, one.channel, at=one.at, reason=reason, stands=stands)


# drafting


def _drafting(runtime: Runtime, span: Span, now: datetime, lost: _Lost) -> Mapping[date, Day]:
    days = list(span.days)
    lost.days = sum(kept_until(day) <= now for day in days)
    try:
        return spent_between(runtime, days[0], days[-1], now)
    except (TypeError, ValueError):  # counters that no code writes
        lost.days = len(days)
        return {}
