"""Which calls to others wait for each other: rounds of calls, each begun when all of the one before were answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mesh.side_by_side import one_by_one


class Rounds:
    """A runner that makes its calls one by one and notes which were to be side by side.

    ``calls`` is a list to which every call made is added by name. What the calls of a group make is joined by "+" as the rounds that
    they would be: the first of each of them, the second of each. What is made outside of any group is a round of its own.
    """

    def __init__(self, calls: list[str]) -> None:
        self._calls = calls
        self._seen: list[str] = []
        calls.clear()

    def __call__(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        self.close()
        made: list[list[str]] = []

        def noted(call: Callable[[], Any]) -> Any:
            self._calls.clear()
            try:
                return call()
            finally:
                made.append(self._calls[:])

        try:
            return one_by_one([lambda call=call: noted(call) for call in calls])  # type: ignore[misc]
        finally:
            for depth in range(max(map(len, made), default=0)):
                self._seen.append("+".join(sorted({one[depth] for one in made if len(one) > depth})))
            self._calls.clear()

    def close(self) -> list[str]:
        """Every round so far; what was called outside of any group waited for what was before it."""
        self._seen += self._calls
        self._calls.clear()
        return self._seen
