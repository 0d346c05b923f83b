"""What the functions ask of AWS, added up. Plain figures, for whoever prices them (``local/cost``)."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from typing import Any

Figures = dict[str, Any]
Wait = tuple[str, float, float]  # function, when it began (seconds since 1970), seconds

_WAITS_KEPT = 5_000


class Tally:
    """Thread-safe. ``told`` gives everything at once, as JSON can hold it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, str, str]] = Counter()
        self._units: defaultdict[tuple[str, str, str, str], float] = defaultdict(float)
        self._functions: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._causes: Counter[tuple[str, str]] = Counter()
        self._plain: Counter[str] = Counter()
        self._hours: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        self._remote: Counter[tuple[str, str]] = Counter()
        self._held: dict[str, int] = {}
        self._waits: deque[Wait] = deque(maxlen=_WAITS_KEPT)

    def call(self, service: str, action: str, caller: str) -> None:
        """One request at an API, whatever came of it."""
        with self._lock:
            self._calls[service, action, caller] += 1

    def units(self, table: str, caller: str, *, index: str = "", read: float = 0.0, write: float = 0.0) -> None:
        with self._lock:
            if read:
                self._units[table, index, caller, "read"] += read
            if write:
                self._units[table, index, caller, "write"] += write

    def invoked(self, function: str, cause: str, **figures: float) -> None:
        with self._lock:
            self._causes[function, cause] += 1
            self._functions[function]["invocations"] += 1
            for name, value in figures.items():
                self._functions[function][name] += value  # type: ignore[assignment]

    def remote(self, function: str, host: str, requests: int) -> None:
        """Requests to somewhere else than AWS."""
        with self._lock:
            self._remote[function, host] += requests

    def waited(self, function: str, waits: Iterable[tuple[float, float]]) -> None:
        """Each request of one invocation: when it began, in seconds since 1970, and how many seconds its answer took."""
        with self._lock:
            self._waits += [(function, began, seconds) for began, seconds in waits]

    def held(self, function: str, megabytes: int) -> None:
        """The most that the process of an invocation has held until its end."""
        with self._lock:
            self._held[function] = max(megabytes, self._held.get(function, 0))

    def waits(self) -> list[Wait]:
        """The last few thousand."""
        with self._lock:
            return list(self._waits)

    def hour(self, hour: int, *what: str) -> None:
        """Something that is charged by the hour in which it happened: a metric that was written. ``hour`` is any number of its own."""
        with self._lock:
            self._hours[what].add(hour)

    def plain(self, **figures: int) -> None:
        """Anything that is one figure: ``mails``, ``mail_bytes``, ``events``, ``transitions``…"""
        with self._lock:
            self._plain.update(figures)

    def told(self) -> Figures:
        with self._lock:
            return {
                "calls": [[*key, count] for key, count in sorted(self._calls.items())],
                "units": [[*key, units] for key, units in sorted(self._units.items())],
                "functions": {name: dict(figures) for name, figures in sorted(self._functions.items())},
                "causes": [[*key, count] for key, count in sorted(self._causes.items())],
                "remote": [[*key, count] for key, count in sorted(self._remote.items())],
                "hours": [[*what, len(hours)] for what, hours in sorted(self._hours.items())],
                "plain": dict(sorted(self._plain.items())),
                "held": dict(sorted(self._held.items())),
            }
