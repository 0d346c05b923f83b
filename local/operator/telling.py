"""What an audit row says in plain words. Pure: rows in, sentences out. Never a post's text, and never a value of a field not named here.

A row's ``before`` and ``after`` hold what the change made different. An action that a later version writes is told by its name and by
the names of what it changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from local.operator.row_words import Row, Told, clipped, moment_of
from local.operator.sentences import FAMILIES, MINOR, SENTENCES, Sentence
from mesh.ledger.verify import number_of


@dataclass(frozen=True)
class Line:
    """One row, told. ``minor``: housekeeping that follows from what is told anyway."""

    at: datetime
    subject: str
    number: int
    action: str
    by: str
    how: str
    revision: str
    sentence: str
    minor: bool = False
    changed: tuple[str, ...] = ()
    trace_id: str = ""


def told(rows: Iterable[Row], zone: ZoneInfo) -> list[Line]:
    """Every row in words, oldest first; rows of one moment in the order of their chains. No row, whatever is in it, raises."""
    several = sorted(rows, key=lambda row: (moment_of(row), str(row.get("subject", "")), number_of(row)))
    versions: dict[str, datetime] = {}
    for row in several:
        revision = Told(row, zone).after("package").get("revision")
        if revision:
            versions.setdefault(str(revision), moment_of(row))
    return [_line(Told(row, zone, versions)) for row in several]


def known(action: str) -> bool:
    """Whether there is a sentence for what this version's code writes under this name."""
    return _sentence(action) is not None


def _line(one: Told) -> Line:
    row, action = one.row, str(one.row.get("action", ""))
    tell = _sentence(action)
    changed = tuple(sorted({*one.side("before"), *one.side("after")}))
    return Line(
        at=moment_of(row),
        subject=str(row.get("subject", "")),
        number=number_of(row),
        action=action,
        by=str(row.get("by_user", "")),
        how=str(row.get("how", "")),
        revision=str(row.get("revision", "")),
        sentence=tell(one) if tell is not None else _generic(one),
        minor=action in MINOR,
        changed=changed,
        trace_id=str(row.get("trace_id", "")),
    )


def _sentence(action: str) -> Sentence | None:
    if action in SENTENCES:
        return SENTENCES[action]
    family, colon, _ = action.partition(": ")
    return FAMILIES.get(family) if colon else None


def _generic(one: Told) -> str:
    action = clipped(one.row.get("action", ""), 60) or "something"
    changed = ", ".join(clipped(name, 40) for name in sorted({*one.side("before"), *one.side("after")}))
    where = f"{one.channel}: " if one.channel else ""
    return f"{where}“{action}” by {one.by}" + (f"; changed: {changed}" if changed else "")
