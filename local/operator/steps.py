"""The steps of a post's way, out of the audit, the tries, the bookings, the machine and the functions' logs. Pure.

A line of a log belongs to a post where it names it, or where it names no post and is of a trace that changed this one: a sweep that moves
ten posts at once says so once for all of them, and each of the others by its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from local.operator.logs import Said
from local.operator.row_words import Row, clipped
from local.operator.telling import Line

AUDIT, LOG, SCHEDULE, NETWORK, MACHINE = "audit", "log", "schedule", "network", "machine"
_ORDER = (SCHEDULE, LOG, AUDIT, NETWORK, MACHINE)


@dataclass(frozen=True)
class Step:
    """``source`` says where it is from, ``who`` did it; ``trace_id`` is "" where none is told. ``minor``: housekeeping."""

    at: datetime
    source: str
    who: str
    what: str
    trace_id: str = ""
    minor: bool = False


def in_order(steps: Iterable[Step]) -> list[Step]:
    """By time; of one moment, what sets off before what is set off. The same step twice is one."""
    return sorted(dict.fromkeys(steps), key=lambda one: (one.at, _ORDER.index(one.source)))


def of_audit(lines: Iterable[Line]) -> list[Step]:
    return [Step(one.at, AUDIT, one.by, one.sentence, one.trace_id, one.minor) for one in lines]


def traces_of(rows: Iterable[Row]) -> list[str]:
    """Every trace that changed one of these items."""
    return list(dict.fromkeys(str(row["trace_id"]) for row in rows if row.get("trace_id")))


def of_logs(said: Iterable[Said], ids: Iterable[str], traces: Iterable[str]) -> list[Step]:
    """The lines that are of these ids (a post's, and its batch's), or of one of the traces and of no other post."""
    mine, known = tuple(ids), frozenset(traces)
    steps = []
    for one in said:
        named = any(one.names(own) for own in mine)
        if named or (not one.names_any and one.fields.get("trace_id") in known):
            trace_id = str(one.fields.get("trace_id", ""))
            steps.append(Step(one.at, LOG, one.function, log_words(one, mine), trace_id))
    return steps


def log_words(said: Said, mine: Sequence[str] = ()) -> str:
    """Of the line's fields only ids, names and counts, and our own reasons."""
    fields = said.fields
    posts = fields.get("posts")
    others = len([one for one in posts if one not in mine]) if isinstance(posts, list) and mine else 0
    with_others = f", with {others} other post{'s' if others > 1 else ''}" if others else ""
    channel = f" on {fields['channel']}" if fields.get("channel") else ""
    attempt = f" (try {fields['attempt']})" if fields.get("attempt") else ""
    if said.message == "emits":
        return f"emits {fields.get('move', '?')}{channel}{attempt}{with_others}"
    woken = f"woken by {fields['got']}{channel}{attempt}: " if fields.get("got") else ""
    words = [str(fields[name]) for name in ("move", "reason", "outcome") if fields.get(name)]
    counted = f" ({fields['count']})" if fields.get("count") and not posts else ""
    told = f": {clipped('; '.join(words))}" if words else ""
    about = "" if woken else f"{channel}{attempt}"
    return f"{woken}{clipped(said.message, 80)}{about}{told}{counted}{with_others}"


def of_tries(rows: Iterable[Row]) -> list[Step]:
    """When a try began, and what its network answered."""
    steps = []
    for row in rows:
        number, channel = row.get("attempt"), str(row.get("post_channel", "")).partition("#")[2]
        began = _moment(row.get("started_at"))
        if not number or began is None:
            continue
        steps.append(Step(began, NETWORK, channel, f"try {number} begins"))
        ended = _moment(row.get("sent_at"))
        answered = _answer(row)
        if answered:
            steps.append(Step(ended or began, NETWORK, channel, f"try {number} ends: {answered}"))
    return steps


def _answer(row: Row) -> str:
    result = str(row.get("result") or "")
    if result in {"", "open"}:
        return ""
    address = plain_address(row.get("posted_url"))
    error = clipped(row.get("error") or "")
    return f"{result}{f', {address}' if address else ''}{f', {error}' if error else ''}"


def of_bookings(rows: Iterable[Row], there: Mapping[str, str], now: datetime) -> list[Step]:
    """Each booking that was not taken back, when it falls due. ``there``: those that the service still has, and what it says of them."""
    booked: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for row in rows:
        channel = str(row.get("subject", "")).partition("#")[2]
        before, after = _side(row, "before").get("booking"), _side(row, "after").get("booking")
        if isinstance(before, Mapping) and (row.get("action") == "booking cancelled" or isinstance(after, Mapping)):
            booked.pop(str(before.get("name")), None)
        if isinstance(after, Mapping) and after.get("name"):
            booked[str(after["name"])] = channel, after
    steps = []
    for name, (channel, booking) in booked.items():
        at = _moment(booking.get("at"))
        if at is None:
            continue
        kind = "ss.send" if booking.get("attempt", 1) == 1 else "ss.retry"
        state = f"; {there[name]}" if name in there else ""
        falls = "falls due" if at <= now else "will fall due"
        steps.append(
            Step(at, SCHEDULE, channel, f"{clipped(name, 64)} {falls}: {kind} (try {booking.get('attempt', 1)}){state}")
        )
    return steps


def booking_names(rows: Iterable[Row]) -> list[str]:
    """Of every schedule that was ever made for it."""
    found = [_side(row, "after").get("booking") for row in rows]
    return list(dict.fromkeys(str(one["name"]) for one in found if isinstance(one, Mapping) and one.get("name")))


def plain_address(url: object) -> str:
    """A post's public address without what may follow its path; "" for what is none. A network's server wrote it: nothing is certain."""
    try:
        parts = urlsplit(str(url or ""))
    except ValueError:
        return ""
    return clipped(f"{parts.scheme}://{parts.netloc}{parts.path}") if parts.scheme in {"http", "https"} else ""


def _side(row: Row, side: str) -> Mapping[str, Any]:
    found = row.get(side)
    return found if isinstance(found, Mapping) else {}


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
