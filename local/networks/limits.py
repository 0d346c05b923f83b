"""Rate limits by the stack's clock: so many points in a window that starts with the first of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from local.clock import now


@dataclass
class Window:
    """How much of a limit is used, and when it starts anew."""

    used: int
    resets_at: datetime


@dataclass
class Limit:
    """``points`` per ``seconds`` for each name. Kept in memory: a restart forgives."""

    points: int
    seconds: int
    _windows: dict[str, Window] = field(default_factory=dict)

    def spend(self, name: str, points: int = 1) -> tuple[bool, Window]:
        """Whether that was still allowed, and the window as it is now. What is refused costs nothing."""
        moment = now()
        window = self._windows.get(name)
        if window is None or window.resets_at <= moment:
            # Whole seconds: both networks tell the reset without a fraction, and rounding down would be too early.
            end = datetime.fromtimestamp(int(moment.timestamp()) + 1, UTC) + timedelta(seconds=self.seconds)
            window = self._windows[name] = Window(0, end)
        if window.used + points > self.points:
            return False, window
        window.used += points
        return True, window
