"""What set off what, out of the two journals of the AWS side: its events and its invocations. Pure.

An invocation is known to have put an event by its own line (``emits``, with the kind and the ``trace_id``), and to have been woken by one
by its trigger and by the trace in its lines. Of a long log only the end is kept: where the line is lost, time and trace decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from local.operator.logs import Said
from local.operator.steps import log_words
from mesh.log import FIELDS

Event = Mapping[str, Any]
_LATE = timedelta(seconds=2)  # a line is written before its event is put, and both before the invocation is noted
_EMITS = "emits"


@dataclass(frozen=True)
class Run:
    """One invocation as ``/_local/invocations`` tells it."""

    record: Mapping[str, Any]

    @property
    def function(self) -> str:
        return str(self.record["function"])

    @property
    def trigger(self) -> str:
        """``event ss.send``, ``schedule ss-sweep``, ``url POST``, ``invoke``. Never an address itself: a link's token may stand in it."""
        told = str(self.record.get("trigger") or "")
        return " ".join(told.split()[:2]) if told.startswith("url ") else told

    @property
    def ok(self) -> bool:
        return self.record.get("outcome") == "ok"

    @cached_property
    def began(self) -> datetime:
        return datetime.fromisoformat(self.record["at"])

    @property
    def ended(self) -> datetime:
        return self.began + timedelta(milliseconds=int(self.record.get("duration_ms") or 0))

    @cached_property
    def lines(self) -> tuple[Said, ...]:
        """Its own lines. A first one that was cut, and what Python writes of an error, are none."""
        found = []
        for text in str(self.record.get("log") or "").splitlines():
            try:
                said = json.loads(text)
                at, message = datetime.fromisoformat(said["timestamp"]), str(said["message"])
            except (ValueError, KeyError, TypeError):
                continue
            fields = {name: said[name] for name in FIELDS if name in said}
            found.append(Said(at, str(said.get("service", "")), message, fields))
        return tuple(found)

    @cached_property
    def traces(self) -> frozenset[str]:
        return frozenset(str(one.fields["trace_id"]) for one in self.lines if one.fields.get("trace_id"))

    @property
    def emitted(self) -> list[str]:
        return [str(one.fields.get("move")) for one in self.lines if one.message == _EMITS]

    def put(self, event: Event) -> bool:
        """Its line of this event stands in its log."""
        return any(
            one.message == _EMITS
            and one.fields.get("move") == event["detail_type"]
            and one.fields.get("trace_id") == trace_of(event)
            and _fits(one, event)
            for one in self.lines
        )

    def names(self, event: Event) -> bool:
        """One of its lines is about what the event is about: its post, and where it names a channel that channel."""
        return any(one.names_any and _fits(one, event) for one in self.lines)

    def told(self, trace_id: str = "") -> dict[str, Any]:
        """For the page: with ``trace_id`` the lines of that trace alone, else all. ``error`` is what Python said at its end."""
        lines = [one for one in self.lines if not trace_id or one.fields.get("trace_id") in (trace_id, None)]
        return {
            "seq": self.record["seq"],
            "function": self.function,
            "at": self.record["at"],
            "duration_ms": self.record.get("duration_ms"),
            "outcome": self.record.get("outcome"),
            "trigger": self.trigger,
            "lines": [
                {"at": one.at.isoformat(), "words": log_words(one), "trace_id": one.fields.get("trace_id", "")}
                for one in lines
            ],
            "error": "" if self.ok else self._error(),
        }

    def _error(self) -> str:
        rest = [line for line in str(self.record.get("log") or "").splitlines() if line and not line.startswith("{")]
        return "\n".join(rest[-12:])


def _fits(line: Said, event: Event) -> bool:
    """A line that names no post, or no channel, leaves it open."""
    posts, channel = (
        posts_of(event),
        event["detail"].get("channel") if isinstance(event.get("detail"), Mapping) else None,
    )
    of_post = not posts or not line.names_any or any(line.names(post) for post in posts)
    return of_post and (not channel or line.fields.get("channel") in (None, channel))


def trace_of(event: Event) -> str:
    detail = event.get("detail")
    return str(detail.get("trace_id") or "") if isinstance(detail, Mapping) else ""


def posts_of(event: Event) -> list[str]:
    """Every post that an event names."""
    return list(dict.fromkeys(_ids(event.get("detail"))))


def _ids(value: Any) -> Iterable[str]:
    if isinstance(value, list):
        return [found for inner in value for found in _ids(inner)]
    if not isinstance(value, Mapping):
        return []
    own = [str(value["post_id"])] if value.get("post_id") else []
    several = value.get("post_ids")
    own += [str(one) for one in several] if isinstance(several, list) else []
    return own + [found for name, inner in value.items() if name != "post_ids" for found in _ids(inner)]


def cause_of(event: Event, runs: Sequence[Run]) -> Run | None:
    """The invocation that put it; None where none is known: a schedule or somebody outside did, or its record is not there yet."""
    at = datetime.fromisoformat(event["time"])
    before = [run for run in runs if run.began <= at + _LATE]
    certain = [run for run in before if run.put(event)]
    if certain:
        return min(certain, key=lambda run: abs((_line_time(run, event) - at).total_seconds()))
    trace_id = trace_of(event)
    cut = [run for run in before if trace_id in run.traces and at <= run.ended + _LATE and _may_be_cut(run)]
    return cut[-1] if cut and trace_id else None


def _line_time(run: Run, event: Event) -> datetime:
    return next(one.at for one in run.lines if one.message == _EMITS and one.fields.get("move") == event["detail_type"])


def _may_be_cut(run: Run) -> bool:
    return not str(run.record.get("log") or "").startswith("{")


def woken_by(run: Run, events: Sequence[Event]) -> Event | None:
    """The event that woke it: the last of its trigger's kind and one of its traces before it, one with its posts before others."""
    kind, _, detail_type = run.trigger.partition(" ")
    if kind != "event":
        return None
    fitting = [
        event
        for event in events
        if event["detail_type"] == detail_type
        and trace_of(event) in run.traces
        and datetime.fromisoformat(event["time"]) <= run.began + _LATE
    ]
    named = [event for event in fitting if run.names(event)]
    return (named or fitting)[-1] if fitting else None


def effects_of(event: Event, functions: Iterable[str], runs: Sequence[Run]) -> dict[str, list[Run]]:
    """By function, the invocations that it woke: the first, and where that failed those that tried again."""
    at, trace_id = datetime.fromisoformat(event["time"]), trace_of(event)
    found: dict[str, list[Run]] = {}
    for function in functions:
        fitting = [
            run
            for run in runs
            if run.function == function
            and run.trigger == f"event {event['detail_type']}"
            and run.began >= at - timedelta(milliseconds=50)
            and (
                trace_id in run.traces or not (run.ok or run.traces)
            )  # a failure's log may hold nothing but its traceback
        ]
        own = [run for run in fitting if run.names(event) or not run.traces]
        fitting = sorted(own or fitting, key=lambda run: run.began)
        kept: list[Run] = []
        for run in fitting:
            kept.append(run)
            if run.ok:
                break
        found[function] = kept
    return found


def counted(runs: Iterable[Run]) -> dict[str, dict[str, Any]]:
    """By function: how often it ran and failed, its last run, and how often it put which kind of event."""
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        one = found.setdefault(run.function, {"count": 0, "errors": 0, "puts": {}, "fired": {}})
        one["count"] += 1
        one["errors"] += not run.ok
        one |= {
            "last": run.record["seq"],
            "outcome": run.record.get("outcome"),
            "trigger": run.trigger,
            "at": run.record["at"],
        }
        how, _, name = run.trigger.partition(" ")
        if how == "schedule":
            one["fired"][name] = one["fired"].get(name, 0) + 1
        for kind in run.emitted:
            one["puts"][kind] = one["puts"].get(kind, 0) + 1
    return found
