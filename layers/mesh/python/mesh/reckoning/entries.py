"""The audit rows that a reckoning is made from, each as the one fact it tells; and how many of them are missing or damaged. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mesh.clock import aware

ASKED = "asked: "
_APPROVED = ("approved", "approved to go now")
_HELD = ("held", "held by untick")
_EVERYTHING, _PAUSE, CLAIM = "everything held", "pause", "claim"
_READY, _ACCEPTED = "draft ready", "draft accepted"
_ENDS = ("failed", "unknown")  # states of a head, and what the sender calls the change into them
_MODEL = "model"  # who wrote a wording that no person did

READ = (
    "subject",
    "seq",
    "ts",
    "action",
    "by_user",
    "how",
    "revision",
    "before.approval.revision",
    "before.asked.revision",
    "before.proposal.wordings",
    "after.state",
    "after.detail",
    "after.attempts",
    "after.asked.revision",
    "after.proposal.wordings",
)
"""What of an audit row is read."""

ACTIONS = (*_APPROVED, *_HELD, _EVERYTHING, _PAUSE, _READY, _ACCEPTED, *_ENDS)
VALUES: Mapping[str, Any] = {
    **{f":a{number}": action for number, action in enumerate(ACTIONS)},
    **{f":s{number}": state for number, state in enumerate(_ENDS)},
    ":asked": ASKED,
    ":claim": CLAIM,
    ":one": 1,
}
WHERE = " OR ".join(
    [
        *(f"#action = :a{number}" for number in range(len(ACTIONS))),
        *(f"#after.#state = :s{number}" for number in range(len(_ENDS))),
        "begins_with(#action, :asked)",
        "(#action = :claim AND #after.#attempts > :one)",
    ]
)
"""Which audit rows are read, for whoever keeps them: those that ``entry`` makes a fact of, and few others."""


class What(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    HELD = "held"
    HELD_EVERYTHING = "held everything"
    PAUSED = "paused"
    TRIED_AGAIN = "tried again"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DRAFTED = "drafted"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Entry:
    """One fact. ``channel`` is "" for what is of the whole post, ``post_id`` "" for what is of none.

    ``revision`` is what was asked about or approved, ``instead_of`` what was asked about, or approved, right before. ``number`` is the
    row's in its subject's chain, for a try the try's own is ``attempt``.
    """

    what: What
    at: datetime
    number: int
    post_id: str = ""
    channel: str = ""
    by: str = ""
    how: str = ""
    revision: str = ""
    instead_of: str = ""
    attempt: int = 0
    detail: str = ""

    @property
    def place(self) -> str:
        return f"{self.post_id}#{self.channel}"


class Unreadable(ValueError):
    """A row says what it is, and not what belongs to it."""


def entry(row: Mapping[str, Any]) -> Entry | None:
    """The row's fact, None for one that no figure is made of. Unreadable for a row that has not the shape its writer gives it."""
    subject, action = row.get("subject"), row.get("action")
    if not isinstance(subject, str) or not isinstance(action, str):
        raise Unreadable("no subject, or no action")
    kind, _, name = subject.partition("#")
    if action == _EVERYTHING:
        return _made(row, What.HELD_EVERYTHING)
    if action == _PAUSE:
        return _made(row, What.PAUSED, channel=name)
    return _of_channel(row, action, kind, name) if name else _of_post(row, action, kind)


def _of_post(row: Mapping[str, Any], action: str, post_id: str) -> Entry | None:
    before, after = _side(row, "before"), _side(row, "after")
    if action.startswith(ASKED):
        about, was = _text(_side(after, "asked"), "revision"), _side(before, "asked").get("revision", "")
        return _made(row, What.ASKED, post_id=post_id, revision=about, instead_of=str(was))
    if action in _APPROVED:
        revision, was = _text(row, "revision"), _side(before, "approval").get("revision", "")
        return _made(row, What.APPROVED, post_id=post_id, revision=revision, instead_of=str(was))
    if action in _HELD:
        return _made(row, What.HELD, post_id=post_id)
    if action == _READY:
        first = _by_model(after) and not _by_model(before)
        return _made(row, What.DRAFTED, post_id=post_id) if first else None
    return _made(row, What.ACCEPTED, post_id=post_id) if action == _ACCEPTED else None


def _by_model(side: Mapping[str, Any]) -> bool:
    wordings = _side(side, "proposal").get("wordings")
    found = wordings if isinstance(wordings, list) else []
    return any(isinstance(one, Mapping) and one.get("by") == _MODEL for one in found)


def _of_channel(row: Mapping[str, Any], action: str, post_id: str, channel: str) -> Entry | None:
    after = _side(row, "after")
    if action == CLAIM:
        attempt = after.get("attempts")
        again = isinstance(attempt, int) and attempt > 1
        return _made(row, What.TRIED_AGAIN, post_id=post_id, channel=channel, attempt=attempt) if again else None
    state = _text(after, "state") if action in _ENDS else after.get("state")
    if state == "unknown":
        return _made(row, What.UNKNOWN, post_id=post_id, channel=channel)
    if state == "failed":
        detail = after.get("detail", "")
        return _made(row, What.FAILED, post_id=post_id, channel=channel, detail=str(detail))
    return None


def _made(row: Mapping[str, Any], what: What, **facts: Any) -> Entry:
    by, how = row.get("by_user", ""), row.get("how", "")
    return Entry(what, moment(row.get("ts")), number_of(row), by=str(by), how=str(how), **facts)


def _side(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(of: Mapping[str, Any], name: str) -> str:
    value = of.get(name)
    if not isinstance(value, str) or not value:
        raise Unreadable(f"no {name}")
    return value


def moment(text: object) -> datetime:
    """Unreadable for what names no moment."""
    try:
        return aware(datetime.fromisoformat(str(text)))
    except ValueError as error:
        raise Unreadable("no time") from error


def number_of(row: Mapping[str, Any]) -> int:
    """A row's number in its chain; 0 for one that has none."""
    number = str(row.get("seq", "")).rpartition("#")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


# what is missing


@dataclass
class Chains:
    """Which numbers of each subject's chain were seen: the first, the last, and how many."""

    seen: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def note(self, row: Mapping[str, Any]) -> None:
        subject, number = str(row.get("subject")), number_of(row)
        if number:
            first, last, count = self.seen.get(subject, (number, number, 0))
            self.seen[subject] = (min(first, number), max(last, number), count + 1)

    @property
    def with_gaps(self) -> list[str]:
        """Subjects some of whose rows between the first and the last were not seen: missing, or of another time than their neighbours."""
        return sorted(name for name, (first, last, count) in self.seen.items() if count < last - first + 1)

    def missing(self, subject: str, numbers: set[int]) -> int:
        """How many rows there should be between the first and the last and are not among the chain's ``numbers``."""
        first, last, _ = self.seen[subject]
        return sum(number not in numbers for number in range(first, last))
