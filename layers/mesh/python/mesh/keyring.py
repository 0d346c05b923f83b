"""The signing keys as a warm function holds them: read once, and again when there may be others (docs/decisions/0035).

A rotation adds a key while functions are warm. A link that somebody signed with it is no forgery to one that still holds the old list: it
looks again before it says so, once a minute at most, so that who sends forgeries has the secret read no more often than that. And whoever
holds a list for five minutes reads it anew in any case, so that a key that was taken away is not accepted for longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from mesh import clock
from mesh.errors import MeshError

STAYS = timedelta(minutes=5)
LOOKS_AGAIN = timedelta(minutes=1)

Read = Callable[[], Sequence[str]]


class Keyring:
    """``read`` asks the secret, ``again`` (the same, or more impatient) asks it later; ``now`` tells the time."""

    def __init__(self, read: Read, again: Read | None = None, now: Callable[[], datetime] = clock.now) -> None:
        self._again = again or read
        self._now = now
        self._keys = tuple(read())
        self._read_at = self._tried_at = now()
        self._doubted_at: datetime | None = None

    def keys(self) -> tuple[str, ...]:
        """Newest last, not older than ``STAYS``. Where the secret cannot be read again, those that are held go on."""
        now = self._now()
        if now - self._read_at >= STAYS and now - self._tried_at >= LOOKS_AGAIN:
            self._look(now)
        return self._keys

    def others(self) -> bool:
        """For who found a signature of none of them: whether there are other keys now. It asks once a minute at most."""
        now = self._now()
        if self._doubted_at is not None and now - self._doubted_at < LOOKS_AGAIN:
            return False
        self._doubted_at = now
        before = self._keys
        self._look(now)
        return self._keys != before

    def _look(self, now: datetime) -> None:
        self._tried_at = now
        try:
            self._keys = tuple(self._again())
        except MeshError:
            return
        self._read_at = now


class FixedKeys:
    """Keys that stay what they are."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(keys)

    def keys(self) -> tuple[str, ...]:
        return self._keys

    def others(self) -> bool:
        return False


Keys = Keyring | FixedKeys | Sequence[str]


def held(keys: Keys) -> Keyring | FixedKeys:
    """A list is keys that stay."""
    return keys if isinstance(keys, Keyring | FixedKeys) else FixedKeys(keys)
