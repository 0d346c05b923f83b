"""Sheets' quotas: reads and writes apart, each 60 a minute per user and 300 a minute per project.

Source: the Sheets guide "Usage limits". Google fills them up every minute and has no daily limit. Off until they are
switched on.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from local.sheets.refusals import over_quota
from local.sheets.wire import GoogleError, Json, invalid, only_known

PER_USER = 60
PER_PROJECT = 300
_PREFIX = "/v4/"


@dataclass(frozen=True)
class Limits:
    """Calls a minute; both for reads and, counted apart, for writes."""

    per_user: int = PER_USER
    per_project: int = PER_PROJECT


def parse_limits(body: Json) -> Limits | None:
    """`{"on": true}` for Google's numbers, others by `per_user` and `per_project`; `{"on": false}` for none."""
    given = only_known(body, {"on", "per_user", "per_project"})
    on = given.pop("on", True)
    numbers = all(isinstance(value, int) and not isinstance(value, bool) and value >= 1 for value in given.values())
    if not isinstance(on, bool) or not numbers:
        raise invalid("quotas: `on` is true or false, `per_user` and `per_project` are whole numbers from 1")
    return Limits(**given) if on else None


class Quotas:
    """Counts by the minute of the stack's clock. A refused call counts for nothing."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits
        self._minute: datetime | None = None
        self._counts: dict[tuple[str, str | None], int] = {}

    def refusal(self, method: str, path: str, user: str, now: datetime) -> GoogleError | None:
        """The 429 for a call of Sheets that is one too many; `user` is whom the project counts it for."""
        if self.limits is None or not path.startswith(_PREFIX):
            return None
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        kind = "Read" if method == "GET" else "Write"
        mine, everyones = self._counts.get((kind, user), 0), self._counts.get((kind, None), 0)
        if mine >= self.limits.per_user:
            return over_quota(kind, per_user=True, limit=self.limits.per_user)
        if everyones >= self.limits.per_project:
            return over_quota(kind, per_user=False, limit=self.limits.per_project)
        self._counts[kind, user], self._counts[kind, None] = mine + 1, everyones + 1
        return None

    def shown(self) -> Json:
        """What is set and what this minute has used."""
        used = {
            f"{kind.lower()}s of {'the project' if user is None else user or 'the service account'}": count
            for (kind, user), count in self._counts.items()
        }
        return {"on": self.limits is not None, **(asdict(self.limits) if self.limits else {}), "used": used}
